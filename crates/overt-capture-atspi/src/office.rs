//! Where the controls stand that LibreOffice draws itself.
//!
//! LibreOffice 7.4 tells the places of everything below its root pane as they were before its menu bar came:
//! too high by the height of the bar, 25 pixels, a row and a half of a sheet. It does so until the pointer
//! has moved over its window. A look-up at a place of the screen would name another cell.

use std::time::Instant;

use atspi::Role;
use overt_event::{Element, Node, Point, Rect};

use crate::apps::Toolkit;
use crate::bus::until;
use crate::config::LookupRequest;
use crate::descend::Found;
use crate::element::Described;
use crate::see::Seen;
use crate::shared::Shared;

/// A menu bar is not higher, at any scale.
const DROP_MAX_PX: i32 = 128;

/// How far below its own word the root pane stands: the widget that holds nothing but it is as large.
fn drop_of_pane(said: Rect, holder: Rect) -> i32 {
    let drop = holder.y.saturating_sub(said.y);
    let same = (said.x, said.w, said.h) == (holder.x, holder.w, holder.h);
    if same && (0..=DROP_MAX_PX).contains(&drop) { drop } else { 0 }
}

/// How far above its place an object says to stand: as far as its parent, but for the root pane, where
/// that begins, and for a widget of GTK within it, which fills its parent where that really is.
pub(crate) fn drop_below(role: Role, said: Rect, parent: Rect, parent_drop: i32) -> i32 {
    let fills = (said.x, said.y, said.w) == (parent.x, parent.y, parent.w);
    match role {
        Role::RootPane => drop_of_pane(said, parent),
        Role::Panel if fills => 0,
        _ => parent_drop,
    }
}

/// Puts right where an element and its ancestors say to stand.
///
/// Order: innermost first, the window last. The widget that holds the root pane may be left out.
/// `known`: the window as the display server knows it; LibreOffice's own word can be older than the bar.
pub(crate) fn put_right(innermost_first: &mut [Seen], known: Option<Rect>) {
    let said = innermost_first.last().map_or(Rect::default(), |window| window.bounds);
    let window = known.filter(|k| (k.x, k.w) == (said.x, said.w)).unwrap_or(said);
    let (mut parent, mut drop) = (Rect::default(), 0);
    for seen in innermost_first.iter_mut().rev() {
        drop = drop_below(seen.role, seen.bounds, parent, drop);
        if seen.role == Role::RootPane && drop == 0 {
            drop = drop_in_window(seen.bounds, window);
        }
        seen.bounds = lowered(seen.bounds, drop);
        parent = seen.bounds;
    }
}

pub(crate) fn lowered(bounds: Rect, drop: i32) -> Rect {
    if bounds.is_empty() { bounds } else { Rect { y: bounds.y.saturating_add(drop), ..bounds } }
}

/// The same from a window as the display server knows it: the root pane reaches to its lower edge.
fn drop_in_window(pane: Rect, window: Rect) -> i32 {
    let holder = Rect { y: window.y.saturating_add(window.h).saturating_sub(pane.h), ..pane };
    if (pane.x, pane.w) == (window.x, window.w) { drop_of_pane(pane, holder) } else { 0 }
}

/// Lowers the element and its ancestors up to the root pane.
fn lower(element: &mut Element, drop: i32) {
    for node in std::iter::once(&mut element.node).chain(&mut element.ancestors) {
        node.bounds = lowered(node.bounds, drop);
        if is_pane(node) {
            return;
        }
    }
}

fn is_pane(node: &Node) -> bool {
    node.role == "root pane"
}

impl Shared {
    /// What really stands at the point, where the first answer came from places that are too high.
    pub(crate) async fn below_the_menu_bar(
        &self,
        request: &LookupRequest,
        first: &Seen,
        described: &Described,
        deadline: Instant,
    ) -> Option<Described> {
        let toolkit = self.apps.toolkit(&self.bus, &first.object.bus);
        if request.popup || until(deadline, toolkit).await != Some(Toolkit::Office) {
            return None;
        }
        let mut chain = std::iter::once(first).chain(&described.ancestors);
        let pane = chain.find(|seen| seen.role == Role::RootPane)?;
        let drop = drop_in_window(pane.bounds, request.window_bounds);
        if drop == 0 {
            return None;
        }
        let said = Point { y: request.at.y - drop, ..request.at };
        // From the pane down: at that place of the window stands the menu bar.
        let Found::Here(seen) = self.bus.hit_below(pane.object.clone(), said, deadline).await else {
            return None;
        };
        let mut described = self.bus.describe(&seen, &[], deadline).await;
        lower(&mut described.element, drop);
        Some(described)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_pane_stands_where_its_holder_does() {
        let said = Rect { x: 0, y: 19, w: 1280, h: 856 };
        let check = |holder, expected| assert_eq!(drop_of_pane(said, holder), expected);
        check(Rect { y: 44, ..said }, 25);
        check(said, 0);
        check(Rect { y: 44, h: 881, ..said }, 0);
        check(Rect { y: 10, ..said }, 0);
        check(Rect { y: 400, ..said }, 0);
        assert_eq!(lowered(Rect::default(), 25), Rect::default());
    }

    #[test]
    fn a_widget_in_the_root_pane_stands_where_it_says() {
        let parent = Rect { x: 4, y: 124, w: 162, h: 34 };
        let check = |said, expected| assert_eq!(drop_below(Role::Panel, said, parent, 25), expected);
        check(Rect { y: 99, ..parent }, 25);
        check(parent, 0);
        check(Rect { h: 35, ..parent }, 0);
    }

    #[test]
    fn a_chain_is_put_right_from_its_root_pane_inwards() {
        let seen = |role, y, h| Seen {
            object: crate::object::Object::new(":1.1", "/o"),
            role,
            states: crate::spelling::States::default(),
            name: String::new(),
            bounds: Rect { x: 0, y, w: 1280, h },
            parent: None,
        };
        let check_known = |chain: &[(Role, i32, i32)], known: Option<Rect>, expected: &[i32]| {
            let mut chain: Vec<Seen> = chain.iter().map(|&(role, y, h)| seen(role, y, h)).collect();
            put_right(&mut chain, known);
            assert_eq!(chain.iter().map(|seen| seen.bounds.y).collect::<Vec<_>>(), expected);
        };
        let check = |chain: &[(Role, i32, i32)], expected: &[i32]| check_known(chain, None, expected);
        let (cell, pane, frame) =
            ((Role::TableCell, 150, 17), (Role::RootPane, 19, 856), (Role::Frame, 19, 881));
        check(&[cell, pane, (Role::Panel, 44, 856), frame], &[175, 44, 44, 19]);
        check(&[cell, pane, frame], &[175, 44, 19]);
        check(&[cell, (Role::RootPane, 44, 856), frame], &[150, 44, 19]);
        let stale = (Role::Frame, 19, 856);
        let known = Some(Rect { x: 0, y: 19, w: 1280, h: 881 });
        check_known(&[cell, pane, stale], None, &[150, 19, 19]);
        check_known(&[cell, pane, stale], known, &[175, 44, 19]);
        check_known(&[cell, pane, stale], known.map(|k| Rect { w: 700, ..k }), &[150, 19, 19]);
    }

    #[test]
    fn only_what_lies_in_the_root_pane_is_lowered() {
        let node = |role: &str| Node {
            role: role.to_owned(),
            bounds: Rect { x: 0, y: 10, w: 5, h: 5 },
            ..Node::default()
        };
        let ancestors = vec![node("root pane"), node("frame")];
        let mut element = Element { node: node("table cell"), ancestors, candidates: 1 };
        lower(&mut element, 25);
        let tops = [&element.node, &element.ancestors[0], &element.ancestors[1]].map(|n| n.bounds.y);
        assert_eq!(tops, [35, 35, 10]);
    }
}

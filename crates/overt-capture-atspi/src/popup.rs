//! What stands at a point of an open menu or dropdown, which no application finds by point.

use std::time::Instant;

use atspi::Role;
use overt_event::{Point, Rect};

use crate::bus::{each_until, until};
use crate::object::Object;
use crate::see::Seen;
use crate::shared::Shared;

/// Containers that are walked.
const CONTAINERS_MAX: usize = 4;
/// The frame around a popup's rows, at most.
const EDGE_PX: i32 = 4;
/// Levels below a container: a menu within an item, a list within a window within a box.
const LEVELS_MAX: usize = 4;

impl Shared {
    /// The innermost visible object at the point below the containers in which something was just
    /// opened, chosen or focused; failing that, what an event named there a moment ago.
    ///
    /// `window` is the popup's own: a dropdown's options reach from edge to edge, though Chromium tells
    /// them only as wide as their words.
    pub(crate) async fn find_in_popups(
        &self,
        pid: u32,
        at: Point,
        window: Rect,
        deadline: Instant,
    ) -> Option<Seen> {
        let mut containers = self.popups().containers(pid);
        containers.truncate(CONTAINERS_MAX);
        let walks = containers.into_iter().map(|container| self.walk(container, at, window, deadline));
        let walked = each_until(deadline, walks).await.into_iter().flatten().flatten();
        let named = self.popups().at_point(Instant::now(), pid, at);
        walked.chain(named).find(|seen| lies_in(seen.bounds, window))
    }

    async fn walk(&self, container: Object, at: Point, window: Rect, deadline: Instant) -> Option<Seen> {
        let top = until(deadline, self.bus.see(&container)).await?.ok()?;
        let mut level = vec![top];
        let mut found: Option<Seen> = None;
        for _ in 0..LEVELS_MAX {
            level = self.bus.visible_below(&level, false, deadline).await;
            level.iter_mut().for_each(|s| reach_from_edge_to_edge(s, window));
            let here = level.iter().filter(|s| s.bounds.contains(at)).min_by_key(|s| s.bounds.area());
            match (here.cloned(), found.is_some()) {
                (Some(hit), _) => {
                    level = vec![hit.clone()];
                    found = Some(hit);
                }
                // Nothing of it lies deeper.
                (None, true) => break,
                (None, false) if level.is_empty() => break,
                (None, false) => {}
            }
        }
        found
    }
}

/// Whether it is of the popup and not of what lies below it: a page that was focused holds the point too.
fn lies_in(bounds: Rect, window: Rect) -> bool {
    let (x, y) = (window.x.saturating_sub(EDGE_PX), window.y.saturating_sub(EDGE_PX));
    Rect { x, y, w: window.w.saturating_add(2 * EDGE_PX), h: window.h.saturating_add(2 * EDGE_PX) }
        .covers(bounds)
}

/// An option that begins at the popup's left edge and is one of a column ends at its right edge.
fn reach_from_edge_to_edge(seen: &mut Seen, window: Rect) {
    let option = matches!(seen.role, Role::MenuItem | Role::ListItem);
    let begins_there = (seen.bounds.x - window.x).abs() <= EDGE_PX && window.covers(seen.bounds);
    if option && begins_there {
        seen.bounds = Rect { x: window.x, w: window.w, ..seen.bounds };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spelling::States;

    #[test]
    fn what_reaches_beyond_a_popup_is_not_in_it() {
        let window = Rect { x: 100, y: 80, w: 300, h: 200 };
        let check = |bounds, expected| assert_eq!(lies_in(bounds, window), expected);
        check(Rect { h: 30, ..window }, true);
        check(Rect { x: 98, w: 304, ..window }, true);
        check(Rect { x: 0, y: 0, w: 1280, h: 900 }, false);
        check(Rect { y: 300, ..window }, false);
    }

    #[test]
    fn an_option_is_as_wide_as_its_dropdown() {
        let window = Rect { x: 204, y: 499, w: 367, h: 132 };
        let check = |role, bounds: Rect, expected: Rect| {
            let (object, states, name) = (Object::new(":1.1", "/o"), States(0), String::new());
            let mut seen = Seen { object, role, states, name, bounds, parent: None };
            reach_from_edge_to_edge(&mut seen, window);
            assert_eq!(seen.bounds, expected);
        };
        let words = Rect { x: 205, y: 500, w: 155, h: 26 };
        check(Role::MenuItem, words, Rect { x: 204, w: 367, ..words });
        check(Role::Static, words, words);
        let elsewhere = Rect { y: 457, ..words };
        check(Role::MenuItem, elsewhere, elsewhere);
    }
}

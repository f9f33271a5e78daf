//! Rule 2: what was acted on, where a look-up knows only what is around it.

use overt_event::{Element, MonoNanos, Node, Point, SnapshotRecord};

use crate::context::Shown;
use crate::rules::popup::{is_control, is_item, is_menu_item};
use crate::stage::Stage;

/// An older snapshot does not tell what was there.
pub(crate) const SHOWN_MILLIS_MAX: u64 = 5_000;
/// As of a look-up.
const ANCESTORS_MAX: usize = 12;

/// Whether one is a part of the page around the other, and nothing that is pressed itself.
pub(crate) fn is_around(outer: &Node, inner: &Node) -> bool {
    !is_control(&outer.role) && outer.bounds != inner.bounds && outer.bounds.covers(inner.bounds)
}

/// Whether something of this role is pressed for what it is, and not for what lies in it.
pub(crate) fn is_target(role: &str) -> bool {
    is_control(role) || is_item(role)
}

/// What a look-up told, or what the elements shown before tell more.
pub(crate) fn met(told: &Element, shown: Option<&Shown>, at: Point, t: MonoNanos) -> Element {
    let lately = shown.filter(|shown| Stage::within(shown.asked_at, t, SHOWN_MILLIS_MAX));
    lately.and_then(|shown| within(told, &shown.snapshot, at)).unwrap_or_else(|| told.clone())
}

/// The segments that an element came from: that of the answer, and where it was not the answer's, those of the elements shown before.
pub(crate) fn sources(
    element: &Element,
    told: Option<&Element>,
    shown: Option<&Shown>,
    segment: u32,
) -> Vec<u32> {
    let shown = shown.filter(|_| told != Some(element));
    shown.iter().flat_map(|s| s.segments).chain([segment]).collect()
}

/// What the elements shown before tell more than the look-up, if they do.
///
/// Chromium (156) never finds the text of an item in a page's menu. It answers with what it found last, if the point lies in that, or
/// goes from parent to child by their bounds, and the items of a menu that is unfolded beside another lie beyond their
/// parents'. So an item of a menu below the answer is what was meant: menus lie over everything else. Of other controls it is
/// the one drawn last, but not where a child of the answer has the point: going by bounds would have led there, and the application
/// knew better.
fn within(told: &Element, shown: &SnapshotRecord, at: Point) -> Option<Element> {
    let nodes = &shown.nodes;
    let is_told =
        |n: &Node| (&n.role, &n.name, n.bounds) == (&told.node.role, &told.node.name, told.node.bounds);
    if is_target(&told.node.role) {
        return None;
    }
    let outer = nodes.iter().rposition(is_told)?;
    let under = (outer + 1..nodes.len()).rev();
    let under = under.filter(|i| nodes[*i].bounds.contains(at) && above(nodes, *i).any(|p| p == outer));
    let overlooked = !under.clone().any(|i| parent(nodes, i) == Some(outer));
    let control = || under.clone().find(|i| overlooked && is_target(&nodes[*i].role));
    let inner = under.clone().find(|i| is_menu_item(&nodes[*i].role)).or_else(control)?;
    Some(element(nodes, inner))
}

/// What the elements shown before have at a place: an item of a menu, else what was drawn last.
///
/// It stands for a look-up that told nothing. An application that is busy answers too late, and a menu whose item was
/// pressed is gone by the time it is asked.
pub(crate) fn shown_at(shown: &SnapshotRecord, at: Point) -> Option<Element> {
    let nodes = &shown.nodes;
    let mut there = (0..nodes.len()).rev().filter(|i| nodes[*i].bounds.contains(at));
    let item = there.clone().find(|i| is_menu_item(&nodes[*i].role));
    item.or_else(|| there.next()).map(|i| element(nodes, i))
}

fn element(nodes: &[Node], i: usize) -> Element {
    let ancestors = above(nodes, i).take(ANCESTORS_MAX).map(|p| nodes[p].clone()).collect();
    Element { node: nodes[i].clone(), ancestors, candidates: 1 }
}

/// Nearest first.
fn above(nodes: &[Node], i: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(parent(nodes, i), |p| parent(nodes, *p))
}

fn parent(nodes: &[Node], i: usize) -> Option<usize> {
    nodes[i].parent.map(|p| p as usize).filter(|p| *p < i)
}

#[cfg(test)]
mod tests {
    use overt_event::{Completeness, Rect, Seq, WindowId};

    use super::*;

    fn node(role: &str, name: &str, (x, y, w, h): (i32, i32, i32, i32), parent: Option<u32>) -> Node {
        Node { role: role.into(), name: name.into(), bounds: Rect { x, y, w, h }, parent, ..Node::default() }
    }

    /// A page with a menu, one that is unfolded beside it, beyond the page's part that both lie in, and two links, of which one lies
    /// beyond its parent.
    fn shown() -> SnapshotRecord {
        let nodes = vec![
            node("document web", "Page", (0, 0, 500, 400), None),
            node("section", "", (10, 10, 100, 100), Some(0)),
            node("menu", "", (10, 10, 50, 40), Some(1)),
            node("menu item", "Deck", (10, 10, 50, 20), Some(2)),
            node("menu", "", (60, 10, 60, 140), Some(2)),
            node("menu item", "Keel", (60, 120, 60, 20), Some(4)),
            node("section", "", (200, 10, 100, 100), Some(0)),
            node("link", "Below", (200, 10, 50, 20), Some(6)),
            node("link", "Beyond", (140, 200, 60, 20), Some(6)),
        ];
        let (window, completeness) = (WindowId(1), Completeness::Complete);
        SnapshotRecord { window, asked_at: MonoNanos::from_millis(1_000), took_nanos: 0, nodes, completeness }
    }

    /// What was met, where it is another than what was told.
    fn check(told: usize, at: (i32, i32), millis: u64, expected: Option<&str>) {
        let shown = Shown::first(Seq(1), &shown(), 0);
        let told = Element { node: shown.snapshot.nodes[told].clone(), ancestors: Vec::new(), candidates: 1 };
        let got = met(&told, Some(&shown), Point { x: at.0, y: at.1 }, MonoNanos::from_millis(millis));
        let other = (got != told).then_some(got.node.name.as_str());
        assert_eq!(other, expected, "{at:?}");
    }

    #[test]
    fn an_item_of_a_menu_below_the_answer_is_what_was_acted_on() {
        check(0, (70, 130), 1_500, Some("Keel"));
        check(1, (70, 130), 1_500, Some("Keel"));
        check(0, (20, 15), 1_500, Some("Deck"));
    }

    #[test]
    fn another_control_is_only_where_going_by_bounds_would_not_have_led_to_it() {
        check(0, (150, 210), 1_500, Some("Beyond"));
        // Something that is no element lies over the link.
        check(0, (210, 15), 1_500, None);
        check(6, (230, 90), 1_500, None);
    }

    #[test]
    fn what_is_around_it_is_told_nearest_first() {
        let shown = shown();
        let told = Element { node: shown.nodes[0].clone(), ancestors: Vec::new(), candidates: 1 };
        let got = within(&told, &shown, Point { x: 70, y: 130 }).expect("the item");
        let above: Vec<&str> = got.ancestors.iter().map(|n| n.role.as_str()).collect();
        assert_eq!(above, ["menu", "menu", "section", "document web"]);
    }

    #[test]
    fn what_is_pressed_itself_or_was_shown_long_ago_stands() {
        check(3, (70, 130), 1_500, None);
        check(0, (70, 130), 6_001, None);
        check(0, (400, 300), 1_500, None);
    }
}

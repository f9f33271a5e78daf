//! Rule 6: what unfolded under a resting pointer, by the elements shown before and after it.

use std::collections::HashSet;

use overt_event::{Completeness, MonoNanos, Node, Rect, SnapshotRecord};

use crate::rules::hover::grown;
use crate::rules::target::is_target;
use crate::stage::Stage;

/// What is shown later than this after the pointer came to rest can have other reasons. Recorders ask after 400 ms.
pub(crate) const LOOKED_MILLIS_MAX: u64 = 1_000;
/// What unfolds lies at most this far from what it unfolds from, pixels.
const BESIDE_PX: i32 = 64;

type Shown<'a> = HashSet<(&'a str, &'a str, [i32; 4])>;

/// Whether resting on the control since `rested` made something appear: controls or items that were not shown before, all of them
/// in one place beside it, while most of what was shown before still is. Another page shows other things everywhere.
pub(crate) fn unfolded(
    before: &SnapshotRecord,
    after: &SnapshotRecord,
    control: &Node,
    rested: MonoNanos,
) -> bool {
    let whole = |s: &SnapshotRecord| s.completeness == Completeness::Complete;
    let looked = rested <= after.asked_at && Stage::within(rested, after.asked_at, LOOKED_MILLIS_MAX);
    if before.window != after.window || !whole(before) || !whole(after) || !looked {
        return false;
    }
    let (old, new) = (targets(before), targets(after));
    let stayed = old.intersection(&new).count();
    let appeared = new.difference(&old).map(|(.., [x, y, w, h])| Rect { x: *x, y: *y, w: *w, h: *h });
    let place = appeared.reduce(around_both);
    stayed * 2 >= old.len() && place.is_some_and(|place| is_beside(place, control.bounds))
}

/// The controls and items that are shown: role, name and place.
fn targets(snapshot: &SnapshotRecord) -> Shown<'_> {
    let shown = snapshot.nodes.iter().filter(|n| is_target(&n.role) && !n.bounds.is_empty());
    let place = |r: Rect| [r.x, r.y, r.w, r.h];
    shown.map(|n| (n.role.as_str(), n.name.as_str(), place(n.bounds))).collect()
}

fn is_beside(place: Rect, control: Rect) -> bool {
    grown(control, BESIDE_PX).intersect(place).is_some() && !control.covers(place)
}

fn around_both(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let (right, bottom) = ((a.x + a.w).max(b.x + b.w), (a.y + a.h).max(b.y + b.h));
    Rect { x, y, w: right - x, h: bottom - y }
}

#[cfg(test)]
mod tests {
    use overt_event::WindowId;

    use super::*;

    type Item = (&'static str, &'static str, (i32, i32, i32, i32));

    const FILE: Item = ("menu item", "File", (10, 10, 50, 20));
    const EDIT: Item = ("menu item", "Edit", (10, 30, 50, 20));
    const OPEN: Item = ("menu item", "Open", (60, 10, 50, 20));
    const CUT: Item = ("menu item", "Cut", (60, 30, 50, 20));
    const NEWS: Item = ("link", "News", (400, 500, 50, 20));

    fn node((role, name, (x, y, w, h)): Item) -> Node {
        Node { role: role.into(), name: name.into(), bounds: Rect { x, y, w, h }, ..Node::default() }
    }

    fn shown(millis: u64, items: &[Item]) -> SnapshotRecord {
        let nodes = items.iter().copied().map(node).collect();
        let (window, completeness) = (WindowId(1), Completeness::Complete);
        let asked_at = MonoNanos::from_millis(millis);
        SnapshotRecord { window, asked_at, took_nanos: 0, nodes, completeness }
    }

    fn check(before: &[Item], after: (u64, &[Item]), expected: bool) {
        let rested = MonoNanos::from_millis(1_000);
        let (before, after) = (shown(100, before), shown(after.0, after.1));
        assert_eq!(unfolded(&before, &after, &node(FILE), rested), expected, "{:?}", after.nodes);
    }

    #[test]
    fn items_that_appear_beside_the_control_were_unfolded() {
        check(&[FILE, EDIT], (1_400, &[FILE, EDIT, OPEN]), true);
        check(&[FILE, EDIT, CUT], (1_400, &[FILE, EDIT, OPEN]), true);
        check(&[FILE], (1_000, &[FILE, OPEN, CUT]), true);
    }

    #[test]
    fn what_is_the_same_elsewhere_another_page_too_late_or_not_all_of_it_proves_nothing() {
        check(&[FILE, EDIT], (1_400, &[FILE, EDIT]), false);
        check(&[FILE, EDIT, OPEN], (1_400, &[FILE, EDIT]), false);
        check(&[FILE, EDIT], (1_400, &[FILE, EDIT, NEWS]), false);
        check(&[EDIT, CUT, NEWS], (1_400, &[FILE, OPEN]), false);
        check(&[FILE, EDIT], (2_100, &[FILE, EDIT, OPEN]), false);
        check(&[FILE, EDIT], (900, &[FILE, EDIT, OPEN]), false);
        let (before, rested) = (shown(100, &[FILE]), MonoNanos::from_millis(1_000));
        let cut = SnapshotRecord { completeness: Completeness::Cut, ..shown(1_400, &[FILE, OPEN]) };
        assert!(!unfolded(&before, &cut, &node(FILE), rested));
        assert!(!unfolded(&cut, &shown(1_400, &[FILE, OPEN, CUT]), &node(FILE), rested));
    }

    #[test]
    fn what_lies_within_the_control_is_its_own() {
        check(&[FILE], (1_400, &[FILE, ("link", "Icon", (12, 12, 10, 10))]), false);
    }
}

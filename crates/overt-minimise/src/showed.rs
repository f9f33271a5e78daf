//! What windows showed when they were last told of: a snapshot that tells the same again is no record of its own.

use std::collections::BTreeMap;

use overt_event::{Completeness, MonoNanos, NANOS_PER_MILLI, Node, WindowId};

/// After this long the same is told again.
const AGAIN_MILLIS: u64 = 30_000;
const WINDOWS_MAX: usize = 8;

/// The last snapshot of each window that became a record.
#[derive(Default)]
pub(crate) struct Showed {
    last: BTreeMap<WindowId, (MonoNanos, Vec<Node>, Completeness)>,
}

impl Showed {
    /// Whether this was told lately; else it is what was told last.
    pub(crate) fn same(
        &mut self,
        window: WindowId,
        asked: MonoNanos,
        nodes: &[Node],
        completeness: Completeness,
    ) -> bool {
        let lately = |at: MonoNanos| asked.since(at) < AGAIN_MILLIS * NANOS_PER_MILLI;
        if self.last.get(&window).is_some_and(|(at, n, c)| lately(*at) && n == nodes && *c == completeness) {
            return true;
        }
        if self.last.len() == WINDOWS_MAX && !self.last.contains_key(&window) {
            self.last.clear();
        }
        self.last.insert(window, (asked, nodes.to_vec(), completeness));
        false
    }

    /// The next window of this number is another one, whatever it shows.
    pub(crate) fn closed(&mut self, window: WindowId) {
        self.last.remove(&window);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_or_long_ago_is_told() {
        let mut showed = Showed::default();
        let node = |name: &str| vec![Node { name: name.into(), ..Node::default() }];
        let mut same = |window, secs: u64, name, completeness| {
            showed.same(WindowId(window), MonoNanos::from_millis(secs * 1_000), &node(name), completeness)
        };
        let whole = Completeness::Complete;
        assert_eq!(
            [same(1, 0, "a", whole), same(1, 1, "a", whole), same(2, 2, "a", whole)],
            [false, true, false]
        );
        assert_eq!(
            [same(1, 3, "b", whole), same(1, 4, "a", whole)],
            [false, false],
            "it changed and went back"
        );
        assert_eq!([same(1, 5, "a", Completeness::Cut), same(1, 6, "a", Completeness::Cut)], [false, true]);
        assert!(
            same(1, 34, "a", Completeness::Cut) && !same(1, 35, "a", Completeness::Cut),
            "it is long ago"
        );
        assert!((10..30).all(|w| !same(w, 40, "a", whole)));
    }

    #[test]
    fn what_a_closed_window_told_is_told_again_of_the_next_of_its_number() {
        let mut showed = Showed::default();
        let mut same = |secs: u64| {
            showed.same(WindowId(1), MonoNanos::from_millis(secs * 1_000), &[], Completeness::Complete)
        };
        assert_eq!([same(1), same(2)], [false, true]);
        showed.closed(WindowId(1));
        assert!(!showed.same(WindowId(1), MonoNanos::from_millis(3_000), &[], Completeness::Complete));
    }
}

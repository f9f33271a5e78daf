//! What windows showed when they were last told of: a snapshot that tells the same again does not repeat it.

use std::collections::BTreeMap;

use overt_event::{Completeness, MonoNanos, NANOS_PER_MILLI, Node, Seq, WindowId};

/// After this long the same is told again as a whole, so that not all is lost with a segment that is erased.
const AGAIN_MILLIS: u64 = 30_000;
const WINDOWS_MAX: usize = 8;

/// The last snapshot of each window that became a record.
#[derive(Default)]
pub(crate) struct Showed {
    last: BTreeMap<WindowId, Told>,
}

struct Told {
    by: Seq,
    asked: MonoNanos,
    nodes: Vec<Node>,
    completeness: Completeness,
}

impl Showed {
    /// The number of the snapshot that told this lately; else it is what was told last, by number `by`.
    pub(crate) fn same(
        &mut self,
        (window, by): (WindowId, Seq),
        asked: MonoNanos,
        nodes: &[Node],
        completeness: Completeness,
    ) -> Option<Seq> {
        let lately = |told: &&Told| asked.since(told.asked) < AGAIN_MILLIS * NANOS_PER_MILLI;
        let same = |told: &&Told| told.nodes == nodes && told.completeness == completeness;
        if let Some(told) = self.last.get(&window).filter(lately).filter(same) {
            return Some(told.by);
        }
        if self.last.len() == WINDOWS_MAX && !self.last.contains_key(&window) {
            self.last.clear();
        }
        self.last.insert(window, Told { by, asked, nodes: nodes.to_vec(), completeness });
        None
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
        let mut same = |window, secs: u32, name, completeness| {
            let asked = MonoNanos::from_millis(u64::from(secs) * 1_000);
            showed.same((WindowId(window), Seq(secs.into())), asked, &node(name), completeness)
        };
        let whole = Completeness::Complete;
        assert_eq!(
            [same(1, 0, "a", whole), same(1, 1, "a", whole), same(2, 2, "a", whole)],
            [None, Some(Seq(0)), None]
        );
        assert_eq!(
            [same(1, 3, "b", whole), same(1, 4, "a", whole)],
            [None, None],
            "it changed and went back"
        );
        assert_eq!(
            [same(1, 5, "a", Completeness::Cut), same(1, 6, "a", Completeness::Cut)],
            [None, Some(Seq(5))]
        );
        let long_ago = [same(1, 34, "a", Completeness::Cut), same(1, 35, "a", Completeness::Cut)];
        assert_eq!(long_ago, [Some(Seq(5)), None]);
        assert!((10..30).all(|w| same(w, 40, "a", whole).is_none()));
    }

    #[test]
    fn what_a_closed_window_told_is_told_again_of_the_next_of_its_number() {
        let mut showed = Showed::default();
        let mut same = |secs: u64| {
            let asked = MonoNanos::from_millis(secs * 1_000);
            showed.same((WindowId(1), Seq(secs)), asked, &[], Completeness::Complete)
        };
        assert_eq!([same(1), same(2)], [None, Some(Seq(1))]);
        showed.closed(WindowId(1));
        let asked = MonoNanos::from_millis(3_000);
        assert_eq!(showed.same((WindowId(1), Seq(3)), asked, &[], Completeness::Complete), None);
    }
}

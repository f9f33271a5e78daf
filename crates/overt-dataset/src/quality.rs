//! Figures about the rows, gathered while they are written.

use std::collections::BTreeMap;

use overt_event::{NANOS_PER_MILLI, Rect};
use overt_reduce::{Action, Before, Step};
use serde::{Deserialize, Serialize};

/// Upper ends of the classes of frame lag, milliseconds; the last class has none.
pub(crate) const LAG_MILLIS: [u64; 8] = [20, 50, 100, 250, 500, 1_000, 5_000, 30_000];
/// Bits in which two near-duplicate pictures may differ.
const HASH_BITS_MAX: u32 = 2;

/// The figures of `DATASHEET.md`. Those of several recordings add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quality {
    pub(crate) steps: u64,
    pub(crate) kinds: BTreeMap<String, u64>,
    pub(crate) lag: [u64; LAG_MILLIS.len() + 1],
    pub(crate) before_missing: BTreeMap<String, u64>,
    pub(crate) damage_unseen: u64,
    pub(crate) clicks: u64,
    pub(crate) clicks_with_box: u64,
    pub(crate) clicks_in_box: u64,
    pub(crate) after_idle: u64,
    pub(crate) near_duplicates: u64,
    pub(crate) injected: u64,
    pub(crate) masked_texts: u64,
    pub(crate) texts: u64,
}

impl Quality {
    /// Counts one step.
    pub(crate) fn count(&mut self, step: &Step, near_duplicate: bool) {
        self.steps += 1;
        *self.kinds.entry(step.action.kind().to_owned()).or_default() += 1;
        self.after_idle += u64::from(step.idle_before_millis > 0);
        self.injected += u64::from(step.injected);
        self.near_duplicates += u64::from(near_duplicate);
        self.count_lag(&step.before);
        self.count_box(step);
        if let Action::Type { text, .. } = &step.action {
            self.texts += 1;
            self.masked_texts += u64::from(!matches!(text, overt_reduce::Typed::Text(_)));
        }
    }

    fn count_lag(&mut self, before: &Before) {
        match before {
            Before::Seen { margin_nanos, damage_unseen, .. } => {
                let millis = margin_nanos / NANOS_PER_MILLI;
                self.lag[LAG_MILLIS.partition_point(|&end| end <= millis)] += 1;
                self.damage_unseen += u64::from(*damage_unseen);
            }
            Before::Missing(why) => *self.before_missing.entry(why.name().to_owned()).or_default() += 1,
        }
    }

    fn count_box(&mut self, step: &Step) {
        let Action::Click { at, .. } = step.action else { return };
        self.clicks += 1;
        if let Some(bounds) = known_bounds(step) {
            self.clicks_with_box += 1;
            self.clicks_in_box += u64::from(bounds.contains(at));
        }
    }

    /// Adds the figures of another recording.
    pub(crate) fn add(&mut self, other: &Self) {
        let sum = |into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>| {
            from.iter().for_each(|(name, n)| *into.entry(name.clone()).or_default() += n);
        };
        sum(&mut self.kinds, &other.kinds);
        sum(&mut self.before_missing, &other.before_missing);
        self.lag.iter_mut().zip(other.lag).for_each(|(into, n)| *into += n);
        self.steps += other.steps;
        self.damage_unseen += other.damage_unseen;
        self.clicks += other.clicks;
        self.clicks_with_box += other.clicks_with_box;
        self.clicks_in_box += other.clicks_in_box;
        self.after_idle += other.after_idle;
        self.near_duplicates += other.near_duplicates;
        self.injected += other.injected;
        self.masked_texts += other.masked_texts;
        self.texts += other.texts;
    }
}

/// Where the step's element lies; `None` where that is not told, as in a page's own session.
pub(crate) fn known_bounds(step: &Step) -> Option<Rect> {
    step.element.as_ref().map(|target| target.element.node.bounds).filter(|bounds| !bounds.is_empty())
}

/// Finds steps of one recording that repeat the step before them.
#[derive(Default)]
pub(crate) struct Repeats {
    previous: Option<(u32, Action, u64)>,
}

impl Repeats {
    /// Whether the action is the same as that of the step before it, in the same episode and on nearly the same
    /// picture. `hash`: of its observation. Without one on both sides nobody knows, and then it is none.
    pub(crate) fn is_repeat(&mut self, episode: u32, action: &Action, hash: Option<u64>) -> bool {
        let same = |(before, done, seen): &(u32, Action, u64)| {
            let near = hash.is_some_and(|h| (h ^ seen).count_ones() <= HASH_BITS_MAX);
            *before == episode && done == action && near
        };
        let repeats = self.previous.as_ref().is_some_and(same);
        self.previous = hash.map(|h| (episode, action.clone(), h));
        repeats
    }
}

#[cfg(test)]
mod tests {
    use overt_event::Point;

    use super::*;

    const EDITOR: u64 = 0b1111_0000;

    fn hover(x: i32) -> Action {
        Action::Hover { at: Point { x, y: 7 } }
    }

    /// Steps by episode, place and picture, and which of them repeat the one before.
    fn check(steps: &[(u32, i32, Option<u64>)], expected: &[bool]) {
        let mut repeats = Repeats::default();
        let found: Vec<bool> =
            steps.iter().map(|&(e, x, hash)| repeats.is_repeat(e, &hover(x), hash)).collect();
        assert_eq!(found, expected, "{steps:?}");
    }

    #[test]
    fn the_same_action_on_nearly_the_same_picture_is_a_repeat() {
        let seen = Some(EDITOR);
        check(&[(0, 1, seen), (0, 1, seen), (0, 1, seen)], &[false, true, true]);
        check(&[(0, 1, seen), (0, 1, Some(EDITOR ^ 0b11))], &[false, true]);
    }

    #[test]
    fn three_bits_another_action_or_another_episode_make_it_another_step() {
        let seen = Some(EDITOR);
        check(&[(0, 1, seen), (0, 1, Some(EDITOR ^ 0b111))], &[false, false]);
        check(&[(0, 1, seen), (0, 2, seen)], &[false, false]);
        check(&[(0, 1, seen), (1, 1, seen)], &[false, false]);
    }

    #[test]
    fn without_a_picture_on_both_sides_nothing_is_a_repeat() {
        let seen = Some(EDITOR);
        check(&[(0, 1, None), (0, 1, None)], &[false, false]);
        check(&[(0, 1, seen), (0, 1, None), (0, 1, seen)], &[false, false, false]);
    }
}

//! How good the data of one episode is (docs/spec/dataset.md, section 4).
//!
//! A score is about the data and never about the person: nothing in it tells how fast, how much or how well
//! somebody worked. Pauses, what was denied, idle spans, corrections, how a task ended and how long it took do not
//! count.

use overt_reduce::{Action, After, Episode, Step};
use serde::{Deserialize, Serialize};

use crate::quality::known_bounds;
use crate::value::Value;

/// What the steps of one episode have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    steps: u64,
    observed: u64,
    aimed: u64,
    hit: u64,
    followed: u64,
    settled: u64,
    repeats: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, step: &Step, near_duplicate: bool) {
        self.steps += 1;
        self.observed += u64::from(step.before.shot().is_some());
        self.repeats += u64::from(near_duplicate);
        if let (Action::Click { .. } | Action::Drag { .. }, Some(at), Some(bounds)) =
            (&step.action, step.action.at(), known_bounds(step))
        {
            self.aimed += 1;
            self.hit += u64::from(bounds.contains(at));
        }
        if let After::Seen { timed_out, .. } = step.after {
            self.followed += 1;
            self.settled += u64::from(!timed_out);
        }
    }
}

/// The parts of an episode's score: shares from 0 to 1, `None` where there is nothing to measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scores {
    /// Steps with an observation from before them.
    pub(crate) observed: Option<f64>,
    /// Of the clicks and drags whose element is known, those inside its box.
    pub(crate) on_target: Option<f64>,
    /// Of the frames after, those on which the screen stood still.
    pub(crate) settled: Option<f64>,
    /// Steps that are no near-duplicate of the one before.
    pub(crate) distinct: Option<f64>,
    /// Of the input events of its time, those that did not end in an error.
    pub(crate) sound: Option<f64>,
    /// Of the events of its time, those that the recorder did not lose.
    pub(crate) kept: Option<f64>,
}

/// Their names, in the order of [`Scores::all`].
pub(crate) const PARTS: [&str; 6] = ["observed", "on_target", "settled", "distinct", "sound", "kept"];

impl Scores {
    /// `pictures`: the recording has any. Where the terms keep none, their absence is no flaw.
    pub(crate) fn of(tally: &Tally, episode: &Episode, pictures: bool) -> Self {
        let known = episode.inputs + episode.errors;
        Self {
            observed: share(tally.observed, tally.steps).filter(|_| pictures),
            on_target: share(tally.hit, tally.aimed),
            settled: share(tally.settled, tally.followed),
            distinct: share(tally.steps - tally.repeats, tally.steps),
            sound: share(episode.inputs, known),
            kept: share(known, known + episode.lost_events),
        }
    }

    fn all(&self) -> [Option<f64>; PARTS.len()] {
        [self.observed, self.on_target, self.settled, self.distinct, self.sound, self.kept]
    }

    /// The product of the parts: the share of steps that are good in every respect, if flaws fall anywhere.
    /// `None` for an episode without steps.
    pub(crate) fn overall(&self) -> Option<f64> {
        self.distinct?;
        Some(self.all().into_iter().flatten().product())
    }

    /// The struct of the table's column.
    pub(crate) fn cell(&self) -> Value {
        Value::Struct(self.all().map(Value::from).to_vec())
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use overt_reduce::{Before, Missing, Settings, reduce};

    use super::*;
    use crate::support;

    /// A click on a button, with a picture before and after, and its episode.
    fn click() -> (Step, Episode) {
        let folder = tempfile::tempdir().expect("a folder");
        let input = support::input(folder.path(), 7, 1);
        let opened = support::opener(folder.path())(&input.recording).expect("it opens");
        let mut reduction = reduce(opened, Settings::default());
        let mut steps: Vec<Step> = reduction.by_ref().map(|step| step.expect("it reduces")).collect();
        (steps.remove(0), reduction.close().episodes.remove(0))
    }

    /// Of four times the same click the first has a flaw. `expected`: observed, on target, settled, distinct, sound, kept.
    fn check(flaw: impl FnOnce(&mut Step, &mut bool, &mut Episode), expected: [f64; 6]) {
        let (click, mut episode) = click();
        (episode.inputs, episode.errors, episode.lost_events) = (8, 0, 0);
        let (mut flawed, mut is_repeat, mut tally) = (click.clone(), false, Tally::default());
        flaw(&mut flawed, &mut is_repeat, &mut episode);
        tally.count(&flawed, is_repeat);
        (1..4).for_each(|_| tally.count(&click, false));
        let scores = Scores::of(&tally, &episode, true);
        assert_eq!(scores.all(), expected.map(Some));
        assert_eq!(Scores::of(&tally, &episode, false), Scores { observed: None, ..scores });
    }

    #[test]
    fn each_flaw_lowers_its_own_part_by_its_share() {
        check(|_, _, _| (), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let unseen = |step: &mut Step| step.before = Before::Missing(Missing::NoneInTime);
        check(|step, _, _| unseen(step), [0.75, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let aside = |step: &mut Step| step.element.as_mut().expect("a button").element.node.bounds.x += 100;
        check(|step, _, _| aside(step), [1.0, 0.75, 1.0, 1.0, 1.0, 1.0]);
        let moving = |step: &mut Step| {
            let After::Seen { timed_out, .. } = &mut step.after else { panic!("a picture after it") };
            *timed_out = true;
        };
        check(|step, _, _| moving(step), [1.0, 1.0, 0.75, 1.0, 1.0, 1.0]);
        check(|_, is_repeat, _| *is_repeat = true, [1.0, 1.0, 1.0, 0.75, 1.0, 1.0]);
        check(|_, _, episode| (episode.inputs, episode.errors) = (6, 2), [1.0, 1.0, 1.0, 1.0, 0.75, 1.0]);
        check(
            |_, _, episode| (episode.inputs, episode.lost_events) = (6, 2),
            [1.0, 1.0, 1.0, 1.0, 1.0, 0.75],
        );
    }

    #[test]
    fn the_score_is_the_product_of_what_can_be_measured() {
        let all = Scores {
            observed: Some(0.5),
            on_target: None,
            settled: Some(0.8),
            distinct: Some(1.0),
            sound: Some(0.9),
            kept: Some(1.0),
        };
        assert!(all.overall().is_some_and(|score| (score - 0.36).abs() < 1e-12));
        assert_eq!(Scores::default().overall(), None);
        assert_eq!(share(0, 0), None);
        assert_eq!(share(3, 4), Some(0.75));
    }
}

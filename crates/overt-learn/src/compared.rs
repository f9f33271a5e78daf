//! What recordings of a task teach, beside what is learned from an account of what was done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::degrade::Degrade;
use crate::ground::Ending;
use crate::interval::{Share, wilson};
use crate::learner::Learner;
use crate::probe::Probe;

/// So many tenths of what is learned from the truth have to be learned from recordings.
const PART_MIN_TENTHS: u64 = 9;
/// Where the truth itself teaches less than so many tenths of all, nothing is asked of the recordings.
const TAUGHT_MIN_TENTHS: u64 = 9;

/// How a task was recorded, and what was done to the recordings before they were learned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub level: String,
    pub cadence: String,
    pub degrade: Degrade,
}

/// One task under one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    pub task: String,
    pub under: Condition,
    /// What learned from both sides, by which versions they learned and acted, and the digest of the task's page. A comparison's file
    /// tells them once for all of its results, and what it does not tell is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// In a report, of which file it is, in the order in which they were given, from 1 on: two files may be of other people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<u32>,
    #[serde(default, skip_serializing_if = "Learner::is_untold")]
    pub learner: Learner,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pages: String,
    pub recorded: Side,
    pub truth: Side,
    /// The recordings' success as a part of the truth's.
    pub part: f64,
    /// Whether that is enough; `None` where the truth teaches too little to ask.
    pub enough: Option<bool>,
}

/// What came of one way to know what was done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// So many people were recorded for what can be learned from. An account is nobody's who is recorded, and an older file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
    /// Episodes and steps that the last model learned from.
    pub learned_episodes: u64,
    pub learned_steps: u64,
    /// What nothing can be learned from, by reason.
    pub left_out: BTreeMap<String, u64>,
    pub tried: u64,
    pub solved: u64,
    pub endings: BTreeMap<Ending, u64>,
    /// With Wilson's interval of 95 %.
    pub success: Option<Share>,
}

/// The results of each task, the tasks in the order in which they were begun.
pub fn by_task(results: &[Compared]) -> Vec<Vec<&Compared>> {
    let mut tasks: Vec<Vec<&Compared>> = Vec::new();
    for one in results {
        match tasks.iter_mut().find(|own| own[0].task == one.task) {
            Some(own) => own.push(one),
            None => tasks.push(vec![one]),
        }
    }
    tasks
}

/// The same of one task, apart where they were learned or tried in another way.
pub(crate) fn by_way<'a>(own: &[&'a Compared]) -> Vec<Vec<&'a Compared>> {
    let mut ways: Vec<Vec<&Compared>> = Vec::new();
    for one in own.iter().copied() {
        match ways.iter_mut().find(|alike| alike[0].is_like(one)) {
            Some(alike) => alike.push(one),
            None => ways.push(vec![one]),
        }
    }
    ways
}

impl Condition {
    /// What it is called beside others.
    pub fn words(&self) -> String {
        let spoilt = (self.degrade != Degrade::None).then(|| self.degrade.word());
        let parts = [Some(self.level.as_str()), Some(self.cadence.as_str()), spoilt];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What is other there.
    pub(crate) fn change_to(&self, other: &Self) -> String {
        let instead = |one: &str, other: &str| (one != other).then(|| format!("{other} instead of {one}"));
        let spoilt = (self.degrade != other.degrade).then(|| other.degrade.word().to_owned());
        let parts = [instead(&self.level, &other.level), instead(&self.cadence, &other.cadence), spoilt];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Side {
    /// Episodes that ended so far with success.
    pub fn ended_well(&self) -> u64 {
        self.endings.get(&Ending::Solved).copied().unwrap_or(0)
    }

    /// How often it succeeded; nothing is known where nothing was tried.
    pub(crate) fn share(&self) -> Share {
        self.success.unwrap_or(wilson(0, 0))
    }
}

/// Counts are compared, not their quotients: 414 of 500 divided by 460 of 500 is less than nine tenths by rounding.
fn is_enough(recorded: &Side, truth: &Side) -> bool {
    10 * recorded.solved * truth.tried >= PART_MIN_TENTHS * truth.solved * recorded.tried
}

fn is_taught(truth: &Side) -> bool {
    truth.tried > 0 && 10 * truth.solved >= TAUGHT_MIN_TENTHS * truth.tried
}

impl Compared {
    /// `recorded` and `truth`: what the same probe learned from either.
    pub fn of(task: &str, under: Condition, recorded: Side, truth: Side) -> Self {
        let share = |side: &Side| side.solved as f64 / side.tried.max(1) as f64;
        let (own, taught) = (share(&recorded), share(&truth));
        let part = if taught > 0.0 { own / taught } else { 0.0 };
        let enough = is_taught(&truth).then(|| is_enough(&recorded, &truth));
        let (probe, learner, pages) = (None, Learner::default(), String::new());
        Self {
            task: task.to_owned(),
            under,
            probe,
            file: None,
            learner,
            pages,
            recorded,
            truth,
            part,
            enough,
        }
    }

    /// Whether both are of the same recordings, or of recordings by the same people, and were learned and tried in the same way: only then
    /// their figures can be compared.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let way = |one: &Self| (one.file, one.probe, one.learner);
        way(self) == way(other) && self.pages == other.pages
    }

    /// Which way that was.
    pub(crate) fn by(&self) -> String {
        let page = self.pages.get(..8).map(|digest| format!(", page {digest}")).unwrap_or_default();
        let probe = self.probe.map(|probe| format!("{}, ", probe.word())).unwrap_or_default();
        let file = self.file.map(|n| format!("recordings {n}, ")).unwrap_or_default();
        format!("{file}{probe}{}{page}", self.learner.words())
    }

    /// One line for people.
    pub fn words(&self) -> String {
        let side = |side: &Side| format!("{} with {}", side.share(), side.learned_episodes);
        let verdict = match self.enough {
            None => "the truth teaches too little to compare",
            Some(true) => "enough",
            Some(false) => "NOT ENOUGH",
        };
        let (recorded, truth) = (side(&self.recorded), side(&self.truth));
        let (task, under) = (&self.task, self.under.words());
        format!("{task} ({under}): recorded {recorded}, truth {truth}: {:.2}, {verdict}", self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(recorded: u64, truth: u64, expected: Option<bool>) {
        check_of(100, (recorded, truth), expected);
    }

    fn check_of(tried: u64, (recorded, truth): (u64, u64), expected: Option<bool>) {
        let side = |solved| Side { tried, solved, ..Side::default() };
        let under = Condition { level: "full".into(), cadence: "none".into(), degrade: Degrade::None };
        assert_eq!(Compared::of("a-task", under, side(recorded), side(truth)).enough, expected);
    }

    #[test]
    fn recordings_have_to_teach_nine_tenths_of_what_the_truth_teaches() {
        check(90, 100, Some(true));
        check(89, 100, Some(false));
        check(82, 90, Some(true));
        check(0, 89, None);
        check(0, 0, None);
    }

    #[test]
    fn exactly_nine_tenths_are_enough() {
        check_of(500, (414, 460), Some(true));
        check_of(500, (413, 460), Some(false));
        for tried in [10, 30, 40, 200, 500] {
            check_of(tried, (tried * 81 / 100, tried * 9 / 10), Some(tried * 81 % 100 == 0));
            check_of(tried, (tried * 9 / 10, tried), Some(true));
        }
    }
}

//! How often agents succeed that learned from the recordings, and from what really was done.

use std::collections::BTreeMap;

use anyhow::Result;
use overt_learn::ground::{Ending, Ground, Limits};
use overt_learn::{Degrade, Growth, Lessons, Model, Plan, Probe, Share, wilson};
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, DeskTask, STEPS_MAX};
use crate::session::{Recorded, Task};
use crate::stand::{self, Stand, Who};
use crate::truth;

/// What is learned from recordings has to be so good, as a part of what is learned from the truth.
const PART_MIN: f64 = 0.9;
/// Where the truth itself teaches less than this, nothing is asked of the recordings.
const TAUGHT_MIN: f64 = 0.9;

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

/// How much is tried.
#[derive(Clone, Copy)]
pub struct Trials {
    pub probe: Probe,
    /// Models of each side.
    pub seeds: u64,
    /// Episodes of each model: the same for both sides.
    pub episodes: u64,
}

impl Condition {
    /// What it is called beside others.
    pub fn words(&self) -> String {
        let spoilt = (self.degrade != Degrade::None).then(|| self.degrade.word());
        let parts = [Some(self.level.as_str()), Some(self.cadence.as_str()), spoilt];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Trials {
    /// Lets both sides learn and act. What is wrong by the condition is wrong with the recordings, and never with the account.
    ///
    /// Errors: what cannot be read or learned from, and what no other browser would cure.
    pub fn compare(self, task: Task<'_>, recorded: &Recorded, under: Condition) -> Result<Compared> {
        let lessons = Lessons::read(&recorded.dataset, self.probe.looks_at_pictures())?;
        let account = Lessons::of(truth::read(&recorded.account)?, lessons.dataset());
        let of_account = self.side(&account, Degrade::None, &mut Trying::by_the_page(task)?)?;
        let of_recordings = self.side(&lessons, under.degrade, &mut Trying::by_the_bus(task)?)?;
        Ok(Compared::of(task.name(), under, of_recordings, of_account))
    }

    fn side(self, lessons: &Lessons, degrade: Degrade, trying: &mut Trying<'_>) -> Result<Side> {
        let left_out = lessons.demonstrations.left_out.iter().map(|(why, n)| ((*why).to_owned(), *n));
        let mut side = Side { left_out: left_out.collect(), ..Side::default() };
        for seed in 0..self.seeds {
            let plan =
                Plan { probe: self.probe, seed, growth: Growth::default(), episodes_max: None, degrade };
            let model = Model::train(lessons, plan)?;
            side.learned_episodes = model.facts.learned.episodes;
            side.learned_steps = model.facts.learned.steps;
            for episode in 0..self.episodes {
                let page_seed = (seed + 1) * 1_000_000 + episode;
                *side.endings.entry(trying.attempt(page_seed, &model)?).or_default() += 1;
            }
        }
        side.tried = self.seeds * self.episodes;
        side.solved = side.endings.get(&Ending::Solved).copied().unwrap_or(0);
        side.success = Some(wilson(side.solved, side.tried));
        Ok(side)
    }
}

/// Where a side is tried.
enum Trying<'a> {
    Page { ground: Box<Ground>, name: &'a str },
    Desk { desk: Desk, task: DeskTask },
}

impl<'a> Trying<'a> {
    /// What there is to act on is told by the page; of our own tasks by the accessibility bus as well.
    fn by_the_page(task: Task<'a>) -> Result<Self> {
        match task {
            Task::Page { pages, name, .. } => {
                Ok(Self::Page { ground: Box::new(Ground::new(pages, Limits::default())?), name })
            }
            Task::Desk(task) => Ok(Self::Desk { desk: Desk::start()?, task }),
        }
    }

    /// It is told by the accessibility bus, as it was to the recorder.
    fn by_the_bus(task: Task<'a>) -> Result<Self> {
        match task {
            Task::Page { pages, name, .. } => {
                let at = Stand { desktop: stand::desktop()?, who: Who::Agent };
                let limits = Limits::default();
                let ground = Ground::at(pages, limits, Box::new(move || Ok(Box::new(at.clone()))))?;
                Ok(Self::Page { ground: Box::new(ground), name })
            }
            Task::Desk(task) => Ok(Self::Desk { desk: Desk::start()?, task }),
        }
    }

    fn attempt(&mut self, seed: u64, model: &Model) -> Result<Ending> {
        match self {
            Self::Page { ground, name } => Ok(ground.attempt(name, seed, model, &mut |_| ())?.ending),
            Self::Desk { desk, task } => {
                let tried = desk.attempt(*task, seed, model, STEPS_MAX)?;
                Ok(if tried.solved { Ending::Solved } else { Ending::Wrong })
            }
        }
    }
}

impl Compared {
    fn of(task: &str, under: Condition, recorded: Side, truth: Side) -> Self {
        let share = |side: &Side| side.solved as f64 / side.tried.max(1) as f64;
        let (own, taught) = (share(&recorded), share(&truth));
        let part = if taught > 0.0 { own / taught } else { 0.0 };
        let enough = (taught >= TAUGHT_MIN).then_some(part >= PART_MIN);
        Self { task: task.to_owned(), under, recorded, truth, part, enough }
    }

    /// One line for people.
    pub fn words(&self) -> String {
        let side = |side: &Side| {
            let Share { of, low, high } = side.success.unwrap_or(wilson(0, 0));
            let (of, low, high) = (of * 100.0, low * 100.0, high * 100.0);
            format!("{of:.0} % ({low:.0} to {high:.0}) with {}", side.learned_episodes)
        };
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
        let side = |solved| Side { tried: 100, solved, ..Side::default() };
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
}

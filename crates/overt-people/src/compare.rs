//! How often agents succeed that learned from the recordings, and from what really was done.

use std::collections::BTreeSet;

use anyhow::Result;
use overt_learn::ground::Ending;
use overt_learn::{
    Compared, Condition, Degrade, Demonstrations, Growth, Lessons, Model, Plan, Probe, Side, if_taught,
    wilson,
};
use overt_sim::overt::date_in;

use crate::seeds::TRIALS;
use crate::session::{Recorded, Task};
use crate::truth;
use crate::trying::Trying;

/// How much is tried.
#[derive(Clone, Copy)]
pub struct Trials {
    pub probe: Probe,
    /// Models of each side.
    pub seeds: u64,
    /// Episodes of each model: the same for both sides.
    pub episodes: u64,
}

impl Trials {
    /// Lets both sides learn and act. What is wrong by the condition is wrong with the recordings, and never with the account: what the
    /// same account taught before, under another condition, may be given.
    ///
    /// Errors: what cannot be read, and what no other browser or desktop would cure.
    pub fn compare(
        self,
        task: Task<'_>,
        recorded: &Recorded,
        under: Condition,
        of_account: Option<Side>,
    ) -> Result<Compared> {
        let mut lessons = Lessons::read(&recorded.dataset, self.probe.looks_at_pictures(), &date_in(0))?;
        put_nobody_aside(&mut lessons.demonstrations);
        let account = Lessons::of(truth::read(&recorded.account)?, lessons.dataset());
        let of_account = match of_account {
            Some(side) => side,
            None => self.side("the account", &account, Degrade::None, &mut Trying::by_the_page(task))?,
        };
        let of_recordings =
            self.side("the recordings", &lessons, under.degrade, &mut Trying::by_the_bus(task))?;
        Ok(Compared::of(task.name(), under, of_recordings, of_account))
    }

    /// `whose`: said with each model, as it takes long.
    fn side(self, whose: &str, lessons: &Lessons, degrade: Degrade, trying: &mut Trying<'_>) -> Result<Side> {
        let left_out = lessons.demonstrations.left_out.iter().map(|(why, n)| ((*why).to_owned(), *n));
        let people = people(&lessons.demonstrations);
        let mut side = Side { people, left_out: left_out.collect(), ..Side::default() };
        for seed in 0..self.seeds {
            let plan =
                Plan { probe: self.probe, seed, growth: Growth::default(), episodes_max: None, degrade };
            let Some(model) = if_taught(Model::train(lessons, plan))? else {
                *side.endings.entry(Ending::Untaught).or_default() += self.episodes;
                continue;
            };
            side.learned_episodes = model.facts.learned.episodes;
            side.learned_steps = model.facts.learned.steps;
            let before = side.ended_well();
            for episode in 0..self.episodes {
                let page_seed = (seed + 1) * TRIALS + episode;
                *side.endings.entry(trying.attempt(page_seed, &model)?).or_default() += 1;
            }
            let solved = side.ended_well() - before;
            eprintln!("by {whose}, model {} of {}: {solved} of {}", seed + 1, self.seeds, self.episodes);
        }
        side.tried = self.seeds * self.episodes;
        side.solved = side.ended_well();
        side.success = Some(wilson(side.solved, side.tried));
        Ok(side)
    }
}

/// A version puts some people aside for validation and test, and an account knows of none. Here agents are judged by acting, on pages that
/// nobody did: both sides learn from everybody.
fn put_nobody_aside(recorded: &mut Demonstrations) {
    for one in &mut recorded.all {
        "train".clone_into(&mut one.split);
    }
}

/// `None` of an account, which is nobody's who is recorded.
fn people(all: &Demonstrations) -> Option<u64> {
    let distinct: BTreeSet<_> = all.all.iter().filter_map(|one| one.contributor).collect();
    (!distinct.is_empty()).then_some(distinct.len() as u64)
}

#[cfg(test)]
mod tests {
    use overt_event::KeyId;
    use overt_learn::{Demonstration, Manner, Scene, Shown};

    use super::*;

    #[test]
    fn people_are_counted_once_and_an_account_has_none() {
        let of = |person: Option<u8>| Demonstration {
            contributor: person.map(|n| KeyId([n; 16])),
            ..Demonstration::default()
        };
        let check = |all: &[Option<u8>], expected: Option<u64>| {
            let all = all.iter().map(|person| of(*person)).collect();
            assert_eq!(people(&Demonstrations { all, ..Demonstrations::default() }), expected);
        };
        check(&[Some(1), Some(2), Some(1)], Some(2));
        check(&[None, None], None);
    }

    #[test]
    fn nobody_is_put_aside() {
        let (scene, manner) = (Scene::new(Vec::new()), Manner::Key(vec!["Return".to_owned()]));
        let step = Shown { scene, manner, on: None, text: None, at_millis: 0, seen_millis: 0 };
        let of = |split: &str| Demonstration {
            split: split.to_owned(),
            steps: vec![step.clone()],
            ..Demonstration::default()
        };
        let all = ["train", "validation", "test"].map(of).to_vec();
        let mut recorded = Demonstrations { all, ..Demonstrations::default() };
        put_nobody_aside(&mut recorded);
        let (probe, growth, degrade) = (Probe::Frequent, Growth::default(), Degrade::None);
        let plan = Plan { probe, seed: 0, growth, episodes_max: None, degrade };
        let model = Model::train(&Lessons::of(recorded, ""), plan).expect("it learns");
        assert_eq!(model.facts.learned.episodes, 3);
    }
}

//! How many models changed, and which way: episodes of one model are no strangers to each other.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::interval::wilson;
use crate::report::Outcome;

/// So many models did worse, alike and better than the one of the same seed that learned from other data: of one model all episodes
/// hang on what was drawn for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    pub worse: u64,
    pub alike: u64,
    pub better: u64,
}

impl Models {
    /// Each of them was tried as often as any other.
    pub(crate) fn of(before: &Outcome, after: &Outcome) -> Self {
        let mut models = Self::default();
        for (seed, solved) in &after.solved_by_seed {
            match before.solved_by_seed.get(seed).map(|before| solved.cmp(before)) {
                Some(Ordering::Less) => models.worse += 1,
                Some(Ordering::Equal) => models.alike += 1,
                Some(Ordering::Greater) => models.better += 1,
                None => {}
            }
        }
        models
    }

    fn all(self) -> u64 {
        self.worse + self.alike + self.better
    }

    /// Whether it is more than what was drawn that they did worse: most of all models did, or surely most of those that changed, since
    /// what is wrong may touch few. Of one model nothing can be said of models.
    pub(crate) fn agree_on_worse(self) -> bool {
        self.agree(self.worse, self.better)
    }

    /// The same of better.
    pub(crate) fn agree_on_better(self) -> bool {
        self.agree(self.better, self.worse)
    }

    fn agree(self, one_way: u64, other_way: u64) -> bool {
        let is_surely_most = wilson(one_way, one_way + other_way).low > 0.5;
        self.all() < 2 || 2 * one_way > self.all() || is_surely_most
    }

    pub(crate) fn words(self) -> String {
        let Self { worse, better, .. } = self;
        match self.all() {
            0 => String::new(),
            1 => ", of one model, which says nothing of others".to_owned(),
            all => format!("; of {all} models {worse} did worse and {better} better"),
        }
    }

    /// How few of them did what the sum did. `is_worse`: the sum.
    pub(crate) fn few(self, is_worse: bool) -> String {
        let Self { worse, better, .. } = self;
        let all = self.all();
        if is_worse {
            format!("only {worse} of {all} models did worse, and {better} better")
        } else {
            format!("only {better} of {all} models did better, and {worse} worse")
        }
    }
}

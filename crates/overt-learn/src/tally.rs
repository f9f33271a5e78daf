//! How one model's episodes ended, and when they tell nothing of it.

use std::collections::BTreeMap;

use crate::error::LearnError;
use crate::ground::{Attempt, Ending};

/// Episodes as they are counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) endings: BTreeMap<Ending, u64>,
    /// Of all episodes.
    pub(crate) steps: u64,
    /// Episodes that tell of the ground alone.
    lost: u64,
    of: u64,
}

impl Tally {
    /// Of so many episodes that are to come.
    pub(crate) fn of(episodes: u64) -> Self {
        Self { of: episodes, ..Self::default() }
    }

    /// Of a model that there is not, because nothing taught it.
    pub(crate) fn untaught(episodes: u64) -> Self {
        Self { endings: BTreeMap::from([(Ending::Untaught, episodes)]), ..Self::of(episodes) }
    }

    /// Counts one.
    ///
    /// Errors: [`LearnError::Lost`] once most of them would be what the ground did.
    pub(crate) fn add(&mut self, attempt: Attempt) -> Result<(), LearnError> {
        *self.endings.entry(attempt.ending).or_default() += 1;
        self.steps += attempt.steps as u64;
        self.lost += u64::from(attempt.is_lost());
        if self.lost * 2 > self.of { Err(LearnError::Lost) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten episodes, so many of which end so; whether the model's figure stands.
    fn stands(lost: u64, ending: Ending, begun: bool) -> bool {
        let mut tally = Tally::of(10);
        let attempt = |i| Attempt {
            ending: if i < lost { ending } else { Ending::Solved },
            reward: 0.0,
            steps: 3,
            begun: begun || i >= lost,
        };
        let whole = (0..10).try_for_each(|i| tally.add(attempt(i))).is_ok();
        assert!(!whole || tally.steps == 30);
        whole
    }

    #[test]
    fn what_the_ground_did_to_most_episodes_is_no_figure() {
        for (ending, begun) in
            [(Ending::Broken, true), (Ending::Broken, false), (Ending::BrowserEnded, false)]
        {
            assert!(stands(5, ending, begun) && !stands(6, ending, begun), "{ending:?}");
        }
    }

    #[test]
    fn what_crashes_hangs_or_ends_the_browser_each_time_is_counted() {
        for ending in [Ending::BrowserEnded, Ending::BrowserHung, Ending::PageCrashed, Ending::CannotPress] {
            assert!(stands(10, ending, true), "{ending:?}");
        }
        assert!(stands(10, Ending::PageCrashed, false) && stands(10, Ending::BrowserHung, false));
    }
}

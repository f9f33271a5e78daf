//! What a plan draws from a data set: the episodes to learn from, and what is told of them.

use crate::cells::Cell;
use crate::degrade::Degrade;
use crate::demonstration::Demonstration;
use crate::model::{Model, Plan};
use crate::rng::Rng;
use crate::spent::{Spent, spent_on};

/// So many episodes can be learned from.
pub(crate) fn usable(all: &[Demonstration]) -> u64 {
    all.iter().filter(|d| d.split == "train" && d.succeeded != Some(false)).count() as u64
}

/// The episodes to learn from, in an order that the seed decides.
pub(crate) fn taught(all: &[Demonstration], plan: Plan) -> Vec<Demonstration> {
    let mut rng = Rng::new(plan.seed);
    let drawn = drawn(all, plan, &mut rng);
    plan.degrade.apply(drawn.into_iter().cloned().collect(), &mut rng)
}

/// What is told of the time that was recorded for these episodes, which a plan drew from all. A share is one of what succeeded, whatever
/// is drawn beside it: else the times of those that failed were told by what is more with them.
pub(crate) fn spent_by(all: &[Demonstration], plan: Plan, taught: &[Demonstration]) -> Spent {
    let usual = Plan { episodes_max: None, degrade: Degrade::None, ..plan };
    spent_on(taught, &drawn(all, usual, &mut Rng::new(plan.seed)))
}

/// The episodes to learn from, before anything is wrong with them.
fn drawn<'a>(all: &'a [Demonstration], plan: Plan, rng: &mut Rng) -> Vec<&'a Demonstration> {
    let mut own: Vec<_> = all.iter().filter(|d| d.split == "train").collect();
    rng.shuffle(&mut own);
    if plan.degrade != Degrade::KeepFailed {
        // Those that failed are gone before they are counted.
        own.retain(|d| d.succeeded != Some(false));
    }
    own.truncate(plan.episodes_max.map_or(usize::MAX, |n| n as usize));
    own
}

/// What a cell tells of the episodes of its model. It is found out anew of each cell that was kept: an older program may have judged
/// by all of the data, and counted hours of few people.
pub(crate) struct Drawn {
    pub(crate) should_lose: Option<bool>,
    pub(crate) spent_millis: Spent,
}

impl Drawn {
    pub(crate) fn of(all: &[Demonstration], plan: Plan) -> Self {
        let should_lose = plan.degrade.should_harm(&drawn(all, plan, &mut Rng::new(plan.seed)));
        Self { should_lose, spent_millis: spent_by(all, plan, &taught(all, plan)) }
    }

    /// Of a model that was made before, its own word.
    pub(crate) fn by(model: &Model) -> Self {
        Self { should_lose: None, spent_millis: model.facts.learned.spent_millis.clone() }
    }

    pub(crate) fn told_in(self, cell: Cell) -> Cell {
        Cell { should_lose: self.should_lose, spent_millis: self.spent_millis, ..cell }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boost::Growth;
    use crate::demonstration::tests::pressed;
    use crate::probe::Probe;
    use crate::report::tests::cell;

    fn plan(seed: u64, episodes_max: Option<u64>, degrade: Degrade) -> Plan {
        Plan { probe: Probe::Fuller, seed, growth: Growth::default(), episodes_max, degrade }
    }

    #[test]
    fn what_should_harm_is_judged_by_what_was_drawn() {
        let failed = |n: usize| Demonstration { succeeded: Some(n != 0), ..pressed() };
        let all: Vec<_> = (0..10).map(failed).collect();
        let told = |seed, size| Drawn::of(&all, plan(seed, size, Degrade::KeepFailed)).should_lose;
        assert_eq!(told(0, None), Some(true));
        let drawn = |seed| taught(&all, plan(seed, Some(3), Degrade::KeepFailed));
        let holds = |seed| drawn(seed).iter().any(|d| d.succeeded == Some(false));
        let seeds = || 0..20;
        assert!(seeds().any(holds) && !seeds().all(holds));
        assert!(seeds().all(|seed| told(seed, Some(3)) == Some(holds(seed))));
        // What is kept aside is never drawn.
        let aside = Demonstration { split: "validation".to_owned(), ..failed(0) };
        assert_eq!(Drawn::of(&[aside], plan(0, None, Degrade::KeepFailed)).should_lose, Some(false));
    }

    #[test]
    fn what_a_kept_cell_told_is_told_anew() {
        let mut kept = cell(Some(1), 0, 50);
        kept.should_lose = Some(true);
        let own = Demonstration {
            contributor: Some(overt_event::KeyId([1; 16])),
            spent_millis: kept.spent_millis.clone(),
            ..pressed()
        };
        let told = Drawn::of(&[own], plan(0, None, Degrade::None)).told_in(kept.clone());
        assert_eq!((told.should_lose, &told.spent_millis["browser"]), (None, &0));
        assert_eq!(
            Cell { should_lose: kept.should_lose, spent_millis: kept.spent_millis.clone(), ..told },
            kept
        );
    }
}

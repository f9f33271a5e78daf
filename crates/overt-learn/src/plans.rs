//! Which models are made of a task's data: every size whole, and what is made worse at the largest.

use crate::boost::Growth;
use crate::degrade::Degrade;
use crate::model::Plan;
use crate::study::Study;

/// All models of a task whose data has so many episodes to learn from.
pub(crate) fn plans(study: &Study, usable: u64) -> Vec<Plan> {
    let sizes = sizes(&study.sizes, usable);
    let mut kinds: Vec<(Option<u64>, Degrade)> = sizes.iter().map(|s| (*s, Degrade::None)).collect();
    let largest = sizes.iter().copied().max_by_key(|size| room(*size)).flatten();
    let degrades = differing(&study.degrades).into_iter().copied();
    kinds.extend(degrades.filter(|d| *d != Degrade::None).map(|d| (largest, d)));
    let growth = Growth::default();
    let plan = |probe, seed, (episodes_max, degrade)| Plan { probe, seed, growth, episodes_max, degrade };
    let mut plans = Vec::new();
    for probe in differing(&study.probes) {
        for seed in 0..study.seeds {
            plans.extend(kinds.iter().map(|kind| plan(*probe, seed, *kind)));
        }
    }
    plans
}

/// Sizes that are the same data would look like an enlargement that changed nothing: of these the largest is kept, as it was asked
/// for.
fn sizes(asked: &[Option<u64>], usable: u64) -> Vec<Option<u64>> {
    let taken = |size: Option<u64>| room(size).min(usable);
    let is_kept = |size: &Option<u64>| {
        !asked.iter().any(|other| room(*other) > room(*size) && taken(*other) == taken(*size))
    };
    differing(asked).into_iter().copied().filter(is_kept).collect()
}

/// All is more than any number.
fn room(size: Option<u64>) -> u64 {
    size.unwrap_or(u64::MAX)
}

/// Each once, in order: what was asked for twice is tried once.
pub(crate) fn differing<T: PartialEq>(all: &[T]) -> Vec<&T> {
    all.iter().enumerate().filter(|(i, one)| !all[..*i].contains(one)).map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::ground::Limits;
    use crate::probe::Probe;

    const WHOLE: Degrade = Degrade::None;
    const WORSE: Degrade = Degrade::DropFifth;

    fn check(sizes: &[Option<u64>], usable: u64, expected: &[(Option<u64>, Degrade)]) {
        let study = Study {
            html: PathBuf::new(),
            tasks: Vec::new(),
            models: Vec::new(),
            probes: vec![Probe::Fuller, Probe::Fuller],
            sizes: sizes.to_vec(),
            degrades: vec![WHOLE, WORSE, WORSE],
            seeds: 1,
            episodes: 1,
            limits: Limits::default(),
            today: String::new(),
        };
        let kinds: Vec<_> = plans(&study, usable).into_iter().map(|p| (p.episodes_max, p.degrade)).collect();
        assert_eq!(kinds, expected);
    }

    #[test]
    fn what_is_made_worse_is_the_largest_size_and_what_is_asked_twice_is_tried_once() {
        check(&[Some(10), Some(3), Some(3)], 50, &[(Some(10), WHOLE), (Some(3), WHOLE), (Some(10), WORSE)]);
        check(&[Some(3), None, None], 50, &[(Some(3), WHOLE), (None, WHOLE), (None, WORSE)]);
    }

    #[test]
    fn sizes_that_are_the_same_data_are_tried_once() {
        check(&[Some(3), Some(60), None], 24, &[(Some(3), WHOLE), (None, WHOLE), (None, WORSE)]);
        check(&[Some(60), Some(24), Some(3)], 24, &[(Some(60), WHOLE), (Some(3), WHOLE), (Some(60), WORSE)]);
        // One more than that is one more.
        check(&[Some(24), None], 25, &[(Some(24), WHOLE), (None, WHOLE), (None, WORSE)]);
        // Where it is the only one, it stays what was asked for.
        check(&[Some(60)], 24, &[(Some(60), WHOLE), (Some(60), WORSE)]);
        check(&[Some(3), None], 0, &[(None, WHOLE), (None, WORSE)]);
    }
}

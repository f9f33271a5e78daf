//! Which pages are whose: what people did while they were recorded, no agent is tried on.

/// One person does so many tasks at most.
pub const TASKS_MAX: u64 = 1_000;
/// People have seeds below this: the pages of the last one end where those begin that agents are tried on.
pub const PEOPLE_MAX: u64 = TRIALS / TASKS_MAX - 1;
/// Each model is tried on pages of its own, the first one's from here on.
pub(crate) const TRIALS: u64 = 1_000_000;

/// The page that somebody does as their task of this number, which begins at 0.
pub(crate) fn of_person(seed: u64, number: u64) -> u64 {
    TASKS_MAX * (seed + 1) + number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_does_a_page_of_somebody_else_nor_one_that_agents_are_tried_on() {
        for seed in [0, 1, PEOPLE_MAX - 2] {
            assert!(of_person(seed, TASKS_MAX - 1) < of_person(seed + 1, 0));
        }
        assert!(of_person(PEOPLE_MAX - 1, TASKS_MAX - 1) < TRIALS);
    }
}

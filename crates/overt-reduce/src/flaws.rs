//! What went wrong and when, until the episode of that time is known.

use overt_event::{MonoNanos, NANOS_PER_SEC};

/// Input events in error and events lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Harm {
    pub(crate) errors: u64,
    pub(crate) lost_events: u64,
}

impl Harm {
    fn add(&mut self, other: Self) {
        self.errors += other.errors;
        self.lost_events += other.lost_events;
    }
}

/// Harm that no episode has taken yet, one entry for what lies within a second.
#[derive(Default)]
pub(crate) struct Flaws {
    waiting: Vec<(MonoNanos, Harm)>,
}

impl Flaws {
    pub(crate) fn errors(&mut self, t: MonoNanos, errors: u64) {
        self.note(t, Harm { errors, lost_events: 0 });
    }

    pub(crate) fn lost(&mut self, t: MonoNanos, lost_events: u64) {
        self.note(t, Harm { errors: 0, lost_events });
    }

    fn note(&mut self, t: MonoNanos, harm: Harm) {
        match self.waiting.last_mut() {
            Some((at, last)) if *at <= t && t.since(*at) < NANOS_PER_SEC => last.add(harm),
            _ => self.waiting.push((t, harm)),
        }
    }

    /// What happened until then, which waits no longer.
    pub(crate) fn take_until(&mut self, t: MonoNanos) -> Harm {
        let mut sum = Harm::default();
        self.waiting.extract_if(.., |(at, _)| *at <= t).for_each(|(_, harm)| sum.add(harm));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harm_is_taken_once_by_the_time_it_belongs_to() {
        let at = MonoNanos::from_millis;
        let mut flaws = Flaws::default();
        flaws.errors(at(1_000), 2);
        flaws.lost(at(1_400), 7);
        flaws.errors(at(9_000), 1);
        flaws.errors(at(3_000), 4);
        assert_eq!(flaws.take_until(at(3_000)), Harm { errors: 6, lost_events: 7 });
        assert_eq!(flaws.take_until(at(8_999)), Harm::default());
        assert_eq!(flaws.take_until(at(9_000)), Harm { errors: 1, lost_events: 0 });
    }
}

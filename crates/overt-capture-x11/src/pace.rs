//! When the next grab is due.

use overt_event::{MonoNanos, NANOS_PER_MILLI, NANOS_PER_SEC};

/// A window that was under another needs a moment to paint itself; until then it may show what
/// covered it. Grabs wait that long after windows moved, but never longer than the second number.
const SETTLE_MILLIS: u64 = 40;
const SETTLE_MILLIS_MAX: u64 = 200;

/// Between two grabs while a press is likely: the observation of a press is as old as its grab, and at ten
/// pictures a second that would be up to a tenth of a second. A grab costs a millisecond.
const NEAR_MILLIS: u64 = 25;
/// A press is likely for this long after the pointer moved, a button or a key went down.
const NEAR_FOR_MILLIS: u64 = 500;

/// Where pixels are never read, whose windows are on the screen is looked at so many times a second, at most.
const WINDOW_LOOKS_PER_SEC: u32 = 10;

/// Grabs follow damage, at most so many a second, or one each [`NEAR_MILLIS`] near an input unless it was
/// slowed down.
pub(crate) struct Pace {
    /// At the rate it began with.
    unslowed_nanos: u64,
    interval_nanos: u64,
    began_at: Option<MonoNanos>,
    wanted_since: Option<MonoNanos>,
    not_before: MonoNanos,
    /// Asked for by name: neither the rate nor settling matters.
    at_once: bool,
}

impl Pace {
    pub(crate) fn new(frames_per_sec_max: u32) -> Self {
        let interval_nanos = interval_nanos(frames_per_sec_max);
        Self {
            unslowed_nanos: interval_nanos,
            interval_nanos,
            began_at: None,
            wanted_since: None,
            not_before: MonoNanos(0),
            at_once: false,
        }
    }

    /// Another rate from here on; the turn of a grab that is wanted already moves with it.
    pub(crate) fn set_rate(&mut self, frames_per_sec_max: u32) {
        self.interval_nanos = interval_nanos(frames_per_sec_max);
    }

    /// Something changed, or was not seen well enough.
    pub(crate) fn want(&mut self, now: MonoNanos) {
        self.wanted_since.get_or_insert(now);
    }

    /// Somebody asks for a grab without waiting for its turn.
    pub(crate) fn want_at_once(&mut self, now: MonoNanos) {
        self.want(now);
        self.at_once = true;
    }

    /// Windows moved, and what they covered has to be painted.
    pub(crate) fn uncovered(&mut self, now: MonoNanos) {
        self.not_before = self.not_before.max(now.plus_millis(SETTLE_MILLIS));
    }

    /// Another try in a little while.
    pub(crate) fn retry_after(&mut self, now: MonoNanos, millis: u64) {
        self.want(now);
        self.not_before = self.not_before.max(now.plus_millis(millis));
    }

    /// A grab begins: it answers all that was wanted.
    pub(crate) fn began(&mut self, now: MonoNanos) {
        self.began_at = Some(now);
        self.wanted_since = None;
        self.at_once = false;
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted_since.is_some()
    }

    /// The moment of the next grab; `None` when none is wanted.
    ///
    /// `stirred_at`: the last input.
    pub(crate) fn due_at(&self, stirred_at: MonoNanos) -> Option<MonoNanos> {
        let wanted = self.wanted_since?;
        if self.at_once {
            return Some(wanted);
        }
        let settled = self.not_before.min(wanted.plus_millis(SETTLE_MILLIS_MAX)).max(wanted);
        let after = |nanos| self.began_at.map_or(settled, |t| settled.max(MonoNanos(t.0 + nanos)));
        let soon = after(self.near_nanos());
        let near = soon <= stirred_at.plus_millis(NEAR_FOR_MILLIS);
        Some(if near { soon } else { after(self.interval_nanos) })
    }

    /// Whoever was asked to take less does not take more near an input.
    fn near_nanos(&self) -> u64 {
        let slowed = self.interval_nanos > self.unslowed_nanos;
        if slowed { self.interval_nanos } else { self.interval_nanos.min(NEAR_MILLIS * NANOS_PER_MILLI) }
    }
}

fn interval_nanos(frames_per_sec_max: u32) -> u64 {
    let rate = if frames_per_sec_max == 0 { WINDOW_LOOKS_PER_SEC } else { frames_per_sec_max };
    NANOS_PER_SEC / u64::from(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG_AGO: MonoNanos = MonoNanos(0);

    fn at(millis: u64) -> MonoNanos {
        MonoNanos::from_millis(millis)
    }

    #[test]
    fn damage_is_grabbed_at_once_after_stillness_and_else_in_its_turn() {
        let mut pace = Pace::new(10);
        assert_eq!(pace.due_at(LONG_AGO), None);
        pace.want(at(1_000));
        assert_eq!(pace.due_at(LONG_AGO), Some(at(1_000)));
        pace.began(at(1_001));
        assert_eq!(pace.due_at(LONG_AGO), None);
        pace.want(at(1_010));
        pace.want(at(1_050));
        assert_eq!(pace.due_at(LONG_AGO), Some(at(1_101)));
        pace.want_at_once(at(1_060));
        assert_eq!(pace.due_at(LONG_AGO), Some(at(1_010)));
        pace.began(at(1_060));
        pace.want(at(5_000));
        assert_eq!(pace.due_at(LONG_AGO), Some(at(5_000)));
    }

    #[test]
    fn another_rate_holds_at_once_and_for_what_is_wanted_already() {
        let mut pace = Pace::new(10);
        pace.began(at(1_000));
        pace.want(at(1_010));
        pace.set_rate(1);
        assert_eq!(pace.due_at(LONG_AGO), Some(at(2_000)));
        assert_eq!(pace.due_at(at(1_005)), Some(at(2_000)), "near an input as well");
        pace.set_rate(5);
        assert_eq!(pace.due_at(LONG_AGO), Some(at(1_200)));
    }

    #[test]
    fn moving_windows_put_a_grab_off_but_not_for_ever() {
        let mut pace = Pace::new(30);
        pace.want(at(1_000));
        pace.uncovered(at(1_000));
        assert_eq!(pace.due_at(LONG_AGO), Some(at(1_040)));
        (1_000..3_000).step_by(16).for_each(|t| pace.uncovered(at(t)));
        assert_eq!(pace.due_at(LONG_AGO), Some(at(1_200)));
    }

    #[test]
    fn near_an_input_damage_does_not_wait_for_its_turn() {
        let mut pace = Pace::new(10);
        pace.began(at(1_000));
        pace.want(at(1_010));
        let check = |pace: &Pace, stirred, due| assert_eq!(pace.due_at(at(stirred)), Some(at(due)));
        check(&pace, 400, 1_100);
        check(&pace, 900, 1_025);
        check(&pace, 1_050, 1_025);
        pace.uncovered(at(1_010));
        check(&pace, 900, 1_050);
        let mut slow = Pace::new(1);
        slow.began(at(1_000));
        slow.want(at(1_700));
        check(&slow, 1_100, 2_000);
        check(&slow, 1_300, 1_700);
    }
}

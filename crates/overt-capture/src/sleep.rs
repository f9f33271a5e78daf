//! Whether the machine slept: the one clock that counts sleep runs ahead of the one that does not.

use overt_event::{Gap, MonoNanos, NANOS_PER_SEC, Span};

use crate::outlet::{monotonic_now, nanos_of};

/// A shorter sleep is none.
const SLEEP_NANOS_MIN: u64 = NANOS_PER_SEC;

/// `CLOCK_BOOTTIME`, which goes on while the machine sleeps, between two readings of
/// `CLOCK_MONOTONIC`, which does not.
#[derive(Clone, Copy, Debug)]
pub struct ClockReading {
    pub before: MonoNanos,
    pub boot_nanos: u64,
    pub after: MonoNanos,
}

/// Reads both clocks.
pub fn read_clocks() -> ClockReading {
    let before = monotonic_now();
    let boot_nanos = nanos_of(rustix::time::ClockId::Boottime);
    ClockReading { before, boot_nanos, after: monotonic_now() }
}

/// Compares readings one after the other. Whoever is awake anyway looks.
#[derive(Default)]
pub struct SleepWatch {
    last: Option<Last>,
}

/// What the readings so far say.
struct Last {
    /// The boot clock is ahead by no more than this.
    ahead_max: u64,
    at: MonoNanos,
}

impl SleepWatch {
    /// The gap, if the machine slept since the last look. Its span lies between the two looks.
    ///
    /// A thread that is stopped between the readings of one look only makes that look less exact:
    /// it is never taken for a sleep.
    pub fn look(&mut self, reading: ClockReading) -> Option<(Gap, Span)> {
        let ClockReading { before, boot_nanos, after } = reading;
        let ahead_min = boot_nanos.saturating_sub(after.0);
        let ahead_max = boot_nanos.saturating_sub(before.0);
        let last = self.last.replace(Last { ahead_max, at: after })?;
        let slept_nanos = ahead_min.saturating_sub(last.ahead_max);
        if slept_nanos < SLEEP_NANOS_MIN {
            self.last = Some(Last { ahead_max: ahead_max.min(last.ahead_max), at: after });
            return None;
        }
        let span = Span { from: last.at, to: after };
        Some((Gap::Suspended { secs: slept_nanos / NANOS_PER_SEC }, span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings in milliseconds: monotonic before, boot, monotonic after.
    fn check(readings: &[(u64, u64, u64)], expected: &[(u64, u64, u64)]) {
        let mut watch = SleepWatch::default();
        let reading = |&(before, boot, after): &(u64, u64, u64)| ClockReading {
            before: MonoNanos::from_millis(before),
            boot_nanos: MonoNanos::from_millis(boot).0,
            after: MonoNanos::from_millis(after),
        };
        let told = |(gap, span): (Gap, Span)| match gap {
            Gap::Suspended { secs } => (secs, span.from.0 / 1_000_000, span.to.0 / 1_000_000),
            _ => panic!("it tells of sleep only"),
        };
        let gaps: Vec<_> = readings.iter().filter_map(|r| watch.look(reading(r))).map(told).collect();
        assert_eq!(gaps, expected);
    }

    #[test]
    fn a_sleep_is_told_once_with_its_length_and_the_moments_around_it() {
        check(&[(10, 510, 10), (20, 520, 20), (30, 60_530, 30), (40, 60_540, 40)], &[(60, 20, 30)]);
        check(&[(10, 10, 10), (20, 5_020, 20), (30, 9_030, 30)], &[(5, 10, 20), (4, 20, 30)]);
    }

    #[test]
    fn a_machine_that_slept_before_the_first_look_did_not_sleep_since() {
        check(&[(10, 999_999, 10), (20, 1_000_009, 20)], &[]);
    }

    #[test]
    fn a_thread_that_was_stopped_is_no_sleep() {
        check(&[(10, 5_010, 5_010), (5_020, 5_020, 5_020), (5_030, 5_030, 9_000)], &[]);
        check(&[(10, 10, 5_000), (5_010, 5_010, 5_010)], &[]);
        check(&[(0, 0, 0), (10, 4_010, 4_010), (4_020, 4_020, 4_020)], &[]);
    }

    #[test]
    fn the_clocks_of_this_machine_can_be_read() {
        let reading = read_clocks();
        assert!(reading.before <= reading.after && reading.boot_nanos >= reading.before.0);
    }
}

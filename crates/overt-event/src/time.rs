//! The two clocks, and the only way they meet.

use serde::{Deserialize, Serialize};

/// Nanoseconds in a millisecond.
pub const NANOS_PER_MILLI: u64 = 1_000_000;
/// Nanoseconds in a second.
pub const NANOS_PER_SEC: u64 = 1_000_000_000;

/// A moment of `CLOCK_MONOTONIC`, in nanoseconds. It orders one session and means nothing outside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MonoNanos(pub u64);

impl MonoNanos {
    /// A moment given in whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * NANOS_PER_MILLI)
    }

    /// Nanoseconds from `earlier` to this moment; 0 when `earlier` is later.
    pub const fn since(self, earlier: MonoNanos) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment `millis` later.
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(NANOS_PER_MILLI)))
    }

    /// This moment `millis` earlier; never before 0.
    pub const fn minus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis.saturating_mul(NANOS_PER_MILLI)))
    }

    /// Rounded down to a whole `millis`, the way times inside text are coarsened.
    pub const fn floor_to_millis(self, millis: u64) -> Self {
        let step = millis * NANOS_PER_MILLI;
        Self(self.0 / step * step)
    }
}

/// Seconds since 1970-01-01T00:00:00Z. It names a day; it never orders events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(pub i64);

impl WallTime {
    /// The UTC day this moment lies in.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(86_400) as i32)
    }
}

/// Whole UTC days since 1970-01-01: the only time a public header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

/// One reading of both clocks at (nearly) the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAnchor {
    /// The monotonic side.
    pub mono: MonoNanos,
    /// The wall side.
    pub wall: WallTime,
}

impl ClockAnchor {
    /// What the wall clock says at another moment, if it and the monotonic clock ran on together.
    pub const fn wall_at(&self, mono: MonoNanos) -> WallTime {
        let later_secs = (mono.since(self.mono) / NANOS_PER_SEC) as i64;
        let earlier_secs = self.mono.since(mono).div_ceil(NANOS_PER_SEC) as i64;
        WallTime(self.wall.0.saturating_add(later_secs).saturating_sub(earlier_secs))
    }

    /// Whether the two clocks have parted by more than a second since: somebody set the wall clock, or the
    /// machine slept. The wall clock is read in whole seconds, so a parting of two seconds is always seen,
    /// and none where there was none.
    pub fn has_parted(&self, newer: ClockAnchor) -> bool {
        let nanos = |a: &ClockAnchor| i128::from(a.wall.0) * i128::from(NANOS_PER_SEC) - i128::from(a.mono.0);
        (nanos(&newer) - nanos(self)).unsigned_abs() > u128::from(NANOS_PER_SEC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarsening_rounds_down_and_never_up() {
        assert_eq!(MonoNanos(1_299_999_999).floor_to_millis(100), MonoNanos::from_millis(1_200));
        assert_eq!(MonoNanos(1_300_000_000).floor_to_millis(100), MonoNanos::from_millis(1_300));
    }

    #[test]
    fn an_anchor_foretells_the_wall_clock_in_whole_seconds() {
        let anchor = ClockAnchor { mono: MonoNanos::from_millis(10_000), wall: WallTime(100) };
        for (millis, wall) in [(10_000, 100), (10_999, 100), (11_000, 101), (9_999, 99), (0, 90)] {
            assert_eq!(anchor.wall_at(MonoNanos::from_millis(millis)), WallTime(wall), "{millis}");
        }
    }

    #[test]
    fn clocks_part_when_one_is_set_and_not_by_whole_seconds_alone() {
        let at = |millis, wall| ClockAnchor { mono: MonoNanos::from_millis(millis), wall: WallTime(wall) };
        let parted = |millis, wall| at(10_000, 100).has_parted(at(millis, wall));
        // 10_000 ms may be any part of second 100: half a second on it may be 100 or 101 already.
        for (millis, wall) in [(10_000, 100), (10_500, 100), (10_500, 101), (70_001, 160), (70_001, 161)] {
            assert!(!parted(millis, wall), "{millis} {wall}");
        }
        for (millis, wall) in [(10_500, 102), (10_500, 98), (10_500, 100 - 86_400), (10_001, 100 + 3_600)] {
            assert!(parted(millis, wall), "{millis} {wall}");
        }
    }

    #[test]
    fn a_moment_before_1970_lies_in_the_day_before() {
        assert_eq!(WallTime(-1).day(), Day(-1));
        assert_eq!(WallTime(86_399).day(), Day(0));
    }
}

//! The clocks that the session does not read itself.

use std::time::{SystemTime, UNIX_EPOCH};

use overt_capture::monotonic_now;
use overt_event::{ClockAnchor, WallTime};

/// Readings of which the tightest is taken: a thread can be stopped between two clocks.
const READINGS: usize = 3;

pub(crate) fn wall_now() -> WallTime {
    // Before 1970 nothing is in force.
    WallTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64))
}

/// Both clocks at as nearly the same moment as can be had.
pub(crate) fn read_anchor() -> ClockAnchor {
    let read = |_| {
        let (before, wall) = (monotonic_now(), wall_now());
        (monotonic_now().since(before), ClockAnchor { mono: before, wall })
    };
    let first = read(0);
    (1..READINGS).map(read).fold(first, |best, next| if next.0 < best.0 { next } else { best }).1
}

/// Processor time of this process since it began, nanoseconds.
pub(crate) fn processor_nanos() -> u64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    t.tv_sec as u64 * overt_event::NANOS_PER_SEC + t.tv_nsec as u64
}

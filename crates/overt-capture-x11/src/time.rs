//! From the server's 32-bit milliseconds to the session's clock.

use overt_event::{MonoNanos, NANOS_PER_MILLI};

/// A server time that lies further back than this is another machine's clock, not a late event.
const LATE_MILLIS_MAX: u32 = 60_000;

/// The server's time of an event as a moment of `CLOCK_MONOTONIC`, never later than its arrival.
///
/// The server counts whole milliseconds of the same clock in 32 bits, which wrap after 49.7 days
/// (LINUX facts: resolution 1 ms). `None` when the two clocks cannot be the same.
pub(crate) fn widen(server_millis: u32, arrival: MonoNanos) -> Option<MonoNanos> {
    let arrival_millis = arrival.0 / NANOS_PER_MILLI;
    let late = (arrival_millis as u32).wrapping_sub(server_millis);
    let early = late.wrapping_neg();
    if late <= LATE_MILLIS_MAX {
        let millis = arrival_millis.checked_sub(u64::from(late))?;
        return Some(MonoNanos::from_millis(millis));
    }
    // The server may read a finer clock than the one that stamped the arrival.
    (early <= 1_000).then_some(arrival)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WRAP: u64 = 1 << 32;

    fn check(server_millis: u32, arrival_millis: u64, expected: Option<u64>) {
        let widened = widen(server_millis, MonoNanos::from_millis(arrival_millis));
        assert_eq!(widened, expected.map(MonoNanos::from_millis));
    }

    #[test]
    fn server_times_join_the_session_clock() {
        check(5_000, 5_003, Some(5_000));
        check(u32::MAX, WRAP + 4, Some(WRAP - 1));
        check(3, 3 * WRAP + 5, Some(3 * WRAP + 3));
    }

    #[test]
    fn a_time_after_the_arrival_is_the_arrival() {
        check(5_004, 5_003, Some(5_003));
        check(0, WRAP - 1, Some(WRAP - 1));
    }

    #[test]
    fn the_clock_of_another_machine_is_no_time() {
        check(5_000, 5_000 + 60_001, None);
        check(90_000, 5_000, None);
        check(u32::MAX, 3, None);
    }

    proptest! {
        #[test]
        fn a_late_event_gets_its_own_millisecond_back(at in 60_000_u64..1 << 40, late in 0_u64..60_000, sub in 0..NANOS_PER_MILLI) {
            let arrival = MonoNanos((at + late) * NANOS_PER_MILLI + sub);
            prop_assert_eq!(widen(at as u32, arrival), Some(MonoNanos::from_millis(at)));
        }

        #[test]
        fn no_time_is_later_than_its_arrival(server in any::<u32>(), arrival in 0_u64..1 << 60) {
            let arrival = MonoNanos(arrival);
            prop_assert!(widen(server, arrival).is_none_or(|t| t <= arrival));
        }
    }
}

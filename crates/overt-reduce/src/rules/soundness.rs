//! Rule 10: input that cannot be right has a reason of its own.

use overt_event::{MonoNanos, NANOS_PER_SEC, Point, RecordBody};

use crate::entry::Event;
use crate::fate::Fault;
use crate::screens::Screens;

/// The system's time of an event and its arrival lie milliseconds apart; seconds are a wrong clock.
const DELAY_SECS_MAX: u64 = 5;
/// Events arrive nearly in order. Coarsening moves one by 100 ms; a second back is a wrong clock.
const BACK_SECS_MAX: u64 = 1;

/// Why an input event at a place, or at none, cannot be used, if it cannot. `latest` is the latest time of an input
/// before it.
pub(crate) fn fault_of(
    event: &Event,
    at: Option<Point>,
    latest: MonoNanos,
    screens: &Screens,
) -> Option<Fault> {
    let delay = event.arrival.since(event.time).max(event.time.since(event.arrival));
    let back = latest.since(event.time);
    if delay > DELAY_SECS_MAX * NANOS_PER_SEC || back > BACK_SECS_MAX * NANOS_PER_SEC {
        return Some(Fault::ClockJump);
    }
    match (screens.known(), screens.at(at?)) {
        (false, _) => Some(Fault::NoTopology),
        (true, None) => Some(Fault::OutsideDesktop),
        (true, Some(_)) => None,
    }
}

/// Where it was done; `None` for keys.
pub(crate) fn point_of(body: &RecordBody) -> Option<Point> {
    match body {
        RecordBody::PointerMove { at } | RecordBody::Button { at, .. } | RecordBody::Scroll { at, .. } => {
            Some(*at)
        }
        _ => None,
    }
}

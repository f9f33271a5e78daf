//! Rule 10: input that cannot be right has a reason of its own.

use overt_event::{MonoNanos, NANOS_PER_SEC, Point, RecordBody};

use crate::entry::Entry;
use crate::fate::Fault;
use crate::screens::Screens;

/// The system's time of an event and its arrival lie milliseconds apart; seconds are a wrong clock.
const DELAY_SECS_MAX: u64 = 5;
/// Events arrive nearly in order. Coarsening moves one by 100 ms; a second back is a wrong clock.
const BACK_SECS_MAX: u64 = 1;

/// Why an input event cannot be used, if it cannot. `latest` is the latest time of an input before it.
pub(crate) fn fault_of(entry: &Entry, latest: MonoNanos, screens: &Screens) -> Option<Fault> {
    let record = &entry.record;
    let delay = record.arrival.since(record.time).max(record.time.since(record.arrival));
    let back = latest.since(record.time);
    if delay > DELAY_SECS_MAX * NANOS_PER_SEC || back > BACK_SECS_MAX * NANOS_PER_SEC {
        return Some(Fault::ClockJump);
    }
    let at = point_of(&record.body)?;
    match (screens.known(), screens.at(at)) {
        (false, _) => Some(Fault::NoTopology),
        (true, None) => Some(Fault::OutsideDesktop),
        (true, Some(_)) => None,
    }
}

fn point_of(body: &RecordBody) -> Option<Point> {
    match body {
        RecordBody::PointerMove { at } | RecordBody::Button { at, .. } | RecordBody::Scroll { at, .. } => {
            Some(*at)
        }
        _ => None,
    }
}

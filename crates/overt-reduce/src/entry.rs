//! One record on its way into the reduction.

use std::sync::Arc;

use overt_event::{AppName, Frame, MonoNanos, Record, RecordBody, Seq};

use crate::fate::{Fault, Ignored};
use crate::rules::approach::Moment;
use crate::step::Step;

/// A record, its picture, and the segment that holds it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) record: Box<Record>,
    pub(crate) pixels: Option<Arc<Frame>>,
    pub(crate) segment: u32,
}

/// What rules need of an input event beside what was done.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) seq: Seq,
    pub(crate) time: MonoNanos,
    pub(crate) arrival: MonoNanos,
    pub(crate) injected: bool,
    pub(crate) app: Option<AppName>,
    pub(crate) segment: u32,
}

impl Event {
    pub(crate) fn moment(&self) -> Moment {
        Moment { time: self.time, segment: self.segment }
    }
}

impl Entry {
    pub(crate) fn event(&self) -> Event {
        let Record { seq, time, arrival, injected, ref app, .. } = *self.record;
        Event { seq, time, arrival, injected, app: app.clone(), segment: self.segment }
    }

    /// Whether it is an input event, which must end in exactly one place.
    pub(crate) fn is_input(&self) -> bool {
        matches!(
            self.record.body,
            RecordBody::PointerMove { .. }
                | RecordBody::Button { .. }
                | RecordBody::Scroll { .. }
                | RecordBody::Key(_)
                | RecordBody::Text { .. }
                | RecordBody::TextShape { .. }
        )
    }
}

/// What comes out, in order.
#[allow(dead_code, reason = "the tests follow every event by its number; the ledger only counts")]
pub(crate) enum Output {
    Step(Box<Step>),
    Ignored(Seq, Ignored),
    Error(Seq, Fault),
}

//! One record on its way into the reduction.

use std::sync::Arc;

use overt_event::{Frame, Record, RecordBody, Seq};

use crate::fate::{Fault, Ignored};
use crate::step::Step;

/// A record, its picture, and the segment that holds it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) record: Box<Record>,
    pub(crate) pixels: Option<Arc<Frame>>,
    pub(crate) segment: u32,
}

impl Entry {
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

//! What passed.

use std::sync::Arc;

use overt_event::{Frame, Record};

/// A record that may be kept, with its picture where it has one. Only this crate makes it.
///
/// It has no `Debug`: its content is for the sealed recording and nothing else.
pub struct Minimised {
    record: Record,
    pixels: Option<Arc<Frame>>,
}

impl Minimised {
    pub(crate) fn new(record: Record, pixels: Option<Arc<Frame>>) -> Self {
        Self { record, pixels }
    }

    /// The same once more, for a segment that begins later.
    pub fn repeated(&self) -> Self {
        Self { record: Record { repeated: true, ..self.record.clone() }, pixels: self.pixels.clone() }
    }

    /// What may be kept.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The picture of a [`overt_event::RecordBody::Frame`], as large as it says, everything filled
    /// that may not be seen. It shares its unchanged tiles with the picture before.
    pub fn pixels(&self) -> Option<&Arc<Frame>> {
        self.pixels.as_ref()
    }
}

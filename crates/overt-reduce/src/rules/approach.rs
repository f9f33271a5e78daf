//! Where an episode that nobody marked begins: with the input that leads to its first step.

use overt_event::{MonoNanos, NANOS_PER_MILLI};

/// The input so far without an idle span in it.
pub(crate) struct Approach {
    idle_millis_min: u64,
    begins: Moment,
    last: Option<MonoNanos>,
}

/// A time and the segment that tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) time: MonoNanos,
    pub(crate) segment: u32,
}

impl Approach {
    pub(crate) fn new(idle_millis_min: u64) -> Self {
        Self { idle_millis_min, begins: Moment::default(), last: None }
    }

    /// An input event came.
    pub(crate) fn input(&mut self, at: Moment) {
        self.begins = self.leading_to(at);
        self.last = self.last.max(Some(at.time));
    }

    /// The first event of what led to that moment; the moment itself where nothing did.
    pub(crate) fn leading_to(&self, at: Moment) -> Moment {
        let limit = self.idle_millis_min * NANOS_PER_MILLI;
        if self.last.is_some_and(|last| at.time.since(last) <= limit) { self.begins } else { at }
    }
}

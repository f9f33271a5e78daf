//! Where an episode that nobody marked begins: with the input that leads to its first step.

use overt_event::{MonoNanos, NANOS_PER_MILLI};

/// The input so far without an idle span in it.
pub(crate) struct Approach {
    idle_millis_min: u64,
    since: MonoNanos,
    last: Option<MonoNanos>,
}

impl Approach {
    pub(crate) fn new(idle_millis_min: u64) -> Self {
        Self { idle_millis_min, since: MonoNanos(0), last: None }
    }

    /// An input event came.
    pub(crate) fn input(&mut self, t: MonoNanos) {
        let limit = self.idle_millis_min * NANOS_PER_MILLI;
        if self.last.is_none_or(|last| t.since(last) > limit) {
            self.since = t;
        }
        self.last = self.last.max(Some(t));
    }

    /// Its first event.
    pub(crate) fn since(&self) -> MonoNanos {
        self.since
    }
}

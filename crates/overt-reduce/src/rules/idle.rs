//! Rule 9: spans without input and without visual change are marked, and never added up per person.

use overt_event::{MonoNanos, NANOS_PER_MILLI};

/// Gathers idle spans until the next action takes them.
pub(crate) struct Idle {
    min_millis: u64,
    last: Option<MonoNanos>,
    gathered_millis: u64,
}

impl Idle {
    pub(crate) fn new(min_millis: u64) -> Self {
        Self { min_millis, last: None, gathered_millis: 0 }
    }

    /// Something happened: an input, or a change of the picture.
    pub(crate) fn stir(&mut self, t: MonoNanos) {
        let millis = self.last.map_or(0, |last| t.since(last) / NANOS_PER_MILLI);
        if millis > self.min_millis {
            self.gathered_millis += millis;
        }
        self.last = self.last.max(Some(t));
    }

    /// Idle milliseconds since the last action.
    pub(crate) fn before_action(&self) -> u64 {
        self.gathered_millis
    }

    /// An action began.
    pub(crate) fn take(&mut self) {
        self.gathered_millis = 0;
    }
}

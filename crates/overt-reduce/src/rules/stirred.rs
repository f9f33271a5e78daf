//! Rule 2: whether what was shown is still there.

use overt_event::{MonoNanos, RecordBody};

/// When something last happened by which what is shown can become something else.
#[derive(Default)]
pub(crate) struct Stirred {
    begun: MonoNanos,
    after: MonoNanos,
}

#[derive(Clone, Copy)]
pub(crate) enum Stirring {
    /// A press, a wheel's notch, a key, text.
    Begins,
    /// A release, or something that unfolded. A popup that is open by then stays what it is.
    After,
}

impl Stirring {
    /// What an input event stirs; `None` for the pointer's moves.
    pub(crate) fn of(input: &RecordBody) -> Option<Self> {
        match input {
            RecordBody::PointerMove { .. } => None,
            RecordBody::Button { down: false, .. } => Some(Self::After),
            RecordBody::Key(key) if !key.down => Some(Self::After),
            _ => Some(Self::Begins),
        }
    }
}

impl Stirred {
    pub(crate) fn stir(&mut self, by: Stirring, t: MonoNanos) {
        let last = match by {
            Stirring::Begins => &mut self.begun,
            Stirring::After => &mut self.after,
        };
        *last = t.max(*last);
    }

    /// When what is in a window last may have changed.
    pub(crate) fn last(&self, in_popup: bool) -> MonoNanos {
        if in_popup { self.begun } else { self.begun.max(self.after) }
    }
}

//! Where every input event ends: one action, `ignored` or `error`. The counts are published.

use std::collections::BTreeMap;

/// Why an input event is no part of an action although nothing is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ignored {
    /// The pointer was on its way.
    Travel,
    /// A modifier that modified nothing.
    LoneModifier,
    /// A release long after its action had been closed.
    LateRelease,
    /// A notch of nothing.
    EmptyScroll,
}

/// Why an input event cannot be part of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    UnmatchedPress,
    UnmatchedRelease,
    /// The place lies on no monitor.
    OutsideDesktop,
    /// The arrangement of monitors is not known.
    NoTopology,
    /// The monitors changed while a button was held.
    DisplayChanged,
    /// Recording was paused, denied, locked or lost while a button was held.
    Interrupted,
    /// Its time and its arrival, or its time and its neighbours', do not fit.
    ClockJump,
    /// The recorder bound it to a frame whose grab had not ended when it began.
    FrameAfterAction,
}

impl Ignored {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Travel => "travel",
            Self::LoneModifier => "lone_modifier",
            Self::LateRelease => "late_release",
            Self::EmptyScroll => "empty_scroll",
        }
    }
}

impl Fault {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnmatchedPress => "unmatched_press",
            Self::UnmatchedRelease => "unmatched_release",
            Self::OutsideDesktop => "outside_desktop",
            Self::NoTopology => "no_topology",
            Self::DisplayChanged => "display_changed",
            Self::Interrupted => "interrupted",
            Self::ClockJump => "clock_jump",
            Self::FrameAfterAction => "frame_after_action",
        }
    }
}

/// How many input events ended where, and what the recording lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Input events read. Equals `in_actions` plus the sums of `ignored` and `errors`.
    pub inputs: u64,
    pub in_actions: u64,
    pub ignored: BTreeMap<Ignored, u64>,
    pub errors: BTreeMap<Fault, u64>,
    /// Gaps by their kind: paused, held, forgotten, denied_RULE, lost, unanswered, locked, suspended, source_gone, and
    /// erased where a segment is gone.
    pub gaps: BTreeMap<String, u64>,
    /// How often the wall clock was set, or the machine slept, while it was recorded.
    pub clock_jumps: u64,
    /// Events that the recorder counted as lost.
    pub lost_events: u64,
    /// Frames read, and of them those with parts filled solid.
    pub frames: u64,
    pub frames_filled: u64,
}

impl Ledger {
    /// Input events that ended somewhere.
    pub fn accounted(&self) -> u64 {
        self.in_actions + self.ignored.values().sum::<u64>() + self.errors.values().sum::<u64>()
    }

    /// Whether every input event ended exactly once.
    pub fn is_balanced(&self) -> bool {
        self.inputs == self.accounted()
    }
}

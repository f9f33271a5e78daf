//! How much the recorder takes, and why it takes less than was agreed.

use serde::{Deserialize, Serialize};

/// How much the recorder takes. The order is from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// What the agreement's cadence says.
    Full,
    /// The same, with at most so many looks at the screen a second; 1 or more.
    Slow { frames_per_sec: u32 },
    /// One look at the screen a second, and only the pictures before and after an input.
    AroundInputs,
    /// Nothing.
    Held,
}

/// Which part of the agreement's budget says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaceReason {
    /// Nothing is over the budget.
    WithinBudget,
    /// The recorder takes more of the processor than was agreed.
    Processor,
    /// So much was written on this day already.
    DayVolume,
    /// The machine runs on its battery.
    Battery,
    /// The network is metered.
    Metered,
}

/// The recorder takes more or less from here on. It says nothing of what anyone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PaceChange {
    pub pace: Pace,
    pub why: PaceReason,
}

impl PaceChange {
    /// What a recording begins with.
    pub const FULL: Self = Self { pace: Pace::Full, why: PaceReason::WithinBudget };
}

//! When pictures of the screen are taken.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::AgreementError;
use crate::agreement::require;

/// Pictures a second, at most.
const FRAMES_PER_SEC_MAX: u32 = 30;
/// Seconds between two pictures on a timer, at most.
const PERIODIC_SECS_MAX: u32 = 3_600;

/// When pictures of the screen are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Cadence {
    /// When something changed, up to 1..=30 times a second. Those before and after an action come out of
    /// their turn, and the next one in turn waits as much longer.
    OnChange { frames_per_sec: u32 },
    /// Before and after each action only.
    OnAction,
    /// One every 1..=3600 seconds while an agreed application is in use.
    Periodic { secs: u32 },
    /// Never.
    None,
}

impl Cadence {
    pub(crate) fn check(self) -> Result<(), AgreementError> {
        match self {
            Self::OnChange { frames_per_sec: n } => {
                require((1..=FRAMES_PER_SEC_MAX).contains(&n), "cadence.frames_per_sec", "is not in 1..30")
            }
            Self::Periodic { secs: n } => {
                require((1..=PERIODIC_SECS_MAX).contains(&n), "cadence.secs", "is not in 1..3600")
            }
            Self::OnAction | Self::None => Ok(()),
        }
    }

    /// The most that both allow. A timer and a cadence that follows the work have nothing in common
    /// but no pictures at all.
    pub fn meet(self, other: Self) -> Self {
        use Cadence::{None, OnAction, OnChange, Periodic};
        match (self, other) {
            (OnChange { frames_per_sec: a }, OnChange { frames_per_sec: b }) => {
                OnChange { frames_per_sec: a.min(b) }
            }
            (OnAction, OnChange { .. } | OnAction) | (OnChange { .. }, OnAction) => OnAction,
            (Periodic { secs: a }, Periodic { secs: b }) => Periodic { secs: a.max(b) },
            (None, _) | (_, None) | (Periodic { .. }, _) | (_, Periodic { .. }) => None,
        }
    }
}

impl fmt::Display for Cadence {
    /// As public files name it, such as `on_action` or `on_change 10/s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnChange { frames_per_sec } => write!(f, "on_change {frames_per_sec}/s"),
            Self::OnAction => write!(f, "on_action"),
            Self::Periodic { secs } => write!(f, "periodic {secs} s"),
            Self::None => write!(f, "none"),
        }
    }
}

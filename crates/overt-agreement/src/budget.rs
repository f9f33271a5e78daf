//! What recording may cost the person's machine.

use serde::{Deserialize, Serialize};

use crate::AgreementError;
use crate::agreement::require;

/// Megabytes a day, at most: about a day of film at 1920x1080.
const MB_PER_DAY_MAX: u32 = 500_000;

/// What the recorder keeps within (docs/spec/agreement.md, section 2). What is not written is the
/// choice that costs the person least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Processor time, in percent of one core: 1..=100.
    pub cpu_percent: u32,
    /// Sealed megabytes (10^6 bytes) a day: 1..=500000.
    pub mb_per_day: u32,
    /// Whether it records while the machine runs on its battery.
    pub on_battery: bool,
    /// Whether it records while the network is metered.
    pub on_metered: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { cpu_percent: 20, mb_per_day: 1_000, on_battery: false, on_metered: false }
    }
}

impl Budget {
    pub(crate) fn check(self) -> Result<(), AgreementError> {
        require((1..=100).contains(&self.cpu_percent), "budget.cpu_percent", "is not in 1..100")?;
        require((1..=MB_PER_DAY_MAX).contains(&self.mb_per_day), "budget.mb_per_day", "is not in 1..500000")
    }
}

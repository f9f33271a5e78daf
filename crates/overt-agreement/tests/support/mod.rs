//! An agreement that parses, and ways to sign it.
#![allow(dead_code, reason = "each test file uses its own part")]

use overt_agreement::{Consent, ConsentedApp, PartyKey, VerifiedAgreement, verify};
use overt_event::{AppName, Day, KeyId, Level, WallTime};

/// 2026-11-22.
pub(crate) const TODAY: Day = Day(20_779);

pub(crate) fn noon(day: Day) -> WallTime {
    WallTime(i64::from(day.0) * 86_400 + 43_200)
}

pub(crate) fn text(key: &PartyKey) -> String {
    format!(
        r#"title = "Trial"
version = 1
jurisdiction = "DE"
lawful_basis = "consent and works agreement"
assessment = "DPIA 14"
starts = 2026-11-01
ends = 2026-12-31
purposes = ["train-agents"]
cadence = {{ on_change = {{ frames_per_sec = 5 }} }}

[[parties]]
name = "Works council"
key = "{}"

[[applications]]
name = "editor"
exe = ["/usr/bin/mousepad"]
class = ["Mousepad"]
level = "full"

[[applications]]
name = "files"
exe = ["/usr/bin/pcmanfm", "/usr/local/bin/pcmanfm"]
class = ["Pcmanfm"]
level = "structure"
kinds = ["desktop"]
"#,
        key.public()
    )
}

pub(crate) fn key() -> PartyKey {
    PartyKey::generate("council").expect("random bytes")
}

pub(crate) fn verified(text: &str, key: &PartyKey) -> VerifiedAgreement {
    verify(&key.sign(text).expect("it signs"), &[key.public()]).expect("it counts")
}

pub(crate) fn consent(to: &VerifiedAgreement, apps: &[(&str, Level)]) -> Consent {
    let app = |(name, level): &(&str, Level)| ConsentedApp { name: AppName((*name).into()), level: *level };
    Consent {
        agreement: to.digest(),
        contributor: KeyId([7; 16]),
        given: TODAY,
        withdrawn: false,
        applications: apps.iter().map(app).collect(),
    }
}

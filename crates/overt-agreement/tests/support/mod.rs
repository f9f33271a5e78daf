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
jurisdiction = "none"
lawful_basis = "consent"
assessment = "DPIA 14"
starts = 2026-11-01
ends = 2026-12-31
purposes = ["train-agents"]
cadence = {{ on_change = {{ frames_per_sec = 5 }} }}

[[parties]]
name = "Kim"
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

/// Numbers that are the same in every run (splitmix64).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(crate) fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

//! What the law of a jurisdiction asks of an agreement, as data with its sources. Not legal advice.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{Agreement, AgreementError, Cadence, Layer, LayerOf, Limits, Party, Role};

/// Whose law applies. The list is closed: of another place it is not known what its law asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Jurisdiction {
    /// Nobody works for anybody: a person alone who records themselves.
    #[serde(rename = "none")]
    Nobody,
    /// The European Union, where no country below is written.
    #[serde(rename = "EU")]
    Eu,
    #[serde(rename = "DE")]
    Germany,
    #[serde(rename = "FR")]
    France,
    #[serde(rename = "IT")]
    Italy,
    #[serde(rename = "UK")]
    UnitedKingdom,
    #[serde(rename = "US-NY")]
    NewYork,
    #[serde(rename = "US-CA")]
    California,
}

/// One rule of law and what it asks of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Such as `GDPR 35(9)`.
    pub rule: String,
    /// What it says, in one sentence.
    pub says: String,
    /// Where that can be read.
    pub source: String,
    pub needs: Needs,
}

/// What a rule asks. The list is closed, so that each can be checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// A party of one of these roles is named, and signed.
    SignatureOf(Vec<Role>),
    /// Such a signature, or a permit.
    SignatureOrPermit(Vec<Role>),
    /// No party of another role.
    OnlyParties(Vec<Role>),
    /// The impact assessment is named with its digest, `sha256:` and 64 hexadecimal digits.
    AssessmentDigest,
    /// It is written where people's views, or their representatives', stand.
    Consultation,
    /// It is written whom to ask and to complain to.
    Contact,
    /// It is written how long recordings are kept.
    Retention,
    /// The lawful basis names one of these.
    BasisNames(Vec<String>),
    /// The lawful basis is more than consent.
    BasisBeyondConsent,
    /// No pictures on a timer.
    NoTimer,
    /// Whoever widens waits so many days.
    WaitingDays(u32),
    /// It ends after so many days at the latest.
    DaysAtMost(u32),
    /// The software keeps it whatever is written; this is how.
    KeptBy(String),
}

/// The rules of one jurisdiction, those it shares with others first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: String,
    #[serde(default)]
    includes: Vec<Jurisdiction>,
    /// What it takes away from any agreement.
    #[serde(default)]
    limits: Limits,
    rules: Vec<Rule>,
}

/// A rule that an agreement does not meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failing {
    pub rule: String,
    pub says: String,
    pub source: String,
    /// What to do.
    pub missing: String,
}

static PACKS: LazyLock<Vec<(Jurisdiction, Pack)>> = LazyLock::new(|| {
    let read = |(jurisdiction, text)| {
        let pack = toml::from_str(text);
        // The texts are built in, and a test reads them.
        (jurisdiction, pack.unwrap_or_else(|e| panic!("a built-in law pack does not read: {e}")))
    };
    TEXTS.into_iter().map(read).collect()
});

const TEXTS: [(Jurisdiction, &str); 8] = [
    (Jurisdiction::Nobody, include_str!("none.toml")),
    (Jurisdiction::Eu, include_str!("eu.toml")),
    (Jurisdiction::Germany, include_str!("de.toml")),
    (Jurisdiction::France, include_str!("fr.toml")),
    (Jurisdiction::Italy, include_str!("it.toml")),
    (Jurisdiction::UnitedKingdom, include_str!("uk.toml")),
    (Jurisdiction::NewYork, include_str!("us-ny.toml")),
    (Jurisdiction::California, include_str!("us-ca.toml")),
];

impl Jurisdiction {
    /// All that there are.
    pub const ALL: [Self; 8] = [
        Self::Nobody,
        Self::Eu,
        Self::Germany,
        Self::France,
        Self::Italy,
        Self::UnitedKingdom,
        Self::NewYork,
        Self::California,
    ];

    /// As an agreement writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::Eu => "EU",
            Self::Germany => "DE",
            Self::France => "FR",
            Self::Italy => "IT",
            Self::UnitedKingdom => "UK",
            Self::NewYork => "US-NY",
            Self::California => "US-CA",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        &self.pack().name
    }

    fn pack(self) -> &'static Pack {
        let found = PACKS.iter().find(|(j, _)| *j == self);
        // Every jurisdiction has its line above, and a test asks for all of them.
        &found.unwrap_or(&PACKS[0]).1
    }

    /// Its rules, those of the packs it includes first.
    pub fn rules(self) -> Vec<&'static Rule> {
        let pack = self.pack();
        let shared = pack.includes.iter().flat_map(|j| j.rules());
        shared.chain(&pack.rules).collect()
    }

    /// What it takes away from any agreement.
    pub(crate) fn layers(self) -> Vec<Layer> {
        let pack = self.pack();
        let own = Layer::new(LayerOf::Law, pack.limits.clone()).ok();
        pack.includes.iter().flat_map(|j| j.layers()).chain(own).collect()
    }

    /// The rules that a text with these signatures does not meet.
    pub fn failing(self, agreement: &Agreement, signers: &[Party]) -> Vec<Failing> {
        let failing = |r: &&'static Rule| {
            let missing = r.needs.missing(agreement, signers)?;
            Some(Failing { rule: r.rule.clone(), says: r.says.clone(), source: r.source.clone(), missing })
        };
        self.rules().iter().filter_map(failing).collect()
    }

    /// Errors: [`AgreementError::Law`], with the first rule that fails.
    pub(crate) fn check(self, agreement: &Agreement, signers: &[Party]) -> Result<(), AgreementError> {
        let failing = self.failing(agreement, signers);
        let Some(first) = failing.first() else { return Ok(()) };
        let words = format!("{} is not met: {} ({})", first.rule, first.missing, first.source);
        Err(AgreementError::Law { jurisdiction: self, failed: failing.len(), first: words })
    }
}

impl Needs {
    /// What an agreement lacks; `None` when it meets the rule.
    fn missing(&self, agreement: &Agreement, signers: &[Party]) -> Option<String> {
        let (met, missing) = match self {
            Self::SignatureOf(roles) => {
                (signed(signers, roles), format!("it needs the signature of {}", any_of(roles)))
            }
            Self::SignatureOrPermit(roles) => (
                signed(signers, roles) || agreement.permit().is_some(),
                format!("it needs the signature of {} or a \"permit\"", any_of(roles)),
            ),
            Self::OnlyParties(roles) => (
                agreement.parties().iter().all(|p| roles.contains(&p.role())),
                format!("it has a party that is not {}", any_of(roles)),
            ),
            Self::AssessmentDigest => (
                names_digest(agreement.assessment()),
                "\"assessment\" needs the digest sha256:... of the assessment".into(),
            ),
            Self::Consultation => (agreement.consultation().is_some(), "it needs \"consultation\"".into()),
            Self::Contact => (agreement.contact().is_some(), "it needs \"contact\"".into()),
            Self::Retention => (agreement.retention_days().is_some(), "it needs \"retention_days\"".into()),
            Self::BasisNames(bases) => (
                bases.iter().any(|b| agreement.lawful_basis().to_lowercase().contains(b.as_str())),
                format!("\"lawful_basis\" names none of: {}", bases.join(", ")),
            ),
            Self::BasisBeyondConsent => (
                agreement.lawful_basis().trim().to_lowercase() != "consent",
                "\"lawful_basis\" is consent alone".into(),
            ),
            Self::NoTimer => {
                (!matches!(agreement.cadence(), Cadence::Periodic { .. }), "\"cadence\" is a timer".into())
            }
            Self::WaitingDays(days) => {
                (agreement.waiting_days() >= *days, format!("\"waiting_days\" is less than {days}"))
            }
            Self::DaysAtMost(days) => (
                i64::from(agreement.ends().0) - i64::from(agreement.starts().0) < i64::from(*days),
                format!("it is in force for more than {days} days"),
            ),
            Self::KeptBy(_) => (true, String::new()),
        };
        (!met).then_some(missing)
    }
}

fn signed(signers: &[Party], roles: &[Role]) -> bool {
    signers.iter().any(|p| roles.contains(&p.role()))
}

fn any_of(roles: &[Role]) -> String {
    roles.iter().map(|r| r.words()).collect::<Vec<_>>().join(" or ")
}

fn names_digest(text: &str) -> bool {
    let digits = |s: &str| s.len() >= 64 && s.bytes().take(64).all(|b| b.is_ascii_hexdigit());
    text.split("sha256:").skip(1).any(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_reads_and_names_a_source_for_every_rule() {
        for jurisdiction in Jurisdiction::ALL {
            assert!(PACKS.iter().any(|(j, _)| *j == jurisdiction), "{}", jurisdiction.code());
            assert!(!jurisdiction.name().is_empty() && !jurisdiction.rules().is_empty());
            for rule in jurisdiction.rules() {
                assert!(
                    rule.source.starts_with("https://") || rule.source.starts_with("http://"),
                    "{}",
                    rule.rule
                );
                assert!(rule.says.ends_with('.'), "{}", rule.rule);
            }
            let own = Layer::new(LayerOf::Law, jurisdiction.pack().limits.clone());
            assert!(own.is_ok(), "{}", jurisdiction.code());
        }
    }
}

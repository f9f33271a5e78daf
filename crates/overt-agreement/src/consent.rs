//! What one person opted in to.

use overt_event::{AppName, Day, KeyId, Level};
use serde::{Deserialize, Serialize};

use crate::agreement::{all_distinct, digest, require, syntax};
use crate::{AgreementError, day};

/// Days for which a consent counts; then the person is asked again.
pub(crate) const CONSENT_DAYS: i32 = 90;

/// One person's answer to one agreement (docs/spec/agreement.md, section 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The digest of the agreement it answers.
    #[serde(with = "hex_digest")]
    pub agreement: [u8; 32],
    /// The person, by the id of their key.
    pub contributor: KeyId,
    /// The day from which it counts, in UTC.
    #[serde(with = "day::as_toml")]
    pub given: Day,
    /// Taken back: nothing may be recorded under it.
    #[serde(default)]
    pub withdrawn: bool,
    /// What they opted in to; no name twice.
    #[serde(default)]
    pub applications: Vec<ConsentedApp>,
}

/// An application the person opted in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentedApp {
    /// As the agreement names it.
    pub name: AppName,
    /// How much, at most; the agreement's level counts where it is lower.
    pub level: Level,
}

impl Consent {
    /// Reads a consent.
    ///
    /// Errors: [`AgreementError::Syntax`], [`AgreementError::Field`] when an application is named twice.
    pub fn parse(text: &str) -> Result<Self, AgreementError> {
        let consent: Self = toml::from_str(text).map_err(|e| syntax(text, &e))?;
        require(
            all_distinct(consent.applications.iter().map(|a| &a.name)),
            "applications.name",
            "is there twice",
        )?;
        Ok(consent)
    }

    /// The text that [`Consent::parse`] reads; the same consent always gives the same text.
    ///
    /// Errors: [`AgreementError::Field`] for a day outside the years 0 to 9999.
    pub fn to_toml(&self) -> Result<String, AgreementError> {
        toml::to_string(self)
            .map_err(|_| AgreementError::Field { field: "given", problem: "is a day outside the calendar" })
    }

    /// SHA-256 of [`Consent::to_toml`].
    ///
    /// Errors: as there.
    pub fn digest(&self) -> Result<[u8; 32], AgreementError> {
        Ok(digest(&self.to_toml()?))
    }

    /// The last day on which it counts, in UTC.
    pub fn last_day(&self) -> Day {
        Day(self.given.0.saturating_add(CONSENT_DAYS - 1))
    }

    /// The level they opted in to; `None` when they did not.
    pub fn level(&self, name: &AppName) -> Option<Level> {
        self.applications.iter().find(|a| &a.name == name).map(|a| a.level)
    }
}

pub(crate) mod hex_digest {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(digest: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&overt_event::hex_from_bytes(digest))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(from)?;
        let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = lower.then(|| hex::decode(&text).ok()).flatten().and_then(|b| b.try_into().ok());
        bytes.ok_or_else(|| de::Error::custom("expected 64 lower-case hexadecimal digits"))
    }
}

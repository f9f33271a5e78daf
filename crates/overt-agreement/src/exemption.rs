//! A person asks not to be recorded for a time. From that moment they are not, until it is decided.

use overt_event::Day;
use serde::{Deserialize, Serialize};

use crate::agreement::{digest, require, syntax};
use crate::consent::hex_digest;
use crate::note::Note;
use crate::verified::signed_by;
use crate::{AgreementError, Party, PartyKey, VerifiedAgreement, day};

/// Why somebody asks. They need not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExemptionReason {
    SensitiveWork,
    Bandwidth,
    Disability,
    NoReason,
}

/// What is asked for. Its text is what the parties see of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExemptionRequest {
    /// The digest of the agreement.
    #[serde(with = "hex_digest")]
    pub agreement: [u8; 32],
    #[serde(with = "day::as_toml")]
    pub asked: Day,
    pub reason: ExemptionReason,
    /// The last day that is asked for; without one, as long as the agreement.
    #[serde(default, with = "day::as_optional_toml", skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// It was refused once, and is asked again of all parties.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub appeal: bool,
}

/// A party's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExemptionDecision {
    /// The digest of the request.
    #[serde(with = "hex_digest")]
    pub decides: [u8; 32],
    #[serde(with = "day::as_toml")]
    pub decided: Day,
    /// The last day of the exemption; `None` when it is refused.
    #[serde(default, with = "day::as_optional_toml", skip_serializing_if = "Option::is_none")]
    pub granted_until: Option<Day>,
    /// Why it is refused; empty when it is granted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
}

/// A request and what became of it, as the person keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    request: ExemptionRequest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<ExemptionDecision>,
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExemptionState {
    /// Asked, and not yet decided: nothing is recorded.
    Asked,
    /// Nothing is recorded until the day is over.
    Granted { until: Day },
    /// It can be appealed.
    Refused,
    /// Appealed, and not yet decided: nothing is recorded.
    Appealed,
    /// Refused again. Consent can be withdrawn at any time all the same.
    RefusedFinally,
}

impl ExemptionRequest {
    /// The text that is handed to the parties.
    ///
    /// Errors: [`AgreementError::Field`] for a day outside the years 0 to 9999.
    pub fn to_toml(&self) -> Result<String, AgreementError> {
        let wrong = AgreementError::Field { field: "until", problem: "is a day outside the calendar" };
        toml::to_string(self).map_err(|_| wrong)
    }

    /// Reads a request.
    ///
    /// Errors: [`AgreementError::Syntax`].
    pub fn parse(text: &str) -> Result<Self, AgreementError> {
        toml::from_str(text).map_err(|e| syntax(text, &e))
    }

    /// A party's signed answer: granted until a day, or refused because of something.
    ///
    /// Errors: [`AgreementError::Field`] for a refusal without a reason or a term that is over.
    pub fn decide(
        &self,
        answer: Result<Day, &str>,
        decided: Day,
        key: &PartyKey,
    ) -> Result<String, AgreementError> {
        let because: String = answer.err().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
        require(answer.is_ok() || !because.trim().is_empty(), "because", "is empty")?;
        require(answer.is_ok_and(|d| d >= decided) || answer.is_err(), "granted_until", "is over")?;
        let decides = digest(&self.to_toml()?);
        let decision = ExemptionDecision { decides, decided, granted_until: answer.ok(), because };
        let wrong =
            AgreementError::Field { field: "granted_until", problem: "is a day outside the calendar" };
        key.sign_note(&toml::to_string(&decision).map_err(|_| wrong)?)
    }
}

impl Exemption {
    /// What counts from the moment it is asked.
    pub fn ask(request: ExemptionRequest) -> Self {
        Self { request: ExemptionRequest { appeal: false, ..request }, decision: None }
    }

    /// Reads what [`Exemption::to_toml`] wrote.
    ///
    /// Errors: [`AgreementError::Syntax`].
    pub fn parse(text: &str) -> Result<Self, AgreementError> {
        toml::from_str(text).map_err(|e| syntax(text, &e))
    }

    /// For the person's own folder.
    ///
    /// Errors: [`AgreementError::Field`] for a day outside the years 0 to 9999.
    pub fn to_toml(&self) -> Result<String, AgreementError> {
        let wrong = AgreementError::Field { field: "until", problem: "is a day outside the calendar" };
        toml::to_string(self).map_err(|_| wrong)
    }

    /// What is asked for.
    pub fn request(&self) -> &ExemptionRequest {
        &self.request
    }

    /// The answer, once there is one.
    pub fn decision(&self) -> Option<&ExemptionDecision> {
        self.decision.as_ref()
    }

    /// How it stands.
    pub fn state(&self) -> ExemptionState {
        match (&self.decision, self.request.appeal) {
            (None, false) => ExemptionState::Asked,
            (None, true) => ExemptionState::Appealed,
            (Some(ExemptionDecision { granted_until: Some(until), .. }), _) => {
                ExemptionState::Granted { until: *until }
            }
            (Some(_), false) => ExemptionState::Refused,
            (Some(_), true) => ExemptionState::RefusedFinally,
        }
    }

    /// The first and the last day on which nothing is recorded because of it.
    pub fn days(&self) -> Option<(Day, Day)> {
        let asked = self.request.asked;
        match self.state() {
            ExemptionState::Asked | ExemptionState::Appealed => {
                Some((asked, self.request.until.unwrap_or(Day(i32::MAX))))
            }
            ExemptionState::Granted { until } => Some((asked, until)),
            ExemptionState::Refused | ExemptionState::RefusedFinally => None,
        }
    }

    /// Takes in a party's answer. An appeal is decided by all parties together.
    ///
    /// Errors: [`AgreementError::Field`] for an answer to another request or when there is one
    /// already, [`AgreementError::NotSigned`], [`AgreementError::TooFewSigned`],
    /// [`AgreementError::WrongSignature`].
    pub fn take(&mut self, signed_text: &str, agreement: &VerifiedAgreement) -> Result<(), AgreementError> {
        require(self.decision.is_none(), "decides", "names a request that was decided")?;
        let note = Note::parse(signed_text)?;
        let decision: ExemptionDecision = toml::from_str(note.text).map_err(|e| syntax(note.text, &e))?;
        let ours = decision.decides == digest(&self.request.to_toml()?);
        require(ours && self.request.agreement == agreement.digest(), "decides", "names another request")?;
        let parties = agreement.agreement().parties();
        let lines = note.signatures.iter();
        let by = lines.filter_map(|s| signed_by(note.text, s, parties, Party::key).transpose());
        let by: Vec<Party> = by.map(|p| p.cloned()).collect::<Result<_, _>>()?;
        if by.is_empty() {
            return Err(AgreementError::NotSigned);
        }
        let missing = crate::verified::missing(agreement.agreement(), &by);
        if self.request.appeal && !missing.is_empty() {
            let needed = parties.len();
            return Err(AgreementError::TooFewSigned { got: needed - missing.len(), needed, missing });
        }
        self.decision = Some(decision);
        Ok(())
    }

    /// Asks again after a refusal, of all parties. From that day it counts once more.
    ///
    /// Errors: [`AgreementError::Field`] where there is no first refusal.
    pub fn appeal(&mut self, today: Day) -> Result<(), AgreementError> {
        require(self.state() == ExemptionState::Refused, "appeal", "needs a first refusal")?;
        self.request = ExemptionRequest { asked: today, appeal: true, ..self.request.clone() };
        self.decision = None;
        Ok(())
    }

    /// One more party's signature under an answer that is signed already.
    ///
    /// Errors: those of a text that does not read.
    pub fn countersign(signed_text: &str, key: &PartyKey) -> Result<String, AgreementError> {
        key.sign_note(signed_text)
    }
}

//! What a workstation has seen of its agreements, so that no older or wider one slips in.

use overt_event::{Day, WallTime};
use serde::{Deserialize, Serialize};

use crate::agreement::{digest, syntax};
use crate::note::Note;
use crate::verified::missing;
use crate::{
    Agreement, AgreementError, Narrowing, PartyPublic, TermsError, VerifiedAgreement, day, verify,
    who_signed, widens,
};

/// Days by which a clock may be behind what was seen before it is taken to be wrong.
const CLOCK_BACK_DAYS_MAX: i32 = 1;
/// Seconds by which a clock may go back while something is recorded.
const CLOCK_BACK_SECS_MAX: i64 = 3_600;

/// The memory of one workstation. It lies beside the trusted keys: who can rewrite the one can
/// rewrite the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Memory {
    /// The latest day on which an agreement was used here.
    #[serde(with = "day::as_optional_toml", skip_serializing_if = "Option::is_none")]
    latest: Option<Day>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    narrowings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agreements: Vec<Remembered>,
}

/// The highest version of one title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    /// The first day on which it counts here.
    #[serde(with = "day::as_toml")]
    counts_from: Day,
    /// With its signatures.
    text: String,
    /// The version before, which counts as long as this one waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

impl Remembered {
    fn is(text: &str, verified: &VerifiedAgreement) -> Result<bool, AgreementError> {
        Ok(digest(Note::parse(text)?.text) == verified.digest())
    }

    /// The version that counts on that day.
    fn counting(&self, today: Day) -> Option<&String> {
        if today < self.counts_from { self.before.as_ref() } else { Some(&self.text) }
    }
}

/// Whether an agreement was already known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It was the highest version before, too.
    Before,
    /// It is the highest version from here on; the memory has to be stored.
    First,
}

impl Memory {
    /// Reads a memory; an empty text is an empty memory.
    ///
    /// Errors: [`AgreementError::Syntax`].
    pub fn parse(text: &str) -> Result<Self, AgreementError> {
        toml::from_str(text).map_err(|e| syntax(text, &e))
    }

    /// The text that [`Memory::parse`] reads.
    ///
    /// Errors: [`AgreementError::Field`] for a day outside the years 0 to 9999.
    pub fn to_toml(&self) -> Result<String, AgreementError> {
        let wrong = AgreementError::Field { field: "latest", problem: "is a day outside the calendar" };
        toml::to_string(self).map_err(|_| wrong)
    }

    /// [`verify`]s an agreement and compares it with what was seen of the same title.
    ///
    /// A lower version is refused; so is another text of the same version, and a wider one that not
    /// all parties of both versions signed. A wider one counts only after the waiting days of the
    /// version before it, which counts until then.
    ///
    /// Errors: those of [`verify`], [`AgreementError::RolledBack`], [`AgreementError::TwoAtOnce`],
    /// [`AgreementError::WidensUnsigned`].
    pub fn admit(
        &mut self,
        signed_text: &str,
        trusted: &[PartyPublic],
        today: Day,
    ) -> Result<(VerifiedAgreement, Seen), AgreementError> {
        let mut verified = verify(signed_text, trusted)?;
        let at = self.position(verified.agreement().title())?;
        let Some(at) = at else {
            let counts_from = verified.counts_from();
            self.agreements.push(Remembered { counts_from, text: signed_text.into(), before: None });
            return Ok((verified, Seen::First));
        };
        let known = &self.agreements[at];
        if Remembered::is(&known.text, &verified)? {
            verified.wait_until(known.counts_from);
            return Ok((verified, Seen::Before));
        }
        let counting = known.counting(today).cloned();
        if counting.as_deref().is_some_and(|text| Remembered::is(text, &verified).unwrap_or(false)) {
            return Ok((verified, Seen::Before));
        }
        // A later one does not shorten the wait of the one it follows.
        verified.wait_until(known.counts_from.max(self.first_day(known, &verified, today)?));
        let counts_from = verified.counts_from();
        self.agreements[at] = Remembered { counts_from, text: signed_text.into(), before: counting };
        Ok((verified, Seen::First))
    }

    /// The first day on which a version that follows the known one may count.
    fn first_day(
        &self,
        known: &Remembered,
        new: &VerifiedAgreement,
        today: Day,
    ) -> Result<Day, AgreementError> {
        let (before, _) = who_signed(&known.text)?;
        let known_digest = digest(Note::parse(&known.text)?.text);
        // Who signs the later version lifts the narrowings of the earlier, which is widening.
        let lifts = self.narrowings.iter().any(|n| Narrowing::narrows(n).is_ok_and(|d| d == known_digest));
        Ok(Day(today.0.saturating_add(may_follow(&before, new, lifts)?)))
    }

    fn position(&self, title: &str) -> Result<Option<usize>, AgreementError> {
        for (i, known) in self.agreements.iter().enumerate() {
            if who_signed(&known.text)?.0.title() == title {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }

    /// Keeps a narrowing of an agreement that was admitted. False when it was known.
    ///
    /// Errors: those of [`Narrowing::read`].
    pub fn narrow(
        &mut self,
        signed_text: &str,
        agreement: &VerifiedAgreement,
    ) -> Result<bool, AgreementError> {
        Narrowing::read(signed_text, agreement)?;
        let known = self.narrowings.iter().any(|n| n == signed_text);
        if !known {
            self.narrowings.push(signed_text.to_owned());
        }
        Ok(!known)
    }

    /// The narrowings of this agreement, oldest first.
    ///
    /// Errors: those of [`Narrowing::read`].
    pub fn narrowings(&self, agreement: &VerifiedAgreement) -> Result<Vec<Narrowing>, AgreementError> {
        let mut out = Vec::new();
        for text in &self.narrowings {
            if Narrowing::narrows(text)? == agreement.digest() {
                out.push(Narrowing::read(text, agreement)?);
            }
        }
        Ok(out)
    }

    /// Takes note of the day. True when it is later than any before, so that it has to be stored.
    ///
    /// Errors: [`TermsError::ClockWentBack`].
    pub fn note_day(&mut self, today: Day) -> Result<bool, TermsError> {
        let days = self.latest.map_or(0, |latest| latest.0.saturating_sub(today.0));
        if days > CLOCK_BACK_DAYS_MAX {
            return Err(TermsError::ClockWentBack { days });
        }
        let later = self.latest.is_none_or(|latest| today > latest);
        if later {
            self.latest = Some(today);
        }
        Ok(later)
    }
}

/// Whether the clock went back between two readings by more than a correction does.
pub fn clock_went_back(before: WallTime, now: WallTime) -> bool {
    before.0.saturating_sub(now.0) > CLOCK_BACK_SECS_MAX
}

/// Whether a version may follow another, and after how many days.
fn may_follow(before: &Agreement, new: &VerifiedAgreement, lifts: bool) -> Result<i32, AgreementError> {
    let (seen, got) = (before.version(), new.agreement().version());
    if got < seen {
        return Err(AgreementError::RolledBack { seen, got });
    }
    if got == seen {
        return Err(AgreementError::TwoAtOnce { version: got });
    }
    if !lifts && !widens(before, new.agreement()) {
        return Ok(0);
    }
    let mut absent = missing(new.agreement(), new.signers());
    absent.extend(missing(before, new.signers()));
    absent.dedup();
    if !absent.is_empty() {
        return Err(AgreementError::WidensUnsigned { seen, got, missing: absent });
    }
    Ok(i32::try_from(before.waiting_days()).unwrap_or(i32::MAX))
}

//! Agreement and consent together, and the one function that answers for them.

use std::collections::BTreeSet;

use overt_event::{
    AppIdentity, AppName, Day, DenyRule, KeyId, Level, Purpose, Verdict, WallTime, WindowKind,
};

use crate::agreement::digest;
use crate::{Agreement, Cadence, Consent, TermsError, VerifiedAgreement};

/// What may be recorded of one person, where, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    verified: VerifiedAgreement,
    contributor: KeyId,
    consent_digest: [u8; 32],
    /// The first day on which both count.
    starts: Day,
    /// One for each application of the agreement, in its order.
    levels: Vec<Option<Level>>,
}

/// An application that is recorded, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsApp {
    pub name: AppName,
    /// The lower of what agreement and consent say.
    pub level: Level,
}

/// A window about which a verdict is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Who it says, and the system confirms, that it belongs to.
    pub app: &'a AppIdentity,
    pub kind: WindowKind,
    /// One of the recorder's own.
    pub own: bool,
}

impl Terms {
    /// Terms that are in force at `now`.
    ///
    /// Errors: a [`TermsError`] for each way in which the two do not make terms.
    pub fn new(verified: VerifiedAgreement, consent: Consent, now: WallTime) -> Result<Self, TermsError> {
        let agreement = verified.agreement();
        check_days(agreement, &consent, now.day())?;
        check_consent(&verified, &consent)?;
        let levels = levels(agreement, &consent);
        let text = consent.to_toml();
        // `given` lies between two days that were read from a text, so it can be written as well.
        let consent_digest = digest(&text.map_err(|_| TermsError::OtherAgreement)?);
        let starts = agreement.starts().max(consent.given);
        Ok(Self { contributor: consent.contributor, consent_digest, starts, levels, verified })
    }

    /// Whether a window may be recorded, and at what level (docs/spec/agreement.md, section 4).
    ///
    /// Total, and the same for the same question. What is not named by both sides is denied.
    pub fn decide(&self, q: &Question<'_>, now: WallTime) -> Verdict {
        match self.allowed(q, now) {
            Ok((app, level)) => Verdict::Allow { app: app.clone(), level },
            Err(rule) => Verdict::Deny { rule },
        }
    }

    fn allowed(&self, q: &Question<'_>, now: WallTime) -> Result<(&AppName, Level), DenyRule> {
        if q.own {
            return Err(DenyRule::OwnWindow);
        }
        if !self.in_force(now) {
            return Err(DenyRule::NotInForce);
        }
        if q.app.exe.is_none() || (q.app.class.is_none() && q.kind != WindowKind::Popup) {
            return Err(DenyRule::AppUnknown);
        }
        self.lowest_that_fits(q)
    }

    fn lowest_that_fits(&self, q: &Question<'_>) -> Result<(&AppName, Level), DenyRule> {
        let mut lowest: Option<(&AppName, Level)> = None;
        for (app, level) in self.agreement().applications().iter().zip(&self.levels) {
            if app.fits(q.app, q.kind) {
                let level = level.ok_or(DenyRule::NotConsented)?;
                lowest = lowest.filter(|(_, l)| *l <= level).or(Some((&app.name, level)));
            }
        }
        lowest.ok_or(DenyRule::AppNotAgreed)
    }

    /// Whether anything may be recorded at this moment.
    pub fn in_force(&self, now: WallTime) -> bool {
        (self.starts..=self.agreement().ends()).contains(&now.day())
    }

    /// The agreement's text, read.
    pub fn agreement(&self) -> &Agreement {
        self.verified.agreement()
    }

    /// The agreement with who signed it.
    pub fn verified(&self) -> &VerifiedAgreement {
        &self.verified
    }

    /// When pictures are taken.
    pub fn cadence(&self) -> Cadence {
        self.agreement().cadence()
    }

    /// What the recording may be opened for.
    pub fn purposes(&self) -> &BTreeSet<Purpose> {
        self.agreement().purposes()
    }

    /// SHA-256 of the agreement's text.
    pub fn digest(&self) -> [u8; 32] {
        self.verified.digest()
    }

    /// SHA-256 of the consent's text.
    pub fn consent_digest(&self) -> [u8; 32] {
        self.consent_digest
    }

    /// The recorded person, by the id of their key.
    pub fn contributor(&self) -> KeyId {
        self.contributor
    }

    /// The highest level any application is recorded at.
    pub fn highest_level(&self) -> Level {
        self.levels.iter().flatten().copied().max().unwrap_or(Level::Structure)
    }

    /// What is recorded, in the agreement's order; never empty.
    pub fn applications(&self) -> Vec<TermsApp> {
        let named = self.agreement().applications().iter().zip(&self.levels);
        named.filter_map(|(a, l)| l.map(|level| TermsApp { name: a.name.clone(), level })).collect()
    }

    /// The first moment after the last day.
    pub fn ends(&self) -> WallTime {
        WallTime((i64::from(self.agreement().ends().0) + 1) * 86_400)
    }
}

fn check_days(agreement: &Agreement, consent: &Consent, today: Day) -> Result<(), TermsError> {
    let (starts, ends, given) = (agreement.starts(), agreement.ends(), consent.given);
    if today < starts {
        return Err(TermsError::NotBegun { starts, today });
    }
    if today > ends {
        return Err(TermsError::Ended { ends, today });
    }
    if today < given {
        return Err(TermsError::ConsentNotBegun { given, today });
    }
    Ok(())
}

fn check_consent(verified: &VerifiedAgreement, consent: &Consent) -> Result<(), TermsError> {
    if consent.agreement != verified.digest() {
        return Err(TermsError::OtherAgreement);
    }
    if consent.withdrawn {
        return Err(TermsError::Withdrawn);
    }
    if consent.applications.is_empty() {
        return Err(TermsError::NothingConsented);
    }
    let named = |name: &AppName| verified.agreement().applications().iter().any(|a| &a.name == name);
    match consent.applications.iter().find(|a| !named(&a.name)) {
        Some(wider) => Err(TermsError::WiderThanAgreement { app: wider.name.clone() }),
        None => Ok(()),
    }
}

fn levels(agreement: &Agreement, consent: &Consent) -> Vec<Option<Level>> {
    let level = |app: &crate::Application| consent.level(&app.name).map(|l| l.min(app.level));
    agreement.applications().iter().map(level).collect()
}

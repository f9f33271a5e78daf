//! Agreement and consent together, and the one function that answers for them.

use std::collections::BTreeSet;

use overt_event::{AppName, Day, DenyRule, KeyId, Level, Purpose, Verdict, WallTime, WindowKind};

use crate::agreement::digest;
use crate::consent::CONSENT_DAYS;
use crate::{
    Agreement, Application, Browsing, Cadence, Consent, Exemption, Host, Layer, Lock, Most, Question, Site,
    TermsError, VerifiedAgreement,
};

/// What may be recorded of one person, where, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    verified: VerifiedAgreement,
    contributor: KeyId,
    consent_digest: [u8; 32],
    /// The first and the last day on which all of them count.
    starts: Day,
    ends: Day,
    /// The last day of the agreement and of its restrictions, whatever the consent's.
    agreed_until: Day,
    cadence: Cadence,
    purposes: BTreeSet<Purpose>,
    /// One for each application of the agreement, in its order.
    levels: Vec<Result<Level, DenyRule>>,
    /// Sites that some layer takes out.
    no_sites: BTreeSet<Host>,
    layers: Vec<Layer>,
    exempt: Option<(Day, Day)>,
}

/// An application that is recorded, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsApp {
    pub name: AppName,
    /// The lower of what agreement and consent say.
    pub level: Level,
}

impl Terms {
    /// Terms that are in force at `now`, under the law of the agreement's jurisdiction and no other
    /// restriction.
    ///
    /// Errors: as [`Terms::layered`].
    pub fn new(verified: VerifiedAgreement, consent: Consent, now: WallTime) -> Result<Self, TermsError> {
        Self::layered(verified, consent, Vec::new(), now)
    }

    /// Terms that are in force at `now`, under further restrictions. Their order does not matter.
    ///
    /// Errors: a [`TermsError`] for each way in which these do not make terms.
    pub fn layered(
        verified: VerifiedAgreement,
        consent: Consent,
        layers: Vec<Layer>,
        now: WallTime,
    ) -> Result<Self, TermsError> {
        if verified.agreement().import().is_some() {
            return Err(TermsError::OnlyImport);
        }
        let until = consent.last_day();
        Self::made(verified, consent, until, layers, now)
    }

    /// `until`: the last day of the consent, or of what stands for one.
    pub(crate) fn made(
        verified: VerifiedAgreement,
        consent: Consent,
        until: Day,
        layers: Vec<Layer>,
        now: WallTime,
    ) -> Result<Self, TermsError> {
        let layers: Vec<Layer> =
            verified.agreement().jurisdiction().layers().into_iter().chain(layers).collect();
        let agreement = verified.agreement();
        let agreed_until = last_day(agreement, &layers);
        check_days(&verified, agreed_until, (consent.given, until), now.day())?;
        check_consent(&verified, &consent)?;
        check_not_stopped(&layers)?;
        let purposes = purposes(agreement, &layers)?;
        let levels = levels(agreement, &consent, &layers)?;
        let cadence = cadence(agreement, &layers, &levels);
        let text = consent.to_toml();
        // `given` lies between two days that were read from a text, so it can be written as well.
        let consent_digest = digest(&text.map_err(|_| TermsError::OtherAgreement)?);
        Ok(Self {
            contributor: consent.contributor,
            consent_digest,
            starts: verified.counts_from().max(consent.given),
            ends: agreed_until.min(until),
            agreed_until,
            cadence,
            purposes,
            levels,
            no_sites: layers.iter().flat_map(|l| l.limits().no_sites.clone()).collect(),
            layers,
            exempt: None,
            verified,
        })
    }

    /// The same, less the days of an exemption.
    pub fn exempted(self, exemption: &Exemption) -> Self {
        Self { exempt: exemption.days(), ..self }
    }

    /// Whether something may be kept, and at what level (docs/spec/agreement.md, section 6).
    ///
    /// Total, and the same for the same question. What is not named by both sides is denied.
    pub fn decide(&self, q: &Question<'_>, now: WallTime) -> Verdict {
        match self.allowed(q, now) {
            Ok((app, level)) => Verdict::Allow { app: app.clone(), level },
            Err(rule) => Verdict::Deny { rule },
        }
    }

    fn allowed(&self, q: &Question<'_>, now: WallTime) -> Result<(&AppName, Level), DenyRule> {
        check_moment(q)?;
        self.standing(now).map_or(Ok(()), Err)?;
        if q.browsing == Browsing::Private {
            return Err(DenyRule::PrivateBrowsing);
        }
        if q.app.exe.is_none() || (q.app.class.is_none() && q.kind != WindowKind::Popup) {
            return Err(DenyRule::AppUnknown);
        }
        let allowed = self.lowest_that_fits(q)?;
        q.focus.denied_by().map_or(Ok(allowed), Err)
    }

    fn lowest_that_fits(&self, q: &Question<'_>) -> Result<(&AppName, Level), DenyRule> {
        let mut lowest: Option<(&AppName, Level)> = None;
        for (app, level) in self.agreement().applications().iter().zip(&self.levels) {
            if app.fits(q.app, q.kind) {
                let level = (*level)?.min(self.level_of_site(app, q)?);
                lowest = lowest.filter(|(_, l)| *l <= level).or(Some((&app.name, level)));
            }
        }
        lowest.ok_or(DenyRule::AppNotAgreed)
    }

    /// The most that the site allows. It matters where the agreement names sites for the application,
    /// or a layer takes sites out.
    fn level_of_site(&self, app: &Application, q: &Question<'_>) -> Result<Level, DenyRule> {
        if app.sites.is_empty() && self.no_sites.is_empty() {
            return Ok(app.level);
        }
        match (q.site, q.browsing) {
            (Site::NoDocument, _) if app.sites.is_empty() => Ok(app.level),
            (Site::NoDocument, _) => Err(DenyRule::SiteNotAgreed),
            (Site::Unknown, _) => Err(DenyRule::SiteUnknown),
            (_, Browsing::Unknown) => Err(DenyRule::PrivateBrowsing),
            (Site::Host(host), _) if self.no_sites.iter().any(|s| s.covers(host)) => {
                Err(DenyRule::SiteNotAgreed)
            }
            (Site::Host(_), _) if app.sites.is_empty() => Ok(app.level),
            (Site::Host(host), _) => app.level_of_site(host).ok_or(DenyRule::SiteNotAgreed),
        }
    }

    /// Whether a verdict can depend on the site that a window shows.
    pub fn names_sites(&self) -> bool {
        !self.no_sites.is_empty() || self.agreement().applications().iter().any(|a| !a.sites.is_empty())
    }

    /// Why nothing at all may be kept at this moment; `None` when something may.
    pub fn standing(&self, now: WallTime) -> Option<DenyRule> {
        if !self.in_force(now) {
            return Some(DenyRule::NotInForce);
        }
        let exempt = |(from, to): (Day, Day)| (from..=to).contains(&now.day());
        if self.exempt.is_some_and(exempt) {
            return Some(DenyRule::Exempt);
        }
        let agreed = self.agreement().quiet().is_some_and(|q| q.is_quiet(now));
        (agreed || self.layers.iter().any(|l| l.is_quiet(now))).then_some(DenyRule::QuietHours)
    }

    /// Whether the day is one on which agreement and consent count.
    pub fn in_force(&self, now: WallTime) -> bool {
        (self.starts..=self.ends).contains(&now.day())
    }

    /// The agreement's text, read.
    pub fn agreement(&self) -> &Agreement {
        self.verified.agreement()
    }

    /// The agreement with who signed it.
    pub fn verified(&self) -> &VerifiedAgreement {
        &self.verified
    }

    /// When pictures are taken: never, where no application's level has any.
    pub fn cadence(&self) -> Cadence {
        self.cadence
    }

    /// What the recording may be opened for; never empty.
    pub fn purposes(&self) -> &BTreeSet<Purpose> {
        &self.purposes
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
        let app = |(a, l): (&Application, &Result<Level, DenyRule>)| {
            l.ok().map(|level| TermsApp { name: a.name.clone(), level })
        };
        named.filter_map(app).collect()
    }

    /// The restrictions that are laid over the agreement.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The last day on which what was recorded may leave.
    pub fn agreed_until(&self) -> Day {
        self.agreed_until
    }

    /// The last day on which agreement, restrictions and consent count.
    pub fn last_day(&self) -> Day {
        self.ends
    }

    /// The first moment after the last day.
    pub fn ends(&self) -> WallTime {
        WallTime((i64::from(self.ends.0) + 1) * 86_400)
    }
}

/// What concerns everything alike, whatever window it is.
fn check_moment(q: &Question<'_>) -> Result<(), DenyRule> {
    if q.own {
        return Err(DenyRule::OwnWindow);
    }
    if q.lock != Lock::Open {
        return Err(DenyRule::Locked);
    }
    if q.paused { Err(DenyRule::Paused) } else { Ok(()) }
}

fn last_day(agreement: &Agreement, layers: &[Layer]) -> Day {
    layers.iter().filter_map(|l| l.limits().ends).fold(agreement.ends(), Day::min)
}

/// Pictures come as rarely as anybody asks, and not at all where no level has any.
fn cadence(agreement: &Agreement, layers: &[Layer], levels: &[Result<Level, DenyRule>]) -> Cadence {
    let sees = |level: &Result<Level, DenyRule>| level.is_ok_and(|l| l > Level::Structure);
    if !levels.iter().any(sees) {
        return Cadence::None;
    }
    layers.iter().filter_map(|l| l.limits().cadence).fold(agreement.cadence(), Cadence::meet)
}

fn check_days(
    verified: &VerifiedAgreement,
    ends: Day,
    (given, until): (Day, Day),
    today: Day,
) -> Result<(), TermsError> {
    let starts = verified.agreement().starts();
    if today < starts {
        return Err(TermsError::NotBegun { starts, today });
    }
    if today < verified.counts_from() {
        return Err(TermsError::Waiting { from: verified.counts_from(), today });
    }
    if today > ends {
        return Err(TermsError::Ended { ends, today });
    }
    if today < given {
        return Err(TermsError::ConsentNotBegun { given, today });
    }
    if today > until {
        return Err(TermsError::ConsentOld { given, today, max: CONSENT_DAYS });
    }
    Ok(())
}

fn check_not_stopped(layers: &[Layer]) -> Result<(), TermsError> {
    let stopped = layers.iter().find(|l| l.limits().stop);
    stopped.map_or(Ok(()), |l| Err(TermsError::Stopped { by: l.of().words() }))
}

fn purposes(agreement: &Agreement, layers: &[Layer]) -> Result<BTreeSet<Purpose>, TermsError> {
    let allows =
        |p: &Purpose| layers.iter().filter_map(|l| l.limits().purposes.as_ref()).all(|l| l.contains(p));
    let left: BTreeSet<Purpose> = agreement.purposes().iter().copied().filter(allows).collect();
    if left.is_empty() { Err(TermsError::NoPurposeLeft) } else { Ok(left) }
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

fn levels(
    agreement: &Agreement,
    consent: &Consent,
    layers: &[Layer],
) -> Result<Vec<Result<Level, DenyRule>>, TermsError> {
    let apps = agreement.applications().iter();
    let levels: Vec<_> = apps.map(|app| level(app, consent, layers)).collect();
    if levels.iter().all(Result::is_err) { Err(TermsError::NothingLeft) } else { Ok(levels) }
}

/// The lowest of what agreement, consent and layers say.
fn level(app: &Application, consent: &Consent, layers: &[Layer]) -> Result<Level, DenyRule> {
    let consented = consent.level(&app.name).ok_or(DenyRule::NotConsented)?;
    let most = layers.iter().map(|l| l.most(&app.name)).min().unwrap_or(Most::Full);
    Ok(consented.min(app.level).min(most.level().ok_or(DenyRule::Narrowed)?))
}

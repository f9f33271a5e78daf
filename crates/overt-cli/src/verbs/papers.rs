//! The papers that terms are made of, where they lie, and whether they are still the same.
//!
//! Agreement and consent are named on the command line. The rest lies beside the trusted keys, in
//! the key folder: `terms.toml` (what was seen here), `person.toml` (the person's own limits) and
//! `exemption.toml`. An administrator's `/etc/overt/allowed.toml` counts where there is one.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use overt_agreement::{Consent, Exemption, Layer, LayerOf, Limits, Memory, Seen, Terms, VerifiedAgreement};
use overt_event::{DenyRule, WallTime};

use crate::args::Papers;
use crate::clock;
use crate::files;
use crate::verbs::keys::KeyFolder;

/// Where an administrator may write what can be recorded on this machine at most.
const ADMIN_FILE: &str = "/etc/overt/allowed.toml";
const MEMORY: &str = "terms.toml";
const PERSON: &str = "person.toml";
const EXEMPTION: &str = "exemption.toml";

/// The key folder's own papers.
pub struct Shelf<'a>(pub &'a Path);

impl Shelf<'_> {
    fn read(&self, name: &str, what: &str) -> Result<Option<String>> {
        let path = self.0.join(name);
        // What cannot be looked at is no reason to go on without it.
        match path.try_exists() {
            Ok(false) => Ok(None),
            _ => files::read(&path, what).map(Some),
        }
    }

    fn store(&self, name: &str, text: &str, what: &str) -> Result<()> {
        files::replace(&self.0.join(name), text.as_bytes(), what)
    }

    fn memory(&self) -> Result<Memory> {
        let text = self.read(MEMORY, "memory of agreements (terms.toml)")?.unwrap_or_default();
        Memory::parse(&text).context("The memory of agreements (terms.toml) could not be read.")
    }

    fn remember(&self, memory: &Memory) -> Result<()> {
        self.store(MEMORY, &memory.to_toml()?, "memory of agreements (terms.toml)")
    }

    /// Reads an agreement that counts here, and remembers it.
    pub fn admit(&self, agreement: &Path) -> Result<VerifiedAgreement> {
        let text = files::read(agreement, "agreement")?;
        let trusted = KeyFolder(self.0).trusted()?;
        let (mut memory, today) = (self.memory()?, clock::wall_now().day());
        let (verified, seen) = memory.admit(&text, &trusted, today)?;
        // A day outside the agreement says that the clock is wrong, or that nothing is at stake.
        let within = (verified.agreement().starts()..=verified.agreement().ends()).contains(&today);
        let later = within && memory.note_day(today)?;
        if seen == Seen::First || later {
            self.remember(&memory)?;
        }
        Ok(verified)
    }

    /// Keeps a party's narrowing of an agreement. False when it was known.
    pub fn narrow(&self, agreement: &VerifiedAgreement, signed_text: &str) -> Result<bool> {
        let mut memory = self.memory()?;
        let fresh = memory.narrow(signed_text, agreement)?;
        self.remember(&memory)?;
        Ok(fresh)
    }

    /// The person's own limits.
    pub fn own_limits(&self) -> Result<Limits> {
        let text = self.read(PERSON, "file of your own limits (person.toml)")?;
        let layer = text.map(|t| Layer::parse(LayerOf::Person, &t)).transpose();
        Ok(layer
            .context("Your own limits (person.toml) could not be read.")?
            .map_or_else(Limits::default, |l| l.limits().clone()))
    }

    /// Replaces the person's own limits.
    pub fn set_own_limits(&self, limits: Limits) -> Result<()> {
        let text = Layer::new(LayerOf::Person, limits)?.to_toml()?;
        self.store(PERSON, &text, "file of your own limits (person.toml)")
    }

    /// What the person asked to be exempt from.
    pub fn exemption(&self) -> Result<Option<Exemption>> {
        let text = self.read(EXEMPTION, "exemption (exemption.toml)")?;
        let exemption = text.map(|t| Exemption::parse(&t)).transpose();
        exemption.context("The exemption (exemption.toml) could not be read.")
    }

    /// Replaces it.
    pub fn set_exemption(&self, exemption: &Exemption) -> Result<()> {
        self.store(EXEMPTION, &exemption.to_toml()?, "exemption (exemption.toml)")
    }

    /// Ends it: the person wants to be recorded again, where they consent.
    pub fn end_exemption(&self) -> Result<()> {
        let wrong = "The exemption could not be ended. Check that the key folder is writable.";
        fs::remove_file(self.0.join(EXEMPTION)).context(wrong)?;
        overt_format::sync_dir(self.0).context(wrong)
    }

    /// What the parties and the administrator took away. The law's layers an agreement brings itself.
    pub fn others_layers(&self, agreement: &VerifiedAgreement) -> Result<Vec<Layer>> {
        let narrowings = self.memory()?.narrowings(agreement)?;
        let mut layers: Vec<Layer> = narrowings.into_iter().map(|n| n.layer).collect();
        if !matches!(Path::new(ADMIN_FILE).try_exists(), Ok(false)) {
            let text = files::read(Path::new(ADMIN_FILE), "administrator's file (/etc/overt/allowed.toml)")?;
            let layer = Layer::parse(LayerOf::Employer, &text);
            layers.push(
                layer.context("The administrator's file (/etc/overt/allowed.toml) could not be read.")?,
            );
        }
        Ok(layers)
    }

    /// Terms of an agreement and a consent, under everything that restricts them.
    pub fn terms(&self, verified: VerifiedAgreement, consent: Consent, now: WallTime) -> Result<Terms> {
        let mut layers = self.others_layers(&verified)?;
        layers.push(Layer::new(LayerOf::Person, self.own_limits()?)?);
        let terms = Terms::layered(verified, consent, layers, now)?;
        Ok(match self.exemption()? {
            Some(exemption) => terms.exempted(&exemption),
            None => terms,
        })
    }
}

impl Papers {
    /// The terms that follow from the papers as they lie there.
    pub fn terms(&self) -> Result<Terms> {
        let shelf = Shelf(&self.keys);
        let verified = shelf.admit(&self.agreement)?;
        let consent = Consent::parse(&files::read(&self.consent, "consent")?)?;
        shelf.terms(verified, consent, clock::wall_now())
    }

    /// The same for a recording. Nothing begins while the person is exempt.
    pub fn terms_to_record(&self) -> Result<Terms> {
        let terms = self.terms()?;
        let exempt = terms.standing(clock::wall_now()) == Some(DenyRule::Exempt);
        anyhow::ensure!(
            !exempt,
            "You are exempt, or have asked to be, so nothing is recorded. To be recorded again: `overt consent exempt end`."
        );
        Ok(terms)
    }

    /// Answers whether other terms would follow from the papers than these. Only files that were
    /// touched are read again.
    pub fn watch(&self, terms: Terms) -> Arc<dyn Fn() -> bool + Send + Sync> {
        let papers = self.clone();
        let looked_at = Mutex::new(None);
        Arc::new(move || {
            let stamps = papers.stamps();
            // Nobody panics while holding it; and a stamp is right or is looked at again.
            let mut before = looked_at.lock().unwrap_or_else(PoisonError::into_inner);
            if before.as_ref() == Some(&stamps) {
                return true;
            }
            let same = papers.terms().is_ok_and(|t| t == terms);
            *before = same.then_some(stamps);
            same
        })
    }

    fn stamps(&self) -> Vec<Option<(u64, i64, i64, u64)>> {
        let own = [MEMORY, PERSON, EXEMPTION].map(|name| self.keys.join(name));
        let all = [&self.agreement, &self.consent].into_iter().chain(&own);
        let stamp = |p: &Path| fs::metadata(p).ok().map(|m| (m.ino(), m.mtime(), m.mtime_nsec(), m.len()));
        all.map(|p| stamp(p)).chain([stamp(Path::new(ADMIN_FILE))]).collect()
    }
}

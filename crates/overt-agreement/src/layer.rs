//! Restrictions that are laid over an agreement. Each can only take away.

use std::collections::{BTreeMap, BTreeSet};

use overt_event::{AppName, Day, Purpose, WallTime};
use serde::{Deserialize, Serialize};

use crate::agreement::{require, syntax};
use crate::application::name_fits;
use crate::{AgreementError, Cadence, Host, Most, Quiet, QuietHours, day};

/// Whose restriction it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerOf {
    /// The law of the jurisdiction.
    Law,
    /// A party to the agreement, by a signed narrowing.
    Party,
    /// Whoever administers the machine.
    Employer,
    /// The person.
    Person,
}

impl LayerOf {
    /// For people, as the one who acts.
    pub fn words(self) -> &'static str {
        match self {
            Self::Law => "the law of the jurisdiction",
            Self::Party => "a party to the agreement",
            Self::Employer => "the administrator of this machine",
            Self::Person => "the person",
        }
    }
}

/// One restriction. There is nothing in it that could allow what the agreement does not, or stand
/// in for a person's consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    of: LayerOf,
    limits: Limits,
    quiet: Option<Quiet>,
}

/// The keys of a restriction (docs/spec/agreement.md, section 5). What is not written restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Nothing at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stop: bool,
    /// The last day.
    #[serde(with = "day::as_optional_toml", skip_serializing_if = "Option::is_none")]
    pub ends: Option<Day>,
    /// These purposes and no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purposes: Option<BTreeSet<Purpose>>,
    /// The most of any application that `applications` does not name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<Most>,
    /// Sites of which nothing is kept.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub no_sites: BTreeSet<Host>,
    /// The place whose clock `quiet_hours` mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Pictures at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cadence: Option<Cadence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quiet_hours: Vec<QuietHours>,
    /// The most of an application, by its name in the agreement.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub applications: BTreeMap<AppName, Most>,
}

impl Layer {
    /// Errors: [`AgreementError::Field`].
    pub fn new(of: LayerOf, limits: Limits) -> Result<Self, AgreementError> {
        require(
            limits.applications.keys().all(name_fits),
            "applications",
            "has a name that is not 1 to 40 of a-z, 0-9, - _ .",
        )?;
        limits.cadence.map_or(Ok(()), Cadence::check)?;
        let quiet = Quiet::read(limits.time_zone.as_deref(), &limits.quiet_hours)?;
        Ok(Self { of, limits, quiet })
    }

    /// Reads a restriction, such as an administrator's file.
    ///
    /// Errors: [`AgreementError::Syntax`], [`AgreementError::Field`].
    pub fn parse(of: LayerOf, text: &str) -> Result<Self, AgreementError> {
        Self::new(of, toml::from_str(text).map_err(|e| syntax(text, &e))?)
    }

    /// The text that [`Layer::parse`] reads.
    ///
    /// Errors: [`AgreementError::Field`] for a day outside the years 0 to 9999.
    pub fn to_toml(&self) -> Result<String, AgreementError> {
        let wrong = AgreementError::Field { field: "ends", problem: "is a day outside the calendar" };
        toml::to_string(&self.limits).map_err(|_| wrong)
    }

    /// Whose it is.
    pub fn of(&self) -> LayerOf {
        self.of
    }

    /// What it says.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The most of an application.
    pub fn most(&self, app: &AppName) -> Most {
        let named = self.limits.applications.get(app).copied();
        named.or(self.limits.others).unwrap_or(Most::Full)
    }

    pub(crate) fn is_quiet(&self, now: WallTime) -> bool {
        self.quiet.as_ref().is_some_and(|q| q.is_quiet(now))
    }
}

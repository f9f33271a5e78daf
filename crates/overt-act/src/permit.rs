//! Whether anything may be done in a window: the verdict by which it may be recorded, and the purpose.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use overt_agreement::{Browsing, Lock, Question, Site, Terms};
use overt_event::{DenyRule, Level, Purpose, SiteSeen, Verdict, VisibleWindow, WallTime};

use crate::error::ActError;

/// Terms under which an agent may act.
#[derive(Clone)]
pub struct Permit {
    terms: Arc<Terms>,
    unchanged: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// What a window shows, as its application tells it.
pub(crate) struct Shown {
    pub(crate) site: SiteSeen,
    pub(crate) browsing: Browsing,
}

impl Shown {
    /// Nobody tells.
    pub(crate) fn nothing() -> Self {
        Self { site: SiteSeen::Unknown, browsing: Browsing::Unknown }
    }

    /// Whether its application told anything of it in time.
    pub(crate) fn is_answer(&self) -> bool {
        self.site != SiteSeen::Unknown
    }

    /// Whether something else may be told if it is asked again. Of a window that says that it is private nothing else will be, and
    /// an application without documents has said all that counts.
    fn may_change(&self) -> bool {
        match self.site {
            SiteSeen::Host(_) => self.browsing == Browsing::Unknown,
            SiteSeen::Unknown => self.browsing != Browsing::Private,
            SiteSeen::NoDocument => false,
        }
    }
}

impl Permit {
    /// `unchanged` tells whether the papers still say what these terms follow from.
    ///
    /// Errors: [`ActError::Purpose`].
    pub fn new(terms: Terms, unchanged: Arc<dyn Fn() -> bool + Send + Sync>) -> Result<Self, ActError> {
        let may_act = terms.purposes().contains(&Purpose::EvaluateAgents);
        may_act.then(|| Self { terms: Arc::new(terms), unchanged }).ok_or(ActError::Purpose)
    }

    /// Whether the papers still say the same. Other terms are for another start.
    pub(crate) fn stands(&self) -> bool {
        (self.unchanged)()
    }

    /// Whether the window is one of an application that was agreed to, before it is asked what it shows.
    ///
    /// Errors: [`ActError::Denied`]. What is not named is denied.
    pub(crate) fn may_look(&self, window: &VisibleWindow, lock: Lock) -> Result<(), ActError> {
        match self.decide(&Question { lock, ..Question::of_window(&window.app, window.kind, window.own) }) {
            // To know its site, its application has to be asked.
            Err(ActError::Denied { rule: DenyRule::SiteUnknown }) => Ok(()),
            told => told.map(drop),
        }
    }

    /// Whether the window is denied only because its application has not told enough.
    pub(crate) fn is_in_doubt(&self, window: &VisibleWindow, lock: Lock, shown: &Shown) -> bool {
        shown.may_change() && self.may_act(window, lock, shown).is_err()
    }

    /// What may be kept of the window at this moment, by what it shows. What is not known to be without documents, and of which
    /// nobody says that it is an ordinary window, may be private.
    ///
    /// Errors: as [`Permit::may_look`].
    pub(crate) fn may_act(
        &self,
        window: &VisibleWindow,
        lock: Lock,
        shown: &Shown,
    ) -> Result<Level, ActError> {
        let site = match &shown.site {
            SiteSeen::Host(host) => Site::Host(host),
            SiteSeen::NoDocument => Site::NoDocument,
            SiteSeen::Unknown => Site::Unknown,
        };
        let browsing = match (site, shown.browsing) {
            (Site::NoDocument, told) => told,
            (_, Browsing::Ordinary) => Browsing::Ordinary,
            _ => Browsing::Private,
        };
        let of_window = Question::of_window(&window.app, window.kind, window.own);
        self.decide(&Question { site, browsing, lock, ..of_window })
    }

    fn decide(&self, question: &Question<'_>) -> Result<Level, ActError> {
        match self.terms.decide(question, now()) {
            Verdict::Allow { level, .. } => Ok(level),
            Verdict::Deny { rule } => Err(ActError::Denied { rule }),
        }
    }
}

/// A clock before 1970 is so wrong that nothing is in force by it.
fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    WallTime(since.map_or(i64::MIN, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX)))
}

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

    /// Whether nothing else would be told if it were asked again.
    pub(crate) fn is_sure(&self) -> bool {
        !matches!((&self.site, self.browsing), (SiteSeen::Host(_), Browsing::Unknown))
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

    /// What may be kept of the window at this moment, by what it shows. A page of which nobody says that it is an ordinary
    /// one may be private.
    ///
    /// Errors: as [`Permit::may_look`].
    pub(crate) fn may_act(
        &self,
        window: &VisibleWindow,
        lock: Lock,
        shown: &Shown,
    ) -> Result<Level, ActError> {
        let (site, browsing) = match (&shown.site, shown.browsing) {
            (SiteSeen::Host(host), Browsing::Ordinary) => (Site::Host(host), Browsing::Ordinary),
            (SiteSeen::Host(host), _) => (Site::Host(host), Browsing::Private),
            (SiteSeen::NoDocument, browsing) => (Site::NoDocument, browsing),
            (SiteSeen::Unknown, browsing) => (Site::Unknown, browsing),
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

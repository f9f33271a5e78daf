//! Whether anything may be done in a window: the verdict by which it may be recorded, and the purpose.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use overt_agreement::{Question, Terms};
use overt_event::{Purpose, Verdict, VisibleWindow, WallTime};

use crate::error::ActError;

/// Terms under which an agent may act.
#[derive(Clone)]
pub struct Permit(Arc<Terms>);

impl Permit {
    /// Errors: [`ActError::Purpose`].
    pub fn new(terms: Terms) -> Result<Self, ActError> {
        let may_act = terms.purposes().contains(&Purpose::EvaluateAgents);
        may_act.then(|| Self(Arc::new(terms))).ok_or(ActError::Purpose)
    }

    /// Whether the window is one of an application that was agreed to, at this moment.
    ///
    /// Errors: [`ActError::Denied`]. What is not named is denied.
    pub fn allows(&self, window: &VisibleWindow) -> Result<(), ActError> {
        let question = Question::of_window(&window.app, window.kind, window.own);
        match self.0.decide(&question, now()) {
            Verdict::Allow { .. } => Ok(()),
            Verdict::Deny { rule } => Err(ActError::Denied { rule }),
        }
    }
}

/// A clock before 1970 is so wrong that nothing is in force by it.
fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    WallTime(since.map_or(i64::MIN, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX)))
}

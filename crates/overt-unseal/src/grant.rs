//! What a recording is opened for, by whom, and why.

use std::marker::PhantomData;

use overt_event::Purpose;
use overt_format::RecipientKind;

/// A purpose as a type.
pub trait PurposeMarker {
    /// The same purpose as a value.
    const PURPOSE: Purpose;
}

/// See [`Purpose::TrainAgents`].
pub struct TrainAgents;
/// See [`Purpose::EvaluateAgents`].
pub struct EvaluateAgents;
/// See [`Purpose::SubjectAccess`].
pub struct SubjectAccess;

impl PurposeMarker for TrainAgents {
    const PURPOSE: Purpose = Purpose::TrainAgents;
}
impl PurposeMarker for EvaluateAgents {
    const PURPOSE: Purpose = Purpose::EvaluateAgents;
}
impl PurposeMarker for SubjectAccess {
    const PURPOSE: Purpose = Purpose::SubjectAccess;
}

/// In whose name a recording is opened for that purpose.
pub fn recipient_kind(purpose: Purpose) -> RecipientKind {
    match purpose {
        Purpose::SubjectAccess => RecipientKind::Contributor,
        Purpose::TrainAgents | Purpose::EvaluateAgents => RecipientKind::Study,
    }
}

/// The right to open recordings for the purpose `P`. Who and why are written into the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant<P> {
    who: String,
    reason: String,
    purpose: PhantomData<fn() -> P>,
}

impl<P: PurposeMarker> Grant<P> {
    /// `who`: a person or a job, by a name that others can check. `reason`: what it is needed for.
    /// [`crate::open`] refuses a grant in which either is empty.
    pub fn new(who: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { who: who.into(), reason: reason.into(), purpose: PhantomData }
    }

    /// Who opens.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// What for, in words.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What for, by the closed list.
    pub fn purpose(&self) -> Purpose {
        P::PURPOSE
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.who.trim().is_empty() || self.reason.trim().is_empty()
    }
}

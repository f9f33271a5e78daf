//! Signed terms, a person's consent, and the verdict that follows from them.
//!
//! # Context
//! One of the *words* crates. The command writes, signs and shows agreements with it; the recorder
//! builds [`Terms`] from a signed agreement and a consent, and minimise asks them about every window.
//! The form of both texts is in docs/spec/agreement.md.
//!
//! # Design
//! Text in, typed terms out. An [`Agreement`] can be read by anyone; a [`VerifiedAgreement`] comes only
//! from [`verify`], and [`Terms`] only from a verified agreement and a consent to exactly that text.
//! [`Terms::decide`] is one total function: the recorder, and the page that answers "what would be
//! recorded?", ask the same one.
//!
//! # Invariants
//! * Nothing here reads a file, a socket or a clock; time is always given.
//! * There is no verdict without terms, and none of them allows what agreement and consent do not
//!   both name.
//! * Unknown keys and values are refused, so what cannot be written cannot be agreed.
//! * A secret key has no `Debug`, no `Clone` and no serde, and is wiped when dropped.

mod agreement;
mod application;
mod budget;
mod cadence;
mod consent;
mod day;
mod diff;
mod error;
mod exemption;
mod explain;
mod hours;
mod import;
mod key;
mod law;
mod layer;
mod memory;
mod narrowing;
mod note;
mod notice;
mod party;
mod question;
mod receipt;
mod site;
mod template;
mod terms;
mod verified;

pub use agreement::Agreement;
pub use application::{Application, ExtraKind};
pub use budget::Budget;
pub use cadence::Cadence;
pub use consent::{Consent, ConsentedApp};
pub use diff::{Change, Direction, diff, widens};
pub use error::{AgreementError, TermsError};
pub use exemption::{Exemption, ExemptionDecision, ExemptionReason, ExemptionRequest, ExemptionState};
pub use explain::explain;
pub use hours::{Quiet, QuietHours, TimeOfDay, Weekday};
pub use import::Import;
pub use key::{PartyKey, PartyPublic};
pub use law::{Failing, Jurisdiction, Needs, Rule};
pub use layer::{Layer, LayerOf, Limits};
pub use memory::{Memory, Seen, clock_went_back};
pub use narrowing::Narrowing;
pub use notice::{Notice, notice};
pub use party::{Party, Role};
pub use question::{Browsing, Focus, Lock, Question, Site};
pub use receipt::{read_receipt, receipt};
pub use site::{Host, Most, SiteRule};
pub use template::{Draft, template};
pub use terms::{Terms, TermsApp};
pub use verified::{VerifiedAgreement, verify, who_signed};

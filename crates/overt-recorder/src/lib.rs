//! Wires capture to the spool, shows the indicator and answers to its owner.
//!
//! # Context
//! A *face*: `overt record` calls [`record`], the other verbs speak to it through [`control`].
//!
//! # Design
//! One loop over the sources' queue, the owner's requests and the clock. [`session`](self) decides
//! and does no IO, and so does the keeper of the budget, which says at what pace; the pen (`overt-pen`)
//! writes; the sources and the indicator run on threads of their own.
//!
//! # Invariants
//! * Without a verified agreement and the person's consent to it, no source is started.
//! * While a source runs, the indicator is visible; when it cannot be shown, recording stops.
//! * The person's pause is their own: no budget ends it.
//! * The recorder holds public keys only.

mod account;
mod budget;
mod cadence;
mod clocks;
pub mod control;
mod error;
mod look;
mod public;
mod run;
#[cfg(test)]
mod segments_stand_alone;
mod session;
mod sources;
#[cfg(test)]
mod staged;

pub use error::RecordError;
pub use look::SiteLook;
pub use overt_pen::Written;
pub use run::{Ended, RecordConfig, Started, Why, record};

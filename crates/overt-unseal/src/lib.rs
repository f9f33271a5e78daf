//! Opens sealed recordings for one named purpose, after writing down that it does.
//!
//! # Context
//! The room between stored segments and everything that reads them: reduce, review, inspect. It
//! gives [`Opened<P>`], and the purpose `P` is part of the type, so that what was opened to train
//! cannot be handed to something else.
//!
//! # Design
//! [`open`] looks at the public headers, writes one line into the [`AccessLog`], and only then asks
//! a [`KeyService`] for the data keys. Reading goes segment by segment and frame by frame, in
//! bounded memory.
//!
//! # Invariants
//! * No log entry, no opening: the line is on the disk before any key is asked for.
//! * [`Opened`] has no other maker than [`open`].
//! * A purpose is never widened: study purposes open with the study's key and only where the
//!   header lists them; the contributor's key opens for subject access and nothing else.
//! * Private keys and data keys are wiped when dropped, and have neither `Debug` nor `Clone`.

mod access_log;
mod error;
mod grant;
mod key_service;
pub mod keyfile;
mod open;
mod own_keys;
mod segment_reader;
mod verify;

pub use access_log::{AccessLog, AccessLogError, Opening};
pub use error::{SegmentFault, UnsealError};
pub use grant::{EvaluateAgents, Grant, PurposeMarker, SubjectAccess, TrainAgents, recipient_kind};
pub use key_service::{DataKey, KeyError, KeyRequest, KeyService};
pub use open::{Opened, OpenedItem, OpenedPiece, SegmentLineage, open};
pub use own_keys::OwnKeys;
pub use verify::{Problem, PublicReport, SealedReport, verify_public, verify_sealed};

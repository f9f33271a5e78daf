//! A bounded, crash-safe store of sealed recordings on the person's own disk.
//!
//! # Context
//! The room after seal. It takes [`overt_seal::Sealed`] and keeps it until the person deletes it or
//! a collector's receipt says that it is kept elsewhere.
//!
//! # Design
//! A folder for each recording (docs/spec/segment.md, section 2). A segment grows as
//! `NNNNNN.seg.part`, is synced, renamed, and then entered into `recording.json`, which is always
//! replaced whole. [`Spool::recover`] finds what a crash left half done by the same steps. All
//! file work goes through the small trait [`Disk`], so that tests can crash it at every step.
//!
//! # Invariants
//! * Nothing but `Sealed` is appended, so no plaintext lies here.
//! * What [`RecordingWriter::sync`] answered for is there after any crash.
//! * What was forgotten does not come back.
//! * The file that counts the bytes of a day never says less than was written on it.
//! * The store stays within its [`Limits`]; a full disk is an error, and what was there stays whole.

mod day_volume;
mod disk;
mod error;
mod leave;
mod recover;
mod release;
mod spool;
mod writer;

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod sim_disk;

pub use day_volume::DayVolume;
pub use disk::{Disk, OsDisk};
pub use error::SpoolError;
pub use recover::Recovery;
pub use release::release;
pub use spool::{Limits, Spool, SpooledRecording};
pub use writer::RecordingWriter;

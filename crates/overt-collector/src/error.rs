//! Why a recording was not admitted, not found or not erased.

use std::io;

use overt_format::{FormatError, NotReleased};
use thiserror::Error;

/// Why a recording was not admitted, not found or not erased.
#[derive(Debug, Error)]
pub enum AdmitError {
    /// Unreleased, altered after release, a missing segment: each its own variant inside.
    #[error(transparent)]
    NotReleased(#[from] NotReleased),
    #[error(
        "the store keeps another state of this recording, which stays. Collect this one into another store"
    )]
    Conflict,
    #[error("the store keeps no such recording. Check its id")]
    Unknown,
    #[error("the recording has no such segment. Check its id")]
    UnknownSegment,
    #[error("this recording, or a part of it, was erased from the store. It is not taken again")]
    Erased,
    #[error("a manifest or tombstone of the store does not read. It was altered; restore it from a copy")]
    Manifest(#[source] FormatError),
    #[error("the store's disk is full. Nothing was admitted; free space and try again")]
    Full,
    #[error("the store could not be read or written. Check its disk and its permissions")]
    Io(#[source] io::Error),
}

impl AdmitError {
    /// Whether trying again can never help.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, AdmitError::Full | AdmitError::Io(_))
    }
}

impl From<io::Error> for AdmitError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => AdmitError::Full,
            _ => AdmitError::Io(error),
        }
    }
}

//! Why the spool did not do what it was asked.

use std::io;

use overt_format::{FormatError, NotReleased};
use thiserror::Error;

/// Why the spool did not do what it was asked. No variant carries a path.
#[derive(Debug, Error)]
pub enum SpoolError {
    #[error(
        "there is no room for {needed_bytes} more bytes. Free disk space, upload or delete recordings, or raise the limit"
    )]
    Full { needed_bytes: u64 },
    #[error("the recording is still being written. Stop it first")]
    InUse,
    #[error("there is no such recording here. Look into the folder for the ones there are")]
    Unknown,
    #[error(
        "a piece came out of order: expected segment {expected}, got {got}. The recorder has a fault; report it"
    )]
    Order { expected: u32, got: u32 },
    #[error("a piece belongs to another recording or segment. The recorder has a fault; report it")]
    ForeignPiece,
    #[error(
        "the consent to this recording was withdrawn, so it does not leave. Delete it, or keep it for yourself"
    )]
    Withdrawn,
    #[error(
        "the agreement ended {days} days ago, so nothing recorded under it leaves. Delete it, or keep it for yourself"
    )]
    AgreementEnded { days: i32 },
    #[error("an earlier write failed, so this recording takes nothing more. Recover it and begin another")]
    Failed,
    #[error("the receipt is for another state of the recording, so nothing was deleted. Upload it again")]
    ReceiptDoesNotFit,
    #[error(transparent)]
    NotReleasable(#[from] NotReleased),
    #[error(transparent)]
    Format(#[from] FormatError),
    #[error("the disk could not be read or written. Check it and its permissions")]
    Io(#[source] io::Error),
}

impl SpoolError {
    /// Whether trying again can never help.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, SpoolError::Full { .. } | SpoolError::InUse | SpoolError::Io(_))
    }

    /// An error of writing `needed_bytes`: no room is told from other faults.
    pub(crate) fn writing(needed_bytes: u64) -> impl FnOnce(io::Error) -> SpoolError {
        move |error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::WriteZero => {
                SpoolError::Full { needed_bytes }
            }
            _ => SpoolError::Io(error),
        }
    }
}

//! Why a recording, or a part of it, did not open.

use overt_event::Purpose;
use overt_format::FormatError;
use thiserror::Error;

use crate::access_log::AccessLogError;
use crate::key_service::KeyError;

/// Why a recording did not open.
#[derive(Debug, Error)]
pub enum UnsealError {
    #[error("the grant names nobody or gives no reason. Say who opens the recording and what for")]
    BlankGrant,
    #[error("segment {sequence} may not be opened for {purpose:?}: its terms do not list that purpose")]
    PurposeNotAgreed { sequence: u32, purpose: Purpose },
    #[error("the opening could not be written down, so nothing was opened. Check the access log's disk")]
    NotLogged(#[source] AccessLogError),
    #[error("no key for segment {sequence}. {source}")]
    Key { sequence: u32, source: KeyError },
    #[error("segment {sequence}: {fault}")]
    Segment { sequence: u32, fault: SegmentFault },
}

impl UnsealError {
    /// Whether trying again can never help.
    pub fn is_permanent(&self) -> bool {
        match self {
            UnsealError::NotLogged(_) => false,
            UnsealError::Key { source, .. } => source.is_permanent(),
            UnsealError::BlankGrant | UnsealError::PurposeNotAgreed { .. } => true,
            UnsealError::Segment { fault, .. } => !matches!(fault, SegmentFault::Format(FormatError::Io(_))),
        }
    }
}

/// What is wrong with one segment.
#[derive(Debug, Error)]
pub enum SegmentFault {
    #[error("its file is missing. Take a whole copy of the recording")]
    Missing,
    #[error("its header belongs to another place. Segments were swapped or the recording was altered")]
    Foreign,
    #[error("it does not decrypt at byte {offset}: it was altered. Take another copy")]
    Altered { offset: u64 },
    #[error("its digest is not the recording's: it was altered. Take another copy")]
    Digest,
    #[error("it ends early, and the recording does not say that it was cut. Take another copy")]
    Cut,
    #[error("it is whole, but the recording says that it was cut. The recording was altered")]
    NotCut,
    #[error("its trailer is not of the known form. The writer had a fault; keep the file and report it")]
    Trailer,
    #[error(
        "its trailer counts other records than it holds. The writer had a fault; keep the file and report it"
    )]
    Counts,
    #[error(transparent)]
    Format(#[from] FormatError),
}

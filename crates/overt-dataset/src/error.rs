//! What stops a build or a reading.

use std::io;

use overt_event::RecordingId;
use overt_reduce::ReduceError;
use overt_unseal::UnsealError;
use thiserror::Error;

/// Why a data set was not made or not read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatasetError {
    #[error("the lineage names a segment that does not read. The data set was altered; build it again")]
    Lineage,
    #[error(
        "There is already something at that place. A data set is never overwritten: choose another name."
    )]
    Exists,
    #[error("No recording was given. Name at least one.")]
    NoInputs,
    #[error("{recording} was given twice. Name each recording once.")]
    Twice { recording: RecordingId },
    #[error("{first} and {second} hold the same segment. One is a copy: name only one of them.")]
    SegmentTwice { first: RecordingId, second: RecordingId },
    #[error("{recording} is still being written. Wait until it ends, or recover it.")]
    StillOpen { recording: RecordingId },
    #[error("Another build, or a job of one, is at work on this data set. Wait until it ends.")]
    InUse,
    #[error("{recording} could not be opened. {source}")]
    Open { recording: RecordingId, source: UnsealError },
    #[error("{recording} could not be reduced. {source}")]
    Reduce { recording: RecordingId, source: ReduceError },
    #[error(
        "{recording} is not what the job was planned for, or this program works by other rules. Plan again by this program."
    )]
    OtherJob { recording: RecordingId },
    #[error("{recording} lost {unaccounted} input events on the way. This is a fault of Overt: report it.")]
    Unbalanced { recording: RecordingId, unaccounted: u64 },
    #[error("What an earlier run left in the work folder does not read. Delete that folder and build again.")]
    Part,
    #[error(
        "{segments} segments of this data set have been erased. Make the next version without them: `overt build --rebuild`."
    )]
    MustRebuild { segments: usize },
    #[error(
        "Its grant ended on {expires}; today is {today}. Delete it, or ask for another grant and build again."
    )]
    Ended { expires: String, today: String },
    #[error(
        "The manifest tells other terms of {recording} than it was collected under. Take a whole copy of the data set, or build it again."
    )]
    OtherTerms { recording: RecordingId },
    #[error("Nothing of this data set was erased. There is nothing to build again.")]
    Current,
    #[error("The data set could not be written or read. Check the disk.")]
    Io(#[from] io::Error),
    #[error("A table could not be written or read. Check the disk, and the data set with its manifest.")]
    Parquet(#[from] parquet::errors::ParquetError),
    #[error("A table does not have the columns of its kind. Rebuild the data set with this version.")]
    Columns(#[from] arrow_schema::ArrowError),
    #[error("A picture could not be encoded. This is a fault of Overt: report it.")]
    Png(#[from] png::EncodingError),
    #[error(
        "The data set is of version {got}, and this program reads version {expected}. Build it from its recordings by this \
         program, or read it by the one that it was built by."
    )]
    Version { expected: u32, got: u32 },
    #[error("The manifest is not of the known form. Take another copy of the data set.")]
    Manifest(#[source] serde_json::Error),
    #[error("{file} is not as the manifest says. Take a whole copy of the data set.")]
    Altered { file: String },
}

impl DatasetError {
    /// Whether trying again can never help.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Io(_) | Self::InUse | Self::StillOpen { .. } => false,
            Self::Open { source, .. } => source.is_permanent(),
            _ => true,
        }
    }
}

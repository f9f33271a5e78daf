//! What stops an export.

use std::io;

use overt_dataset::DatasetError;
use overt_event::{Purpose, RecordingId};
use thiserror::Error;

/// Why nothing was exported.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    #[error("There is already something at that place. An export is never overwritten: choose another name.")]
    Exists,
    #[error("This data set may not be exported.")]
    Refused(#[from] Refusal),
    #[error("The format {format} has an action space of its own. Leave --space out.")]
    SpaceNotTaken { format: &'static str },
    #[error("The format {format} says actions in the words of a model. Name them by --space.")]
    SpaceNeeded { format: &'static str },
    #[error("The format {format} holds no video. Leave --video out.")]
    VideoNotTaken { format: &'static str },
    #[error("ffmpeg does not start. Install Debian's package ffmpeg, or leave --video out.")]
    NoEncoder(#[source] io::Error),
    #[error("ffmpeg could not make the video. Check the disk, or leave --video out.")]
    Encoder,
    #[error("The data set could not be read.")]
    Dataset(#[from] DatasetError),
    #[error("The export could not be written. Check the disk.")]
    Io(#[from] io::Error),
    #[error("A table could not be read or written. Check the disk, and the data set with its manifest.")]
    Parquet(#[from] parquet::errors::ParquetError),
    #[error("A table does not have the columns of its kind. Rebuild the data set with this version.")]
    Columns(#[from] arrow_schema::ArrowError),
    #[error("A picture of the data set could not be decoded. Check the data set with its manifest.")]
    Png(#[from] png::DecodingError),
    #[error("An MCAP could not be written. Check the disk.")]
    Mcap(#[from] mcap::McapError),
    #[error("A part of the export could not be written as JSON. This is a fault of Overt: report it.")]
    Json(#[from] serde_json::Error),
}

impl ExportError {
    /// Whether trying again can never help.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Io(_) | Self::Mcap(_) | Self::NoEncoder(_) | Self::Encoder => false,
            Self::Dataset(source) => source.is_permanent(),
            _ => true,
        }
    }
}

/// Why a data set may not leave its form. Numbers name rows and recordings, never what is in them.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("It was made for {purpose:?}, which is not for data sets.")]
    Purpose { purpose: Purpose },
    #[error("{recording} was not agreed for {purpose:?}. Build again without it.")]
    NotAgreed { recording: RecordingId, purpose: Purpose },
    #[error("{recording} names no agreement or no consent. Build again without it.")]
    NoConsent { recording: RecordingId },
    #[error("Row {row} comes from no segment that was released to the study. Build the data set again.")]
    NotReleased { row: i64 },
    #[error("Its manifest speaks of {expected} rows, and there are {got}. Build the data set again.")]
    Rows { expected: u64, got: u64 },
}

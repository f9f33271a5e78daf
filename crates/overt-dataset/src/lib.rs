//! Writes episodes as an immutable, traceable version of a data set.
//!
//! # Context
//! The last room on the study's side that sees recordings. It takes what `reduce` gives and makes
//! the folder that `docs/spec/dataset.md` describes; exports and training read that folder.
//!
//! # Design
//! [`build`] streams: recordings go through reduction one after the other, rows leave in small row
//! groups, and a picture that several rows show is encoded once. Columns are described in one place
//! and their Arrow schema, their arrays and Hugging Face's features are all made from it.
//!
//! # Invariants
//! * One build has one purpose: it takes recordings opened for the same type of purpose.
//! * Every row names its segments, so that erasure can follow.
//! * The same input gives the same bytes.
//! * A data set is whole or not there, and is never overwritten.

mod arrays;
mod build;
mod cells;
mod columns;
mod datasheet;
mod error;
mod manifest;
mod pictures;
mod quality;
mod read;
mod rows;
mod split;
mod step_row;
mod table;
mod value;

pub use build::{
    BuildReport, BuildSettings, Codec, DATASHEET_FILE, DatasetPurpose, EPISODES_FILE, LINEAGE_FILE, Progress,
    STEPS_FILE, build, file_note,
};
pub use error::DatasetError;
pub use manifest::{
    DATASET_VERSION, FileNote, GrantNote, LedgerNote, MANIFEST_FILE, Manifest, RecordingNote, ReducerNote,
    SegmentNote,
};
pub use read::{Descent, StepRows, read_episodes, read_lineage, read_steps, verify};
pub use rows::{
    AncestorCell, EditCell, ElementCell, EpisodeRow, IntentCell, NodeCell, ShapeCell, StepRow, WindowCell,
};

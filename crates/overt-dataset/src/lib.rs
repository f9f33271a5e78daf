//! Writes episodes as an immutable, traceable version of a data set.
//!
//! # Context
//! The last room on the study's side that sees recordings. It takes what `reduce` gives and makes
//! the folder that `docs/spec/dataset.md` describes; exports and training read that folder.
//!
//! # Design
//! [`plan`] says what a build will do: one job for each recording, a pure function of the recording's digest and the
//! configuration, and one stage over their results. [`build`] runs the jobs on threads, each by [`run_job`]. A job streams: a recording goes
//! through reduction, rows leave in small row groups, and a picture that several rows show is encoded once. Its
//! result appears whole in the work folder, so that a build that was killed goes on where it was. Columns are
//! described in one place, and their Arrow schema, their arrays and Hugging Face's features are all made from it.
//!
//! # Invariants
//! * One build has one purpose: it takes recordings opened for the same type of purpose.
//! * Every row names its segments, so that erasure can follow; [`standing`] says whether a version must be rebuilt.
//! * The same input gives the same bytes, with any number of workers and interruptions.
//! * A data set is whole or not there, and is never overwritten.

mod arrays;
mod assemble;
mod build;
mod cells;
mod columns;
mod datasheet;
mod error;
mod execute;
mod finished;
mod job;
mod licence;
mod manifest;
mod overlap;
mod part;
mod pictures;
mod plan;
mod quality;
mod read;
mod rows;
mod score;
mod split;
mod standing;
mod step_row;
mod table;
mod value;

// What tests are made of lies beside them, and names this crate as they do.
#[cfg(test)]
extern crate self as overt_dataset;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;

pub use build::{
    BuildReport, BuildSettings, Codec, DATASHEET_FILE, DatasetPurpose, EPISODES_FILE, GROUP_MIN,
    LICENCE_FILE, LINEAGE_FILE, Progress, STEPS_FILE, build, file_note, plan,
};
pub use error::DatasetError;
pub use execute::Open;
pub use job::{Advance, Ended, run_job};
pub use manifest::{
    DATASET_VERSION, FileNote, GrantNote, LedgerNote, MANIFEST_FILE, Manifest, ParentNote, RecordingNote,
    ReducerNote, SegmentNote,
};
pub use part::Work;
pub use plan::{Config, Input, Job, Plan};
pub use read::{
    Descent, StepRows, read_episodes, read_lineage, read_some_steps, read_steps, read_steps_without_pictures,
    verify,
};
pub use rows::{
    AncestorCell, EditCell, ElementCell, EpisodeRow, IntentCell, NodeCell, QualityCell, ShapeCell, StepRow,
    WindowCell,
};
pub use split::SplitBy;
pub use standing::{MUST_REBUILD_FILE, Parent, Standing, mark_must_rebuild, same_terms, standing, usable};

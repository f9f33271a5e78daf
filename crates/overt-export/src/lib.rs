//! Writes a version of a data set in other people's formats, and says what they cannot hold.
//!
//! # Context
//! The last door of the study: it reads what `overt-dataset` wrote, and nothing else. `docs/spec/export.md`
//! describes every format; a trainer's own loader opens them.
//!
//! # Design
//! A row becomes a [`Deed`], a deed is said in the words of an action [`Space`], and a format's writer puts it
//! where its loader looks. Rows stream: one is in memory at a time, with its pictures.
//!
//! # Invariants
//! * One place decides whether a data set may be exported at all: [`admit`].
//! * What a format or a space cannot hold is counted, never left out silently and never made up silently.
//! * The same data set gives the same bytes.
//! * An export is whole or not there, and is never overwritten.

mod admission;
mod chat;
mod deed;
mod error;
mod export;
mod film;
mod folder;
mod format;
mod loss;
mod report;
mod space;

pub use admission::{Admitted, admit};
pub use deed::Deed;
pub use error::{ExportError, Refusal};
pub use export::{ExportSettings, export};
pub use film::Video;
pub use format::Format;
pub use loss::{Loss, Losses, Omitted};
pub use report::{EXPORT_FILE, ExportReport, LICENCE_FILE, LOSSES_FILE, LOSSES_PAGE};
pub use space::{Grid, Rendering, Resize, Scale, Space};

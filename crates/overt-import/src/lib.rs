//! Brings other people's published recordings into ours, through minimise, under a licence that was signed for.
//!
//! # Context
//! A room on the side of those who record: `overt import` calls [`import`]. What becomes of which
//! format's words is in docs/spec/import.md; section numbers in this crate are of that page.
//!
//! # Design
//! A reader for each format turns a file into a [`Telling`]: raw events in the source's own time, and
//! a list of what the source does not tell. [`import`] plays a telling to the binder and minimise as
//! if it happened, and the pen writes what they let through. A source is read to its end before
//! anything is written, so that a broken one leaves nothing behind.
//!
//! # Invariants
//! * Nothing is made up: what a source does not tell is absent, and named in the recording's facts.
//! * No input makes it panic, and no error repeats what stood in the input.
//! * It opens nothing: recordings leave sealed, to public keys.

mod agentnet;
mod csv;
mod ducktrack;
mod error;
mod format;
mod import;
mod key_codes;
mod keyboard;
mod lines;
mod miniwob;
mod obs;
mod owamcap;
mod pictures;
mod pynput;
mod rrweb;
mod stills;
mod telling;
mod video;

pub use error::ImportError;
pub use format::Format;
pub use import::{ImportConfig, Imported, import};
pub use telling::Telling;

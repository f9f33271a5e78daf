//! Admits sealed recordings into a content-addressed store that nobody there can read.
//!
//! # Context
//! The operators' side. It sees headers, sizes, days and key ids; it has no key, and its dependency
//! tree contains neither unseal nor any cipher.
//!
//! # Design
//! A folder (docs/spec/segment.md, section 9): segments under `blobs/` by their digest, one manifest
//! for each recording under `recordings/`. Blobs are durable before the manifest that names them
//! is, and the manifest appears in one step: a recording is admitted wholly or not at all. Erasing goes the other way:
//! a tombstone is durable before anything that it names is removed.
//!
//! # Invariants
//! * Only a [`ReleasedRecording`](overt_format::ReleasedRecording) is admitted, and exactly what was released.
//! * Admitting the same recording again changes nothing and gives the same receipt.
//! * What is handed out for reading is named by its manifest, and nothing else.
//! * What was erased is not handed out and not admitted again, whenever the erasing was interrupted.

mod error;
mod manifest;
mod store;
mod tombstone;

pub use error::AdmitError;
pub use manifest::Manifest;
pub use store::Store;
pub use tombstone::Tombstone;

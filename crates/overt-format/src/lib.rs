//! The stored form of a recording: segments, records, pixels and the public manifest.
//!
//! # Context
//! A *words* crate between the rooms that write (seal, spool) and those that read (unseal, the
//! collector). `docs/spec/segment.md` is its specification; section numbers in this crate are of
//! that page.
//!
//! # Design
//! Three layers that do not know each other: what anyone may read ([`SegmentHeader`],
//! [`RecordingFacts`], [`Release`]), the framing outside the encryption ([`scan`]), and the
//! plaintext inside it ([`SegmentEncoder`], [`SegmentDecoder`]). The keys that stand between the
//! last two live in seal and unseal.
//!
//! # Invariants
//! * No secret passes through here: nothing in this crate encrypts or decrypts.
//! * No size read from a file is believed before it is checked against a limit, and no input
//!   makes the crate panic.
//! * Public files tell a day, never a time.

mod decoder;
mod encoder;
mod error;
mod facts;
mod folder;
mod framing;
mod header;
mod hex;
mod moves;
mod released;
mod scan;
mod stored;
mod tile_reader;
mod tile_window;
mod tile_writer;
mod trailer;

pub use decoder::SegmentDecoder;
pub use encoder::SegmentEncoder;
pub use error::{FormatError, PlainFault};
pub use facts::{
    FACTS_VERSION, Imported, Incomplete, Losses, Receipt, RecordingFacts, RecordingState, Release,
    SegmentFacts, Unknown,
};
pub use folder::{
    RECORDING_FILE, RELEASE_FILE, RecordingDir, SEGMENTS_DIR, SegmentSource, replace_file, segment_file_name,
    sync_dir,
};
pub use framing::{
    FRAME_HEAD_BYTES, FRAME_PLAIN_BYTES_MAX, FRAME_SEALED_BYTES_MAX, FrameKind, FrameRead, FrameReader,
    SealedFrame, TAG_BYTES, frame_bytes,
};
pub use header::{
    HEADER_JSON_BYTES_MAX, RecipientEntry, RecipientKind, SEGMENT_VERSION, SUITE_X25519_CHACHA20POLY1305,
    SegmentHeader,
};
pub use hex::{Digest, Hex, HexError, key_id, sha256};
pub use moves::{Moved, Moves};
pub use released::{HashingReader, NotReleased, ReleasedRecording};
pub use scan::{SegmentScan, Tail, scan};
pub use stored::{Piece, Stored, StoredItems};
pub use tile_window::{FRAME_SIDE_PX_MAX, FRAME_TILES_MAX, TILE_WINDOW};
pub use trailer::{Counter, Flow, Trailer, record_kind};

//! What leaves this crate: pieces of a segment that nobody here can read any more.

use overt_event::{RecordingId, SegmentId};

/// Which part of a segment a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// The public header: the first piece.
    Header,
    /// Whole frames.
    Frames,
    /// The last frames, with the trailer: nothing follows.
    Last,
}

/// The next bytes of one segment's file. Only [`crate::Sealer`] makes it:
///
/// ```compile_fail,E0451
/// use overt_seal::{PieceKind, Sealed};
/// fn forge(of: Sealed) -> Sealed {
///     Sealed { bytes: b"in the clear".to_vec(), ..of }
/// }
/// ```
pub struct Sealed {
    pub(crate) recording: RecordingId,
    pub(crate) segment: SegmentId,
    pub(crate) sequence: u32,
    pub(crate) kind: PieceKind,
    pub(crate) bytes: Vec<u8>,
}

impl Sealed {
    /// The recording it belongs to.
    pub fn recording(&self) -> RecordingId {
        self.recording
    }

    /// The segment it belongs to.
    pub fn segment(&self) -> SegmentId {
        self.segment
    }

    /// The segment's place in the recording, from 0.
    pub fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Which part it is.
    pub fn kind(&self) -> PieceKind {
        self.kind
    }

    /// To be appended to the segment's file. Never empty.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

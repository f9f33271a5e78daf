//! What a segment holds, one item after the other.

use std::sync::Arc;

use overt_event::{Frame, Record};

/// One kept record and, where it is a frame, its picture.
///
/// Frames that come out of one decoder share the tiles that did not change between them.
#[derive(Clone)]
pub struct Stored {
    /// Apart, because it goes through many hands: a record is some 200 bytes.
    pub record: Box<Record>,
    /// `None` for records that are not frames, and for frames whose level keeps no pixels.
    pub pixels: Option<Arc<Frame>>,
}

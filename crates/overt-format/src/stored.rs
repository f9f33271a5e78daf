//! What a segment holds, one item after the other.

use std::sync::Arc;

use overt_event::{Frame, Record};

/// One kept record and, where it is a frame, its picture.
///
/// Frames that come out of one decoder share the tiles that did not change between them.
#[derive(Clone)]
pub struct Stored {
    pub record: Record,
    /// `None` for records that are not frames, and for frames whose level keeps no pixels.
    pub pixels: Option<Arc<Frame>>,
}

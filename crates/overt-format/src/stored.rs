//! What a segment holds, one item after the other.

use std::sync::Arc;

use overt_event::{Frame, Record};

use crate::moves::Moves;

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

/// What stands in a segment in one piece. Nine of ten records are moves, so that who has many to go through takes them as
/// they stand; to everyone else they are records like any other, by iterating.
#[derive(Clone)]
pub enum Piece {
    One(Stored),
    Moves(Moves),
}

impl IntoIterator for Piece {
    type Item = Stored;
    type IntoIter = StoredItems;

    fn into_iter(self) -> StoredItems {
        StoredItems { piece: Some(self), given: 0 }
    }
}

/// The records of a [`Piece`], in order.
pub struct StoredItems {
    /// `None` when all is given.
    piece: Option<Piece>,
    given: usize,
}

impl Iterator for StoredItems {
    type Item = Stored;

    fn next(&mut self) -> Option<Stored> {
        match self.piece.take()? {
            Piece::One(stored) => Some(stored),
            Piece::Moves(moves) => {
                let record = Box::new(moves.record(self.given)?);
                self.given += 1;
                self.piece = Some(Piece::Moves(moves));
                Some(Stored { record, pixels: None })
            }
        }
    }
}

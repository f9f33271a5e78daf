//! One segment, from its plan to its last piece.

use std::sync::Arc;

use overt_event::{Frame, Record, RecordingId, SegmentId};
use overt_format::{Counter, SegmentEncoder, Trailer};
use overt_minimise::Minimised;
use zeroize::Zeroizing;

use crate::plan::{SealError, SegmentPlan, SegmentRandom};
use crate::sealed::{PieceKind, Sealed};
use crate::stream::FrameStream;

/// Seals one segment. It closes at 60 s or 8 MiB, whichever comes first; its owner counts both.
pub struct Sealer {
    recording: RecordingId,
    segment: SegmentId,
    sequence: u32,
    encoder: SegmentEncoder,
    stream: FrameStream,
    counter: Counter,
    /// Something was pushed since the last flush.
    pending: bool,
    len_bytes: u64,
}

impl Sealer {
    /// Draws a data key, wraps it for every recipient, and gives the header.
    ///
    /// Errors: [`SealError::NoRecipient`], [`SealError::KeyId`], [`SealError::PublicKey`],
    /// [`SealError::Random`].
    pub fn begin(plan: SegmentPlan) -> Result<(Self, Sealed), SealError> {
        let random = SegmentRandom::draw()?;
        let header = plan.header(&random)?;
        let mut sealer = Self {
            recording: header.recording,
            segment: header.segment,
            sequence: header.sequence,
            encoder: SegmentEncoder::new()?,
            stream: FrameStream::new(&header, &random.data_key)?,
            counter: Counter::default(),
            pending: false,
            len_bytes: 0,
        };
        let bytes = header.encode()?;
        let piece = sealer.piece(PieceKind::Header, bytes);
        Ok((sealer, piece))
    }

    /// Adds one item. It is not safe from a crash before [`flush`](Self::flush)'s piece is synced.
    ///
    /// Errors: [`SealError::Format`] when the pixels are not those of the record.
    pub fn push(&mut self, item: Minimised) -> Result<(), SealError> {
        self.push_parts(item.record(), item.pixels())
    }

    fn push_parts(&mut self, record: &Record, pixels: Option<&Arc<Frame>>) -> Result<(), SealError> {
        self.encoder.push(record, pixels)?;
        self.counter.count(record, pixels.is_some());
        self.pending = true;
        Ok(())
    }

    /// Everything pushed since the last flush, as whole frames; `None` when there is nothing.
    pub fn flush(&mut self) -> Result<Option<Sealed>, SealError> {
        if !self.pending {
            return Ok(None);
        }
        self.pending = false;
        let plaintext = self.encoder.take_flushed()?;
        let bytes = self.stream.seal(plaintext)?;
        Ok(Some(self.piece(PieceKind::Frames, bytes)))
    }

    /// The length of all pieces so far.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// The rest of the segment. The data key is forgotten.
    ///
    /// Of `counts` the anchor and the flow are taken; begin, end and the counts by kind are this
    /// sealer's own, so that they are what the segment holds.
    pub fn close(self, counts: Trailer) -> Result<Sealed, SealError> {
        let Self { recording, segment, sequence, encoder, mut stream, counter, .. } = self;
        let trailer = Trailer { anchor: counts.anchor, flow: counts.flow, ..counter.trailer() };
        let json = serde_json::to_vec(&trailer).map_err(|_| overt_format::FormatError::Json)?;
        let json = Zeroizing::new(json);
        let mut bytes = stream.seal(encoder.finish()?)?;
        bytes.extend(stream.seal_last(&json)?);
        Ok(Sealed { recording, segment, sequence, kind: PieceKind::Last, bytes })
    }

    fn piece(&mut self, kind: PieceKind, bytes: Vec<u8>) -> Sealed {
        self.len_bytes += bytes.len() as u64;
        let Self { recording, segment, sequence, .. } = *self;
        Sealed { recording, segment, sequence, kind, bytes }
    }
}

#[cfg(test)]
mod tests;

//! Decrypts and decodes one segment, frame by frame.

use std::fs::File;
use std::io::{self, BufReader};

use aead_stream::DecryptorBE32;
use chacha20poly1305::ChaCha20Poly1305;
use overt_event::{Purpose, SegmentId};
use overt_format::{
    Counter, FormatError, FrameKind, FrameRead, FrameReader, HashingReader, Piece, RecordingFacts,
    SealedFrame, SegmentDecoder, SegmentFacts, SegmentHeader, SegmentSource, Trailer,
};
use zeroize::Zeroize;

use crate::error::{SegmentFault, UnsealError};
use crate::key_service::DataKey;

type Bytes = HashingReader<BufReader<File>>;

/// A segment whose header was looked at and whose key was given.
pub(crate) struct KeyedSegment {
    pub(crate) source: SegmentSource,
    pub(crate) header: SegmentHeader,
    pub(crate) key: DataKey,
}

/// Reads a segment's header and checks that it is the one the recording means.
pub(crate) fn read_header(
    facts: &RecordingFacts,
    source: &SegmentSource,
) -> Result<SegmentHeader, SegmentFault> {
    let (header, _) = SegmentHeader::read(BufReader::new(open_file(source)?))?;
    let named = (header.recording, header.segment, header.sequence, header.agreement, header.consent);
    let meant =
        (facts.recording, source.facts.segment, source.facts.sequence, facts.agreement, facts.consent);
    if named == meant { Ok(header) } else { Err(SegmentFault::Foreign) }
}

/// Whether the terms let the purpose open it. The contributor may always look.
pub(crate) fn check_purpose(header: &SegmentHeader, purpose: Purpose) -> Result<(), UnsealError> {
    if purpose == Purpose::SubjectAccess || header.purposes.contains(&purpose) {
        return Ok(());
    }
    Err(UnsealError::PurposeNotAgreed { sequence: header.sequence, purpose })
}

fn open_file(source: &SegmentSource) -> Result<File, SegmentFault> {
    match File::open(&source.path) {
        Ok(file) => Ok(file),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(SegmentFault::Missing),
        Err(e) => Err(FormatError::Io(e).into()),
    }
}

/// Gives what one segment holds, in order.
pub(crate) struct SegmentReader {
    facts: SegmentFacts,
    frames: FrameReader<Bytes>,
    /// `None` after the last frame: there is nothing more to decrypt.
    stream: Option<DecryptorBE32<ChaCha20Poly1305>>,
    associated: [u8; 32],
    decoder: SegmentDecoder,
    ended: bool,
    /// What the records themselves amount to.
    counter: Counter,
    trailer: Option<Trailer>,
}

impl SegmentReader {
    pub(crate) fn new(segment: KeyedSegment) -> Result<Self, SegmentFault> {
        let KeyedSegment { source, header, key } = segment;
        let mut reader = HashingReader::new(BufReader::new(open_file(&source)?));
        let (found, header_len) = SegmentHeader::read(&mut reader)?;
        if found != header {
            return Err(SegmentFault::Foreign);
        }
        Ok(Self {
            facts: source.facts,
            frames: FrameReader::new(reader, header_len),
            stream: Some(DecryptorBE32::new(key.bytes().into(), (&header.nonce_prefix.0).into())),
            associated: header.digest()?.0,
            decoder: SegmentDecoder::new()?,
            ended: false,
            counter: Counter::default(),
            trailer: None,
        })
    }

    pub(crate) fn segment(&self) -> SegmentId {
        self.facts.segment
    }

    pub(crate) fn sequence(&self) -> u32 {
        self.facts.sequence
    }

    /// The next piece; `None` after the last one, when the segment was found to be what it claims.
    pub(crate) fn next_piece(&mut self) -> Result<Option<Piece>, SegmentFault> {
        loop {
            if let Some(piece) = self.decoder.next().transpose()? {
                match &piece {
                    Piece::One(stored) => self.counter.count(&stored.record, stored.pixels.is_some()),
                    Piece::Moves(moves) => self.counter.count_moves(moves),
                }
                return Ok(Some(piece));
            }
            if self.ended {
                return Ok(None);
            }
            self.pull_frame()?;
        }
    }

    /// The trailer, once `next_piece` gave `None`, and the counts to compare it with.
    pub(crate) fn finish(self) -> Result<Option<Trailer>, SegmentFault> {
        let (digest, len) = self.frames.into_inner().finish().map_err(FormatError::Io)?;
        if (digest, len) != (self.facts.sha256, self.facts.len_bytes) {
            return Err(SegmentFault::Digest);
        }
        match &self.trailer {
            Some(_) if self.facts.torn => Err(SegmentFault::NotCut),
            None if !self.facts.torn => Err(SegmentFault::Cut),
            Some(_) if self.decoder.truncated() => Err(SegmentFault::Cut),
            Some(trailer) if !trailer.counts_agree(&self.counter.trailer()) => Err(SegmentFault::Counts),
            _ => Ok(self.trailer),
        }
    }

    fn pull_frame(&mut self) -> Result<(), SegmentFault> {
        match self.frames.next_frame()? {
            FrameRead::Frame(frame) => self.take_frame(frame),
            FrameRead::Torn if !self.facts.torn => Err(SegmentFault::Cut),
            FrameRead::End | FrameRead::Torn => {
                self.end();
                Ok(())
            }
        }
    }

    fn take_frame(&mut self, frame: SealedFrame) -> Result<(), SegmentFault> {
        let SealedFrame { kind, mut bytes, offset } = frame;
        let altered = |_| SegmentFault::Altered { offset };
        let mut stream = self.stream.take().ok_or(FormatError::AfterLast { offset })?;
        match kind {
            FrameKind::More => {
                stream.decrypt_next_in_place(&self.associated, &mut bytes).map_err(altered)?;
                self.stream = Some(stream);
                self.decoder.feed(&bytes);
            }
            FrameKind::Last => {
                stream.decrypt_last_in_place(&self.associated, &mut bytes).map_err(altered)?;
                self.trailer = Some(serde_json::from_slice(&bytes).map_err(|_| SegmentFault::Trailer)?);
                self.end();
            }
        }
        bytes.zeroize();
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        self.decoder.end();
    }
}

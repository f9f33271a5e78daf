//! Frames outside the encryption: where each begins and whether it is whole (section 3.2).

use std::io::Read;

use crate::error::FormatError;
use crate::header::read_full;

/// Length word and checksum before each frame.
pub const FRAME_HEAD_BYTES: usize = 8;
/// The most plaintext one frame holds.
pub const FRAME_PLAIN_BYTES_MAX: usize = 64 * 1024;
/// The authentication tag at the end of each frame.
pub const TAG_BYTES: usize = 16;
/// The most ciphertext one frame holds, its tag included.
pub const FRAME_SEALED_BYTES_MAX: usize = FRAME_PLAIN_BYTES_MAX + TAG_BYTES;

/// The top bit of the length word: the segment's last frame.
const LAST_BIT: u32 = 1 << 31;

/// Whether more frames follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    More,
    /// The trailer.
    Last,
}

/// One frame as it lies in the file, still sealed.
pub struct SealedFrame {
    pub kind: FrameKind,
    /// Ciphertext and tag.
    pub bytes: Vec<u8>,
    /// Where its length word stands in the file.
    pub offset: u64,
}

/// What stands at a place where a frame may begin.
pub enum FrameRead {
    Frame(SealedFrame),
    /// The file ends here, between two frames.
    End,
    /// The file ends within a frame that begins here.
    Torn,
}

/// A frame's bytes for the file: length word, checksum, ciphertext.
///
/// Errors: [`FormatError::Limit`] when the ciphertext is longer than [`FRAME_SEALED_BYTES_MAX`].
pub fn frame_bytes(kind: FrameKind, sealed: &[u8]) -> Result<Vec<u8>, FormatError> {
    let word = length_word(kind, sealed.len())?;
    let mut out = Vec::with_capacity(FRAME_HEAD_BYTES + sealed.len());
    out.extend_from_slice(&word);
    out.extend_from_slice(&checksum(word, sealed).to_le_bytes());
    out.extend_from_slice(sealed);
    Ok(out)
}

fn length_word(kind: FrameKind, len: usize) -> Result<[u8; 4], FormatError> {
    check_len(len as u64, 0)?;
    let last = if kind == FrameKind::Last { LAST_BIT } else { 0 };
    Ok((len as u32 | last).to_le_bytes())
}

fn check_len(len: u64, offset: u64) -> Result<(), FormatError> {
    let limit = FRAME_SEALED_BYTES_MAX as u64;
    if len > limit {
        return Err(FormatError::Limit { what: "a frame's length", offset, got: len, limit });
    }
    Ok(())
}

fn checksum(word: [u8; 4], sealed: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&word), sealed)
}

/// Reads frame after frame from a segment whose header was already read.
pub struct FrameReader<R> {
    reader: R,
    offset: u64,
}

impl<R: Read> FrameReader<R> {
    /// `offset` is the header's length: where the reader stands in the file.
    pub fn new(reader: R, offset: u64) -> Self {
        Self { reader, offset }
    }

    /// The frame that begins here.
    ///
    /// Errors: [`FormatError::Checksum`] for a whole frame that is damaged, [`FormatError::Limit`]
    /// for an impossible length, [`FormatError::Io`] from the reader.
    pub fn next_frame(&mut self) -> Result<FrameRead, FormatError> {
        let mut head = [0; FRAME_HEAD_BYTES];
        match read_full(&mut self.reader, &mut head)? {
            0 => return Ok(FrameRead::End),
            FRAME_HEAD_BYTES => {}
            _ => return Ok(FrameRead::Torn),
        }
        let word = [head[0], head[1], head[2], head[3]];
        let length = u32::from_le_bytes(word);
        let len = length & !LAST_BIT;
        check_len(u64::from(len), self.offset)?;
        let mut bytes = vec![0; len as usize];
        if read_full(&mut self.reader, &mut bytes)? < bytes.len() {
            return Ok(FrameRead::Torn);
        }
        if checksum(word, &bytes).to_le_bytes() != head[4..] {
            return Err(FormatError::Checksum { offset: self.offset });
        }
        let kind = if length & LAST_BIT == 0 { FrameKind::More } else { FrameKind::Last };
        let offset = self.offset;
        self.offset += (FRAME_HEAD_BYTES + bytes.len()) as u64;
        Ok(FrameRead::Frame(SealedFrame { kind, bytes, offset }))
    }

    /// The reader, standing after the last frame that was read.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// Where the next frame begins in the file; after [`FrameRead::Torn`], where the torn one did.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

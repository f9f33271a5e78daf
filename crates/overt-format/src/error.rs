//! What can be wrong with stored bytes.

use std::io;

use thiserror::Error;

/// Stored bytes that do not read, or values that cannot be stored.
///
/// No variant carries content, a title or a path: only numbers, offsets and names of the format.
#[derive(Debug, Error)]
pub enum FormatError {
    #[error("this is not a segment: its first bytes are foreign. Check that the file belongs to a recording")]
    Magic,
    #[error("the form has version {got} and this program reads {expected}. Use a program of that version")]
    Version { expected: u16, got: u16 },
    #[error("the segment uses cipher suite {got} and this program knows {expected}. Use a newer program")]
    Suite { expected: u16, got: u16 },
    #[error("a public part is not in its exact form. It was altered or written by another program")]
    Json,
    #[error("a checksum at byte {offset} is wrong. The file was damaged or altered; take another copy")]
    Checksum { offset: u64 },
    #[error("{what} at byte {offset} says {got} and the limit is {limit}. The file is damaged or hostile")]
    Limit { what: &'static str, offset: u64, got: u64, limit: u64 },
    #[error("the file ends at byte {offset}, inside its header. It was cut; take another copy")]
    HeaderCut { offset: u64 },
    #[error("bytes follow the last frame at byte {offset}. The file was altered; take another copy")]
    AfterLast { offset: u64 },
    #[error("segment {expected} is missing: {got} stands in its place. Take a whole copy of the recording")]
    Sequence { expected: u32, got: u32 },
    #[error(
        "the plaintext is wrong at byte {offset}: {fault}. The writer had a fault; keep the file and report it"
    )]
    Plain { offset: u64, fault: PlainFault },
    #[error("pixels and record do not fit: {fault}. The program that records has a fault; report it")]
    Unfit { fault: PlainFault },
    #[error("compression failed. There may be too little memory; close other programs and try again")]
    Compression(#[source] io::Error),
    #[error(
        "the container could not be written. There may be too little memory; close other programs and try again"
    )]
    Container,
    #[error("a file of the recording could not be read or written. Check the disk and the permissions")]
    Io(#[from] io::Error),
}

/// What is wrong inside a segment's plaintext.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PlainFault {
    #[error("the container is malformed")]
    Container,
    #[error("a container checksum is wrong")]
    Checksum,
    #[error("a container record is too long")]
    TooLong,
    #[error("a record is not of the known form")]
    Record,
    #[error("a message belongs to an unknown channel")]
    Channel,
    #[error("an attachment is of an unknown kind")]
    Attachment,
    #[error("the tile stream does not decompress")]
    TileStream,
    #[error("a frame's size is zero or too large")]
    FrameSize,
    #[error("a frame's tiles are not in order or not all there")]
    FrameTiles,
    #[error("a tile refers to one that is not in the window")]
    TileReference,
    #[error("a picture has no record, or another frame's record")]
    Pairing,
    #[error("the plaintext goes on after its end")]
    AfterEnd,
}

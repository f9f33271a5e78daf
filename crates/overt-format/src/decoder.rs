//! Turns the plaintext of a segment back into records and pixels (sections 4 and 5).

use std::collections::VecDeque;
use std::sync::Arc;

use mcap::McapError;
use mcap::records::{Record as ContainerRecord, op};
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
use overt_event::{Frame, FrameId, Record, RecordBody};

use crate::encoder::{MOVES_TOPIC, TILES_MEDIA_TYPE, TOPIC, attachment_name};
use crate::error::{FormatError, PlainFault};
use crate::moves::Moves;
use crate::stored::{Piece, Stored};
use crate::tile_reader::TileReader;

/// The longest container record, and the most that one chunk may inflate to.
const RECORD_BYTES_MAX: usize = 128 << 20;
/// Opcode and length before each container record.
const RECORD_HEAD_BYTES: usize = 9;
const MAGIC_BYTES: usize = mcap::MAGIC.len();

/// Decodes one segment as its plaintext comes in.
///
/// Iterating gives what can be told from the bytes fed so far; `None` means that more bytes are
/// needed or, after [`end`](Self::end), that there is nothing more. After an error it gives `None`.
pub struct SegmentDecoder {
    pieces: Pieces,
    container: LinearReader,
    content: Content,
    ended: bool,
    failed: bool,
}

impl SegmentDecoder {
    /// Ready for the first byte.
    pub fn new() -> Result<Self, FormatError> {
        let options = LinearReaderOptions::default()
            .with_prevalidate_chunk_crcs(true)
            .with_validate_data_section_crc(true)
            .with_validate_summary_section_crc(true)
            .with_record_length_limit(RECORD_BYTES_MAX);
        Ok(Self {
            pieces: Pieces::default(),
            container: LinearReader::new_with_options(options),
            content: Content::default(),
            ended: false,
            failed: false,
        })
    }

    /// Adds the next bytes of the plaintext.
    pub fn feed(&mut self, plaintext: &[u8]) {
        self.pieces.buffer.extend(plaintext);
    }

    /// Says that no more bytes will come.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Whether the plaintext ended before its end. It is known once iterating is over after [`end`](Self::end).
    pub fn truncated(&self) -> bool {
        self.ended && !self.failed && self.pieces.stage != Stage::Done
    }

    fn step(&mut self) -> Result<Option<Piece>, PlainFault> {
        loop {
            let event = match self.container.next_event() {
                None => return self.pieces.next_piece().map(|_| None),
                Some(event) => event.map_err(|e| fault_of(&e))?,
            };
            match event {
                LinearReadEvent::Record { opcode, data } => {
                    if let Some(piece) = self.content.take(opcode, data)? {
                        return Ok(Some(piece));
                    }
                }
                LinearReadEvent::ReadRequest(_) => match self.pieces.next_piece()? {
                    None => return Ok(None),
                    Some(len) => self.hand_over(len),
                },
            }
        }
    }

    /// The container gets whole records only, so that a torn one is never begun and the place of a
    /// fault is known.
    fn hand_over(&mut self, len: usize) {
        let space = &mut self.container.insert(len)[..len];
        let (front, back) = self.pieces.buffer.as_slices();
        let (from_front, from_back) = (len.min(front.len()), len.saturating_sub(front.len()));
        space[..from_front].copy_from_slice(&front[..from_front]);
        space[from_front..].copy_from_slice(&back[..from_back]);
        self.pieces.buffer.drain(..len);
        self.container.notify_read(len);
    }
}

impl Iterator for SegmentDecoder {
    type Item = Result<Piece, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        self.step()
            .map_err(|fault| {
                self.failed = true;
                FormatError::Plain { offset: self.pieces.begun_at, fault }
            })
            .transpose()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    StartMagic,
    Records,
    EndMagic,
    Done,
}

/// The plaintext cut into what the container reads in one go: its magic, whole records.
struct Pieces {
    buffer: VecDeque<u8>,
    stage: Stage,
    /// Where the piece that was last handed over begins.
    begun_at: u64,
    next_at: u64,
}

impl Default for Pieces {
    fn default() -> Self {
        Self { buffer: VecDeque::new(), stage: Stage::StartMagic, begun_at: 0, next_at: 0 }
    }
}

impl Pieces {
    /// The length of the piece at the front of the buffer, once all of it is there.
    fn next_piece(&mut self) -> Result<Option<usize>, PlainFault> {
        let (len, then) = match self.stage {
            Stage::StartMagic => (MAGIC_BYTES, Stage::Records),
            Stage::EndMagic => (MAGIC_BYTES, Stage::Done),
            Stage::Records => match self.record_len()? {
                None => return Ok(None),
                Some((op::FOOTER, len)) => (len, Stage::EndMagic),
                Some((_, len)) => (len, Stage::Records),
            },
            Stage::Done if self.buffer.is_empty() => return Ok(None),
            Stage::Done => {
                self.begun_at = self.next_at;
                return Err(PlainFault::AfterEnd);
            }
        };
        if self.buffer.len() < len {
            return Ok(None);
        }
        self.stage = then;
        self.begun_at = self.next_at;
        self.next_at += len as u64;
        Ok(Some(len))
    }

    /// Opcode and whole length of the record at the front.
    fn record_len(&mut self) -> Result<Option<(u8, usize)>, PlainFault> {
        if self.buffer.len() < RECORD_HEAD_BYTES {
            return Ok(None);
        }
        let len = (1..RECORD_HEAD_BYTES).rev().fold(0, |len, i| len << 8 | u64::from(self.buffer[i]));
        match usize::try_from(len) {
            Ok(len) if len <= RECORD_BYTES_MAX => Ok(Some((self.buffer[0], RECORD_HEAD_BYTES + len))),
            _ => {
                self.begun_at = self.next_at;
                Err(PlainFault::TooLong)
            }
        }
    }
}

/// What the container's records mean.
#[derive(Default)]
struct Content {
    tiles: Option<TileReader>,
    /// The numbers of the channels `/records` and `/moves`.
    records: Option<u16>,
    moves: Option<u16>,
    /// A picture whose record comes next.
    picture: Option<(FrameId, Arc<Frame>)>,
}

impl Content {
    fn take(&mut self, opcode: u8, data: &[u8]) -> Result<Option<Piece>, PlainFault> {
        if opcode == op::ATTACHMENT && !holds_attachment(data) {
            return Err(PlainFault::Container);
        }
        match mcap::parse_record(opcode, data).map_err(|e| fault_of(&e))? {
            ContainerRecord::Channel(channel) if channel.topic == TOPIC => {
                self.records = Some(channel.id);
                Ok(None)
            }
            ContainerRecord::Channel(channel) if channel.topic == MOVES_TOPIC => {
                self.moves = Some(channel.id);
                Ok(None)
            }
            ContainerRecord::Message { header, data } if Some(header.channel_id) == self.records => {
                Ok(Some(Piece::One(self.record(&data)?)))
            }
            ContainerRecord::Message { header, data } if Some(header.channel_id) == self.moves => {
                Ok(Some(Piece::Moves(self.run(&data)?)))
            }
            ContainerRecord::Message { .. } => Err(PlainFault::Channel),
            ContainerRecord::Attachment { header, data, .. } if header.media_type == TILES_MEDIA_TYPE => {
                self.picture(&header.name, &data)?;
                Ok(None)
            }
            ContainerRecord::Attachment { .. } => Err(PlainFault::Attachment),
            _ => Ok(None),
        }
    }

    fn picture(&mut self, name: &str, data: &[u8]) -> Result<(), PlainFault> {
        let tiles = match &mut self.tiles {
            Some(tiles) => tiles,
            none => none.insert(TileReader::new().map_err(|_| PlainFault::TileStream)?),
        };
        let (id, frame) = tiles.read(data)?;
        if self.picture.is_some() || attachment_name(id.0) != name {
            return Err(PlainFault::Pairing);
        }
        self.picture = Some((id, frame));
        Ok(())
    }

    fn run(&self, json: &[u8]) -> Result<Moves, PlainFault> {
        if self.picture.is_some() {
            return Err(PlainFault::Pairing);
        }
        Moves::read(json)
    }

    fn record(&mut self, json: &[u8]) -> Result<Stored, PlainFault> {
        // Looked at as a whole, its letters need not be looked at again word by word.
        let json = std::str::from_utf8(json).map_err(|_| PlainFault::Record)?;
        let record: Box<Record> = serde_json::from_str(json).map_err(|_| PlainFault::Record)?;
        let Some((id, frame)) = self.picture.take() else {
            return Ok(Stored { record, pixels: None });
        };
        match &record.body {
            RecordBody::Frame(f) if (f.id, f.width, f.height) == (id, frame.width, frame.height) => {
                Ok(Stored { record, pixels: Some(frame) })
            }
            _ => Err(PlainFault::Pairing),
        }
    }
}

/// Whether the strings of an attachment's head leave room for the fields around them. mcap 0.26
/// takes that for granted and panics on an attachment without room for its checksum.
fn holds_attachment(body: &[u8]) -> bool {
    let string_end = |at: usize| {
        let len: [u8; 4] = body.get(at..at + 4)?.try_into().ok()?;
        (at + 4).checked_add(u32::from_le_bytes(len) as usize)
    };
    // Two times, name, media type; then the data's length and the checksum.
    string_end(16).and_then(string_end).is_some_and(|head| head + 8 + 4 <= body.len())
}

fn fault_of(error: &McapError) -> PlainFault {
    match error {
        McapError::BadAttachmentCrc { .. }
        | McapError::BadChunkCrc { .. }
        | McapError::BadDataCrc { .. }
        | McapError::BadSummaryCrc { .. } => PlainFault::Checksum,
        McapError::RecordTooLarge { .. } | McapError::ChunkTooLarge(_) => PlainFault::TooLong,
        _ => PlainFault::Container,
    }
}

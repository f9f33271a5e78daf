//! Turns records and pixels into the plaintext of a segment (sections 4 and 5).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mcap::records::MessageHeader;
use mcap::write::NoSeek;
use mcap::{Attachment, Compression, WriteOptions, Writer};
use overt_event::{CursorId, Frame, FrameRecord, MonoNanos, Record, RecordBody};
use serde::Serialize;

use crate::error::{FormatError, PlainFault};
use crate::moves::{RunWriter, Written};
use crate::tile_writer::TileWriter;

pub(crate) const TOPIC: &str = "/records";
pub(crate) const MOVES_TOPIC: &str = "/moves";
pub(crate) const TILES_MEDIA_TYPE: &str = "application/x-overt-tiles";
const SCHEMA: &[u8] =
    br#"{"title":"overt.Record","type":"object","required":["seq","time","arrival","body"]}"#;
const MOVES_SCHEMA: &[u8] =
    br#"{"title":"overt.Moves","type":"object","required":["first","time","delay","x","y"]}"#;
/// A chunk closes at this size, or at a flush or a picture, whichever comes first.
const CHUNK_BYTES: u64 = 256 * 1024;

/// Encodes one segment. It holds plaintext: whoever drops it should have taken all of it.
pub struct SegmentEncoder {
    writer: Writer<NoSeek<Sink>>,
    written: Sink,
    records: u16,
    moves: u16,
    messages: u32,
    /// Moves that are not written yet, since more may follow.
    run: RunWriter,
    tiles: Option<TileWriter>,
    /// Shapes of the pointer that this segment holds already.
    shapes: BTreeSet<CursorId>,
}

impl SegmentEncoder {
    /// An empty segment.
    pub fn new() -> Result<Self, FormatError> {
        let written = Sink::default();
        let mut writer = options().create(NoSeek::new(written.clone())).map_err(container)?;
        let mut channel = |title, schema, topic| {
            let schema = writer.add_schema(title, "jsonschema", schema)?;
            writer.add_channel(schema, topic, "json", &BTreeMap::new())
        };
        let records = channel("overt.Record", SCHEMA, TOPIC).map_err(container)?;
        let moves = channel("overt.Moves", MOVES_SCHEMA, MOVES_TOPIC).map_err(container)?;
        let (run, shapes) = (RunWriter::default(), BTreeSet::new());
        Ok(Self { writer, written, records, moves, messages: 0, run, tiles: None, shapes })
    }

    /// Adds one record and, where it is a frame with pixels, its picture.
    ///
    /// Errors: [`FormatError::Unfit`] when the pixels are not those of the record.
    pub fn push(&mut self, record: &Record, pixels: Option<&Arc<Frame>>) -> Result<(), FormatError> {
        if pixels.is_none() && self.run.take(record) {
            return Ok(());
        }
        self.end_run()?;
        match pixels {
            Some(frame) => self.attach(record, frame)?,
            None if self.run.take(record) => return Ok(()),
            None => {}
        }
        let record = self.once(record);
        self.message(self.records, record.time, &record)
    }

    fn end_run(&mut self) -> Result<(), FormatError> {
        match self.run.finish() {
            Some(Written::Run(run)) => self.message(self.moves, run.first.time, &run),
            Some(Written::One(record)) => self.message(self.records, record.time, &record),
            None => Ok(()),
        }
    }

    fn message(&mut self, channel: u16, time: MonoNanos, data: &impl Serialize) -> Result<(), FormatError> {
        let json = serde_json::to_vec(data).map_err(|_| FormatError::Json)?;
        let sequence = self.messages;
        let header = MessageHeader { channel_id: channel, sequence, log_time: time.0, publish_time: time.0 };
        self.messages = self.messages.wrapping_add(1);
        self.writer.write_to_known_channel(&header, &json).map_err(container)
    }

    /// Everything so far that was not yet taken, as whole container records. A chunk is closed for it.
    pub fn take_flushed(&mut self) -> Result<Vec<u8>, FormatError> {
        self.end_run()?;
        self.writer.flush().map_err(container)?;
        Ok(self.written.take())
    }

    /// The rest, with the container's summary and end.
    pub fn finish(mut self) -> Result<Vec<u8>, FormatError> {
        self.end_run()?;
        self.writer.finish().map_err(container)?;
        Ok(self.written.take())
    }

    /// The record, without the shape of a pointer that stands in this segment already.
    fn once<'r>(&mut self, record: &'r Record) -> Cow<'r, Record> {
        match record.body {
            RecordBody::Cursor { id: Some(id), shape: Some(_) } if !self.shapes.insert(id) => {
                let body = RecordBody::Cursor { id: Some(id), shape: None };
                Cow::Owned(Record { body, ..record.clone() })
            }
            _ => Cow::Borrowed(record),
        }
    }

    /// The picture goes before the chunk that begins with its record, outside any chunk: its bytes
    /// are compressed already.
    fn attach(&mut self, record: &Record, frame: &Arc<Frame>) -> Result<(), FormatError> {
        let facts = frame_of(record, frame)?;
        let tiles = match &mut self.tiles {
            Some(tiles) => tiles,
            none => none.insert(TileWriter::new()?),
        };
        let data = tiles.write(facts.id, frame)?;
        let attachment = Attachment {
            log_time: record.time.0,
            create_time: record.time.0,
            name: attachment_name(facts.id.0),
            media_type: TILES_MEDIA_TYPE.to_owned(),
            data: Cow::Owned(data),
        };
        self.writer.attach(&attachment).map_err(container)
    }
}

/// The record's frame facts, if they are those of the pixels.
pub(crate) fn frame_of<'r>(record: &'r Record, frame: &Frame) -> Result<&'r FrameRecord, FormatError> {
    match &record.body {
        RecordBody::Frame(facts) if (facts.width, facts.height) == (frame.width, frame.height) => Ok(facts),
        _ => Err(FormatError::Unfit { fault: PlainFault::Pairing }),
    }
}

pub(crate) fn attachment_name(id: u32) -> String {
    format!("frame/{id}")
}

/// No index of any kind: a segment is read from its start, because its tiles must be.
fn options() -> WriteOptions {
    WriteOptions::new()
        .profile("overt")
        .library("overt-format")
        .compression(Some(Compression::Zstd))
        .compression_level(3)
        .compression_threads(0)
        .chunk_size(Some(CHUNK_BYTES))
        .disable_seeking(true)
        .calculate_chunk_crcs(true)
        .calculate_attachment_crcs(true)
        .emit_summary_records(false)
        .emit_statistics(true)
        .repeat_channels(true)
        .repeat_schemas(true)
        .emit_message_indexes(false)
        .emit_summary_offsets(false)
}

/// The container's own words are not passed on: they can quote what was being written.
#[allow(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn container(_: mcap::McapError) -> FormatError {
    FormatError::Container
}

/// Where the container writes to, and where it is taken from.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    /// A `Vec` is sound whatever a panic interrupted.
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.bytes())
    }
}

impl Write for Sink {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

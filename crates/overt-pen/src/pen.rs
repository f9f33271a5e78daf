//! Writes one recording: judged records into sealed segments, sealed segments into the spool.

use std::path::Path;

use overt_event::{ClockAnchor, Day, MonoNanos, NANOS_PER_MILLI, RecordBody, RecordingId};
use overt_format::{Digest, Flow, Losses, RecordingState, Trailer};
use overt_minimise::Minimised;
use overt_seal::{Recipient, Sealed, Sealer, SegmentPlan};
use overt_spool::{DayVolume, RecordingWriter};

use crate::error::PenError;
use crate::preface::Preface;

/// A segment closes after this long (docs/spec/segment.md, section 1).
const SEGMENT_MILLIS_MAX: u64 = 60_000;
/// ... or when it has grown to this many bytes of ciphertext.
const SEGMENT_BYTES_MAX: u64 = 8 << 20;
/// What was judged is on disk after at most this long, and synced: less than the second that the
/// spec promises, so that the sync itself fits in.
const FLUSH_MILLIS: u64 = 800;

/// What every segment of one recording has in common.
pub struct SegmentTerms {
    pub recording: RecordingId,
    pub agreement: Digest,
    pub consent: Digest,
    pub level: overt_event::Level,
    pub purposes: Vec<overt_event::Purpose>,
    pub day: Day,
    pub recipients: Vec<Recipient>,
}

/// The pen that writes a recording.
pub struct Pen {
    terms: SegmentTerms,
    spool: RecordingWriter,
    open: Option<Open>,
    preface: Preface,
    closed: Vec<Closed>,
    taken: u64,
    /// The newest meeting of the clocks that was written, if any is known.
    anchor: Option<ClockAnchor>,
    volume: Option<DayVolume>,
}

struct Open {
    sealer: Sealer,
    began: MonoNanos,
    flushed: MonoNanos,
    dirty: bool,
    written: Written,
}

/// A segment that was closed, and when it was written.
struct Closed {
    began: MonoNanos,
    ended: MonoNanos,
    written: Written,
}

/// What has been written so far, and not been forgotten.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    pub records: u64,
    pub pictures: u64,
    pub sealed_bytes: u64,
    pub segments: u32,
}

impl std::ops::Add for Written {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            pictures: self.pictures + other.pictures,
            sealed_bytes: self.sealed_bytes + other.sealed_bytes,
            segments: self.segments + other.segments,
        }
    }
}

impl Pen {
    /// A pen for a recording that has begun. `anchor` is where its two clocks meet, if that is known;
    /// `volume` counts what is written in a day, where somebody asks.
    pub fn new(
        terms: SegmentTerms,
        spool: RecordingWriter,
        anchor: Option<ClockAnchor>,
        volume: Option<DayVolume>,
    ) -> Self {
        let (preface, closed) = (Preface::default(), Vec::new());
        Self { terms, spool, open: None, preface, closed, taken: 0, anchor, volume }
    }

    /// Takes what was judged. It is sealed at once and on disk within a second.
    pub fn write(&mut self, items: Vec<Minimised>, now: MonoNanos) -> Result<(), PenError> {
        for item in items {
            self.write_one(item, now)?;
        }
        Ok(())
    }

    fn write_one(&mut self, item: Minimised, now: MonoNanos) -> Result<(), PenError> {
        if self.open.is_none() {
            self.open = Some(self.begin(now)?);
        }
        // It stays open whatever fails, so that what it holds already can be closed and kept.
        let Self { open: Some(open), preface, taken, anchor, .. } = self else { return Ok(()) };
        open.written.records += 1;
        open.written.pictures += u64::from(item.pixels().is_some());
        open.dirty = true;
        if let Some(picture) = preface.needed_by(&item) {
            open.sealer.push(picture)?;
        }
        preface.note(&item);
        if let RecordBody::Clock(newest) = item.record().body {
            *anchor = Some(newest);
        }
        open.sealer.push(item)?;
        *taken += 1;
        Ok(())
    }

    /// Lets time pass: flushes what is due, closes a segment that is full or old.
    pub fn tick(&mut self, now: MonoNanos, flow: impl FnOnce() -> Flow) -> Result<(), PenError> {
        let Some(open) = &self.open else { return Ok(()) };
        if open.dirty && now.since(open.flushed) >= FLUSH_MILLIS * NANOS_PER_MILLI {
            self.flush(now)?;
        }
        let Some(open) = &self.open else { return Ok(()) };
        let old = now.since(open.began) >= SEGMENT_MILLIS_MAX * NANOS_PER_MILLI;
        if old || open.sealer.len_bytes() >= SEGMENT_BYTES_MAX {
            self.close(now, flow())?;
        }
        Ok(())
    }

    /// Seals and syncs what was taken, without waiting until it is due: the machine goes to sleep.
    pub fn flush(&mut self, now: MonoNanos) -> Result<(), PenError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let piece = open.sealer.flush()?;
        (open.dirty, open.flushed) = (false, now);
        if let Some(piece) = piece {
            open.written.sealed_bytes += piece.bytes().len() as u64;
            self.append(piece, now)?;
        }
        Ok(self.spool.sync()?)
    }

    /// Counts, then writes.
    fn append(&mut self, piece: Sealed, now: MonoNanos) -> Result<(), PenError> {
        let today = self.day(now);
        if let Some(volume) = &mut self.volume {
            volume.add(piece.bytes().len() as u64, today)?;
        }
        Ok(self.spool.append(piece)?)
    }

    /// Sealed bytes of this day, those of earlier recordings in the same spool included; 0 where nobody counts.
    pub fn day_bytes(&self, now: MonoNanos) -> u64 {
        self.volume.as_ref().map_or(0, |volume| volume.bytes(self.day(now)))
    }

    /// The day by the newest meeting of the clocks; the recording's own where they never met.
    fn day(&self, now: MonoNanos) -> Day {
        self.anchor.map_or(self.terms.day, |anchor| anchor.wall_at(now).day())
    }

    fn begin(&mut self, now: MonoNanos) -> Result<Open, PenError> {
        let plan = SegmentPlan {
            recording: self.terms.recording,
            sequence: self.spool.next_sequence(),
            agreement_digest: self.terms.agreement,
            consent_digest: self.terms.consent,
            level: self.terms.level,
            purposes: self.terms.purposes.clone(),
            day: self.terms.day,
            recipients: self.terms.recipients.clone(),
        };
        let (mut sealer, header) = Sealer::begin(plan)?;
        for item in self.preface.of_new_segment() {
            sealer.push(item)?;
        }
        let sealed_bytes = header.bytes().len() as u64;
        self.append(header, now)?;
        let written = Written { sealed_bytes, segments: 1, ..Written::default() };
        Ok(Open { sealer, began: now, flushed: now, dirty: false, written })
    }

    fn close(&mut self, now: MonoNanos, flow: Flow) -> Result<(), PenError> {
        let Some(Open { sealer, began, mut written, .. }) = self.open.take() else { return Ok(()) };
        let counts = Trailer { anchor: self.anchor, flow, ..Trailer::default() };
        let last = sealer.close(counts)?;
        written.sealed_bytes += last.bytes().len() as u64;
        self.append(last, now)?;
        self.closed.push(Closed { began, ended: now, written });
        Ok(())
    }

    /// Erases every segment that holds anything written since then, durably; gives the moment from which on
    /// nothing is left: `since` or earlier.
    pub fn forget_since(&mut self, since: MonoNanos) -> Result<MonoNanos, PenError> {
        let open = self.open.take();
        let kept = self.closed.partition_point(|segment| segment.ended < since);
        self.spool.forget_from(kept as u32)?;
        self.preface.forget();
        let first = self.closed.drain(kept..).map(|segment| segment.began).next();
        Ok(first.or(open.map(|o| o.began)).map_or(since, |began| began.min(since)))
    }

    /// Closes the segment and the recording.
    pub fn finish(mut self, state: RecordingState, now: MonoNanos, flow: Flow) -> Result<Written, PenError> {
        let losses = Losses { events: flow.lost, ..Losses::default() };
        self.close(now, flow)?;
        let written = self.written();
        self.spool.finish(state, losses)?;
        // What is not given back leaves the day a little shorter, and the recording is whole all the same.
        let _ = self.volume.map(DayVolume::finish);
        Ok(written)
    }

    /// The recording's folder in the spool.
    pub fn folder(&self) -> &Path {
        self.spool.folder()
    }

    /// Nothing is to be flushed.
    pub fn is_idle(&self) -> bool {
        self.open.as_ref().is_none_or(|open| !open.dirty)
    }

    /// Records that it took, whether they were forgotten later or not.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// What has been written so far, and not been forgotten.
    pub fn written(&self) -> Written {
        let open = self.open.as_ref().map(|open| open.written);
        self.closed.iter().map(|segment| segment.written).chain(open).fold(Written::default(), |a, b| a + b)
    }
}

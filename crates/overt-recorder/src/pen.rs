//! Writes one recording: judged records into sealed segments, sealed segments into the spool.

use overt_event::{ClockAnchor, Day, MonoNanos, NANOS_PER_MILLI, RecordingId};
use overt_format::{Digest, Flow, Losses, RecordingState, Trailer};
use overt_minimise::Minimised;
use overt_seal::{Recipient, Sealer, SegmentPlan};
use overt_spool::RecordingWriter;

use crate::error::RecordError;
use crate::preface::Preface;

/// A segment closes after this long (docs/spec/segment.md, section 1).
const SEGMENT_MILLIS_MAX: u64 = 60_000;
/// ... or when it has grown to this many bytes of ciphertext.
const SEGMENT_BYTES_MAX: u64 = 8 << 20;
/// What was judged is on disk after at most this long, and synced: less than the second that the
/// spec promises, so that the sync itself fits in.
const FLUSH_MILLIS: u64 = 800;

/// What every segment of one recording has in common.
pub(crate) struct SegmentTerms {
    pub recording: RecordingId,
    pub agreement: Digest,
    pub consent: Digest,
    pub level: overt_event::Level,
    pub purposes: Vec<overt_event::Purpose>,
    pub day: Day,
    pub recipients: Vec<Recipient>,
}

/// The pen that writes a recording.
pub(crate) struct Pen {
    terms: SegmentTerms,
    spool: RecordingWriter,
    open: Option<Open>,
    preface: Preface,
    next_sequence: u32,
    anchor: ClockAnchor,
    sealed_bytes: u64,
    records: u64,
    pictures: u64,
}

struct Open {
    sealer: Sealer,
    began: MonoNanos,
    flushed: MonoNanos,
    dirty: bool,
}

/// What has been written so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    pub records: u64,
    pub pictures: u64,
    pub sealed_bytes: u64,
    pub segments: u32,
}

impl Pen {
    pub(crate) fn new(terms: SegmentTerms, spool: RecordingWriter, anchor: ClockAnchor) -> Self {
        Self {
            terms,
            spool,
            open: None,
            preface: Preface::default(),
            next_sequence: 0,
            anchor,
            sealed_bytes: 0,
            records: 0,
            pictures: 0,
        }
    }

    /// Takes what was judged. It is sealed at once and on disk within a second.
    pub(crate) fn write(&mut self, items: Vec<Minimised>, now: MonoNanos) -> Result<(), RecordError> {
        for item in items {
            self.write_one(item, now)?;
        }
        Ok(())
    }

    fn write_one(&mut self, item: Minimised, now: MonoNanos) -> Result<(), RecordError> {
        if self.open.is_none() {
            self.open = Some(self.begin(now)?);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        self.records += 1;
        self.pictures += u64::from(item.pixels().is_some());
        open.dirty = true;
        if let Some(picture) = self.preface.needed_by(&item) {
            open.sealer.push(picture)?;
        }
        self.preface.note(&item);
        open.sealer.push(item)?;
        Ok(())
    }

    /// Lets time pass: flushes what is due, closes a segment that is full or old.
    pub(crate) fn tick(&mut self, now: MonoNanos, flow: impl FnOnce() -> Flow) -> Result<(), RecordError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let due = now.since(open.flushed) >= FLUSH_MILLIS * NANOS_PER_MILLI;
        if open.dirty && due {
            let piece = open.sealer.flush()?;
            (open.dirty, open.flushed) = (false, now);
            if let Some(piece) = piece {
                self.sealed_bytes += piece.bytes().len() as u64;
                self.spool.append(piece)?;
            }
            self.spool.sync()?;
        }
        let old = now.since(open.began) >= SEGMENT_MILLIS_MAX * NANOS_PER_MILLI;
        if old || open.sealer.len_bytes() >= SEGMENT_BYTES_MAX {
            self.close(flow())?;
        }
        Ok(())
    }

    fn begin(&mut self, now: MonoNanos) -> Result<Open, RecordError> {
        let plan = SegmentPlan {
            recording: self.terms.recording,
            sequence: self.next_sequence,
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
        self.next_sequence += 1;
        self.sealed_bytes += header.bytes().len() as u64;
        self.spool.append(header)?;
        Ok(Open { sealer, began: now, flushed: now, dirty: false })
    }

    fn close(&mut self, flow: Flow) -> Result<(), RecordError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let counts = Trailer { anchor: Some(self.anchor), flow, ..Trailer::default() };
        let last = open.sealer.close(counts)?;
        self.sealed_bytes += last.bytes().len() as u64;
        self.spool.append(last)?;
        Ok(())
    }

    /// Closes the segment and the recording.
    pub(crate) fn finish(mut self, state: RecordingState, flow: Flow) -> Result<Written, RecordError> {
        let losses = Losses { events: flow.lost, ..Losses::default() };
        self.close(flow)?;
        let written = self.written();
        self.spool.finish(state, losses)?;
        Ok(written)
    }

    pub(crate) fn written(&self) -> Written {
        Written {
            records: self.records,
            pictures: self.pictures,
            sealed_bytes: self.sealed_bytes,
            segments: self.next_sequence,
        }
    }
}

#[cfg(test)]
mod tests;

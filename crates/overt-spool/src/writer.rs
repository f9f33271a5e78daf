//! Writes one recording, segment by segment.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use overt_event::{RecordingId, SegmentId};
use overt_format::{Hex, Incomplete, Losses, RECORDING_FILE, RecordingFacts, RecordingState, SegmentFacts};
use overt_seal::{PieceKind, Sealed};
use sha2::{Digest as _, Sha256};

use crate::disk::{Disk, OsDisk, Places, replace};
use crate::error::SpoolError;
use crate::spool::Limits;

/// The one writer of a recording. Others see that it is at work by the lock on the folder.
pub struct RecordingWriter<D: Disk = OsDisk> {
    disk: Arc<D>,
    limits: Limits,
    used_bytes: Arc<AtomicU64>,
    places: Places,
    facts: RecordingFacts,
    part: Option<Part<D::File>>,
    /// `recording.json` lags behind the segments, because there was no room for it. Recovery would
    /// find out from the segments; nothing is begun before it was caught up with.
    stale: bool,
    failed: bool,
    _lock: D::Lock,
}

/// The segment that is growing.
struct Part<F> {
    file: F,
    segment: SegmentId,
    sequence: u32,
    hasher: Sha256,
    len_bytes: u64,
    has_frames: bool,
}

/// A sealed piece, borrowed.
pub(crate) struct Piece<'p> {
    pub(crate) recording: RecordingId,
    pub(crate) segment: SegmentId,
    pub(crate) sequence: u32,
    pub(crate) kind: PieceKind,
    pub(crate) bytes: &'p [u8],
}

impl<D: Disk> RecordingWriter<D> {
    pub(crate) fn new(
        disk: Arc<D>,
        limits: Limits,
        used_bytes: Arc<AtomicU64>,
        places: Places,
        facts: RecordingFacts,
        lock: D::Lock,
    ) -> Self {
        Self { disk, limits, used_bytes, places, facts, part: None, stale: false, failed: false, _lock: lock }
    }

    /// What `recording.json` says at the moment.
    pub fn facts(&self) -> &RecordingFacts {
        &self.facts
    }

    /// The folder of this recording.
    pub fn folder(&self) -> &std::path::Path {
        &self.places.folder
    }

    /// The sequence that the next segment must have. It goes back when segments are forgotten.
    pub fn next_sequence(&self) -> u32 {
        self.facts.segments.len() as u32
    }

    /// Appends a piece. A header begins a segment; a last piece closes it, durably.
    ///
    /// Errors: [`SpoolError::Full`] when there is no room, and then the piece is not there at all and may be tried
    /// again; [`SpoolError::Order`] and [`SpoolError::ForeignPiece`] for a piece that does not
    /// belong here; [`SpoolError::Failed`] after a fault that could not be undone.
    pub fn append(&mut self, piece: Sealed) -> Result<(), SpoolError> {
        self.append_piece(&Piece {
            recording: piece.recording(),
            segment: piece.segment(),
            sequence: piece.sequence(),
            kind: piece.kind(),
            bytes: piece.bytes(),
        })
    }

    pub(crate) fn append_piece(&mut self, piece: &Piece<'_>) -> Result<(), SpoolError> {
        self.check_sound()?;
        self.check_place(piece)?;
        if self.stale {
            self.write_facts()?;
        }
        self.check_room(piece.bytes.len() as u64)?;
        if piece.kind == PieceKind::Header {
            self.begin_part(piece)?;
        }
        let written = self.write(piece);
        if written.is_err() && piece.kind == PieceKind::Header {
            self.drop_part()?;
        }
        written?;
        if piece.kind == PieceKind::Last { self.close_part() } else { Ok(()) }
    }

    /// Waits until everything appended is on the disk.
    pub fn sync(&mut self) -> Result<(), SpoolError> {
        self.check_sound()?;
        let Some(part) = &self.part else { return Ok(()) };
        let synced = self.disk.sync(&part.file);
        self.or_fail(synced)
    }

    /// Removes the growing segment and every closed one from `sequence` on. It is durable when this returns, and
    /// the next segment gets the first free sequence.
    pub fn forget_from(&mut self, sequence: u32) -> Result<(), SpoolError> {
        self.check_sound()?;
        self.drop_part()?;
        let kept = self.facts.segments.len().min(sequence as usize);
        // The newest first, so that a crash leaves no hole; the facts last, so that a crash cannot
        // make recovery take a forgotten file for one that was not entered yet.
        for segment in self.facts.segments[kept..].iter().rev() {
            let removed = self.disk.remove_file(&self.places.closed(segment.sequence));
            if let Err(error) = removed {
                self.failed = true;
                return Err(SpoolError::Io(error));
            }
            self.used_bytes.fetch_sub(segment.len_bytes, Ordering::Relaxed);
        }
        let synced = self.disk.sync_dir(&self.places.segments);
        self.or_fail(synced)?;
        self.facts.segments.truncate(kept);
        self.write_facts_or_lag()
    }

    /// Ends the recording. A segment that was not closed is kept as a torn one, and then the recording is not
    /// complete whatever `state` says.
    pub fn finish(mut self, state: RecordingState, losses: Losses) -> Result<RecordingFacts, SpoolError> {
        self.check_sound()?;
        self.facts.losses = losses;
        let torn = self.keep_part_torn()?;
        self.facts.state = match state {
            RecordingState::Complete | RecordingState::Open if torn => {
                RecordingState::Incomplete { why: Incomplete::Failed }
            }
            RecordingState::Open => RecordingState::Complete,
            other => other,
        };
        self.write_facts()?;
        Ok(self.facts)
    }

    fn check_sound(&self) -> Result<(), SpoolError> {
        if self.failed { Err(SpoolError::Failed) } else { Ok(()) }
    }

    fn check_place(&self, piece: &Piece<'_>) -> Result<(), SpoolError> {
        if piece.recording != self.facts.recording {
            return Err(SpoolError::ForeignPiece);
        }
        let expected = self.next_sequence();
        if piece.sequence != expected {
            return Err(SpoolError::Order { expected, got: piece.sequence });
        }
        match (&self.part, piece.kind) {
            (None, PieceKind::Header) => Ok(()),
            (Some(part), PieceKind::Frames | PieceKind::Last) if part.segment == piece.segment => Ok(()),
            _ => Err(SpoolError::ForeignPiece),
        }
    }

    fn check_room(&self, needed_bytes: u64) -> Result<(), SpoolError> {
        let used = self.used_bytes.load(Ordering::Relaxed);
        let free = self.disk.free_bytes(&self.places.folder).map_err(SpoolError::Io)?;
        if self.limits.leave_room(used, free, needed_bytes) {
            return Ok(());
        }
        Err(SpoolError::Full { needed_bytes })
    }

    fn begin_part(&mut self, piece: &Piece<'_>) -> Result<(), SpoolError> {
        let path = self.places.part(piece.sequence);
        let file = self.disk.create(&path).map_err(SpoolError::writing(piece.bytes.len() as u64))?;
        let synced = self.disk.sync_dir(&self.places.segments);
        self.or_fail(synced)?;
        self.part = Some(Part {
            file,
            segment: piece.segment,
            sequence: piece.sequence,
            hasher: Sha256::new(),
            len_bytes: 0,
            has_frames: false,
        });
        Ok(())
    }

    /// Appends to the part, or leaves it as it was.
    fn write(&mut self, piece: &Piece<'_>) -> Result<(), SpoolError> {
        let part = self.part.as_mut().ok_or(SpoolError::Failed)?;
        let len = piece.bytes.len() as u64;
        if let Err(error) = self.disk.append(&mut part.file, piece.bytes) {
            self.failed = self.disk.cut(&mut part.file, part.len_bytes).is_err();
            return Err(SpoolError::writing(len)(error));
        }
        part.hasher.update(piece.bytes);
        part.len_bytes += len;
        part.has_frames |= piece.kind != PieceKind::Header;
        self.used_bytes.fetch_add(len, Ordering::Relaxed);
        Ok(())
    }

    fn close_part(&mut self) -> Result<(), SpoolError> {
        match self.part.take() {
            Some(part) => self.put_away(part, false),
            None => Ok(()),
        }
    }

    /// Whether there was one that held something.
    fn keep_part_torn(&mut self) -> Result<bool, SpoolError> {
        match self.part.take() {
            None => Ok(false),
            Some(part) if !part.has_frames => {
                self.part = Some(part);
                self.drop_part().map(|()| false)
            }
            Some(part) => {
                self.facts.losses.segments_torn += 1;
                self.put_away(part, true).map(|()| true)
            }
        }
    }

    /// Syncs and renames the part and enters it into the facts.
    fn put_away(&mut self, part: Part<D::File>, torn: bool) -> Result<(), SpoolError> {
        let Part { file, segment, sequence, hasher, len_bytes, .. } = part;
        let (from, to) = (self.places.part(sequence), self.places.closed(sequence));
        let moved = self
            .disk
            .sync(&file)
            .and_then(|()| self.disk.rename(&from, &to))
            .and_then(|()| self.disk.sync_dir(&self.places.segments));
        self.or_fail(moved)?;
        let sha256 = Hex(hasher.finalize().into());
        self.facts.segments.push(SegmentFacts { sequence, segment, sha256, len_bytes, torn });
        self.write_facts_or_lag()
    }

    fn drop_part(&mut self) -> Result<(), SpoolError> {
        let Some(part) = self.part.take() else { return Ok(()) };
        self.used_bytes.fetch_sub(part.len_bytes, Ordering::Relaxed);
        let path = self.places.part(part.sequence);
        let removed = self.disk.remove_file(&path).and_then(|()| self.disk.sync_dir(&self.places.segments));
        self.or_fail(removed)
    }

    fn write_facts(&mut self) -> Result<(), SpoolError> {
        let bytes = self.facts.encode()?;
        let written = replace(&*self.disk, &self.places.folder, RECORDING_FILE, &bytes)
            .map_err(SpoolError::writing(bytes.len() as u64));
        self.stale = written.is_err();
        self.failed |= matches!(written, Err(SpoolError::Io(_)));
        written
    }

    /// The segments are durable already; without room for the facts they are only not entered yet.
    fn write_facts_or_lag(&mut self) -> Result<(), SpoolError> {
        match self.write_facts() {
            Err(SpoolError::Full { .. }) => Ok(()),
            written => written,
        }
    }

    /// A sync that failed cannot be trusted when it is tried again: the kernel may have dropped
    /// the pages. So the writer stops.
    fn or_fail(&mut self, done: io::Result<()>) -> Result<(), SpoolError> {
        self.failed |= done.is_err();
        done.map_err(SpoolError::Io)
    }
}

//! The only door: from a grant to opened items.

use std::collections::VecDeque;
use std::marker::PhantomData;

use overt_event::{SegmentId, Seq};
use overt_format::{
    Digest, Piece, RecordingDir, RecordingFacts, SegmentHeader, SegmentSource, Stored, StoredItems, Trailer,
};

use crate::access_log::{AccessLog, Opening, now};
use crate::error::{SegmentFault, UnsealError};
use crate::grant::{Grant, PurposeMarker};
use crate::key_service::{KeyRequest, KeyService};
use crate::segment_reader::{KeyedSegment, SegmentReader, check_purpose, read_header};

/// One item of an opened recording.
#[derive(Clone)]
pub struct OpenedItem {
    pub stored: Stored,
    /// The segment it came from: whatever is made of it must name this, so that erasure can follow.
    pub segment: SegmentId,
}

/// What stands in one piece in an opened recording.
#[derive(Clone)]
pub struct OpenedPiece {
    pub piece: Piece,
    /// As in [`OpenedItem`].
    pub segment: SegmentId,
}

/// What one segment was when it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLineage {
    pub segment: SegmentId,
    pub sequence: u32,
    /// SHA-256 of its file.
    pub sha256: Digest,
    /// Cut after a crash: its end is missing.
    pub torn: bool,
}

/// A recording opened for the purpose `P`, and for nothing else.
///
/// It gives the items of all segments in order, each once: what a segment repeats of an earlier one that was
/// opened with it is left out. After an error it gives nothing more. Only [`open`]
/// makes one:
///
/// ```compile_fail,E0451
/// use overt_unseal::{Opened, TrainAgents};
/// let forged: Opened<TrainAgents> = Opened { facts: todo!() };
/// ```
pub struct Opened<P> {
    facts: RecordingFacts,
    lineage: Vec<SegmentLineage>,
    waiting: VecDeque<KeyedSegment>,
    current: Option<SegmentReader>,
    /// What [`load`](Self::load) read.
    loaded: VecDeque<OpenedPiece>,
    /// The piece that is given one by one, and its segment.
    begun: Option<(StoredItems, SegmentId)>,
    /// The greatest number so far, and that of the segments before this one.
    newest: Option<Seq>,
    newest_before: Option<Seq>,
    trailers: Vec<Trailer>,
    purpose: PhantomData<fn() -> P>,
}

/// Opens a recording: checks the terms, writes the log line, then asks for the keys.
///
/// Errors: [`UnsealError::BlankGrant`]; [`UnsealError::Segment`] when a segment is missing or
/// foreign; [`UnsealError::PurposeNotAgreed`]; [`UnsealError::NotLogged`], and then no key was
/// asked for; [`UnsealError::Key`].
pub fn open<P: PurposeMarker>(
    source: &RecordingDir,
    grant: &Grant<P>,
    keys: &dyn KeyService,
    log: &mut AccessLog,
) -> Result<Opened<P>, UnsealError> {
    let waiting = keyed_segments(source, grant, keys, log)?;
    Ok(Opened {
        facts: source.facts().clone(),
        lineage: source.facts().segments.iter().map(lineage_of).collect(),
        waiting,
        current: None,
        loaded: VecDeque::new(),
        begun: None,
        newest: None,
        newest_before: None,
        trailers: Vec::new(),
        purpose: PhantomData,
    })
}

fn lineage_of(facts: &overt_format::SegmentFacts) -> SegmentLineage {
    let overt_format::SegmentFacts { sequence, segment, sha256, torn, .. } = *facts;
    SegmentLineage { segment, sequence, sha256, torn }
}

/// Terms, log line, keys: in this order, and each only if the one before went well.
pub(crate) fn keyed_segments<P: PurposeMarker>(
    source: &RecordingDir,
    grant: &Grant<P>,
    keys: &dyn KeyService,
    log: &mut AccessLog,
) -> Result<VecDeque<KeyedSegment>, UnsealError> {
    if grant.is_blank() {
        return Err(UnsealError::BlankGrant);
    }
    let headers = agreed_headers::<P>(source)?;
    let opening = opening_of(source, grant).map_err(|fault| UnsealError::Segment { sequence: 0, fault })?;
    log.record(&opening).map_err(UnsealError::NotLogged)?;
    source.segments().iter().zip(headers).map(|(s, header)| keyed(s, header, grant, keys)).collect()
}

fn agreed_headers<P: PurposeMarker>(source: &RecordingDir) -> Result<Vec<SegmentHeader>, UnsealError> {
    let read = |segment: &SegmentSource| {
        let sequence = segment.facts.sequence;
        let header =
            read_header(source.facts(), segment).map_err(|fault| UnsealError::Segment { sequence, fault })?;
        check_purpose(&header, P::PURPOSE)?;
        Ok(header)
    };
    source.segments().iter().map(read).collect()
}

fn opening_of<P: PurposeMarker>(source: &RecordingDir, grant: &Grant<P>) -> Result<Opening, SegmentFault> {
    let facts = source.facts();
    Ok(Opening {
        version: 1,
        at: now(),
        who: grant.who().to_owned(),
        reason: grant.reason().to_owned(),
        purpose: P::PURPOSE,
        recording: facts.recording,
        recording_digest: facts.digest()?,
        segments: facts.segments.iter().map(|s| s.segment).collect(),
    })
}

fn keyed<P: PurposeMarker>(
    source: &SegmentSource,
    header: SegmentHeader,
    grant: &Grant<P>,
    keys: &dyn KeyService,
) -> Result<KeyedSegment, UnsealError> {
    let request =
        KeyRequest { purpose: P::PURPOSE, who: grant.who(), reason: grant.reason(), header: &header };
    let sequence = header.sequence;
    let key = keys.data_key(request).map_err(|source| UnsealError::Key { sequence, source })?;
    Ok(KeyedSegment { source: source.clone(), header, key })
}

impl<P> Opened<P> {
    /// The public facts.
    pub fn facts(&self) -> &RecordingFacts {
        &self.facts
    }

    /// Every segment that is opened here, by sequence: the lineage of whatever is made of it.
    pub fn segments(&self) -> &[SegmentLineage] {
        &self.lineage
    }

    /// The segments whose end is missing.
    pub fn torn(&self) -> impl Iterator<Item = SegmentId> + '_ {
        self.lineage.iter().filter(|s| s.torn).map(|s| s.segment)
    }

    /// The trailers of the whole segments that were read to their end so far, by sequence.
    pub fn trailers(&self) -> &[Trailer] {
        &self.trailers
    }

    /// Reads all of it into memory, so that going through it costs no opening. For what fits, pictures and all.
    ///
    /// Errors: as iterating.
    pub fn load(mut self) -> Result<Self, UnsealError> {
        self.loaded = std::iter::from_fn(|| self.next_piece().transpose()).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The next piece, for who has many records to go through. Those of a piece that iterating has begun are no part
    /// of it.
    ///
    /// Errors: as iterating.
    pub fn next_piece(&mut self) -> Result<Option<OpenedPiece>, UnsealError> {
        if let Some(piece) = self.loaded.pop_front() {
            return Ok(Some(piece));
        }
        let next = self.advance();
        if next.is_err() {
            self.current = None;
            self.waiting.clear();
        }
        next
    }

    /// Whether it is a repetition of what an earlier segment held; one whose first time is missing is not.
    fn was_given(&mut self, piece: &Piece) -> bool {
        let (last, repeated) = match piece {
            Piece::One(stored) => (stored.record.seq, stored.record.repeated),
            Piece::Moves(moves) => (moves.last(), false),
        };
        self.newest = self.newest.max(Some(last));
        repeated && self.newest_before.is_some_and(|newest| last <= newest)
    }

    fn advance(&mut self) -> Result<Option<OpenedPiece>, UnsealError> {
        loop {
            let Some(reader) = &mut self.current else {
                let Some(segment) = self.waiting.pop_front() else { return Ok(None) };
                self.newest_before = self.newest;
                self.current = Some(begin(segment)?);
                continue;
            };
            let (sequence, segment) = (reader.sequence(), reader.segment());
            let failed = |fault| UnsealError::Segment { sequence, fault };
            match reader.next_piece().map_err(failed)? {
                Some(piece) if self.was_given(&piece) => {}
                Some(piece) => return Ok(Some(OpenedPiece { piece, segment })),
                None => {
                    let read = self.current.take().map(SegmentReader::finish).transpose();
                    self.trailers.extend(read.map_err(failed)?.flatten());
                }
            }
        }
    }

    fn next_item(&mut self) -> Result<Option<OpenedItem>, UnsealError> {
        loop {
            if let Some((items, segment)) = &mut self.begun
                && let Some(stored) = items.next()
            {
                return Ok(Some(OpenedItem { stored, segment: *segment }));
            }
            let Some(next) = self.next_piece()? else { return Ok(None) };
            self.begun = Some((next.piece.into_iter(), next.segment));
        }
    }
}

fn begin(segment: KeyedSegment) -> Result<SegmentReader, UnsealError> {
    let sequence = segment.header.sequence;
    SegmentReader::new(segment).map_err(|fault| UnsealError::Segment { sequence, fault })
}

impl<P> Iterator for Opened<P> {
    type Item = Result<OpenedItem, UnsealError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_item().transpose()
    }
}

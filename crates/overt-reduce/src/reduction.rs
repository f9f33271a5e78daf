//! The only public way in: an opened recording.

use std::collections::{BTreeMap, VecDeque};

use overt_event::{ClockAnchor, Gap, MonoNanos, Record, RecordBody, SegmentId, WallTime};
use overt_format::{Moves, Piece, RecordingFacts, Stored, Trailer};
use overt_unseal::{Opened, OpenedPiece, PurposeMarker, SegmentLineage};

use crate::entry::{Entry, Output};
use crate::error::ReduceError;
use crate::fate::Ledger;
use crate::reducer::Reducer;
use crate::settings::Settings;
use crate::step::{Episode, Step};

/// The gap where a segment is gone, among the kinds of [`Ledger::gaps`].
const ERASED: &str = "erased";

/// The steps of one recording, in order, as they become final. Memory holds a few seconds of it.
///
/// After an error it gives nothing more. When it has ended, [`close`](Self::close) tells the episodes
/// and where every input event went.
pub struct Reduction<P> {
    opened: Opened<P>,
    sequences: BTreeMap<SegmentId, u32>,
    /// The segment of the record before.
    place: Option<(SegmentId, u32)>,
    /// `None` when the end was reached, or an error.
    reducer: Option<Reducer>,
    /// What the last record brought about; empty between two of them.
    out: Vec<Output>,
    waiting: VecDeque<Step>,
    episodes: Vec<Episode>,
    ledger: Ledger,
    clocks: Clocks,
    /// A segment before this record is gone.
    hole: bool,
}

/// What is known when all steps have been given.
#[derive(Clone)]
#[non_exhaustive]
pub struct Closing {
    pub facts: RecordingFacts,
    /// By sequence; [`Step::segments`] are indices into it.
    pub lineage: Vec<SegmentLineage>,
    /// Of the whole segments, by sequence.
    pub trailers: Vec<Trailer>,
    /// In order; [`Step::episode`] is an index into it.
    pub episodes: Vec<Episode>,
    pub ledger: Ledger,
    /// From its first to its last record by the wall clock; `None` where it has no clock anchor.
    pub span: Option<(WallTime, WallTime)>,
}

/// Reduces an opened recording to steps.
pub fn reduce<P: PurposeMarker>(opened: Opened<P>, settings: Settings) -> Reduction<P> {
    let sequences = opened.segments().iter().map(|s| (s.segment, s.sequence)).collect();
    Reduction {
        opened,
        sequences,
        place: None,
        reducer: Some(Reducer::new(settings)),
        out: Vec::new(),
        waiting: VecDeque::new(),
        episodes: Vec::new(),
        ledger: Ledger::default(),
        clocks: Clocks::default(),
        hole: false,
    }
}

impl<P> Reduction<P> {
    /// The recording's public facts.
    pub fn facts(&self) -> &RecordingFacts {
        self.opened.facts()
    }

    /// The segments that the steps come from, by sequence.
    pub fn lineage(&self) -> &[SegmentLineage] {
        self.opened.segments()
    }

    /// How many whole segments have been read to their end.
    pub fn segments_done(&self) -> usize {
        self.opened.trailers().len()
    }

    /// The episodes and the ledger. Complete only when the iterator has ended.
    pub fn close(self) -> Closing {
        Closing {
            facts: self.opened.facts().clone(),
            lineage: self.opened.segments().to_vec(),
            trailers: self.opened.trailers().to_vec(),
            episodes: self.episodes,
            ledger: self.ledger,
            span: self.clocks.span(),
        }
    }

    /// Reads one more record. `false` when there is none.
    fn advance(&mut self) -> Result<bool, ReduceError> {
        if self.reducer.is_none() {
            return Ok(false);
        }
        let taken = match self.opened.next_piece() {
            Ok(Some(piece)) => self.take(piece),
            Ok(None) => {
                let reducer = self.reducer.take();
                self.episodes = reducer.map(|r| r.finish(&mut self.out)).unwrap_or_default();
                Ok(())
            }
            Err(error) => Err(error.into()),
        };
        if taken.is_err() {
            self.reducer = None;
        }
        taken?;
        self.sort();
        Ok(true)
    }

    fn take(&mut self, next: OpenedPiece) -> Result<(), ReduceError> {
        let segment = self.sequence_of(next.segment);
        match next.piece {
            Piece::One(Stored { record, pixels }) => self.take_one(Entry { record, pixels, segment }),
            Piece::Moves(moves) => self.take_moves(&moves, segment),
        }
    }

    fn take_one(&mut self, entry: Entry) -> Result<(), ReduceError> {
        self.ledger.read(&entry);
        self.ledger.clock_jumps += u64::from(self.clocks.read(&entry.record));
        if !entry.record.repeated {
            self.cross_a_hole(entry.record.time);
        }
        let Some(reducer) = &mut self.reducer else { return Ok(()) };
        reducer.feed(entry, &mut self.out)
    }

    fn take_moves(&mut self, moves: &Moves, segment: u32) -> Result<(), ReduceError> {
        self.ledger.inputs += moves.len() as u64;
        moves.each.iter().for_each(|m| self.clocks.reach(m.time));
        let first = moves.each.first().map(|m| m.time).unwrap_or_default();
        self.cross_a_hole(first);
        let Some(reducer) = &mut self.reducer else { return Ok(()) };
        reducer.feed_moves(moves, segment, &mut self.out)
    }

    fn sequence_of(&mut self, id: SegmentId) -> u32 {
        if let Some((_, sequence)) = self.place.filter(|(last, _)| *last == id) {
            return sequence;
        }
        let sequence = self.sequences.get(&id).copied().unwrap_or_default();
        self.hole |= self.place.replace((id, sequence)).is_some_and(|(_, last)| sequence > last + 1);
        sequence
    }

    /// Of a hole where a segment is gone the first record of its own after it tells. What a segment repeats of
    /// earlier ones happened before the hole.
    fn cross_a_hole(&mut self, time: MonoNanos) {
        let Some(reducer) = self.reducer.as_mut().filter(|_| std::mem::take(&mut self.hole)) else { return };
        *self.ledger.gaps.entry(ERASED.to_owned()).or_default() += 1;
        reducer.interrupt(time);
    }

    fn sort(&mut self) {
        for output in self.out.drain(..) {
            self.ledger.count(&output);
            if let Output::Step(step) = output {
                self.waiting.push_back(*step);
            }
        }
    }
}

impl<P> Iterator for Reduction<P> {
    type Item = Result<Step, ReduceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(step) = self.waiting.pop_front() {
                return Some(Ok(step));
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The two clocks of a recording.
#[derive(Default)]
struct Clocks {
    first: Option<ClockAnchor>,
    last: Option<ClockAnchor>,
    times: Option<(MonoNanos, MonoNanos)>,
}

impl Clocks {
    /// Takes a record's time; says whether it tells that the wall clock was set.
    fn read(&mut self, record: &Record) -> bool {
        self.reach(record.time);
        let RecordBody::Clock(anchor) = record.body else { return false };
        self.first.get_or_insert(anchor);
        self.last.replace(anchor).is_some_and(|last| last.has_parted(anchor))
    }

    fn reach(&mut self, time: MonoNanos) {
        let (begin, end) = self.times.unwrap_or((time, time));
        self.times = Some((begin.min(time), end.max(time)));
    }

    fn span(&self) -> Option<(WallTime, WallTime)> {
        let (begin, end) = self.times?;
        let (begin, end) = (self.first?.wall_at(begin), self.last?.wall_at(end));
        Some((begin.min(end), begin.max(end)))
    }
}

impl Ledger {
    /// Counts what was read.
    pub(crate) fn read(&mut self, entry: &Entry) {
        self.inputs += u64::from(entry.is_input());
        match &entry.record.body {
            RecordBody::Gap { gap, .. } => {
                *self.gaps.entry(gap_name(gap)).or_default() += 1;
                if let Gap::Lost { count } = gap {
                    self.lost_events += count;
                }
            }
            RecordBody::Frame(facts) => {
                self.frames += 1;
                self.frames_filled += u64::from(facts.filled_permille > 0);
            }
            _ => {}
        }
    }

    /// Counts what became of it.
    pub(crate) fn count(&mut self, output: &Output) {
        match output {
            Output::Step(step) => self.in_actions += step.seqs.len() as u64,
            Output::Ignored(_, why) => *self.ignored.entry(*why).or_default() += 1,
            Output::Error(_, why) => *self.errors.entry(*why).or_default() += 1,
        }
    }
}

fn gap_name(gap: &Gap) -> String {
    match gap {
        Gap::Paused => "paused".to_owned(),
        Gap::Held { .. } => "held".to_owned(),
        Gap::Forgotten => "forgotten".to_owned(),
        Gap::Denied { rule } => format!("denied_{}", rule_name(*rule)),
        Gap::Lost { .. } => "lost".to_owned(),
        Gap::Unanswered { .. } => "unanswered".to_owned(),
        Gap::Locked => "locked".to_owned(),
        Gap::Suspended { .. } => "suspended".to_owned(),
        Gap::SourceGone { .. } => "source_gone".to_owned(),
    }
}

fn rule_name(rule: overt_event::DenyRule) -> &'static str {
    use overt_event::DenyRule as R;
    match rule {
        R::AppNotAgreed => "app_not_agreed",
        R::NotConsented => "not_consented",
        R::AppUnknown => "app_unknown",
        R::NotInForce => "not_in_force",
        R::SecretField => "secret_field",
        R::FocusUnknown => "focus_unknown",
        R::LevelHasNoPixels => "level_has_no_pixels",
        R::LevelHasNoText => "level_has_no_text",
        R::WindowsMoved => "windows_moved",
        R::Unjudged => "unjudged",
        R::OwnWindow => "own_window",
        R::Paused => "paused",
        R::Narrowed => "narrowed",
        R::SiteNotAgreed => "site_not_agreed",
        R::SiteUnknown => "site_unknown",
        R::PrivateBrowsing => "private_browsing",
        R::QuietHours => "quiet_hours",
        R::Locked => "locked",
        R::Exempt => "exempt",
    }
}

//! The only public way in: an opened recording.

use std::collections::{BTreeMap, VecDeque};

use overt_event::{ClockAnchor, Gap, MonoNanos, Record, RecordBody, SegmentId, WallTime};
use overt_format::{RecordingFacts, Trailer};
use overt_unseal::{Opened, OpenedItem, PurposeMarker, SegmentLineage};

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
    /// Of the record before.
    place: Option<(SegmentId, u32)>,
    /// `None` when the end was reached, or an error.
    reducer: Option<Reducer>,
    /// What the last record brought about; empty between two of them.
    out: Vec<Output>,
    waiting: VecDeque<Step>,
    episodes: Vec<Episode>,
    ledger: Ledger,
    clocks: Clocks,
    /// The segment of the record before, and whether one before this one is gone.
    sequence: Option<u32>,
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
        sequence: None,
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
        let taken = match self.opened.next() {
            Some(item) => item.map_err(ReduceError::from).and_then(|item| self.take(item)),
            None => {
                let reducer = self.reducer.take();
                self.episodes = reducer.map(|r| r.finish(&mut self.out)).unwrap_or_default();
                Ok(())
            }
        };
        if taken.is_err() {
            self.reducer = None;
        }
        taken?;
        self.sort();
        Ok(true)
    }

    fn take(&mut self, item: OpenedItem) -> Result<(), ReduceError> {
        let entry = self.entry(item);
        self.ledger.read(&entry);
        self.ledger.clock_jumps += u64::from(self.clocks.read(&entry.record));
        let after_a_hole = self.follows_a_hole(&entry);
        let Some(reducer) = &mut self.reducer else { return Ok(()) };
        if after_a_hole {
            *self.ledger.gaps.entry(ERASED.to_owned()).or_default() += 1;
            reducer.interrupt(entry.record.time);
        }
        reducer.feed(entry, &mut self.out)
    }

    fn entry(&mut self, item: OpenedItem) -> Entry {
        let segment = match self.place {
            Some((id, sequence)) if id == item.segment => sequence,
            _ => self.sequences.get(&item.segment).copied().unwrap_or_default(),
        };
        self.place = Some((item.segment, segment));
        Entry { record: item.stored.record, pixels: item.stored.pixels, segment }
    }

    /// Whether it is the first record of its own after a segment that is gone. What a segment repeats of
    /// earlier ones happened before the hole.
    fn follows_a_hole(&mut self, entry: &Entry) -> bool {
        let last = self.sequence.replace(entry.segment);
        self.hole |= last.is_some_and(|last| entry.segment > last + 1);
        !entry.record.repeated && std::mem::take(&mut self.hole)
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
        let (begin, end) = self.times.unwrap_or((record.time, record.time));
        self.times = Some((begin.min(record.time), end.max(record.time)));
        let RecordBody::Clock(anchor) = record.body else { return false };
        self.first.get_or_insert(anchor);
        self.last.replace(anchor).is_some_and(|last| last.has_parted(anchor))
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

//! The room's door: what goes in, what comes out, and what a pause does.

use std::collections::{BTreeMap, VecDeque};
use std::mem;

use overt_agreement::Terms;
use overt_event::{
    DenyRule, Gap, Level, MonoNanos, PaceReason, Record, RecordBody, SecretKind, Seq, Span, Topology,
    Verdict, VisibleWindow, WindowId,
};
use overt_filter::Filter;

use crate::desk::{Desk, verdict};
use crate::desktop_state::DesktopState;
use crate::fate::{Fate, Fates};
use crate::focus::{FocusLog, Judgement};
use crate::gaps::Gaps;
use crate::held::{Held, Origin, Shown, Slot};
use crate::keys::Keyboard;
use crate::masked::Confirmer;
use crate::naming::Naming;
use crate::pixels::Painter;
use crate::reading::Reading;
use crate::showed::Showed;
use crate::tally::EventKind;
use crate::veil::Veils;
use crate::{Minimised, Settings, Tally};

/// Judges what was observed, and gives out what may be kept.
///
/// The caller observes events in the order of their numbers, and drains often: memory is bounded by
/// [`Settings`], and what does not fit becomes a gap.
pub struct Minimiser {
    pub(crate) settings: Settings,
    pub(crate) desk: Desk,
    pub(crate) focus: FocusLog,
    pub(crate) keyboard: Keyboard,
    pub(crate) painter: Painter,
    /// Secrets are looked for in text.
    pub(crate) filters: bool,
    pub(crate) reading: Reading,
    pub(crate) veils: Veils,
    pub(crate) confirmer: Confirmer,
    pub(crate) queue: VecDeque<Held>,
    pub(crate) held_frames: usize,
    pub(crate) held_pixel_bytes: usize,
    /// The picture that was held last: what the next has of it takes no more memory.
    pub(crate) last_held: Option<Shown>,
    pub(crate) naming: Naming,
    pub(crate) showed: Showed,
    /// Released, and not drained yet.
    pub(crate) released: Vec<Minimised>,
    pub(crate) fates: Fates,
    pub(crate) gaps: Gaps,
    pub(crate) tally: Tally,
    /// The active window's verdict as last told.
    pub(crate) told: Option<Verdict>,
    pub(crate) state: DesktopState,
    pub(crate) last_seq: Seq,
    pub(crate) pause: Option<Pause>,
    /// What happened before the last pause ended and comes only now is gone.
    pub(crate) resumed_at: MonoNanos,
}

/// A pause or a hold that has not ended.
pub(crate) struct Pause {
    from: MonoNanos,
    why: Gap,
    /// The arrangement of monitors as it is now, if it changed meanwhile.
    pub(crate) topology: Option<(Origin, Topology)>,
}

impl Minimiser {
    /// A room that lets through what these terms allow, less what this filter finds. (In an import whose
    /// parties signed that it stays as it was published, nothing is looked for.)
    pub fn new(terms: Terms, settings: Settings, filter: Filter) -> Self {
        Self {
            settings,
            filters: !terms.agreement().import().is_some_and(|import| import.unfiltered),
            desk: Desk::new(terms),
            focus: FocusLog::default(),
            keyboard: Keyboard::default(),
            painter: Painter::new(),
            reading: Reading::new(filter),
            veils: Veils::default(),
            confirmer: Confirmer::default(),
            queue: VecDeque::new(),
            held_frames: 0,
            held_pixel_bytes: 0,
            last_held: None,
            naming: Naming::default(),
            showed: Showed::default(),
            released: Vec::new(),
            fates: Fates::default(),
            gaps: Gaps::default(),
            tally: Tally::default(),
            told: None,
            state: DesktopState::default(),
            last_seq: Seq(0),
            pause: None,
            resumed_at: MonoNanos(0),
        }
    }

    /// What has been judged by `now`, in the order of the numbers.
    ///
    /// Everything that arrived by `now` must have been observed: a report of a password field that
    /// still lies in a queue cannot be counted.
    pub fn drain(&mut self, now: MonoNanos) -> Vec<Minimised> {
        if self.pause.is_none() {
            self.release(now, false);
        }
        mem::take(&mut self.released)
    }

    /// From `at` on nothing is kept, and what is held back is dropped.
    pub fn pause(&mut self, at: MonoNanos) {
        self.stand_still(at, Gap::Paused);
    }

    /// The same, and the gap will say that the budget asked for it. [`resume`](Self::resume) ends it.
    pub fn pause_for(&mut self, at: MonoNanos, why: PaceReason) {
        self.stand_still(at, Gap::Held { why });
    }

    fn stand_still(&mut self, at: MonoNanos, why: Gap) {
        if self.pause.is_some() {
            return;
        }
        let (before, after): (VecDeque<_>, VecDeque<_>) =
            self.queue.drain(..).partition(|h| h.origin.arrival <= at);
        self.queue = before;
        self.reading.run_out(at);
        self.await_no_names(at);
        self.release(at, false);
        self.veil_what_was_typed();
        self.veils.keep_doubts();
        let held = mem::take(&mut self.queue);
        let from = held.iter().map(|h| h.origin.happened).fold(at, MonoNanos::min);
        let from = from.floor_to_millis(crate::held::COARSE_MILLIS);
        self.pause = Some(Pause { from, why, topology: None });
        for h in held {
            self.drop_paused(h, true);
        }
        for h in after {
            self.drop_paused(h, false);
        }
        self.close_gaps(at);
        self.held_frames = 0;
        self.held_pixel_bytes = 0;
        self.last_held = None;
        (self.naming, self.showed) = (Naming::default(), Showed::default());
        self.confirmer.forget_pictures();
        self.reading.forget();
        self.told = None;
        self.state.forget_told();
        self.desk.forget_sites(at);
    }

    /// Something that is from then comes too late to be observed: the pause covers it.
    pub fn cover(&mut self, happened: MonoNanos) {
        if let Some(pause) = &mut self.pause {
            // What is from before the last pause ended, that one covers.
            let from = happened.max(self.resumed_at).floor_to_millis(crate::held::COARSE_MILLIS);
            pause.from = pause.from.min(from);
        }
    }

    /// Ends the pause: what happens from `at` on may be kept again, and the gap is told.
    pub fn resume(&mut self, at: MonoNanos) {
        let Some(pause) = self.pause.take() else { return };
        self.resumed_at = at;
        self.add_gap(pause.why, Span { from: pause.from, to: at.max(pause.from) }, at);
        if let Some((origin, topology)) = pause.topology {
            let origin = Origin { seq: self.last_seq, since: at, happened: at, arrival: at, ..origin };
            self.tally.of(EventKind::Topology).kept += 1;
            self.give_out(origin.record(None, true, RecordBody::Topology(topology)));
        }
    }

    /// The person had everything since `from` forgotten: what is held back, and what was judged and not
    /// drained, is dropped. The gap says so, or the pause does that lasts. Returns how many records that
    /// were judged are dropped.
    pub fn forget(&mut self, from: MonoNanos, now: MonoNanos) -> u64 {
        let lasts = self.pause.as_ref().map(|pause| pause.why.clone());
        self.pause(now);
        let dropped = mem::take(&mut self.released).len() as u64;
        if let Some(pause) = &mut self.pause {
            pause.from = pause.from.min(from);
            pause.why = lasts.clone().unwrap_or(Gap::Forgotten);
        }
        if lasts.is_none() {
            self.resume(now);
        }
        dropped
    }

    /// Ends the session: what is not known to be allowed by `now` is dropped.
    pub fn finish(mut self, now: MonoNanos) -> (Vec<Minimised>, Tally) {
        self.resume(now);
        self.await_no_names(now);
        self.release(now, true);
        self.close_gaps(now);
        (self.released, self.tally)
    }

    /// What became of the events so far.
    pub fn tally(&self) -> Tally {
        self.tally.clone()
    }

    /// What was filtered out so far, by kind.
    pub fn filtered(&self) -> &BTreeMap<SecretKind, u64> {
        &self.tally.filtered
    }

    /// Nothing is held back and nothing waits to be drained: until the next event time changes nothing here.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.released.is_empty()
    }

    /// Keys are held that no answer asked after them covers, or nothing is known of the focus yet:
    /// somebody should ask what has it. It stays true until an answer was observed.
    pub fn wants_focus_probe(&self) -> bool {
        let uncovered = |h: &Held| match &h.slot {
            Slot::Waiting(w) => !self.focus.answers(w.doubt.arrival),
            _ => false,
        };
        self.pause.is_none() && (self.focus.is_empty() || self.queue.iter().rev().any(uncovered))
    }

    /// Whether anything of this window may be kept, as it is known at present.
    pub fn allows(&self, window: &VisibleWindow) -> bool {
        self.desk.judge(window).is_ok()
    }

    /// Whether pictures of this window wait for the names on it, as it is known at present: at level `full`.
    pub fn names_pictures(&self, window: &VisibleWindow) -> bool {
        self.filters && self.desk.judge(window).is_ok_and(|allowed| allowed.level == Level::Full)
    }

    /// The windows of which somebody should ask what site they show, with their titles. It stays so until an
    /// answer was observed. None where the terms name no sites.
    pub fn unsited_windows(&self, now: MonoNanos) -> BTreeMap<WindowId, String> {
        if self.pause.is_some() { BTreeMap::new() } else { self.desk.unsited(now) }
    }

    /// Something is held until such an answer tells whether it may be kept.
    pub fn awaits_sites(&self, now: MonoNanos) -> bool {
        let waits = |held: &Held| match held.picture() {
            Some(picture) => self.awaits_sites_of(picture, now),
            None => self.judge_sites(held.sited.as_ref(), held.span(), now, false) == Judgement::Wait,
        };
        self.queue.iter().any(waits)
    }

    /// What says nothing of anyone's doing, and what the person said before the pause, is kept.
    fn drop_paused(&mut self, held: Held, earlier: bool) {
        let kind = held.origin.kind;
        match held.slot {
            Slot::Lost { count, to } => self.tell_lost(held.origin, count, to),
            Slot::Added(record) if matches!(record.body, RecordBody::Gap { .. }) => {
                self.give_out_added(record)
            }
            Slot::Added(_) | Slot::Denied { .. } => {}
            Slot::Ready { record, .. } if earlier && kind.is_structural() => {
                self.tally.of(kind).kept += 1;
                self.give_out(record);
            }
            Slot::Ready { record: Record { body: RecordBody::Topology(topology), .. }, .. } => {
                self.keep_topology(held.origin, topology);
            }
            _ => self.deny(kind, held.origin.seq, DenyRule::Paused),
        }
    }

    /// The newest arrangement is told when the pause ends; what it replaces is said by it.
    pub(crate) fn keep_topology(&mut self, origin: Origin, topology: Topology) {
        if let Some(pause) = &mut self.pause
            && pause.topology.replace((origin, topology)).is_some()
        {
            self.tally.of(EventKind::Topology).merged += 1;
        }
    }

    /// Counts what was denied, and remembers it for what refers to it.
    pub(crate) fn deny(&mut self, kind: EventKind, seq: Seq, rule: DenyRule) {
        self.tally.deny(kind, rule);
        if kind.is_input() {
            self.fates.settle(seq, Fate::Denied(rule));
        }
    }

    fn close_gaps(&mut self, at: MonoNanos) {
        for (gap, span) in self.gaps.close() {
            self.add_gap(gap, span, at);
        }
    }

    fn add_gap(&mut self, gap: Gap, span: Span, at: MonoNanos) {
        let seq = self.last_seq;
        let (kind, injected, device) = (EventKind::Gap, false, 0);
        let origin = Origin { seq, kind, since: at, happened: at, arrival: at, injected, device };
        self.give_out_added(origin.caused(RecordBody::Gap { gap, span }));
    }

    pub(crate) fn give_out(&mut self, record: Record) {
        self.released.push(Minimised::new(record, None));
    }

    pub(crate) fn give_out_added(&mut self, record: Record) {
        self.tally.added += 1;
        self.give_out(record);
    }

    /// Tells the active window's verdict where it is another than was told last.
    pub(crate) fn tell_verdict(&mut self, origin: &Origin) {
        let verdict = verdict(&self.desk.active());
        if self.told.as_ref() != Some(&verdict) {
            self.told = Some(verdict.clone());
            let record = origin.caused(RecordBody::VerdictChange { verdict });
            self.hold(*origin, Slot::Added(record));
        }
    }
}

//! A step in the making: everything known about one action so far, in desktop coordinates.

use std::collections::BTreeSet;

use overt_event::{AppName, MonoNanos, NANOS_PER_MILLI, Rect, Seq, TopologyId};

use crate::action::{Action, Intent};
use crate::context::{Shown, Sourced};
use crate::entry::Event;
use crate::fate::Fault;
use crate::rules::approach::Moment;
use crate::settings::Settings;
use crate::step::{Missing, Screen, Shot, Target, Window};

/// Times of keys are rounded down to this before they are kept.
pub(crate) const KEY_STEP_MILLIS: u64 = 100;

/// A draft's name: the number of the event that had the action's first effect.
pub(crate) type DraftId = Seq;

pub(crate) struct Draft {
    pub(crate) id: DraftId,
    /// A binding for any event from here to `id` tells the observation: a run of text is numbered by
    /// one of the keys it was made of.
    pub(crate) reach_from: Seq,
    pub(crate) action: Action,
    pub(crate) start: MonoNanos,
    pub(crate) end: MonoNanos,
    /// Its gesture may still add to it.
    pub(crate) open: bool,
    /// What it chose from a popup, as far as known.
    pub(crate) choice: Option<Choice>,
    /// Keys of it that are still down.
    pub(crate) held: u32,
    pub(crate) seqs: Vec<Seq>,
    pub(crate) segments: BTreeSet<u32>,
    pub(crate) injected: bool,
    pub(crate) surroundings: Surroundings,
    pub(crate) element: Option<Target>,
    /// The segments that `element` came from.
    pub(crate) element_from: Vec<u32>,
    pub(crate) intents: Vec<Intent>,
    pub(crate) before: DraftBefore,
    pub(crate) after: DraftAfter,
    pub(crate) window_after: Option<Sourced<Window>>,
    /// `window_after` is final: the next action began.
    pub(crate) followed: bool,
    /// It cannot become a step.
    pub(crate) fault: Option<Fault>,
}

/// What stood around the action when it began.
#[derive(Clone, Default)]
pub(crate) struct Surroundings {
    /// The event's own segment.
    pub(crate) segment: u32,
    pub(crate) app: Option<AppName>,
    pub(crate) screen: Screen,
    pub(crate) topology: Option<TopologyId>,
    pub(crate) window: Option<Sourced<Window>>,
    pub(crate) window_opened_at: Option<MonoNanos>,
    pub(crate) elements: Option<Shown>,
    /// `elements` are all of this window's, and nothing is known that changed them since.
    pub(crate) elements_stand: bool,
    pub(crate) focus: Option<Sourced<Target>>,
    /// The newest frame from before the pointer set out towards the action.
    pub(crate) before_travel: Option<Shot>,
    /// Until then something may have been done that is not in the recording.
    pub(crate) unseen_until: MonoNanos,
    pub(crate) idle_before_millis: u64,
    /// Where the input began that led to the action without an idle span.
    pub(crate) led_from: Moment,
}

/// A choice from a popup in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Labels of the popups on the way, outermost first.
    pub(crate) path: Vec<String>,
    pub(crate) option: Option<String>,
    /// The segments that these came from.
    pub(crate) segments: BTreeSet<u32>,
}

/// What is known about the observation.
#[derive(Default)]
pub(crate) struct DraftBefore {
    /// By the frames' own times.
    pub(crate) own: Option<Shot>,
    /// By the recorder's binding, with its note of unseen damage and its segment.
    pub(crate) bound: Option<(Shot, bool, u32)>,
    /// Why there is none by the recorder's binding, and its segment.
    pub(crate) refused: Option<(Missing, u32)>,
}

/// What is known about the frame after.
#[derive(Default)]
pub(crate) struct DraftAfter {
    /// By the frames' own times.
    pub(crate) own: Option<Shot>,
    /// `own` stood still long enough, or the next action came: no later frame replaces it.
    pub(crate) own_final: bool,
    pub(crate) own_still: bool,
    /// By the recorder's binding: for which event, the frame, whether it timed out.
    pub(crate) bound: Option<(Seq, Shot, bool)>,
    pub(crate) refused: Option<(Seq, Missing)>,
    /// The segment of the binding.
    pub(crate) bound_in: Option<u32>,
}

impl Draft {
    /// Adds an input event to the action and lets it last until then.
    pub(crate) fn attach(&mut self, event: &Event) {
        self.attach_quietly(event.seq, event.segment, event.injected);
        self.last_until(event.time);
    }

    /// Adds an input event that does not prolong the action.
    pub(crate) fn attach_quietly(&mut self, seq: Seq, segment: u32, injected: bool) {
        let at = self.seqs.partition_point(|s| *s < seq);
        self.seqs.insert(at, seq);
        self.segments.insert(segment);
        self.injected |= injected;
    }

    /// Prolongs the action. What was seen before its new end is no frame after it.
    pub(crate) fn last_until(&mut self, t: MonoNanos) {
        self.end = self.end.max(t);
        if self.after.own.as_ref().is_some_and(|s| s.facts.grab_begin < self.over()) {
            self.after.own = None;
            self.after.own_final = false;
        }
    }

    /// When it was surely over: times of keys are rounded down to 100 ms.
    fn over(&self) -> MonoNanos {
        let keyed = matches!(self.action, Action::Type { .. } | Action::Key { .. });
        if keyed { self.end.plus_millis(KEY_STEP_MILLIS) } else { self.end }
    }

    /// Whether the event belongs to it.
    pub(crate) fn owns(&self, seq: Seq) -> bool {
        let typed = matches!(self.action, Action::Type { .. });
        let last = self.seqs.last().copied().unwrap_or(self.id);
        self.seqs.binary_search(&seq).is_ok() || (typed && (self.reach_from..=last).contains(&seq))
    }

    /// Says what it was for, and which segments tell it.
    pub(crate) fn note(&mut self, intent: Intent, from: impl IntoIterator<Item = u32>) {
        if !self.intents.contains(&intent) {
            self.intents.push(intent);
            self.segments.extend(from);
        }
    }

    /// Says what it was done to, and which segments tell it.
    pub(crate) fn acted_on(&mut self, element: Target, from: impl IntoIterator<Item = u32>) {
        self.element = Some(element);
        self.element_from = from.into_iter().collect();
    }

    /// Looks whether a frame that just arrived is the one before or after.
    pub(crate) fn consider(&mut self, shot: &Shot, settings: &Settings) {
        let facts = &shot.facts;
        if facts.grab_end <= self.start {
            let newer = self.before.own.as_ref().is_none_or(|s| s.facts.grab_end < facts.grab_end);
            // Frames from before an interruption are never handed over after it.
            if newer && self.surroundings.topology.is_none_or(|t| t == facts.topology) {
                self.before.own = Some(shot.clone());
            }
        } else if facts.grab_begin >= self.over() && !self.after.own_final {
            self.consider_after(shot, settings);
        }
    }

    fn consider_after(&mut self, shot: &Shot, settings: &Settings) {
        let last = self.after.own.as_ref().map_or(self.end, |s| s.facts.grab_end);
        let quiet = shot.facts.grab_begin.since(last) >= settings.still_millis * NANOS_PER_MILLI;
        let late = shot.facts.grab_end.since(self.end) > settings.after_millis_max * NANOS_PER_MILLI;
        match self.after.own {
            Some(_) if quiet || late => self.settle_after(quiet),
            None if late => self.settle_after(false),
            _ => self.after.own = Some(shot.clone()),
        }
    }

    fn settle_after(&mut self, still: bool) {
        self.after.own_final = true;
        self.after.own_still = still;
    }

    /// The next action begins: nothing that happens from here on is this one's effect alone.
    pub(crate) fn follow(&mut self, now: MonoNanos, window: Option<&Sourced<Window>>, settings: &Settings) {
        if self.followed || self.open {
            return;
        }
        self.followed = true;
        self.window_after = window.cloned();
        if !self.after.own_final {
            let last = self.after.own.as_ref().map_or(self.end, |s| s.facts.grab_end);
            self.settle_after(now.since(last) >= settings.still_millis * NANOS_PER_MILLI);
        }
    }

    /// Where a change would matter to this action: its element, or the pixels around its point.
    pub(crate) fn region(&self) -> Option<Rect> {
        let at = self.action.at();
        let element = self.element.as_ref().map(|t| t.element.node.bounds).filter(|b| !b.is_empty());
        let hit = element.filter(|b| at.is_none_or(|p| b.contains(p)));
        hit.or_else(|| at.map(|p| Rect { x: p.x - 16, y: p.y - 16, w: 32, h: 32 }))
    }
}

//! What all rules work on: the surroundings, the frames, the drafts and the way out.

use std::collections::BTreeSet;

use overt_event::{
    AppName, Binding, Completeness, MonoNanos, NANOS_PER_MILLI, Point, RecordBody, Rect, Seq, WindowId,
};

use crate::action::Action;
use crate::context::{Context, Shown};
use crate::draft::{Draft, DraftAfter, DraftBefore, DraftId, KEY_STEP_MILLIS, Surroundings};
use crate::entry::{Entry, Event, Output};
use crate::fate::{Fault, Ignored};
use crate::flaws::Flaws;
use crate::frames::Frames;
use crate::outbox::Outbox;
use crate::rules::approach::Approach;
use crate::rules::idle::Idle;
use crate::rules::stirred::Stirred;
use crate::rules::target::SHOWN_MILLIS_MAX;
use crate::screens::Screens;
use crate::settings::Settings;
use crate::step::{Missing, Shot};

pub(crate) struct Stage {
    pub(crate) settings: Settings,
    pub(crate) screens: Screens,
    pub(crate) context: Context,
    pub(crate) frames: Frames,
    pub(crate) outbox: Outbox,
    pub(crate) idle: Idle,
    pub(crate) approach: Approach,
    pub(crate) flaws: Flaws,
    /// The newest frame from before the pointer's current travel.
    pub(crate) before_travel: Option<Shot>,
    pub(crate) stirred: Stirred,
    /// Until then something may have been done that is not in the recording.
    pub(crate) unseen_until: MonoNanos,
    /// The input event before the one at hand.
    pub(crate) last_input: Seq,
    /// The latest time of any record.
    pub(crate) now: MonoNanos,
    pub(crate) out: Vec<Output>,
}

impl Stage {
    pub(crate) fn new(settings: Settings) -> Self {
        let frames = Frames::new(settings.frames_kept_max, settings.frames_bytes_max);
        let idle = Idle::new(settings.idle_millis_min);
        let approach = Approach::new(settings.idle_millis_min);
        Self {
            settings,
            screens: Screens::default(),
            context: Context::default(),
            frames,
            outbox: Outbox::default(),
            idle,
            approach,
            flaws: Flaws::default(),
            before_travel: None,
            stirred: Stirred::default(),
            unseen_until: MonoNanos(0),
            last_input: Seq(0),
            now: MonoNanos(0),
            out: Vec::new(),
        }
    }

    pub(crate) fn ignore(&mut self, seq: Seq, why: Ignored) {
        self.out.push(Output::Ignored(seq, why));
    }

    pub(crate) fn fail(&mut self, seq: Seq, why: Fault) {
        self.flaws.errors(self.now, 1);
        self.out.push(Output::Error(seq, why));
    }

    /// Gives up a draft: all its events end in the error.
    pub(crate) fn abort(&mut self, id: DraftId, why: Fault) {
        if let Some(draft) = self.outbox.take(id) {
            self.flaws.errors(draft.start, draft.seqs.len() as u64);
            self.out.extend(draft.seqs.iter().map(|&seq| Output::Error(seq, why)));
        }
    }

    /// Begins an action at an event. The event is attached to it.
    pub(crate) fn begin(&mut self, event: &Event, action: Action) -> DraftId {
        let surroundings = self.surroundings(event, action.at());
        let mut draft = self.draft(event, action, surroundings);
        draft.attach(event);
        let id = draft.id;
        self.send(draft);
        id
    }

    /// Puts a draft into the outbox; the one before it is now followed.
    pub(crate) fn send(&mut self, draft: Draft) {
        self.follow_previous();
        self.idle.take();
        self.before_travel = None;
        self.outbox.push(draft);
    }

    /// An action without input events of its own: a finish.
    pub(crate) fn begin_without_input(&mut self, event: &Event, action: Action) {
        let surroundings = self.surroundings(event, None);
        let mut draft = self.draft(event, action, surroundings);
        draft.open = false;
        draft.segments.insert(event.segment);
        self.send(draft);
    }

    /// A draft that has no events yet and is not in the outbox.
    pub(crate) fn draft(&self, event: &Event, action: Action, surroundings: Surroundings) -> Draft {
        let typed = matches!(action, Action::Type { .. });
        let reach_from = if typed { Seq(self.last_input.0 + 1) } else { event.seq };
        let own = self.frames.newest_before(event.time, surroundings.topology).cloned();
        let keyed = matches!(action, Action::Type { .. } | Action::Key { .. });
        let focus = surroundings.focus.as_ref().filter(|_| keyed);
        Draft {
            id: event.seq,
            reach_from,
            element: focus.map(|f| (*f.value).clone()),
            element_from: focus.iter().flat_map(|f| f.segments).collect(),
            action,
            start: event.time,
            end: event.time,
            open: true,
            choice: None,
            held: 0,
            seqs: Vec::new(),
            segments: BTreeSet::new(),
            injected: false,
            surroundings,
            intents: Vec::new(),
            before: DraftBefore { own, ..DraftBefore::default() },
            after: DraftAfter::default(),
            window_after: None,
            followed: false,
            fault: None,
        }
    }

    /// What stands around an event. `at` is where the pointer acts; `None` for keys.
    pub(crate) fn surroundings(&self, event: &Event, at: Option<Point>) -> Surroundings {
        let focused = self.context.focused_window();
        let window = at.map_or(focused, |p| self.context.window_at(p)).cloned();
        let bounds = window.as_ref().map(|w| w.value.bounds);
        let app = event.app.clone().or_else(|| window.as_ref().and_then(|w| w.value.app.clone()));
        // A key's time is rounded down, so that a focus told before it can seem to be later.
        let focus_by = at.map_or(event.time.plus_millis(KEY_STEP_MILLIS), |_| event.time);
        let window_id = window.as_ref().map(|w| w.value.id);
        let elements = self.context.elements(window_id, event.time);
        let t = event.time;
        let stand = elements.as_ref().is_some_and(|e| self.stands(e, window_id, app.as_ref(), t));
        Surroundings {
            segment: event.segment,
            app,
            screen: self.screen(at, bounds),
            topology: self.screens.id(),
            window_opened_at: window_id.and_then(|id| self.context.opened_at(id)),
            elements_stand: stand,
            elements,
            window,
            focus: self.context.focus.as_ref().filter(|(_, t)| *t <= focus_by).map(|(f, _)| f.clone()),
            before_travel: self.before_travel.clone(),
            unseen_until: self.unseen_until,
            idle_before_millis: self.idle.before_action(),
            led_from: self.approach.leading_to(event.moment()),
        }
    }

    /// Whether what was shown of this window is surely what was there at that moment.
    fn stands(&self, shown: &Shown, window: Option<WindowId>, app: Option<&AppName>, t: MonoNanos) -> bool {
        let snapshot = &shown.snapshot;
        Some(snapshot.window) == window
            && snapshot.completeness == Completeness::Complete
            && shown.asked_at >= self.stirred.last(self.context.is_popup(snapshot.window))
            && Self::within(shown.asked_at, t, SHOWN_MILLIS_MAX)
            && !self.context.page_changed(app, shown.asked_at, t)
    }

    fn screen(&self, at: Option<Point>, window: Option<Rect>) -> crate::step::Screen {
        at.and_then(|p| self.screens.at(p)).unwrap_or_else(|| self.screens.of_window(window))
    }

    fn follow_previous(&mut self) {
        let (now, window) = (self.now, self.context.focused_window().cloned());
        for draft in self.outbox.drafts_mut().take_while(|d| !d.followed) {
            draft.follow(now, window.as_ref(), &self.settings);
        }
    }

    /// Gives a frame to everyone who waits for one.
    pub(crate) fn frame(&mut self, entry: &Entry) {
        let (RecordBody::Frame(facts), Some(pixels)) = (&entry.record.body, &entry.pixels) else { return };
        if self.frames.keep(*facts, pixels.clone(), entry.segment) {
            self.idle.stir(facts.grab_end);
        }
        let shot = Shot { facts: *facts, pixels: pixels.clone(), segment: entry.segment };
        for draft in self.outbox.drafts_mut() {
            draft.consider(&shot, &self.settings);
        }
    }

    /// Takes the recorder's word for which frame belongs to an event.
    pub(crate) fn bind(&mut self, binding: &Binding, segment: u32) {
        match *binding {
            Binding::Before { for_seq, frame, damage_unseen, .. } => {
                let shot = self.frames.by_id(frame).cloned();
                if let Some(draft) = self.observer(for_seq) {
                    bind_before(draft, shot, damage_unseen, segment);
                }
            }
            Binding::NoBefore { for_seq, why } => {
                if let Some(draft) = self.observer(for_seq) {
                    draft.before.refused = Some((Missing::Recorder(why), segment));
                }
            }
            Binding::After { for_seq, frame, timed_out, .. } => {
                let shot = self.frames.by_id(frame).cloned();
                if let Some(draft) = self.outbox.owner(for_seq) {
                    let shot = shot.ok_or(Missing::NotKept);
                    bind_after(draft, for_seq, shot, timed_out, segment);
                }
            }
            Binding::NoAfter { for_seq, why } => {
                if let Some(draft) = self.outbox.owner(for_seq) {
                    bind_after(draft, for_seq, Err(Missing::Recorder(why)), false, segment);
                }
            }
        }
    }

    /// The draft whose first effect the event was.
    fn observer(&mut self, seq: Seq) -> Option<&mut Draft> {
        self.outbox.drafts_mut().find(|d| (d.reach_from..=d.id).contains(&seq))
    }

    /// Whether `t` is within `millis` after `since`.
    pub(crate) fn within(since: MonoNanos, t: MonoNanos, millis: u64) -> bool {
        t.since(since) <= millis * NANOS_PER_MILLI
    }
}

fn bind_before(draft: &mut Draft, shot: Option<Shot>, damage_unseen: bool, segment: u32) {
    let Some(shot) = shot else {
        draft.before.refused = Some((Missing::NotKept, segment));
        return;
    };
    if shot.facts.grab_end > draft.start {
        draft.fault = Some(Fault::FrameAfterAction);
    } else if draft.surroundings.topology.is_some_and(|t| t != shot.facts.topology) {
        draft.before.refused = Some((Missing::OtherTopology, segment));
    } else {
        draft.before.bound = Some((shot, damage_unseen, segment));
    }
}

/// Of several bindings inside one action the last event's counts.
fn bind_after(draft: &mut Draft, seq: Seq, shot: Result<Shot, Missing>, timed_out: bool, segment: u32) {
    let known = draft.after.bound.as_ref().map(|b| b.0).max(draft.after.refused.map(|r| r.0));
    if known.is_some_and(|k| k > seq) {
        return;
    }
    draft.after.bound_in = Some(segment);
    (draft.after.bound, draft.after.refused) = match shot {
        Ok(shot) => (Some((seq, shot, timed_out)), None),
        Err(why) => (None, Some((seq, why))),
    };
}

//! The machine: one record in, finished steps and fates out.

use overt_event::{
    AccessibleChange, AccessibleEvent, Completeness, DenyRule, Element, Gap, KeyRecord, Mark, MonoNanos,
    Point, RecordBody, Seq, Topology, Verdict, WindowChange,
};
use overt_format::{Moved, Moves};

use crate::action::{Action, FinishReason};
use crate::draft::Draft;
use crate::entry::{Entry, Event, Output};
use crate::episodes::{Boundary, Episodes};
use crate::error::ReduceError;
use crate::fate::Fault;
use crate::outbox::Item;
use crate::rules::chord::Keys;
use crate::rules::effects::Effects;
use crate::rules::hover::Resting;
use crate::rules::popup::{Opening, Popups, is_control, name_of_popup};
use crate::rules::press::Presses;
use crate::rules::scroll_run::Scrolling;
use crate::rules::soundness::{fault_of, point_of};
use crate::rules::stirred::Stirring;
use crate::rules::target::{is_around, met, shown_at, sources};
use crate::rules::text_run::{Piece, Typing};
use crate::rules::{field, form};
use crate::settings::Settings;
use crate::stage::Stage;
use crate::step::{Episode, Target};

/// Routes every record to the rules that it concerns.
pub(crate) struct Reducer {
    /// Where the desktop says nothing else.
    settings: Settings,
    stage: Stage,
    presses: Presses,
    typing: Typing,
    keys: Keys,
    scrolling: Scrolling,
    resting: Resting,
    effects: Effects,
    popups: Popups,
    episodes: Episodes,
    last_input: Option<Seq>,
    latest_input: MonoNanos,
    last_segment: u32,
}

impl Reducer {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            stage: Stage::new(settings.clone()),
            settings,
            presses: Presses::default(),
            typing: Typing::default(),
            keys: Keys::default(),
            scrolling: Scrolling::default(),
            resting: Resting::default(),
            effects: Effects::default(),
            popups: Popups::default(),
            episodes: Episodes::default(),
            last_input: None,
            latest_input: MonoNanos(0),
            last_segment: 0,
        }
    }

    /// Takes the next record; what is finished by then is appended to `out`.
    pub(crate) fn feed(&mut self, entry: Entry, out: &mut Vec<Output>) -> Result<(), ReduceError> {
        self.last_segment = entry.segment;
        if !matches!(entry.record.body, RecordBody::PointerMove { .. }) {
            self.resting.look_around(&self.stage);
        }
        if entry.is_input() {
            self.in_order(entry.record.seq)?;
            self.input(&entry);
        } else {
            self.pass(entry.record.arrival.max(entry.record.time));
            self.surroundings(&entry);
        }
        out.append(&mut self.stage.out);
        Ok(())
    }

    /// Takes moves that follow one another, as [`feed`](Self::feed) takes each of them.
    pub(crate) fn feed_moves(
        &mut self,
        moves: &Moves,
        segment: u32,
        out: &mut Vec<Output>,
    ) -> Result<(), ReduceError> {
        self.last_segment = segment;
        let injected = moves.injected;
        for (seq, Moved { time, arrival, at }) in moves.numbered() {
            self.in_order(seq)?;
            let app = moves.app.clone();
            self.pointer_move(Event { seq, time, arrival, injected, app, segment }, at);
        }
        out.append(&mut self.stage.out);
        Ok(())
    }

    /// Inputs are numbered in order, each once. What minimise adds by itself (gaps) has no number of its own.
    fn in_order(&mut self, seq: Seq) -> Result<(), ReduceError> {
        match self.last_input.replace(seq).filter(|last| *last >= seq) {
            Some(after) => Err(ReduceError::OutOfOrder { seq: seq.0, after: after.0 }),
            None => Ok(()),
        }
    }

    /// The recording is over: closes everything. Returns the episodes.
    pub(crate) fn finish(mut self, out: &mut Vec<Output>) -> Vec<Episode> {
        self.close_runs();
        self.presses.interrupt(&mut self.stage, Fault::UnmatchedPress);
        self.keys.interrupt(&mut self.stage);
        self.deliver(None);
        let end = self.end();
        if self.episodes.wants_finish() {
            self.stage.begin_without_input(&end, Action::Finish { reason: FinishReason::RecordingEnds });
            self.deliver(None);
        }
        out.append(&mut self.stage.out);
        self.episodes.close_all(end.moment(), &mut self.stage.flaws)
    }

    /// Stands for the end of the recording, which is no record.
    fn end(&self) -> Event {
        let (time, arrival) = (self.stage.now, self.stage.now);
        let seq = Seq(self.last_input.map_or(0, |s| s.0.saturating_add(1)));
        Event { seq, time, arrival, injected: false, app: None, segment: self.last_segment }
    }

    /// Sends on what nothing can be added to any more.
    fn deliver(&mut self, now: Option<MonoNanos>) {
        while let Some(item) = self.stage.outbox.pop_ready(now, &self.stage.settings) {
            match item {
                Item::Draft(mut draft) => {
                    let window = self.stage.context.focused_window().cloned();
                    draft.open = false;
                    draft.follow(self.stage.now, window.as_ref(), &self.stage.settings);
                    let Stage { settings, flaws, out, .. } = &mut self.stage;
                    self.episodes.step(*draft, settings, flaws, out);
                }
                Item::Boundary(boundary) => self.episodes.mark(boundary, &mut self.stage.flaws),
            }
        }
    }

    /// Time passes: runs whose pause is over end, and finished steps leave.
    fn pass(&mut self, t: MonoNanos) {
        self.stage.now = self.stage.now.max(t);
        if let Some((unfolded, since)) = self.resting.settled(t) {
            self.expanded(&unfolded.event, since, unfolded.segment);
        }
        let stage = &mut self.stage;
        self.typing.expire(stage, t);
        self.scrolling.expire(stage, t);
        self.presses.expire(stage, t);
        self.resting.expire(stage, t);
        self.deliver(Some(self.stage.now));
    }

    /// Time goes on to the event, which is an error by itself where it cannot be right.
    fn is_sound(&mut self, event: &Event, at: Option<Point>) -> bool {
        if let Some(fault) = fault_of(event, at, self.latest_input, &self.stage.screens) {
            self.stage.fail(event.seq, fault);
            return false;
        }
        self.latest_input = self.latest_input.max(event.time);
        self.pass(event.time);
        self.stage.idle.stir(event.time);
        self.stage.approach.input(event.moment());
        true
    }

    fn input(&mut self, entry: &Entry) {
        let (event, body) = (entry.event(), &entry.record.body);
        if let RecordBody::PointerMove { at } = body {
            return self.pointer_move(event, *at);
        }
        if !self.is_sound(&event, point_of(body)) {
            return;
        }
        let stirring = Stirring::of(body);
        match body {
            RecordBody::Button { at, button, down: true, modifiers } => {
                self.close_runs_but_clicks();
                let draft = self.presses.press(&mut self.stage, &event, *at, *button, *modifiers);
                self.keys.claim(&mut self.stage, draft);
                self.popups.pressed(&mut self.stage, draft, *at);
                self.effects.acted(draft, event.time);
            }
            RecordBody::Button { at, button, down: false, .. } => {
                self.presses.release(&mut self.stage, &event, *at, *button);
            }
            RecordBody::Scroll { at, dx_120, dy_120, modifiers } => {
                self.close_for_scroll();
                let delta = (*dx_120, *dy_120);
                let begun = self.scrolling.notch(&mut self.stage, &event, *at, delta, *modifiers);
                if let Some(draft) = begun {
                    self.keys.claim(&mut self.stage, draft);
                    self.effects.acted(draft, event.time);
                }
            }
            RecordBody::Key(key) => self.key(&event, key),
            RecordBody::Text { text } => self.characters(&event, Piece::Text(text)),
            RecordBody::TextShape { letters, digits, others } => {
                let piece = Piece::Shape { letters: *letters, digits: *digits, others: *others };
                self.characters(&event, piece);
            }
            _ => {}
        }
        self.stage.last_input = event.seq;
        stirring.into_iter().for_each(|by| self.stage.stirred.stir(by, event.time));
    }

    fn pointer_move(&mut self, event: Event, at: Point) {
        if !self.is_sound(&event, Some(at)) {
            return;
        }
        self.stage.last_input = event.seq;
        if self.presses.any_down() {
            return self.presses.travel(&mut self.stage, &event, at);
        }
        self.scrolling.travel(&mut self.stage, at);
        self.set_out(event.time);
        self.resting.travel(&mut self.stage, event, at);
    }

    /// The first move after a stop is where a travel begins.
    fn set_out(&mut self, t: MonoNanos) {
        if !self.resting.is_moving(t) {
            let newest = self.stage.frames.newest_before(t, self.stage.screens.id());
            self.stage.before_travel = newest.cloned();
        }
    }

    fn characters(&mut self, event: &Event, piece: Piece<'_>) {
        self.presses.close();
        self.scrolling.close(&mut self.stage);
        self.leave_rest();
        self.stage.before_travel = None;
        let draft = self.typing.characters(&mut self.stage, event, piece);
        self.keys.claim(&mut self.stage, draft);
        self.effects.typed(draft, event.time);
    }

    fn key(&mut self, event: &Event, key: &KeyRecord) {
        if overt_event::is_modifier(&key.name) {
            return self.keys.modifier(&mut self.stage, event, key);
        }
        if !key.down {
            return self.keys.release(&mut self.stage, event, key);
        }
        let takes_back = key.name == "BackSpace" && !key.modifiers.makes_chord();
        if takes_back && let Some(run) = self.typing.take_back(&mut self.stage, event) {
            if !key.repeat {
                self.keys.hold(&mut self.stage, key, run);
            }
            return;
        }
        if key.repeat && self.keys.repeat(&mut self.stage, event, key) {
            return;
        }
        self.close_runs();
        let draft = self.keys.press(&mut self.stage, event, key);
        self.popups.key_pressed(&mut self.stage, draft);
        self.effects.acted(draft, event.time);
    }

    fn close_for_scroll(&mut self) {
        self.typing.close(&mut self.stage);
        self.presses.close();
        self.leave_rest();
    }

    fn close_runs_but_clicks(&mut self) {
        self.typing.close(&mut self.stage);
        self.scrolling.close(&mut self.stage);
        self.leave_rest();
    }

    fn close_runs(&mut self) {
        self.close_runs_but_clicks();
        self.presses.close();
        self.stage.before_travel = None;
    }

    fn leave_rest(&mut self) {
        self.resting.give_up(&mut self.stage);
    }

    fn surroundings(&mut self, entry: &Entry) {
        let record = &entry.record;
        match &record.body {
            RecordBody::Topology(topology) => self.topology(topology),
            RecordBody::Window { .. } => self.window(entry),
            RecordBody::Element(_) => self.element(entry),
            RecordBody::Snapshot(snapshot) => {
                self.resting.shown(&mut self.stage, snapshot, entry.segment);
                self.stage.context.snapshot(record.seq, snapshot, entry.segment);
            }
            RecordBody::SnapshotAgain { of, asked_at, took_nanos } => {
                self.stage.context.snapshot_again(*of, *asked_at, *took_nanos, entry.segment);
            }
            RecordBody::Accessible(event) => self.accessible(entry, event),
            RecordBody::Location { url } => {
                self.stage.context.location(record.app.as_ref(), url, record.time, entry.segment);
            }
            RecordBody::Frame(_) => self.stage.frame(entry),
            RecordBody::Binding(binding) => self.stage.bind(binding, entry.segment),
            RecordBody::Gap { gap, span } => self.gap(gap, span.to, record.time),
            RecordBody::Mark { mark } => self.mark(entry, mark),
            RecordBody::VerdictChange { verdict: Verdict::Deny { .. } } => {
                self.episodes.clipboard.unseen(record.time);
                self.close_runs();
            }
            // It tells of the recorder and of nothing on the desktop; a hold is told by its gap.
            RecordBody::Pace(_) => {}
            _ => {}
        }
    }

    fn topology(&mut self, topology: &Topology) {
        self.stage.settings = self.settings.on_a_desktop(&topology.gestures);
        if self.stage.screens.change(topology.clone()) {
            self.close_runs();
            self.presses.interrupt(&mut self.stage, Fault::DisplayChanged);
        }
    }

    fn window(&mut self, entry: &Entry) {
        let RecordBody::Window { change, window, window_kind, bounds, title } = &entry.record.body else {
            return;
        };
        let t = entry.record.time;
        if *change == WindowChange::PopupOpened {
            let opening = Opening { window: Some(*window), label: None, t, segment: entry.segment };
            self.effects.popup_opened(&mut self.stage, &mut self.resting, &mut self.popups, opening);
        }
        if matches!(change, WindowChange::PopupClosed | WindowChange::Closed) {
            self.popups.window_closed(*window);
        }
        let facts = (*window, *window_kind, *bounds, title.as_ref());
        let changed = self.stage.context.window(&entry.record, entry.segment, *change, facts);
        if let Some(change) = changed {
            self.typing.close(&mut self.stage);
            self.scrolling.close(&mut self.stage);
            self.effects.focus_changed(&mut self.stage, change, t);
        }
    }

    fn element(&mut self, entry: &Entry) {
        let RecordBody::Element(lookup) = &entry.record.body else { return };
        if self.resting.element(entry) {
            return;
        }
        let Some(draft) = self.stage.outbox.owner(lookup.for_seq) else { return };
        if draft.element.is_some() && draft.id != lookup.for_seq {
            return;
        }
        // The answer may be of the page that the press led to.
        let app = draft.surroundings.app.as_ref();
        let late = !draft.open && entry.record.time > draft.end;
        let other_page = late && self.stage.context.page_changed(app, draft.start, entry.record.time);
        let (told, completeness) = match &lookup.element {
            Some(_) if other_page => (None, Completeness::TimedOut),
            told => (told.as_ref(), lookup.completeness),
        };
        if let Some(element) = acted_on(draft, told) {
            let from = sources(&element, told, draft.surroundings.elements.as_ref(), entry.segment);
            let target = Target { element, completeness };
            self.popups.acted_on(&self.stage.context, draft, target, from);
        }
    }

    fn accessible(&mut self, entry: &Entry, event: &AccessibleEvent) {
        let t = entry.record.time;
        match &event.change {
            AccessibleChange::Expanded(true) | AccessibleChange::PoppedUp(true) => {
                self.stage.stirred.stir(Stirring::After, t);
                if !self.resting.unfolded(event, t, entry.segment) {
                    self.expanded(event, t, entry.segment);
                }
            }
            AccessibleChange::Expanded(false) | AccessibleChange::PoppedUp(false) => {
                self.resting.folded(&event.node);
                self.popups.node_closed(&event.node);
            }
            AccessibleChange::Selected => {
                self.resting.selected(&self.stage, &event.node, t, entry.segment);
                self.popups.select(&mut self.stage, entry, event);
            }
            AccessibleChange::Focused => self.focused(entry, event),
            AccessibleChange::TextInserted { text } => {
                self.typing.inserted(&mut self.stage, text, entry.segment);
            }
            AccessibleChange::Checked(on) => self.ticked(entry, event, *on),
            AccessibleChange::SelectionChanged | AccessibleChange::TextDeleted { .. } => {}
        }
    }

    /// A popup that the application tells of. It names the hover that opened it where no look-up did.
    fn expanded(&mut self, event: &AccessibleEvent, t: MonoNanos, segment: u32) {
        let window = self.stage.context.popup_filled_by(event.node.bounds);
        if let (AccessibleChange::PoppedUp(true), Some(window)) = (&event.change, window) {
            // That the window opened was told before: perhaps long before, by another action.
            return self.popups.name(window, &event.node, segment);
        }
        let opening = Opening { window: None, label: name_of_popup(&event.node), t, segment };
        self.effects.popup_opened(&mut self.stage, &mut self.resting, &mut self.popups, opening);
        let Some(draft) = self.stage.outbox.drafts_mut().next() else { return };
        let Action::Hover { at } = draft.action else { return };
        if draft.element.is_none() && event.node.bounds.contains(at) {
            let (node, ancestors) = (event.node.clone(), event.ancestors.clone());
            let element = Element { node, ancestors, candidates: 1 };
            draft.acted_on(Target { element, completeness: Completeness::Complete }, [segment]);
        }
    }

    fn ticked(&mut self, entry: &Entry, event: &AccessibleEvent, on: bool) {
        let mut drafts = self.stage.outbox.drafts_mut();
        let Some(draft) = drafts.find(|d| !matches!(d.action, Action::Hover { .. })) else { return };
        let same_app = draft.surroundings.app == entry.record.app;
        if same_app {
            form::tick(draft, &event.node, on, entry.record.time, entry.segment);
        }
    }

    fn focused(&mut self, entry: &Entry, event: &AccessibleEvent) {
        self.popups.select(&mut self.stage, entry, event);
        let element = Element { node: event.node.clone(), ancestors: event.ancestors.clone(), candidates: 1 };
        self.press_gave_focus(entry, &element);
        if self.stage.context.focus(field::whole(element), entry.record.time, entry.segment) {
            self.typing.focus_moved(&mut self.stage, entry.record.time);
        }
    }

    /// A control under a press that gets the focus by it is what was pressed, until a look-up tells more: its
    /// answer can come too late, or know only what is around the control.
    fn press_gave_focus(&mut self, entry: &Entry, element: &Element) {
        let t = entry.record.time;
        let Some(draft) = self.stage.outbox.drafts_mut().find(|d| matches!(d.action, Action::Click { .. }))
        else {
            return;
        };
        let in_it = draft.start <= t && (draft.open || t <= draft.end);
        let under = draft.action.at().is_some_and(|at| element.node.bounds.contains(at));
        let app = draft.surroundings.app.as_ref();
        let known = draft.element.as_ref();
        if known.is_some_and(|known| !is_around(&known.element.node, &element.node))
            || !(in_it && under && is_control(&element.node.role))
            || entry.record.app.as_ref() != app
            || self.stage.context.page_changed(app, draft.start, t)
        {
            return;
        }
        let (element, completeness) = (element.clone(), Completeness::Complete);
        let target = Target { element, completeness };
        self.popups.acted_on(&self.stage.context, draft, target, vec![entry.segment]);
    }

    /// A denial leaves a hole that other records already show, and what an application did not describe is
    /// no hole in what was done; everything else interrupts.
    fn gap(&mut self, gap: &Gap, to: MonoNanos, told: MonoNanos) {
        let until = to.max(told);
        if let Gap::Lost { count } = gap {
            self.stage.flaws.lost(until, *count);
        }
        match gap {
            Gap::Unanswered { .. } => {}
            Gap::Denied { rule } if !denies_input(*rule) => {}
            Gap::Denied { .. } => {
                self.episodes.clipboard.unseen(until);
                self.stage.unseen_until = self.stage.unseen_until.max(to);
            }
            _ => self.interrupt(until),
        }
    }

    /// Until then nobody looked: what stood before is no observation of what comes after.
    pub(crate) fn interrupt(&mut self, until: MonoNanos) {
        self.episodes.clipboard.unseen(until);
        self.close_runs();
        self.presses.interrupt(&mut self.stage, Fault::Interrupted);
        self.keys.interrupt(&mut self.stage);
        self.stage.frames.interrupt(until);
    }

    fn mark(&mut self, entry: &Entry, mark: &Mark) {
        let (time, segment) = (entry.record.time, entry.segment);
        if matches!(mark, Mark::TaskBegins { .. } | Mark::TaskEnds) {
            self.close_runs();
        }
        if *mark == Mark::TaskEnds {
            self.stage.begin_without_input(&entry.event(), Action::Finish { reason: FinishReason::TaskEnds });
        }
        self.stage.outbox.bound(Boundary { mark: mark.clone(), time, segment });
    }
}

/// What an action was done to, by what a look-up told and by the elements shown before; `None` where what is known
/// already says it better.
fn acted_on(draft: &Draft, told: Option<&Element>) -> Option<Element> {
    let (around, at) = (&draft.surroundings, draft.action.at());
    let Some(told) = told else {
        let shown = around.elements.as_ref().filter(|_| around.elements_stand && draft.element.is_none())?;
        return shown_at(&shown.snapshot, at?);
    };
    // A page that was just scrolled places its controls late: then only what is around one is found.
    let control = draft.element.as_ref().filter(|known| is_control(&known.element.node.role));
    if control.is_some_and(|control| is_around(&told.node, &control.element.node)) {
        return None;
    }
    Some(at.map_or_else(|| told.clone(), |at| met(told, around.elements.as_ref(), at, draft.start)))
}

/// Whether keys and presses can be missing where the rule denied something.
fn denies_input(rule: DenyRule) -> bool {
    !matches!(rule, DenyRule::LevelHasNoPixels | DenyRule::LevelHasNoText | DenyRule::WindowsMoved)
}

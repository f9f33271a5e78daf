//! The queue's back: each event is judged by the desk, cut to its level, and waits.

use overt_event::{
    AccessibleChange, AccessibleEvent, Completeness, DenyRule, ElementLookup, ElementRecord, FocusKind,
    FrameRecord, Gap, KeyRecord, Level, MonoNanos, RawBody, RawEvent, RawFrame, RawKey, RawSnapshot,
    RecordBody, SnapshotRecord, Span, WallTime, WindowChange, WindowReport,
};

use crate::desk::{Allowed, Judged, stricter};
use crate::fate::Fate;
use crate::focus::{Doubt, HOLD_MILLIS, Report, Said};
use crate::gaps::Lane;
use crate::held::{COARSE_MILLIS, Doubtful, Held, Origin, Slot, Waiting};
use crate::keys::{DownKey, KeyClass, classify, switches_windows};
use crate::masked::{Claim, label_bounds};
use crate::pixels::Sight;
use crate::private::frames;
use crate::reading::is_short;
use crate::sites::Sited;
use crate::tally::EventKind;
use crate::veil::{On, Stand, is_titled};
use crate::{Minimiser, level};

/// A window that got the focus may have had it this long before that was told: reading whose it is
/// was measured to take 1 to 7 ms.
const FOCUS_TOLD_MILLIS: u64 = 50;

/// What an event taught, and its own judgement still needs.
#[derive(Default)]
struct Learned {
    window: Option<Judged>,
    went_down: Option<DownKey>,
}

impl Minimiser {
    /// Takes in one event. They come in the order of their numbers.
    pub fn observe(&mut self, event: RawEvent, now: WallTime) {
        let origin = Origin::of(&event);
        self.last_seq = self.last_seq.max(origin.seq);
        self.tally.of(origin.kind).received += 1;
        self.desk.tick(now);
        let learned = self.learn(&origin, &event.body);
        if is_never_kept(&event.body) {
            self.tally.of(origin.kind).never_kept += 1;
        } else if self.pause.is_some() || origin.since < self.resumed_at {
            self.pass_over(origin, event.body);
        } else if let RawBody::Pace(change) = event.body {
            // It is the recorder's own, and no occasion to tell of the desktop.
            self.ready(origin, None, RecordBody::Pace(change));
        } else {
            self.tell_verdict(&origin);
            self.tell_workspace(&origin);
            self.take(origin, event.body, learned);
        }
    }

    /// What is only state is kept current at all times, paused or not.
    fn learn(&mut self, origin: &Origin, body: &RawBody) -> Learned {
        let at = origin.arrival;
        let mut learned = Learned::default();
        for (pid, name) in frames(body) {
            if let Some(found) = self.desk.frame_named(pid, &name) {
                self.deny_private(&found);
            }
        }
        match body {
            RawBody::Window(report) => {
                if let Some(found) = self.desk.titled(report, at) {
                    self.deny_private(&found);
                }
                let before = self.desk.bounds(report.window);
                let judged = self.desk.report(report, at);
                self.follow_window(report, before, origin.happened);
                if report.change == WindowChange::Focused {
                    self.claim_keys(origin.happened, &judged);
                    self.reading.bound(at);
                }
                learned.window = Some(judged);
            }
            RawBody::Frame(RawFrame { windows: Some(windows), grab_begin, .. }) => {
                self.desk.see(windows, *grab_begin);
            }
            RawBody::Windows(windows) => self.desk.see(windows, origin.happened),
            RawBody::Site(report) if self.pause.is_none() && report.asked_at >= self.resumed_at => {
                self.desk.looked(report, at);
            }
            RawBody::Location { pid, .. } => self.desk.doubt_sites_of(*pid, at),
            RawBody::Covered(covered) => self.desk.cover(*covered),
            RawBody::Damage => self.confirmer.see_change(origin.happened),
            RawBody::Workspace(workspace) => self.state.workspace = Some(*workspace),
            RawBody::Key(key) => learned.went_down = self.keyboard.take(key, origin.seq, &classify(key)),
            RawBody::Focus(f) => {
                if f.kind == FocusKind::Password {
                    self.reading.bound(at);
                }
                let known = Span { from: f.since.min(f.asked_at), to: f.asked_at };
                self.said(Said::from(&f.kind), f.pid, known, at);
            }
            RawBody::Accessible { pid, event } if is_in_password(event) => {
                self.said(Said::Password, *pid, Span { from: at, to: at }, at)
            }
            RawBody::Snapshot(s) if s.nodes.iter().any(is_focused_password) => {
                let asked = Span { from: s.asked_at, to: s.asked_at };
                self.said(Said::Password, s.pid, asked, at);
            }
            RawBody::Button { down: true, .. } => self.reading.bound(at),
            RawBody::Scroll { at: point, .. } => self.scrolled_at(*point, origin.happened),
            // Of the keys between its ends none is missing: they make words together.
            RawBody::Gap { gap: Gap::Unanswered { .. }, .. } => {}
            RawBody::Gap { gap, span } => {
                self.reading.bound(at);
                if matches!(gap, Gap::Lost { .. } | Gap::SourceGone { .. }) {
                    let from = span.from.min(at);
                    self.said(Said::Missed, 0, Span { from, to: from }, at);
                }
            }
            _ => {}
        }
        learned
    }

    /// It is known of all this span.
    fn said(&mut self, said: Said, pid: u32, known: Span, arrival: MonoNanos) {
        let report = Report { seq: self.last_seq, said, pid, since: known.from, asked: known.to, arrival };
        self.focus.add(report);
    }

    /// Keys pressed just before a window was told to have the focus may have gone to it.
    fn claim_keys(&mut self, at: MonoNanos, judged: &Judged) {
        let since = at.minus_millis(FOCUS_TOLD_MILLIS);
        for held in self.queue.iter_mut().filter(|h| h.origin.kind == EventKind::Key) {
            let Slot::Waiting(w) = &mut held.slot else { continue };
            if held.origin.happened < since || w.switches {
                continue;
            }
            match stricter(Ok(w.allowed.clone()), judged) {
                Ok(allowed) => w.allowed = allowed,
                Err(rule) => {
                    self.tally.deny(EventKind::Key, rule);
                    held.deny(Lane::Keys, rule);
                }
            }
        }
    }

    fn pass_over(&mut self, origin: Origin, body: RawBody) {
        match body {
            RawBody::Topology(topology) if self.pause.is_some() => self.keep_topology(origin, topology),
            RawBody::Topology(topology) => self.ready(origin, None, RecordBody::Topology(topology)),
            _ => self.deny(origin.kind, origin.seq, DenyRule::Paused),
        }
    }

    fn take(&mut self, origin: Origin, body: RawBody, learned: Learned) {
        let modifiers = self.keyboard.modifiers();
        match body {
            RawBody::Clock(anchor) => self.ready(origin, None, RecordBody::Clock(anchor)),
            RawBody::Topology(t) => self.ready(origin, None, RecordBody::Topology(t)),
            RawBody::Gap { gap, span } => self.ready(origin, None, RecordBody::Gap { gap, span }),
            RawBody::Mark(mark) => match self.desk.standing() {
                Some(rule) => self.deny_now(origin, rule),
                None => {
                    let mark = self.masked_mark(mark);
                    self.ready(origin, None, RecordBody::Mark { mark });
                }
            },
            RawBody::PointerMove { at } => {
                let judged = self.desk.at(at, origin.arrival);
                self.pointer(origin, judged, RecordBody::PointerMove { at });
            }
            RawBody::Button { at, button, down } => {
                let judged = self.desk.at(at, origin.arrival);
                self.pointer(origin, judged, RecordBody::Button { at, button, down, modifiers });
            }
            RawBody::Scroll { at, dx_120, dy_120 } => {
                let judged = self.desk.at(at, origin.arrival);
                self.pointer(origin, judged, RecordBody::Scroll { at, dx_120, dy_120, modifiers });
            }
            RawBody::Key(key) => self.key(origin, key, learned.went_down),
            RawBody::Window(report) => {
                self.window(origin, learned.window.unwrap_or(Err(DenyRule::AppUnknown)), report);
            }
            RawBody::Workspace(workspace) => self.workspace(origin, workspace),
            RawBody::Cursor(cursor) => self.cursor(origin, cursor),
            RawBody::Element(lookup) => self.element(origin, lookup),
            RawBody::Snapshot(snapshot) => self.snapshot(origin, snapshot),
            RawBody::Accessible { pid, event } => self.accessible(origin, pid, event),
            RawBody::Location { pid, url } => self.location(origin, pid, &url),
            RawBody::Frame(frame) => self.frame(origin, &frame),
            RawBody::Binding(binding) => self.hold(origin, Slot::Binding(binding)),
            RawBody::Focus(_)
            | RawBody::Damage
            | RawBody::Windows(_)
            | RawBody::Site(_)
            | RawBody::Covered(_)
            | RawBody::Pace(_) => {}
        }
    }

    pub(crate) fn ready(&mut self, origin: Origin, allowed: Option<&Allowed>, body: RecordBody) {
        let record = origin.record(allowed, true, body);
        self.hold_of(origin, allowed, Slot::Ready { record, pixels: None });
    }

    /// Denied without being part of a gap.
    pub(crate) fn deny_now(&mut self, origin: Origin, rule: DenyRule) {
        self.tally.deny(origin.kind, rule);
    }

    fn deny_in(&mut self, origin: Origin, lane: Lane, rule: DenyRule) {
        self.desk.denied_for_site(rule, origin.arrival);
        self.tally.deny(origin.kind, rule);
        self.hold(origin, Slot::Denied { lane, rule });
    }

    fn pointer(&mut self, origin: Origin, judged: Judged, body: RecordBody) {
        match judged {
            Ok(allowed) => self.ready(origin, Some(&allowed), body),
            Err(rule) => self.deny_in(origin, Lane::Pointer, rule),
        }
    }

    fn key(&mut self, origin: Origin, key: RawKey, went_down: Option<DownKey>) {
        let allowed = match self.judge_key(&key) {
            Ok(allowed) => allowed,
            Err(rule) => return self.deny_in(origin, Lane::Keys, rule),
        };
        if !key.down {
            return self.key_up(origin, &key, &allowed, went_down);
        }
        let switches = switches_windows(&key);
        let what = match classify(&key) {
            KeyClass::Composing => return self.tally.of(EventKind::Key).merged += 1,
            KeyClass::Text(text) => Doubtful::Text(text),
            KeyClass::Named => {
                let RawKey { name, down, repeat, modifiers, .. } = key;
                Doubtful::Named(KeyRecord { name, down, repeat, modifiers })
            }
        };
        let pid = self.desk.active_pid();
        self.read_key(&origin, &what, allowed.level);
        self.wait(origin, Waiting { allowed, doubt: doubt(&origin, pid), switches, what });
    }

    /// Whether text of this level is kept and looked into.
    pub(crate) fn reads(&self, level: Level) -> bool {
        self.filters && level == Level::Full
    }

    /// What was typed is read where its characters can be kept.
    fn read_key(&mut self, origin: &Origin, what: &Doubtful, level: Level) {
        match what {
            Doubtful::Text(text) if self.reads(level) => {
                self.reading.typed(origin.seq, origin.arrival, text);
            }
            Doubtful::Named(key) => {
                self.reading.pressed(origin.arrival, key);
                self.scrolled_by_key(&key.name, origin.happened);
            }
            _ => {}
        }
    }

    /// A popup that may not be recorded may have taken the keyboard; only keys that switch windows
    /// are sure not to be meant for it.
    fn judge_key(&self, key: &RawKey) -> Judged {
        match self.desk.denied_popup() {
            Some(rule) if !switches_windows(key) => Err(rule),
            _ => self.desk.active(),
        }
    }

    /// A key that went up tells nothing that it did not tell when it went down.
    fn key_up(&mut self, origin: Origin, key: &RawKey, allowed: &Allowed, went_down: Option<DownKey>) {
        match went_down {
            Some(DownKey { seq, name, named: true }) => {
                let up = KeyRecord { name, down: false, repeat: false, modifiers: key.modifiers };
                let record = origin.record(Some(allowed), false, RecordBody::Key(up));
                self.hold_of(origin, Some(allowed), Slot::KeyUp { down: seq, record });
            }
            Some(DownKey { named: false, .. }) => self.tally.of(EventKind::Key).merged += 1,
            None => self.deny_now(origin, DenyRule::FocusUnknown),
        }
    }

    fn window(&mut self, origin: Origin, judged: Judged, report: WindowReport) {
        let allowed = match judged {
            Ok(allowed) => allowed,
            Err(rule) => return self.deny_now(origin, rule),
        };
        let WindowReport { change, window, kind, bounds, title, .. } = report;
        let title = (allowed.level == Level::Full).then(|| self.masked(title));
        let body = RecordBody::Window { change, window, window_kind: kind, bounds, title };
        self.ready(origin, Some(&allowed), body);
    }

    fn element(&mut self, origin: Origin, lookup: ElementLookup) {
        let under = self.desk.at(lookup.at, origin.arrival);
        let allowed = match stricter(self.desk.process(lookup.pid), &under) {
            Ok(allowed) => allowed,
            Err(rule) => return self.deny_now(origin, rule),
        };
        let ElementLookup { for_seq, at, pid, element, completeness, took_nanos } = lookup;
        let mut element = element.map(|e| level::element(e, allowed.level));
        element.iter_mut().for_each(|e| self.mask_element(&allowed, e, pid, at));
        let body =
            RecordBody::Element(Box::new(ElementRecord { for_seq, at, element, completeness, took_nanos }));
        let record = origin.record(Some(&allowed), true, body);
        self.hold_of(origin, Some(&allowed), Slot::Element { for_seq, record });
    }

    fn snapshot(&mut self, origin: Origin, snapshot: RawSnapshot) {
        let own = self.desk.window(snapshot.window);
        let allowed = match stricter(self.desk.process(snapshot.pid), &own) {
            Ok(allowed) => allowed,
            Err(rule) => return self.deny_now(origin, rule),
        };
        let full = allowed.level == Level::Full;
        let RawSnapshot { window, pid, asked_at, took_nanos, nodes, completeness } = snapshot;
        if let Some(node) = nodes.iter().find(|n| is_focused_entry(n)) {
            self.enter(node, pid, origin.arrival);
        }
        let mut kept = level::nodes(nodes.clone(), allowed.level);
        let named = self.mask_nodes(&allowed, kept.iter_mut());
        let on = On { window: Some(window), pid };
        self.veils.look(on, asked_at, &nodes, &named, completeness == Completeness::Complete);
        match completeness {
            Completeness::Complete | Completeness::Cut => self.names_are_told(window, asked_at),
            Completeness::NoTree => self.naming.has_no_tree(window),
            _ => {}
        }
        if allowed.level == Level::Masked {
            let bounds = label_bounds(&kept).collect();
            self.confirm(Claim { pid, asked_at, answered_at: origin.arrival, bounds });
        }
        let told = self.showed.same((window, origin.seq), asked_at, &kept, completeness);
        let asked_at = if full { asked_at } else { asked_at.floor_to_millis(COARSE_MILLIS) };
        let body = match told {
            Some(of) => RecordBody::SnapshotAgain { of, asked_at, took_nanos },
            None => RecordBody::Snapshot(SnapshotRecord {
                window,
                asked_at,
                took_nanos,
                nodes: kept,
                completeness,
            }),
        };
        self.ready(origin, Some(&allowed), body);
    }

    fn accessible(&mut self, origin: Origin, pid: u32, event: AccessibleEvent) {
        let allowed = match self.desk.process(pid) {
            Ok(allowed) => allowed,
            Err(rule) => return self.deny_now(origin, rule),
        };
        if event.change == AccessibleChange::Focused {
            self.enter(&event.node, pid, origin.arrival);
        }
        if !level::is_edit(&event.change) {
            let mut event = level::accessible(event, allowed.level);
            self.mask_event(&allowed, &mut event, pid);
            return self.ready(origin, Some(&allowed), RecordBody::Accessible(Box::new(event)));
        }
        match self.judge_edit(pid, &event, allowed.level) {
            Some(rule) => self.deny_now(origin, rule),
            None => {
                self.read_edit(&origin, pid, &event, allowed.level);
                let (doubt, what) = (doubt(&origin, Some(pid)), Doubtful::Edit(event));
                self.wait(origin, Waiting { allowed, doubt, switches: false, what });
            }
        }
    }

    /// An edit is read beside what was typed, where it can be kept.
    fn read_edit(&mut self, origin: &Origin, pid: u32, event: &AccessibleEvent, level: Level) {
        self.enter(&event.node, pid, origin.arrival);
        match &event.change {
            AccessibleChange::TextInserted { text } if self.reads(level) && is_short(text) => {
                let since = self.since_when(pid, origin.happened);
                self.reading.told(origin.seq, origin.arrival, since, text);
            }
            AccessibleChange::TextInserted { text } if level == Level::Full => {
                self.veil_insertion(&event.node, pid, text, origin.happened);
            }
            AccessibleChange::TextDeleted { chars } => self.reading.told_deleted(origin.arrival, *chars),
            _ => {}
        }
    }

    /// Text that changes in a window without the keyboard is not what the person types: others'
    /// messages come that way.
    fn judge_edit(&self, pid: u32, event: &AccessibleEvent, level: Level) -> Option<DenyRule> {
        let inserts = matches!(event.change, AccessibleChange::TextInserted { .. });
        match () {
            () if level::is_secret(event) => Some(DenyRule::SecretField),
            () if self.desk.active_pid() != Some(pid) => Some(DenyRule::FocusUnknown),
            () if inserts && level < Level::Full => Some(DenyRule::LevelHasNoText),
            () => None,
        }
    }

    fn location(&mut self, origin: Origin, pid: u32, url: &str) {
        match self.desk.process(pid) {
            Ok(allowed) if allowed.level == Level::Full => {
                let url = self.mask_address(url);
                self.ready(origin, Some(&allowed), RecordBody::Location { url });
            }
            Ok(_) => self.deny_now(origin, DenyRule::LevelHasNoText),
            Err(rule) => self.deny_now(origin, rule),
        }
    }

    fn frame(&mut self, origin: Origin, raw: &RawFrame) {
        let (judged, stands): (Vec<_>, Vec<_>) = match (self.desk.whole_source(), raw.windows.as_deref()) {
            (Some(whole), _) => {
                let stand = Stand::of_source(&raw.frame, &whole);
                (vec![whole], vec![stand])
            }
            (None, Some(windows)) => {
                let judged = self.desk.judge_all(windows);
                let stands = windows.iter().zip(&judged).map(|(w, j)| Stand::of(w, j)).collect();
                (judged, stands)
            }
            (None, None) => return self.deny_in(origin, Lane::Frames, DenyRule::WindowsMoved),
        };
        let unseen = self.rule_of_unseen(&judged);
        if stands.iter().all(|s| s.sight == Sight::Nothing) {
            return self.deny_in(origin, Lane::Frames, unseen);
        }
        let record = FrameRecord {
            id: raw.id,
            topology: raw.topology,
            grab_begin: raw.grab_begin,
            grab_end: raw.grab_end,
            width: raw.frame.width,
            height: raw.frame.height,
            filled_permille: 0,
        };
        self.hold_picture(origin, raw, record, stands, unseen);
    }

    /// A picture of which nothing may be seen would tell only that something moved. It is denied.
    fn rule_of_unseen(&self, judged: &[Judged]) -> DenyRule {
        match self.desk.active() {
            Err(rule) if !judged.iter().any(Result::is_ok) => rule,
            _ if judged.iter().any(Result::is_ok) => DenyRule::LevelHasNoPixels,
            _ => DenyRule::AppNotAgreed,
        }
    }

    fn wait(&mut self, origin: Origin, waiting: Waiting) {
        let sited = waiting.allowed.sited();
        self.hold_sited(origin, sited, Slot::Waiting(waiting));
    }

    /// Holds what belongs to nobody, or has its owners in its slot.
    pub(crate) fn hold(&mut self, origin: Origin, slot: Slot) {
        self.hold_sited(origin, None, slot);
    }

    fn hold_of(&mut self, origin: Origin, allowed: Option<&Allowed>, slot: Slot) {
        self.hold_sited(origin, allowed.and_then(Allowed::sited), slot);
    }

    /// Puts it at the queue's end. What does not fit is taken from the front, and told.
    fn hold_sited(&mut self, origin: Origin, sited: Option<Sited>, slot: Slot) {
        if let Some(sited) = &sited {
            self.desk.hold_for_site(sited, origin.arrival);
        }
        let held = Held { origin, slot, sited };
        self.held_frames += usize::from(held.has_pixels());
        self.held_pixel_bytes += held.pixel_bytes();
        self.queue.push_back(held);
        while self.held_frames > self.settings.held_frames_max.max(1)
            || self.held_frames > 1 && self.held_pixel_bytes > self.settings.held_pixel_bytes_max
        {
            self.shed(Held::has_pixels);
        }
        if self.queue.len() > self.settings.held_events_max.max(1) {
            self.shed(Held::may_be_shed);
        }
    }

    fn shed(&mut self, which: fn(&Held) -> bool) {
        let Some(i) = self.queue.iter().position(which) else { return };
        let Some(gone) = self.queue.remove(i) else { return };
        self.held_frames -= usize::from(gone.has_pixels());
        self.held_pixel_bytes -= gone.pixel_bytes();
        // What was denied is counted already, and its loss loses nothing.
        if matches!(gone.slot, Slot::Denied { .. }) {
            return;
        }
        self.tally.of(gone.origin.kind).lost += 1;
        if gone.origin.kind.is_input() {
            self.fates.settle(gone.origin.seq, Fate::Lost);
        }
        let before = i.checked_sub(1).and_then(|b| self.queue.get_mut(b));
        match before.map(|h| &mut h.slot) {
            Some(Slot::Lost { count, to }) => {
                *count += 1;
                *to = (*to).max(gone.origin.arrival);
            }
            _ => {
                let slot = Slot::Lost { count: 1, to: gone.origin.arrival };
                self.queue.insert(i, Held { origin: gone.origin, slot, sited: None });
            }
        }
    }
}

fn doubt(origin: &Origin, pid: Option<u32>) -> Doubt {
    let bucket_ends = origin.bucket().plus_millis(COARSE_MILLIS);
    Doubt {
        seq: origin.seq,
        happened: origin.happened,
        arrival: origin.arrival,
        pid,
        hold_until: bucket_ends.max(origin.arrival).plus_millis(HOLD_MILLIS),
    }
}

/// What only tells minimise something.
fn is_never_kept(body: &RawBody) -> bool {
    matches!(
        body,
        RawBody::Focus(_) | RawBody::Damage | RawBody::Windows(_) | RawBody::Site(_) | RawBody::Covered(_)
    )
}

fn is_in_password(event: &AccessibleEvent) -> bool {
    (event.change == AccessibleChange::Focused || level::is_edit(&event.change)) && level::is_secret(event)
}

fn is_focused_password(node: &overt_event::Node) -> bool {
    level::is_password(node) && node.states.iter().any(|s| s == "focused")
}

/// Titled things can be focused too, and are nothing to type into.
fn is_focused_entry(node: &overt_event::Node) -> bool {
    node.states.iter().any(|s| s == "focused") && !is_titled(node)
}

//! The flow of one session, from the queue to what may be kept. No thread, no clock, no IO of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use overt_agreement::Terms;
use overt_capture::{Binder, Pictures, WindowStack};
use overt_capture_atspi::{LookupRequest, SiteRequest, SnapshotRequest};
use overt_event::{
    Binding, ClockAnchor, MonoNanos, NANOS_PER_MILLI, Pace, PaceChange, PaceReason, Point, RawBody, RawEvent,
    SecretKind, Seq, VisibleWindow, WallTime, WindowChange, WindowId, WindowKind,
};
use overt_format::Flow;
use overt_minimise::{Minimised, Minimiser, Tally};

use crate::account::Account;
use crate::cadence::pictures;

/// The pointer rests when it has not moved for this long; then what stands under it is looked up.
const REST_MILLIS: u64 = 50;
/// So long after the last key somebody still types: what a key led to is asked for after that, so that filling
/// cells one after the other asks once and not for each.
const TYPING_MILLIS: u64 = 1_000;
/// What an action led to is asked for this long after the screen stood still; then its pictures are old enough
/// for the answer to be about them.
const LOOK_AFTER_MILLIS: u64 = 120;
/// A pointer that stood still for this long and sets out goes for something that may not have been there before.
/// Where no picture has it asked for, it is here.
const STOOD_MILLIS: u64 = 1_000;
/// What unfolds under a resting pointer is there after this long (jQuery UI's menus wait 300 ms). Where no picture has it asked for,
/// it is here.
const UNFOLD_MILLIS: u64 = 400;
/// A picture of it that waits for names is asked for once it is old enough for the answer to be about it.
const UNFOLD_NAMED_MILLIS: u64 = UNFOLD_MILLIS + 200;
/// A picture waits this long for somebody else to ask what its window shows: an action, or a new focus.
const UNNAMED_MILLIS: u64 = 1_200;
/// The same of a menu or a list, which may soon be gone; it has to be there first.
const UNNAMED_POPUP_MILLIS: u64 = 150;
/// The same while somebody types.
const UNNAMED_TYPING_MILLIS: u64 = 2_000;
/// The same window is asked at most this often.
const ASK_AGAIN_MILLIS: u64 = 500;
/// The same window is asked for its site at most this often.
const SITE_AGAIN_MILLIS: u64 = 200;
/// The focus is asked for at most this often.
const PROBE_MILLIS: u64 = 40;

/// A question to the accessibility source.
pub(crate) enum Ask {
    Element(LookupRequest),
    Snapshot(SnapshotRequest),
    Site(SiteRequest),
    Focus,
}

/// Everything between the sources' queue and the sealed segments.
pub(crate) struct Session {
    terms: Arc<Terms>,
    binder: Binder,
    minimiser: Minimiser,
    stack: WindowStack,
    resting: Option<Resting>,
    last_key: MonoNanos,
    last_move: MonoNanos,
    last_probe: MonoNanos,
    /// When the window in use is asked what it shows.
    look_due: Option<MonoNanos>,
    /// When a window was last asked what it shows.
    asked: BTreeMap<WindowId, MonoNanos>,
    /// When a window was last asked for its site.
    asked_site: BTreeMap<WindowId, MonoNanos>,
    /// The pace that was told last.
    pace: PaceChange,
    still: Option<Still>,
    anchor: Option<ClockAnchor>,
    asks: Vec<Ask>,
    account: Account,
}

/// Why nothing is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Still {
    /// The person paused it.
    Paused,
    /// The agreement's budget holds it.
    Held(PaceReason),
}

impl Still {
    /// What the person and the budget ask for together: the person's pause is their own, and wins.
    pub(crate) fn wanted(paused: bool, pace: PaceChange) -> Option<Self> {
        let held = (pace.pace == Pace::Held).then_some(Self::Held(pace.why));
        if paused { Some(Self::Paused) } else { held }
    }
}

struct Resting {
    seq: Seq,
    at: Point,
    since: MonoNanos,
    /// What stands there was asked for.
    asked: bool,
}

impl Session {
    pub(crate) fn new(terms: Arc<Terms>, minimiser: Minimiser) -> Self {
        Self {
            binder: Binder::new(pictures(terms.cadence(), Pace::Full)),
            terms,
            minimiser,
            stack: WindowStack::default(),
            resting: None,
            last_key: MonoNanos(0),
            last_move: MonoNanos(0),
            last_probe: MonoNanos(0),
            look_due: None,
            asked: BTreeMap::new(),
            asked_site: BTreeMap::new(),
            pace: PaceChange::FULL,
            still: None,
            anchor: None,
            asks: Vec::new(),
            account: Account::default(),
        }
    }

    /// Takes one event from the queue. While it stands still nothing is taken but what windows there are.
    pub(crate) fn handle(&mut self, event: RawEvent, wall: WallTime) {
        self.stack.observe(&event);
        if self.still.is_some() && !concerns_windows(&event.body) {
            self.account.passed_over += 1;
            self.minimiser.cover(event.happened());
            return;
        }
        if let RawBody::Clock(anchor) = event.body {
            self.anchor = Some(anchor);
        }
        self.account.count_in(&event);
        let notice = Notice::of(&event);
        let mut out = Vec::new();
        let seq = self.binder.handle(event, &mut out);
        if let (Some(notice), Some(seq)) = (notice, seq) {
            self.take_notice(notice, seq);
        }
        self.hand_over(out, wall);
    }

    /// Lets time pass.
    pub(crate) fn tick(&mut self, now: MonoNanos, wall: WallTime) {
        let mut out = Vec::new();
        self.binder.tick(now, &mut out);
        self.hand_over(out, wall);
        self.look_where_the_pointer_rests(now);
        self.look_if_due(now);
        self.ask_for_sites(now);
        let typing = self.is_typing(now);
        self.ask_for_names(now, |window| match window.kind {
            WindowKind::Popup => UNNAMED_POPUP_MILLIS,
            _ if typing => UNNAMED_TYPING_MILLIS,
            _ => UNNAMED_MILLIS,
        });
        let due = now.since(self.last_probe) >= PROBE_MILLIS * NANOS_PER_MILLI;
        if due && self.minimiser.wants_focus_probe() {
            self.last_probe = now;
            self.asks.push(Ask::Focus);
        }
    }

    /// Something that the recorder itself has to tell.
    pub(crate) fn tell(&mut self, now: MonoNanos, body: RawBody, wall: WallTime) {
        self.account.sent += 1;
        self.handle(RawEvent::at(now, body), wall);
    }

    /// Tells how the clocks stand, where that is another relation than was told last.
    pub(crate) fn look_at_clocks(&mut self, newest: ClockAnchor) {
        let parted = self.anchor.is_some_and(|told| told.has_parted(newest));
        if parted && self.still.is_none() {
            self.tell(newest.mono, RawBody::Clock(newest), newest.wall);
        }
    }

    /// Goes on at this pace, or stands still. A change of pace is told where it takes effect: not in a
    /// pause, but when that ends.
    pub(crate) fn steer(&mut self, paused: bool, pace: PaceChange, now: MonoNanos, wall: WallTime) {
        if !paused && pace != self.pace {
            self.set_still(None, now, wall);
            self.pace = pace;
            self.binder.set_pictures(pictures(self.terms.cadence(), pace.pace));
            self.tell(now, RawBody::Pace(pace), wall);
        }
        self.set_still(Still::wanted(paused, pace), now, wall);
    }

    pub(crate) fn still(&self) -> Option<Still> {
        self.still
    }

    /// Stands still from `now` on for this reason, or goes on. One gap ends where the next begins.
    fn set_still(&mut self, still: Option<Still>, now: MonoNanos, wall: WallTime) {
        if still == self.still {
            return;
        }
        match self.still {
            None => self.interrupt(now, wall),
            Some(_) => self.minimiser.resume(now),
        }
        self.still = still;
        match still {
            Some(Still::Paused) => self.minimiser.pause(now),
            Some(Still::Held(why)) => self.minimiser.pause_for(now, why),
            None => {}
        }
    }

    /// Asks what the last pictures show, and what site it was. False when that is known of all that is held, or
    /// will not be.
    pub(crate) fn awaits_last_answers(&mut self, now: MonoNanos) -> bool {
        self.ask_for_sites(now);
        self.ask_for_names(now, |_| UNNAMED_POPUP_MILLIS);
        let unnamed = self.minimiser.unnamed_windows(now);
        self.minimiser.awaits_sites(now) || unnamed.keys().any(|window| self.stack.get(*window).is_some())
    }

    /// Until the next event time changes nothing here.
    pub(crate) fn is_idle(&self) -> bool {
        let looks = self.resting.is_some() || self.look_due.is_some() || self.minimiser.wants_focus_probe();
        !looks && self.asks.is_empty() && self.binder.is_idle() && self.minimiser.is_idle()
    }

    /// Everything since `from` is forgotten; what was bound to it is, too.
    pub(crate) fn forget(&mut self, from: MonoNanos, now: MonoNanos, wall: WallTime) {
        self.interrupt(now, wall);
        self.account.forgotten += self.minimiser.forget(from, now);
    }

    /// What has been judged and may be kept, in order.
    pub(crate) fn drain(&mut self, now: MonoNanos) -> Vec<Minimised> {
        let judged = self.minimiser.drain(now);
        self.account.given += judged.len() as u64;
        judged
    }

    pub(crate) fn flow(&self, lost_in_queue: u64) -> Flow {
        overt_pen::flow(&self.minimiser.tally(), lost_in_queue)
    }

    /// What was filtered out so far, by kind.
    pub(crate) fn filtered(&self) -> &BTreeMap<SecretKind, u64> {
        self.minimiser.filtered()
    }

    pub(crate) fn take_asks(&mut self) -> Vec<Ask> {
        std::mem::take(&mut self.asks)
    }

    /// The last records, what became of all events, and the count of every hand-over.
    pub(crate) fn finish(mut self, now: MonoNanos, wall: WallTime) -> (Vec<Minimised>, Tally, Account) {
        self.interrupt(now, wall);
        let Self { minimiser, mut account, .. } = self;
        let (rest, tally) = minimiser.finish(now);
        account.given += rest.len() as u64;
        (rest, tally, account)
    }

    /// What is seen ends here: what waits for a later picture has none, and nothing more is asked.
    pub(crate) fn interrupt(&mut self, now: MonoNanos, wall: WallTime) {
        let mut out = Vec::new();
        self.binder.interrupt(now, &mut out);
        self.hand_over(out, wall);
        (self.resting, self.look_due) = (None, None);
        self.asks.clear();
    }

    fn hand_over(&mut self, out: Vec<RawEvent>, wall: WallTime) {
        for event in out {
            let acted = match event.body {
                RawBody::Binding(Binding::After { .. }) => true,
                RawBody::Binding(Binding::NoAfter { .. }) => self.is_unseen(),
                _ => false,
            };
            if acted {
                self.look_later(event.arrival);
            }
            self.account.count_out(&event);
            self.minimiser.observe(event, wall);
        }
    }

    fn take_notice(&mut self, notice: Notice, seq: Seq) {
        match notice {
            Notice::Press(at) => {
                self.resting = None;
                self.ask_element(seq, at);
            }
            Notice::Move(at, since) => self.moved(seq, at, since),
            Notice::Key(at) => self.last_key = at,
            Notice::Focused(at) => self.look_later(at),
        }
    }

    fn moved(&mut self, seq: Seq, at: Point, now: MonoNanos) {
        let stood = now.since(self.last_move) >= STOOD_MILLIS * NANOS_PER_MILLI;
        if stood && self.is_unseen() {
            self.look_due = Some(now);
        }
        self.last_move = now;
        self.resting = Some(Resting { seq, at, since: now, asked: false });
    }

    fn look_where_the_pointer_rests(&mut self, now: MonoNanos) {
        let Some(resting) = &mut self.resting else { return };
        let rested = |millis: u64| now.since(resting.since) >= millis * NANOS_PER_MILLI;
        let (unfolds, named) = (rested(UNFOLD_MILLIS), rested(UNFOLD_NAMED_MILLIS));
        if !resting.asked && rested(REST_MILLIS) {
            resting.asked = true;
            let (seq, at) = (resting.seq, resting.at);
            self.ask_element(seq, at);
        }
        let looks = (unfolds && self.is_unseen()) || (named && self.awaits_names(now));
        if looks {
            self.look_due.get_or_insert(now);
        }
        if looks || named {
            self.resting = None;
        }
    }

    /// Whether a picture of the window in use waits for names: it will be asked for anyway.
    fn awaits_names(&self, now: MonoNanos) -> bool {
        let unnamed = self.minimiser.unnamed_windows(now);
        self.stack.active().is_some_and(|window| unnamed.contains_key(&window.id))
    }

    /// Whether, by the agreement, what the window in use shows can change without a picture that has it asked for. At a slower
    /// pace nothing more is asked for either.
    fn is_unseen(&self) -> bool {
        let pictures = pictures(self.terms.cadence(), Pace::Full);
        let each_change = matches!(pictures, Pictures::EveryChange { .. });
        !each_change || !self.stack.active().is_some_and(|window| self.minimiser.names_pictures(window))
    }

    fn ask_element(&mut self, for_seq: Seq, at: Point) {
        let Some(window) = self.stack.at(at).filter(|w| self.agreed(w)) else { return };
        let Some(pid) = window.pid else { return };
        let popup = window.kind == WindowKind::Popup;
        let request = LookupRequest { for_seq, at, pid, window_bounds: window.bounds, popup };
        self.asks.push(Ask::Element(request));
    }

    fn look_later(&mut self, now: MonoNanos) {
        self.look_due.get_or_insert(now.plus_millis(LOOK_AFTER_MILLIS));
    }

    /// Asks what the window in use shows, once nobody types any more.
    fn look_if_due(&mut self, now: MonoNanos) {
        if self.is_typing(now) || self.look_due.take_if(|due| *due <= now).is_none() {
            return;
        }
        if let Some(window) = self.stack.active().cloned() {
            self.ask_snapshot(&window, now);
        }
    }

    fn is_typing(&self, now: MonoNanos) -> bool {
        now.since(self.last_key) < TYPING_MILLIS * NANOS_PER_MILLI
    }

    /// Asks what the windows show whose pictures have waited longer than they should.
    fn ask_for_names(&mut self, now: MonoNanos, patience: impl Fn(&VisibleWindow) -> u64) {
        for (id, since) in self.minimiser.unnamed_windows(now) {
            let lately = |at: &MonoNanos| now.since(*at) < ASK_AGAIN_MILLIS * NANOS_PER_MILLI;
            let waits = |w: &&VisibleWindow| now.since(since) >= patience(w) * NANOS_PER_MILLI;
            if let Some(window) = self.stack.get(id).filter(waits).cloned()
                && !self.asked.get(&id).is_some_and(lately)
            {
                self.ask_snapshot(&window, now);
            }
        }
    }

    /// Asks which site those windows show of which that matters and may be another by now.
    fn ask_for_sites(&mut self, now: MonoNanos) {
        for (window, title) in self.minimiser.unsited_windows(now) {
            let active = self.stack.active().filter(|w| w.id == window);
            let Some(shown) = self.stack.get(window).or(active) else { continue };
            let lately = |at: &MonoNanos| now.since(*at) < SITE_AGAIN_MILLIS * NANOS_PER_MILLI;
            self.asked_site.retain(|_, at| lately(at));
            if let Some(pid) = shown.pid.filter(|_| !self.asked_site.contains_key(&window)) {
                let window_bounds = shown.bounds;
                self.asked_site.insert(window, now);
                self.asks.push(Ask::Site(SiteRequest { window, pid, window_bounds, title }));
            }
        }
    }

    fn ask_snapshot(&mut self, window: &VisibleWindow, now: MonoNanos) {
        let Some(pid) = window.pid.filter(|_| self.agreed(window)) else { return };
        let (window, window_bounds) = (window.id, window.bounds);
        self.asked.retain(|_, at| now.since(*at) < ASK_AGAIN_MILLIS * NANOS_PER_MILLI);
        self.asked.insert(window, now);
        self.asks.push(Ask::Snapshot(SnapshotRequest { window, pid, window_bounds }));
    }

    /// An application that is not agreed is not even asked.
    fn agreed(&self, window: &VisibleWindow) -> bool {
        self.still.is_none() && self.minimiser.allows(window)
    }
}

/// What of an event the session itself acts upon.
enum Notice {
    Press(Point),
    Move(Point, MonoNanos),
    Key(MonoNanos),
    Focused(MonoNanos),
}

impl Notice {
    fn of(event: &RawEvent) -> Option<Self> {
        match &event.body {
            RawBody::Button { at, down: true, .. } => Some(Self::Press(*at)),
            RawBody::PointerMove { at } => Some(Self::Move(*at, event.arrival)),
            RawBody::Key(key) if key.down => Some(Self::Key(event.arrival)),
            RawBody::Window(w) if w.change == WindowChange::Focused => Some(Self::Focused(event.arrival)),
            _ => None,
        }
    }
}

/// Told even while it stands still, and never kept from it: without it nobody would know after the pause
/// whose windows are on the screen, and whether it is locked.
fn concerns_windows(body: &RawBody) -> bool {
    matches!(
        body,
        RawBody::Window(_)
            | RawBody::Windows(_)
            | RawBody::Topology(_)
            | RawBody::Focus(_)
            | RawBody::Covered(_)
    )
}

#[cfg(test)]
mod tests;

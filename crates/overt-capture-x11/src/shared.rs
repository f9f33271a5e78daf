//! What the threads of one capture share: the way out, whether it is open, and when to stop.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use overt_capture::{Outlet, monotonic_now};
use overt_event::{Gap, MonoNanos, RawBody, RawEvent, Span, Topology};

use crate::wake::Waker;

/// How long the end of a pause waits for the threads to follow: a server that somebody has grabbed answers
/// them late, and nobody else should wait for that.
const FOLLOW_WAIT_MAX: Duration = Duration::from_secs(1);

/// The recorder's own windows, by the server's ids. [`crate::Indicator`] fills it, capture reads it.
#[derive(Clone, Default)]
pub struct OwnWindows(Arc<RwLock<BTreeSet<u32>>>);

impl OwnWindows {
    /// Adds a window; do it before the window is mapped.
    pub fn add(&self, window: u32) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(window);
    }

    /// Forgets a window that was destroyed.
    pub fn remove(&self, window: u32) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&window);
    }

    /// Whether the window is one of the recorder's own.
    pub fn contains(&self, window: u32) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&window)
    }
}

/// Who can say that the display is covered.
#[derive(Clone, Copy)]
pub(crate) enum CoverSign {
    /// The display itself.
    Display = 0,
    /// The session, of which the owner of the capture has heard elsewhere.
    Session = 1,
}

type CoverSigns = [bool; 2];

/// Whether events may leave, and how often that began anew.
struct Gate {
    /// There is no pause.
    wanted: bool,
    /// Who says that a screen saver or a lock covers the display.
    signs: CoverSigns,
    /// Since when any of them does.
    covered_since: Option<MonoNanos>,
    /// What was told of it last.
    cover_told: Option<bool>,
    epoch: u64,
    /// The epoch that each thread's port follows.
    followed: [u64; 2],
}

impl Gate {
    /// It is open, and some thread does not know yet.
    fn is_ahead(&self) -> bool {
        self.is_open() && self.followed.iter().any(|&epoch| epoch != self.epoch)
    }

    fn is_open(&self) -> bool {
        self.wanted && self.covered_since.is_none()
    }

    /// Opens or shuts; when it opens, the state of things has to be told anew.
    fn set(&mut self, wanted: bool, covered_since: Option<MonoNanos>) {
        let was_open = self.is_open();
        (self.wanted, self.covered_since) = (wanted, covered_since);
        self.epoch += u64::from(!was_open && self.is_open());
    }
}

/// One for all threads of a capture.
pub(crate) struct Shared {
    outlet: Outlet,
    gate: Mutex<Gate>,
    /// Somebody follows the gate, or never will.
    follows: Condvar,
    topology: Mutex<Option<Topology>>,
    /// How often the screen thread saw a sign that the arrangement of monitors may be another one.
    topology_doubts: AtomicU64,
    /// How many of these the input thread has looked into.
    topology_looks: AtomicU64,
    grab_wanted: AtomicBool,
    frames_per_sec_max: AtomicU32,
    /// The screen thread waits for the turn of a grab that an input would bring forward.
    grab_waits: AtomicBool,
    /// When the last input arrived, nanoseconds of the session's clock.
    stirred_nanos: AtomicU64,
    stopping: AtomicBool,
    ended: AtomicBool,
    wakers: [Waker; 2],
}

/// Which of the two threads.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    Input = 0,
    Screen = 1,
}

impl Shared {
    pub(crate) fn new(outlet: Outlet, wakers: [Waker; 2], frames_per_sec_max: u32) -> Self {
        Self {
            outlet,
            gate: Mutex::new(Gate {
                wanted: true,
                signs: [false; 2],
                covered_since: None,
                cover_told: None,
                epoch: 1,
                followed: [0; 2],
            }),
            follows: Condvar::new(),
            topology: Mutex::new(None),
            topology_doubts: AtomicU64::new(0),
            topology_looks: AtomicU64::new(0),
            grab_wanted: AtomicBool::new(false),
            frames_per_sec_max: AtomicU32::new(frames_per_sec_max),
            grab_waits: AtomicBool::new(false),
            stirred_nanos: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            wakers,
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_open(&self, open: bool) {
        let mut gate = self.gate();
        let covered_since = gate.covered_since;
        gate.set(open, covered_since);
        drop(gate);
        self.wake();
    }

    /// Returns when both threads follow the gate, or it is shut, or a thread is over, or after a second.
    pub(crate) fn await_followers(&self) {
        let waits = |gate: &mut Gate| gate.is_ahead() && !self.ended();
        // Whether it was too long makes no difference: they will follow.
        let _ = self.follows.wait_timeout_while(self.gate(), FOLLOW_WAIT_MAX, waits);
    }

    fn follow(&self, role: Role) -> u64 {
        let mut gate = self.gate();
        let epoch = gate.epoch;
        gate.followed[role as usize] = epoch;
        self.follows.notify_all();
        epoch
    }

    /// The display is covered, or free again when no sign says so any more. How it stands is told when it is first
    /// known and at each change. Both ends are told as a gap, unless there is a pause: the first with an empty
    /// span, the second with the whole one. Between them nothing else leaves.
    pub(crate) fn set_covered(&self, sign: CoverSign, covered: bool) {
        let mut gate = self.gate();
        gate.signs[sign as usize] = covered;
        let covered = gate.signs.contains(&true);
        if gate.cover_told != Some(covered) {
            let told = self.outlet.send(RawEvent::at(monotonic_now(), RawBody::Covered(covered)));
            // What did not fit is told when it is next looked at.
            gate.cover_told = told.is_ok().then_some(covered);
        }
        if covered == gate.covered_since.is_some() {
            return;
        }
        let now = monotonic_now();
        let span = Span { from: gate.covered_since.unwrap_or(now), to: now };
        if gate.wanted {
            self.tell_gap(Gap::Locked, span);
        }
        let wanted = gate.wanted;
        gate.set(wanted, covered.then_some(now));
        drop(gate);
        self.wake();
    }

    /// Tells a gap also while the display is covered, but not in a pause.
    pub(crate) fn tell_gap_unless_paused(&self, gap: Gap, span: Span) {
        let gate = self.gate();
        if gate.wanted {
            self.tell_gap(gap, span);
        }
    }

    fn tell_gap(&self, gap: Gap, span: Span) {
        // A full queue counts the loss itself.
        let _ = self.outlet.send(RawEvent::at(span.to, RawBody::Gap { gap, span }));
    }

    pub(crate) fn want_grab(&self) {
        self.grab_wanted.store(true, Ordering::Release);
        self.wakers[Role::Screen as usize].wake();
    }

    pub(crate) fn take_grab_wanted(&self) -> bool {
        self.grab_wanted.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn set_rate(&self, frames_per_sec_max: u32) {
        if self.frames_per_sec_max.swap(frames_per_sec_max, Ordering::AcqRel) != frames_per_sec_max {
            self.wakers[Role::Screen as usize].wake();
        }
    }

    /// An input arrived: what has changed on the screen is looked at sooner, for a press may follow.
    pub(crate) fn stir(&self, now: MonoNanos) {
        self.stirred_nanos.store(now.0, Ordering::SeqCst);
        if self.grab_waits.swap(false, Ordering::SeqCst) {
            self.wakers[Role::Screen as usize].wake();
        }
    }

    pub(crate) fn rate(&self) -> u32 {
        self.frames_per_sec_max.load(Ordering::Acquire)
    }

    /// When the last input arrived. With `grab_waits` the next one wakes the screen thread.
    pub(crate) fn stirred_at(&self, grab_waits: bool) -> MonoNanos {
        // In this order: an input either is seen here or sees that somebody waits.
        self.grab_waits.store(grab_waits, Ordering::SeqCst);
        MonoNanos(self.stirred_nanos.load(Ordering::SeqCst))
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        self.wakers.iter().for_each(Waker::wake);
    }

    pub(crate) fn waker(&self, role: Role) -> &Waker {
        &self.wakers[role as usize]
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(crate) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// A thread is over. Unless it was told to stop, the first one to end says that the display is gone.
    pub(crate) fn end(&self) {
        let first = !self.ended.swap(true, Ordering::AcqRel);
        if first && !self.stopping() {
            let now = monotonic_now();
            let gap = Gap::SourceGone { source: "display".to_owned() };
            self.tell_gap(gap, Span { from: now, to: now });
        }
        // Whoever is about to wait has looked before this, or sees it.
        drop(self.gate());
        self.follows.notify_all();
        self.wake();
    }

    pub(crate) fn set_topology(&self, topology: Topology) {
        *self.topology.lock().unwrap_or_else(PoisonError::into_inner) = Some(topology);
        self.wakers[Role::Screen as usize].wake();
    }

    /// The arrangement changed and could not be told: until it is, no frame can name one.
    pub(crate) fn forget_topology(&self) {
        *self.topology.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The arrangement of monitors that the input thread announced last, if it is sure to hold.
    pub(crate) fn topology(&self) -> Option<Topology> {
        let doubts = self.topology_doubts.load(Ordering::Acquire);
        let sure = doubts == self.topology_looks.load(Ordering::Acquire);
        let topology = self.topology.lock().unwrap_or_else(PoisonError::into_inner);
        topology.clone().filter(|_| sure)
    }

    /// The screen thread saw that the arrangement may be another one: the input thread has to look.
    pub(crate) fn doubt_topology(&self) {
        self.topology_doubts.fetch_add(1, Ordering::AcqRel);
        self.wakers[Role::Input as usize].wake();
    }

    /// The doubts there are, if the input thread has yet to look into some of them.
    pub(crate) fn topology_doubts(&self) -> Option<u64> {
        let doubts = self.topology_doubts.load(Ordering::Acquire);
        (doubts != self.topology_looks.load(Ordering::Acquire)).then_some(doubts)
    }

    /// The arrangement was read after so many doubts, and told if it had changed.
    pub(crate) fn settle_doubts(&self, doubts: u64) {
        self.topology_looks.store(doubts, Ordering::Release);
        self.wakers[Role::Screen as usize].wake();
    }
}

/// One thread's way out. After a pause nothing leaves through it until its thread has noticed and
/// told the state of things anew, so that no event can be read against a state from before.
pub(crate) struct Port {
    shared: Arc<Shared>,
    role: Role,
    epoch: u64,
}

impl Port {
    pub(crate) fn new(shared: Arc<Shared>, role: Role) -> Self {
        Self { shared, role, epoch: 0 }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Whether the gate was opened and this port has yet to follow; true at the start.
    ///
    /// Before it follows, the thread passes over what happened in the pause.
    pub(crate) fn may_reopen(&self) -> bool {
        let gate = self.shared.gate();
        gate.is_open() && gate.epoch != self.epoch
    }

    /// Follows the gate: from here on events leave.
    pub(crate) fn reopen(&mut self) {
        self.epoch = self.shared.follow(self.role);
    }

    fn passes(&self, gate: &Gate) -> bool {
        gate.is_open() && gate.epoch == self.epoch
    }

    /// Whether events leave at present.
    pub(crate) fn is_open(&self) -> bool {
        self.passes(&self.shared.gate())
    }

    /// The moment at which something begins that must not begin in a pause; `None` in one.
    pub(crate) fn begin(&self) -> Option<MonoNanos> {
        let gate = self.shared.gate();
        self.passes(&gate).then(monotonic_now)
    }

    /// Sends the event unless there is a pause. Returns whether it left (or was counted as lost).
    pub(crate) fn emit(&self, event: RawEvent) -> bool {
        let gate = self.shared.gate();
        let passes = self.passes(&gate);
        if passes {
            // A full queue counts the loss itself.
            let _ = self.shared.outlet.send(event);
        }
        passes
    }

    /// Sends an event without a device that arrives now.
    pub(crate) fn tell(&self, body: RawBody) -> bool {
        self.emit(RawEvent::at(monotonic_now(), body))
    }
}

/// Says that a thread is over, however it ends.
pub(crate) struct EndGuard(pub(crate) Arc<Shared>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use overt_capture::queue;

    fn shared() -> (Arc<Shared>, crossbeam_channel::Receiver<RawEvent>) {
        let (outlet, events) = queue(8);
        let wakers = [Waker::new().expect("a waker"), Waker::new().expect("a waker")];
        (Arc::new(Shared::new(outlet, wakers, 10)), events)
    }

    #[test]
    fn nothing_leaves_in_a_pause_nor_after_it_before_the_state_was_told_anew() {
        let (shared, events) = shared();
        let mut port = Port::new(Arc::clone(&shared), Role::Input);
        assert!(!port.tell(RawBody::Damage), "the first state is not told yet");
        assert!(port.may_reopen());
        port.reopen();
        assert!(!port.may_reopen());
        assert!(port.tell(RawBody::Damage));
        shared.set_open(false);
        assert!(!port.tell(RawBody::Damage) && port.begin().is_none());
        shared.set_open(true);
        assert!(!port.tell(RawBody::Damage), "the pause is over but not yet noticed");
        assert!(port.may_reopen());
        port.reopen();
        assert!(port.tell(RawBody::Damage) && port.begin().is_some());
        assert_eq!(events.len(), 2);
    }

    #[test]
    fn the_end_of_a_pause_waits_for_both_threads_and_not_for_one_that_is_over() {
        let (shared, _events) = shared();
        let follow = |role| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || Port::new(shared, role).reopen())
        };
        let followers = [follow(Role::Input), follow(Role::Screen)];
        shared.await_followers();
        assert!(!shared.gate().is_ahead(), "it did not wait");
        followers.into_iter().for_each(|thread| thread.join().expect("it ends"));
        shared.set_open(false);
        shared.await_followers();
        shared.set_open(true);
        let end = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || drop(EndGuard(shared))
        });
        shared.await_followers();
        assert!(shared.gate().is_ahead() && shared.ended());
        end.join().expect("it ends");
    }

    #[test]
    fn a_covered_display_tells_when_it_begins_and_when_it_ends_and_nothing_between() {
        let (shared, events) = shared();
        let mut port = Port::new(Arc::clone(&shared), Role::Input);
        port.reopen();
        let spans = || {
            let span = |e: RawEvent| match e.body {
                RawBody::Gap { gap: Gap::Locked, span } => Some(span),
                RawBody::Covered(_) => None,
                _ => panic!("there was something else"),
            };
            events.try_iter().filter_map(span).collect::<Vec<_>>()
        };
        shared.set_covered(CoverSign::Display, true);
        shared.set_covered(CoverSign::Display, true);
        assert!(!port.tell(RawBody::Damage) && !port.may_reopen());
        let begins = spans();
        assert!(begins.len() == 1 && begins[0].from == begins[0].to);
        shared.set_open(false);
        shared.set_open(true);
        assert!(!port.may_reopen(), "it is still covered");
        shared.set_covered(CoverSign::Display, false);
        assert!(!port.tell(RawBody::Damage) && port.may_reopen());
        let ends = spans();
        assert!(ends.len() == 1 && ends[0].from == begins[0].from && ends[0].to >= ends[0].from);
        shared.set_open(false);
        shared.set_covered(CoverSign::Display, true);
        shared.set_covered(CoverSign::Display, false);
        assert_eq!(spans(), [], "what happens in a pause is not told");
    }

    #[test]
    fn a_lock_that_two_signs_tell_is_one_gap() {
        let (shared, events) = shared();
        for sign in [CoverSign::Session, CoverSign::Display] {
            shared.set_covered(sign, true);
        }
        assert_eq!(told(&events), (vec![true], 1), "it began once");
        shared.set_covered(CoverSign::Session, false);
        assert!(
            events.is_empty() && !Port::new(Arc::clone(&shared), Role::Input).may_reopen(),
            "it is still covered"
        );
        shared.set_covered(CoverSign::Display, false);
        assert_eq!(told(&events), (vec![false], 1), "it ended once");
    }

    /// How the cover stood, and the number of gaps.
    fn told(events: &crossbeam_channel::Receiver<RawEvent>) -> (Vec<bool>, usize) {
        let (mut cover, mut gaps) = (Vec::new(), 0);
        for event in events.try_iter() {
            match event.body {
                RawBody::Covered(covered) => cover.push(covered),
                RawBody::Gap { gap: Gap::Locked, .. } => gaps += 1,
                _ => panic!("there was something else"),
            }
        }
        (cover, gaps)
    }

    #[test]
    fn how_the_cover_stands_is_told_at_first_and_in_pauses_too() {
        let (shared, events) = shared();
        shared.set_covered(CoverSign::Display, false);
        shared.set_covered(CoverSign::Display, false);
        assert_eq!(told(&events), (vec![false], 0));
        shared.set_open(false);
        shared.set_covered(CoverSign::Session, true);
        shared.set_covered(CoverSign::Session, false);
        assert_eq!(told(&events), (vec![true, false], 0));
    }

    #[test]
    fn a_doubted_topology_is_none_until_somebody_looked() {
        let (shared, _events) = shared();
        shared.set_topology(Topology {
            id: overt_event::TopologyId(1),
            size: (1, 1),
            monitors: Vec::new(),
            gestures: overt_event::Gestures::default(),
        });
        assert!(shared.topology().is_some() && shared.topology_doubts().is_none());
        shared.doubt_topology();
        let looked_into = shared.topology_doubts().expect("a doubt");
        shared.doubt_topology();
        shared.settle_doubts(looked_into);
        assert!(shared.topology().is_none(), "another doubt came after the look");
        shared.settle_doubts(shared.topology_doubts().expect("a doubt"));
        assert!(shared.topology().is_some());
    }

    #[test]
    fn a_lost_display_is_told_once_even_in_a_pause_and_a_stop_is_not_a_loss() {
        let (lost, events) = shared();
        lost.set_open(false);
        lost.end();
        lost.end();
        assert_eq!(events.len(), 1);
        let (stopped, events) = shared();
        stopped.stop();
        stopped.end();
        assert!(stopped.ended() && events.is_empty());
    }
}

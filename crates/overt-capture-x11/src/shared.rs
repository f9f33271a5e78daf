//! What the threads of one capture share: the way out, whether it is open, and when to stop.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use overt_capture::{Outlet, monotonic_now};
use overt_event::{Gap, MonoNanos, RawBody, RawEvent, Span, Topology};

use crate::wake::Waker;

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

/// Whether events may leave, and how often that began anew.
struct Gate {
    open: bool,
    epoch: u64,
}

/// One for all threads of a capture.
pub(crate) struct Shared {
    outlet: Outlet,
    gate: Mutex<Gate>,
    topology: Mutex<Option<Topology>>,
    grab_wanted: AtomicBool,
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
    pub(crate) fn new(outlet: Outlet, wakers: [Waker; 2]) -> Self {
        Self {
            outlet,
            gate: Mutex::new(Gate { open: true, epoch: 1 }),
            topology: Mutex::new(None),
            grab_wanted: AtomicBool::new(false),
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
        if open && !gate.open {
            gate.epoch += 1;
        }
        gate.open = open;
        drop(gate);
        self.wake();
    }

    pub(crate) fn want_grab(&self) {
        self.grab_wanted.store(true, Ordering::Release);
        self.wakers[Role::Screen as usize].wake();
    }

    pub(crate) fn take_grab_wanted(&self) -> bool {
        self.grab_wanted.swap(false, Ordering::AcqRel)
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
            let body = RawBody::Gap { gap, span: Span { from: now, to: now } };
            // A full queue counts the loss itself.
            let _ = self.outlet.send(RawEvent::at(now, body));
        }
        self.wake();
    }

    pub(crate) fn set_topology(&self, topology: Topology) {
        *self.topology.lock().unwrap_or_else(PoisonError::into_inner) = Some(topology);
        self.wakers[Role::Screen as usize].wake();
    }

    /// The arrangement of monitors that the input thread announced last.
    pub(crate) fn topology(&self) -> Option<Topology> {
        self.topology.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One thread's way out. After a pause nothing leaves through it until its thread has noticed and
/// told the state of things anew, so that no event can be read against a state from before.
pub(crate) struct Port {
    shared: Arc<Shared>,
    epoch: u64,
}

impl Port {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, epoch: 0 }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Whether the gate was opened and this port has yet to follow; true at the start.
    ///
    /// Before it follows, the thread passes over what happened in the pause.
    pub(crate) fn may_reopen(&self) -> bool {
        let gate = self.shared.gate();
        gate.open && gate.epoch != self.epoch
    }

    /// Follows the gate: from here on events leave.
    pub(crate) fn reopen(&mut self) {
        let epoch = self.shared.gate().epoch;
        self.epoch = epoch;
    }

    fn passes(&self, gate: &Gate) -> bool {
        gate.open && gate.epoch == self.epoch
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
        (Arc::new(Shared::new(outlet, wakers)), events)
    }

    #[test]
    fn nothing_leaves_in_a_pause_nor_after_it_before_the_state_was_told_anew() {
        let (shared, events) = shared();
        let mut port = Port::new(Arc::clone(&shared));
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

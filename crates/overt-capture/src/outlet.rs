//! The one queue between the sources and the session.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};
use overt_event::{MonoNanos, RawEvent};
use thiserror::Error;

/// The queue took nothing more; the event is counted as lost.
#[derive(Debug, Error)]
#[error("the queue is full ({capacity} events); the event is counted as lost")]
pub struct QueueFull {
    pub capacity: usize,
}

/// Where a source puts what it saw. It never waits.
#[derive(Clone)]
pub struct Outlet {
    sender: Sender<RawEvent>,
    taken: Arc<AtomicU64>,
    lost: Arc<AtomicU64>,
}

/// A queue for `capacity` events: the sources' end and the session's end.
pub fn queue(capacity: usize) -> (Outlet, Receiver<RawEvent>) {
    let (sender, receiver) = bounded(capacity);
    (Outlet { sender, taken: Arc::default(), lost: Arc::default() }, receiver)
}

impl Outlet {
    /// Hands over one event, or counts it as lost. A closed session takes nothing, and that is no loss.
    ///
    /// Errors: [`QueueFull`] when the session is too far behind.
    pub fn send(&self, event: RawEvent) -> Result<(), QueueFull> {
        match self.sender.try_send(event) {
            Ok(()) => {
                self.taken.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => Ok(()),
            Err(crossbeam_channel::TrySendError::Full(_)) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                Err(QueueFull { capacity: self.sender.capacity().unwrap_or(0) })
            }
        }
    }

    /// Events that the queue took from all sources together, ever.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Events lost since this was last asked.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}

/// `CLOCK_MONOTONIC`, read by the sources so that all times of a session share one clock.
pub fn monotonic_now() -> MonoNanos {
    MonoNanos(nanos_of(rustix::time::ClockId::Monotonic))
}

/// A clock of the kernel that never goes back, in nanoseconds.
pub(crate) fn nanos_of(clock: rustix::time::ClockId) -> u64 {
    let t = rustix::time::clock_gettime(clock);
    t.tv_sec as u64 * overt_event::NANOS_PER_SEC + t.tv_nsec as u64
}

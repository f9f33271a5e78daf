//! Starting, asking and stopping.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use atspi::zbus::{Connection, MessageStream};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use futures_util::stream::AbortHandle;
use overt_capture::{Outlet, monotonic_now};
use overt_event::Completeness;

use crate::bus::{Bus, connect, until};
use crate::change::ChangeWorker;
use crate::config::{AtspiConfig, LookupRequest, SnapshotRequest};
use crate::drain::drain;
use crate::error::AtspiError;
use crate::focus_worker::FocusWorker;
use crate::gate::Gate;
use crate::lookup::{Asked, answer_lookups};
use crate::queue::LatestQueue;
use crate::shared::Shared;
use crate::signal::{Heard, listen, register};
use crate::snapshot::answer_snapshots;

/// Look-ups that are worked on at the same time: one hung application must not hold up the next.
const LOOKUP_THREADS: usize = 4;
const LOOKUPS_WAITING_MAX: usize = 32;
const SNAPSHOTS_WAITING_MAX: usize = 2;
const EVENTS_WAITING_MAX: usize = 512;
/// Messages between the socket and the draining thread.
const SIGNALS_WAITING_MAX: usize = 4_096;
/// How long the registry may take: the bus may have to start it first.
const REGISTER_WAIT: Duration = Duration::from_secs(5);

/// The running source. Dropping it stops it.
pub struct AtspiCapture {
    shared: Arc<Shared>,
    lookups: Option<Sender<Asked>>,
    snapshots: Option<LatestQueue<SnapshotRequest>>,
    drain: AbortHandle,
    workers: Vec<JoinHandle<()>>,
}

/// Connects to the accessibility bus and begins to report focus and events into `outlet`.
///
/// Waits at most nine seconds, and only when the bus hangs.
/// Errors: [`AtspiError::NoBus`] when there is none; the recorder then goes on without this source,
/// the focus stays unknown, and no keys are kept.
pub fn start(config: AtspiConfig, outlet: Outlet) -> Result<AtspiCapture, AtspiError> {
    let session_bus = config.session_bus.as_deref();
    let (listener, asker) = (connect(session_bus)?, connect(session_bus)?);
    let mut signals = MessageStream::from(&listener);
    signals.set_max_queued(SIGNALS_WAITING_MAX);
    subscribe(&listener)?;
    let (wake_focus, woken) = bounded(1);
    let shared = Arc::new(Shared::new(config, Bus::new(asker), Gate::new(outlet), wake_focus));
    let capture = AtspiCapture::spawn(shared, listener, signals, woken)?;
    capture.probe_focus();
    Ok(capture)
}

/// The stream already runs, and its queue is larger than what arrives during these calls.
fn subscribe(listener: &Connection) -> Result<(), AtspiError> {
    let subscribed = async {
        listen(listener).await?;
        register(listener).await
    };
    match async_io::block_on(until(Instant::now() + REGISTER_WAIT, subscribed)) {
        Some(Ok(())) => Ok(()),
        Some(Err(_)) | None => Err(AtspiError::Silent { waited_millis: REGISTER_WAIT.as_millis() as u64 }),
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, AtspiError> {
    Builder::new().name(format!("atspi-{name}")).spawn(run).map_err(AtspiError::Thread)
}

impl AtspiCapture {
    fn spawn(
        shared: Arc<Shared>,
        listener: Connection,
        signals: MessageStream,
        woken: Receiver<()>,
    ) -> Result<Self, AtspiError> {
        let (lookups, asked) = bounded(LOOKUPS_WAITING_MAX);
        let (events, heard) = bounded::<Heard>(EVENTS_WAITING_MAX);
        let snapshots = LatestQueue::new(SNAPSHOTS_WAITING_MAX);
        let (stop_drain, drain_stopped) = AbortHandle::new_pair();
        let mut capture = Self {
            shared: shared.clone(),
            lookups: Some(lookups),
            snapshots: Some(snapshots.clone()),
            drain: stop_drain,
            workers: Vec::new(),
        };
        let focus = FocusWorker::new(shared.clone(), woken);
        let change = ChangeWorker::new(shared.clone(), listener);
        capture.workers.push(spawn("focus", move || focus.run())?);
        capture.workers.push(spawn("events", move || change.run(&heard))?);
        for _ in 0..LOOKUP_THREADS {
            let (shared, asked) = (shared.clone(), asked.clone());
            capture.workers.push(spawn("lookup", move || answer_lookups(&shared, &asked))?);
        }
        let (for_snapshots, requests) = (shared.clone(), snapshots.receiver().clone());
        capture.workers.push(spawn("snapshot", move || answer_snapshots(&for_snapshots, &requests))?);
        let drained = spawn("drain", move || drain(&shared, signals, drain_stopped, &events))?;
        capture.workers.push(drained);
        Ok(capture)
    }

    /// Asks what stands at a point. One `RawBody::Element` answers it, within the look-up deadline;
    /// none does while paused. A request that finds no room is answered at once as timed out.
    pub fn lookup(&self, request: LookupRequest) {
        let (at, deadline) = (monotonic_now(), Instant::now() + self.shared.config.lookup_deadline);
        if !self.shared.gate.is_open() {
            return;
        }
        let Some(lookups) = &self.lookups else { return };
        if let Err(TrySendError::Full(asked)) = lookups.try_send(Asked { request, at, deadline }) {
            self.shared.answer_lookup(&asked, None, Completeness::TimedOut);
        }
    }

    /// Asks what is visible in a window. One `RawBody::Snapshot` answers it, unless a newer request
    /// pushed it out of the queue or the source is paused.
    pub fn snapshot(&self, request: SnapshotRequest) {
        if let Some(snapshots) = self.snapshots.as_ref().filter(|_| self.shared.gate.is_open()) {
            snapshots.push(request);
        }
    }

    /// Asks what has the focus now. A `RawBody::Focus` answers it whose `asked_at` is not before this
    /// call; one answer may serve several calls.
    pub fn probe_focus(&self) {
        self.shared.probe_focus();
    }

    /// Paused, it says nothing and asks for nothing, but follows the focus. Resumed, it says
    /// `Unknown` first.
    pub fn set_paused(&self, paused: bool) {
        if !self.shared.gate.set_paused(paused) {
            return;
        }
        self.shared.forget();
        if !paused {
            self.shared.doubt_focus();
        }
    }

    /// Whether it has nothing more to say: the bus is gone, or it was stopped.
    pub fn finished(&self) -> bool {
        self.shared.gate.finished()
    }

    /// Stops and waits for the threads: at most as long as one question may take.
    pub fn stop(mut self) {
        self.end();
        for worker in self.workers.drain(..) {
            // A worker that panicked has nothing left to finish.
            let _ = worker.join();
        }
    }

    fn end(&mut self) {
        self.shared.gate.close();
        self.drain.abort();
        self.lookups = None;
        self.snapshots = None;
        // A full channel has woken the worker already.
        let _ = self.shared.wake_focus.try_send(());
    }
}

impl Drop for AtspiCapture {
    fn drop(&mut self) {
        self.end();
    }
}

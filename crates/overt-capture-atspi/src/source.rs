//! The threads that work on one pair of connections to the accessibility bus.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use atspi::zbus::{Connection, MessageStream};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use futures_util::stream::AbortHandle;
use overt_capture::monotonic_now;
use overt_event::Completeness;

use crate::bus::{Bus, connect, until};
use crate::change::ChangeWorker;
use crate::config::{AtspiConfig, LookupRequest, SiteRequest, SnapshotRequest};
use crate::drain::drain;
use crate::error::AtspiError;
use crate::focus_worker::FocusWorker;
use crate::gate::Gate;
use crate::lookup::{Asked, answer_lookups};
use crate::queue::LatestQueue;
use crate::shared::Shared;
use crate::signal::{Heard, listen, register};
use crate::site::answer_sites;
use crate::snapshot::answer_snapshots;

/// Look-ups that are worked on at the same time: one hung application must not hold up the next.
const LOOKUP_THREADS: usize = 4;
const LOOKUPS_WAITING_MAX: usize = 32;
const SNAPSHOTS_WAITING_MAX: usize = 2;
const SITES_WAITING_MAX: usize = 8;
const EVENTS_WAITING_MAX: usize = 512;
/// Messages between the socket and the draining thread.
const SIGNALS_WAITING_MAX: usize = 4_096;
/// How long the registry may take: the bus may have to start it first.
const REGISTER_WAIT: Duration = Duration::from_secs(5);

/// Two connections to the bus: one that is only listened to, one that is only asked.
pub(crate) struct Line {
    listener: Connection,
    asker: Connection,
    signals: MessageStream,
}

impl Line {
    /// Connects and asks for the signals, within nine seconds.
    pub(crate) async fn open(session_bus: Option<&str>) -> Result<Self, AtspiError> {
        let (listener, asker) = (connect(session_bus).await?, connect(session_bus).await?);
        let mut signals = MessageStream::from(&listener);
        signals.set_max_queued(SIGNALS_WAITING_MAX);
        // The stream already runs, and its queue is larger than what arrives during these calls.
        let subscribed = async {
            listen(&listener).await?;
            register(&listener).await
        };
        match until(Instant::now() + REGISTER_WAIT, subscribed).await {
            Some(Ok(())) => Ok(Self { listener, asker, signals }),
            Some(Err(_)) | None => {
                Err(AtspiError::Silent { waited_millis: REGISTER_WAIT.as_millis() as u64 })
            }
        }
    }
}

/// The threads, and what they are asked through.
pub(crate) struct Source {
    pub(crate) shared: Arc<Shared>,
    lookups: Option<Sender<Asked>>,
    snapshots: Option<LatestQueue<SnapshotRequest>>,
    sites: Option<LatestQueue<SiteRequest>>,
    drain: AbortHandle,
    workers: Vec<JoinHandle<()>>,
}

pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, AtspiError> {
    Builder::new().name(format!("atspi-{name}")).spawn(run).map_err(AtspiError::Thread)
}

impl Source {
    /// Begins to work and asks what has the focus.
    pub(crate) fn begin(config: AtspiConfig, line: Line, gate: Gate) -> Result<Self, AtspiError> {
        let (wake_focus, woken) = bounded(1);
        let shared = Arc::new(Shared::new(config, Bus::new(line.asker), gate, wake_focus));
        let source = Self::spawn(shared, line.listener, line.signals, woken)?;
        source.shared.probe_focus();
        Ok(source)
    }

    fn spawn(
        shared: Arc<Shared>,
        listener: Connection,
        signals: MessageStream,
        woken: Receiver<()>,
    ) -> Result<Self, AtspiError> {
        let (lookups, asked) = bounded(LOOKUPS_WAITING_MAX);
        let (events, heard) = bounded::<Heard>(EVENTS_WAITING_MAX);
        let snapshots = LatestQueue::new(SNAPSHOTS_WAITING_MAX);
        let sites = LatestQueue::new(SITES_WAITING_MAX);
        let (stop_drain, drain_stopped) = AbortHandle::new_pair();
        let mut source = Self {
            shared: shared.clone(),
            lookups: Some(lookups),
            snapshots: Some(snapshots.clone()),
            sites: Some(sites.clone()),
            drain: stop_drain,
            workers: Vec::new(),
        };
        let focus = FocusWorker::new(shared.clone(), woken);
        let change = ChangeWorker::new(shared.clone(), listener);
        source.workers.push(spawn("focus", move || focus.run())?);
        source.workers.push(spawn("events", move || change.run(&heard))?);
        for _ in 0..LOOKUP_THREADS {
            let (shared, asked) = (shared.clone(), asked.clone());
            source.workers.push(spawn("lookup", move || answer_lookups(&shared, &asked))?);
        }
        let (for_snapshots, requests) = (shared.clone(), snapshots.receiver().clone());
        source.workers.push(spawn("snapshot", move || answer_snapshots(&for_snapshots, &requests))?);
        let (for_sites, requests) = (shared.clone(), sites.receiver().clone());
        source.workers.push(spawn("site", move || answer_sites(&for_sites, &requests))?);
        let drained = spawn("drain", move || drain(&shared, signals, drain_stopped, &events))?;
        source.workers.push(drained);
        Ok(source)
    }

    pub(crate) fn lookup(&self, request: LookupRequest) {
        let (at, deadline) = (monotonic_now(), Instant::now() + self.shared.config.lookup_deadline);
        if !self.shared.gate.is_open() {
            return;
        }
        let Some(lookups) = &self.lookups else { return };
        if let Err(TrySendError::Full(asked)) = lookups.try_send(Asked { request, at, deadline }) {
            self.shared.answer_lookup(&asked, None, Completeness::TimedOut);
        }
    }

    pub(crate) fn snapshot(&self, request: SnapshotRequest) {
        if let Some(snapshots) = self.snapshots.as_ref().filter(|_| self.shared.gate.is_open()) {
            self.shared.note_bounds(request.pid, request.window_bounds);
            snapshots.push(request);
        }
    }

    pub(crate) fn look_at_site(&self, request: SiteRequest) {
        if let Some(sites) = self.sites.as_ref().filter(|_| self.shared.gate.is_open()) {
            sites.push(request);
        }
    }

    pub(crate) fn set_paused(&self, paused: bool) {
        if !self.shared.gate.set_paused(paused) {
            return;
        }
        self.shared.forget();
        if !paused {
            self.shared.doubt_focus();
        }
    }

    /// Stops and waits for the threads: at most as long as one question may take.
    pub(crate) fn stop(mut self) {
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
        self.sites = None;
        // A full channel has woken the worker already.
        let _ = self.shared.wake_focus.try_send(());
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.end();
    }
}

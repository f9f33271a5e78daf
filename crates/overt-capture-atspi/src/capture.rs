//! Starting, asking, coming back and stopping.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_io::Timer;
use crossbeam_channel::{Receiver, Sender, bounded};
use futures_util::future::{AbortHandle, AbortRegistration, Abortable};
use overt_capture::{Outlet, monotonic_now};
use overt_event::MonoNanos;

use crate::config::{AtspiConfig, LookupRequest, SiteRequest, SnapshotRequest};
use crate::error::AtspiError;
use crate::gate::Gate;
use crate::source::{Line, Source, spawn};

/// How long after the bus went the first attempt to reach it begins; each later one waits twice as long.
const RETRY_WAIT: Duration = Duration::from_millis(500);
const RETRY_WAIT_MAX: Duration = Duration::from_secs(30);

/// The running source. Dropping it stops it.
pub struct AtspiCapture {
    post: Arc<Post>,
    keeper: Option<JoinHandle<()>>,
}

/// Whether there is a bus to work on.
enum State {
    Working(Source),
    /// It went; the handle ends the attempts to reach it.
    Waiting(AbortHandle),
    Stopped,
}

/// What the keeper and whoever asks have in common.
struct Post {
    config: AtspiConfig,
    outlet: Outlet,
    /// A bus went at that time. Also wakes the keeper at the end.
    losses: Sender<MonoNanos>,
    inner: Mutex<Inner>,
}

struct Inner {
    state: State,
    paused: bool,
}

/// Connects to the accessibility bus and begins to report focus and events into `outlet`.
///
/// Waits at most nine seconds, and only when the bus hangs.
/// Errors: [`AtspiError::NoBus`] when there is none; the recorder then goes on without this source,
/// the focus stays unknown, and no keys are kept.
pub fn start(config: AtspiConfig, outlet: Outlet) -> Result<AtspiCapture, AtspiError> {
    let line = async_io::block_on(Line::open(config.session_bus.as_deref()))?;
    let (losses, lost) = bounded(1);
    let gate = Gate::new(outlet.clone(), false, losses.clone());
    let source = Source::begin(config.clone(), line, gate)?;
    let inner = Mutex::new(Inner { state: State::Working(source), paused: false });
    let post = Arc::new(Post { config, outlet, losses, inner });
    let kept = Arc::clone(&post);
    let keeper = spawn("keeper", move || kept.keep(&lost))?;
    Ok(AtspiCapture { post, keeper: Some(keeper) })
}

impl AtspiCapture {
    /// Asks what stands at a point. One `RawBody::Element` answers it, within the look-up deadline;
    /// none does while paused or without a bus. A request that finds no room is answered at once as timed
    /// out.
    pub fn lookup(&self, request: LookupRequest) {
        self.post.with_source(|source| source.lookup(request));
    }

    /// Asks what is visible in a window. One `RawBody::Snapshot` answers it, unless a newer request
    /// pushed it out of the queue, the source is paused or there is no bus.
    pub fn snapshot(&self, request: SnapshotRequest) {
        self.post.with_source(|source| source.snapshot(request));
    }

    /// Asks which site a window shows. One `RawBody::Site` answers it, unless newer requests pushed it out of
    /// the queue, the source is paused or there is no bus.
    pub fn look_at_site(&self, request: SiteRequest) {
        self.post.with_source(|source| source.look_at_site(request));
    }

    /// Asks what has the focus now. A `RawBody::Focus` answers it whose `asked_at` is not before this
    /// call; one answer may serve several calls.
    pub fn probe_focus(&self) {
        self.post.with_source(|source| source.shared.probe_focus());
    }

    /// Paused, it says nothing and asks for nothing, but follows the focus. Resumed, it says
    /// `Unknown` first.
    pub fn set_paused(&self, paused: bool) {
        let mut inner = self.post.inner();
        inner.paused = paused;
        if let State::Working(source) = &inner.state {
            source.set_paused(paused);
        }
    }

    /// Whether there is a bus to ask. Without one it is looked for, less and less often.
    pub fn connected(&self) -> bool {
        matches!(&self.post.inner().state, State::Working(source) if !source.shared.gate.finished())
    }

    /// Stops and waits for the threads: at most as long as one question may take.
    pub fn stop(mut self) {
        if let Some(source) = self.post.end() {
            source.stop();
        }
        if let Some(keeper) = self.keeper.take() {
            // One that panicked has nothing left to keep.
            let _ = keeper.join();
        }
    }
}

impl Drop for AtspiCapture {
    fn drop(&mut self) {
        drop(self.post.end());
    }
}

impl Post {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Every change of it is one assignment, so that a panic leaves nothing half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_source(&self, ask: impl FnOnce(&Source)) {
        if let State::Working(source) = &self.inner().state {
            ask(source);
        }
    }

    /// For good. The source, if there was one, is yet to be stopped.
    fn end(&self) -> Option<Source> {
        let state = std::mem::replace(&mut self.inner().state, State::Stopped);
        // A full channel has woken the keeper already.
        let _ = self.losses.try_send(monotonic_now());
        match state {
            State::Working(source) => Some(source),
            State::Waiting(attempts) => {
                attempts.abort();
                None
            }
            State::Stopped => None,
        }
    }

    /// Waits for the bus to go and looks for it again, until the end.
    fn keep(&self, lost: &Receiver<MonoNanos>) {
        while let Ok(gone_at) = lost.recv() {
            let Some((source, end)) = self.begin_waiting() else { return };
            source.into_iter().for_each(Source::stop);
            let Ok(line) = async_io::block_on(Abortable::new(self.reach(), end)) else { return };
            if let Err(error) = self.come_back(line, gone_at) {
                tracing::warn!(%error, "accessibility is tried again");
                let _ = self.losses.try_send(gone_at);
            }
        }
    }

    fn begin_waiting(&self) -> Option<(Option<Source>, AbortRegistration)> {
        let mut inner = self.inner();
        if matches!(inner.state, State::Stopped) {
            return None;
        }
        let (attempts, end) = AbortHandle::new_pair();
        match std::mem::replace(&mut inner.state, State::Waiting(attempts)) {
            State::Working(source) => Some((Some(source), end)),
            State::Waiting(_) | State::Stopped => Some((None, end)),
        }
    }

    async fn reach(&self) -> Line {
        let mut wait = RETRY_WAIT;
        loop {
            Timer::after(wait).await;
            if let Ok(line) = Line::open(self.config.session_bus.as_deref()).await {
                return line;
            }
            wait = (wait * 2).min(RETRY_WAIT_MAX);
        }
    }

    /// Tells from when to when there was no bus, and goes on.
    fn come_back(&self, line: Line, gone_at: MonoNanos) -> Result<(), AtspiError> {
        let mut inner = self.inner();
        if matches!(inner.state, State::Stopped) {
            return Ok(());
        }
        let gate = Gate::new(self.outlet.clone(), inner.paused, self.losses.clone());
        gate.source_back(gone_at);
        inner.state = State::Working(Source::begin(self.config.clone(), line, gate)?);
        Ok(())
    }
}

//! Sees a window by what its application tells assistive technologies.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use overt_capture::queue;
use overt_capture_atspi::{AtspiCapture, AtspiConfig, SnapshotRequest};
use overt_event::{Completeness, Node, RawBody, RawEvent, RawSnapshot, Rect, WindowId};

use crate::error::ActError;

/// Events that may wait between two looks. What does not fit is news of what is looked at anyway.
const QUEUE_EVENTS: usize = 1_024;
/// An application that says nothing for so long has told what there was to tell.
const QUIET: Duration = Duration::from_millis(150);
/// One that goes on is waited for so long.
const SETTLED_WITHIN: Duration = Duration::from_millis(1_000);
/// An answer takes 600 ms at most; a busy machine may be as late again.
const ANSWERED_WITHIN: Duration = Duration::from_millis(3_000);
/// An application that is busy, or has only just started, is asked again for so long.
const TOLD_WITHIN: Duration = Duration::from_secs(9);

/// The window that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    pub window: WindowId,
    /// The process that owns it.
    pub pid: u32,
    /// On the desktop, physical pixels.
    pub bounds: Rect,
}

/// A way to ask applications what they show.
pub struct Eye {
    capture: AtspiCapture,
    heard: Receiver<RawEvent>,
}

impl Eye {
    /// Opens it on the accessibility bus of a session bus (`None`: the one in the environment).
    ///
    /// Errors: [`ActError::Blind`].
    pub fn open(session_bus: Option<&str>) -> Result<Self, ActError> {
        let (outlet, heard) = queue(QUEUE_EVENTS);
        let session_bus = session_bus.map(str::to_owned);
        let config = AtspiConfig { excluded_pid: std::process::id(), session_bus, ..AtspiConfig::default() };
        let capture = overt_capture_atspi::start(config, outlet)?;
        Ok(Self { capture, heard })
    }

    /// The visible elements of a window, parents before children, places on the desktop. Of a window with very many of them only the first are told.
    ///
    /// Errors: [`ActError::Silent`].
    pub fn see(&mut self, looked: Looked) -> Result<Vec<Node>, ActError> {
        let until = Instant::now() + TOLD_WITHIN;
        loop {
            if let Some(nodes) = self.glance(looked) {
                return Ok(nodes);
            }
            if Instant::now() >= until {
                return Err(ActError::Silent { millis: TOLD_WITHIN.as_millis() as u64 });
            }
            self.settle();
        }
    }

    /// The same, asked once: `None` where nothing is told, as of a menu that is just going.
    pub fn glance(&mut self, looked: Looked) -> Option<Vec<Node>> {
        let told = self.ask(looked)?;
        is_whole(told.completeness).then_some(told.nodes)
    }

    /// Waits until applications tell nothing any more, for a second at most, and forgets what they told.
    pub fn settle(&mut self) {
        let until = Instant::now() + SETTLED_WITHIN;
        let left = || until.saturating_duration_since(Instant::now());
        while !left().is_zero() && self.heard.recv_timeout(QUIET.min(left())).is_ok() {}
        while self.heard.try_recv().is_ok() {}
    }

    fn ask(&self, Looked { window, pid, bounds }: Looked) -> Option<RawSnapshot> {
        self.capture.snapshot(SnapshotRequest { window, pid, window_bounds: bounds });
        let until = Instant::now() + ANSWERED_WITHIN;
        loop {
            match self.heard.recv_deadline(until).ok()?.body {
                RawBody::Snapshot(told) if told.window == window && told.pid == pid => return Some(told),
                _ => {}
            }
        }
    }
}

fn is_whole(completeness: Completeness) -> bool {
    matches!(completeness, Completeness::Complete | Completeness::Cut)
}

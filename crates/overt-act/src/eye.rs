//! Sees a window by what its application tells assistive technologies.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use overt_capture::monotonic_now;
use overt_capture::queue;
use overt_capture_atspi::{AtspiCapture, AtspiConfig, SiteRequest, SnapshotRequest};
use overt_event::{
    Completeness, MonoNanos, Node, RawBody, RawEvent, RawSnapshot, Rect, SiteReport, WindowId,
};
use overt_minimise::browsing;

use crate::error::ActError;
use crate::permit::Shown;

/// Events that may wait between two looks. What does not fit is news of what is looked at anyway.
const QUEUE_EVENTS: usize = 1_024;
/// An application that says nothing for so long has told what there was to tell.
const QUIET: Duration = Duration::from_millis(150);
/// One that goes on is waited for so long.
const SETTLED_WITHIN: Duration = Duration::from_millis(1_000);
/// An answer takes 600 ms at most; a busy machine may be as late again.
const ANSWERED_WITHIN: Duration = Duration::from_millis(3_000);
/// An application that is busy, or has only just started, is asked again for so long.
pub(crate) const TOLD_WITHIN: Duration = Duration::from_secs(9);

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
                return Err(silent());
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

    /// What site a window of this title shows, and whether it browses privately; unknown where its application does not tell.
    pub(crate) fn shown(&self, Looked { window, pid, bounds }: Looked, title: String) -> Shown {
        let asked_at = monotonic_now();
        let named = title.clone();
        self.capture.look_at_site(SiteRequest { window, pid, window_bounds: bounds, title });
        let told = self.answer(|body| match body {
            RawBody::Site(told)
                if is_answer((told.window, told.pid, told.asked_at), (window, pid, asked_at)) =>
            {
                Some(told)
            }
            _ => None,
        });
        told.map_or_else(Shown::nothing, |SiteReport { site, plainly_named, .. }| Shown {
            site,
            browsing: browsing(&named, plainly_named),
        })
    }

    fn ask(&self, Looked { window, pid, bounds }: Looked) -> Option<RawSnapshot> {
        let asked_at = monotonic_now();
        self.capture.snapshot(SnapshotRequest { window, pid, window_bounds: bounds });
        self.answer(|body| match body {
            RawBody::Snapshot(told)
                if is_answer((told.window, told.pid, told.asked_at), (window, pid, asked_at)) =>
            {
                Some(told)
            }
            _ => None,
        })
    }

    /// The first event that is one, in good time.
    fn answer<T>(&self, mut is_one: impl FnMut(RawBody) -> Option<T>) -> Option<T> {
        let until = Instant::now() + ANSWERED_WITHIN;
        loop {
            let answer = is_one(self.heard.recv_deadline(until).ok()?.body);
            if answer.is_some() {
                return answer;
            }
        }
    }
}

/// It told nothing for as long as it was asked.
pub(crate) fn silent() -> ActError {
    ActError::Silent { millis: TOLD_WITHIN.as_millis() as u64 }
}

/// Of the same window and process, and not the late answer to an earlier question.
fn is_answer(told: (WindowId, u32, MonoNanos), asked: (WindowId, u32, MonoNanos)) -> bool {
    (told.0, told.1) == (asked.0, asked.1) && told.2 >= asked.2
}

fn is_whole(completeness: Completeness) -> bool {
    matches!(completeness, Completeness::Complete | Completeness::Cut)
}

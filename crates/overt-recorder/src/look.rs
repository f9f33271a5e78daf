//! What site one window shows, for whoever asks "what would be recorded of it now?". Nothing is recorded.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use overt_agreement::Browsing;
use overt_capture::queue;
use overt_capture_atspi::{AtspiCapture, AtspiConfig, SiteRequest};
use overt_capture_x11::InFront;
use overt_event::{RawBody, RawEvent, Rect, SiteSeen};
use overt_minimise::browsing;

/// Longer than the source takes to answer, and as long as a person waits for it.
const ANSWER_WAIT: Duration = Duration::from_secs(1);
/// What comes beside the answer is not looked at.
const EVENTS_MAX: usize = 1_024;

/// Asks applications which site a window shows. Between two questions nothing is listened to.
pub struct SiteLook {
    atspi: AtspiCapture,
    told: Receiver<RawEvent>,
}

impl SiteLook {
    /// `None` where there is no accessibility bus: then nobody can tell.
    pub fn open() -> Option<Self> {
        let (outlet, told) = queue(EVENTS_MAX);
        let atspi = overt_capture_atspi::start(AtspiConfig::default(), outlet).ok()?;
        atspi.set_paused(true);
        Some(Self { atspi, told })
    }

    /// What the window shows and how it browses; unknown where its application does not tell.
    pub fn at(&self, window: &InFront, window_bounds: Rect, title: &str) -> (SiteSeen, Browsing) {
        let unknown = (SiteSeen::Unknown, Browsing::Unknown);
        let Some(pid) = window.pid else { return unknown };
        self.atspi.set_paused(false);
        while self.told.try_recv().is_ok() {}
        self.atspi.look_at_site(SiteRequest {
            window: window.id,
            pid,
            window_bounds,
            title: title.to_owned(),
        });
        let seen = self.answer(Instant::now() + ANSWER_WAIT);
        self.atspi.set_paused(true);
        seen.map_or(unknown, |(site, plainly_named)| (site, browsing(title, plainly_named)))
    }

    fn answer(&self, deadline: Instant) -> Option<(SiteSeen, bool)> {
        while let Ok(event) = self.told.recv_deadline(deadline) {
            if let RawBody::Site(report) = event.body {
                return Some((report.site, report.plainly_named));
            }
        }
        None
    }
}

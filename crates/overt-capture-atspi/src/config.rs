//! What may be set, and what may be asked.

use std::time::Duration;

use overt_event::{Point, Rect, Seq, WindowId};

/// Settings of this source.
#[derive(Clone, Debug)]
pub struct AtspiConfig {
    /// Longest time from a look-up's request to its answer, and the same for a site. Default 400 ms: the slowest
    /// measured answer of an application that was not hung is 281 ms.
    pub lookup_deadline: Duration,
    /// Longest time one snapshot may take. Default 600 ms: what a page of 1,200 nodes took when it was asked
    /// slowly, and a third more.
    pub snapshot_deadline: Duration,
    /// Longest time for all questions about one event; one that takes longer is counted as
    /// unanswered. Default 200 ms.
    pub event_deadline: Duration,
    /// Most nodes of one snapshot, 1 or more. Default 1,500.
    pub snapshot_nodes_max: usize,
    /// The recorder's own process, whose events are ignored; 0 for none. Default 0.
    pub excluded_pid: u32,
    /// The session bus to ask for the accessibility bus. Default `None`: the one in the environment
    /// (`DBUS_SESSION_BUS_ADDRESS`).
    pub session_bus: Option<String>,
}

impl Default for AtspiConfig {
    fn default() -> Self {
        Self {
            lookup_deadline: Duration::from_millis(400),
            snapshot_deadline: Duration::from_millis(600),
            event_deadline: Duration::from_millis(200),
            snapshot_nodes_max: 1_500,
            excluded_pid: 0,
            session_bus: None,
        }
    }
}

/// "What stands at this point?"
#[derive(Clone, Debug)]
pub struct LookupRequest {
    /// The event it is asked for.
    pub for_seq: Seq,
    /// Physical pixels on the desktop.
    pub at: Point,
    /// The process that owns the window under the pointer.
    pub pid: u32,
    /// That window's bounds on the desktop.
    pub window_bounds: Rect,
    /// The point lies in an override-redirect window: a menu, a dropdown, a completion list.
    pub popup: bool,
}

/// "Which site does this window show?"
#[derive(Clone, Debug)]
pub struct SiteRequest {
    pub window: WindowId,
    /// The process that owns it.
    pub pid: u32,
    /// Its bounds on the desktop, physical pixels.
    pub window_bounds: Rect,
    /// Its title on the display, which tells it from others at the same place.
    pub title: String,
}

/// "What is visible in this window?"
#[derive(Clone, Debug)]
pub struct SnapshotRequest {
    pub window: WindowId,
    /// The process that owns it.
    pub pid: u32,
    /// Its bounds on the desktop, physical pixels.
    pub window_bounds: Rect,
}

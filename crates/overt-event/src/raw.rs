//! What the sources saw. Nothing in this file can be serialised or printed.

use std::sync::Arc;

use crate::record::Binding;
use crate::words::Span;
use crate::{
    AccessibleEvent, AppIdentity, Button, ClockAnchor, Completeness, CursorId, CursorShape, Element,
    FocusKind, Frame, FrameId, Gap, Mark, Modifiers, MonoNanos, Node, PaceChange, Point, Rect, Seq, SiteSeen,
    Topology, TopologyId, VisibleWindow, WindowChange, WindowId, WindowKind, Workspace,
};

/// One thing a source saw, before anyone judged whether it may be kept.
pub struct RawEvent {
    /// Its place in the session. The sequencer gives it; until then it is 0.
    pub seq: Seq,
    /// The operating system's own time of the event, where it has one (X11: 1 ms resolution).
    pub os_time: Option<MonoNanos>,
    /// When it reached us. For a frame: when its grab ended.
    pub arrival: MonoNanos,
    /// Made by a program (XTEST), not by a device.
    pub injected: bool,
    /// The source device; 0 where none is meant.
    pub device: u16,
    pub body: RawBody,
}

impl RawEvent {
    /// An event of ours that has no device and no time of the operating system.
    pub fn at(arrival: MonoNanos, body: RawBody) -> Self {
        Self { seq: Seq(0), os_time: None, arrival, injected: false, device: 0, body }
    }

    /// The earliest moment it can have happened: the smaller of the two times.
    pub fn happened(&self) -> MonoNanos {
        self.os_time.map_or(self.arrival, |t| t.min(self.arrival))
    }
}

/// What can be seen. The list is closed: the clipboard, sound and cameras are not in it.
pub enum RawBody {
    Clock(ClockAnchor),
    Topology(Topology),
    PointerMove {
        at: Point,
    },
    Button {
        at: Point,
        button: Button,
        down: bool,
    },
    /// In 120ths of a notch; right and down are positive.
    Scroll {
        at: Point,
        dx_120: i32,
        dy_120: i32,
    },
    Key(RawKey),
    Focus(FocusReport),
    Window(WindowReport),
    /// What can be seen of all windows, bottom first, where no pictures tell it. It is never kept.
    Windows(Vec<VisibleWindow>),
    /// Another workspace is shown, or there are more or fewer of them.
    Workspace(Workspace),
    /// The pointer looks different from here on.
    Cursor(RawCursor),
    Element(ElementLookup),
    Snapshot(RawSnapshot),
    Accessible {
        pid: u32,
        event: AccessibleEvent,
    },
    /// The address of the document in a browser's window.
    Location {
        pid: u32,
        url: String,
    },
    /// Which site a window shows. It is never kept.
    Site(SiteReport),
    /// Whether a screen saver or a lock covers the display: told at the start and at each change, in pauses too.
    /// It is never kept.
    Covered(bool),
    Frame(RawFrame),
    /// The screen changed for the first time since the last grab began. It carries no content and is
    /// never kept; it tells what a frame may have missed and when the screen stands still.
    Damage,
    Binding(Binding),
    Gap {
        gap: Gap,
        span: Span,
    },
    Mark(Mark),
    /// The recorder itself takes more or less from here on.
    Pace(PaceChange),
}

/// A key going down or up.
pub struct RawKey {
    /// The device's code (X11 keycode), before any layout.
    pub scancode: u32,
    /// The name of the symbol under the layout, such as `Return` or `a`.
    pub name: String,
    /// The characters it typed: composed, never control characters. `None` for keys that type none.
    pub text: Option<String>,
    pub down: bool,
    /// A repeat by the server while the key was held.
    pub repeat: bool,
    /// Held when it went down, itself not included.
    pub modifiers: Modifiers,
}

/// What the pointer looks like, and where it was when it was looked at.
pub struct RawCursor {
    pub at: Point,
    /// `None` when it is larger than what is kept.
    pub shape: Option<(CursorId, CursorShape)>,
}

/// What has the keyboard focus, as far as the accessibility bus can tell.
pub struct FocusReport {
    pub kind: FocusKind,
    /// The process it belongs to; 0 when unknown.
    pub pid: u32,
    /// When the question was asked: keys pressed before it may be judged by the answer. For an
    /// event nobody asked for, the time it arrived.
    pub asked_at: MonoNanos,
    /// Whatever had the focus from here to the question is known to have been of this kind, or of several
    /// none of which is a password's. Not after `asked_at`, and the same where only that moment is known.
    pub since: MonoNanos,
}

/// Something happened to a top-level window.
pub struct WindowReport {
    pub change: WindowChange,
    pub window: WindowId,
    pub app: AppIdentity,
    pub pid: Option<u32>,
    pub kind: WindowKind,
    pub bounds: Rect,
    pub title: String,
    /// The recorder's own.
    pub own: bool,
}

/// The answer to "what stands at this point?", asked at a press or where the pointer rests.
pub struct ElementLookup {
    /// The event it was asked for.
    pub for_seq: Seq,
    pub at: Point,
    pub pid: u32,
    pub element: Option<Element>,
    pub completeness: Completeness,
    /// From the question to the answer, nanoseconds.
    pub took_nanos: u64,
}

/// The visible elements of one window at one moment.
pub struct RawSnapshot {
    pub window: WindowId,
    pub pid: u32,
    pub asked_at: MonoNanos,
    pub took_nanos: u64,
    /// Parents before children.
    pub nodes: Vec<Node>,
    pub completeness: Completeness,
}

/// The answer to "which site does this window show?".
pub struct SiteReport {
    pub window: WindowId,
    pub pid: u32,
    /// When the question was asked: the answer says nothing of any moment before.
    pub asked_at: MonoNanos,
    pub site: SiteSeen,
    /// The application calls the window as the display does, and adds no mode to it.
    pub plainly_named: bool,
}

/// A picture of the desktop and of whose windows it shows.
pub struct RawFrame {
    pub id: FrameId,
    pub topology: TopologyId,
    pub grab_begin: MonoNanos,
    pub grab_end: MonoNanos,
    pub frame: Arc<Frame>,
    /// Bottom first. `None` when windows moved during the grab, so that nobody knows.
    pub windows: Option<Vec<VisibleWindow>>,
}

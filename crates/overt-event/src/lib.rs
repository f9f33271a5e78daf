//! What was observed: typed events, ids, clocks and geometry, without IO.
//!
//! # Context
//! The first of the *words* crates. The hands (capture) make [`RawEvent`]s, the room `minimise`
//! judges them, and everything after that room sees only [`Record`]s.
//!
//! # Design
//! One closed enum for what a source may say ([`RawBody`]) and one for what may be kept
//! ([`RecordBody`]). They share the small words below (points, elements, windows), and no code
//! here turns one into the other: that is what minimise is for.
//!
//! # Invariants
//! * [`RawEvent`] and [`RawBody`] implement neither `Serialize` nor `Debug`: they cannot be
//!   written anywhere or printed into a log.
//! * Nothing here reads a clock, a file or a socket.

mod body;
mod cursor;
mod geometry;
mod id;
mod pace;
mod raw;
mod record;
mod screen;
mod site;
mod time;
mod words;

pub use cursor::{CURSOR_SIDE_PX_MAX, CursorId, CursorShape};
pub use geometry::{Gestures, Monitor, Point, Rect, Rotation, Topology, TopologyId};
pub use id::{IdError, KeyId, RecordingId, SegmentId, hex_from_bytes};
pub use pace::{Pace, PaceChange, PaceReason};
pub use raw::{
    ElementLookup, FocusReport, RawBody, RawCursor, RawEvent, RawFrame, RawKey, RawSnapshot, SiteReport,
    WindowReport,
};
pub use record::{
    Binding, ElementRecord, FrameRecord, KeyRecord, Record, RecordBody, SnapshotRecord, Verdict,
};
pub use screen::{Canvas, Frame, TILE_BYTES, TILE_PX, Tile, VisibleWindow};
pub use site::SiteSeen;
pub use time::{ClockAnchor, Day, MonoNanos, NANOS_PER_MILLI, NANOS_PER_SEC, WallTime};
pub use words::{
    AccessibleChange, AccessibleEvent, AppIdentity, AppName, Button, Completeness, DenyRule, Element,
    FocusKind, FrameId, Gap, Level, Mark, Modifiers, NoFrame, Node, Purpose, SecretKind, Seq, Span,
    WindowChange, WindowId, WindowKind, Workspace, is_modifier,
};

//! What may be kept: the closed list of things that a recording can hold.

use serde::{Deserialize, Serialize};

use crate::words::Span;
use crate::{
    AccessibleEvent, AppName, Button, ClockAnchor, Completeness, CursorId, CursorShape, DenyRule, Element,
    FrameId, Gap, Level, Mark, Modifiers, MonoNanos, NoFrame, Node, PaceChange, Point, Rect, Seq, Topology,
    TopologyId, WindowChange, WindowId, WindowKind, Workspace,
};

/// The answer to "may this be kept?".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allow { app: AppName, level: Level },
    Deny { rule: DenyRule },
}

/// One thing that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub seq: Seq,
    /// When it happened: the earlier of the system's time and the arrival. Inside text, and at
    /// level `structure` everywhere, rounded down to 100 ms.
    pub time: MonoNanos,
    /// When it reached the recorder, coarsened alike.
    pub arrival: MonoNanos,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub injected: bool,
    /// It was written before, in an earlier segment, and stands here again so that this one can be
    /// read alone. Number and times are those of the first time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub device: u16,
    /// The application it belongs to, by the agreement's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppName>,
    pub body: RecordBody,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u16) -> bool {
    *n == 0
}

/// What was kept. Compare [`crate::RawBody`]: keys that type are text here, and nothing else.
///
/// In JSON `kind` is its first field, and without it there first it does not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RecordBody {
    Clock(ClockAnchor),
    Topology(Topology),
    PointerMove {
        at: Point,
    },
    Button {
        at: Point,
        button: Button,
        down: bool,
        modifiers: Modifiers,
    },
    Scroll {
        at: Point,
        dx_120: i32,
        dy_120: i32,
        modifiers: Modifiers,
    },
    Key(KeyRecord),
    /// Characters typed one after the other within 100 ms of `time`.
    Text {
        text: String,
    },
    /// The same where the level keeps no characters.
    TextShape {
        letters: u32,
        digits: u32,
        others: u32,
    },
    Window {
        change: WindowChange,
        window: WindowId,
        window_kind: WindowKind,
        bounds: Rect,
        /// Only at level `full`.
        title: Option<String>,
    },
    Workspace(Workspace),
    /// The pointer looks like this from here on; without a number it is not known what it looks like.
    Cursor {
        id: Option<CursorId>,
        /// With the first record of each number in a segment, and with no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shape: Option<CursorShape>,
    },
    /// Apart, as are accessible events: they are three times as long as anything else, and rare.
    Element(Box<ElementRecord>),
    Snapshot(SnapshotRecord),
    /// A window was asked again, and told what it had told before.
    SnapshotAgain {
        /// The snapshot's number.
        of: Seq,
        asked_at: MonoNanos,
        took_nanos: u64,
    },
    Accessible(Box<AccessibleEvent>),
    /// Scheme, host and path; queries and fragments are never kept.
    Location {
        url: String,
    },
    Frame(FrameRecord),
    Binding(Binding),
    Gap {
        gap: Gap,
        span: Span,
    },
    Mark {
        mark: Mark,
    },
    Pace(PaceChange),
    VerdictChange {
        verdict: Verdict,
    },
}

/// A key that types no character, or a shortcut's trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    pub name: String,
    pub down: bool,
    #[serde(default)]
    pub repeat: bool,
    pub modifiers: Modifiers,
}

/// What stood at the point of a press, or where the pointer rested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElementRecord {
    pub for_seq: Seq,
    pub at: Point,
    pub element: Option<Element>,
    pub completeness: Completeness,
    pub took_nanos: u64,
}

/// The visible elements of a window, parents before children.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRecord {
    pub window: WindowId,
    pub asked_at: MonoNanos,
    pub took_nanos: u64,
    pub nodes: Vec<Node>,
    pub completeness: Completeness,
}

/// A frame's facts; its pixels travel beside the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRecord {
    pub id: FrameId,
    pub topology: TopologyId,
    pub grab_begin: MonoNanos,
    pub grab_end: MonoNanos,
    pub width: u32,
    pub height: u32,
    /// Thousandths of the picture that were filled solid because their windows are not allowed.
    pub filled_permille: u32,
}

/// Which frame belongs to an input event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "side", rename_all = "snake_case")]
pub enum Binding {
    /// The newest frame whose grab ended before the event.
    Before {
        for_seq: Seq,
        frame: FrameId,
        /// From the grab's end to the event, nanoseconds.
        margin_nanos: u64,
        /// The screen reported a change after the grab and before the event.
        damage_unseen: bool,
    },
    NoBefore {
        for_seq: Seq,
        why: NoFrame,
    },
    /// The first frame after the event that then stood still.
    After {
        for_seq: Seq,
        frame: FrameId,
        /// From the event to the grab's end, nanoseconds; 0 when the picture is older and still the same.
        delay_nanos: u64,
        /// It never stood still within 2 s; this is the newest there was.
        timed_out: bool,
    },
    NoAfter {
        for_seq: Seq,
        why: NoFrame,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_from_json() {
        let record = Record {
            seq: Seq(7),
            time: MonoNanos(1),
            arrival: MonoNanos(2),
            injected: true,
            repeated: true,
            device: 4,
            app: Some(AppName("editor".into())),
            body: RecordBody::Binding(Binding::NoBefore { for_seq: Seq(6), why: NoFrame::NotStarted }),
        };
        let json = serde_json::to_string(&record).expect("records serialise");
        assert_eq!(serde_json::from_str::<Record>(&json).expect("and read back"), record);
    }
}

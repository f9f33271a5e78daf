//! A step: what was on the screen, what the person did, and what was on the screen then.

use std::sync::Arc;

use overt_event::{
    AppName, Completeness, Element, Frame, FrameRecord, Mark, MonoNanos, NoFrame, Node, Rect, Seq, WindowId,
    WindowKind,
};

use crate::action::{Action, Intent};

/// One observation and one action. Only this crate makes it.
///
/// Coordinates of `action`, `element`, `elements_before` and the windows are physical pixels from the
/// top left corner of `screen.bounds`.
#[derive(Clone)]
#[non_exhaustive]
pub struct Step {
    /// Index of its episode in [`crate::Closing::episodes`].
    pub episode: u32,
    /// Its place in the episode, from 0 without holes.
    pub index: u32,
    pub action: Action,
    pub t_start: MonoNanos,
    pub t_end: MonoNanos,
    /// The application acted on, by the agreement's name for it.
    pub app: Option<AppName>,
    pub screen: Screen,
    pub element: Option<Target>,
    pub intents: Vec<Intent>,
    pub before: Before,
    pub after: After,
    pub elements_before: Option<Elements>,
    pub window_before: Option<Window>,
    pub window_after: Option<Window>,
    /// At least one of its events was made by a program.
    pub injected: bool,
    /// Without input and without visual change just before it; 0 when shorter than the limit.
    pub idle_before_millis: u64,
    /// Its input events, ascending. Empty for wait and finish.
    pub seqs: Vec<Seq>,
    /// Segments that anything in it came from, ascending.
    pub segments: Vec<u32>,
}

impl Step {
    /// Something in it came from these segments too.
    pub(crate) fn draw_on(&mut self, segments: &[u32]) {
        self.segments.extend(segments);
        self.segments.sort_unstable();
        self.segments.dedup();
    }
}

/// The monitor a step happened on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    pub monitor: u32,
    /// Its place on the desktop; its size is the size of the step's pictures.
    pub bounds: Rect,
}

/// A frame with its facts.
#[derive(Clone)]
pub struct Shot {
    pub facts: FrameRecord,
    pub pixels: Arc<Frame>,
    pub(crate) segment: u32,
}

/// The observation.
#[derive(Clone)]
pub enum Before {
    Seen {
        shot: Shot,
        /// From the grab's end to the action's first effect.
        margin_nanos: u64,
        /// The screen reported a change after the grab began and before the action.
        damage_unseen: bool,
    },
    Missing(Missing),
}

/// The first frame after the action on which the screen stood still.
#[derive(Clone)]
pub enum After {
    Seen {
        shot: Shot,
        /// It did not stand still in time; this is the newest there was.
        timed_out: bool,
    },
    Missing(Missing),
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The recorder said so.
    Recorder(NoFrame),
    /// The recorder named a frame that was not kept.
    NotKept,
    /// The monitors were arranged differently in the only frame there is.
    OtherTopology,
    /// No frame of the recording lies at the right time.
    NoneInTime,
}

impl Missing {
    /// The name in data sets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorder(NoFrame::NotStarted) => "not_started",
            Self::Recorder(NoFrame::NoneOldEnough) => "none_old_enough",
            Self::Recorder(NoFrame::CadenceNone) => "cadence_none",
            Self::Recorder(NoFrame::Denied) => "denied",
            Self::Recorder(NoFrame::Interrupted) => "interrupted",
            Self::NotKept => "not_kept",
            Self::OtherTopology => "other_topology",
            Self::NoneInTime => "none_in_time",
        }
    }
}

impl Before {
    /// The frame, when there is one.
    pub fn shot(&self) -> Option<&Shot> {
        match self {
            Self::Seen { shot, .. } => Some(shot),
            Self::Missing(_) => None,
        }
    }
}

impl After {
    /// The frame, when there is one.
    pub fn shot(&self) -> Option<&Shot> {
        match self {
            Self::Seen { shot, .. } => Some(shot),
            Self::Missing(_) => None,
        }
    }
}

/// The element acted on and how far to trust it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub element: Element,
    pub completeness: Completeness,
}

/// The visible elements of the window before the action, parents before children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elements {
    pub nodes: Vec<Node>,
    pub completeness: Completeness,
    /// From the snapshot's end to the action.
    pub age_millis: u64,
}

/// A top-level window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub id: WindowId,
    pub kind: WindowKind,
    pub bounds: Rect,
    pub app: Option<AppName>,
    /// Only at level `full`.
    pub title: Option<String>,
    /// The address of its document, without query and fragment.
    pub url: Option<String>,
}

/// A task, or a stretch of work without a pause.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Episode {
    pub index: u32,
    /// Set when the person marked a task and said what it was.
    pub instruction: Option<String>,
    /// The person marked its beginning.
    pub marked: bool,
    /// Thumbs up or down, or what the task's own program found.
    pub outcome: Option<Mark>,
    pub ended_by: EndedBy,
    /// By the marks, where there are marks; else the first input event that led to its first step, and the end of its last.
    pub t_start: MonoNanos,
    pub t_end: MonoNanos,
    pub steps: u32,
    /// The segments its steps came from and the marks themselves, ascending.
    pub segments: Vec<u32>,
    /// Input events of its time that are in its steps, and those that ended in an error.
    pub inputs: u64,
    pub errors: u64,
    /// Events that the recorder lost in its time.
    pub lost_events: u64,
}

/// How an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    TaskEnds,
    /// Another task began.
    NextTask,
    Pause,
    /// Work went on in another application, where that begins another episode.
    Application,
    RecordingEnds,
}

impl EndedBy {
    /// The name in data sets.
    pub fn name(self) -> &'static str {
        match self {
            Self::TaskEnds => "task_ends",
            Self::NextTask => "next_task",
            Self::Pause => "pause",
            Self::Application => "application",
            Self::RecordingEnds => "recording_ends",
        }
    }
}

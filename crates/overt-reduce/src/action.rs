//! The closed list of actions. Every published action space is a projection of it.

use overt_event::{AppName, Button, Modifiers, Point};

/// What the person did, in physical pixels of one monitor.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// One, two or three presses at a place.
    Click { at: Point, button: Button, count: u32, modifiers: Modifiers },
    /// A press that moved. The path's first point is the press, its last the release; at least two points.
    Drag { path: Vec<Point>, button: Button, modifiers: Modifiers },
    /// A run of scrolling. In 120ths of a notch; right and down are positive.
    Scroll { at: Point, dx_120: i64, dy_120: i64, modifiers: Modifiers },
    /// A run of typing, with its edits in order.
    Type { text: Typed, edits: Vec<Edit> },
    /// A key or a chord: modifiers in the order ctrl, alt, shift, super, then one trigger. `count` is 1
    /// plus the repeats while it was held.
    Key { keys: Vec<String>, count: u32 },
    /// The pointer rested, and something came of it.
    Hover { at: Point },
    /// The next action depends on a change that came by itself.
    Wait,
    /// The task, or the recording, ended.
    Finish { reason: FinishReason },
}

impl Action {
    /// The canonical name: click, double_click, triple_click, drag, scroll, type, key, hover, wait, finish.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Click { count: 1, .. } => "click",
            Self::Click { count: 2, .. } => "double_click",
            Self::Click { .. } => "triple_click",
            Self::Drag { .. } => "drag",
            Self::Scroll { .. } => "scroll",
            Self::Type { .. } => "type",
            Self::Key { .. } => "key",
            Self::Hover { .. } => "hover",
            Self::Wait => "wait",
            Self::Finish { .. } => "finish",
        }
    }

    /// Where the pointer acted; for a drag, where it was pressed. `None` for what has no place.
    pub fn at(&self) -> Option<Point> {
        match self {
            Self::Click { at, .. } | Self::Scroll { at, .. } | Self::Hover { at } => Some(*at),
            Self::Drag { path, .. } => path.first().copied(),
            Self::Type { .. } | Self::Key { .. } | Self::Wait | Self::Finish { .. } => None,
        }
    }

    /// The same action with every point moved by `(-dx, -dy)`.
    pub(crate) fn shifted(mut self, origin: Point) -> Self {
        match &mut self {
            Self::Click { at, .. } | Self::Scroll { at, .. } | Self::Hover { at } => *at = minus(*at, origin),
            Self::Drag { path, .. } => path.iter_mut().for_each(|p| *p = minus(*p, origin)),
            Self::Type { .. } | Self::Key { .. } | Self::Wait | Self::Finish { .. } => {}
        }
        self
    }
}

fn minus(p: Point, origin: Point) -> Point {
    Point { x: p.x.saturating_sub(origin.x), y: p.y.saturating_sub(origin.y) }
}

/// What a run of typing left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The committed text. Empty when everything was taken back.
    Text(String),
    /// Where the level keeps no characters: how many of each class.
    Shape { letters: u32, digits: u32, others: u32 },
}

/// One edit inside a run of typing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// From the start of the run, in whole 100 ms.
    pub after_millis: u64,
    pub inserted: String,
    /// Characters taken back before anything is inserted.
    pub deleted: u32,
}

/// Why an episode ends with a finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    TaskEnds,
    RecordingEnds,
}

/// What an action was for, beyond its own kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A menu, a dropdown or a tooltip opened because of it.
    OpensPopup,
    /// It chose from one. `path`: the items on the way, outermost first.
    ChoosesFromPopup { path: Vec<String>, option: Option<String> },
    /// Another application came to the front. `None` is an application that the recording does not name.
    SwitchesApp { from: Option<AppName>, to: Option<AppName>, by: SwitchedBy },
    /// A chord with ctrl, alt or super.
    Shortcut,
    /// It typed into a named field, or ticked one. `value`: what was typed there since the field was entered, `None` where its
    /// characters were not kept, or keys edited them; of a tick `checked` or `unchecked`.
    FillsField { label: String, value: Option<String> },
    /// It pasted what an earlier step of the recording copied. `elements`: the names of what it was copied from
    /// and pasted into, empty where unknown.
    Pastes { from: Option<AppName>, to: Option<AppName>, elements: [String; 2] },
}

/// How an application was switched to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchedBy {
    Key,
    Taskbar,
    /// A click in the other application's own window.
    Click,
    Other,
}

impl SwitchedBy {
    /// The name in data sets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Taskbar => "taskbar",
            Self::Click => "click",
            Self::Other => "other",
        }
    }
}

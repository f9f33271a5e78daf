//! The small words that what was observed and what is kept have in common.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{MonoNanos, PaceReason, Rect};

/// An event's place in its session: strictly increasing, given once, never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

/// A frame's number in its session: strictly increasing, with holes where a frame was not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub u32);

/// The display server's id of a top-level window. It may be reused after the window closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WindowId(pub u32);

/// How much of an application may be kept. Ordered from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Roles, control names, bounds and the shapes of edits; no pixels, no characters.
    Structure,
    /// Pixels with everything that looks like text filled in; typed text as shapes.
    Masked,
    /// Pixels and text, less secrets.
    Full,
}

/// What a recording may be opened for. The list is closed: what is not here cannot be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    TrainAgents,
    EvaluateAgents,
    /// The recorded person looks at their own recording.
    SubjectAccess,
}

/// A pointer button by what it does, not by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    Left,
    Middle,
    Right,
    Back,
    Forward,
    Other(u8),
}

/// The modifier keys that were down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Modifiers {
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
    pub super_key: bool,
}

impl Modifiers {
    /// Whether any modifier that makes a shortcut (all but Shift) was down.
    pub fn makes_chord(self) -> bool {
        self.ctrl || self.alt || self.super_key
    }
}

/// Who a window says, and the system confirms, that it belongs to. `None` is unknown, and unknown means no.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct AppIdentity {
    /// The executable's absolute path, from the process the display server itself names.
    pub exe: Option<String>,
    /// The class part of `WM_CLASS` (never the instance: it can hold a profile folder).
    pub class: Option<String>,
}

/// The short name an agreement gives an application, the same across its versions. Every record has one, so its
/// letters are shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppName(pub Arc<str>);

/// What kind of top-level window it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    Normal,
    Dialog,
    /// Override-redirect: menus, dropdowns, completion lists, tooltips.
    Popup,
    /// Panels and docks.
    Dock,
    /// The desktop's own background window.
    Desktop,
    Unknown,
}

/// What happened to a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowChange {
    Opened,
    Focused,
    Moved,
    Retitled,
    Closed,
    PopupOpened,
    PopupClosed,
}

/// Which of the window manager's workspaces is shown. Their names are never asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Workspace {
    /// From 0.
    pub index: u32,
    pub count: u32,
}

/// One thing of an accessibility tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The role's name as AT-SPI spells it, such as `push button` or `password text`.
    pub role: String,
    /// The accessible name, trimmed; empty when it has none.
    pub name: String,
    /// States that matter to an agent, as AT-SPI spells them, sorted: checked, editable, enabled,
    /// expandable, expanded, focusable, focused, has popup, selected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
    /// On the desktop, physical pixels. Empty when it is not on the screen.
    pub bounds: Rect,
    /// Index of the parent within the same snapshot; `None` at its roots and outside snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
}

/// An element found at a point or at the focus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    pub node: Node,
    /// Nearest first, at most 12.
    pub ancestors: Vec<Node>,
    /// How many elements of the same role and name stood beside it, itself included; at least 1.
    pub candidates: u32,
}

/// How far an accessibility answer can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    Complete,
    /// The deadline came first; a snapshot may hold what was told until then.
    TimedOut,
    /// The best answer's bounds do not contain the point.
    DoesNotContainPoint,
    /// The node cap cut the snapshot, or places in it could not be believed.
    Cut,
    /// The application offers no accessibility tree.
    NoTree,
    /// There is no accessibility bus.
    NoBus,
    /// The window was gone when the question was asked.
    Closed,
}

/// What kind of control has the keyboard focus. Only this decides whether keys may be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FocusKind {
    Password,
    Other { role: String },
    Unknown,
}

/// An accessibility event worth keeping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessibleEvent {
    pub change: AccessibleChange,
    pub node: Node,
    /// Nearest first, at most 12.
    pub ancestors: Vec<Node>,
}

/// What an accessibility event says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessibleChange {
    Focused,
    Selected,
    /// Its child selection changed; the node is the container.
    SelectionChanged,
    Expanded(bool),
    Checked(bool),
    /// A menu or list popped up or went away.
    PoppedUp(bool),
    TextInserted {
        text: String,
    },
    TextDeleted {
        chars: u32,
    },
}

/// Whether the X keysym is a modifier of its own.
pub fn is_modifier(name: &str) -> bool {
    const STEMS: [&str; 6] = ["Shift", "Control", "Alt", "Meta", "Super", "Hyper"];
    let sided = name.strip_suffix("_L").or_else(|| name.strip_suffix("_R"));
    sided.is_some_and(|stem| STEMS.contains(&stem))
        || matches!(
            name,
            "ISO_Level3_Shift"
                | "ISO_Level5_Shift"
                | "Mode_switch"
                | "Caps_Lock"
                | "Num_Lock"
                | "Scroll_Lock"
        )
}

/// Why there is nothing where something could have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    Paused,
    /// The recorder kept within the budget by taking nothing.
    Held {
        why: PaceReason,
    },
    /// The person had it forgotten.
    Forgotten,
    Denied {
        rule: DenyRule,
    },
    /// Events that a full queue could not take.
    Lost {
        count: u64,
    },
    /// Changes that an application told of and of which no more is known: it did not describe them in time,
    /// or told of more than it could be asked about. Neither input nor the focus is concerned.
    Unanswered {
        count: u64,
    },
    /// A screen saver or a lock covers the display. It is told when it begins, with an empty span,
    /// and again when it ends, with the whole one.
    Locked,
    /// The machine slept for so many seconds, during which the session's clock stood still.
    Suspended {
        secs: u64,
    },
    /// A source stopped working: the display, the accessibility bus. It is told when it stops, with an
    /// empty span, and again when it is back, with the whole one.
    SourceGone {
        source: String,
    },
}

/// The rule by which something was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DenyRule {
    /// The application is not in the agreement.
    AppNotAgreed,
    /// The agreement allows the application; the person did not opt in.
    NotConsented,
    /// The window's owner is not known.
    AppUnknown,
    /// The agreement or the consent is not in force at this time.
    NotInForce,
    /// A password field has the focus.
    SecretField,
    /// It is not known what has the focus.
    FocusUnknown,
    /// The level keeps no pixels.
    LevelHasNoPixels,
    /// The level keeps no characters.
    LevelHasNoText,
    /// Windows moved while the picture was taken, so it is not known whose pixels they are.
    WindowsMoved,
    /// The recorder's own window.
    OwnWindow,
    /// Recording is paused or held.
    Paused,
    /// A pause or the end came before it was known to be harmless.
    Unjudged,
    /// A party, an administrator or the person has taken the application out.
    Narrowed,
    /// The terms name sites, and not this one.
    SiteNotAgreed,
    /// The terms name sites, and it is not known which one is shown.
    SiteUnknown,
    /// It is a private-browsing window, or may be one where the terms name sites.
    PrivateBrowsing,
    /// Nothing is recorded in these hours.
    QuietHours,
    /// A screen saver or a lock covers the display, or it is not known whether one does.
    Locked,
    /// The person is exempt, or has asked to be.
    Exempt,
}

/// What was filtered out of text, by what it was (docs/spec/filter.md, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    Card,
    Iban,
    NationalId,
    Email,
    Phone,
    /// A key or token in the format its issuer publishes.
    Key,
    Password,
    /// A one-time code.
    Code,
    /// A word of the organisation's own list.
    Dictionary,
    /// Its hold ran out before it was known to be harmless.
    Unjudged,
}

impl SecretKind {
    /// Its name, as JSON and marks spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Iban => "iban",
            Self::NationalId => "national_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Key => "key",
            Self::Password => "password",
            Self::Code => "code",
            Self::Dictionary => "dictionary",
            Self::Unjudged => "unjudged",
        }
    }

    /// What stands in its place in text: neither its characters nor their number.
    pub fn mark(self) -> String {
        format!("\u{27e6}{}\u{27e7}", self.name())
    }
}

/// What the person says about their own work, and what a task's own program said of its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    TaskBegins {
        instruction: Option<String>,
    },
    TaskEnds,
    ThumbsUp,
    ThumbsDown,
    /// A benchmark's task found itself done as it asked.
    TaskSucceeded,
    TaskFailed,
}

/// Why an event has no picture from before (or after) it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoFrame {
    /// Nothing had been grabbed yet.
    NotStarted,
    /// Every frame in the ring ended after the event.
    NoneOldEnough,
    /// The agreement asks for no pictures.
    CadenceNone,
    /// The frame was not allowed to be kept.
    Denied,
    /// The recording ended, paused or lost the display first.
    Interrupted,
}

/// The moments a gap covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: MonoNanos,
    pub to: MonoNanos,
}

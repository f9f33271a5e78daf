//! What is asked about before anything is kept.

use overt_event::{AppIdentity, DenyRule, WindowKind};

/// Something about which a verdict is asked. What the one who asks does not know is said to be
/// unknown, and counts as the worst it could be wherever the terms make it matter.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Who it says, and the system confirms, that it belongs to.
    pub app: &'a AppIdentity,
    pub kind: WindowKind,
    /// One of the recorder's own.
    pub own: bool,
    pub site: Site<'a>,
    pub browsing: Browsing,
    pub focus: Focus,
    pub lock: Lock,
    /// The person paused the recording.
    pub paused: bool,
}

/// The site of the document that a window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site<'a> {
    Unknown,
    /// It shows no web document.
    NoDocument,
    /// The document's host, as the browser gives it; empty for a page that has none.
    Host(&'a str),
}

/// In which mode a browser's window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browsing {
    Unknown,
    Ordinary,
    Private,
}

/// What has the keyboard, where the question is about keys or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// It is about a window, not about keys or text.
    NotAsked,
    Unknown,
    Password,
    Other,
}

impl Focus {
    /// Why keys and text are not kept, where the focus is why.
    pub fn denied_by(self) -> Option<DenyRule> {
        match self {
            Self::Password => Some(DenyRule::SecretField),
            Self::Unknown => Some(DenyRule::FocusUnknown),
            Self::NotAsked | Self::Other => None,
        }
    }
}

/// Whether a screen saver or a lock covers the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    Unknown,
    Locked,
    Open,
}

impl<'a> Question<'a> {
    /// About a window of an open display, as a source sees it that cannot look into browsers.
    pub fn of_window(app: &'a AppIdentity, kind: WindowKind, own: bool) -> Self {
        Self {
            app,
            kind,
            own,
            site: Site::Unknown,
            browsing: Browsing::Unknown,
            focus: Focus::NotAsked,
            lock: Lock::Open,
            paused: false,
        }
    }
}

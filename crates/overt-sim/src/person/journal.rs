//! What the script did, to compare with what was recorded.

use overt_event::{Button, MonoNanos, Point, Rect};
use serde::{Deserialize, Serialize};

/// Something on the screen that a deed is aimed at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The application, as agreements name it: `chromium`, `mousepad`, `galculator`.
    pub app: String,
    /// The role as AT-SPI spells it, where the script knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The accessible name, where the script knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// On the desktop, physical pixels.
    pub bounds: Rect,
}

impl Target {
    /// A target with a role and a name.
    pub fn new(app: &str, role: &str, name: &str, bounds: Rect) -> Self {
        Self { app: app.into(), role: Some(role.into()), name: Some(name.into()), bounds }
    }
}

/// One thing done, in the words of the canonical actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeedKind {
    Click {
        button: Button,
    },
    DoubleClick,
    Drag {
        to: Point,
    },
    /// In notches; right and down are positive.
    Scroll {
        dx: i32,
        dy: i32,
    },
    /// `text` is absent when it is a secret.
    Type {
        text: Option<String>,
    },
    /// Modifiers first, such as `["ctrl", "c"]`.
    Key {
        keys: Vec<String>,
    },
    Hover,
}

impl DeedKind {
    /// The canonical action's word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Click { .. } => "click",
            Self::DoubleClick => "double_click",
            Self::Drag { .. } => "drag",
            Self::Scroll { .. } => "scroll",
            Self::Type { .. } => "type",
            Self::Key { .. } => "key",
            Self::Hover => "hover",
        }
    }
}

/// What a deed is for, where a recording should be able to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "snake_case")]
pub enum Intent {
    OpensPopup,
    /// `path` names the menus from the outside in, the option last.
    ChoosesFromPopup {
        path: Vec<String>,
    },
    SwitchesApp {
        to: String,
    },
    Shortcut,
}

/// A deed with its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Read just before the first event of the deed itself (not of the way to it) was sent.
    pub begin: MonoNanos,
    /// Read after the display server had taken its last event.
    pub end: MonoNanos,
    #[serde(flatten)]
    pub kind: DeedKind,
    /// Where the pointer was at `begin`.
    pub at: Point,
    /// When it was last moved before, by the person's own clock.
    #[serde(default)]
    pub rests_since: MonoNanos,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects: Option<Intent>,
}

/// All deeds of one script, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    pub seed: u64,
    pub deeds: Vec<Deed>,
}

impl Journal {
    /// How many deeds there are of each canonical action kind, by its word, that a recording may hold: what
    /// was typed as a secret is not counted.
    pub fn counts(&self) -> std::collections::BTreeMap<&'static str, u64> {
        let kept = self.deeds.iter().filter(|deed| deed.kind != DeedKind::Type { text: None });
        kept.fold(Default::default(), |mut counts, deed| {
            *counts.entry(deed.kind.word()).or_default() += 1;
            counts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_reads_back() {
        let deed = |kind| Deed {
            begin: MonoNanos(1),
            end: MonoNanos(2),
            kind,
            at: Point { x: 3, y: 4 },
            rests_since: MonoNanos(0),
            target: Some(Target::new("chromium", "entry", "Full name", Rect::default())),
            expects: Some(Intent::ChoosesFromPopup { path: vec!["Deck".into(), "Ropes".into()] }),
        };
        let kinds =
            [DeedKind::Click { button: Button::Left }, DeedKind::Hover, DeedKind::Type { text: None }];
        let journal = Journal { seed: 5, deeds: kinds.map(deed).into() };
        let json = serde_json::to_string(&journal).expect("a journal serialises");
        assert_eq!(serde_json::from_str::<Journal>(&json).expect("and reads back"), journal);
        assert_eq!(journal.counts().into_iter().collect::<Vec<_>>(), [("click", 1), ("hover", 1)]);
    }
}

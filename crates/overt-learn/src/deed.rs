//! What can be done, and what was done.

use overt_event::{Node, Rect};
use serde::{Deserialize, Serialize};

/// How something is done to an element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    Click,
    DoubleClick,
    TripleClick,
    RightClick,
    Hover,
    /// Into what has the focus.
    Type,
    /// A chord for what has the focus: modifiers, then one key by its X keysym name.
    Key(Vec<String>),
}

impl Manner {
    /// Whether it is the pointer that does it.
    pub fn points(&self) -> bool {
        !matches!(self, Self::Type | Self::Key(_))
    }
}

/// One thing to do in a scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub manner: Manner,
    /// Index of the element in the scene. What is typed goes to the one with the focus.
    pub on: Option<usize>,
    /// What is typed.
    pub text: Option<String>,
}

/// One thing that was done in an earlier scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    pub manner: Manner,
    pub role: String,
    pub name: String,
    pub bounds: Rect,
    pub text: Option<String>,
}

impl Past {
    /// `node` is what it was done to.
    pub fn new(manner: Manner, node: Option<&Node>, text: Option<String>) -> Self {
        let Node { role, name, bounds, .. } = node.cloned().unwrap_or_default();
        Self { manner, role, name, bounds, text }
    }

    /// Whether it was done to something of this role and name; where there is no name, at this place.
    pub(crate) fn was_on(&self, node: &Node, name: &str) -> bool {
        self.role == node.role && self.name == name && (!name.is_empty() || self.bounds == node.bounds)
    }

    /// Whether it was done where this stands.
    pub(crate) fn was_at(&self, node: &Node) -> bool {
        let (a, b) = (self.bounds, node.bounds);
        (a.x - b.x).abs() <= 4 && (a.y - b.y).abs() <= 4 && (a.w - b.w).abs() <= 4 && (a.h - b.h).abs() <= 4
    }
}

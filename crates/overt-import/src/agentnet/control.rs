//! A control of UI Automation, as the AgentNet tool writes it.

use overt_event::{Completeness, Element, Node, Point, Rect};
use serde::Deserialize;

use crate::telling::What;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Control {
    name: String,
    control_type: String,
    bounding_rectangle: Box4,
    /// The tool asks for all that is below it, in trees and at presses alike.
    #[serde(default)]
    pub(super) children: Vec<Control>,
}

#[derive(Deserialize)]
struct Box4 {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

impl Control {
    pub(super) fn bounds(&self) -> Rect {
        let Box4 { left, top, right, bottom } = self.bounding_rectangle;
        Rect { x: left, y: top, w: right.saturating_sub(left), h: bottom.saturating_sub(top) }
    }

    pub(super) fn node(&self) -> Node {
        let role = role(&self.control_type);
        Node { role, name: self.name.clone(), bounds: self.bounds(), ..Node::default() }
    }

    /// As what was asked for at a press.
    pub(super) fn under(&self, at: Point) -> What {
        let node = self.node();
        let completeness = match node.bounds.contains(at) {
            true => Completeness::Complete,
            false => Completeness::DoesNotContainPoint,
        };
        What::Element { at, element: Element { node, ancestors: Vec::new(), candidates: 1 }, completeness }
    }
}

/// The AT-SPI role of a control type of UI Automation.
fn role(control_type: &str) -> String {
    let stem = control_type.strip_suffix("Control").unwrap_or(control_type);
    let role = match stem {
        "Button" => "push button",
        "CheckBox" => "check box",
        "ComboBox" => "combo box",
        "Document" => "document frame",
        "Edit" => "entry",
        "Hyperlink" => "link",
        "ListItem" => "list item",
        "MenuBar" => "menu bar",
        "MenuItem" => "menu item",
        "Pane" => "panel",
        "ProgressBar" => "progress bar",
        "RadioButton" => "radio button",
        "ScrollBar" => "scroll bar",
        "TabItem" => "page tab",
        "Text" => "label",
        "ToolBar" => "tool bar",
        "TreeItem" => "tree item",
        "Window" => "window",
        _ => return words(stem),
    };
    role.to_owned()
}

/// `TitleBar` as `title bar`.
fn words(stem: &str) -> String {
    let mut out = String::new();
    for c in stem.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    out
}

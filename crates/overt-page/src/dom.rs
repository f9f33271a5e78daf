//! One page: what stands where, and what has the focus.

use overt_event::{Element, FocusKind, Node, Point, Rect};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Ancestors told with an element, at most.
const ANCESTORS_MAX: usize = 12;

/// One node of a page, with everything below it.
#[derive(Deserialize)]
pub struct Dom {
    tag: String,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    #[serde(default)]
    children: Vec<Dom>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    focused: bool,
    /// Demonstrations mark what the event after the page happened to.
    #[serde(default, rename = "recordingTarget")]
    met: bool,
    #[serde(default)]
    classes: Option<Classes>,
    #[serde(default)]
    value: Option<Value>,
}

/// Drawings have an object in the place of class names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Classes {
    Names(String),
    #[allow(dead_code, reason = "it is there to be recognised")]
    Other(IgnoredAny),
}

/// Only a tick is read of a field.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Ticked(bool),
    #[allow(dead_code, reason = "it is there to be recognised")]
    Other(IgnoredAny),
}

impl Dom {
    /// What is drawn last at a place: later nodes over earlier ones, children over their parent.
    pub fn at(&self, p: Point) -> Option<Element> {
        self.path_to(&|node| node.contains(p)).map(element)
    }

    /// What the page itself says that the event met, where it does.
    pub fn met(&self) -> Option<Element> {
        self.path_to(&|node| node.met).map(element)
    }

    /// The node with the keyboard's focus.
    pub fn focused(&self) -> Option<Element> {
        self.path_to(&|node| node.focused).map(element)
    }

    /// All nodes, pieces of text among them. Order: parents before children, as drawn. `parent` is an index
    /// into the list.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        self.add_to(&mut nodes, None);
        nodes
    }

    fn add_to(&self, nodes: &mut Vec<Node>, parent: Option<u32>) {
        let own = u32::try_from(nodes.len()).ok();
        nodes.push(Node { parent, ..self.node() });
        for child in &self.children {
            child.add_to(nodes, own);
        }
    }

    /// The nodes from the one found up to this one.
    fn path_to<'a>(&'a self, wanted: &dyn Fn(&Dom) -> bool) -> Option<Vec<&'a Dom>> {
        let below = self.children.iter().rev().find_map(|child| child.path_to(wanted));
        let mut path = below.or_else(|| (!self.is_text() && wanted(self)).then(Vec::new))?;
        path.push(self);
        Some(path)
    }

    fn is_text(&self) -> bool {
        self.tag == "t"
    }

    fn contains(&self, p: Point) -> bool {
        let (x, y) = (f64::from(p.x), f64::from(p.y));
        (self.left..self.left + self.width).contains(&x) && (self.top..self.top + self.height).contains(&y)
    }

    fn node(&self) -> Node {
        let (x, y) = (self.left.floor(), self.top.floor());
        let far = |from: f64, len: f64| (from + len).ceil();
        let (w, h) = (far(self.left, self.width) - x, far(self.top, self.height) - y);
        let bounds = Rect { x: x as i32, y: y as i32, w: w as i32, h: h as i32 };
        Node {
            role: role(&self.tag).to_owned(),
            name: self.name(),
            states: self.states(),
            bounds,
            parent: None,
        }
    }

    /// Sorted. Widgets that scripts draw tell theirs by the names of their classes.
    fn states(&self) -> Vec<String> {
        let names = match &self.classes {
            Some(Classes::Names(names)) => names.as_str(),
            _ => "",
        };
        let words = names.split(|c: char| c.is_whitespace() || c == '-');
        let mut states: Vec<&str> = words.filter_map(state).collect();
        states.extend(self.focused.then_some("focused"));
        states.extend(matches!(self.value, Some(Value::Ticked(true))).then_some("checked"));
        states.extend(self.children.iter().any(Dom::points_to_submenu).then_some("has popup"));
        states.sort_unstable();
        states.dedup();
        states.into_iter().map(str::to_owned).collect()
    }

    /// jQuery UI's mark of an item that has a menu of its own.
    fn points_to_submenu(&self) -> bool {
        matches!(&self.classes, Some(Classes::Names(names)) if names.split_whitespace().any(|n| n == "ui-menu-icon"))
    }

    /// Its own text, or the only one below it.
    fn name(&self) -> String {
        let own = self.text.as_deref().map(str::trim).filter(|t| !t.is_empty());
        if let Some(own) = own {
            return own.to_owned();
        }
        let mut below = self.children.iter().map(Dom::name).filter(|name| !name.is_empty());
        match (below.next(), below.next()) {
            (Some(only), None) => only,
            _ => String::new(),
        }
    }
}

/// The state that a part of a class's name means, in the libraries whose widgets say it so (jQuery UI, treeview).
fn state(word: &str) -> Option<&'static str> {
    Some(match word {
        "active" | "selected" | "current" => "selected",
        "expanded" | "collapsable" => "expanded",
        "expandable" | "collapsed" => "expandable",
        _ => return None,
    })
}

fn element(path: Vec<&Dom>) -> Element {
    let mut nodes = path.into_iter().map(Dom::node);
    let node = nodes.next().unwrap_or_default();
    Element { node, ancestors: nodes.take(ANCESTORS_MAX).collect(), candidates: 1 }
}

/// The kind of control, as AT-SPI spells it.
fn role(tag: &str) -> &'static str {
    match tag {
        "A" => "link",
        "BODY" => "document web",
        "BUTTON" => "push button",
        "INPUT_checkbox" => "check box",
        "INPUT_password" => "password text",
        "INPUT_radio" => "radio button",
        "INPUT_button" | "INPUT_submit" => "push button",
        "LABEL" => "label",
        "LI" => "list item",
        "OPTION" => "menu item",
        "SELECT" => "combo box",
        "TEXTAREA" => "entry",
        "t" => "static",
        _ if tag.starts_with("INPUT_") => "entry",
        _ => "section",
    }
}

/// What the focus on an element means for keys.
pub fn focus_kind(element: &Element) -> FocusKind {
    match element.node.role.as_str() {
        "password text" => FocusKind::Password,
        role => FocusKind::Other { role: role.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"{"tag": "BODY", "left": 0, "top": 0, "width": 160, "height": 210, "children": [
        {"tag": "DIV", "left": 0, "top": 0, "width": 160, "height": 50.5, "children": [
            {"tag": "BUTTON", "left": 10, "top": 10, "width": 20, "height": 20, "text": " Go "}]},
        {"tag": "INPUT_password", "left": 15, "top": 15, "width": 40, "height": 10, "focused": true}]}"#;

    fn check(x: i32, y: i32, role: &str, name: &str, ancestors: usize) {
        let page: Dom = serde_json::from_str(PAGE).expect("it reads");
        let found = page.at(Point { x, y }).expect("something stands there");
        assert_eq!(
            (found.node.role.as_str(), found.node.name.as_str(), found.ancestors.len()),
            (role, name, ancestors)
        );
    }

    #[test]
    fn what_is_drawn_last_is_found() {
        check(11, 11, "push button", "Go", 2);
        check(16, 16, "password text", "", 1);
        check(159, 50, "section", "Go", 1);
        check(159, 51, "document web", "Go", 0);
        let page: Dom = serde_json::from_str(PAGE).expect("it reads");
        assert!(page.at(Point { x: 160, y: 0 }).is_none());
        assert!(matches!(page.focused().as_ref().map(focus_kind), Some(FocusKind::Password)));
    }

    #[test]
    fn what_the_page_says_was_met_is_found_under_what_is_drawn_over_it() {
        let page: Dom = serde_json::from_str(PAGE).expect("it reads");
        assert!(page.met().is_none());
        let marked = PAGE.replace(r#""text": " Go ""#, r#""text": " Go ", "recordingTarget": true"#);
        let page: Dom = serde_json::from_str(&marked).expect("it reads");
        let (met, drawn) = (page.met().expect("it is marked"), page.at(Point { x: 16, y: 16 }));
        assert_eq!((met.node.name.as_str(), met.ancestors.len()), ("Go", 2));
        assert_eq!(drawn.map(|e| e.node.role).as_deref(), Some("password text"));
    }

    #[test]
    fn every_node_is_told_below_its_parent() {
        let page: Dom = serde_json::from_str(PAGE).expect("it reads");
        let told: Vec<_> = page.nodes().into_iter().map(|n| (n.role, n.parent)).collect();
        let expected = [
            ("document web", None),
            ("section", Some(0)),
            ("push button", Some(1)),
            ("password text", Some(0)),
        ];
        assert_eq!(told, expected.map(|(role, parent)| (role.to_owned(), parent)));
    }

    fn check_states(node: &str, expected: &[&str]) {
        let text = format!(r#"{{"tag": "DIV", "left": 0, "top": 0, "width": 1, "height": 1, {node}}}"#);
        let dom: Dom = serde_json::from_str(&text).expect("it reads");
        assert_eq!(dom.nodes()[0].states, expected);
    }

    #[test]
    fn ticks_and_the_classes_of_widgets_are_states_and_values_are_not() {
        check_states(r#""value": true"#, &["checked"]);
        check_states(r#""value": false"#, &[]);
        check_states(r#""value": "typed", "classes": {"baseVal": ""}"#, &[]);
        check_states(
            r#""classes": "ui-tabs-active ui-state-active", "focused": true"#,
            &["focused", "selected"],
        );
        check_states(r#""classes": "ui-accordion-header-collapsed ui-icon""#, &["expandable"]);
        let icon = r#""children": [{"tag": "SPAN", "left": 0, "top": 0, "width": 1, "height": 1, "classes": "ui-menu-icon ui-icon"}]"#;
        check_states(icon, &["has popup"]);
    }
}

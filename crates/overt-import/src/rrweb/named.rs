//! What the accessibility bus would call a page's node: its role, its name, its states and what it lies in.

use overt_event::{Element, Node};

use super::page::{Page, PageNode};

/// Ancestors told with an element, at most.
const ANCESTORS_MAX: usize = 12;
/// Characters of a name, at most, as of one that the accessibility bus tells.
const NAME_CHARS_MAX: usize = 200;
/// Nodes that are looked at for one name, at most.
const NAME_NODES_MAX: usize = 1_000;
/// Nodes of a list that are looked at for an option, at most.
const OPTIONS_MAX: usize = 10_000;

/// The role of fields of which nothing that is typed is kept.
pub(super) const PASSWORD: &str = "password text";
/// Nodes whose text is no text of the page.
const UNSEEN: [&str; 6] = ["head", "noscript", "script", "style", "template", "title"];
/// Roles whose content is a part of them and no element of its own (WAI-ARIA, "children presentational").
const WHOLE: [&str; 9] = [
    "check box",
    "check menu item",
    "image",
    "progress bar",
    "push button",
    "radio button",
    "radio menu item",
    "slider",
    "toggle button",
];
/// Roles that are called by all of the text in them.
const BY_CONTENT: [&str; 12] = [
    "check box",
    "check menu item",
    "heading",
    "label",
    "link",
    "list item",
    "menu item",
    "page tab",
    "push button",
    "radio button",
    "radio menu item",
    "toggle button",
];

impl Page {
    /// The element that a press on this node meets: a control where the node is a part of one.
    pub(super) fn element(&self, id: i64) -> Option<Element> {
        let role = |id: &i64| self.node(*id).map(|node| self.role(*id, node)).unwrap_or_default();
        let whole = std::iter::once(id).chain(self.above(id)).filter(|id| WHOLE.contains(&role(id).as_str()));
        self.told(whole.last().unwrap_or(id))
    }

    /// The node itself, with what it lies in. Where on the screen it is, is not told.
    pub(super) fn told(&self, id: i64) -> Option<Element> {
        let node = self.described(id)?;
        let around = self.above(id).filter(|id| self.node(*id).is_some_and(is_told));
        let ancestors = around.filter_map(|id| self.described(id)).take(ANCESTORS_MAX).collect();
        Some(Element { node, ancestors, candidates: 1 })
    }

    fn described(&self, id: i64) -> Option<Node> {
        let node = self.node(id)?;
        let (role, states) = (self.role(id, node), states(node));
        let name = if role == PASSWORD { String::new() } else { self.name(id, node, &role) };
        Some(Node { name, role, states, ..Node::default() })
    }

    pub(super) fn role(&self, id: i64, node: &PageNode) -> String {
        let role = match (self.is_secret(id), node.tag.as_str()) {
            (true, _) => PASSWORD,
            (false, "") | (false, "html") => "document web",
            (false, tag) => {
                role_of_aria(&node.word("role")).unwrap_or_else(|| role_of_tag(tag, &node.word("type")))
            }
        };
        role.to_owned()
    }

    /// By what the page says it is called; else by its text; else by the hints that browsers show.
    fn name(&self, id: i64, node: &PageNode, role: &str) -> String {
        let given = |name: &str| node.attribute(name).map(short).filter(|name| !name.is_empty());
        let of_button = || given("value").filter(|_| node.tag == "input" && role == "push button");
        let names: [&dyn Fn() -> Option<String>; 8] = [
            &|| self.named_by(node),
            &|| given("aria-label"),
            &|| self.label(id, node),
            &of_button,
            &|| given("alt"),
            &|| self.text_of(id, role),
            &|| given("placeholder"),
            &|| given("title"),
        ];
        names.iter().find_map(|name| name()).unwrap_or_default()
    }

    fn named_by(&self, node: &PageNode) -> Option<String> {
        let by = node.attribute("aria-labelledby")?;
        let ids = by.split_whitespace().take(ANCESTORS_MAX).filter_map(|name| self.with_id(name));
        let texts: Vec<String> = ids.filter_map(|id| self.text_below(id, true)).collect();
        Some(short(&texts.join(" "))).filter(|name| !name.is_empty())
    }

    /// The text of the label that is for it, or that it lies in.
    fn label(&self, id: i64, node: &PageNode) -> Option<String> {
        if !matches!(node.tag.as_str(), "input" | "select" | "textarea" | "button") {
            return None;
        }
        let is_label = |id: &i64| self.node(*id).is_some_and(|node| node.tag == "label");
        let label = node.attribute("id").and_then(|name| self.label_for(name));
        self.text_below(label.or_else(|| self.above(id).find(is_label))?, true)
    }

    /// What was typed into it is no name: not of a field, and of nothing in one.
    fn text_of(&self, id: i64, role: &str) -> Option<String> {
        let is_in_field = std::iter::once(id).chain(self.above(id)).any(|id| self.is_written_in(id));
        if is_in_field || role == "combo box" || role == "entry" {
            return None;
        }
        self.text_below(id, BY_CONTENT.contains(&role))
    }

    /// Whether what stands in it can have been typed there.
    fn is_written_in(&self, id: i64) -> bool {
        self.node(id).is_some_and(|node| {
            let editable =
                node.attribute("contenteditable").is_some_and(|v| !v.eq_ignore_ascii_case("false"));
            editable || node.tag == "textarea" || role_of_aria(&node.word("role")) == Some("entry")
        }) || self.is_secret(id)
    }

    /// All the text below a node, or the only one; `None` where there is none, or too much to look through.
    fn text_below(&self, id: i64, all: bool) -> Option<String> {
        let mut texts = Vec::new();
        let (mut left, mut looked_at, mut chars) = (vec![id], 0, 0);
        while let Some(id) = left.pop() {
            looked_at += 1;
            if looked_at > NAME_NODES_MAX {
                return None;
            }
            let Some(node) = self.node(id).filter(|n| !UNSEEN.contains(&n.tag.as_str())) else { continue };
            if self.is_written_in(id) || node.tag == "select" {
                continue;
            }
            left.extend(node.children.iter().rev().take(NAME_NODES_MAX));
            let text = node.text.as_deref().filter(|_| node.tag.is_empty()).map(short).unwrap_or_default();
            if !text.is_empty() {
                chars += text.len();
                texts.push(text);
            }
            if chars > 4 * NAME_CHARS_MAX || (!all && texts.len() > 1) {
                break;
            }
        }
        (all || texts.len() == 1).then(|| short(&texts.join(" "))).filter(|text| !text.is_empty())
    }

    /// The option of a list whose value this is.
    pub(super) fn option(&self, list: i64, value: &str) -> Option<i64> {
        let (mut left, mut looked_at) = (vec![list], 0);
        while let Some(id) = left.pop() {
            looked_at += 1;
            let Some(node) = self.node(id) else { continue };
            let told = || node.attribute("value").map(str::to_owned).or_else(|| self.text_below(id, true));
            if node.tag == "option" && told().as_deref() == Some(value) {
                return Some(id);
            }
            if looked_at > OPTIONS_MAX {
                return None;
            }
            left.extend(node.children.iter().rev());
        }
        None
    }
}

/// The page's own root and the documents around it are no elements.
fn is_told(node: &PageNode) -> bool {
    !matches!(node.tag.as_str(), "" | "html")
}

/// Sorted.
fn states(node: &PageNode) -> Vec<String> {
    let is = |name: &str| node.word(name) == "true";
    let ticked =
        matches!(node.word("type").as_str(), "checkbox" | "radio") && node.attribute("checked").is_some();
    let has_popup = !matches!(node.word("aria-haspopup").as_str(), "" | "false");
    let expandable = node.attribute("aria-expanded").is_some();
    let told = [
        (ticked || is("aria-checked"), "checked"),
        (expandable, "expandable"),
        (is("aria-expanded"), "expanded"),
        (has_popup, "has popup"),
        (is("aria-selected"), "selected"),
    ];
    told.iter().filter(|(is, _)| *is).map(|(_, state)| (*state).to_owned()).collect()
}

/// Without the space around and within it that a browser does not show.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(NAME_CHARS_MAX).collect();
    words.join(" ").chars().take(NAME_CHARS_MAX).collect::<String>().trim_end().to_owned()
}

/// The role that a page gives a node itself (WAI-ARIA), as AT-SPI spells it.
fn role_of_aria(role: &str) -> Option<&'static str> {
    Some(match role.split_whitespace().next()? {
        "button" => "push button",
        "checkbox" => "check box",
        "combobox" => "combo box",
        "dialog" | "alertdialog" => "dialog",
        "gridcell" | "cell" => "table cell",
        "heading" => "heading",
        "img" | "image" => "image",
        "link" => "link",
        "listbox" => "list box",
        "listitem" | "option" => "list item",
        "menu" => "menu",
        "menubar" => "menu bar",
        "menuitem" => "menu item",
        "menuitemcheckbox" => "check menu item",
        "menuitemradio" => "radio menu item",
        "progressbar" => "progress bar",
        "radio" => "radio button",
        "searchbox" | "textbox" => "entry",
        "slider" => "slider",
        "spinbutton" => "spin button",
        "switch" => "toggle button",
        "tab" => "page tab",
        "tablist" => "page tab list",
        "toolbar" => "tool bar",
        "tooltip" => "tool tip",
        "treeitem" => "tree item",
        _ => return None,
    })
}

/// The same words as for the pages of demonstrations (docs/spec/import.md, section 3.3).
fn role_of_tag(tag: &str, kind: &str) -> &'static str {
    match (tag, kind) {
        ("a", _) => "link",
        ("body", _) => "document web",
        ("button", _) | ("input", "button" | "image" | "reset" | "submit") => "push button",
        ("input", "checkbox") => "check box",
        ("input", "radio") => "radio button",
        ("input" | "textarea", _) => "entry",
        ("label", _) => "label",
        ("li", _) => "list item",
        ("option", _) => "menu item",
        ("select", _) => "combo box",
        _ => "section",
    }
}

#[cfg(test)]
mod tests {
    use overt_page::Dom;

    use super::*;

    /// The role that demonstrations' pages have for the same node.
    fn role_of_demonstration(tag: &str) -> String {
        let node = serde_json::json!({"tag": tag, "left": 0, "top": 0, "width": 1, "height": 1});
        let page: Dom = serde_json::from_value(node).expect("it reads");
        page.nodes()[0].role.clone()
    }

    #[test]
    fn tags_have_the_roles_that_demonstrations_have_for_them() {
        for tag in ["a", "body", "button", "div", "label", "li", "option", "p", "select", "textarea"] {
            assert_eq!(role_of_tag(tag, ""), role_of_demonstration(&tag.to_uppercase()), "{tag}");
        }
        for kind in ["button", "checkbox", "radio", "submit", "text"] {
            assert_eq!(role_of_tag("input", kind), role_of_demonstration(&format!("INPUT_{kind}")), "{kind}");
        }
        assert_eq!(PASSWORD, role_of_demonstration("INPUT_password"));
    }
}

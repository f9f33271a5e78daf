//! The page's nodes as a session tells them, and which of its fields are a password's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

/// Nodes that are kept of a page, at most. What lies beyond is not known, and nothing typed there is kept by itself.
const NODES_MAX: usize = 200_000;
/// How far up or down a page is followed: browsers nest no deeper.
const DEPTH_MAX: usize = 512;

/// The attributes that say what a node is and what it is called.
const KEPT: [&str; 19] = [
    "alt",
    "aria-checked",
    "aria-expanded",
    "aria-haspopup",
    "aria-label",
    "aria-labelledby",
    "aria-selected",
    "autocomplete",
    "checked",
    "contenteditable",
    "data-rr-is-password",
    "for",
    "id",
    "name",
    "placeholder",
    "role",
    "title",
    "type",
    "value",
];

/// A node as rrweb spells it, with everything below it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Serialized {
    id: i64,
    #[serde(default)]
    tag_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    text_content: Option<String>,
    #[serde(default)]
    child_nodes: Vec<Serialized>,
}

/// What changed in a page.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Mutation {
    texts: Vec<Text>,
    attributes: Vec<Attributes>,
    removes: Vec<Removed>,
    adds: Vec<Added>,
}

#[derive(Deserialize)]
struct Text {
    id: i64,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Attributes {
    id: i64,
    attributes: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Removed {
    id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Added {
    parent_id: i64,
    next_id: Option<i64>,
    node: Serialized,
}

/// A node of the page.
#[derive(Default)]
pub(super) struct PageNode {
    /// In small letters; empty for a text and for the document itself.
    pub(super) tag: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) text: Option<String>,
    pub(super) parent: Option<i64>,
    pub(super) children: Vec<i64>,
}

impl PageNode {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// An attribute in small letters, without the space around it.
    pub(super) fn word(&self, name: &str) -> String {
        self.attribute(name).unwrap_or_default().trim().to_lowercase()
    }

    /// By what it says of itself at this moment.
    fn is_password(&self) -> bool {
        let hint = self.word("autocomplete");
        let asks = |word: &str| matches!(word, "current-password" | "new-password");
        self.word("type") == "password"
            || self.attributes.contains_key("data-rr-is-password")
            || hint.split_whitespace().any(asks)
    }
}

/// The nodes that are known, by rrweb's numbers.
#[derive(Default)]
pub(super) struct Page {
    nodes: BTreeMap<i64, PageNode>,
    /// Nodes by their `id`, and labels by their `for`. What is found must be looked at again: nodes go and change.
    by_id: BTreeMap<String, i64>,
    by_for: BTreeMap<String, i64>,
    /// Fields that were a password's at any time: what they say later does not undo it.
    secrets: BTreeSet<i64>,
    /// What such fields were called in the page: one that shows what is typed may stand in their place.
    secret_names: BTreeSet<String>,
    /// Nodes that there was no room for.
    pub(super) unkept: u64,
}

impl Page {
    pub(super) fn node(&self, id: i64) -> Option<&PageNode> {
        self.nodes.get(&id)
    }

    /// Whether nothing that is typed into it may be kept. It stays so in all of the session, whichever field has the
    /// number later.
    pub(super) fn is_secret(&self, id: i64) -> bool {
        let Some(node) = self.node(id) else { return self.secrets.contains(&id) };
        let stands_for_one = || names_of(node).any(|name| self.secret_names.contains(&name));
        is_field(node) && (self.secrets.contains(&id) || stands_for_one())
    }

    /// Takes the field for a password's from here on.
    pub(super) fn make_secret(&mut self, id: i64) {
        self.secrets.insert(id);
        self.secret_names.extend(self.nodes.get(&id).into_iter().flat_map(names_of));
    }

    /// No page is shown any more. Which fields are secret stays known.
    pub(super) fn leave(&mut self) {
        self.clear();
        self.unkept = 0;
    }

    fn clear(&mut self) {
        self.nodes.clear();
        self.by_id.clear();
        self.by_for.clear();
    }

    /// Another page is shown, or the same one is told anew.
    pub(super) fn replace(&mut self, root: Serialized) {
        self.clear();
        self.insert(root, None, None);
    }

    /// Takes what changed, in the order in which rrweb's own player does.
    pub(super) fn change(&mut self, mutation: Mutation) {
        let Mutation { texts, attributes, removes, adds } = mutation;
        removes.iter().for_each(|gone| self.remove(gone.id));
        for Added { parent_id, next_id, node } in adds {
            self.insert(node, Some(parent_id), next_id);
        }
        for Text { id, value } in texts {
            if let Some(node) = self.nodes.get_mut(&id) {
                node.text = value;
            }
        }
        attributes.into_iter().for_each(|changed| self.set(changed));
    }

    /// A box was ticked, or its tick taken away.
    pub(super) fn tick(&mut self, id: i64, on: bool) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        match on {
            true => drop(node.attributes.insert("checked".to_owned(), String::new())),
            false => drop(node.attributes.remove("checked")),
        }
    }

    /// Of a node that is not known, too, it counts that it is a password field.
    fn set(&mut self, Attributes { id, attributes }: Attributes) {
        let mut apart = PageNode::default();
        let node = self.nodes.get_mut(&id).unwrap_or(&mut apart);
        for (name, value) in attributes {
            match plain(&value).filter(|_| KEPT.contains(&name.as_str())) {
                Some(value) => drop(node.attributes.insert(name, value)),
                None => drop(node.attributes.remove(&name)),
            }
        }
        if node.is_password() {
            self.make_secret(id);
        }
        self.index(id);
    }

    fn insert(&mut self, root: Serialized, parent: Option<i64>, next: Option<i64>) {
        // A node that is told again stands elsewhere now, with what is told below it.
        self.remove(root.id);
        self.link(root.id, parent, next);
        let mut left = vec![(root, parent)];
        while let Some((node, parent)) = left.pop() {
            let Serialized { id, tag_name, attributes, text_content, child_nodes } = node;
            let kept = attributes.iter().filter(|(name, _)| KEPT.contains(&name.as_str()));
            let kept = kept.filter_map(|(name, value)| Some((name.clone(), plain(value)?)));
            let node = PageNode {
                tag: tag_name.to_lowercase(),
                attributes: kept.collect(),
                text: text_content,
                parent,
                children: child_nodes.iter().map(|child| child.id).collect(),
            };
            self.keep(id, node);
            left.extend(child_nodes.into_iter().rev().map(|child| (child, Some(id))));
        }
    }

    fn keep(&mut self, id: i64, node: PageNode) {
        if node.is_password() {
            self.secrets.insert(id);
            self.secret_names.extend(names_of(&node));
        }
        if self.nodes.len() >= NODES_MAX && !self.nodes.contains_key(&id) {
            self.unkept += 1;
            return;
        }
        self.nodes.insert(id, node);
        self.index(id);
    }

    fn link(&mut self, id: i64, parent: Option<i64>, next: Option<i64>) {
        let Some(parent) = parent.and_then(|p| self.nodes.get_mut(&p)) else { return };
        let at = next.and_then(|next| parent.children.iter().position(|child| *child == next));
        parent.children.insert(at.unwrap_or(parent.children.len()), id);
    }

    /// Takes a node away, with everything below it.
    fn remove(&mut self, id: i64) {
        let parent = self.nodes.get(&id).and_then(|node| node.parent);
        if let Some(parent) = parent.and_then(|p| self.nodes.get_mut(&p)) {
            parent.children.retain(|child| *child != id);
        }
        let mut left = vec![id];
        while let Some(gone) = left.pop() {
            left.extend(self.nodes.remove(&gone).into_iter().flat_map(|node| node.children));
        }
    }

    /// Notes what it can be found by.
    fn index(&mut self, id: i64) {
        let Some(node) = self.nodes.get(&id) else { return };
        if let Some(name) = node.attribute("id") {
            self.by_id.insert(name.to_owned(), id);
        }
        if let Some(field) = node.attribute("for").filter(|_| node.tag == "label") {
            self.by_for.insert(field.to_owned(), id);
        }
    }

    /// The node that has this `id`.
    pub(super) fn with_id(&self, name: &str) -> Option<i64> {
        let id = *self.by_id.get(name)?;
        self.node(id).filter(|node| node.attribute("id") == Some(name)).map(|_| id)
    }

    /// The label that is for the node of this `id`.
    pub(super) fn label_for(&self, name: &str) -> Option<i64> {
        let id = *self.by_for.get(name)?;
        self.node(id).filter(|node| node.attribute("for") == Some(name)).map(|_| id)
    }

    /// The nodes around one, nearest first.
    pub(super) fn above(&self, id: i64) -> impl Iterator<Item = i64> {
        let parent = |id: &i64| self.node(*id).and_then(|node| node.parent);
        std::iter::successors(parent(&id), move |id| parent(id)).take(DEPTH_MAX)
    }
}

fn is_field(node: &PageNode) -> bool {
    matches!(node.tag.as_str(), "input" | "textarea")
}

/// What a page calls a field: its `id` and its `name`, each apart.
fn names_of(node: &PageNode) -> impl Iterator<Item = String> {
    let named = |what: &str| {
        node.attribute(what).filter(|name| !name.trim().is_empty()).map(|name| format!("{what}={name}"))
    };
    [named("id"), named("name")].into_iter().flatten()
}

/// An attribute's value; `None` where it is taken away, or is of another kind.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(true) => Some(String::new()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

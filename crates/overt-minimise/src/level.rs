//! What of an element, an event or an address a level lets through.

use overt_event::{AccessibleChange, AccessibleEvent, Element, Level, Node};

/// The role of password fields, as AT-SPI spells it.
const PASSWORD: &str = "password text";

/// Roles of controls whose name is what the application calls them, and not what somebody wrote.
/// Page tabs are not among them: a browser's carry the titles of pages. Nor are combo boxes: their
/// name can be their value.
const CONTROLS: [&str; 14] = [
    "button",
    "check box",
    "check menu item",
    "menu",
    "menu bar",
    "menu item",
    "push button",
    "push button menu",
    "radio button",
    "radio menu item",
    "slider",
    "switch",
    "toggle button",
    "tool bar",
];

/// Whether it is a password field.
pub(crate) fn is_password(node: &Node) -> bool {
    node.role == PASSWORD
}

/// The node without what the level does not keep; of a password field only role and place.
fn node(mut node: Node, level: Level, secret: bool) -> Node {
    if secret {
        return Node { name: String::new(), states: Vec::new(), ..node };
    }
    if level < Level::Full && !CONTROLS.contains(&node.role.as_str()) {
        node.name = String::new();
    }
    node
}

/// What lies inside a password field is as secret as the field.
fn chain(first: Node, ancestors: Vec<Node>, level: Level) -> (Node, Vec<Node>) {
    let outermost = ancestors.iter().rposition(is_password);
    let secret = outermost.is_some() || is_password(&first);
    let ancestors = ancestors
        .into_iter()
        .enumerate()
        .map(|(i, n)| node(n, level, outermost.is_some_and(|o| i <= o)))
        .collect();
    (node(first, level, secret), ancestors)
}

pub(crate) fn element(element: Element, level: Level) -> Element {
    let (node, ancestors) = chain(element.node, element.ancestors, level);
    Element { node, ancestors, candidates: element.candidates }
}

/// The same for an event, whose text must have been judged already.
pub(crate) fn accessible(event: AccessibleEvent, level: Level) -> AccessibleEvent {
    let (node, ancestors) = chain(event.node, event.ancestors, level);
    AccessibleEvent { change: event.change, node, ancestors }
}

/// Whether the event happened in a password field.
pub(crate) fn is_secret(event: &AccessibleEvent) -> bool {
    is_password(&event.node) || event.ancestors.iter().any(is_password)
}

/// Whether it is an edit, which is judged like keys.
pub(crate) fn is_edit(change: &AccessibleChange) -> bool {
    matches!(change, AccessibleChange::TextInserted { .. } | AccessibleChange::TextDeleted { .. })
}

/// A snapshot's nodes, parents before children.
pub(crate) fn nodes(nodes: Vec<Node>, level: Level) -> Vec<Node> {
    let mut secrets: Vec<bool> = Vec::with_capacity(nodes.len());
    let judged = nodes.into_iter().map(|n| {
        let inside = n.parent.is_some_and(|p| secrets.get(p as usize).copied().unwrap_or(true));
        secrets.push(inside || is_password(&n));
        node(n, level, inside || secrets[secrets.len() - 1])
    });
    judged.collect()
}

/// Scheme, host and path: no names of users, no queries, no fragments. Of addresses that carry their
/// content, or another address, only the scheme.
pub(crate) fn address(url: &str) -> String {
    let plain =
        |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| plain(scheme)) else {
        let scheme = url.split_once(':').map_or("", |(s, _)| s);
        return if plain(scheme) { format!("{scheme}:") } else { String::new() };
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, ""), |i| rest.split_at(i));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(address(url), expected);
    }

    #[test]
    fn addresses_lose_users_queries_and_fragments() {
        check("https://a.example/b/c?token=1#d", "https://a.example/b/c");
        check("https://me:secret@a.example:8443/b", "https://a.example:8443/b");
        check("https://a.example?q=@x/y", "https://a.example");
        check("file:///usr/share/page.html#s", "file:///usr/share/page.html");
        check("data:text/html,secret", "data:");
        check("blob:https://a.example/x", "blob:");
        check("javascript:alert('://')", "javascript:");
        check("secret text", "");
    }

    fn named(role: &str, parent: Option<u32>) -> Node {
        Node {
            role: role.into(),
            name: "name".into(),
            states: vec!["focused".into()],
            parent,
            ..Node::default()
        }
    }

    #[test]
    fn password_fields_keep_role_and_place_and_hide_what_is_inside() {
        let all = vec![
            named("panel", None),
            named(PASSWORD, Some(0)),
            named("static", Some(1)),
            named("x", Some(9)),
        ];
        let names: Vec<_> = nodes(all, Level::Full).into_iter().map(|n| (n.role, n.name)).collect();
        let expected = [("panel", "name"), (PASSWORD, ""), ("static", ""), ("x", "")];
        assert_eq!(names, expected.map(|(r, n)| (r.to_owned(), n.to_owned())));
    }

    #[test]
    fn below_full_only_controls_have_names() {
        let inner = element(
            Element {
                node: named("push button", None),
                ancestors: vec![named("frame", None)],
                candidates: 1,
            },
            Level::Structure,
        );
        assert_eq!((inner.node.name.as_str(), inner.ancestors[0].name.as_str()), ("name", ""));
    }

    #[test]
    fn what_lies_around_a_password_field_keeps_its_name() {
        let inner = Element {
            node: named("static", None),
            ancestors: vec![named(PASSWORD, None), named("frame", None)],
            candidates: 1,
        };
        let inner = element(inner, Level::Full);
        let names = [&inner.node, &inner.ancestors[0], &inner.ancestors[1]].map(|n| n.name.as_str());
        assert_eq!(names, ["", "", "name"]);
    }
}

//! From objects in any order to nodes with parents before children.

use std::collections::HashMap;

use overt_event::{Node, Rect};

use crate::see::rect_from_extents;
use crate::spelling::{States, role_name};
use atspi::Role;

/// The nodes of a snapshot, and whether some are missing.
pub(super) struct Cutting {
    pub(super) nodes: Vec<Node>,
    pub(super) cut: bool,
}

/// One object of the walked tree.
pub(super) struct Twig {
    pub(super) role: Role,
    pub(super) states: States,
    pub(super) name: String,
    pub(super) bounds: Rect,
    /// Index of the parent among the twigs; always smaller than its own. `None` at the top.
    pub(super) parent: Option<usize>,
}

/// Whether a part of it can be seen in the window.
pub(super) fn is_visible(states: States, bounds: Rect, window: Rect) -> bool {
    states.on_screen() && bounds.intersect(window).is_some()
}

/// Keeps the visible twigs, in the order of a reader: each object before its children, children in
/// their parent's order. An invisible one's children hang on its nearest visible ancestor.
pub(super) fn nodes_from_twigs(twigs: Vec<Twig>, window: Rect, nodes_max: usize) -> Cutting {
    let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (i, twig) in twigs.iter().enumerate() {
        children.entry(twig.parent).or_default().push(i);
    }
    let mut nodes: Vec<Node> = Vec::new();
    let mut waiting: Vec<(usize, Option<u32>)> = Vec::new();
    let push = |waiting: &mut Vec<_>, of: Option<usize>, parent: Option<u32>| {
        let below = children.get(&of).into_iter().flatten().rev();
        waiting.extend(below.map(|i| (*i, parent)));
    };
    push(&mut waiting, None, None);
    let mut cut = false;
    while let Some((i, parent)) = waiting.pop() {
        let twig = &twigs[i];
        let mut here = parent;
        if is_visible(twig.states, twig.bounds, window) {
            if nodes.len() >= nodes_max {
                cut = true;
                break;
            }
            here = u32::try_from(nodes.len()).ok();
            nodes.push(node(twig, parent));
        }
        push(&mut waiting, Some(i), here);
    }
    Cutting { nodes, cut }
}

fn node(twig: &Twig, parent: Option<u32>) -> Node {
    let Rect { x, y, w, h } = twig.bounds;
    Node {
        role: role_name(twig.role).to_owned(),
        name: twig.name.clone(),
        states: twig.states.names(),
        bounds: rect_from_extents((x, y, w, h)),
        parent,
    }
}

#[cfg(test)]
mod tests {
    use atspi::State;

    use super::*;

    const WINDOW: Rect = Rect { x: 0, y: 0, w: 100, h: 100 };

    fn twig(name: &str, parent: Option<usize>, bounds: Rect) -> Twig {
        let states = States(State::Showing as u64 | State::Visible as u64);
        Twig { role: Role::Panel, states, name: name.to_owned(), bounds, parent }
    }

    fn check(twigs: Vec<Twig>, nodes_max: usize, expected: &[(&str, Option<u32>)], expected_cut: bool) {
        let cutting = nodes_from_twigs(twigs, WINDOW, nodes_max);
        let got: Vec<_> = cutting.nodes.iter().map(|n| (n.name.as_str(), n.parent)).collect();
        assert_eq!((got.as_slice(), cutting.cut), (expected, expected_cut));
    }

    #[test]
    fn parents_come_before_children_and_the_unseen_are_left_out() {
        let outside = Rect { x: 200, y: 0, w: 10, h: 10 };
        let twigs = || {
            vec![
                twig("frame", None, WINDOW),
                twig("left", Some(0), WINDOW),
                twig("hidden", Some(0), Rect::default()),
                twig("button", Some(1), WINDOW),
                twig("entry", Some(2), WINDOW),
                twig("far", Some(0), outside),
            ]
        };
        let whole = [("frame", None), ("left", Some(0)), ("button", Some(1)), ("entry", Some(0))];
        check(twigs(), 10, &whole, false);
        check(twigs(), 4, &whole, false);
        check(twigs(), 2, &whole[..2], true);
        check(Vec::new(), 2, &[], false);
    }
}

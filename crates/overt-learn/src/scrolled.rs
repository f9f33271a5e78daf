//! Scrolling by hand: a press in what holds others, after which all of these stand elsewhere.

use std::collections::HashMap;

use overt_event::Rect;

use crate::scene::Scene;

/// So many of what an element holds have to be seen again.
const SEEN_AGAIN_MIN: usize = 3;

/// Whether what lies in an element stands elsewhere in the next scene, all of it by the same distance. Only a person has to look
/// for what is out of sight: who acts is told of it, and turns the wheel where it wants to press.
pub(crate) fn is_scrolled(scene: &Scene, on: usize, next: &Scene) -> bool {
    let (before, after) = (places(scene), places(next));
    let inside =
        before.iter().filter(|(_, place)| place.is_some_and(|(i, _)| i != on && scene.is_within(i, on)));
    let moved = inside.filter_map(|(what, place)| {
        let (from, to) = ((*place)?.1, after.get(what).copied()??.1);
        Some((to.x - from.x, to.y - from.y))
    });
    let moved: Vec<(i32, i32)> = moved.collect();
    let first = moved.first().copied().unwrap_or_default();
    moved.len() >= SEEN_AGAIN_MIN && first != (0, 0) && moved.iter().all(|by| *by == first)
}

/// Where each element with a text stands, by its role and text; `None` where several have them.
fn places(scene: &Scene) -> HashMap<(&str, &str), Option<(usize, Rect)>> {
    let mut places = HashMap::new();
    for (i, node) in scene.nodes().iter().enumerate().filter(|(i, _)| !scene.text(*i).is_empty()) {
        let place = Some((i, node.bounds));
        places.entry((node.role.as_str(), scene.text(i))).and_modify(|p| *p = None).or_insert(place);
    }
    places
}

#[cfg(test)]
mod tests {
    use overt_event::Node;

    use super::*;

    /// A list with four texts in it, so far up, under a heading.
    fn list(up: i32, texts: [&str; 4]) -> Scene {
        let node = |name: &str, y, h, parent| Node {
            role: "section".into(),
            name: name.into(),
            bounds: Rect { x: 0, y, w: 100, h },
            parent,
            ..Node::default()
        };
        let texts = texts.iter().zip(0..).map(|(name, n)| node(name, 40 + n * 20 - up, 12, Some(2)));
        let around = [node("", 0, 100, None), node("Heading", 0, 12, Some(0)), node("", 30, 70, Some(0))];
        Scene::new(around.into_iter().chain(texts).collect())
    }

    const TEXTS: [&str; 4] = ["one", "two", "three", "four"];

    #[test]
    fn a_list_whose_texts_all_moved_as_far_is_scrolled() {
        let list_itself = 2;
        assert!(is_scrolled(&list(0, TEXTS), list_itself, &list(15, TEXTS)));
        assert!(is_scrolled(&list(0, TEXTS), list_itself, &list(15, ["one", "two", "three", "five"])));
        assert!(!is_scrolled(&list(0, TEXTS), list_itself, &list(0, TEXTS)), "nothing moved");
        assert!(!is_scrolled(&list(0, TEXTS), list_itself, &list(15, ["one", "two", "x", "y"])), "too few");
        assert!(!is_scrolled(&list(0, TEXTS), list_itself, &list(15, ["two", "one", "three", "four"])));
    }

    #[test]
    fn what_moved_outside_the_element_was_not_scrolled_by_it() {
        let (heading, all) = (1, 0);
        assert!(!is_scrolled(&list(0, TEXTS), heading, &list(15, TEXTS)));
        assert!(!is_scrolled(&list(0, TEXTS), all, &list(15, TEXTS)), "the heading stood still");
    }

    #[test]
    fn texts_that_several_have_tell_nothing() {
        assert!(!is_scrolled(&list(0, ["one"; 4]), 2, &list(15, ["one"; 4])));
    }
}

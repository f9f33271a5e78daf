//! Rule 3: what has the focus may be a part of a field.

use overt_event::Element;

/// A field of several parts, as the accessibility bus calls those of dates and of times.
const OF_PARTS: &str = "date editor";
const PART: &str = "spin button";
const FOCUSED: &str = "focused";

/// The field that a part with the focus belongs to, or what has the focus itself. Chromium's fields of dates and times have
/// a part for each number, and pass the focus on as soon as one is full (version 156, 2026-11-29): reports of that come after
/// the keys, so that no part is known to have got what was typed, while the field is.
pub(crate) fn whole(part: Element) -> Element {
    let at = part.ancestors.iter().position(|n| n.role == OF_PARTS).filter(|_| part.node.role == PART);
    let Some(at) = at else { return part };
    let mut ancestors = part.ancestors;
    let mut node = ancestors.drain(..=at).next_back().expect("it is among them");
    if !node.states.iter().any(|s| s == FOCUSED) {
        node.states.push(FOCUSED.to_owned());
    }
    Element { node, ancestors, candidates: 1 }
}

//! Rule 11: typing into a named field of a form fills it, and so does ticking one.

use overt_event::{MonoNanos, Node};

use crate::action::{Action, Intent, Typed};
use crate::draft::Draft;
use crate::stage::Stage;
use crate::step::{Step, Target};

/// So long after it was let go of a press or a key can still have ticked a box: told after 6 to 16 ms (Chromium 156, 2026-11-23).
const TICK_MILLIS: u64 = 300;

/// Roles of fields that hold a value. A document that is written in seldom has a name; where it has one, it is
/// a field by that name.
const FIELDS: [&str; 5] = ["entry", "text", "spin button", "combo box", "date editor"];

/// Says of a step of typing what it filled, after the step before it.
pub(crate) fn fill(step: &mut Step, previous: Option<&Step>) {
    let (Action::Type { text, .. }, Some(field)) = (&step.action, field_of(step)) else { return };
    let label = field.element.node.name.clone();
    let before = typed_before(field, previous);
    let goes_on = matches!(before, Earlier::Typed(_));
    let value = value(text, before);
    step.intents.push(Intent::FillsField { label, value });
    if let Some(previous) = previous.filter(|_| goes_on) {
        step.draw_on(&previous.segments);
    }
}

/// A press or a key ticked this control, or took its tick away. A press on its label does so, too, and of that look-ups know only
/// what is around it. Of radio buttons the one that is chosen counts.
pub(crate) fn tick(draft: &mut Draft, node: &Node, on: bool, t: MonoNanos, segment: u32) {
    let ticks = node.role == "check box" || (node.role == "radio button" && on);
    let acts = matches!(draft.action, Action::Click { .. } | Action::Key { .. });
    let by_it = acts && draft.start <= t && (draft.open || Stage::within(draft.end, t, TICK_MILLIS));
    if ticks && by_it && !node.name.is_empty() {
        let value = Some(if on { "checked" } else { "unchecked" }.to_owned());
        draft.note(Intent::FillsField { label: node.name.clone(), value }, [segment]);
    }
}

/// What the step before left in the same field: nothing when it was elsewhere.
enum Earlier<'a> {
    Nothing,
    Typed(&'a str),
    /// Keys edited it, or its characters were not kept.
    Unknown,
}

fn typed_before<'a>(field: &Target, previous: Option<&'a Step>) -> Earlier<'a> {
    let Some(previous) = previous.filter(|p| field_of(p).is_some_and(|f| is_same(f, field))) else {
        return Earlier::Nothing;
    };
    let filled = previous.intents.iter().find_map(|i| match i {
        Intent::FillsField { value, .. } => Some(value.as_deref()),
        _ => None,
    });
    match (filled, &previous.action) {
        (Some(Some(value)), _) => Earlier::Typed(value),
        (Some(None), _) | (None, Action::Key { .. }) => Earlier::Unknown,
        (None, _) => Earlier::Nothing,
    }
}

fn value(text: &Typed, before: Earlier<'_>) -> Option<String> {
    match (text, before) {
        (Typed::Text(text), Earlier::Nothing) => Some(text.clone()),
        (Typed::Text(text), Earlier::Typed(before)) => Some(format!("{before}{text}")),
        (Typed::Text(_), Earlier::Unknown) | (Typed::Shape { .. }, _) => None,
    }
}

fn field_of(step: &Step) -> Option<&Target> {
    let is_field = |t: &&Target| {
        let node = &t.element.node;
        FIELDS.contains(&node.role.as_str()) && !node.name.is_empty()
    };
    step.element.as_ref().filter(is_field)
}

fn is_same(a: &Target, b: &Target) -> bool {
    let identity = |t: &Target| (t.element.node.role.clone(), t.element.node.name.clone());
    identity(a) == identity(b) && a.element.node.bounds == b.element.node.bounds
}

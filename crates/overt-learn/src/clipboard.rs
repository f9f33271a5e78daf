//! Copying and pasting as typing (docs/spec/model.md, section 1): what went over the clipboard is not told, and who
//! can read it in the goal and types it needs not select it first.

use crate::deed::Manner;
use crate::demonstration::Shown;

const COPY: [&[&str]; 3] = [&["ctrl", "c"], &["super", "c"], &["ctrl", "Insert"]];
const PASTE: [&[&str]; 4] = [&["ctrl", "v"], &["super", "v"], &["ctrl", "shift", "v"], &["shift", "Insert"]];

/// The same where a paste into a field is typing of a text that is not known, and nothing was copied. What was copied out of a field
/// stands in no goal: there both stay what they are.
pub(crate) fn type_what_was_pasted(steps: Vec<Shown>) -> Vec<Shown> {
    let (mut told, mut from_field): (Vec<Shown>, bool) = (Vec::new(), false);
    for step in steps {
        let is_copy = is_one(&step, &COPY);
        if is_copy {
            from_field = step.scene.entry().is_some();
        }
        if is_copy && !from_field {
            unselect(&mut told);
        } else if is_one(&step, &PASTE) && !from_field && step.scene.entry().is_some() {
            told.push(Shown { manner: Manner::Type, text: None, ..step });
        } else {
            told.push(step);
        }
    }
    told
}

fn is_one(step: &Shown, chords: &[&[&str]]) -> bool {
    matches!(&step.manner, Manner::Key(keys) if chords.iter().any(|chord| keys == chord))
}

/// Takes back the presses on one element that selected what was copied.
fn unselect(told: &mut Vec<Shown>) {
    let on = told.last().filter(|s| s.manner.points()).map(|s| s.on);
    while on.is_some() && told.last().is_some_and(|s| s.manner.points() && Some(s.on) == on) {
        told.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Scene;
    use overt_event::{Node, Rect};

    /// A text and a field with the focus.
    fn step(manner: Manner, on: usize) -> Shown {
        let node = |role: &str, y, state: Option<&str>| Node {
            role: role.into(),
            states: state.into_iter().map(str::to_owned).collect(),
            bounds: Rect { x: 0, y, w: 50, h: 10 },
            ..Node::default()
        };
        let scene = Scene::new(vec![node("section", 0, None), node("entry", 20, Some("focused"))]);
        Shown { scene, manner, on: Some(on), text: None, at_millis: 0, seen_millis: 0 }
    }

    fn chord(keys: &[&str]) -> Manner {
        Manner::Key(keys.iter().map(|k| (*k).to_owned()).collect())
    }

    #[test]
    fn what_was_copied_and_pasted_was_typed() {
        let steps = vec![
            step(Manner::Click, 1),
            step(Manner::Click, 0),
            step(Manner::DoubleClick, 0),
            copy_of_text(),
            step(Manner::Click, 1),
            step(chord(&["ctrl", "v"]), 1),
            step(chord(&["ctrl", "b"]), 1),
        ];
        let told: Vec<_> = type_what_was_pasted(steps).into_iter().map(|s| (s.manner, s.on)).collect();
        let press = (Manner::Click, Some(1));
        let bold = (chord(&["ctrl", "b"]), Some(1));
        assert_eq!(told, [press.clone(), press, (Manner::Type, Some(1)), bold]);
    }

    /// Copied while no field has the focus.
    fn copy_of_text() -> Shown {
        let copy = step(chord(&["ctrl", "c"]), 0);
        Shown { scene: copy.scene.with_focus_on(0), ..copy }
    }

    #[test]
    fn what_was_copied_out_of_a_field_stays_copied_and_pasted() {
        let steps =
            vec![step(Manner::Click, 1), step(chord(&["ctrl", "c"]), 1), step(chord(&["ctrl", "v"]), 1)];
        let told: Vec<_> = type_what_was_pasted(steps.clone()).into_iter().map(|s| s.manner).collect();
        assert_eq!(told, steps.into_iter().map(|s| s.manner).collect::<Vec<_>>());
    }

    #[test]
    fn a_copy_without_a_press_before_it_takes_nothing_back() {
        let steps = vec![step(Manner::Type, 1), copy_of_text()];
        assert_eq!(type_what_was_pasted(steps).len(), 1);
    }
}

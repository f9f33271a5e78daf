//! Typing that no data set holds: of a password field only role and place are told, neither that it has the focus nor
//! any key (docs/spec/model.md, section 1).

use overt_event::Rect;

use crate::deed::Manner;
use crate::demonstration::Shown;
use crate::scene::Scene;

const SECRET: &str = "password text";

/// Tells that something was typed into password fields, and where the focus was meanwhile. What was typed stays
/// unknown.
pub(crate) fn tell_hidden_typing(steps: Vec<Shown>) -> Vec<Shown> {
    let mut telling = Telling::default();
    for mut step in steps {
        telling.before(&mut step);
        telling.told.push(step);
    }
    telling.told
}

#[derive(Default)]
struct Telling {
    told: Vec<Shown>,
    /// The fields that something was typed into.
    filled: Vec<Rect>,
}

impl Telling {
    fn before(&mut self, step: &mut Shown) {
        let target = pressed(step);
        let entered = self.told.last().and_then(pressed);
        let hidden = step.scene.focused().is_none();
        let first = match entered {
            Some(field) => place(&step.scene, field),
            None if hidden && !self.told.is_empty() => self.led_to(&step.scene),
            None => None,
        };
        let Some(first) = first else { return };
        if entered.is_none() {
            self.lead(step, first);
        }
        let mut focus = first;
        if entered.is_none() || target != entered {
            focus = self.fill(step, first, target.is_none());
        }
        if hidden {
            step.scene = step.scene.with_focus_on(focus);
        }
    }

    /// What had the focus when the last step was done, in a later scene.
    fn left(&self, scene: &Scene) -> Option<usize> {
        let last = self.told.last()?;
        let before = &last.scene.nodes()[last.scene.focused()?];
        scene.nodes().iter().position(|n| n.role == before.role && n.bounds == before.bounds)
    }

    /// The key that leads to a field is as hidden as what is typed into it, unless it is the last that was told: a press is put in
    /// its place.
    fn lead(&mut self, next: &Shown, field: usize) {
        let told = self.told.last().is_some_and(|last| matches!(last.manner, Manner::Key(_)));
        let filled = self.filled.contains(&next.scene.nodes()[field].bounds);
        if let Some(from) = self.left(&next.scene).filter(|from| !told && !filled && *from != field) {
            self.told.push(deed(next, Manner::Click, from, field));
        }
    }

    /// Where the focus went when it went out of sight: to the field of before, or the next one in order.
    fn led_to(&self, scene: &Scene) -> Option<usize> {
        let from = self.left(scene);
        let all = || fields(scene);
        all().find(|i| Some(*i) >= from).or_else(|| all().next())
    }

    /// Something was typed into this field and, where another kind of element comes next, into all that follow it:
    /// the key that leads from one to the other is hidden, too, and a press does the same. Gives the last one.
    fn fill(&mut self, next: &Shown, first: usize, all: bool) -> usize {
        let mut focus = first;
        for field in fields(&next.scene).filter(|i| *i == first || (all && *i > first)) {
            let bounds = next.scene.nodes()[field].bounds;
            if self.filled.contains(&bounds) {
                continue;
            }
            if field != first {
                self.told.push(deed(next, Manner::Click, focus, field));
            }
            self.told.push(deed(next, Manner::Type, field, field));
            self.filled.push(bounds);
            focus = field;
        }
        focus
    }
}

/// When the next step was done is all that is known of its time.
fn deed(next: &Shown, manner: Manner, focus: usize, on: usize) -> Shown {
    let Shown { at_millis, seen_millis, .. } = *next;
    let scene = next.scene.with_focus_on(focus);
    Shown { scene, manner, on: Some(on), text: None, at_millis, seen_millis }
}

fn fields(scene: &Scene) -> impl Iterator<Item = usize> {
    let nodes = scene.nodes();
    (0..nodes.len()).filter(|i| nodes[*i].role == SECRET)
}

fn place(scene: &Scene, field: Rect) -> Option<usize> {
    fields(scene).find(|i| scene.nodes()[*i].bounds == field)
}

/// The password field that a step presses.
fn pressed(step: &Shown) -> Option<Rect> {
    let node = step.on.filter(|_| step.manner.points()).map(|i| &step.scene.nodes()[i]);
    node.filter(|n| n.role == SECRET).map(|n| n.bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use overt_event::Node;

    /// A name's field, two password fields and a button; one of them may have the focus.
    fn scene(focus: Option<usize>) -> Scene {
        let roles = ["entry", SECRET, SECRET, "push button"];
        let node = |(i, role): (usize, &&str)| Node {
            role: (*role).into(),
            states: if focus == Some(i) { vec!["focused".into()] } else { Vec::new() },
            bounds: Rect { x: 0, y: 20 * i as i32, w: 50, h: 15 },
            ..Node::default()
        };
        Scene::new(roles.iter().enumerate().map(node).collect())
    }

    fn step(focus: Option<usize>, manner: Manner, on: usize) -> Shown {
        Shown { scene: scene(focus), manner, on: Some(on), text: None, at_millis: 0, seen_millis: 0 }
    }

    fn press(focus: Option<usize>, on: usize) -> Shown {
        step(focus, Manner::Click, on)
    }

    /// Steps as manner, place, and what has the focus.
    fn check(steps: Vec<Shown>, expected: &[(&str, usize, Option<usize>)]) {
        let told = tell_hidden_typing(steps);
        let word = |s: &Shown| match s.manner {
            Manner::Type => "type",
            Manner::Key(_) => "key",
            _ => "click",
        };
        let told: Vec<_> =
            told.iter().map(|s| (word(s), s.on.expect("a place"), s.scene.focused())).collect();
        assert_eq!(told, expected);
    }

    const ENTER: (&str, usize, Option<usize>) = ("click", 1, Some(0));

    #[test]
    fn a_password_field_that_was_pressed_was_typed_into_and_so_were_those_that_follow() {
        let rest = [("type", 1, Some(1)), ("click", 2, Some(1)), ("type", 2, Some(2)), ("click", 3, Some(2))];
        let all = [&[ENTER][..], &rest].concat();
        check(vec![press(Some(0), 1), press(None, 3)], &all);
        // One by one, and pressed again.
        check(vec![press(Some(0), 1), press(None, 2), press(None, 3)], &all);
        let again = [&[ENTER, ("click", 1, Some(1))][..], &rest].concat();
        check(vec![press(Some(0), 1), press(None, 1), press(None, 3)], &again);
    }

    #[test]
    fn a_focus_that_went_out_of_sight_went_to_a_password_field() {
        let typed = step(Some(0), Manner::Type, 0);
        let rest = [("type", 1, Some(1)), ("click", 2, Some(1)), ("type", 2, Some(2)), ("click", 3, Some(2))];
        let led = [&[("type", 0, Some(0)), ENTER][..], &rest].concat();
        check(vec![typed.clone(), press(None, 3)], &led);
        // What was typed once is not typed again.
        let twice = [&led[..], &[("click", 3, Some(2))]].concat();
        check(vec![typed.clone(), press(None, 3), press(None, 3)], &twice);
        // A key that was told led there itself.
        let tab = step(Some(0), Manner::Key(vec!["Tab".into()]), 0);
        let by_key = [&[("type", 0, Some(0)), ("key", 0, Some(0))][..], &rest].concat();
        check(vec![typed, tab, press(None, 3)], &by_key);
        // Nothing had it from the beginning.
        check(vec![press(None, 0), press(Some(0), 3)], &[("click", 0, None), ("click", 3, Some(0))]);
    }

    #[test]
    fn a_focus_that_is_told_is_elsewhere() {
        let told = [("click", 0, Some(3)), ("click", 3, Some(0))];
        check(vec![press(Some(3), 0), press(Some(0), 3)], &told);
    }
}

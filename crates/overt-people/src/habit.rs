//! What a person does of what they know to be right: the same by keys, or something beside it first.

use std::cell::RefCell;

use overt_learn::{Decision, Deed, Manner, Model, Moment, Policy, Rng, Scene};

use crate::person::Temper;

/// What Tab stops at.
const STOPS: [&str; 6] = ["entry", "password text", "push button", "check box", "combo box", "link"];
/// Somebody whose hands are on the keyboard goes on by Tab where it takes so many.
const TABS_MAX: usize = 2;
/// What is chosen may get a border, and be larger by so much.
const BORDERS_PX: i32 = 4;

/// Knows the task from a model, and works by a temper.
pub(crate) struct Habit<'a> {
    knows: &'a Model,
    quirks: RefCell<Quirks>,
}

/// What becomes of the right thing to do in somebody's hands.
struct Quirks {
    temper: Temper,
    rng: Rng,
    /// A task has one wrong choice at most, and this says whether it may still come.
    may_err: bool,
}

impl<'a> Habit<'a> {
    pub(crate) fn new(knows: &'a Model, temper: Temper, seed: u64) -> Self {
        Self { knows, quirks: RefCell::new(Quirks::of(temper, seed)) }
    }
}

impl Quirks {
    fn of(temper: Temper, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let may_err = rng.below(100) < u64::from(temper.wrong_choices);
        Self { temper, rng, may_err }
    }

    /// What is done instead, where it is not just the right thing by the pointer.
    fn instead(&mut self, moment: &Moment<'_>, right: &Deed) -> Option<Deed> {
        self.by_keys(moment, right).or_else(|| self.beside(moment, right))
    }

    /// What is right, reached by keys: Tab to it, and Return on a button.
    fn by_keys(&self, moment: &Moment<'_>, right: &Deed) -> Option<Deed> {
        let (target, focus) = (right.on?, moment.scene.focused()?);
        let by_keys = self.temper.prefers_keys && right.manner == Manner::Click;
        if !by_keys || moment.past.is_empty() || !is_stop(moment.scene, target) {
            return None;
        }
        if target == focus {
            let is_button = moment.scene.nodes()[target].role == "push button";
            return is_button.then(|| key("Return", focus));
        }
        let between = (focus + 1..target).filter(|i| is_stop(moment.scene, *i)).count();
        (focus < target && between < TABS_MAX).then(|| key("Tab", focus))
    }

    /// Another choice of a group of which only one counts, once: the right one takes it back.
    fn beside(&mut self, moment: &Moment<'_>, right: &Deed) -> Option<Deed> {
        let (scene, target) = (moment.scene, right.on?);
        let choice = |i: &usize| scene.nodes()[*i].role == "radio button" && *i != target;
        let others: Vec<usize> = (0..scene.nodes().len()).filter(choice).collect();
        if scene.nodes()[target].role != "radio button" || others.is_empty() || !self.may_err {
            return None;
        }
        self.may_err = false;
        let on = others[self.rng.below(others.len() as u64) as usize];
        Some(Deed { on: Some(on), ..right.clone() })
    }
}

impl Policy for Habit<'_> {
    fn looks_at_pictures(&self) -> bool {
        true
    }

    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        let seen_to_be_wrong = of_other_colours(moment);
        let by_eye = self.knows.decide(moment, &[barred, &seen_to_be_wrong].concat());
        let right = by_eye.or_else(|| self.knows.decide(moment, barred))?;
        let own = self.quirks.borrow_mut().instead(moment, &right.deed);
        let deed = own.filter(|deed| !barred.contains(deed));
        Some(deed.map_or(right.clone(), |deed| Decision { deed, ..right }))
    }
}

/// People know colours by their names: while something has a colour that the goal names, nothing else is pressed; what was pressed is
/// not pressed again; and then nothing that is about as large and of another colour.
fn of_other_colours(moment: &Moment<'_>) -> Vec<Deed> {
    let said = moment.of_colours_said();
    let is_open = said.iter().any(|i| !moment.was_acted_at(*i));
    let size = |i: usize| moment.scene.nodes()[i].bounds.w;
    let is_one_of_them = |i: usize| said.iter().any(|j| (size(*j) - size(i)).abs() <= BORDERS_PX);
    let is_right = |i: usize| said.contains(&i) && !moment.was_acted_at(i);
    let all = 0..moment.scene.nodes().len();
    let wrong = all.filter(|i| !is_right(*i) && (is_open || is_one_of_them(*i)));
    let press = |on| Deed { manner: Manner::Click, on: Some(on), text: None };
    if said.is_empty() { Vec::new() } else { wrong.map(press).collect() }
}

fn is_stop(scene: &Scene, i: usize) -> bool {
    STOPS.contains(&scene.nodes()[i].role.as_str())
}

fn key(name: &str, focus: usize) -> Deed {
    Deed { manner: Manner::Key(vec![name.to_owned()]), on: Some(focus), text: None }
}

#[cfg(test)]
mod tests {
    use overt_event::{Node, Rect};
    use overt_learn::{Goal, Past};

    use super::*;

    const TEMPER: Temper =
        Temper { pauses_percent: 100, typing_slips: 0, detours: 0, wrong_choices: 0, prefers_keys: false };

    /// Elements below each other, by role; one of them has the focus.
    fn scene(roles: &[&str], focused: usize) -> Scene {
        let node = |(i, role): (usize, &&str)| Node {
            role: (*role).to_owned(),
            name: format!("{i}"),
            states: if i == focused { vec!["focused".to_owned()] } else { Vec::new() },
            bounds: Rect { x: 0, y: 30 * i as i32, w: 80, h: 20 },
            ..Node::default()
        };
        Scene::new(roles.iter().enumerate().map(node).collect())
    }

    fn press(on: usize) -> Deed {
        Deed { manner: Manner::Click, on: Some(on), text: None }
    }

    /// What is done instead of a press, after something was done already.
    fn instead(quirks: &mut Quirks, scene: &Scene, on: usize) -> Option<Deed> {
        let (goal, past) = (Goal::new("Do it"), [Past::new(Manner::Type, None, None)]);
        quirks.instead(&Moment::new(&goal, scene, &past, None), &press(on))
    }

    #[test]
    fn who_prefers_keys_goes_on_by_tab_and_presses_a_button_by_return() {
        let mut quirks = Quirks::of(Temper { prefers_keys: true, ..TEMPER }, 1);
        let form = ["entry", "section", "check box", "push button", "push button", "push button"];
        let manner = |focus, on, quirks: &mut Quirks| {
            instead(quirks, &scene(&form, focus), on).map(|deed| deed.manner)
        };
        let named = |name: &str| Some(Manner::Key(vec![name.to_owned()]));
        assert_eq!(manner(0, 2, &mut quirks), named("Tab"));
        assert_eq!(manner(3, 3, &mut quirks), named("Return"));
        assert_eq!(manner(2, 2, &mut quirks), None, "Return does not tick a box");
        assert_eq!(manner(3, 0, &mut quirks), None, "it lies behind");
        assert_eq!(manner(0, 1, &mut quirks), None, "Tab does not stop there");
        assert_eq!(manner(0, 5, &mut quirks), None, "that is far");
        assert_eq!(manner(0, 2, &mut Quirks::of(TEMPER, 1)), None, "others point");
        let (goal, scene) = (Goal::new("Do it"), scene(&form, 0));
        let first = quirks.instead(&Moment::new(&goal, &scene, &[], None), &press(2));
        assert_eq!(first, None, "at first the hand is at the mouse");
    }

    #[test]
    fn who_errs_chooses_another_one_of_the_group_once() {
        let group = scene(&["radio button", "radio button", "push button"], 2);
        let mut errs = Quirks::of(Temper { wrong_choices: 100, ..TEMPER }, 1);
        assert_eq!(instead(&mut errs, &group, 2), None, "a button is not taken back");
        assert_eq!(instead(&mut errs, &group, 1), Some(press(0)));
        assert_eq!(instead(&mut errs, &group, 1), None, "the right one takes it back");
        assert_eq!(instead(&mut Quirks::of(TEMPER, 1), &group, 1), None);
    }
}

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
    temper: Temper,
    state: RefCell<State>,
}

struct State {
    rng: Rng,
    /// A task has one wrong choice at most, and this says whether it may still come.
    may_err: bool,
}

impl<'a> Habit<'a> {
    pub(crate) fn new(knows: &'a Model, temper: Temper, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let may_err = rng.below(100) < u64::from(temper.wrong_choices);
        Self { knows, temper, state: RefCell::new(State { rng, may_err }) }
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
    fn beside(&self, moment: &Moment<'_>, right: &Deed) -> Option<Deed> {
        let (scene, target) = (moment.scene, right.on?);
        let state = &mut *self.state.borrow_mut();
        let choice = |i: &usize| scene.nodes()[*i].role == "radio button" && *i != target;
        let others: Vec<usize> = (0..scene.nodes().len()).filter(choice).collect();
        if scene.nodes()[target].role != "radio button" || others.is_empty() || !state.may_err {
            return None;
        }
        state.may_err = false;
        let on = others[state.rng.below(others.len() as u64) as usize];
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
        let own = self.by_keys(moment, &right.deed).or_else(|| self.beside(moment, &right.deed));
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

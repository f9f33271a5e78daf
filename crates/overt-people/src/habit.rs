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
    /// What is said on a wrong box that was ticked last.
    ticked: Option<String>,
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
        Self { temper, rng, may_err, ticked: None }
    }

    /// What is done instead, where it is not just the right thing by the pointer.
    fn instead(&mut self, moment: &Moment<'_>, right: &Deed) -> Option<Deed> {
        let back = self.take_back(moment);
        back.or_else(|| self.by_keys(moment, right)).or_else(|| self.beside(moment, right))
    }

    /// A wrong box stays ticked until it is pressed again, which is done at once.
    fn take_back(&mut self, moment: &Moment<'_>) -> Option<Deed> {
        let (wrong, scene) = (self.ticked.take()?, moment.scene);
        (0..scene.nodes().len()).find(|i| is_box(scene, *i, true) && said_on(scene, *i) == wrong).map(press)
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

    /// Another choice, once. Of a group of which only one counts, the right one takes it back; a box is none that the goal names.
    fn beside(&mut self, moment: &Moment<'_>, right: &Deed) -> Option<Deed> {
        let (scene, target) = (moment.scene, right.on.filter(|_| self.may_err)?);
        let others = if box_of(scene, target).is_some() {
            wrong_boxes(moment, target)
        } else {
            others_of_group(scene, target)
        };
        if others.is_empty() {
            return None;
        }
        self.may_err = false;
        let on = others[self.rng.below(others.len() as u64) as usize];
        self.ticked = is_box(scene, on, false).then(|| said_on(scene, on).to_owned());
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
    if said.is_empty() { Vec::new() } else { wrong.map(press).collect() }
}

fn others_of_group(scene: &Scene, target: usize) -> Vec<usize> {
    let is_one = |i: usize| scene.nodes()[i].role == "radio button";
    (0..scene.nodes().len()).filter(|i| is_one(target) && is_one(*i) && *i != target).collect()
}

/// Boxes that are not ticked and that the goal does not name.
fn wrong_boxes(moment: &Moment<'_>, target: usize) -> Vec<usize> {
    let scene = moment.scene;
    let is_unsaid =
        |i: usize| !said_on(scene, i).is_empty() && !moment.goal.text().contains(said_on(scene, i));
    let is_wrong = |i: &usize| is_box(scene, *i, false) && is_unsaid(*i) && box_of(scene, target) != Some(*i);
    (0..scene.nodes().len()).filter(is_wrong).collect()
}

/// The box that a press ticks: itself, or that of the label.
fn box_of(scene: &Scene, target: usize) -> Option<usize> {
    let label = label_of(scene, target);
    let is_its = |i: &usize| *i == target || (label.is_some() && label_of(scene, *i) == label);
    (0..scene.nodes().len()).find(|i| scene.nodes()[*i].role == "check box" && is_its(i))
}

/// A box may be nameless, and what is said of it stand beside it.
fn said_on(scene: &Scene, i: usize) -> &str {
    match label_of(scene, i) {
        Some(label) if scene.text(i).is_empty() => scene.text(label),
        _ => scene.text(i),
    }
}

/// The label itself, or what an element lies in.
fn label_of(scene: &Scene, i: usize) -> Option<usize> {
    let is_label = |i: &usize| scene.nodes()[*i].role == "label";
    Some(i).filter(is_label).or_else(|| scene.nodes()[i].parent.map(|p| p as usize).filter(is_label))
}

fn is_box(scene: &Scene, i: usize, ticked: bool) -> bool {
    let node = &scene.nodes()[i];
    node.role == "check box" && node.states.iter().any(|state| state == "checked") == ticked
}

fn press(on: usize) -> Deed {
    Deed { manner: Manner::Click, on: Some(on), text: None }
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

    /// Labels by name, each with a nameless box in it, of which these are ticked. The boxes have uneven numbers.
    fn boxes(names: &[&str], ticked: &[usize]) -> Scene {
        let node = |(i, name): (usize, &&str)| {
            let label = Node { role: "label".to_owned(), name: (*name).to_owned(), ..Node::default() };
            let states = if ticked.contains(&(2 * i + 1)) { vec!["checked".to_owned()] } else { Vec::new() };
            let parent = Some(2 * i as u32);
            [label, Node { role: "check box".to_owned(), states, parent, ..Node::default() }]
        };
        Scene::new(names.iter().enumerate().flat_map(node).collect())
    }

    #[test]
    fn a_wrong_box_is_ticked_once_and_taken_back_before_anything_else() {
        let goal = Goal::new("Select apple, cherry and click Submit.");
        let errs = || Quirks::of(Temper { wrong_choices: 100, ..TEMPER }, 1);
        let names = ["apple", "pear", "cherry"];
        let (none, wrong) = (boxes(&names, &[]), boxes(&names, &[3]));
        let instead = |quirks: &mut Quirks, scene: &Scene, on: usize| {
            quirks.instead(&Moment::new(&goal, scene, &[], None), &press(on))
        };
        for right in [0, 1] {
            let mut quirks = errs();
            assert_eq!(instead(&mut quirks, &none, right), Some(press(3)), "the only one that is not said");
            assert_eq!(instead(&mut quirks, &wrong, right), Some(press(3)), "it is taken back");
            assert_eq!(instead(&mut quirks, &none, right), None, "and that was it");
        }
        let mut quirks = errs();
        instead(&mut quirks, &none, 0);
        assert_eq!(instead(&mut quirks, &none, 0), None, "it was not ticked after all");
        assert_eq!(instead(&mut errs(), &wrong, 0), None, "who finds it ticked did not tick it");
        assert_eq!(instead(&mut errs(), &none, 3), None, "it is the right one, whatever the goal says");
        assert_eq!(
            instead(&mut errs(), &boxes(&["apple", "cherry", ""], &[]), 0),
            None,
            "there is no wrong one"
        );
    }
}

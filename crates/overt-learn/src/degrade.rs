//! What must make a data set worse: the same demonstrations with something wrong or missing.

use overt_event::Rect;
use serde::{Deserialize, Serialize};

use crate::deed::Manner;
use crate::demonstration::{Demonstration, Shown};
use crate::rng::Rng;
use crate::scene::Scene;

/// One thing that is wrong or missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Degrade {
    /// Nothing.
    None,
    /// What is learned with a step is what was there after it.
    AfterAction,
    /// Every event came 300 ms late, against what was seen.
    #[serde(rename = "late_300_millis")]
    Late300Millis,
    /// One event of input in five is not there: a press or a release, and with it the click; a key, and with it a character.
    DropFifth,
    /// Elements have places, and neither role, name nor state.
    NoAccessibility,
    /// The pointer's rests are not there.
    NoHover,
    /// Demonstrations that failed are learned from as well.
    KeepFailed,
}

/// All of them, the whole data first.
pub const DEGRADES: [Degrade; 7] = [
    Degrade::None,
    Degrade::AfterAction,
    Degrade::Late300Millis,
    Degrade::DropFifth,
    Degrade::NoAccessibility,
    Degrade::NoHover,
    Degrade::KeepFailed,
];

const LATE_MILLIS: i64 = 300;

impl Degrade {
    /// The word for it on the command line and in results.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::AfterAction => "after_action",
            Self::Late300Millis => "late_300_millis",
            Self::DropFifth => "drop_fifth",
            Self::NoAccessibility => "no_accessibility",
            Self::NoHover => "no_hover",
            Self::KeepFailed => "keep_failed",
        }
    }

    /// Whether acting has to do without it as well.
    pub fn blinds(self) -> bool {
        self == Self::NoAccessibility
    }

    /// What is wrong in acting, too: what was learned without is asked without.
    pub(crate) fn in_acting(self) -> Self {
        if self.blinds() { self } else { Self::None }
    }

    /// Whether the demonstrations that were drawn have what it takes away, or what it puts in, so that it should harm. `None` where nothing
    /// is wrong.
    pub fn should_harm(self, drawn: &[&Demonstration]) -> Option<bool> {
        match self {
            Self::None => None,
            Self::NoHover => Some(drawn.iter().any(|d| d.steps.iter().any(|s| s.manner == Manner::Hover))),
            Self::KeepFailed => Some(drawn.iter().any(|d| d.succeeded == Some(false))),
            _ => Some(self.always_harms()),
        }
    }

    /// Whether any data has what it takes away.
    pub(crate) fn always_harms(self) -> bool {
        matches!(self, Self::AfterAction | Self::Late300Millis | Self::DropFifth | Self::NoAccessibility)
    }

    /// Why it need not harm, where it need not.
    pub(crate) fn spares(self) -> &'static str {
        match self {
            Self::NoHover => "what half of the models or more learned from holds no rests of the pointer",
            Self::KeepFailed => {
                "what half of the models or more learned from holds no demonstration that failed"
            }
            _ => "the data stays as it is",
        }
    }

    /// The demonstrations with this wrong. Steps that would act on what is not there are gone.
    pub fn apply(self, mut all: Vec<Demonstration>, rng: &mut Rng) -> Vec<Demonstration> {
        if self != Self::KeepFailed {
            all.retain(|d| d.succeeded != Some(false));
        }
        for one in &mut all {
            match self {
                Self::None | Self::KeepFailed => {}
                Self::AfterAction => one.steps = later(one, |_, _| true),
                Self::Late300Millis => one.steps = later(one, |own, next| next - own <= LATE_MILLIS),
                Self::DropFifth => one.steps = one.steps.drain(..).filter_map(|s| of_fewer(s, rng)).collect(),
                Self::NoAccessibility => blind_all(one),
                Self::NoHover => one.steps.retain(|s| s.manner != Manner::Hover),
            }
        }
        all.retain(|d| !d.steps.is_empty());
        all
    }
}

/// Each step with the scene of the one after it, where that scene was seen soon enough after the step.
fn later(one: &Demonstration, soon: impl Fn(i64, i64) -> bool) -> Vec<Shown> {
    let after = |i: usize| match one.steps.get(i + 1) {
        Some(next) => Some((&next.scene, next.seen_millis)),
        None => one.last.as_ref().map(|last| (last, one.steps[i].at_millis)),
    };
    let moved = |(i, step): (usize, &Shown)| match after(i) {
        Some((scene, seen)) if soon(step.at_millis, seen) => elsewhere(step, scene),
        _ => Some(step.clone()),
    };
    one.steps.iter().enumerate().filter_map(moved).collect()
}

/// What is left of a step when each of its events was dropped with a chance of one in five.
fn of_fewer(mut step: Shown, rng: &mut Rng) -> Option<Shown> {
    let mut heard = || rng.below(5) != 0;
    let mut clicks = |of: usize| (0..of).filter(|_| heard() & heard()).count();
    let clicked = match step.manner {
        Manner::Click | Manner::RightClick => clicks(1),
        Manner::DoubleClick => clicks(2),
        Manner::TripleClick => clicks(3),
        Manner::Hover => return Some(step),
        Manner::Key(ref keys) => return keys.iter().all(|_| heard()).then_some(step),
        Manner::Type => {
            let Some(text) = step.text.take() else { return heard().then_some(step) };
            step.text = Some(text.chars().filter(|_| heard()).collect()).filter(|t: &String| !t.is_empty());
            return step.text.is_some().then_some(step);
        }
    };
    step.manner = match (clicked, step.manner) {
        (0, _) => return None,
        (1, Manner::DoubleClick | Manner::TripleClick) => Manner::Click,
        (2, _) => Manner::DoubleClick,
        (_, manner) => manner,
    };
    Some(step)
}

/// The same deed in another scene: on the same element, or on what stands in its place.
fn elsewhere(step: &Shown, scene: &Scene) -> Option<Shown> {
    let on = match step.on {
        Some(i) if step.manner.points() => {
            let node = &step.scene.nodes()[i];
            let middle = overt_event::Point {
                x: node.bounds.x + node.bounds.w / 2,
                y: node.bounds.y + node.bounds.h / 2,
            };
            Some(scene.find(&node.role, &node.name, node.bounds).or_else(|| scene.at(middle))?)
        }
        _ => scene.focused(),
    };
    Some(Shown { scene: scene.clone(), on, ..step.clone() })
}

/// What was there when it ended is seen no more than what was there before.
fn blind_all(one: &mut Demonstration) {
    let scenes = one.steps.iter_mut().map(|s| &mut s.scene).chain(&mut one.last);
    scenes.for_each(|scene| *scene = blind(scene));
}

/// A scene of places only, and of what is seen there.
pub(crate) fn blind(scene: &Scene) -> Scene {
    let strip = |n: &overt_event::Node| overt_event::Node {
        role: "section".to_owned(),
        name: String::new(),
        states: Vec::new(),
        bounds: Rect { ..n.bounds },
        parent: n.parent,
    };
    let appearances = (0..scene.nodes().len()).map(|i| scene.appearance(i).cloned()).collect();
    Scene::new(scene.nodes().iter().map(strip).collect()).with_appearances(appearances)
}

#[cfg(test)]
mod tests {
    use super::*;
    use overt_event::Node;

    fn scene(name: &str) -> Scene {
        let bounds = Rect { x: 0, y: 0, w: 10, h: 10 };
        Scene::new(vec![Node {
            role: "link".into(),
            name: name.into(),
            states: Vec::new(),
            bounds,
            parent: None,
        }])
    }

    fn shown(name: &str, at_millis: i64) -> Shown {
        let (manner, on) = (Manner::Click, Some(0));
        Shown { scene: scene(name), manner, on, text: None, at_millis, seen_millis: at_millis - 50 }
    }

    fn demonstration(succeeded: bool) -> Demonstration {
        let steps = vec![shown("a", 1_000), shown("b", 1_200), shown("c", 9_000)];
        let (goal, split) = ("g".to_owned(), "train".to_owned());
        let (succeeded, last) = (Some(succeeded), Some(scene("z")));
        Demonstration { goal, split, succeeded, steps, last, ..Demonstration::default() }
    }

    #[test]
    fn it_should_harm_where_the_data_has_what_it_is_about() {
        let told = |degrade: Degrade, one: &Demonstration| degrade.should_harm(&[one]);
        let whole = demonstration(true);
        let mut rested = whole.clone();
        rested.steps[0].manner = Manner::Hover;
        assert_eq!([&whole, &rested].map(|one| told(Degrade::NoHover, one)), [Some(false), Some(true)]);
        let failed = demonstration(false);
        assert_eq!([&whole, &failed].map(|one| told(Degrade::KeepFailed, one)), [Some(false), Some(true)]);
        assert_eq!((told(Degrade::AfterAction, &whole), told(Degrade::None, &whole)), (Some(true), None));
    }

    fn names(degrade: Degrade) -> Vec<String> {
        let all = degrade.apply(vec![demonstration(true), demonstration(false)], &mut Rng::new(1));
        all.iter().flat_map(|d| &d.steps).map(|s| s.scene.text(0).to_owned()).collect()
    }

    #[test]
    fn each_takes_away_what_it_says() {
        assert_eq!(names(Degrade::None), ["a", "b", "c"]);
        assert_eq!(names(Degrade::AfterAction), ["b", "c", "z"]);
        // Only the first step is followed within 300 ms; what followed the last one was seen at once.
        assert_eq!(names(Degrade::Late300Millis), ["b", "b", "z"]);
        assert_eq!(names(Degrade::NoAccessibility), ["", "", ""]);
        let last = |degrade: Degrade| {
            let left = degrade.apply(vec![demonstration(true)], &mut Rng::new(1));
            left[0].last.as_ref().map(|scene| scene.text(0).to_owned())
        };
        assert_eq!(
            [Degrade::None, Degrade::NoAccessibility].map(last),
            ["z", ""].map(|s| Some(s.to_owned()))
        );
        assert_eq!(names(Degrade::KeepFailed).len(), 6);
        // Of three clicks each needs two events.
        assert_eq!(names(Degrade::DropFifth), ["c"]);
    }

    #[test]
    fn without_rests_nothing_else_is_missing() {
        let mut rested = demonstration(true);
        rested.steps[1].manner = Manner::Hover;
        let only_rested = Demonstration { steps: vec![rested.steps[1].clone()], ..rested.clone() };
        let left = Degrade::NoHover.apply(vec![rested, only_rested], &mut Rng::new(1));
        let names: Vec<_> = left.iter().flat_map(|d| &d.steps).map(|s| s.scene.text(0)).collect();
        assert_eq!((left.len(), names), (1, vec!["a", "c"]));
    }

    #[test]
    fn a_click_is_of_two_events_a_double_click_of_four_and_a_text_of_its_characters() {
        let mut rng = Rng::new(7);
        let mut left = |manner: Manner, text: Option<&str>| -> Vec<Shown> {
            let step = Shown { manner, text: text.map(str::to_owned), ..shown("a", 0) };
            (0..1_000).filter_map(|_| of_fewer(step.clone(), &mut rng)).collect()
        };
        let near = |n: usize, expected: usize| n.abs_diff(expected) < 50;
        assert!(near(left(Manner::Click, None).len(), 640));
        let doubles = left(Manner::DoubleClick, None);
        let whole = doubles.iter().filter(|s| s.manner == Manner::DoubleClick).count();
        assert!(near(whole, 410) && near(doubles.len(), 870));
        assert!(near(left(Manner::Key(vec!["ctrl".into(), "s".into()]), None).len(), 640));
        assert_eq!(left(Manner::Hover, None).len(), 1_000);
        let texts = left(Manner::Type, Some("abc"));
        let whole = texts.iter().filter(|s| s.text.as_deref() == Some("abc")).count();
        assert!(near(whole, 512) && near(texts.len(), 992));
    }
}

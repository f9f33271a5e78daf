//! One moment of an episode: the goal, what can be seen, what was done; and what follows from them for each
//! element.

use crate::deed::{Deed, Manner, Past};
use crate::goal::{Goal, low_words};
use crate::scene::Scene;
use crate::visible;
use crate::vocabulary::Vocabulary;

/// Where an element's words stand in the goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Match {
    /// The first word.
    pub(crate) at: usize,
    pub(crate) words: usize,
    pub(crate) quoted: bool,
    /// It is told with the same letters, small or not.
    pub(crate) exact: bool,
}

/// Everything that a choice is made from.
pub struct Moment<'a> {
    pub goal: &'a Goal,
    pub scene: &'a Scene,
    /// What was done so far, oldest first.
    pub past: &'a [Past],
    pub(crate) matches: Vec<Option<Match>>,
    /// How often each was acted on.
    pub(crate) acted: Vec<u32>,
    pub(crate) appeared: Vec<bool>,
    /// Phrases of the goal that no element is called.
    pub(crate) phrases_unseen: usize,
}

impl<'a> Moment<'a> {
    /// `before` is the scene before this one, where there was one.
    pub fn new(goal: &'a Goal, scene: &'a Scene, past: &'a [Past], before: Option<&Scene>) -> Self {
        let all = 0..scene.nodes().len();
        let matches = all.clone().map(|i| match_of(goal, scene, i)).collect();
        let acted = all.clone().map(|i| times_acted(scene, past, i)).collect();
        let appeared = all.map(|i| before.is_some_and(|b| !was_there(b, scene, i))).collect();
        let called = |phrase: &str| {
            let words = low_words(phrase);
            (0..scene.nodes().len()).any(|i| !words.is_empty() && scene.words(i) == words)
        };
        let phrases_unseen = goal.phrases().filter(|p| !called(p)).count();
        Self { goal, scene, past, matches, acted, appeared, phrases_unseen }
    }

    /// Everything that could be done, texts not yet chosen. Order: by manner, then as drawn.
    pub fn choices(&self, known: &Vocabulary) -> Vec<Deed> {
        let mut choices = Vec::new();
        for manner in &known.manners {
            let deed = |on| Deed { manner: manner.clone(), on, text: None };
            match manner {
                Manner::Type => choices.extend(self.scene.entry().map(|i| deed(Some(i)))),
                Manner::Key(_) => choices.push(deed(self.scene.focused())),
                _ => choices.extend(self.elements().map(|i| deed(Some(i)))),
            }
        }
        choices
    }

    fn elements(&self) -> impl Iterator<Item = usize> {
        (0..self.scene.nodes().len()).filter(|i| self.scene.is_candidate(*i))
    }

    /// The elements whose words the goal says, where none that is called so was acted on or is ticked.
    pub(crate) fn awaited(&self) -> impl Iterator<Item = (usize, Match)> {
        self.elements().filter_map(|i| Some((i, self.matches[i]?))).filter(|(i, _)| self.is_open(*i))
    }

    /// A tick and its label are called alike: what is done to one is done to both.
    fn is_open(&self, i: usize) -> bool {
        let text = self.scene.text(i);
        let met =
            |j: usize| self.scene.text(j) == text && (self.acted[j] > 0 || self.scene.has(j, "checked"));
        !(0..self.scene.nodes().len()).any(met)
    }

    /// Whether something was done where an element stands: what is pressed may get a border.
    pub fn was_acted_at(&self, i: usize) -> bool {
        self.past.iter().any(|p| p.was_at(&self.scene.nodes()[i]))
    }

    /// The elements that have a colour which the goal names: just that one, or where none has, a shade of it. None without a picture.
    pub fn of_colours_said(&self) -> Vec<usize> {
        visible::of_colours_said(self)
    }

    /// How many texts were typed so far.
    pub(crate) fn typed(&self) -> usize {
        self.past.iter().filter(|p| p.manner == Manner::Type).count()
    }
}

fn match_of(goal: &Goal, scene: &Scene, i: usize) -> Option<Match> {
    let words = scene.words(i);
    let at = goal.find(words)?;
    let text = scene.text(i).trim();
    // Between quotation marks the signs count: `amet.` is another link than `amet`.
    let phrase = |p: &&str| low_words(p) == words;
    if goal.phrases().any(|p| phrase(&p)) && !goal.phrases().any(|p| p.trim().eq_ignore_ascii_case(text)) {
        return None;
    }
    let said = goal.between(at, at + words.len() - 1);
    let quoted = goal.words()[at].quoted;
    let exact = said == text || goal.phrases().any(|p| p == text);
    Some(Match { at, words: words.len(), quoted, exact })
}

fn times_acted(scene: &Scene, past: &[Past], i: usize) -> u32 {
    let node = &scene.nodes()[i];
    past.iter().filter(|p| p.was_on(node, scene.text(i))).count() as u32
}

/// Whether one of this role and name, and where there is none of this place, was in a scene.
fn was_there(before: &Scene, scene: &Scene, i: usize) -> bool {
    let (node, text) = (&scene.nodes()[i], scene.text(i));
    let same = |j: usize| {
        let other = &before.nodes()[j];
        other.role == node.role && before.text(j) == text && (!text.is_empty() || other.bounds == node.bounds)
    };
    (0..before.nodes().len()).any(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use overt_event::{Node, Rect};

    fn check(goal: &str, name: &str, matches: bool, exact: bool) {
        let bounds = Rect { x: 0, y: 0, w: 9, h: 9 };
        let node = Node { role: "link".into(), name: name.into(), bounds, ..Node::default() };
        let (goal, scene) = (Goal::new(goal), Scene::new(vec![node]));
        let found = Moment::new(&goal, &scene, &[], None).matches[0];
        assert_eq!((found.is_some(), found.is_some_and(|m| m.exact)), (matches, exact), "{name}");
    }

    #[test]
    fn an_element_matches_what_the_goal_says_and_signs_count_between_quotation_marks() {
        check("Select ab, cd and click Submit.", "cd", true, true);
        check("Select ab, cd and click Submit.", "ab cd", true, false);
        check("Select ab, cd and click Submit.", "submit", true, false);
        check("Select ab, cd and click Submit.", "ef", false, false);
        check("Click on \"amet.\".", "amet.", true, true);
        check("Click on \"amet.\".", "Amet.", true, false);
        check("Click on \"amet.\".", "amet", false, false);
    }
}

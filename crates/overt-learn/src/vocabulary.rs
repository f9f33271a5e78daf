//! The words that a model knows by number: those that were frequent in what it learned from.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::appearance::{Appearance, is_like};
use crate::association::{Associations, Told};
use crate::deed::Manner;
use crate::demonstration::Demonstration;
use crate::goal::Goal;
use crate::span;

/// Names of elements that are known one by one, at most.
const TEXTS_MAX: usize = 30;
/// Presses whose appearances are compared, at most: each is compared with all that were seen before.
const LOOKED_AT_MAX: usize = 4_000;
/// A name is known from so many presses on, and an appearance.
const TEXT_PRESSES_MIN: usize = 3;
/// Words of goals that are known one by one, at most.
const WORDS_MAX: usize = 40;
/// A word tells one kind of goal from another when so many goals say it. What fewer say would let each demonstration be learned by heart.
const KIND_GOALS_MIN: usize = 5;
/// A manner is tried in acting when it is more than one in so many steps.
const MANNER_SHARE: usize = 50;

/// What has a number. A number is a place in its list plus 1, and 0 what is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// Most frequent first, as all of these.
    pub manners: Vec<Manner>,
    pub roles: Vec<String>,
    /// What pressed elements are called.
    pub texts: Vec<String>,
    /// In small letters.
    pub goal_words: Vec<String>,
    /// Words that tell kinds of goals apart: several goals say them, and not all.
    pub kinds: Vec<String>,
    /// Words of goals with the roles (after `=`) and the words of what was pressed.
    #[serde(default)]
    pub(crate) pressed: Associations,
    /// Words of goals beside what was typed (before it `<`, after it `>`) with the words of the field's name.
    #[serde(default)]
    pub(crate) fields: Associations,
    /// Thumbnails of pressed elements, of a probe that looks at them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appearances: Vec<Vec<u8>>,
}

impl Vocabulary {
    /// Counts what was shown.
    pub fn of(all: &[Demonstration]) -> Self {
        let steps = || all.iter().flat_map(|d| &d.steps);
        let total = steps().count();
        let mut manners = ranked(steps().map(|s| s.manner.clone()), 1 + total / MANNER_SHARE, usize::MAX);
        manners.retain(|m| *m != Manner::Click);
        manners.insert(0, Manner::Click);
        let roles = steps().flat_map(|s| s.scene.nodes()).map(|n| n.role.clone());
        let pressed = steps().filter(|s| s.manner.points());
        let texts = pressed.filter_map(|s| Some(s.scene.text(s.on?).to_owned())).filter(|t| !t.is_empty());
        let words: Vec<String> = all.iter().flat_map(|d| said(&d.goal)).collect();
        let mut kinds = ranked(words.iter().cloned(), KIND_GOALS_MIN, WORDS_MAX);
        kinds.retain(|kind| words.iter().filter(|w| *w == kind).count() < all.len());
        Self {
            manners,
            roles: ranked(roles, 1, usize::MAX),
            texts: ranked(texts, TEXT_PRESSES_MIN, TEXTS_MAX),
            // What nearly every goal says is how the task is told, and what few say is what it is about.
            goal_words: ranked(words.into_iter(), 1 + all.len() / 10, WORDS_MAX),
            kinds,
            pressed: Associations::of(&all.iter().map(told_of_presses).collect::<Vec<_>>()),
            fields: Associations::of(&all.iter().flat_map(told_of_fields).collect::<Vec<_>>()),
            appearances: Vec::new(),
        }
    }

    /// What is known but for what one of the demonstrations tells of words and things: what is learned from it may not know that.
    pub(crate) fn without(&self, one: &Demonstration) -> Self {
        let pressed = self.pressed.without(&[told_of_presses(one)]);
        let fields = self.fields.without(&told_of_fields(one));
        Self { pressed, fields, ..self.clone() }
    }

    /// Counts what pressed elements look like.
    pub(crate) fn look_at(&mut self, all: &[Demonstration]) {
        let pressed = all.iter().flat_map(|d| &d.steps).filter(|s| s.manner.points());
        let appearances = pressed.filter_map(|s| s.scene.appearance(s.on?)).take(LOOKED_AT_MAX);
        let mut known: Vec<(&[u8], usize)> = Vec::new();
        for one in appearances {
            match known.iter_mut().find(|(thumbnail, _)| is_like(thumbnail, &one.thumbnail)) {
                Some((_, presses)) => *presses += 1,
                None => known.push((&one.thumbnail, 1)),
            }
        }
        known.retain(|(_, presses)| *presses >= TEXT_PRESSES_MIN);
        known.sort_by_key(|(_, presses)| Reverse(*presses));
        self.appearances =
            known.into_iter().take(TEXTS_MAX).map(|(thumbnail, _)| thumbnail.to_vec()).collect();
    }

    pub(crate) fn appearance(&self, appearance: &Appearance) -> f32 {
        self.appearances
            .iter()
            .position(|k| is_like(k, &appearance.thumbnail))
            .map_or(0.0, |i| i as f32 + 1.0)
    }

    pub(crate) fn manner(&self, manner: &Manner) -> f32 {
        number(&self.manners, manner)
    }

    pub(crate) fn role(&self, role: &str) -> f32 {
        self.roles.iter().position(|r| r == role).map_or(0.0, |i| i as f32 + 1.0)
    }

    pub(crate) fn text(&self, text: &str) -> f32 {
        self.texts.iter().position(|t| t == text).map_or(0.0, |i| i as f32 + 1.0)
    }

    pub(crate) fn goal_word(&self, word: Option<&str>) -> f32 {
        let known = |w: &str| self.goal_words.iter().position(|k| k == w);
        word.map_or(-1.0, |w| known(w).map_or(0.0, |i| i as f32 + 1.0))
    }

    /// 0 for a word that tells no kind.
    pub(crate) fn kind(&self, word: &str) -> f32 {
        self.kinds.iter().position(|k| k == word).map_or(0.0, |i| i as f32 + 1.0)
    }
}

/// The name of a role among what was pressed.
pub(crate) fn role_as_thing(role: &str) -> String {
    format!("={role}")
}

/// An occasion is a demonstration.
fn told_of_presses(one: &Demonstration) -> Told {
    let pressed = one.steps.iter().filter(|s| s.manner.points());
    let things = pressed.filter_map(|s| Some((&s.scene, s.on?))).flat_map(|(scene, i)| {
        scene.words(i).iter().cloned().chain([role_as_thing(&scene.nodes()[i].role)]).collect::<Vec<_>>()
    });
    Told { words: said(&one.goal).into_iter().collect(), things: things.collect() }
}

/// An occasion is a text that was typed.
fn told_of_fields(one: &Demonstration) -> Vec<Told> {
    let goal = Goal::new(&one.goal);
    let spans = span::spans(&goal);
    let typed = one.steps.iter().filter(|s| s.manner == Manner::Type);
    let known = typed.filter_map(|s| Some((s.text.as_ref()?, s.scene.words(s.scene.entry()?))));
    let told = known.map(|(text, name)| {
        let words = span::typed_as(&spans, text).into_iter().flat_map(|i| spans[i].beside(&goal));
        Told { words: words.collect(), things: name.iter().cloned().collect() }
    });
    told.collect()
}

/// The words of a goal, each once.
fn said(goal: &str) -> Vec<String> {
    let mut words: Vec<String> = Goal::new(goal).words().iter().map(|w| w.low.clone()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn number<T: PartialEq>(known: &[T], one: &T) -> f32 {
    known.iter().position(|k| k == one).map_or(0.0, |i| i as f32 + 1.0)
}

/// What occurs at least so often, the most frequent first; the smaller first among equals.
fn ranked<T: Ord>(all: impl Iterator<Item = T>, times_min: usize, len_max: usize) -> Vec<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    let mut ranked: Vec<(T, usize)> = counts.into_iter().filter(|(_, n)| *n >= times_min).collect();
    ranked.sort_by_key(|(_, count)| Reverse(*count));
    ranked.truncate(len_max);
    ranked.into_iter().map(|(one, _)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appearance_is_known_once_it_was_pressed_often_enough() {
        let seen = |grey: u8| Appearance {
            colour: [grey; 3],
            covers: 1.0,
            upper: 0.5,
            left: 0.5,
            thumbnail: vec![grey; 108],
        };
        let node = overt_event::Node { role: "section".into(), ..Default::default() };
        let step = |grey| crate::demonstration::Shown {
            scene: crate::scene::Scene::new(vec![node.clone()]).with_appearances(vec![Some(seen(grey))]),
            manner: Manner::Click,
            on: Some(0),
            text: None,
            at_millis: 0,
            seen_millis: 0,
        };
        let steps = [9, 100, 101, 200, 99, 200].map(step).to_vec();
        let shown = Demonstration { steps, ..Demonstration::default() };
        let mut known = Vocabulary::default();
        known.look_at(&[shown]);
        assert_eq!([9, 100, 200].map(|grey| known.appearance(&seen(grey))), [0.0, 1.0, 0.0]);
    }

    #[test]
    fn a_manner_of_one_step_in_fifty_is_not_tried_and_one_of_more_is() {
        let tried = |hovers: usize, steps: usize| {
            let step = |i| crate::demonstration::Shown {
                scene: crate::scene::Scene::default(),
                manner: if i < hovers { Manner::Hover } else { Manner::Click },
                on: None,
                text: None,
                at_millis: 0,
                seen_millis: 0,
            };
            let shown = Demonstration { steps: (0..steps).map(step).collect(), ..Demonstration::default() };
            Vocabulary::of(&[shown]).manners.contains(&Manner::Hover)
        };
        assert_eq!([tried(1, 49), tried(1, 50), tried(2, 99), tried(2, 100)], [true, false, true, false]);
    }

    #[test]
    fn frequent_things_come_first_and_rare_ones_not_at_all() {
        assert_eq!(ranked(["b", "a", "b", "c", "a", "b"].into_iter(), 2, 9), ["b", "a"]);
        assert_eq!(number(&["x", "y"], &"y"), 2.0);
        assert_eq!(number(&["x", "y"], &"z"), 0.0);
    }
}

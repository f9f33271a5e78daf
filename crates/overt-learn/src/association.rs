//! What the words of goals have to do with what people met: "radio" with a role, "huge" with "large", "by" with the field "Director".

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Words, things and pairs of them that are known, at most of each: of words and things the first in the alphabet, of pairs the most frequent.
const KNOWN_MAX: usize = 4_000;
/// What was seen on fewer occasions is chance.
const TIMES_MIN: u32 = 2;
/// Added to what was counted and to what was to be expected: so few occasions tell little.
const DOUBT: f32 = 0.5;
/// Further from nothing is not told apart.
const STRENGTH_MAX: f32 = 3.0;

/// How often a word was said, a thing was met, and both at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Associations {
    /// How many occasions there were.
    of: u32,
    /// In alphabetical order, each with the number of its occasions.
    words: Vec<(String, u32)>,
    things: Vec<(String, u32)>,
    /// Places of a word and a thing, and their number. In order.
    pairs: Vec<(u32, u32, u32)>,
}

/// What was said and met on one occasion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) words: BTreeSet<String>,
    pub(crate) things: BTreeSet<String>,
}

impl Associations {
    pub(crate) fn of(all: &[Told]) -> Self {
        let words = often(all.iter().flat_map(|t| &t.words));
        let things = often(all.iter().flat_map(|t| &t.things));
        let mut known = Self { of: all.len() as u32, words, things, pairs: Vec::new() };
        let mut counts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for pair in all.iter().flat_map(|told| known.places(told)) {
            *counts.entry(pair).or_default() += 1;
        }
        let mut pairs: Vec<_> = counts.into_iter().filter(|(_, n)| *n >= TIMES_MIN).collect();
        pairs.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        pairs.truncate(KNOWN_MAX);
        pairs.sort_unstable();
        known.pairs = pairs.into_iter().map(|((word, thing), n)| (word, thing, n)).collect();
        known
    }

    /// The same as if these occasions had not been.
    pub(crate) fn without(&self, all: &[Told]) -> Self {
        let mut rest = self.clone();
        for told in all {
            for pair in self.places(told) {
                if let Ok(at) = rest.pairs.binary_search_by_key(&pair, |(w, t, _)| (*w, *t)) {
                    rest.pairs[at].2 -= 1;
                }
            }
            less(&mut rest.words, &told.words);
            less(&mut rest.things, &told.things);
        }
        rest.of -= all.len() as u32;
        rest
    }

    fn places(&self, told: &Told) -> Vec<(u32, u32)> {
        let words = told.words.iter().filter_map(|w| self.word(w));
        let things: Vec<u32> = told.things.iter().filter_map(|t| place(&self.things, t)).collect();
        words.flat_map(|w| things.iter().map(move |t| (w, *t))).collect()
    }

    /// The place of a word that can tell something: one that is always said tells nothing.
    pub(crate) fn word(&self, word: &str) -> Option<u32> {
        place(&self.words, word).filter(|at| (TIMES_MIN..self.of).contains(&self.words[*at as usize].1))
    }

    /// The place of a thing that is known.
    pub(crate) fn thing(&self, thing: &str) -> Option<u32> {
        place(&self.things, thing).filter(|at| self.things[*at as usize].1 >= TIMES_MIN)
    }

    /// How much oftener a word and a thing go together than by chance, as a natural logarithm between -3 and 3.
    pub(crate) fn strength(&self, word: u32, thing: u32) -> f32 {
        let pair = self.pairs.binary_search_by_key(&(word, thing), |(w, t, _)| (*w, *t));
        let both = pair.map_or(0, |at| self.pairs[at].2);
        let both = if both < TIMES_MIN { 0 } else { both };
        let (said, met) = (self.words[word as usize].1, self.things[thing as usize].1);
        let by_chance = said as f32 * met as f32 / self.of.max(1) as f32;
        ((both as f32 + DOUBT) / (by_chance + DOUBT)).ln().clamp(-STRENGTH_MAX, STRENGTH_MAX)
    }
}

/// The one that is furthest from 0; 0 of none.
pub(crate) fn strongest(all: impl Iterator<Item = f32>) -> f32 {
    all.fold(0.0, |a, b| if b.abs() > a.abs() { b } else { a })
}

fn less(counts: &mut [(String, u32)], own: &BTreeSet<String>) {
    counts.iter_mut().filter(|(one, _)| own.contains(one)).for_each(|(_, n)| *n -= 1);
}

fn place(known: &[(String, u32)], one: &str) -> Option<u32> {
    known.binary_search_by(|(k, _)| k.as_str().cmp(one)).ok().map(|at| at as u32)
}

fn often<'a>(all: impl Iterator<Item = &'a String>) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<&String, u32> = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    let known = counts.into_iter().filter(|(_, n)| *n >= TIMES_MIN);
    known.take(KNOWN_MAX).map(|(one, n)| (one.clone(), n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(words: &str, things: &str) -> Told {
        let set = |all: &str| all.split_whitespace().map(str::to_owned).collect();
        Told { words: set(words), things: set(things) }
    }

    fn strength(known: &Associations, word: &str, thing: &str) -> f32 {
        known.word(word).zip(known.thing(thing)).map_or(0.0, |(word, thing)| known.strength(word, thing))
    }

    #[test]
    fn what_goes_together_is_told_from_what_does_not_and_from_what_always_is() {
        let all: Vec<Told> =
            (0..8)
                .map(|i| {
                    if i % 2 == 0 { told("press huge", "large end") } else { told("press tiny", "small end") }
                })
                .collect();
        let known = Associations::of(&all);
        assert!(strength(&known, "huge", "large") > 0.5 && strength(&known, "huge", "small") < -1.0);
        assert_eq!(strength(&known, "huge", "end"), 0.0);
        assert_eq!(strength(&known, "press", "large"), 0.0, "it is always said");
        assert_eq!(strength(&known, "huge", "unheard"), 0.0);
        assert_eq!(strength(&known, "unheard", "large"), 0.0);
    }

    #[test]
    fn without_one_it_is_as_if_that_had_not_been() {
        let mut all =
            vec![told("a b", "x"), told("a", "x y"), told("b", "y"), told("b", "y"), told("c", "z")];
        let whole = Associations::of(&all);
        let own = all.remove(0);
        let rest = Associations::of(&all);
        for (word, thing) in [("b", "y"), ("b", "x")] {
            assert_eq!(
                strength(&whole.without(std::slice::from_ref(&own)), word, thing),
                strength(&rest, word, thing),
                "{word} {thing}"
            );
        }
        assert!(strength(&whole, "b", "y") < strength(&rest, "b", "y"));
    }
}

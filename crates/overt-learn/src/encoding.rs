//! Rows of numbers as a transformer takes them: codes apart from each other, all else of about one size (docs/spec/model.md, section
//! 2).

use crate::features::{NO_NUMBER, UNPICTURED};
use crate::span;

/// Known roles, names and words that have a number of their own; the others share the first.
pub(crate) const ROLES: usize = 24;
const NAMES: usize = 31;
pub(crate) const WORDS: usize = 41;
/// What words tell of things lies between this and its opposite.
const TOLD_MAX: f32 = 3.0;

/// What a number is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Told otherwise.
    Out,
    /// Yes or no, a share or a place: from 0 to 1; what is unknown is 0.
    Share,
    /// So many; what is unknown is 0, and told by another number.
    Count,
    /// So many, or unknown.
    CountOrNone,
    /// More or less, exactly as much, or no number.
    Difference,
    Told,
    /// One of so many codes.
    Code(usize),
}

use Kind::{Code, Count, CountOrNone, Difference, Out, Share, Told};

const ROLE: Kind = Code(ROLES);
const WORD: Kind = Code(WORDS);

/// Of an element's numbers, in the order of the features. Manners and the last deed have tokens or scores of their own, and so have the
/// goal's words.
#[rustfmt::skip]
pub(crate) const ELEMENT: [Kind; UNPICTURED] = [
    // manner, role, words in its name, none, match (in the same letters, at which word, quoted), share of its words
    Out, ROLE, Count, Share, Share, Share, Count, Share, Share,
    // states, acted on, just before
    Share, Share, Share, Share, Count, Share,
    // deeds so far, manner and role of the last, place and size, children, depth, ordinal
    Count, Out, Out, Share, Share, Share, Share, Count, Count, Count,
    // roles around it, known name, words of the match and after it, the words beside it
    ROLE, ROLE, Code(NAMES), Count, Count, WORD, WORD,
    // the longest, the first awaited, the last; awaited, matched, none awaited
    Share, Share, Share, Count, Count, Share,
    // expandable, popup, acted on here, appeared, so many did, so many of its role
    Share, Share, Count, Share, Count, Count,
    // ordinal less the goal's number, acted on of its role, the first that was not
    Difference, Count, Share,
    // phrases that nothing is called, a match beside it, begins or ends as a phrase
    Count, Share, Share, Share,
    // texts typed, this one, phrases less those, focus, the goal's number and its own
    Count, Share, Difference, Share, CountOrNone, CountOrNone,
    // place among its siblings, levels to a match, the nearest of alike, words that tell the kind
    Count, CountOrNone, Share, Out, Out,
    // its number's place in the goal, months ahead
    CountOrNone, Difference,
    // what the goal tells of it, the words beside its match
    Told, Told, Share, Count, WORD, WORD,
];

/// Of a piece's numbers, in the order of [`span::NAMES`].
#[rustfmt::skip]
pub(crate) const PIECE: [Kind; span::NAMES.len()] = [
    // way, words, letters, quoted, a phrase, the phrase's ordinal less the texts typed
    Code(span::WAYS.len()), Count, Count, Share, Share, Difference,
    // words before and after it, and which
    Count, Count, WORD, WORD, WORD,
    // digits, a capital, was typed, in the field's name, and the word before it
    Share, Share, Share, Share, Share,
    // the field's role, texts typed, what the words beside it tell of the field
    ROLE, Count, Told,
];

/// So many numbers these become.
pub(crate) const fn width(kinds: &[Kind]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < kinds.len() {
        sum += match kinds[i] {
            Out => 0,
            Share | Count | Told => 1,
            CountOrNone => 2,
            Difference => 4,
            Code(of) => of,
        };
        i += 1;
    }
    sum
}

/// A row's numbers, each as its kind wants it.
pub(crate) fn encoded(kinds: &[Kind], row: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(width(kinds));
    for (kind, x) in kinds.iter().zip(row) {
        kind.encode(*x, &mut out);
    }
    out
}

impl Kind {
    fn encode(self, x: f32, out: &mut Vec<f32>) {
        match self {
            Out => {}
            Share => out.push(x.clamp(0.0, 1.0)),
            Count => out.push(count(x)),
            CountOrNone => out.extend([count(x), f32::from(u8::from(x < 0.0))]),
            Difference => out.extend(difference(x)),
            Told => out.push(x / TOLD_MAX),
            Code(of) => out.extend(one_of(x, of)),
        }
    }
}

/// 30 is 1.7, and 1 is a third: small numbers are told apart best, and those above 100 not at all.
pub(crate) fn count(x: f32) -> f32 {
    x.clamp(0.0, 100.0).ln_1p() / 2.0
}

/// How far, and whether less, equal or more; nothing of these where there is no number.
fn difference(x: f32) -> [f32; 4] {
    if x >= NO_NUMBER {
        return [0.0; 4];
    }
    let is = |yes: bool| f32::from(u8::from(yes));
    [x.signum() * count(x.abs()), is(x < 0.0), is(x == 0.0), is(x > 0.0)]
}

/// 1 in the code's place; what has no place of its own, the unknown too, is in the first.
pub(crate) fn one_of(code: f32, of: usize) -> Vec<f32> {
    let mut row = vec![0.0; of];
    let at = if code >= of as f32 { 0.0 } else { code.max(0.0) };
    row[at as usize] = 1.0;
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::NAMES as FEATURES;

    /// The encoded row of these numbers, 0 elsewhere.
    fn row(numbers: &[(&str, f32)]) -> Vec<f32> {
        let number = |name: &&str| numbers.iter().find(|(n, _)| n == name).map_or(0.0, |(_, x)| *x);
        encoded(&ELEMENT, &FEATURES[..UNPICTURED].iter().map(number).collect::<Vec<_>>())
    }

    /// The encoded row of a piece of which one number is this, and the others are 0.
    fn piece(name: &str, x: f32) -> Vec<f32> {
        let number = |n: &&str| if *n == name { x } else { 0.0 };
        encoded(&PIECE, &span::NAMES.iter().map(number).collect::<Vec<_>>())
    }

    /// How far apart two rows are.
    fn apart(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    }

    #[test]
    fn codes_have_no_order() {
        for (name, of) in [("role", ROLES), ("parent_role", ROLES), ("text", NAMES), ("match_after", WORDS)] {
            let coded = |code: usize| row(&[(name, code as f32)]);
            let far = apart(&coded(1), &coded(of - 1));
            assert!((far - apart(&coded(1), &coded(2))).abs() < 1e-6 && far > 1.0, "{name}");
            assert_eq!(coded(of + 7), coded(0), "{name}");
        }
        // They are told by tokens of their own.
        for name in ["manner", "last_manner", "last_role", "goal_word"] {
            assert_eq!(row(&[(name, 3.0)]), row(&[]), "{name}");
        }
    }

    #[test]
    fn every_way_of_writing_is_told_apart() {
        for (name, of) in [("way", span::WAYS.len()), ("role", ROLES), ("after", WORDS)] {
            let coded: Vec<_> = (0..of).map(|code| piece(name, code as f32)).collect();
            for (i, one) in coded.iter().enumerate() {
                assert!(coded[..i].iter().all(|other| apart(one, other) > 1.0), "{name} {i}");
            }
            assert_eq!(piece(name, of as f32), coded[0], "{name}");
        }
    }

    #[test]
    fn no_number_is_none_and_not_a_large_one() {
        for name in ["ordinal_less_number", "months_ahead"] {
            let [none, zero, far] = [NO_NUMBER, 0.0, 24.0].map(|x| row(&[(name, x)]));
            assert!(apart(&none, &zero) < apart(&far, &zero), "{name}");
            assert!(apart(&row(&[(name, -1.0)]), &row(&[(name, 1.0)])) > 1.4, "{name}");
        }
        let [none, zero] = [-1.0, 0.0].map(|x| row(&[("goal_number", x)]));
        assert_eq!(apart(&none, &zero), 1.0);
    }

    #[test]
    fn all_are_of_about_one_size() {
        for x in [-24.0, -1.0, 0.0, 0.5, 30.0, NO_NUMBER] {
            let all: Vec<(&str, f32)> = FEATURES[..UNPICTURED].iter().map(|n| (*n, x)).collect();
            let row = row(&all);
            assert_eq!(row.len(), width(&ELEMENT));
            // What is told lies between -3 and 3 before it comes here.
            assert!(row.iter().all(|y| y.abs() <= (x.abs() / TOLD_MAX).max(2.5)), "{x}: {row:?}");
        }
        assert_eq!(encoded(&PIECE, &[1.0; span::NAMES.len()]).len(), width(&PIECE));
    }
}

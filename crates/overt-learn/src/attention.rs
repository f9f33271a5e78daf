//! A small transformer: elements, words of the goal and deeds of the past attend to each other; what comes of it scores what may be
//! done, and which piece of the goal is copied into what is typed (docs/spec/model.md, section 2).

use std::borrow::Cow;

use crate::boost::chances;
use crate::rng::Rng;
use crate::tape::{At, Matrix, Tape};
use crate::tokens::{ELEMENT, FOCUS, GOAL, PAST, PIECE, Seen, Tokens};

/// The version of what it sees, of its form and of how it is taught: a net made by another one does not fit.
pub(crate) const NET_VERSION: u32 = 3;

/// So many are taught the same, each from another beginning, and the mean of their scores counts.
pub(crate) const NETS: usize = 3;
/// Numbers of each token between layers, and of each piece.
const WIDTH: usize = 32;
const LAYERS: usize = 2;
const HEADS: usize = 2;
const HEAD: usize = WIDTH / HEADS;
/// Within a layer each token is as wide for a moment.
const WIDE: usize = 2 * WIDTH;

/// What a transformer learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    pub(crate) weights: Vec<Matrix>,
}

/// Rows and columns of all weights, in order: of the four kinds of tokens; of each layer and head query, key, value and output, then
/// the two steps in between with what is added; the manners' scores; at last the pieces': of their first and last word and of
/// their own numbers, with what is added, and the score.
pub(crate) fn shapes(manners: usize) -> Vec<(usize, usize)> {
    let mut all = vec![(FOCUS, WIDTH), (ELEMENT, WIDTH), (GOAL, WIDTH), (PAST, WIDTH)];
    for _ in 0..LAYERS {
        for _ in 0..HEADS {
            all.extend([(WIDTH, HEAD), (WIDTH, HEAD), (WIDTH, HEAD), (HEAD, WIDTH)]);
        }
        all.extend([(WIDTH, WIDE), (1, WIDE), (WIDE, WIDTH), (1, WIDTH)]);
    }
    all.extend([(WIDTH, manners), (1, manners)]);
    all.extend([(WIDTH, WIDTH), (WIDTH, WIDTH), (PIECE, WIDTH), (1, WIDTH), (WIDTH, 1)]);
    all
}

/// What was computed of one moment, and where on the tape.
pub(crate) struct Run<'a> {
    pub(crate) tape: Tape<'a>,
    pub(crate) weights: Vec<At>,
    /// A row for each token, a column for each manner.
    pub(crate) manners: At,
    /// A row for each piece; `None` where there is none.
    pub(crate) pieces: Option<At>,
}

impl Net {
    /// One that knows nothing: it scores all alike, so that what is leaned to decides.
    pub(crate) fn new(manners: usize, rng: &mut Rng) -> Self {
        let all = shapes(manners);
        let scores = all.len() - 7;
        let start = |(i, (rows, cols)): (usize, (usize, usize))| match rows {
            _ if i == scores => Matrix::zeros(rows, cols),
            1 => Matrix::zeros(1, cols),
            _ => Matrix::random(rows, cols, rng),
        };
        Self { weights: all.into_iter().enumerate().map(start).collect() }
    }

    pub(crate) fn run<'a>(&'a self, seen: &'a Seen, pieces: &[(usize, usize)]) -> Run<'a> {
        let mut tape = Tape::default();
        let weights: Vec<At> = self.weights.iter().map(|w| tape.given(Cow::Borrowed(w))).collect();
        let mut next = weights.iter().copied();
        let mut weight = || next.next().unwrap_or(weights[0]);
        let kinds = [&seen.focus, &seen.elements, &seen.goal, &seen.past].map(|kind| tape.input(kind));
        let kinds = kinds.map(|kind| tape.times(kind, weight()));
        let mut x = tape.below(kinds.to_vec());
        for _ in 0..LAYERS {
            x = attend(&mut tape, x, &mut weight);
            x = think(&mut tape, x, &mut weight);
        }
        let x = tape.normal(x);
        let scores = tape.times(x, weight());
        let manners = tape.add_row(scores, weight());
        let goal_from = 1 + seen.elements.rows;
        let pieces = (!pieces.is_empty()).then(|| {
            let words =
                |end: fn(&(usize, usize)) -> usize| pieces.iter().map(|p| goal_from + end(p)).collect();
            copy(&mut tape, (x, &seen.pieces), [words(|p| p.0), words(|p| p.1)], &mut weight)
        });
        Run { tape, weights, manners, pieces }
    }
}

impl Run<'_> {
    /// Scores of the choices, without what is leaned to.
    fn choices(&self, tokens: &Tokens) -> Vec<f64> {
        let all = self.tape.value(self.manners);
        tokens.choices.iter().map(|c| f64::from(all.row(c.token)[c.manner])).collect()
    }

    /// The likelihood of each choice.
    pub(crate) fn chances(&self, tokens: &Tokens) -> Vec<f64> {
        chances(&leaned(tokens, self.choices(tokens)))
    }

    /// Scores of the pieces.
    pub(crate) fn pieces(&self) -> Vec<f64> {
        let all = self.pieces.map(|at| self.tape.value(at));
        all.into_iter().flat_map(|scores| scores.data.iter().copied().map(f64::from)).collect()
    }
}

/// Scores of the choices, by all nets together.
pub(crate) fn choices(nets: &[Net], tokens: &Tokens) -> Vec<f64> {
    leaned(tokens, mean(nets.iter().map(|net| net.run(&tokens.seen, &[]).choices(tokens))))
}

/// Scores of the pieces that could be typed.
pub(crate) fn pieces(nets: &[Net], tokens: &Tokens) -> Vec<f64> {
    mean(nets.iter().map(|net| net.run(&tokens.seen, &tokens.pieces).pieces()))
}

fn leaned(tokens: &Tokens, scores: Vec<f64>) -> Vec<f64> {
    tokens.choices.iter().zip(scores).map(|(choice, score)| choice.leaning + score).collect()
}

fn mean(all: impl ExactSizeIterator<Item = Vec<f64>>) -> Vec<f64> {
    let of = all.len() as f64;
    let add = |a: Vec<f64>, b: Vec<f64>| a.into_iter().zip(b).map(|(a, b)| a + b).collect();
    all.reduce(add).unwrap_or_default().into_iter().map(|sum| sum / of).collect()
}

/// Each token takes from those whose keys answer its query.
fn attend(tape: &mut Tape<'_>, x: At, weight: &mut impl FnMut() -> At) -> At {
    let normal = tape.normal(x);
    let mut sum = x;
    for _ in 0..HEADS {
        let [query, key, value] = [(); 3].map(|()| tape.times(normal, weight()));
        let answers = tape.times_turned(query, key);
        let shares = tape.softmax(answers, 1.0 / (HEAD as f32).sqrt());
        let taken = tape.times(shares, value);
        let taken = tape.times(taken, weight());
        sum = tape.add(sum, taken);
    }
    sum
}

/// Each token by itself.
fn think(tape: &mut Tape<'_>, x: At, weight: &mut impl FnMut() -> At) -> At {
    let normal = tape.normal(x);
    let wide = tape.times(normal, weight());
    let wide = tape.add_row(wide, weight());
    let wide = tape.relu(wide);
    let narrow = tape.times(wide, weight());
    let narrow = tape.add_row(narrow, weight());
    tape.add(x, narrow)
}

/// Each piece by its first and its last word, as the goal's tokens came out, and by its own numbers.
fn copy<'a>(
    tape: &mut Tape<'a>,
    (x, numbers): (At, &'a Matrix),
    ends: [Vec<usize>; 2],
    weight: &mut impl FnMut() -> At,
) -> At {
    let [first, last] = ends.map(|words| {
        let of_tokens = tape.times(x, weight());
        tape.rows(of_tokens, words)
    });
    let numbers = tape.input(numbers);
    let own = tape.times(numbers, weight());
    let words = tape.add(first, last);
    let all = tape.add(words, own);
    let all = tape.add_row(all, weight());
    let all = tape.relu(all);
    tape.times(all, weight())
}

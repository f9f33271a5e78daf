//! One moment as a transformer sees it: the field that has the focus, elements, words of the goal, deeds of the past, and the pieces of the goal
//! that could be typed (docs/spec/model.md, section 2).

use crate::boost::leant;
use crate::deed::{Deed, Manner, Past};
use crate::encoding::{self, ROLES, WORDS, count, encoded, one_of, width};
use crate::features::Rows;
use crate::moment::Moment;
use crate::probe::Probe;
use crate::rng::Rng;
use crate::span::{self, Span};
use crate::tape::Matrix;
use crate::vocabulary::Vocabulary;

/// Numbers that stand for a word. They follow from its letters and are not learned: words nobody showed are told
/// apart, too.
const WORD: usize = 24;
const MANNERS: usize = 12;
/// Deeds of the past that are looked at, the last ones.
const PAST_MAX: usize = 12;
/// In learning one in so many tokens has no words: what can be told without them is not learned by heart.
const WORDLESS_ONE_IN: u64 = 8;

/// Numbers of a token of each kind. The field with the focus is seen as any element is, and whether there is any.
pub(crate) const ELEMENT: usize = width(&encoding::ELEMENT) + WORD;
pub(crate) const FOCUS: usize = ELEMENT + 1;
pub(crate) const GOAL: usize = WORDS + WORD + 4;
pub(crate) const PAST: usize = MANNERS + ROLES + 2 * WORD + 1;
pub(crate) const PIECE: usize = width(&encoding::PIECE);

/// A moment and what may be done in it.
pub(crate) struct Tokens {
    pub(crate) seen: Seen,
    pub(crate) choices: Vec<Candidate>,
    /// First and last word of each piece that could be typed; none where nobody asks.
    pub(crate) pieces: Vec<(usize, usize)>,
}

/// All tokens' numbers, a row each, and those of the pieces.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) focus: Matrix,
    pub(crate) elements: Matrix,
    pub(crate) goal: Matrix,
    pub(crate) past: Matrix,
    pub(crate) pieces: Matrix,
}

/// What may be done, as the net scores it.
pub(crate) struct Candidate {
    pub(crate) token: usize,
    pub(crate) manner: usize,
    /// What it is worth before anything is learned.
    pub(crate) leaning: f64,
}

impl Tokens {
    pub(crate) fn new(moment: &Moment<'_>, known: &Vocabulary, choices: &[Deed]) -> Self {
        let rows = Rows::new(moment, known);
        let shown = shown(choices);
        let numbers = |on: Option<usize>| element(moment, &rows, on);
        let elements = shown.iter().map(|i| numbers(Some(*i))).collect();
        // A button that kept the focus from before says nothing of what is to be done.
        let field = moment.scene.entry();
        let focus = [numbers(field), vec![flag(field.is_some())]].concat();
        let goal = (0..moment.goal.words().len()).map(|i| goal_word(moment, known, i)).collect();
        let last = moment.past.iter().rev().take(PAST_MAX).enumerate();
        let past = last.map(|(ago, past)| past_deed(known, past, ago)).collect();
        let seen = Seen {
            focus: Matrix::of_rows(vec![focus], FOCUS),
            elements: Matrix::of_rows(elements, ELEMENT),
            goal: Matrix::of_rows(goal, GOAL),
            past: Matrix::of_rows(past, PAST),
            pieces: Matrix::zeros(0, PIECE),
        };
        let candidate = |deed: &Deed| Candidate {
            token: token(deed, &shown),
            manner: (known.manner(&deed.manner) as usize).saturating_sub(1),
            leaning: leant(Probe::Attention.leaning(), &rows.row(deed)),
        };
        Self { seen, choices: choices.iter().map(candidate).collect(), pieces: Vec::new() }
    }

    /// The same with the pieces that could be typed.
    pub(crate) fn with_pieces(mut self, moment: &Moment<'_>, known: &Vocabulary, spans: &[Span]) -> Self {
        let numbers = |span: &Span| encoded(&encoding::PIECE, &span::row(span, moment, known));
        self.seen.pieces = Matrix::of_rows(spans.iter().map(numbers).collect(), PIECE);
        self.pieces = spans.iter().map(Span::ends).collect();
        self
    }
}

impl Seen {
    /// The same, but some tokens have no words.
    pub(crate) fn without_some_words(&self, rng: &mut Rng) -> Self {
        let mut other = self.clone();
        wordless(&mut other.elements, ELEMENT - WORD..ELEMENT, rng);
        wordless(&mut other.goal, WORDS..WORDS + WORD, rng);
        wordless(&mut other.past, MANNERS + ROLES..PAST - 1, rng);
        other
    }
}

fn wordless(tokens: &mut Matrix, words: std::ops::Range<usize>, rng: &mut Rng) {
    for row in tokens.data.chunks_exact_mut(tokens.cols) {
        if rng.below(WORDLESS_ONE_IN) == 0 {
            row[words.clone()].fill(0.0);
        }
    }
}

/// The elements that the pointer can choose, each once.
fn shown(choices: &[Deed]) -> Vec<usize> {
    let mut shown: Vec<usize> = choices.iter().filter(|c| c.manner.points()).filter_map(|c| c.on).collect();
    shown.sort_unstable();
    shown.dedup();
    shown
}

/// The token that scores a choice. The first one stands for whatever has the focus.
fn token(deed: &Deed, shown: &[usize]) -> usize {
    match deed.on.filter(|_| deed.manner.points()).map(|i| shown.binary_search(&i)) {
        Some(Ok(at)) => at + 1,
        _ => 0,
    }
}

fn element(moment: &Moment<'_>, rows: &Rows<'_>, on: Option<usize>) -> Vec<f32> {
    let deed = Deed { manner: Manner::Click, on, text: None };
    let mut row = encoded(&encoding::ELEMENT, &rows.row(&deed));
    let words = on.map_or(&[][..], |i| moment.scene.words(i));
    row.extend(words_vector(words.iter().map(String::as_str)));
    row
}

fn goal_word(moment: &Moment<'_>, known: &Vocabulary, i: usize) -> Vec<f32> {
    let word = &moment.goal.words()[i];
    let mut row = one_of(known.goal_word(Some(&word.low)), WORDS);
    row.extend(words_vector(std::iter::once(word.low.as_str())));
    let typed =
        moment.past.iter().filter_map(|p| p.text.as_deref()).any(|t| t.to_lowercase().contains(&word.low));
    let number = word.raw.starts_with(|c: char| c.is_ascii_digit());
    row.extend([flag(word.quoted), flag(typed), flag(number), count(i as f32)]);
    row
}

fn past_deed(known: &Vocabulary, past: &Past, ago: usize) -> Vec<f32> {
    let mut row = one_of(known.manner(&past.manner), MANNERS);
    row.extend(one_of(known.role(&past.role), ROLES));
    let vector = |text: &str| words_vector(crate::goal::low_words(text).iter().map(String::as_str));
    row.extend(vector(&past.name));
    row.extend(vector(past.text.as_deref().unwrap_or_default()));
    row.push(count(ago as f32));
    row
}

fn flag(yes: bool) -> f32 {
    f32::from(u8::from(yes))
}

/// The mean of the words' own numbers.
fn words_vector<'a>(words: impl Iterator<Item = &'a str>) -> Vec<f32> {
    let mut sum = vec![0.0; WORD];
    let mut count = 0.0_f32;
    for word in words {
        // FNV-1a (Fowler, Noll, Vo), whose bits then choose the signs.
        let hash = word
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let mut rng = Rng::new(hash);
        sum.iter_mut().for_each(|x| *x += if rng.below(2) == 0 { -1.0 } else { 1.0 });
        count += 1.0;
    }
    sum.iter_mut().for_each(|x| *x /= count.max(1.0));
    sum
}

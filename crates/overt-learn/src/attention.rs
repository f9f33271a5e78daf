//! A small transformer: elements, words of the goal and deeds of the past attend to each other (docs/spec/model.md,
//! section 2).

use std::borrow::Cow;

use crate::boost::chances;
use crate::deed::{Deed, Manner, Past};
use crate::features::{BASIC, Rows};
use crate::moment::Moment;
use crate::rng::Rng;
use crate::tape::{At, Matrix, Tape};
use crate::vocabulary::Vocabulary;

/// Numbers of each token between layers.
const WIDTH: usize = 32;
const LAYERS: usize = 2;
const HEADS: usize = 2;
const HEAD: usize = WIDTH / HEADS;
/// Within a layer each token is as wide for a moment.
const WIDE: usize = 2 * WIDTH;
/// Numbers that stand for a word. They follow from its letters and are not learned: words nobody showed are told
/// apart, too.
const WORD: usize = 24;
/// Known roles, manners and words that have a number of their own; the others share the first.
const ROLES: usize = 24;
const MANNERS: usize = 12;
const GOAL_WORDS: usize = 41;
/// Deeds of the past that are looked at, the last ones.
const PAST_MAX: usize = 12;

const ELEMENT: usize = BASIC + ROLES + WORD;
const GOAL: usize = GOAL_WORDS + WORD + 4;
const PAST: usize = MANNERS + ROLES + 2 * WORD + 1;

/// One moment as a transformer sees it.
pub(crate) struct Tokens {
    elements: Matrix,
    goal: Matrix,
    past: Matrix,
    /// For each choice its token and its manner.
    choices: Vec<(usize, usize)>,
}

impl Tokens {
    pub(crate) fn new(moment: &Moment<'_>, known: &Vocabulary, choices: &[Deed]) -> Self {
        let rows = Rows::new(moment, known);
        let mut shown: Vec<usize> =
            choices.iter().filter(|c| c.manner.points()).filter_map(|c| c.on).collect();
        shown.sort_unstable();
        shown.dedup();
        let elements = shown.iter().map(|i| element(moment, known, &rows, *i)).collect();
        let goal = (0..moment.goal.words().len()).map(|i| goal_word(moment, known, i)).collect();
        let last = moment.past.iter().rev().take(PAST_MAX).enumerate();
        let past = last.map(|(ago, past)| past_deed(known, past, ago)).collect();
        // The first token stands for whatever has the focus.
        let token = |c: &Deed| match c.on.filter(|_| c.manner.points()).map(|i| shown.binary_search(&i)) {
            Some(Ok(at)) => at + 1,
            _ => 0,
        };
        let manner = |m: &Manner| (known.manner(m) as usize).saturating_sub(1);
        Self {
            elements: Matrix::of_rows(elements, ELEMENT),
            goal: Matrix::of_rows(goal, GOAL),
            past: Matrix::of_rows(past, PAST),
            choices: choices.iter().map(|c| (token(c), manner(&c.manner))).collect(),
        }
    }
}

fn element(moment: &Moment<'_>, known: &Vocabulary, rows: &Rows<'_>, i: usize) -> Vec<f32> {
    let deed = Deed { manner: Manner::Click, on: Some(i), text: None };
    let mut row: Vec<f32> = rows.row(&deed).into_iter().take(BASIC).map(squashed).collect();
    row.extend(one_of(known.role(&moment.scene.nodes()[i].role), ROLES));
    row.extend(words_vector(moment.scene.words(i).iter().map(String::as_str)));
    row
}

fn goal_word(moment: &Moment<'_>, known: &Vocabulary, i: usize) -> Vec<f32> {
    let word = &moment.goal.words()[i];
    let mut row = one_of(known.goal_word(Some(&word.low)), GOAL_WORDS);
    row.extend(words_vector(std::iter::once(word.low.as_str())));
    let typed =
        moment.past.iter().filter_map(|p| p.text.as_deref()).any(|t| t.to_lowercase().contains(&word.low));
    let flag = |yes: bool| f32::from(u8::from(yes));
    let number = word.raw.starts_with(|c: char| c.is_ascii_digit());
    row.extend([flag(word.quoted), flag(typed), flag(number), squashed(i as f32)]);
    row
}

fn past_deed(known: &Vocabulary, past: &Past, ago: usize) -> Vec<f32> {
    let mut row = one_of(known.manner(&past.manner), MANNERS);
    row.extend(one_of(known.role(&past.role), ROLES));
    let vector = |text: &str| words_vector(crate::goal::low_words(text).iter().map(String::as_str));
    row.extend(vector(&past.name));
    row.extend(vector(past.text.as_deref().unwrap_or_default()));
    row.push(squashed(ago as f32));
    row
}

/// Numbers of any size, near to each other.
fn squashed(x: f32) -> f32 {
    x.signum() * (1.0 + x.abs()).ln()
}

fn one_of(number: f32, of: usize) -> Vec<f32> {
    let mut row = vec![0.0; of];
    let at = if number >= of as f32 { 0.0 } else { number.max(0.0) };
    row[at as usize] = 1.0;
    row
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

/// What a transformer learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    pub(crate) weights: Vec<Matrix>,
}

/// Rows and columns of all weights, in order: of the three kinds of tokens, the first token; of each layer and head
/// query, key, value and output, then the two steps in between with what is added; at last the manners' scores.
pub(crate) fn shapes(manners: usize) -> Vec<(usize, usize)> {
    let mut all = vec![(ELEMENT, WIDTH), (GOAL, WIDTH), (PAST, WIDTH), (1, WIDTH)];
    for _ in 0..LAYERS {
        for _ in 0..HEADS {
            all.extend([(WIDTH, HEAD), (WIDTH, HEAD), (WIDTH, HEAD), (HEAD, WIDTH)]);
        }
        all.extend([(WIDTH, WIDE), (1, WIDE), (WIDE, WIDTH), (1, WIDTH)]);
    }
    all.extend([(WIDTH, manners), (1, manners)]);
    all
}

impl Net {
    /// Scores of the choices.
    pub(crate) fn scores(&self, tokens: &Tokens) -> Vec<f64> {
        let (tape, _, last) = self.run(tokens);
        let all = tape.value(last);
        tokens.choices.iter().map(|(token, manner)| f64::from(all.row(*token)[*manner])).collect()
    }

    /// The tape, where each weight stands on it, and where the scores of all tokens do.
    fn run<'a>(&'a self, tokens: &'a Tokens) -> (Tape<'a>, Vec<At>, At) {
        let mut tape = Tape::default();
        let weights: Vec<At> = self.weights.iter().map(|w| tape.given(Cow::Borrowed(w))).collect();
        let mut next = weights.iter().copied();
        let mut weight = || next.next().unwrap_or(weights[0]);
        let inputs = [&tokens.elements, &tokens.goal, &tokens.past].map(|m| tape.given(Cow::Borrowed(m)));
        let [elements, goal, past] = inputs.map(|input| tape.times(input, weight()));
        let mut x = tape.below(vec![weight(), elements, goal, past]);
        for _ in 0..LAYERS {
            x = attend(&mut tape, x, &mut weight);
            x = think(&mut tape, x, &mut weight);
        }
        let x = tape.normal(x);
        let scores = tape.times(x, weight());
        let last = tape.add_row(scores, weight());
        (tape, weights, last)
    }
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

/// How it is taught. Fixed once for all tasks.
const RATE: f32 = 3e-3;
const BATCH: usize = 8;
/// Each moment is seen so often, but all together no oftener than the second number says.
const TIMES: usize = 30;
const SEEN_MAX: usize = 16_000;
/// What a weight loses each time, for each part of the rate: those that nothing needs go.
const DECAY: f32 = 1e-2;

/// One lesson: what there was, and which choices were right.
pub(crate) struct Lesson {
    pub(crate) tokens: Tokens,
    pub(crate) right: Vec<usize>,
}

/// A net in the middle of its lessons.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Course {
    pub(crate) net: Net,
    pub(crate) adam: Adam,
    /// How often it has seen all of them.
    pub(crate) rounds: usize,
}

impl Course {
    fn start(manners: usize, rng: &mut Rng) -> Self {
        let start = |(rows, cols): (usize, usize)| match rows {
            1 => Matrix::zeros(1, cols),
            _ => Matrix::random(rows, cols, rng),
        };
        let net = Net { weights: shapes(manners).into_iter().map(start).collect() };
        Self { adam: Adam::of(&net.weights), net, rounds: 0 }
    }

    /// One of so many rounds.
    fn round(&mut self, lessons: &[Lesson], order: &[usize], rounds: usize) {
        let batches = order.len().div_ceil(BATCH);
        for (i, batch) in order.chunks(BATCH).enumerate() {
            let slopes = slopes(&self.net, batch.iter().map(|i| &lessons[*i]));
            let step = (self.rounds * batches + i, rounds * batches);
            self.adam.step(&mut self.net.weights, &slopes, batch.len(), step);
        }
        self.rounds += 1;
    }
}

/// Learns by Adam (Kingma and Ba, 2015) with decay apart from the slopes (Loshchilov and Hutter, 2019). The same
/// lessons and seed give the same weights, also where the course had `begun`, in another run. After each round `told`
/// hears how it stands.
pub(crate) fn learn(
    lessons: &[Lesson],
    manners: usize,
    seed: u64,
    begun: Option<Course>,
    mut told: impl FnMut(&Course),
) -> Net {
    let mut rng = Rng::new(seed);
    let start = Course::start(manners, &mut rng);
    let mut course = begun.unwrap_or(start);
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let rounds = TIMES.min((SEEN_MAX / lessons.len().max(1)).max(2));
    for round in 0..rounds {
        rng.shuffle(&mut order);
        if round >= course.rounds {
            course.round(lessons, &order, rounds);
            told(&course);
        }
    }
    course.net
}

fn slopes<'a>(net: &Net, batch: impl Iterator<Item = &'a Lesson>) -> Vec<Matrix> {
    let mut sum: Vec<Matrix> = net.weights.iter().map(|w| Matrix::zeros(w.rows, w.cols)).collect();
    for Lesson { tokens, right } in batch {
        let (tape, weights, last) = net.run(tokens);
        let all = tape.value(last);
        let score = |(token, manner): &(usize, usize)| f64::from(all.row(*token)[*manner]);
        let chances = chances(&tokens.choices.iter().map(score).collect::<Vec<_>>());
        let mut slope = Matrix::zeros(all.rows, all.cols);
        for (i, (token, manner)) in tokens.choices.iter().enumerate() {
            let wanted = if right.contains(&i) { 1.0 / right.len() as f64 } else { 0.0 };
            slope.data[token * all.cols + manner] += (chances[i] - wanted) as f32;
        }
        let own = tape.back(slope);
        sum.iter_mut().zip(&weights).for_each(|(s, at)| s.add(&own[at.place()]));
    }
    sum
}

/// Means of slopes and of their squares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adam {
    pub(crate) first: Vec<Matrix>,
    pub(crate) second: Vec<Matrix>,
}

impl Adam {
    fn of(weights: &[Matrix]) -> Self {
        let zeros = || weights.iter().map(|w| Matrix::zeros(w.rows, w.cols)).collect();
        Self { first: zeros(), second: zeros() }
    }

    /// One step, counted from 0, of so many; the rate falls evenly to nothing.
    fn step(&mut self, weights: &mut [Matrix], slopes: &[Matrix], batch: usize, (step, of): (usize, usize)) {
        let rate = RATE * (1.0 - step as f32 / of.max(1) as f32);
        let nth = step as i32 + 1;
        let (one, two) = (1.0 - 0.9_f32.powi(nth), 1.0 - 0.999_f32.powi(nth));
        for (which, weight) in weights.iter_mut().enumerate() {
            let means = self.first[which].data.iter_mut().zip(&mut self.second[which].data);
            for ((w, s), (m, v)) in weight.data.iter_mut().zip(&slopes[which].data).zip(means) {
                let s = s / batch as f32;
                *m = 0.9 * *m + 0.1 * s;
                *v = 0.999 * *v + 0.001 * s * s;
                *w -= rate * ((*m / one) / ((*v / two).sqrt() + 1e-8) + DECAY * *w);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal::Goal;
    use crate::scene::Scene;
    use overt_event::{Node, Rect};

    const NAMES: [&str; 5] = ["ash", "birch", "cedar", "elm", "fir"];

    /// The third of five buttons in another order is right, and so is the key where the goal says so.
    fn lesson(number: usize) -> Lesson {
        let node = |i: usize| Node {
            role: "push button".into(),
            name: NAMES[(i + number) % 5].into(),
            bounds: Rect { x: 0, y: 10 * i as i32, w: 50, h: 9 },
            ..Node::default()
        };
        let scene = Scene::new((0..5).map(node).collect());
        let key = number.is_multiple_of(2);
        let goal = Goal::new(if key { "hit the key" } else { "press the third" });
        let known = Vocabulary {
            manners: vec![Manner::Click, Manner::Key(vec!["Return".into()])],
            goal_words: ["hit", "press"].map(str::to_owned).to_vec(),
            ..Vocabulary::default()
        };
        let moment = Moment::new(&goal, &scene, &[], None);
        let choices = moment.choices(&known);
        assert_eq!(choices.len(), 6);
        Lesson { tokens: Tokens::new(&moment, &known, &choices), right: vec![if key { 5 } else { 2 }] }
    }

    #[test]
    fn it_learns_from_elements_and_goal_and_the_same_seed_learns_the_same() {
        let lessons: Vec<Lesson> = (0..20).map(lesson).collect();
        let net = learn(&lessons, 2, 7, None, |_| ());
        for other in (20..30).map(lesson) {
            let scores = net.scores(&other.tokens);
            let best = (0..6).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            assert_eq!(best, other.right.first().copied());
        }
        assert_eq!(net, learn(&lessons, 2, 7, None, |_| ()));
        assert_ne!(net, learn(&lessons, 2, 8, None, |_| ()));
    }

    #[test]
    fn wherever_it_was_interrupted_it_learns_the_same() {
        let lessons: Vec<Lesson> = (0..20).map(lesson).collect();
        let mut seen = Vec::new();
        let net = learn(&lessons, 2, 7, None, |course| seen.push(course.clone()));
        assert_eq!(seen.len(), TIMES);
        for at in [0, TIMES / 2, TIMES - 1] {
            assert_eq!(learn(&lessons, 2, 7, Some(seen[at].clone()), |_| ()), net);
        }
    }
}

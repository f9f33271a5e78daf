//! How a transformer is taught.

use crate::attention::{NETS, Net, Run};
use crate::boost::chances;
use crate::rng::Rng;
use crate::tape::{At, Matrix};
use crate::tokens::Tokens;

/// How it is taught. Fixed once for all tasks.
const RATE: f32 = 3e-3;
/// The rate rises over so many steps: the first slopes tell little.
const RISING: f32 = 20.0;
const BATCH: usize = 4;
/// All lessons are seen about so often together, each between so often and so often.
const SEEN: usize = 6_000;
const TIMES: (usize, usize) = (4, 60);
/// What a weight loses each time, for each part of the rate: those that nothing needs go.
const DECAY: f32 = 3e-2;

/// One lesson: what there was, which choices were right, and where something was typed, which pieces.
pub(crate) struct Lesson {
    pub(crate) tokens: Tokens,
    pub(crate) right: Vec<usize>,
    pub(crate) right_pieces: Vec<usize>,
}

/// Nets in the middle of their lessons: one is taught after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Course {
    pub(crate) taught: Vec<Net>,
    pub(crate) now: Option<Pupil>,
}

/// The one that is taught.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pupil {
    pub(crate) net: Net,
    pub(crate) adam: Adam,
    /// How often it has seen all lessons.
    pub(crate) rounds: usize,
}

/// Learns by Adam (Kingma and Ba, 2015) with decay apart from the slopes (Loshchilov and Hutter, 2019). The same
/// lessons and seed give the same weights, also where the course had `begun`, in another run. After each round `told`
/// hears how it stands.
pub(crate) fn learn(
    lessons: &[Lesson],
    manners: usize,
    seed: u64,
    begun: Course,
    mut told: impl FnMut(&Course),
) -> Vec<Net> {
    let mut course = begun;
    while course.taught.len() < NETS {
        let mut rng = Rng::new(seed ^ (course.taught.len() as u64) << 32);
        let start = Pupil::start(manners, &mut rng);
        let mut pupil = course.now.take().unwrap_or(start);
        for round in 0..rounds(lessons.len()) {
            let (order, mut wordless) = (shuffled(lessons.len(), &mut rng), Rng::new(rng.next()));
            if round >= pupil.rounds {
                pupil.round(lessons, &order, &mut wordless);
                course.now = Some(pupil.clone());
                told(&course);
            }
        }
        course.now = None;
        course.taught.push(pupil.net);
    }
    course.taught
}

/// How often each lesson is seen.
fn rounds(lessons: usize) -> usize {
    (SEEN / lessons.max(1)).clamp(TIMES.0, TIMES.1)
}

fn shuffled(len: usize, rng: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    rng.shuffle(&mut order);
    order
}

impl Pupil {
    fn start(manners: usize, rng: &mut Rng) -> Self {
        let net = Net::new(manners, rng);
        Self { adam: Adam::of(&net.weights), net, rounds: 0 }
    }

    fn round(&mut self, lessons: &[Lesson], order: &[usize], wordless: &mut Rng) {
        let batches = order.len().div_ceil(BATCH);
        for (i, batch) in order.chunks(BATCH).enumerate() {
            let slopes = slopes(&self.net, batch.iter().map(|i| &lessons[*i]), wordless);
            let step = (self.rounds * batches + i, rounds(lessons.len()) * batches);
            self.adam.step(&mut self.net.weights, &slopes, batch.len(), step);
        }
        self.rounds += 1;
    }
}

/// How the loss changes with each weight, over some lessons.
fn slopes<'a>(net: &Net, batch: impl Iterator<Item = &'a Lesson>, wordless: &mut Rng) -> Vec<Matrix> {
    let mut sum: Vec<Matrix> = net.weights.iter().map(|w| Matrix::zeros(w.rows, w.cols)).collect();
    for lesson in batch {
        let seen = lesson.tokens.seen.without_some_words(wordless);
        let typed = !lesson.right_pieces.is_empty();
        let run = net.run(&seen, if typed { &lesson.tokens.pieces } else { &[] });
        let ends = of_choices(&run, lesson).into_iter().chain(of_pieces(&run, lesson)).collect();
        let own = run.tape.back(ends);
        sum.iter_mut().zip(&run.weights).for_each(|(s, at)| s.add(&own[at.place()]));
    }
    sum
}

fn of_choices(run: &Run<'_>, lesson: &Lesson) -> Option<(At, Matrix)> {
    let (tokens, all) = (&lesson.tokens, run.tape.value(run.manners));
    let mut slope = Matrix::zeros(all.rows, all.cols);
    let off = off(run.chances(tokens), &lesson.right);
    for (choice, off) in tokens.choices.iter().zip(off) {
        slope.data[choice.token * all.cols + choice.manner] += off;
    }
    (!lesson.right.is_empty()).then_some((run.manners, slope))
}

fn of_pieces(run: &Run<'_>, lesson: &Lesson) -> Option<(At, Matrix)> {
    let data = off(chances(&run.pieces()), &lesson.right_pieces);
    Some((run.pieces?, Matrix { rows: data.len(), cols: 1, data }))
}

/// How the cross entropy changes with each score.
fn off(chances: Vec<f64>, right: &[usize]) -> Vec<f32> {
    let wanted = |i: usize| if right.contains(&i) { 1.0 / right.len() as f64 } else { 0.0 };
    chances.into_iter().enumerate().map(|(i, chance)| (chance - wanted(i)) as f32).collect()
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

    /// One step, counted from 0, of so many; the rate rises first and then falls evenly to nothing.
    fn step(&mut self, weights: &mut [Matrix], slopes: &[Matrix], batch: usize, (step, of): (usize, usize)) {
        let rising = ((step as f32 + 1.0) / RISING).min(1.0);
        let rate = RATE * rising * (1.0 - step as f32 / of.max(1) as f32);
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
pub(crate) mod tests {
    use super::*;
    use crate::attention::{choices, pieces};
    use crate::deed::Manner;
    use crate::goal::Goal;
    use crate::moment::Moment;
    use crate::scene::Scene;
    use crate::span::spans;
    use crate::vocabulary::Vocabulary;
    use overt_event::{Node, Rect};

    const NAMES: [&str; 5] = ["ash", "birch", "cedar", "elm", "fir"];

    fn known() -> Vocabulary {
        Vocabulary {
            manners: vec![Manner::Click, Manner::Key(vec!["Return".into()])],
            goal_words: ["hit", "press"].map(str::to_owned).to_vec(),
            ..Vocabulary::default()
        }
    }

    /// The third of five buttons in another order is right, and so is the key where the goal says so.
    pub(crate) fn lesson(number: usize) -> Lesson {
        let node = |i: usize| Node {
            role: "push button".into(),
            name: NAMES[(i + number) % 5].into(),
            bounds: Rect { x: 0, y: 10 * i as i32, w: 50, h: 9 },
            ..Node::default()
        };
        let scene = Scene::new((0..5).map(node).collect());
        let key = number.is_multiple_of(2);
        let goal = Goal::new(if key { "hit the key" } else { "press the third" });
        let moment = Moment::new(&goal, &scene, &[], None);
        let choices = moment.choices(&known());
        assert_eq!(choices.len(), 6);
        let tokens = Tokens::new(&moment, &known(), &choices);
        Lesson { tokens, right: vec![if key { 5 } else { 2 }], right_pieces: Vec::new() }
    }

    /// The word after "with" is typed, wherever it stands.
    fn typing(word: &str, number: usize) -> Lesson {
        let node = Node { role: "entry".into(), states: vec!["focused".into()], ..Node::default() };
        let (scene, number) = (Scene::new(vec![node]), number % 3);
        let goal =
            format!("{} fill it with {word} for {}", ["Now", "Please do", "At noon"][number], NAMES[number]);
        let (goal, spans) = (Goal::new(&goal), spans(&Goal::new(&goal)));
        let moment = Moment::new(&goal, &scene, &[], None);
        let choices = moment.choices(&known());
        let tokens = Tokens::new(&moment, &known(), &choices).with_pieces(&moment, &known(), &spans);
        let right_pieces = (0..spans.len()).filter(|i| spans[*i].text == word).collect();
        Lesson { tokens, right: Vec::new(), right_pieces }
    }

    fn best(scores: &[f64]) -> Option<usize> {
        (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
    }

    fn taught(lessons: &[Lesson], seed: u64) -> Vec<Net> {
        learn(lessons, 2, seed, Course::default(), |_| ())
    }

    #[test]
    fn it_learns_from_elements_and_goal_and_the_same_seed_learns_the_same() {
        let lessons: Vec<Lesson> = (0..20).map(lesson).collect();
        let nets = taught(&lessons, 7);
        for other in (20..30).map(lesson) {
            assert_eq!(best(&choices(&nets, &other.tokens)), other.right.first().copied());
        }
        assert_eq!(nets, taught(&lessons, 7));
        assert_ne!(nets, taught(&lessons, 8));
        assert!(nets[0] != nets[1] && nets[1] != nets[2], "each begins elsewhere");
    }

    #[test]
    fn it_copies_a_piece_of_the_goal_that_it_never_saw() {
        let words: Vec<String> = (0..24).map(|i| format!("w{}q{}", i * 7 % 24, i)).collect();
        let lessons: Vec<Lesson> = words.iter().enumerate().map(|(i, word)| typing(word, i)).collect();
        let nets = taught(&lessons, 7);
        for (i, word) in ["larch", "oak", "yew"].into_iter().enumerate() {
            let other = typing(word, i);
            let chosen = best(&pieces(&nets, &other.tokens)).expect("there are pieces");
            assert!(other.right_pieces.contains(&chosen), "{word}");
        }
    }

    #[test]
    fn who_was_taught_nothing_does_what_it_leans_to() {
        let node = |name: &str| Node {
            role: "link".into(),
            name: name.into(),
            bounds: Rect { x: 0, y: 0, w: 9, h: 9 },
            ..Node::default()
        };
        let (goal, scene) = (Goal::new("open elm"), Scene::new(NAMES.map(node).to_vec()));
        let moment = Moment::new(&goal, &scene, &[], None);
        let tokens = Tokens::new(&moment, &known(), &moment.choices(&known()));
        let nets = [Net::new(2, &mut Rng::new(1))];
        assert_eq!(best(&choices(&nets, &tokens)), Some(3));
    }

    #[test]
    fn wherever_it_was_interrupted_it_learns_the_same() {
        let lessons: Vec<Lesson> = (0..20).map(lesson).collect();
        let mut seen = Vec::new();
        let nets = learn(&lessons, 2, 7, Course::default(), |course| seen.push(course.clone()));
        assert_eq!(seen.len(), NETS * rounds(lessons.len()));
        for at in [0, seen.len() / 2, seen.len() - 1] {
            assert_eq!(learn(&lessons, 2, 7, seen[at].clone(), |_| ()), nets);
        }
    }
}

//! The ladder of probes: small learners, each of which can do a little more than the one before.

use overt_dataset::GROUP_MIN;
use serde::{Deserialize, Serialize};

use crate::attention::{self, Net};
use crate::boost::{Choice, Growth, Leaning, Trees, chances};
use crate::counts::Counts;
use crate::course;
use crate::deed::{Deed, Manner, Past};
use crate::demonstration::{Demonstration, Shown};
use crate::features::{BASIC, LEANING, NAMES, Rows, SIGHTED_LEANING, UNPICTURED};
use crate::goal::Goal;
use crate::model::Plan;
use crate::moment::Moment;
use crate::progress::{Part, Progress};
use crate::scene::Scene;
use crate::span::{self, Span};
use crate::spent::Spent;
use crate::tokens::Tokens;
use crate::vocabulary::Vocabulary;

/// Which learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// The most frequent deed.
    Frequent,
    /// The deed that most often followed the last two.
    Ngram,
    /// Ranks elements by the plain features, and pieces of the goal for what is typed.
    Ranker,
    /// Ranks elements, and pieces of the goal, by what a small transformer finds in them, in the goal and in the past.
    Attention,
    /// Ranks them by all features but what they look like.
    Fuller,
    /// Ranks them by all features.
    Sighted,
}

/// All of them, from the bottom.
pub const PROBES: [Probe; 6] =
    [Probe::Frequent, Probe::Ngram, Probe::Ranker, Probe::Attention, Probe::Fuller, Probe::Sighted];

impl Probe {
    /// The word for it on the command line and in results.
    pub fn word(self) -> &'static str {
        match self {
            Self::Frequent => "frequent",
            Self::Ngram => "ngram",
            Self::Ranker => "ranker",
            Self::Attention => "attention",
            Self::Fuller => "fuller",
            Self::Sighted => "sighted",
        }
    }

    /// The one that is called so, on the command line or in full.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "most frequent action" | "most-frequent-action" => Some(Self::Frequent),
            "n-gram" => Some(Self::Ngram),
            _ => PROBES.into_iter().find(|probe| probe.word() == name),
        }
    }

    /// Of a choice's numbers so many are looked at, from the first.
    pub(crate) fn columns(self) -> usize {
        match self {
            Self::Ranker => BASIC,
            Self::Sighted => NAMES.len(),
            _ => UNPICTURED,
        }
    }

    /// Whether it goes by what elements look like.
    pub fn looks_at_pictures(self) -> bool {
        self == Self::Sighted
    }

    /// What it leans to among elements before it learns.
    pub(crate) fn leaning(self) -> Leaning {
        match self {
            Self::Attention | Self::Fuller => LEANING,
            Self::Sighted => SIGHTED_LEANING,
            _ => &[],
        }
    }
}

/// What a probe learned.
#[derive(Clone, Debug, PartialEq)]
pub enum Skill {
    Counted(Counts),
    Ranked {
        /// Of a row so many numbers are looked at.
        features: usize,
        elements: Trees,
        spans: Trees,
        /// Whether it is over.
        ends: Trees,
    },
    Attending {
        /// The mean of their scores counts.
        nets: Vec<Net>,
        ends: Trees,
    },
}

/// How well what was shown can be learned from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learned {
    pub episodes: u64,
    pub steps: u64,
    /// Of these, those whose picture was looked at.
    #[serde(default)]
    pub steps_seen: u64,
    /// How long was recorded for them; 0 where it is not told, as of few people.
    #[serde(default)]
    pub spent_millis: Spent,
    /// Behind each of these times are so many recorded people at least, or none. A file that does not tell it is older: what it tells may
    /// be of fewer.
    #[serde(default)]
    pub people_min: u32,
    /// Ends of episodes that were seen.
    #[serde(default)]
    pub ends: u64,
    /// Texts that are a piece of the goal.
    pub texts_from_goal: u64,
    /// Texts that are none: which words to type there is not learned.
    pub texts_from_elsewhere: u64,
    /// Texts that were not kept: that they were phrases of the goal is a guess.
    pub texts_unknown: u64,
    /// Deeds that are no choice, such as a key in one step of a thousand.
    pub deeds_no_choice: u64,
}

impl Learned {
    /// As [`spent_on`](crate::spent::spent_on) tells it.
    pub(crate) fn tell_time(&mut self, spent_millis: Spent) {
        (self.spent_millis, self.people_min) = (spent_millis, GROUP_MIN);
    }

    /// That they sat in an application is left, and no time.
    pub(crate) fn forget_hours_of_few(&mut self) {
        if self.people_min < GROUP_MIN {
            self.spent_millis.values_mut().for_each(|millis| *millis = 0);
        }
    }
}

/// Learns from demonstrations. The same demonstrations and plan give the same skill.
pub(crate) fn train(
    all: &[Demonstration],
    known: &Vocabulary,
    plan: Plan,
    progress: &mut Progress,
) -> (Skill, Learned) {
    let Plan { probe, growth, seed, .. } = plan;
    let mut lesson = Lesson::of(probe);
    all.iter().for_each(|one| lesson.add(one, &known.without(one)));
    let skill = match probe {
        Probe::Frequent => Skill::Counted(Counts::of(all, 0)),
        Probe::Ngram => Skill::Counted(Counts::of(all, 2)),
        Probe::Ranker | Probe::Fuller | Probe::Sighted => Skill::Ranked {
            features: probe.columns(),
            elements: progress.grow(Part::Elements(probe), &lesson.elements, growth, seed),
            spans: lesson.spans(growth, seed, progress),
            ends: lesson.ends(growth, seed, progress),
        },
        Probe::Attention => Skill::Attending {
            nets: progress.learn(&lesson.moments, known.manners.len(), seed),
            ends: lesson.ends(growth, seed, progress),
        },
    };
    (skill, lesson.learned)
}

/// Pieces of goals and ends of episodes get a fifth of the trees: there are few lessons, and each person's way would be
/// learned by heart.
fn a_fifth_of(growth: Growth) -> Growth {
    Growth { trees: growth.trees.div_ceil(5), ..growth }
}

/// Choices in the making.
struct Lesson {
    probe: Probe,
    elements: Vec<Choice>,
    /// The same for a transformer.
    moments: Vec<course::Lesson>,
    spans: Vec<Choice>,
    ends: Vec<Choice>,
    learned: Learned,
}

impl Lesson {
    fn of(probe: Probe) -> Self {
        Self {
            probe,
            elements: Vec::new(),
            moments: Vec::new(),
            spans: Vec::new(),
            ends: Vec::new(),
            learned: Learned::default(),
        }
    }

    fn add(&mut self, one: &Demonstration, known: &Vocabulary) {
        walk(one, |moment, step| {
            if let Some(step) = step {
                self.add_step(moment, known, step);
            }
            self.ends
                .push(Choice { rows: end_rows(moment, known), right: vec![usize::from(step.is_none())] });
            self.learned.ends += u64::from(step.is_none());
        });
        self.learned.episodes += 1;
        self.learned.steps += one.steps.len() as u64;
        let seen = one.steps.iter().filter(|s| self.probe.looks_at_pictures() && s.scene.is_seen());
        self.learned.steps_seen += seen.count() as u64;
    }

    fn spans(&self, growth: Growth, seed: u64, progress: &mut Progress) -> Trees {
        progress.grow(Part::Spans, &self.spans, a_fifth_of(growth), seed ^ 1)
    }

    /// Nothing where no end was seen.
    fn ends(&self, growth: Growth, seed: u64, progress: &mut Progress) -> Trees {
        let known = self.learned.ends > 0;
        let lessons: &[Choice] = if known { &self.ends } else { &[] };
        let growth = if known { a_fifth_of(growth) } else { Growth { trees: 0, ..growth } };
        progress.grow(Part::Ends, lessons, growth, seed ^ 2)
    }

    fn add_step(&mut self, moment: &Moment<'_>, known: &Vocabulary, step: &Shown) {
        let choices = moment.choices(known);
        let right: Vec<usize> = (0..choices.len()).filter(|i| is_shown(&choices[*i], step)).collect();
        self.learned.deeds_no_choice += u64::from(right.is_empty());
        let spans = if step.manner == Manner::Type { span::spans(moment.goal) } else { Vec::new() };
        let right_pieces = texts(&spans, moment, step);
        if step.manner == Manner::Type {
            self.count_text(step, right_pieces.is_empty());
        }
        match self.probe {
            Probe::Frequent | Probe::Ngram => {}
            Probe::Attention => {
                let tokens = Tokens::new(moment, known, &choices).with_pieces(moment, known, &spans);
                self.moments.push(course::Lesson { tokens, right, right_pieces });
            }
            Probe::Ranker | Probe::Fuller | Probe::Sighted => {
                self.add_choice(moment, known, &choices, right);
                self.add_text(moment, known, &spans, right_pieces);
            }
        }
    }

    fn count_text(&mut self, step: &Shown, from_elsewhere: bool) {
        match (&step.text, from_elsewhere) {
            (None, _) => self.learned.texts_unknown += 1,
            (Some(_), false) => self.learned.texts_from_goal += 1,
            (Some(_), true) => self.learned.texts_from_elsewhere += 1,
        }
    }

    fn add_choice(&mut self, moment: &Moment<'_>, known: &Vocabulary, choices: &[Deed], right: Vec<usize>) {
        if !right.is_empty() {
            let rows = Rows::new(moment, known);
            let rows = choices.iter().map(|deed| cut(rows.row(deed), self.probe.columns())).collect();
            self.elements.push(Choice { rows, right });
        }
    }

    fn add_text(&mut self, moment: &Moment<'_>, known: &Vocabulary, spans: &[Span], right: Vec<usize>) {
        if !right.is_empty() {
            let rows = spans.iter().map(|s| span::row(s, moment, known)).collect();
            self.spans.push(Choice { rows, right });
        }
    }
}

/// A moment as a choice between going on and ending: its own numbers, and which of the two.
fn end_rows(moment: &Moment<'_>, known: &Vocabulary) -> Vec<Vec<f32>> {
    let whole = Deed { manner: Manner::Click, on: None, text: None };
    let row = cut(Rows::new(moment, known).row(&whole), Probe::Fuller.columns());
    [0.0, 1.0].map(|ends| [row.as_slice(), &[ends]].concat()).to_vec()
}

/// So many numbers have these rows.
pub(crate) fn end_columns() -> usize {
    Probe::Fuller.columns() + 1
}

/// Goes through what was shown, with the moment before each step, and where it is known the one after the last.
fn walk(one: &Demonstration, mut visit: impl FnMut(&Moment<'_>, Option<&Shown>)) {
    let goal = Goal::new(&one.goal);
    let mut past: Vec<Past> = Vec::new();
    for (i, step) in one.steps.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| &one.steps[i].scene);
        let moment = Moment::new(&goal, &step.scene, &past, before);
        visit(&moment, Some(step));
        let done = was(moment.scene, &step.manner, step.on, text_shown(&moment, step));
        past.push(done);
    }
    if let Some(last) = &one.last {
        visit(&Moment::new(&goal, last, &past, one.steps.last().map(|s| &s.scene)), None);
    }
}

/// The pieces that were typed, or of which one may have been; of none of them none.
fn texts(spans: &[Span], moment: &Moment<'_>, step: &Shown) -> Vec<usize> {
    match &step.text {
        Some(text) => span::typed_as(spans, text),
        None => span::guesses(spans, moment),
    }
}

/// What was typed; where that is not known and there is only one guess, the guess.
fn text_shown(moment: &Moment<'_>, step: &Shown) -> Option<String> {
    if step.manner != Manner::Type || step.text.is_some() {
        return step.text.clone();
    }
    let spans = span::spans(moment.goal);
    let guesses = span::guesses(&spans, moment);
    let text = &spans[*guesses.first()?].text;
    guesses.iter().all(|i| spans[*i].text == *text).then(|| text.clone())
}

/// Whether a choice is what was done. What is typed, or a key, goes to whatever has the focus.
fn is_shown(choice: &Deed, step: &Shown) -> bool {
    choice.manner == step.manner && (!step.manner.points() || choice.on == step.on)
}

fn cut(mut row: Vec<f32>, features: usize) -> Vec<f32> {
    row.truncate(features);
    row
}

/// A deed as it will be remembered.
pub(crate) fn was(scene: &Scene, manner: &Manner, on: Option<usize>, text: Option<String>) -> Past {
    let node = on.map(|i| &scene.nodes()[i]);
    let name = on.map(|i| scene.text(i).to_owned()).unwrap_or_default();
    Past { name, ..Past::new(manner.clone(), node, text) }
}

/// A deed, and how sure the probe is of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub deed: Deed,
    /// Between 0 and 1; 1 for a probe that only counts.
    pub chance: f64,
}

impl Skill {
    /// What to do; nothing of what is `barred`. `None` where it knows nothing to do.
    pub fn decide(&self, moment: &Moment<'_>, known: &Vocabulary, barred: &[Deed]) -> Option<Decision> {
        let mut choices = moment.choices(known);
        choices.retain(|c| !barred.iter().any(|b| b.manner == c.manner && b.on == c.on));
        let scores = match self {
            Self::Counted(counts) => {
                return counts.choose(moment, barred).map(|deed| Decision { deed, chance: 1.0 });
            }
            Self::Ranked { features, elements, .. } => {
                let rows = Rows::new(moment, known);
                choices.iter().map(|c| elements.score(&cut(rows.row(c), *features))).collect()
            }
            Self::Attending { nets, .. } => attention::choices(nets, &Tokens::new(moment, known, &choices)),
        };
        let (best, chance) = likeliest(scores)?;
        let mut deed = choices.swap_remove(best);
        if deed.manner == Manner::Type {
            deed.text = Some(self.text(moment, known)?);
        }
        Some(Decision { deed, chance })
    }

    /// What to type.
    fn text(&self, moment: &Moment<'_>, known: &Vocabulary) -> Option<String> {
        let spans = span::spans(moment.goal);
        let scores: Vec<f64> = match self {
            Self::Counted(_) => return None,
            Self::Ranked { spans: trees, .. } => {
                spans.iter().map(|s| trees.score(&span::row(s, moment, known))).collect()
            }
            Self::Attending { nets, .. } => {
                let tokens = Tokens::new(moment, known, &moment.choices(known));
                attention::pieces(nets, &tokens.with_pieces(moment, known, &spans))
            }
        };
        span::likeliest(spans, &chances(&scores)).map(|s| s.text)
    }
}

impl Skill {
    /// Whether it is over: it looks more like the end of what was shown than like any moment before.
    pub fn is_done(&self, moment: &Moment<'_>, known: &Vocabulary) -> bool {
        let (Self::Ranked { ends, .. } | Self::Attending { ends, .. }) = self else { return false };
        let scores: Vec<f64> = end_rows(moment, known).iter().map(|row| ends.score(row)).collect();
        !moment.past.is_empty() && scores[1] > scores[0]
    }
}

/// The place of the greatest score, the first of equals, and its probability.
fn likeliest(scores: Vec<f64>) -> Option<(usize, f64)> {
    let best = (0..scores.len()).reduce(|a, b| if scores[b] > scores[a] { b } else { a })?;
    Some((best, chances(&scores)[best]))
}

/// The part of steps on which a skill would have done what was shown. Never a measure by itself: of what it leads
/// to it says nothing.
pub fn step_accuracy(skill: &Skill, known: &Vocabulary, all: &[Demonstration]) -> Option<f64> {
    let (mut right, mut steps) = (0_u32, 0_u32);
    for one in all {
        walk(one, |moment, step| {
            let Some(step) = step else { return };
            let same = skill.decide(moment, known, &[]).is_some_and(|d| {
                is_shown(&d.deed, step) && (step.text.is_none() || d.deed.text == step.text)
            });
            right += u32::from(same);
            steps += 1;
        });
    }
    (steps > 0).then(|| f64::from(right) / f64::from(steps))
}

//! What could be typed: pieces of the goal, and how they look as numbers (docs/spec/model.md, section 4).

use serde::{Deserialize, Serialize};

use crate::association::strongest;
use crate::goal::Goal;
use crate::moment::Moment;
use crate::vocabulary::Vocabulary;

/// Words of a piece that is no phrase, at most.
const WORDS_MAX: usize = 6;

/// The version of the list below, and of what is learned by it.
pub(crate) const SPANS_VERSION: u32 = 4;

/// What the numbers of a row are, in order.
pub(crate) const NAMES: [&str; 19] = [
    "way",
    "words",
    "chars",
    "quoted",
    "is_phrase",
    "phrase_less_typed",
    "at",
    "from_end",
    "after",
    "after_after",
    "before",
    "digits",
    "capital",
    "was_typed",
    "in_name",
    "word_before_in_name",
    "role",
    "typed",
    "field_told",
];

impl Span {
    /// The places of its first and its last word in the goal.
    pub(crate) fn ends(&self) -> (usize, usize) {
        (self.first, self.last)
    }

    /// The words of the goal before it (after `<`) and after it (after `>`).
    pub(crate) fn beside(&self, goal: &Goal) -> impl Iterator<Item = String> {
        let word = |at: usize, mark: char| goal.words().get(at).map(|w| format!("{mark}{}", w.low));
        let before = self.first.checked_sub(1).and_then(|at| word(at, '<'));
        before.into_iter().chain(word(self.last + 1, '>'))
    }
}

/// How a piece is written where it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    AsItIs,
    /// In small letters.
    Low,
    /// Letters and digits alone, as a date's field wants them.
    Plain,
    /// The same, with numbers of one digit written with two.
    Padded,
    /// As the last, in small letters.
    PaddedLow,
    /// As the last, of words the first letter alone, as a time's field wants the half of the day.
    Short,
    /// As it is, with the signs around it: a sentence ends with one.
    WithSigns,
}

/// All of them; a piece's way is its place here.
pub(crate) const WAYS: [Way; 7] =
    [Way::AsItIs, Way::Low, Way::Plain, Way::Padded, Way::PaddedLow, Way::Short, Way::WithSigns];

/// A piece of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What would be typed.
    pub text: String,
    first: usize,
    last: usize,
    way: Way,
}

/// Every piece of a goal in every way that changes it. Order: by first word, then by length.
pub fn spans(goal: &Goal) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    let phrases: Vec<(usize, usize)> = goal.phrase_ends().flatten().collect();
    for first in 0..goal.words().len() {
        let short = first..goal.words().len().min(first + WORDS_MAX);
        let long =
            phrases.iter().filter(|(from, to)| *from == first && !short.contains(to)).map(|(_, to)| *to);
        for last in short.clone().chain(long) {
            let begin = all.len();
            for way in WAYS {
                let text = way.write(goal, first, last);
                if !text.is_empty() && all[begin..].iter().all(|s| s.text != text) {
                    all.push(Span { text, first, last, way });
                }
            }
        }
    }
    all
}

impl Way {
    fn write(self, goal: &Goal, first: usize, last: usize) -> String {
        let text = goal.between(first, last);
        match self {
            Self::AsItIs => text.to_owned(),
            Self::Low => text.to_lowercase(),
            Self::Plain => text.chars().filter(|c| c.is_alphanumeric()).collect(),
            Self::Padded => padded(text, false),
            Self::PaddedLow => padded(text, false).to_lowercase(),
            Self::Short => padded(text, true).to_lowercase(),
            Self::WithSigns => goal.with_signs(first, last).to_owned(),
        }
    }
}

/// Letters and digits, a digit that stands alone with a 0 before it; where it is to be `short`, of words the first
/// letter alone.
fn padded(text: &str, short: bool) -> String {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.fold(String::new(), |mut out, part| {
        let number = part.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(if number && part.len() == 1 { "0" } else { "" });
        let kept = if short && !number { 1 } else { usize::MAX };
        out.extend(part.chars().take(kept));
        out
    })
}

/// The pieces that are this text; where none is, those that differ from it in capitals and zeros in front.
/// Places in the list.
pub(crate) fn typed_as(spans: &[Span], text: &str) -> Vec<usize> {
    let places =
        |same: &dyn Fn(&Span) -> bool| (0..spans.len()).filter(|i| same(&spans[*i])).collect::<Vec<_>>();
    let exact = places(&|s| s.text == text.trim());
    let about = about(text);
    if exact.is_empty() && !about.is_empty() { places(&|s| self::about(&s.text) == about) } else { exact }
}

fn about(text: &str) -> String {
    text.trim().to_lowercase().trim_start_matches('0').to_owned()
}

/// What was probably typed where the text is not known: a whole phrase of the goal as it stands there. Of those that were not typed
/// yet it is the one that the field is named for, or else the first: goals tell things in the order in which they are done. Places in
/// the list.
pub(crate) fn guesses(spans: &[Span], moment: &Moment<'_>) -> Vec<usize> {
    let phrase = |span: &Span| phrase(span, moment.goal).is_some_and(|(_, as_it_stands)| as_it_stands);
    let mut all: Vec<usize> = (0..spans.len()).filter(|i| phrase(&spans[*i])).collect();
    let mut fresh = all.iter().copied().filter(|i| !was_typed(&spans[*i], moment));
    let named = fresh.clone().find(|i| is_named_for(moment, &spans[*i]));
    if let Some(one) = named.or_else(|| fresh.next()) {
        all.retain(|i| spans[*i].text == spans[one].text);
    }
    all
}

/// Which phrase of the goal a piece is, and whether it is written as that stands there.
fn phrase(span: &Span, goal: &Goal) -> Option<(usize, bool)> {
    let at = goal.phrase(span.first, span.last)?;
    Some((at, goal.phrases().nth(at).is_some_and(|phrase| phrase.trim() == span.text)))
}

/// Whether the word before a piece stands in the name of the field that has the focus.
fn is_named_for(moment: &Moment<'_>, span: &Span) -> bool {
    let name = moment.scene.entry().map_or("", |i| moment.scene.text(i)).to_lowercase();
    let before = span.first.checked_sub(1).map(|i| moment.goal.words()[i].low.as_str());
    before.is_some_and(|word| !word.is_empty() && name.contains(word))
}

fn was_typed(span: &Span, moment: &Moment<'_>) -> bool {
    moment.past.iter().any(|p| p.text.as_deref() == Some(span.text.as_str()))
}

/// The likeliest of pieces: first which words, in whatever way they are written, then in which. People agree on what
/// to type sooner than on how.
pub(crate) fn likeliest(mut spans: Vec<Span>, chances: &[f64]) -> Option<Span> {
    let words = |i: usize| (spans[i].first, spans[i].last);
    let of_words =
        |own: (usize, usize)| (0..spans.len()).filter(|i| words(*i) == own).map(|i| chances[i]).sum::<f64>();
    let rank = |i: usize| (of_words(words(i)), chances[i]);
    let best = (0..spans.len()).map(|i| (i, rank(i))).reduce(|a, b| if b.1 > a.1 { b } else { a })?.0;
    Some(spans.swap_remove(best))
}

/// The numbers of one piece, as [`NAMES`] says.
pub(crate) fn row(span: &Span, moment: &Moment<'_>, known: &Vocabulary) -> Vec<f32> {
    let mut row = written(span, moment);
    row.extend(around(span, moment, known));
    row.extend(field(span, moment, known));
    debug_assert_eq!(row.len(), NAMES.len());
    row
}

fn written(span: &Span, moment: &Moment<'_>) -> Vec<f32> {
    let goal = moment.goal;
    let phrase = phrase(span, goal);
    let typed = moment.typed() as f32;
    vec![
        WAYS.iter().position(|w| *w == span.way).unwrap_or(0) as f32,
        (span.last - span.first + 1) as f32,
        span.text.chars().count().min(40) as f32,
        f32::from(u8::from(goal.words()[span.first].quoted && goal.words()[span.last].quoted)),
        phrase.map_or(0.0, |(_, as_it_stands)| if as_it_stands { 2.0 } else { 1.0 }),
        phrase.map_or(99.0, |(at, _)| at as f32 - typed),
        span.first as f32,
        (goal.words().len() - span.last) as f32,
    ]
}

fn around(span: &Span, moment: &Moment<'_>, known: &Vocabulary) -> Vec<f32> {
    let words = moment.goal.words();
    let word = |at: Option<usize>| known.goal_word(at.and_then(|i| words.get(i)).map(|w| w.low.as_str()));
    let first = &words[span.first].raw;
    let digits = span.text.chars().filter(char::is_ascii_digit).count() as f32;
    vec![
        word(span.first.checked_sub(1)),
        word(span.first.checked_sub(2)),
        word(Some(span.last + 1)),
        digits / span.text.chars().count().max(1) as f32,
        f32::from(u8::from(first.starts_with(char::is_uppercase))),
    ]
}

fn field(span: &Span, moment: &Moment<'_>, known: &Vocabulary) -> Vec<f32> {
    let entry = moment.scene.entry();
    let name = entry.map_or("", |i| moment.scene.text(i)).to_lowercase();
    vec![
        f32::from(u8::from(was_typed(span, moment))),
        f32::from(u8::from(!name.is_empty() && name.contains(&span.text.to_lowercase()))),
        f32::from(u8::from(is_named_for(moment, span))),
        entry.map_or(-1.0, |i| known.role(&moment.scene.nodes()[i].role)),
        moment.typed().min(30) as f32,
        entry.map_or(0.0, |i| field_told(span, moment, known, i)),
    ]
}

/// How far the words beside a piece go together with those of the field's name, the strongest of them.
fn field_told(span: &Span, moment: &Moment<'_>, known: &Vocabulary, field: usize) -> f32 {
    let words: Vec<u32> = span.beside(moment.goal).filter_map(|w| known.fields.word(&w)).collect();
    let name = || moment.scene.words(field).iter().filter_map(|n| known.fields.thing(n));
    strongest(words.iter().flat_map(|w| name().map(|n| known.fields.strength(*w, n))))
}

#[cfg(test)]
mod tests {
    use overt_event::Node;

    use super::*;
    use crate::deed::{Manner, Past};
    use crate::scene::Scene;

    fn has(goal: &str, text: &str) -> bool {
        spans(&Goal::new(goal)).iter().any(|s| s.text == text)
    }

    #[test]
    fn names_dates_and_times_are_pieces_as_people_type_them() {
        assert!(has("Enter \"Big Ben\" and press Submit.", "Big Ben"));
        assert!(has("Search for Rex now", "rex"));
        assert!(has("Enter 09/30/2012 as the date", "09302012"));
        assert!(has("Enter 1:52 PM as the time", "0152PM") && has("Enter 1:52 PM", "0152p"));
        assert!(!has("Enter a", "b"));
        assert!(has("Reply \"See you there.\" to Ann.", "See you there."));
        assert!(has("Write \"One two three four five six, seven.\"", "One two three four five six, seven."));
    }

    #[test]
    fn words_are_chosen_before_the_way_they_are_written() {
        let all = spans(&Goal::new("Enter 1:52 PM"));
        let chance = |s: &Span| match s.text.as_str() {
            "152" => 0.4,
            "0152PM" | "0152p" => 0.25,
            _ => 0.0,
        };
        let chances: Vec<f64> = all.iter().map(chance).collect();
        assert_eq!(likeliest(all, &chances).map(|s| s.text).as_deref(), Some("0152PM"));
        assert_eq!(likeliest(Vec::new(), &[]), None);
    }

    #[test]
    fn a_text_that_is_written_another_way_is_the_piece_nearest_to_it() {
        let all = spans(&Goal::new("Enter 1:52 PM"));
        let found =
            |text: &str| typed_as(&all, text).into_iter().map(|i| all[i].text.as_str()).collect::<Vec<_>>();
        assert_eq!(found("152"), ["152"]);
        assert_eq!(found("152P"), ["0152p"]);
        assert_eq!(found("152pm"), ["152PM", "0152PM", "0152pm"]);
        assert_eq!((found("1352").len(), found(" ").len()), (0, 0));
    }

    /// What is guessed for a field of this name once these texts were typed.
    fn check_guess(goal: &str, field: &str, typed: &[&str], expected: &[&str]) {
        let node = Node {
            role: "entry".into(),
            name: field.into(),
            states: vec!["focused".into()],
            ..Node::default()
        };
        let (goal, scene) = (Goal::new(goal), Scene::new(vec![node]));
        let all = spans(&goal);
        let past = |t: &&str| Past::new(Manner::Type, None, Some((*t).to_owned()));
        let past: Vec<Past> = typed.iter().map(past).collect();
        let moment = Moment::new(&goal, &scene, &past, None);
        let guessed: Vec<&str> = guesses(&all, &moment).into_iter().map(|i| all[i].text.as_str()).collect();
        assert_eq!(guessed, expected);
    }

    #[test]
    fn a_text_that_is_not_known_was_the_first_phrase_that_was_not_typed_yet() {
        let check = |typed: &[&str], expected: &[&str]| {
            check_guess("Log in as \"Ann\" with \"Xy9\".", "", typed, expected);
        };
        check(&[], &["Ann"]);
        check(&["Ann"], &["Xy9"]);
        check(&["Xy9"], &["Ann"]);
        check(&["Ann", "Xy9"], &["Ann", "Xy9"]);
        check_guess("Take \"x. Y!\".", "", &[], &["x. Y!"]);
    }

    #[test]
    fn a_text_that_is_not_known_was_the_phrase_that_the_field_is_named_for() {
        let check = |field: &str, expected: &str| {
            check_guess("Take the password \"Xy9\" for the user \"Ann\".", field, &[], &[expected]);
        };
        check("Username", "Ann");
        check("Password", "Xy9");
        check("Field", "Xy9");
    }

    #[test]
    fn a_row_has_a_number_for_each_name() {
        let (goal, scene, known) = (Goal::new("type x"), Default::default(), Vocabulary::default());
        let moment = Moment::new(&goal, &scene, &[], None);
        for span in spans(&goal) {
            assert_eq!(row(&span, &moment, &known).len(), NAMES.len());
        }
    }
}

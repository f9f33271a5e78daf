//! What is to be done, as words.

/// One word of a goal, without the signs around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it stands there.
    pub raw: String,
    /// In small letters.
    pub low: String,
    /// It stands between quotation marks.
    pub quoted: bool,
    /// Its bytes in the goal's text.
    from: usize,
    to: usize,
}

/// A goal in the person's own language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    text: String,
    words: Vec<Word>,
    phrases: Vec<(usize, usize)>,
}

impl Goal {
    /// Splits a goal at spaces and at `>`, which separates the parts of a path.
    pub fn new(text: &str) -> Self {
        let phrases = quoted(text);
        let mut words = Vec::new();
        for (from, piece) in pieces(text) {
            let (lead, core) = stripped(piece);
            if core.is_empty() {
                continue;
            }
            let (from, to) = (from + lead, from + lead + core.len());
            let quoted = phrases.iter().any(|(a, b)| *a <= from && to <= *b);
            words.push(Word { raw: core.to_owned(), low: low(core), quoted, from, to });
        }
        Self { text: text.to_owned(), words, phrases }
    }

    /// The goal as it was said.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its words, in order.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// What stands between quotation marks, in order.
    pub fn phrases(&self) -> impl Iterator<Item = &str> {
        self.phrases.iter().map(|(from, to)| &self.text[*from..*to])
    }

    /// The text from one word to another, both included.
    pub(crate) fn between(&self, first: usize, last: usize) -> &str {
        &self.text[self.words[first].from..self.words[last].to]
    }

    /// The same with the signs before the first word and after the last one, but without quotation marks.
    pub(crate) fn with_signs(&self, first: usize, last: usize) -> &str {
        let (before, after) = (&self.text[..self.words[first].from], &self.text[self.words[last].to..]);
        let sign = |c: char| SIGNS.contains(&c) && !MARKS.contains(&c);
        let from = before.trim_end_matches(sign).len();
        let signs_after = after.len() - after.trim_start_matches(sign).len();
        &self.text[from..self.words[last].to + signs_after]
    }

    /// Which phrase these words are, and all of it.
    pub(crate) fn phrase(&self, first: usize, last: usize) -> Option<usize> {
        self.phrase_ends().position(|ends| ends == Some((first, last)))
    }

    /// The first and the last word of each phrase.
    pub(crate) fn phrase_ends(&self) -> impl Iterator<Item = Option<(usize, usize)>> {
        self.phrases.iter().map(|(from, to)| {
            let within = |w: &Word| *from <= w.from && w.to <= *to;
            Some((self.words.iter().position(within)?, self.words.iter().rposition(within)?))
        })
    }

    /// The first number that a word begins with, such as 3 in `3rd`.
    pub(crate) fn number(&self) -> Option<f32> {
        let digits = |w: &Word| w.raw.chars().take_while(char::is_ascii_digit).collect::<String>();
        self.words.iter().find_map(|w| digits(w).parse::<u16>().ok()).map(f32::from)
    }

    /// All numbers in it, those that signs part from each other one by one: `01/25/2016` is three.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u16> {
        let parts = self.words.iter().flat_map(|w| w.raw.split(|c: char| !c.is_ascii_digit()));
        parts.filter_map(|digits| digits.parse().ok())
    }

    /// Where these words, in small letters, stand in it one after the other.
    pub(crate) fn find(&self, words: &[String]) -> Option<usize> {
        if words.is_empty() {
            return None;
        }
        self.words.windows(words.len()).position(|w| w.iter().zip(words).all(|(a, b)| a.low == *b))
    }
}

/// The words of any text, in small letters and without the signs around them.
pub(crate) fn low_words(text: &str) -> Vec<String> {
    let cores = pieces(text).into_iter().map(|(_, piece)| stripped(piece).1);
    cores.filter(|core| !core.is_empty()).map(low).collect()
}

/// In small letters, and whose it is not told: `Ann's` is `ann`.
fn low(word: &str) -> String {
    let low = word.to_lowercase();
    let whose = ["'s", "’s"].iter().find_map(|end| low.strip_suffix(end)).filter(|rest| !rest.is_empty());
    whose.map_or_else(|| low.clone(), str::to_owned)
}

/// The pieces between separators, each with its first byte.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let apart = |c: char| c.is_whitespace() || c == '>';
    let base = text.as_ptr() as usize;
    text.split(apart).filter(|p| !p.is_empty()).map(|p| (p.as_ptr() as usize - base, p)).collect()
}

/// What does not belong to a word at its ends.
const SIGNS: [char; 13] = ['"', '\'', '.', ',', ':', ';', '!', '?', '(', ')', '“', '”', '\u{a0}'];
/// Those of them that only stand around what is meant.
const MARKS: [char; 4] = ['"', '“', '”', '\u{a0}'];

/// A piece without the signs at its ends, and how many bytes went in front.
fn stripped(piece: &str) -> (usize, &str) {
    let rest = piece.trim_start_matches(SIGNS);
    (piece.len() - rest.len(), rest.trim_end_matches(SIGNS))
}

/// The bytes between pairs of quotation marks.
fn quoted(text: &str) -> Vec<(usize, usize)> {
    let marks: Vec<usize> = text.match_indices('"').map(|(i, _)| i).collect();
    marks.chunks_exact(2).map(|pair| (pair[0] + 1, pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, words: &[&str], phrases: &[&str]) {
        let goal = Goal::new(text);
        assert_eq!(goal.words().iter().map(|w| w.raw.as_str()).collect::<Vec<_>>(), words);
        assert_eq!(goal.phrases().collect::<Vec<_>>(), phrases);
    }

    #[test]
    fn words_stand_without_signs_and_phrases_without_marks() {
        check("Select Ab>Cd, e.", &["Select", "Ab", "Cd", "e"], &[]);
        check("Enter \"a b.\" and \"c\"", &["Enter", "a", "b", "and", "c"], &["a b.", "c"]);
        check("odd \"mark", &["odd", "mark"], &[]);
    }

    #[test]
    fn a_phrase_is_known_by_its_words_whatever_signs_end_it() {
        let goal = Goal::new("Reply \"So it is. (Yes!)\", Ann.");
        assert_eq!((goal.phrase(1, 4), goal.phrase(1, 3), goal.phrase(0, 4)), (Some(0), None, None));
        assert_eq!((goal.between(1, 4), goal.with_signs(1, 4)), ("So it is. (Yes", "So it is. (Yes!)"));
        assert_eq!((goal.with_signs(4, 4), goal.with_signs(5, 5)), ("(Yes!)", "Ann."));
        assert_eq!(Goal::new("Say \"...\"").phrase(0, 0), None);
    }

    #[test]
    fn words_are_found_where_they_follow_each_other() {
        let goal = Goal::new("Click the 3rd \"Big Box\".");
        assert_eq!(goal.find(&low_words("big box")), Some(3));
        assert_eq!(goal.find(&low_words("box big")), None);
        assert_eq!(goal.number(), Some(3.0));
        assert_eq!(goal.between(3, 4), "Big Box");
        assert!(goal.words()[3].quoted && !goal.words()[2].quoted);
        assert_eq!(Goal::new("Delete Ann's mail").find(&low_words("Ann")), Some(1));
    }

    #[test]
    fn numbers_are_told_one_by_one() {
        let goal = Goal::new("On 01/25/2016 buy 3 x7.");
        assert_eq!(goal.numbers().collect::<Vec<_>>(), [1, 25, 2016, 3, 7]);
    }
}

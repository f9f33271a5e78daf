//! The organisation's own list of what must not be recorded.

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;
use sha2::{Digest as _, Sha256};

use crate::FilterError;

/// Words, phrases and patterns. It has no `Debug`: what it names is secret.
#[derive(Clone)]
pub struct Dictionary {
    digest: [u8; 32],
    /// Raised to lower case, as the text is that is searched.
    words: Option<AhoCorasick>,
    /// The same, sorted.
    entries: Vec<String>,
    patterns: Vec<Regex>,
}

impl Dictionary {
    /// Reads a list: one entry a line, `/…/` a pattern, `#` a comment (docs/spec/filter.md, section 2).
    ///
    /// Errors: no entries; a pattern that does not compile or that matches nothing at all, by its line.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let (mut entries, mut patterns) = (Vec::new(), Vec::new());
        let lines = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim()));
        for (line, entry) in lines.filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
            match entry.strip_prefix('/').and_then(|e| e.strip_suffix('/')) {
                Some(pattern) => patterns.push(pattern_of(pattern, line)?),
                None => entries.push(entry.to_lowercase()),
            }
        }
        if entries.is_empty() && patterns.is_empty() {
            return Err(FilterError::DictionaryEmpty);
        }
        let words = (!entries.is_empty()).then(|| search_for(&entries)).transpose()?;
        entries.sort_unstable();
        Ok(Self { digest: Sha256::digest(text.as_bytes()).into(), words, entries, patterns })
    }

    /// SHA-256 of the file.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Where an entry begins that the end of the text is the beginning of, in bytes; not before `from`. Of patterns
    /// nobody can tell.
    pub(crate) fn begun(&self, text: &str, from: usize) -> Option<usize> {
        let lower = text.to_lowercase();
        // Where lower case has another length, places would be those of another text.
        if self.entries.is_empty() || lower.len() != text.len() {
            return None;
        }
        let starts = lower.char_indices().map(|(i, _)| i).filter(|i| *i >= from);
        let mut begun = starts.filter(|i| is_whole(&lower, &(*i..lower.len())) && self.goes_on(&lower[*i..]));
        begun.next()
    }

    /// Whether an entry begins so and is longer.
    fn goes_on(&self, beginning: &str) -> bool {
        let at = self.entries.partition_point(|entry| entry.as_str() < beginning);
        let like = self.entries[at..].iter().take_while(|entry| entry.starts_with(beginning));
        like.into_iter().any(|entry| entry.len() > beginning.len())
    }

    /// Places of whole words and of patterns.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<std::ops::Range<usize>>) {
        found.extend(self.patterns.iter().flat_map(|p| p.find_iter(text).map(|m| m.range())));
        let Some(words) = &self.words else { return };
        let lower = text.to_lowercase();
        // Where lower case has another length, places would be those of another text: all of it counts.
        let moved = lower.len() != text.len();
        for found_at in words.find_iter(&lower).map(|m| m.range()).filter(|r| is_whole(&lower, r)) {
            found.push(if moved { 0..text.len() } else { found_at });
        }
    }
}

fn pattern_of(pattern: &str, line: usize) -> Result<Regex, FilterError> {
    let compiled = Regex::new(pattern).map_err(|_| FilterError::DictionaryPattern { line })?;
    if pattern.is_empty() || compiled.is_match("") {
        return Err(FilterError::DictionaryMatchesNothing { line });
    }
    Ok(compiled)
}

fn search_for(words: &[String]) -> Result<AhoCorasick, FilterError> {
    let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words);
    search.map_err(|_| FilterError::DictionaryTooLarge)
}

fn is_whole(text: &str, range: &std::ops::Range<usize>) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !joins(text[..range.start].chars().next_back()) && !joins(text[range.end..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        Dictionary::parse(list).expect("it is a list").find(text, &mut found);
        assert_eq!(found.into_iter().map(|r| &text[r]).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn whole_words_are_found_in_any_case() {
        check(
            "# projects\nProject Heron\n\nLöwe",
            "on project HERON, of LÖWE and Löwen",
            &["project HERON", "LÖWE"],
        );
        check("/K-[0-9]{4}/", "case K-1234", &["K-1234"]);
    }

    #[test]
    fn a_bad_entry_is_refused_by_its_line() {
        let line = |text| match Dictionary::parse(text) {
            Err(FilterError::DictionaryPattern { line } | FilterError::DictionaryMatchesNothing { line }) => {
                line
            }
            _ => 0,
        };
        assert_eq!((line("a\n/(/"), line("\n\n/b*/"), line("//")), (2, 3, 1));
        assert!(matches!(Dictionary::parse("# none\n"), Err(FilterError::DictionaryEmpty)));
    }

    #[test]
    fn the_beginning_of_an_entry_may_still_become_it() {
        let list = Dictionary::parse("Osprey Lantern\nosprey\n/kite [0-9]/").expect("it is a list");
        let check = |text: &str, expected| assert_eq!(list.begun(text, 0), expected, "{text}");
        check("the osprey", Some(4));
        check("the Osprey lan", Some(4));
        check("the osprey lantern", None);
        check("the osprey lamp", None);
        check("of", None);
        check("to o", Some(3));
        check("kite ", None);
        assert_eq!(list.begun("the osprey", 5), None, "it began before");
    }
}

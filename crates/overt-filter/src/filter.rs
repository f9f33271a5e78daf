//! The filter: rules, the organisation's dictionary, and what they find.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use overt_event::SecretKind;
use regex::{Regex, RegexSet, RegexSetBuilder};

use crate::checks::Check;
use crate::rule::{self, Rule};
use crate::{Dictionary, FilterError};

const BUILT_IN: &str = include_str!("../rules.toml");
/// Longer texts are taken out whole: nobody may make the recorder search for seconds.
const TEXT_BYTES_MAX: usize = 1 << 16;
/// No rule finds anything in a text with fewer digits, no sign of these and no word as long.
const DIGITS_MIN: usize = 4;
const SIGNS: &[u8] = b"@:=";
const WORD_BYTES_MIN: usize = 16;

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Bytes of the text, on borders of characters.
    pub range: Range<usize>,
    pub kind: SecretKind,
}

/// A text with marks in the place of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    pub text: String,
    /// How much of each kind was found.
    pub counts: BTreeMap<SecretKind, u64>,
}

/// Rules, compiled once for the whole process.
struct Rules {
    all: Vec<Rule>,
    /// All patterns at once, and for each its rule and its place there.
    set: RegexSet,
    places: Vec<(usize, usize)>,
}

/// Finds secrets and identifiers in text.
#[derive(Clone)]
pub struct Filter {
    rules: Arc<Rules>,
    dictionary: Option<Dictionary>,
}

impl Filter {
    /// The built-in rules, and the organisation's dictionary.
    ///
    /// Errors: a built-in rule is bad.
    pub fn new(dictionary: Option<Dictionary>) -> Result<Self, FilterError> {
        static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
        let rules = match RULES.get() {
            Some(rules) => Arc::clone(rules),
            None => {
                let read = Arc::new(Rules::read(BUILT_IN)?);
                Arc::clone(RULES.get_or_init(|| read))
            }
        };
        Ok(Self { rules, dictionary })
    }

    pub(crate) fn dictionary(&self) -> Option<&Dictionary> {
        self.dictionary.as_ref()
    }

    /// What stands in the text, in order, without overlaps.
    pub fn find(&self, text: &str) -> Vec<Found> {
        if text.len() > TEXT_BYTES_MAX {
            return vec![Found { range: 0..text.len(), kind: SecretKind::Unjudged }];
        }
        let mut found = Vec::new();
        if let Some(dictionary) = &self.dictionary {
            let mut ranges = Vec::new();
            dictionary.find(text, &mut ranges);
            found.extend(ranges.into_iter().map(|range| Found { range, kind: SecretKind::Dictionary }));
        }
        if may_hold(text) {
            for pattern in &self.rules.set.matches(text) {
                let (rule, place) = self.rules.places[pattern];
                let rule = &self.rules.all[rule];
                find_all(&rule.patterns[place], rule, text, &mut found);
            }
        }
        without_overlaps(found)
    }

    /// The same text with marks; `None` when nothing was found.
    pub fn mask(&self, text: &str) -> Option<Masked> {
        let found = self.find(text);
        if found.is_empty() {
            return None;
        }
        let mut masked = Masked { text: String::with_capacity(text.len()), counts: BTreeMap::new() };
        let mut done = 0;
        for Found { range, kind } in found {
            masked.text.push_str(&text[done..range.start]);
            masked.text.push_str(&kind.mark());
            *masked.counts.entry(kind).or_default() += 1;
            done = range.end;
        }
        masked.text.push_str(&text[done..]);
        Some(masked)
    }

    /// The beginnings that issuers publish.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = &str> {
        self.rules.all.iter().flat_map(|r| r.begins.iter().map(String::as_str))
    }
}

impl Rules {
    fn read(text: &str) -> Result<Self, FilterError> {
        let all = rule::read(text)?;
        let places: Vec<_> = all
            .iter()
            .enumerate()
            .flat_map(|(r, rule)| (0..rule.patterns.len()).map(move |p| (r, p)))
            .collect();
        let patterns = all.iter().flat_map(|r| r.patterns.iter().map(Regex::as_str));
        let set = RegexSetBuilder::new(patterns).dfa_size_limit(8 << 20).build();
        let set =
            set.map_err(|e| FilterError::Pattern { rule: "all together".into(), source: Box::new(e) })?;
        Ok(Self { all, set, places })
    }
}

/// A quick look: whether any rule can find anything.
fn may_hold(text: &str) -> bool {
    let (mut digits, mut word) = (0, 0);
    text.bytes().any(|b| {
        digits += usize::from(b.is_ascii_digit());
        word = if b.is_ascii_whitespace() { 0 } else { word + 1 };
        digits >= DIGITS_MIN || word >= WORD_BYTES_MIN || SIGNS.contains(&b)
    }) || text.contains("-----BEGIN")
}

/// A match that fails its check may hide one that begins later.
fn find_all(pattern: &Regex, rule: &Rule, text: &str, found: &mut Vec<Found>) {
    let mut from = 0;
    while let Some(captures) = pattern.captures_at(text, from) {
        let Some(whole) = captures.get(0) else { return };
        let secret = captures.name("secret").unwrap_or(whole);
        if rule.check == Check::None || rule.check.passes(secret.as_str()) {
            found.push(Found { range: secret.range(), kind: rule.kind });
            from = secret.end().max(whole.start() + 1);
        } else {
            from = whole.start() + text[whole.start()..].chars().next().map_or(1, char::len_utf8);
        }
        if from >= text.len() {
            return;
        }
    }
}

/// What overlaps is one; the earlier and longer gives the kind.
fn without_overlaps(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|f| (f.range.start, std::cmp::Reverse(f.range.end)));
    let mut apart: Vec<Found> = Vec::with_capacity(found.len());
    for f in found {
        match apart.last_mut() {
            Some(last) if f.range.start < last.range.end => last.range.end = last.range.end.max(f.range.end),
            _ => apart.push(f),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter() -> Filter {
        Filter::new(None).expect("the built-in rules are good")
    }

    #[test]
    fn every_rule_finds_its_examples_and_passes_the_others() {
        let rules = Rules::read(BUILT_IN).expect("the built-in rules are good");
        for rule in &rules.all {
            let finds = |text: &str| {
                let mut found = Vec::new();
                rule.patterns.iter().for_each(|p| find_all(p, rule, text, &mut found));
                !found.is_empty()
            };
            let (found, passed) = &rule.examples;
            for text in found {
                assert!(finds(text), "{} does not find {text}", rule.name);
                assert!(may_hold(text), "the quick look passes over {text}");
                // It may be of another kind too: a telephone number can pass a national number's check.
                assert!(!filter().find(text).is_empty(), "all rules together do not find {text}");
            }
            for text in passed {
                assert!(!finds(text), "{} finds {text}", rule.name);
            }
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(filter().mask(text).map_or(text.to_owned(), |m| m.text), expected);
    }

    #[test]
    fn marks_stand_where_secrets_were() {
        check("pay 2 4111 1111 1111 1111 12/27 now", "pay 2 ⟦card⟧ 12/27 now");
        check("mail jane@example.com or +49 30 1234567.", "mail ⟦email⟧ or ⟦phone⟧.");
        check("db_password=hunter2 next", "db_password=⟦password⟧ next");
        check("IBAN DE89 3704 0044 0532 0130 00 by 12 May", "IBAN ⟦iban⟧ by 12 May");
        check("Bestätigungscode: 493021", "Bestätigungscode: ⟦code⟧");
        check("", "");
    }

    #[test]
    fn ordinary_text_passes() {
        for text in [
            "In 2026 we sold 1,234,567 pieces at 12.50 each, 17 % more than in 2025.",
            "Meeting 22.11.2026 14:30-15:45, room 4.118, agenda: budget, hiring",
            "error code 404 at line 1024: token expected",
            "version 10.15.7 of 192.168.100.200:8080",
            "f3b4c2a1d9e8 is a commit; src/checks.rs:118",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn a_text_without_end_is_taken_out_whole() {
        let long = "a ".repeat(TEXT_BYTES_MAX);
        assert_eq!(filter().mask(&long).map(|m| m.text), Some("⟦unjudged⟧".to_owned()));
    }

    #[test]
    fn the_dictionary_is_asked_too() {
        let dictionary = Dictionary::parse("project heron\n/K-[0-9]{4}/").expect("it is a list");
        let filter = Filter::new(Some(dictionary)).expect("the rules are good");
        let masked = filter.mask("On Project Heron, case K-1234").expect("something was found");
        assert_eq!(masked.text, "On ⟦dictionary⟧, case ⟦dictionary⟧");
        assert_eq!(masked.counts[&SecretKind::Dictionary], 2);
    }
}

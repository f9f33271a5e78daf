//! Why rules or a dictionary cannot be used.

use thiserror::Error;

/// Rules that cannot be used. Entries of a dictionary are named by line, never by content.
#[derive(Debug, Error)]
pub enum FilterError {
    #[error("the rules are not of their form. Correct the file they were read from")]
    Rules(#[source] toml::de::Error),
    #[error("the pattern of rule `{rule}` does not compile. Correct it: no rule is passed over")]
    Pattern {
        rule: String,
        #[source]
        source: Box<regex::Error>,
    },
    #[error("rule `{rule}` {what}. Correct it: no rule is passed over")]
    Rule { rule: String, what: &'static str },
    #[error(
        "the pattern in line {line} of the dictionary does not compile. Correct it: no entry is passed over"
    )]
    DictionaryPattern { line: usize },
    #[error("line {line} of the dictionary matches nothing at all, which is everywhere. Take it out")]
    DictionaryMatchesNothing { line: usize },
    #[error("the dictionary has no entries. Leave it away, or write one entry a line")]
    DictionaryEmpty,
    #[error("the dictionary's entries together are too large to search for. Take some out")]
    DictionaryTooLarge,
}

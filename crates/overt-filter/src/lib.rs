//! Finds secrets and identifiers in text by rules that are data.
//!
//! # Context
//! A leaf under the room minimise (and whoever else turns text into what may be kept). It knows text
//! and nothing else: no event, no time, no file. docs/spec/filter.md says what is found.
//!
//! # Design
//! `rules.toml` holds the rules, each a pattern, a check out of a closed list, a source and examples.
//! A [`Filter`] looks quickly whether a text can hold anything, then asks all patterns at once which of
//! them occur, and only these where. A match that fails its check is looked for again one character on.
//! For text that still grows, [`Filter::tail`] says which end of it is not settled.
//!
//! # Invariants
//! * A bad rule or dictionary is an error at load; none is passed over.
//! * What was found is told by place and kind; no function gives back the characters.
//! * Without a dictionary the answer depends on the text alone.

mod checks;
mod dictionary;
mod error;
mod filter;
mod national;
mod rule;
mod tail;

pub use dictionary::Dictionary;
pub use error::FilterError;
pub use filter::{Filter, Found, Masked};
pub use tail::Tail;

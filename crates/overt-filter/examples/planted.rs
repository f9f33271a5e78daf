//! Prints the corpus of made-up secrets in ordinary text with what the filter finds in it, a JSON object a
//! line, for comparison with other finders. Places count characters.
//!
//! `cargo run --release -p overt-filter --example planted`

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{self, BufWriter, Write};
use std::ops::Range;

use overt_filter::Filter;
use serde_json::{Value, json};
use support::{Dice, MAKERS, PROSE, plant, secret, words};

const OF_EACH: usize = 200;
const SEED: u64 = 7;

fn main() -> io::Result<()> {
    let filter = Filter::new(None).expect("the built-in rules are good");
    let (words, mut dice) = (words(), Dice(SEED));
    let mut out = BufWriter::new(io::stdout().lock());
    for which in (0..MAKERS.len()).cycle().take(MAKERS.len() * OF_EACH) {
        let made = secret(&mut dice, which);
        let planted = plant(&mut dice, &words, made);
        let place = chars(&planted.text, &planted.range);
        let line = json!({ "what": planted.secret.what, "text": planted.text, "planted": place,
            "found": found(&filter, &planted.text) });
        writeln!(out, "{line}")?;
    }
    for line in PROSE.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty()) {
        writeln!(out, "{}", json!({ "what": "prose", "text": line, "found": found(&filter, line) }))?;
    }
    out.flush()
}

fn found(filter: &Filter, text: &str) -> Vec<Value> {
    filter.find(text).iter().map(|f| chars(text, &f.range)).collect()
}

/// A place in bytes as a place in characters: first, and behind the last.
fn chars(text: &str, bytes: &Range<usize>) -> Value {
    let before = |end: usize| text[..end].chars().count();
    json!([before(bytes.start), before(bytes.end)])
}

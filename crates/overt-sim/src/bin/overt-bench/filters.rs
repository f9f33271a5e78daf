//! What the filter finds in a corpus of made-up secrets, beside what others find in the same.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use overt_sim::python;
use serde::{Deserialize, Serialize};

const OTHERS: &str = include_str!("filters.py");
const FINDERS: [&str; 4] = ["overt", "presidio", "presidio from 0.5", "detect-secrets"];

/// How one finder did with one kind of secret.
#[derive(Deserialize, Serialize)]
struct Score {
    /// Share of which every character was found.
    recall: f64,
    /// Share of which anything was found.
    touched: f64,
    /// Share of findings that lie on what was planted; none without a finding.
    precision: Option<f64>,
}

/// Ordinary text.
#[derive(Deserialize, Serialize)]
struct Prose {
    words: u64,
    /// Share of its words that lie in a finding, by finder.
    lost: BTreeMap<String, f64>,
}

/// All of it.
#[derive(Deserialize, Serialize)]
pub(crate) struct Filters {
    /// Recognisers of Presidio that took part.
    recognizers: u64,
    kinds: BTreeMap<String, BTreeMap<String, Score>>,
    prose: Prose,
}

/// `planted`: the example of overt-filter that prints the corpus.
pub(crate) fn measure(planted: &Path) -> Result<Filters> {
    let corpus = Command::new(planted).output().context("the corpus cannot be printed")?;
    ensure!(corpus.status.success(), "{}", String::from_utf8_lossy(&corpus.stderr));
    let mut others = Command::new(python::with_filters()?);
    let piped = others.args(["-c", OTHERS]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = piped.spawn().context("python3 does not start")?;
    let mut input = running.stdin.take().context("its input is piped")?;
    let writing = std::thread::spawn(move || input.write_all(&corpus.stdout));
    let output = running.wait_with_output()?;
    ensure!(output.status.success(), "the other filters ended with {}", output.status);
    writing.join().ok().context("the corpus was not written")??;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// As a table in Markdown: recall and precision of each finder.
pub(crate) fn print(filters: &Filters) {
    println!("| planted | {} |", FINDERS.join(" | "));
    println!("| --- |{}", " --- |".repeat(FINDERS.len()));
    for (what, of) in &filters.kinds {
        let cells = FINDERS.map(|f| of.get(f).map_or_else(String::new, cell));
        println!("| {what} | {} |", cells.join(" | "));
    }
    let lost = FINDERS.map(|f| filters.prose.lost.get(f).map_or_else(String::new, share));
    println!("| words lost of {} ordinary ones | {} |", filters.prose.words, lost.join(" | "));
}

fn share(of_one: &f64) -> String {
    format!("{:.2} %", of_one * 100.0)
}

/// What was found whole, in brackets what was found in part where that is more, and how much of the findings
/// was right.
fn cell(score: &Score) -> String {
    let in_part =
        if score.touched > score.recall { format!(" ({:.3})", score.touched) } else { String::new() };
    let precision = score.precision.map_or_else(|| "-".to_owned(), |p| format!("{p:.3}"));
    format!("{:.3}{in_part} / {precision}", score.recall)
}

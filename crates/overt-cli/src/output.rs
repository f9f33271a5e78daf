//! Data goes to standard output, talk to standard error.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use overt_event::SecretKind;
use serde::Serialize;

/// Where answers go, and in which form.
#[derive(Clone, Copy)]
pub struct Output {
    pub json: bool,
}

impl Output {
    /// Prints one answer: as a line of JSON, or as the words given.
    ///
    /// Whoever asked may have heard enough, as `head` has, and closed the pipe. That is no failure: the verb's work is
    /// done all the same, and its exit code tells how.
    pub fn answer(self, json: &impl Serialize, words: &str) -> io::Result<()> {
        match self.write(json, words) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    fn write(self, json: &impl Serialize, words: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, json)?;
            return writeln!(out);
        }
        writeln!(out, "{}", words.trim_end())
    }

    /// Says something to the person; programs do not hear it.
    pub fn say(self, words: &str) {
        if !self.json {
            self.tell(words);
        }
    }

    /// Says what the person has to do, whoever reads the answer.
    pub fn tell(self, words: &str) {
        // Standard error may be closed; there is nobody to tell then.
        let _ = writeln!(io::stderr().lock(), "{words}");
    }

    /// A bar for long work. It shows on a terminal only.
    pub fn bar(self, length: u64, what: &'static str) -> ProgressBar {
        if self.json || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(length).with_style(style).with_message(what)
    }
}

/// What was filtered out, in words: counts by kind, and never more.
pub fn filtered(counts: &BTreeMap<SecretKind, u64>) -> String {
    let words: Vec<String> = counts.iter().map(|(kind, n)| format!("{n} {}", kind.name())).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// Says on standard error what happened and what to do, then by what it was caused.
pub fn complain(error: &anyhow::Error) {
    let mut err = io::stderr().lock();
    // Standard error may be closed; there is nobody to tell then.
    let _ = writeln!(err, "overt: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(err, "  because: {cause}");
    }
}

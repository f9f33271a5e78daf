//! A folder of its own in which `overt` runs, without a display.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it reads")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("it is written");
    }

    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(&str) -> String) {
        self.write(name, &change(&self.read(name)));
    }

    /// The recordings in the spool.
    pub(crate) fn recordings(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("spool")).expect("a spool").map(|e| e.expect("an entry").path());
        let recordings = entries.filter(|p| p.extension().is_some_and(|e| e == "overt"));
        recordings.map(|p| p.to_str().expect("UTF-8").to_owned()).collect()
    }

    /// The one recording in the spool.
    pub(crate) fn recording(&self) -> String {
        let recordings = self.recordings();
        assert_eq!(recordings.len(), 1, "one recording");
        recordings[0].clone()
    }

    /// `words` are parted by spaces.
    pub(crate) fn run(&self, words: &str) -> Output {
        self.run_words(&words.split(' ').collect::<Vec<_>>())
    }

    pub(crate) fn run_words(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("overt runs")
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_overt"));
        command.args(words).current_dir(self.0.path());
        command.env_remove("DISPLAY").env("XDG_RUNTIME_DIR", self.0.path());
        command
    }

    /// It succeeds; gives what it wrote to standard output.
    pub(crate) fn done(&self, words: &str) -> String {
        self.done_words(&words.split(' ').collect::<Vec<_>>())
    }

    pub(crate) fn done_words(&self, words: &[&str]) -> String {
        let output = self.run_words(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The verb fails and says this; it says nothing on standard output and no path.
    pub(crate) fn fails(&self, words: &str, says: &str) {
        self.fails_with(words, 1, says);
    }

    /// The same with another exit code.
    pub(crate) fn fails_with(&self, words: &str, code: i32, says: &str) {
        let output = self.run(words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words}: {said}");
        assert!(said.contains(says), "{words}: {said}");
        assert!(output.stdout.is_empty(), "{words}");
        assert!(!said.contains(&*self.0.path().to_string_lossy()), "{words}: a path in {said}");
    }
}

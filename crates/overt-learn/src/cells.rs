//! The file of finished cells, one a line: what is in it is not tried again.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::degrade::Degrade;
use crate::error::LearnError;
use crate::ground::Ending;
use crate::learner::Learner;
use crate::probe::Probe;
use crate::spent::Spent;

/// Its name in the folder of the results.
const CELLS_FILE: &str = "cells.jsonl";

/// One model and the task it is tried on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub task: String,
    pub probe: Probe,
    pub size: Option<u64>,
    pub degrade: Degrade,
    pub seed: u64,
    /// The digest of the data set's manifest.
    pub dataset: String,
    /// The digest of the model's file, where it was made before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// By which it learned and acted; files that do not tell it are older.
    #[serde(default)]
    pub learner: Learner,
    /// The digest of the task's page and of what it is made with; empty in files that do not tell it.
    #[serde(default)]
    pub pages: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    pub key: Key,
    /// Episodes that the model learned from.
    pub learned_episodes: u64,
    pub learned_steps: u64,
    /// How long was recorded for them.
    #[serde(default)]
    pub spent_millis: Spent,
    pub train_secs: f64,
    pub step_accuracy: Option<f64>,
    pub tried: u64,
    pub endings: BTreeMap<Ending, u64>,
    /// In all episodes.
    pub steps: u64,
    /// From the first episode to the last one.
    pub act_secs: f64,
    /// Browsers that were started again.
    pub restarts: u32,
    /// Whether what is wrong with the data should harm; see [`Degrade::should_harm`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should_lose: Option<bool>,
}

impl Cell {
    /// Episodes with the whole reward.
    pub fn solved(&self) -> u64 {
        self.endings.get(&Ending::Solved).copied().unwrap_or(0)
    }
}

/// The file, open for more.
pub(crate) struct Cells {
    /// By how often they were tried; of one that stands twice the last.
    found: HashMap<(Key, u64), Cell>,
    file: File,
}

impl Cells {
    /// Opens a folder's file, or makes it. A torn last line is cut off: what is added next stands on a line of its own.
    ///
    /// Errors: [`LearnError::Results`] for any other line that does not read; [`LearnError::Io`] where it cannot be written.
    pub(crate) fn open(out: &Path) -> Result<Self, LearnError> {
        std::fs::create_dir_all(out)?;
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(out.join(CELLS_FILE))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = whole_lines(&bytes);
        if whole.len() < bytes.len() {
            file.set_len(whole.len() as u64)?;
        }
        overt_format::sync_dir(out)?;
        Ok(Self { found: cells(whole)?, file })
    }

    /// The cell of this key that was tried so often: with more or fewer episodes than others it would not have had the same.
    pub(crate) fn found(&self, key: &Key, episodes: u64) -> Option<&Cell> {
        self.found.get(&(key.clone(), episodes))
    }

    /// Adds one, durably.
    pub(crate) fn add(&mut self, cell: &Cell) -> Result<(), LearnError> {
        let line = serde_json::to_string(cell).map_err(std::io::Error::other)? + "\n";
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.found.insert((cell.key.clone(), cell.tried), cell.clone());
        Ok(())
    }
}

/// Up to the last line's end: who was killed while writing left the rest.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| *b == b'\n');
    &bytes[..end.map_or(0, |at| at + 1)]
}

fn cells(lines: &[u8]) -> Result<HashMap<(Key, u64), Cell>, LearnError> {
    let read = |(i, line): (usize, &[u8])| {
        let cell: Cell = serde_json::from_slice(line).map_err(|_| LearnError::Results { line: i + 1 })?;
        Ok(((cell.key.clone(), cell.tried), cell))
    };
    lines.split_inclusive(|b| *b == b'\n').enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::cell;

    /// A folder whose file has these cells.
    fn kept(all: &[Cell]) -> tempfile::TempDir {
        let home = tempfile::tempdir().expect("a folder");
        let mut cells = Cells::open(home.path()).expect("it opens");
        all.iter().for_each(|one| cells.add(one).expect("it is added"));
        home
    }

    fn tear(home: &Path, bytes: usize) {
        let path = home.join(CELLS_FILE);
        let text = std::fs::read(&path).expect("it reads");
        std::fs::write(path, &text[..text.len() - bytes]).expect("it is torn");
    }

    #[test]
    fn who_was_killed_while_writing_loses_no_cell_that_comes_after() {
        let all: Vec<Cell> = (0..3).map(|seed| cell(None, seed, 50)).collect();
        let last_len = serde_json::to_string(&all[1]).expect("JSON").len();
        // The end of the line alone, half of it, and all but its first byte.
        for torn in [1, last_len / 2, last_len] {
            let home = kept(&all[..2]);
            tear(home.path(), torn);
            let mut cells = Cells::open(home.path()).expect("it goes on");
            assert!(cells.found(&all[0].key, 100).is_some() && cells.found(&all[1].key, 100).is_none());
            cells.add(&all[1]).expect("it is tried again");
            cells.add(&all[2]).expect("and the next");
            assert!(
                all[1..].iter().all(|one| cells.found(&one.key, 100) == Some(one)),
                "it knows what it added"
            );
            let read = Cells::open(home.path()).expect("every line reads");
            assert_eq!(read.found.len(), 3);
            assert!(all.iter().all(|one| read.found(&one.key, 100) == Some(one)));
        }
    }

    #[test]
    fn a_line_that_does_not_read_is_told_by_its_number() {
        let home = kept(&[cell(None, 0, 50)]);
        std::fs::write(home.path().join(CELLS_FILE), "{}\n").expect("it is written");
        assert!(matches!(Cells::open(home.path()), Err(LearnError::Results { line: 1 })));
    }

    #[test]
    fn what_another_learner_came_to_is_tried_again_and_so_is_what_other_pages_showed() {
        let own = cell(None, 0, 50);
        let mut older = own.clone();
        older.key.learner.features.0 -= 1;
        let mut elsewhere = own.clone();
        elsewhere.key.pages = "others".to_owned();
        let home = kept(&[older, elsewhere]);
        assert!(Cells::open(home.path()).expect("it opens").found(&own.key, 100).is_none());
        let home = kept(std::slice::from_ref(&own));
        let cells = Cells::open(home.path()).expect("it opens");
        assert!(cells.found(&own.key, 100).is_some());
        assert!(cells.found(&own.key, 101).is_none(), "it was not tried so often");
        assert!(cells.found(&own.key, 99).is_none(), "the others have fewer episodes");
    }

    #[test]
    fn a_cell_that_tells_no_learner_reads_and_is_nobodys() {
        let own = cell(None, 0, 50);
        let mut told = serde_json::to_value(&own).expect("JSON");
        let key = told["key"].as_object_mut().expect("a key");
        assert!(key.remove("learner").is_some() && key.remove("pages").is_some());
        let home = kept(&[]);
        std::fs::write(home.path().join(CELLS_FILE), format!("{told}\n")).expect("it is written");
        let cells = Cells::open(home.path()).expect("it reads");
        assert!(cells.found.len() == 1 && cells.found(&own.key, 100).is_none());
    }
}

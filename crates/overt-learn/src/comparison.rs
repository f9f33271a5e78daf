//! The results of a run in a file, from which who was broken off goes on.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::compared::{Compared, Condition, Side, by_task};
use crate::comparison_page::html;
use crate::error::LearnError;
use crate::learner::Learner;
use crate::probe::Probe;

/// The form's version.
const COMPARISON_VERSION: u32 = 5;
/// The first version that told results as this one does.
const SAME_RESULTS_SINCE: u32 = 2;
const FORMAT: &str = "overt-people";
/// In the folder of the results.
const FILE: &str = "comparison.json";
const PAGE: &str = "comparison.html";

/// The results of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// `overt-people`.
    pub format: String,
    pub version: u32,
    /// What was typed to make it.
    pub command: String,
    /// What learned from both sides; a file of an earlier form does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// By which both sides learned and acted.
    pub learner: Learner,
    /// Digests of the tasks' pages, in the command's order.
    pub pages: Vec<String>,
    /// Of each task the first is what the others are compared with.
    pub results: Vec<Compared>,
}

impl Comparison {
    /// Nothing yet.
    pub fn new(command: String, probe: Probe, pages: Vec<String>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: COMPARISON_VERSION,
            command,
            probe: Some(probe),
            learner: Learner::of(probe),
            pages,
            results: Vec::new(),
        }
    }

    /// The same with what a folder holds of it: what the same command compared there before it was broken off, by the same
    /// learner and on the same pages.
    ///
    /// Errors: [`LearnError::OtherComparison`] where what it holds is another's, which would be written over.
    pub fn gone_on_from(self, out: &Path) -> Result<Self, LearnError> {
        let bytes = match std::fs::read(out.join(FILE)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(self),
            bytes => bytes?,
        };
        let before: Self = serde_json::from_slice(&bytes).map_err(|_| LearnError::OtherComparison)?;
        if (Self { results: Vec::new(), ..before.clone() }) != self {
            return Err(LearnError::OtherComparison);
        }
        Ok(before)
    }

    /// Writes it and its page into a folder, each whole or not at all.
    ///
    /// Errors: the folder or the disk.
    pub fn write(&self, out: &Path) -> io::Result<()> {
        overt_format::replace_file(&out.join(FILE), &serde_json::to_vec_pretty(self)?)?;
        overt_format::replace_file(&out.join(PAGE), html(self).as_bytes())
    }

    /// Whether a task was compared under this condition.
    pub fn has(&self, task: &str, under: &Condition) -> bool {
        self.results.iter().any(|r| r.task == task && r.under == *under)
    }

    /// What the account of the recordings that this condition asks for taught, where another condition asked for the same ones.
    pub fn of_account(&self, task: &str, under: &Condition) -> Option<&Side> {
        let same = |r: &&Compared| {
            r.task == task && (&r.under.level, &r.under.cadence) == (&under.level, &under.cadence)
        };
        self.results.iter().find(same).map(|r| &r.truth)
    }

    /// What `overt-people` compared and kept in these files, of today's form or of one whose results are the same.
    ///
    /// Errors: the files, and what holds something else.
    pub fn results_in_all(files: &[PathBuf]) -> Result<Vec<Compared>, LearnError> {
        let mut all = Vec::new();
        for (file, number) in files.iter().zip(1..) {
            let own = Self::results_in(file)?;
            all.extend(own.into_iter().map(|one| Compared { file: Some(number), ..one }));
        }
        Ok(all)
    }

    /// What one of them holds.
    fn results_in(file: &Path) -> Result<Vec<Compared>, LearnError> {
        #[derive(Deserialize)]
        struct Kept {
            format: String,
            version: u32,
            #[serde(default)]
            probe: Option<Probe>,
            #[serde(default)]
            learner: Learner,
            #[serde(default)]
            pages: Vec<String>,
            results: Vec<Compared>,
        }
        let kept: Kept =
            serde_json::from_slice(&std::fs::read(file)?).map_err(|_| LearnError::NoComparison)?;
        let known = (SAME_RESULTS_SINCE..=COMPARISON_VERSION).contains(&kept.version);
        let told =
            (kept.format == FORMAT && known).then_some(kept.results).ok_or(LearnError::NoComparison)?;
        Ok(each_told(told, kept.probe, kept.learner, &kept.pages))
    }
}

/// Each result with what its file tells once for all. Pages stand in the order in which their tasks were begun; tasks of a desktop, which
/// have none, come after them.
fn each_told(
    results: Vec<Compared>,
    probe: Option<Probe>,
    learner: Learner,
    pages: &[String],
) -> Vec<Compared> {
    let tasks: Vec<String> = by_task(&results).iter().map(|own| own[0].task.clone()).collect();
    let told = |one: Compared| {
        let page = tasks.iter().position(|task| *task == one.task).and_then(|at| pages.get(at));
        Compared { probe, learner, pages: page.cloned().unwrap_or_default(), ..one }
    };
    results.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::degrade::Degrade;

    fn nothing() -> Comparison {
        Comparison::new("people".to_owned(), Probe::Fuller, vec!["abc".to_owned()])
    }

    fn compared() -> Compared {
        let under = Condition { level: "full".into(), cadence: "none".into(), degrade: Degrade::None };
        let side = Side::default;
        Compared::of("a-task", under, side(), side())
    }

    #[test]
    fn who_was_broken_off_goes_on_and_what_another_compared_is_not_written_over() {
        let home = tempfile::tempdir().expect("a folder");
        let before = Comparison { results: vec![compared()], ..nothing() };
        before.write(home.path()).expect("it is written");
        let gone_on = |one: Comparison| one.gone_on_from(home.path());
        let same = gone_on(nothing()).expect("it is the same");
        assert!(same == before && same.has("a-task", &compared().under));
        let mut others = vec![nothing(); 4];
        others[0].command = "others".to_owned();
        others[1].learner.ways += 1;
        others[2].pages[0] = "def".to_owned();
        others[3].probe = Some(Probe::Ranker);
        for other in others {
            assert!(matches!(gone_on(other), Err(LearnError::OtherComparison)));
        }
    }

    #[test]
    fn an_account_taught_the_same_whatever_was_done_to_its_recordings() {
        let mut one = compared();
        one.truth.solved = 7;
        let before = Comparison { results: vec![one], ..nothing() };
        let of = |task, level: &str, degrade| {
            let under = Condition { level: level.into(), cadence: "none".into(), degrade };
            before.of_account(task, &under).map(|side| side.solved)
        };
        assert_eq!(of("a-task", "full", Degrade::DropFifth), Some(7));
        assert_eq!(
            (of("a-task", "masked", Degrade::None), of("b-task", "full", Degrade::None)),
            (None, None)
        );
    }

    #[test]
    fn results_are_read_of_this_form_and_the_one_before_and_of_nothing_else() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join(FILE);
        let written = |version: u32, format: &str| {
            let format = format.to_owned();
            let one = Comparison { format, version, results: vec![compared()], ..nothing() };
            one.write(home.path()).expect("it is written");
            Comparison::results_in(&path)
        };
        for version in [2, 3, 4, 5] {
            let (probe, learner, pages) = (nothing().probe, nothing().learner, "abc".to_owned());
            let told = Compared { probe, learner, pages, ..compared() };
            assert_eq!(written(version, FORMAT).expect("it reads"), [told]);
        }
        for (version, format) in [(1, FORMAT), (6, FORMAT), (5, "overt-evaluation")] {
            assert!(matches!(written(version, format), Err(LearnError::NoComparison)));
        }
        std::fs::write(&path, "{").expect("it is torn");
        assert!(matches!(Comparison::results_in(&path), Err(LearnError::NoComparison)));
        assert!(matches!(Comparison::results_in(&home.path().join("none")), Err(LearnError::Io(_))));
    }

    #[test]
    fn each_task_has_its_own_page_and_one_of_a_desktop_none() {
        let of = |task: &str| Compared { task: task.into(), ..compared() };
        let results = ["a", "a", "b", "desk"].map(of).to_vec();
        let told = each_told(results, None, nothing().learner, &["abc".to_owned(), "def".to_owned()]);
        let pages: Vec<&str> = told.iter().map(|one| one.pages.as_str()).collect();
        assert_eq!(pages, ["abc", "abc", "def", ""]);
    }

    #[test]
    fn what_does_not_read_is_not_written_over() {
        let home = tempfile::tempdir().expect("a folder");
        assert_eq!(nothing().gone_on_from(home.path()).expect("nothing is there"), nothing());
        std::fs::write(home.path().join(FILE), "{").expect("it is torn");
        assert!(matches!(nothing().gone_on_from(home.path()), Err(LearnError::OtherComparison)));
    }

    #[test]
    fn what_two_files_hold_is_told_apart() {
        let home = tempfile::tempdir().expect("a folder");
        Comparison { results: vec![compared()], ..nothing() }.write(home.path()).expect("it is written");
        let file = home.path().join(FILE);
        let told = Comparison::results_in_all(&[file.clone(), file]).expect("they read");
        assert_eq!([told[0].file, told[1].file], [Some(1), Some(2)]);
        assert!(!told[0].is_like(&told[1]) && told[0].is_like(&told[0]));
    }
}

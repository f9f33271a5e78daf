//! `overt-people`: people do tasks, Overt records them, and what it teaches is compared with what they did.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};
use overt_learn::ground::Pages;
use overt_learn::{
    Alone, Comparison, Condition, DEGRADES, Degrade, Growth, Lessons, Model, PROBES, Plan, Probe, by_task,
    typed_command,
};
use overt_people::{DESK_TASKS, DeskTask, PEOPLE_MAX, TASKS_MAX, Task, Trials, Work};
use overt_sim::overt::date_in;

/// As `overt agreement new` has them.
const LEVELS: [&str; 3] = ["structure", "masked", "full"];
const CADENCES: [&str; 4] = ["on_change", "on_action", "periodic", "none"];

/// Let scripted people do tasks while Overt records them, and compare what is learned with what they did.
#[derive(Parser)]
struct Args {
    /// The command `overt`.
    #[arg(long, value_name = "FILE")]
    overt: PathBuf,
    /// MiniWoB++'s folder `html`, as its Python package has it.
    #[arg(long, value_name = "DIR", required_unless_present = "desk")]
    pages: Option<PathBuf>,
    /// A task, and a data set of demonstrations from which the people know it; may be given again.
    #[arg(long = "data", value_name = "TASK=DATASET", value_parser = task_data, requires = "pages")]
    data: Vec<(String, PathBuf)>,
    /// One of our own tasks: copy-across, edit-by-keys or menu-path; may be given again.
    #[arg(long = "desk", value_name = "TASK", value_parser = desk_task, required_unless_present = "data")]
    desk: Vec<DeskTask>,
    /// How often each task is done.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    demonstrations: u64,
    /// So often by one person, in one recording.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=TASKS_MAX))]
    session: u64,
    /// How much is kept: structure, masked or full. If given again, each is compared with the first.
    #[arg(long = "level", value_name = "LEVEL", default_value = "full", value_parser = LEVELS)]
    levels: Vec<String>,
    /// When pictures are taken: on_change, on_action, periodic (one every 30 s) or none. If given again, each is compared with the first.
    #[arg(long = "cadence", value_name = "CADENCE", default_value = "on_change", value_parser = CADENCES)]
    cadences: Vec<String>,
    /// What learns from either side: a probe's name as `overt train` has it.
    #[arg(long, default_value = "fuller", value_parser = probe)]
    probe: Probe,
    /// What is done to the recordings before they are learned from, as `overt evaluate` has it: none, after-action, late, drop-fifth,
    /// no-accessibility, no-hover or keep-failed. If given again, each is compared with the first.
    #[arg(long = "degrade", value_name = "WORD", default_value = "none", value_parser = degrade)]
    degrades: Vec<Degrade>,
    /// Models of each side.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Episodes of each model.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    episodes: u64,
    /// Other people, and other pages for them.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..PEOPLE_MAX))]
    seed: u64,
    /// Where everything is kept; what was recorded there already is not recorded again.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn task_data(s: &str) -> Result<(String, PathBuf), String> {
    let (task, path) = s.split_once('=').ok_or("expected TASK=DATASET")?;
    Ok((task.to_owned(), path.into()))
}

fn desk_task(s: &str) -> Result<DeskTask, String> {
    let known = || DESK_TASKS.map(DeskTask::name).join(", ");
    DESK_TASKS.into_iter().find(|t| t.name() == s).ok_or_else(|| format!("expected one of {}", known()))
}

fn probe(s: &str) -> Result<Probe, String> {
    let known = || PROBES.map(Probe::word).join(", ");
    Probe::named(s).ok_or_else(|| format!("expected one of {}", known()))
}

/// Its word on the command line, or in results.
fn degrade(s: &str) -> Result<Degrade, String> {
    let known = || DEGRADES.map(typed).join(", ");
    let meant = |d: &Degrade| s == d.word() || s == typed(*d);
    DEGRADES.into_iter().find(meant).ok_or_else(|| format!("expected one of {}", known()))
}

/// As `overt evaluate` has it.
fn typed(degrade: Degrade) -> String {
    match degrade {
        Degrade::Late300Millis => "late".to_owned(),
        other => other.word().replace('_', "-"),
    }
}

fn main() -> ExitCode {
    let ended = run();
    if let Err(error) = &ended {
        eprintln!("overt-people: {error:#}");
    }
    ended.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn run() -> Result<()> {
    let args = Args::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let _alone = Alone::in_folder(&args.out)?;
    let mut comparison = args.begun()?;
    for (name, demonstrations) in &args.data {
        let pages = args.pages.as_deref().context("--pages is missing")?;
        let knows = teacher(demonstrations)?;
        args.try_task(Task::Page { pages, name, knows: &knows }, &mut comparison)?;
    }
    for task in &args.desk {
        args.try_task(Task::Desk(*task), &mut comparison)?;
    }
    let short: Vec<&str> = too_little(&comparison);
    if !short.is_empty() {
        bail!("recordings teach less than nine tenths of the truth in {}", short.join(", "));
    }
    Ok(())
}

/// The tasks of which the recordings do not teach enough, as the first condition has them. What less of it teaches is a finding.
fn too_little(comparison: &Comparison) -> Vec<&str> {
    let first = by_task(&comparison.results).into_iter().map(|own| own[0]);
    first.filter(|r| r.enough == Some(false)).map(|r| r.task.as_str()).collect()
}

impl Args {
    /// Reads a command.
    ///
    /// Errors: what is no use, of each argument and of all together.
    fn read<T: Into<OsString> + Clone>(words: impl IntoIterator<Item = T>) -> Result<Self, clap::Error> {
        let args = Self::try_parse_from(words)?;
        match args.fault() {
            Some(words) => Err(Self::command().error(ErrorKind::ValueValidation, words)),
            None => Ok(args),
        }
    }

    fn fault(&self) -> Option<String> {
        let last = self.seed.saturating_add(self.demonstrations.div_ceil(self.session));
        if last > PEOPLE_MAX {
            return Some(format!(
                "There are {PEOPLE_MAX} people, and this asks for the one of seed {}. Take a smaller --seed, or a larger --session.",
                last - 1
            ));
        }
        let names = self.data.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = names.chain(self.desk.iter().map(|task| task.name())).collect();
        let twice = (1..names.len()).find(|i| names[..*i].contains(&names[*i]))?;
        Some(format!("{} is given twice. Give each task once.", names[twice]))
    }

    /// What the same command compared before it was broken off, or nothing yet.
    fn begun(&self) -> Result<Comparison> {
        Ok(Comparison::new(typed_command(), self.probe, self.digests()?).gone_on_from(&self.out)?)
    }

    /// Of the tasks' pages.
    fn digests(&self) -> Result<Vec<String>> {
        let Some(html) = self.pages.as_deref().filter(|_| !self.data.is_empty()) else {
            return Ok(Vec::new());
        };
        let pages = Pages::read(html)?;
        self.data.iter().map(|(task, _)| Ok(pages.digest(task)?)).collect()
    }

    /// The first of everything, and then one thing different at a time.
    fn conditions(&self) -> Vec<Condition> {
        let first = Condition {
            level: self.levels[0].clone(),
            cadence: self.cadences[0].clone(),
            degrade: self.degrades[0],
        };
        let levels = self.levels[1..].iter().map(|level| Condition { level: level.clone(), ..first.clone() });
        let cadence = |cadence: &String| Condition { cadence: cadence.clone(), ..first.clone() };
        let cadences = self.cadences[1..].iter().map(cadence);
        let degrades =
            self.degrades[1..].iter().map(|degrade| Condition { degrade: *degrade, ..first.clone() });
        std::iter::once(first.clone()).chain(levels).chain(cadences).chain(degrades).collect()
    }

    fn try_task(&self, task: Task<'_>, comparison: &mut Comparison) -> Result<()> {
        // Before anything is taken for what was compared already, too.
        for under in &self.conditions() {
            let checked = self.work(under).check(task, &self.folder(task, under));
            checked.with_context(|| format!("{} ({})", task.name(), under.words()))?;
        }
        for under in self.conditions() {
            if !comparison.has(task.name(), &under) {
                self.try_one(task, under, comparison)?;
            }
        }
        Ok(())
    }

    fn work<'a>(&'a self, under: &'a Condition) -> Work<'a> {
        Work {
            program: &self.overt,
            demonstrations: self.demonstrations,
            in_a_session: self.session,
            level: &under.level,
            cadence: &under.cadence,
            seed: self.seed,
        }
    }

    /// Where recordings lie that a condition asks for.
    fn folder(&self, task: Task<'_>, under: &Condition) -> PathBuf {
        self.out.join(format!("{}-{}", under.level, under.cadence)).join(task.name())
    }

    /// What was compared is written at once: the next may fail.
    fn try_one(&self, task: Task<'_>, under: Condition, comparison: &mut Comparison) -> Result<()> {
        let recorded = self.work(&under).record(task, &self.folder(task, &under))?;
        let trials = Trials { probe: self.probe, seeds: self.seeds, episodes: self.episodes };
        let known = comparison.of_account(task.name(), &under).cloned();
        let compared = trials.compare(task, &recorded, under, known)?;
        println!("{}", compared.words());
        comparison.results.push(compared);
        comparison.write(&self.out).context("the results could not be written")
    }
}

/// What people know of a task: the best that can be learned from all of its demonstrations.
fn teacher(demonstrations: &Path) -> Result<Model> {
    let lessons = Lessons::read(demonstrations, false, &date_in(0))?;
    let (probe, growth) = (Probe::Fuller, Growth::default());
    let plan = Plan { probe, seed: 0, growth, episodes_max: None, degrade: Degrade::None };
    Ok(Model::train(&lessons, plan)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a command with these words more than it needs is taken; what is not is a fault in how it is used.
    fn check(more: &[&str], expected: bool) {
        let needed = ["overt-people", "--overt", "overt", "--out", "out", "--desk", "menu-path"];
        let read = Args::read(needed.iter().chain(more));
        assert_eq!(read.is_ok(), expected, "{more:?}");
        if let Err(error) = read {
            assert_eq!(error.exit_code(), 2, "{more:?}");
        }
    }

    #[test]
    fn nobody_gets_pages_of_others_or_of_the_trials() {
        check(&[], true);
        check(&["--seed", "998", "--demonstrations", "1000", "--session", "1000"], true);
        check(&["--seed", "998", "--demonstrations", "1001", "--session", "1000"], false);
        check(&["--seed", "999", "--demonstrations", "1"], false);
        check(&["--seed", "18446744073709551615"], false);
        check(&["--session", "1001"], false);
        check(&["--demonstrations", "18446744073709551615", "--session", "1"], false);
    }

    #[test]
    fn what_is_done_to_recordings_has_its_word_of_the_command_line_and_that_of_results() {
        let said =
            ["none", "after-action", "late", "drop-fifth", "no-accessibility", "no-hover", "keep-failed"];
        assert_eq!(said.map(degrade), DEGRADES.map(Ok));
        assert_eq!(DEGRADES.map(Degrade::word).map(degrade), DEGRADES.map(Ok));
        assert!(degrade("drop fifth").is_err_and(|known| known.contains("drop-fifth")));
    }

    #[test]
    fn what_would_be_passed_over_or_fail_late_is_not_taken() {
        check(&["--desk", "copy-across"], true);
        check(&["--desk", "menu-path"], false);
        let data = ["--data", "click-option=set"];
        let with_pages = [&data[..], &["--pages", "html"]].concat();
        check(&data, false);
        check(&with_pages, true);
        check(&[&with_pages[..], &["--data", "click-option=other"]].concat(), false);
        check(&["--level", "masked", "--cadence", "periodic"], true);
        check(&["--level", "mask"], false);
        check(&["--cadence", "on-change"], false);
    }
}

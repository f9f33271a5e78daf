//! People at work while the whole of Overt records them, and the data set that comes of it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use overt_learn::ground::{Attempt, Browser, Ending, Ground, GroundError, Limits, Witness};
use overt_learn::{Deed, Manner, Model, Scene};
use overt_sim::overt::{APPS, Overt};

use crate::habit::Habit;
use crate::person::Somebody;
use crate::stand::{self, Stand, Who};
use crate::truth::{self, Told, ToldDeed};

/// People take longer than the page gives a program.
const TASK_MILLIS_MAX: u64 = 60_000;

/// What is recorded of one task, and how.
pub struct Work<'a> {
    /// The command `overt`.
    pub program: &'a Path,
    /// MiniWoB++'s pages.
    pub pages: &'a Path,
    pub task: &'a str,
    /// What people know of the task.
    pub knows: &'a Model,
    /// How often it is done.
    pub demonstrations: u64,
    /// So often by one person, in one recording.
    pub in_a_session: u64,
    /// `structure`, `masked` or `full`.
    pub level: &'a str,
    /// As `overt agreement new --cadence` has it.
    pub cadence: &'a str,
    /// Of the first person and the first pages.
    pub seed: u64,
}

/// Where the data set and the people's own account of one task lie.
pub struct Recorded {
    pub dataset: PathBuf,
    pub account: PathBuf,
}

impl Work<'_> {
    /// Records everything into a folder, unless that was done before.
    ///
    /// Errors: a program, the recorder or the desktop does not work.
    pub fn record(&self, out: &Path) -> Result<Recorded> {
        let recorded = Recorded { dataset: out.join("dataset"), account: out.join("account.json") };
        if recorded.dataset.join("manifest.json").is_file() {
            return Ok(recorded);
        }
        let desktop = stand::desktop()?;
        let overt = Overt::new(self.program, &desktop, out)?;
        overt.prepare_with(self.cadence, self.level, &APPS[..1])?;
        let person = Rc::new(RefCell::new(Somebody::sit_down(desktop.display(), self.seed)?));
        let at = Stand { desktop: Rc::clone(&desktop), who: Who::Person(Rc::clone(&person)) };
        let limits = Limits { time_millis: Some(TASK_MILLIS_MAX), ..Limits::default() };
        let mut ground = Ground::at(self.pages, limits, Box::new(move || Ok(Box::new(at.clone()))))?;
        ground.open(self.task)?;
        let mut told = Vec::new();
        let sessions = self.demonstrations.div_ceil(self.in_a_session);
        for session in 0..sessions {
            let seed = self.seed + session;
            *person.borrow_mut() = Somebody::sit_down(desktop.display(), seed)?;
            let number = self.in_a_session.min(self.demonstrations - session * self.in_a_session);
            told.extend(self.session(&overt, &mut ground, &person, seed, number)?);
            eprintln!("{}: {} of {} done ...", self.task, told.len(), self.demonstrations);
        }
        build(&overt)?;
        truth::write(&recorded.account, &told)?;
        Ok(recorded)
    }

    /// One person and one recording, to the store.
    fn session(
        &self,
        overt: &Overt<'_>,
        ground: &mut Ground,
        person: &Rc<RefCell<Somebody>>,
        seed: u64,
        number: u64,
    ) -> Result<Vec<Told>> {
        let recorder = overt.record()?;
        let mut teller = Teller { overt, person, began: Instant::now(), told: Vec::new() };
        for i in 0..number {
            let page_seed = 1_000 * (seed + 1) + i;
            let habit = Habit::new(self.knows, person.borrow().temper, page_seed);
            let attempt = ground.attempt_before(self.task, page_seed, &habit, &mut teller)?;
            teller.ends(attempt)?;
        }
        let told = teller.told;
        let recorded = overt.stop(recorder)?;
        overt.run("release", |c| c.arg(&recorded.recording))?;
        overt.run("collect", |c| c.arg(&recorded.recording).arg("--into").arg(overt.path("store")))?;
        Ok(told)
    }
}

fn build(overt: &Overt<'_>) -> Result<()> {
    overt.run("build", |c| {
        c.arg(overt.path("store")).args(["--purpose", "train-agents"]);
        c.arg("--keys").arg(overt.path("keys")).arg("--out").arg(overt.path("dataset"))
    })?;
    Ok(())
}

/// Marks tasks in the recording as a person does, and keeps their own account.
struct Teller<'a> {
    overt: &'a Overt<'a>,
    person: &'a Rc<RefCell<Somebody>>,
    began: Instant,
    told: Vec<Told>,
}

impl Teller<'_> {
    fn mark(&self, words: &[&str]) -> Result<()> {
        self.overt.run("mark", |c| c.args(words)).map(drop)
    }

    /// What fails before the task begins has no account.
    fn ends(&mut self, attempt: Attempt) -> Result<()> {
        let task = self.told.last_mut().context("no task began: the page or the recorder does not work")?;
        task.succeeded = attempt.ending == Ending::Solved;
        let outcome = if task.succeeded { "succeeded" } else { "failed" };
        self.mark(&[outcome])?;
        self.mark(&["end"])
    }
}

impl Witness for Teller<'_> {
    fn begins(&mut self, _: &Browser, goal: &str) -> Result<(), GroundError> {
        self.mark(&["begin", "--", goal]).map_err(|e| GroundError::Witness(e.into()))?;
        self.told.push(Told { goal: goal.to_owned(), succeeded: false, deeds: Vec::new() });
        self.person.borrow_mut().read();
        Ok(())
    }

    fn does(&mut self, scene: &Scene, deed: &Deed) -> Result<(), GroundError> {
        let told = ToldDeed {
            shown: scene.nodes().to_vec(),
            appearances: (0..scene.nodes().len()).map(|i| scene.appearance(i).cloned()).collect(),
            manner: deed.manner.clone(),
            on: deed.on,
            text: deed.text.clone().filter(|_| deed.manner == Manner::Type),
            at_millis: self.began.elapsed().as_millis() as i64,
        };
        if let Some(task) = self.told.last_mut() {
            task.deeds.push(told);
        }
        self.person.borrow_mut().think();
        Ok(())
    }
}

//! People at work while the whole of Overt records them, and the data set that comes of it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};
use overt_learn::Model;
use overt_learn::ground::{Ending, Ground, Limits};
use overt_sim::desktop::Desktop;
use overt_sim::overt::{APPS, Overt};

use crate::desk::{Desk, DeskTask};
use crate::desk_habit::DeskHabit;
use crate::habit::Habit;
use crate::person::{PersonsHand, Somebody};
use crate::stand::{self, Stand, Who};
use crate::teller::Teller;
use crate::truth::{self, Told};

/// People take longer than the page gives a program.
const TASK_MILLIS_MAX: u64 = 60_000;
/// Browsers of which none comes as far as to begin a task tell that the next one will not, either.
const BROWSERS_MAX: usize = 3;

/// What people do.
#[derive(Clone, Copy)]
pub enum Task<'a> {
    /// A page of MiniWoB++.
    Page {
        /// Its folder `html`.
        pages: &'a Path,
        name: &'a str,
        /// What people know of it.
        knows: &'a Model,
    },
    /// One of our own.
    Desk(DeskTask),
}

/// How a task is recorded.
pub struct Work<'a> {
    /// The command `overt`.
    pub program: &'a Path,
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
    /// Records everything into a folder, unless that was done before. What was broken off there begins anew.
    ///
    /// Errors: a program, the recorder or the desktop does not work.
    pub fn record(&self, task: Task<'_>, out: &Path) -> Result<Recorded> {
        let recorded = Recorded { dataset: out.join("dataset"), account: out.join("account.json") };
        if recorded.dataset.join("manifest.json").is_file() {
            return Ok(recorded);
        }
        if out.join("agreement.toml").is_file() {
            std::fs::remove_dir_all(out).context("what was broken off here before cannot be removed")?;
        }
        let mut place = Workplace::set_up(task, self.seed)?;
        let desktop = place.desktop();
        let overt = Overt::new(self.program, &desktop, out)?;
        overt.prepare_with(self.cadence, self.level, place.apps())?;
        let mut told = Vec::new();
        let sessions = self.demonstrations.div_ceil(self.in_a_session);
        for session in 0..sessions {
            let number = self.in_a_session.min(self.demonstrations - session * self.in_a_session);
            told.extend(self.session(&overt, &mut place, self.seed + session, number)?);
            eprintln!("{}: {} of {} done ...", task.name(), told.len(), self.demonstrations);
        }
        build(&overt)?;
        truth::write(&recorded.account, &told)?;
        Ok(recorded)
    }

    /// One person and one recording, to the store.
    fn session(
        &self,
        overt: &Overt<'_>,
        place: &mut Workplace<'_>,
        seed: u64,
        number: u64,
    ) -> Result<Vec<Told>> {
        let person = place.seat(seed)?;
        let recorder = overt.record()?;
        let mut teller = Teller::new(overt, person);
        for i in 0..number {
            place.attempt(1_000 * (seed + 1) + i, &mut teller)?;
        }
        let told = teller.into_told();
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

impl Task<'_> {
    /// One word for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Page { name, .. } => name,
            Self::Desk(task) => task.name(),
        }
    }
}

/// Where one person after the other works at a task.
struct Workplace<'a> {
    person: Rc<RefCell<Somebody>>,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Page { desktop: Rc<Desktop>, ground: Box<Ground>, name: &'a str, knows: &'a Model },
    Desk { desk: Desk, task: DeskTask },
}

impl<'a> Workplace<'a> {
    fn set_up(task: Task<'a>, seed: u64) -> Result<Self> {
        match task {
            Task::Desk(task) => {
                let desk = Desk::start()?;
                let person = Somebody::sit_down(desk.desktop().display(), seed)?;
                Ok(Self { person: Rc::new(RefCell::new(person)), kind: Kind::Desk { desk, task } })
            }
            Task::Page { pages, name, knows } => {
                let desktop = stand::desktop()?;
                let person = Rc::new(RefCell::new(Somebody::sit_down(desktop.display(), seed)?));
                let at = Stand { desktop: Rc::clone(&desktop), who: Who::Person(Rc::clone(&person)) };
                let limits = Limits { time_millis: Some(TASK_MILLIS_MAX), ..Limits::default() };
                let mut ground = Ground::at(pages, limits, Box::new(move || Ok(Box::new(at.clone()))))?;
                ground.open(name)?;
                Ok(Self { person, kind: Kind::Page { desktop, ground: Box::new(ground), name, knows } })
            }
        }
    }

    fn desktop(&self) -> Rc<Desktop> {
        match &self.kind {
            Kind::Page { desktop, .. } => Rc::clone(desktop),
            Kind::Desk { desk, .. } => desk.desktop(),
        }
    }

    /// What an agreement has to name.
    fn apps(&self) -> &'static [(&'static str, &'static str)] {
        match &self.kind {
            Kind::Page { .. } => &APPS[..1],
            Kind::Desk { .. } => &APPS[..2],
        }
    }

    /// Somebody else sits down.
    fn seat(&self, seed: u64) -> Result<Rc<RefCell<Somebody>>> {
        *self.person.borrow_mut() = Somebody::sit_down(self.desktop().display(), seed)?;
        Ok(Rc::clone(&self.person))
    }

    /// The person does the task that a seed sets, once.
    fn attempt(&mut self, seed: u64, teller: &mut Teller<'_>) -> Result<()> {
        match &mut self.kind {
            Kind::Page { ground, name, knows, .. } => {
                let habit = Habit::new(knows, self.person.borrow().temper, seed);
                until_begun(|| {
                    let attempt = ground.attempt_before(name, seed, &habit, teller)?;
                    teller.judged(attempt.ending == Ending::Solved)
                })
            }
            Kind::Desk { desk, task } => {
                let hand = Box::new(PersonsHand(Rc::clone(&self.person)));
                desk.attempt_before(*task, seed, &DeskHabit::new(*task), (hand, teller)).map(drop)
            }
        }
    }
}

/// A task that did not begin is begun anew, in the fresh browser that the ground takes then. `once` gives whether it began.
fn until_begun(mut once: impl FnMut() -> Result<bool>) -> Result<()> {
    for _ in 0..BROWSERS_MAX {
        if once()? {
            return Ok(());
        }
    }
    bail!("No task began in {BROWSERS_MAX} browsers. Look whether the page and the browser work.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task that begins in the browser of this number; gives how many there were.
    fn check(begins_in: usize, expected: (bool, usize)) {
        let mut browsers = 0;
        let begun = until_begun(|| {
            browsers += 1;
            Ok(browsers == begins_in)
        });
        assert_eq!((begun.is_ok(), browsers), expected);
    }

    #[test]
    fn a_task_that_does_not_begin_is_begun_anew_and_not_for_ever() {
        check(1, (true, 1));
        check(3, (true, 3));
        check(4, (false, 3));
    }
}

//! People at work while the whole of Overt records them, and the data set that comes of it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Result, bail};
use overt_learn::Model;
use overt_learn::ground::{Ending, Ground, Limits, Pages};
use overt_sim::desktop::Desktop;
use overt_sim::overt::{APPS, Overt};

use crate::desk::{Desk, DeskTask};
use crate::desk_habit::DeskHabit;
use crate::habit::Habit;
use crate::person::{PersonsHand, Somebody};
use crate::plan::{PEOPLE_VERSION, Plan};
use crate::seeds::of_person;
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
    /// So often by one person, in one recording: [`TASKS_MAX`](crate::TASKS_MAX) at most.
    pub in_a_session: u64,
    /// `structure`, `masked` or `full`.
    pub level: &'a str,
    /// As `overt agreement new --cadence` has it.
    pub cadence: &'a str,
    /// Of the first person and the first pages. The last person's has to lie below [`PEOPLE_MAX`](crate::PEOPLE_MAX).
    pub seed: u64,
}

/// Where the data set and the people's own account of one task lie.
pub struct Recorded {
    pub dataset: PathBuf,
    pub account: PathBuf,
}

impl Recorded {
    fn at(out: &Path) -> Self {
        Self { dataset: out.join("dataset"), account: out.join("account.json") }
    }

    /// Each of the two is written whole or not at all.
    fn is_whole(&self) -> bool {
        self.account.is_file() && self.dataset.join("manifest.json").is_file()
    }
}

impl Work<'_> {
    /// Whether what lies in a folder was recorded in this way, as far as it was.
    ///
    /// Errors: it was recorded in another, or is something else.
    pub fn check(&self, task: Task<'_>, out: &Path) -> Result<()> {
        self.plan(task)?.check(out)
    }

    /// Records everything into a folder, unless that was done before. What was broken off there begins anew.
    ///
    /// Errors: as [`Work::check`]; a program, the recorder or the desktop does not work.
    pub fn record(&self, task: Task<'_>, out: &Path) -> Result<Recorded> {
        let (plan, recorded) = (self.plan(task)?, Recorded::at(out));
        plan.check(out)?;
        if recorded.is_whole() {
            return Ok(recorded);
        }
        plan.begin(out)?;
        let mut place = Workplace::set_up(task, self.seed)?;
        let desktop = place.desktop();
        let study = Overt::new(self.program, &desktop, out)?;
        study.make_keys()?;
        let told = self.sessions(task, &study, &mut place)?;
        truth::write(&recorded.account, &told)?;
        build(&study)?;
        Ok(recorded)
    }

    fn plan(&self, task: Task<'_>) -> Result<Plan> {
        let (page, data) = match task {
            Task::Page { pages, name, knows } => {
                (Some(Pages::read(pages)?.digest(name)?), Some(knows.facts.dataset.clone()))
            }
            Task::Desk(_) => (None, None),
        };
        Ok(Plan {
            people: PEOPLE_VERSION,
            task: task.name().to_owned(),
            page,
            data,
            demonstrations: self.demonstrations,
            session: self.in_a_session,
            seed: self.seed,
            level: self.level.to_owned(),
            cadence: self.cadence.to_owned(),
        })
    }

    /// One person after the other. Gives what all of them tell.
    fn sessions(&self, task: Task<'_>, study: &Overt<'_>, place: &mut Workplace<'_>) -> Result<Vec<Told>> {
        let mut told = Vec::new();
        for session in 0..self.demonstrations.div_ceil(self.in_a_session) {
            let number = self.in_a_session.min(self.demonstrations - session * self.in_a_session);
            told.extend(self.session(study, place, self.seed + session, number)?);
            eprintln!("{}: {} of {} done ...", task.name(), told.len(), self.demonstrations);
        }
        Ok(told)
    }

    /// One person and one recording, to the study's store.
    fn session(
        &self,
        study: &Overt<'_>,
        place: &mut Workplace<'_>,
        seed: u64,
        number: u64,
    ) -> Result<Vec<Told>> {
        let overt = study.contributor(&seed.to_string())?;
        overt.sign(self.cadence, self.level, place.apps())?;
        let mut teller = Teller::new(&overt, place.seat(seed)?);
        let recorder = overt.record()?;
        if let Err(error) = (0..number).try_for_each(|i| place.attempt(of_person(seed, i), &mut teller)) {
            // Nobody else would end it. That it is gone already may be the very error.
            let _ = recorder.kill();
            return Err(error);
        }
        let recorded = overt.stop(recorder)?;
        overt.run("release", |c| c.arg(&recorded.recording))?;
        overt.run("collect", |c| c.arg(&recorded.recording).arg("--into").arg(study.path("store")))?;
        Ok(teller.into_told())
    }
}

fn build(study: &Overt<'_>) -> Result<()> {
    study.run("build", |c| {
        c.arg(study.path("store")).args(["--purpose", "train-agents"]);
        c.arg("--keys").arg(study.path("keys")).arg("--out").arg(study.path("dataset"))
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

    #[test]
    fn a_data_set_without_its_account_is_not_whole_nor_is_an_account_without_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (recorded, write) = (Recorded::at(folder.path()), |path: &Path| std::fs::write(path, "[]"));
        std::fs::create_dir(&recorded.dataset).expect("it is made");
        write(&recorded.dataset.join("manifest.json")).expect("it is written");
        assert!(!recorded.is_whole());
        write(&recorded.account).expect("it is written");
        assert!(recorded.is_whole());
        std::fs::remove_dir_all(&recorded.dataset).expect("it was there");
        assert!(!recorded.is_whole());
    }
}

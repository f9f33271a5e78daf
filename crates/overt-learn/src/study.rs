//! A study: the same episodes for many models, cell by cell, begun again where it was broken off.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use crate::alone::Alone;
use crate::cells::{Cell, Cells, Key};
use crate::degrade::Degrade;
use crate::drawn::{Drawn, usable};
use crate::error::LearnError;
use crate::ground::{Ground, Limits, Pages};
use crate::learner::Learner;
use crate::model::{Facts, Lessons, Model, Plan, if_taught};
use crate::plans::{differing, plans};
use crate::probe::Probe;
use crate::tally::Tally;

/// What is tried.
#[derive(Clone, Debug)]
pub struct Study {
    /// MiniWoB++'s `html` folder.
    pub html: PathBuf,
    /// Tasks, and the data set that shows each.
    pub tasks: Vec<(String, PathBuf)>,
    /// Models that were made before. They are tried after those of the data sets.
    pub models: Vec<Given>,
    pub probes: Vec<Probe>,
    /// Episodes to learn from, at most; `None` for all.
    pub sizes: Vec<Option<u64>>,
    /// Tried with all probes but only at the largest size.
    pub degrades: Vec<Degrade>,
    /// Models of each kind.
    pub seeds: u64,
    /// Episodes for each model.
    pub episodes: u64,
    pub limits: Limits,
    /// `YYYY-MM-DD`: data whose grant has ended is not learned from.
    pub today: String,
}

/// A model that was made before, and the task it is tried on.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub task: String,
    pub model: Model,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
}

/// Hears how far a study is, and may end it.
pub trait Listener {
    /// A cell is finished: the number of it, of how many, and whether it was there before.
    fn cell(&mut self, number: usize, of: usize, cell: &Cell, found: bool);

    /// Whether to end before the next model or episode. What is finished stays.
    fn stops(&self) -> bool {
        false
    }
}

impl Study {
    /// Tries all cells that `out` does not have yet, and gives all of them in the study's order. Whatever can be known to fail is
    /// looked at before the first of them. Nobody else writes into the folder until what is given with them is dropped.
    ///
    /// Errors: [`LearnError::InUse`]; a task that is named twice; pages and data sets that do not read or may not be used; what no other browser would
    /// cure; [`LearnError::Lost`], [`LearnError::Interrupted`]; files that cannot be written. What was finished stays.
    pub fn run(&self, out: &Path, listener: &mut dyn Listener) -> Result<(Vec<Cell>, Alone), LearnError> {
        let trials = self.trials()?;
        let of = trials.iter().map(Trial::models).sum();
        let alone = Alone::in_folder(out)?;
        let mut running = Running::begin(self, out, listener, of)?;
        trials.into_iter().try_for_each(|trial| running.trial(trial))?;
        Ok((running.done, alone))
    }

    /// All that is to be tried, looked through.
    fn trials(&self) -> Result<Vec<Trial<'_>>, LearnError> {
        let mut named = BTreeSet::new();
        if !self.tasks.iter().all(|(task, _)| named.insert(task)) {
            return Err(LearnError::TaskTwice);
        }
        // A page that there is not is known at once, and a data set takes its time.
        let pages = Pages::read(&self.html)?;
        let of_tasks =
            self.tasks.iter().map(|(task, _)| pages.digest(task)).collect::<Result<Vec<_>, _>>()?;
        let given = differing(&self.models);
        let of_given = given.iter().map(|g| pages.digest(&g.task)).collect::<Result<Vec<_>, _>>()?;
        let shown = self.tasks.iter().zip(of_tasks);
        let shown = shown.map(|((task, dataset), page)| self.shown(task, dataset, page));
        let given = given.into_iter().zip(of_given).map(|(given, page)| Ok(Trial::Given { given, page }));
        shown.chain(given).collect()
    }

    fn shown<'a>(&self, task: &'a str, dataset: &'a Path, page: String) -> Result<Trial<'a>, LearnError> {
        // It is read again when its turn comes: all of them at once may be more than memory holds.
        let lessons = Lessons::read(dataset, false, &self.today)?;
        let plans = plans(self, usable(&lessons.demonstrations.all));
        Ok(Trial::Shown { task, dataset, page, plans })
    }
}

/// What is tried on one task: models that are made of its data set, or one that was made before.
enum Trial<'a> {
    Shown { task: &'a str, dataset: &'a Path, page: String, plans: Vec<Plan> },
    Given { given: &'a Given, page: String },
}

impl Trial<'_> {
    fn models(&self) -> usize {
        match self {
            Self::Shown { plans, .. } => plans.len(),
            Self::Given { .. } => 1,
        }
    }
}

impl Given {
    /// Reads a model's file. One of `datasets` has to be the version that it was made of.
    ///
    /// Errors: those of [`Model::read_usable`].
    pub fn read(task: &str, path: &Path, datasets: &[PathBuf], today: &str) -> Result<Self, LearnError> {
        let bytes = std::fs::read(path)?;
        let model = Model::read_usable(&bytes, datasets, today)?;
        let sha256 = overt_event::hex_from_bytes(&Sha256::digest(&bytes));
        Ok(Self { task: task.to_owned(), model, sha256 })
    }

    fn key(&self, pages: String) -> Key {
        let Facts { probe, episodes_max: size, degrade, seed, dataset, .. } = self.model.facts.clone();
        let (task, model) = (self.task.clone(), Some(self.sha256.clone()));
        Key { task, probe, size, degrade, seed, dataset, model, learner: Learner::of(probe), pages }
    }
}

/// A study that goes on: what was found, and what is finished.
struct Running<'a> {
    study: &'a Study,
    listener: &'a mut dyn Listener,
    cells: Cells,
    ground: Ground,
    done: Vec<Cell>,
    of: usize,
}

impl<'a> Running<'a> {
    fn begin(
        study: &'a Study,
        out: &Path,
        listener: &'a mut dyn Listener,
        of: usize,
    ) -> Result<Self, LearnError> {
        let ground = Ground::new(&study.html, study.limits)?;
        Ok(Self { study, listener, cells: Cells::open(out)?, ground, done: Vec::new(), of })
    }

    fn trial(&mut self, trial: Trial<'_>) -> Result<(), LearnError> {
        match trial {
            Trial::Shown { task, dataset, page, plans } => self.shown(task, dataset, &page, plans),
            Trial::Given { given, page } => {
                self.cell(given.key(page), Drawn::by(&given.model), || Ok(given.model.clone()))
            }
        }
    }

    fn shown(&mut self, task: &str, dataset: &Path, page: &str, plans: Vec<Plan>) -> Result<(), LearnError> {
        let pictures = self.study.probes.iter().any(|p| p.looks_at_pictures());
        let lessons = Lessons::read(dataset, pictures, &self.study.today)?;
        for plan in plans {
            let drawn = Drawn::of(&lessons.demonstrations.all, plan);
            self.cell(key(task, page, &lessons, plan), drawn, || Model::train(&lessons, plan))?;
        }
        Ok(())
    }

    /// Tries one model, unless that was done before.
    fn cell(
        &mut self,
        key: Key,
        drawn: Drawn,
        model: impl FnOnce() -> Result<Model, LearnError>,
    ) -> Result<(), LearnError> {
        let known = self.cells.found(&key, self.study.episodes).cloned();
        let was_known = known.is_some();
        let cell = match known {
            Some(cell) => drawn.told_in(cell),
            None => self.try_model(key, drawn, model)?,
        };
        self.listener.cell(self.done.len() + 1, self.of, &cell, was_known);
        self.done.push(cell);
        Ok(())
    }

    fn try_model(
        &mut self,
        key: Key,
        drawn: Drawn,
        model: impl FnOnce() -> Result<Model, LearnError>,
    ) -> Result<Cell, LearnError> {
        self.go_on()?;
        let began = Instant::now();
        let model = if_taught(model())?;
        let train_secs = began.elapsed().as_secs_f64();
        let (began, restarts) = (Instant::now(), self.ground.restarts());
        let Tally { endings, steps, .. } = match &model {
            Some(model) => self.attempts(&key, model)?,
            None => Tally::untaught(self.study.episodes),
        };
        let facts = model.as_ref().map(|m| &m.facts);
        let learned = facts.map(|f| f.learned.clone()).unwrap_or_default();
        let cell = Cell {
            key,
            learned_episodes: learned.episodes,
            learned_steps: learned.steps,
            spent_millis: drawn.spent_millis,
            train_secs: rounded(train_secs),
            step_accuracy: facts.and_then(|f| f.step_accuracy).map(rounded),
            tried: self.study.episodes,
            endings,
            steps,
            act_secs: rounded(began.elapsed().as_secs_f64()),
            restarts: self.ground.restarts() - restarts,
            should_lose: drawn.should_lose,
        };
        self.cells.add(&cell)?;
        Ok(cell)
    }

    fn attempts(&mut self, key: &Key, model: &Model) -> Result<Tally, LearnError> {
        let mut tally = Tally::of(self.study.episodes);
        for episode in 0..self.study.episodes {
            self.go_on()?;
            let seed = trial_seed(key.seed, episode);
            tally.add(self.ground.attempt(&key.task, seed, model, &mut |_| ())?)?;
        }
        Ok(tally)
    }

    fn go_on(&self) -> Result<(), LearnError> {
        if self.listener.stops() { Err(LearnError::Interrupted) } else { Ok(()) }
    }
}

fn key(task: &str, page: &str, lessons: &Lessons, plan: Plan) -> Key {
    let Plan { probe, seed, episodes_max: size, degrade, .. } = plan;
    let (task, dataset, pages) = (task.to_owned(), lessons.dataset().to_owned(), page.to_owned());
    Key { task, probe, size, degrade, seed, dataset, model: None, learner: Learner::of(probe), pages }
}

/// The page's seed of one episode on which a model of this seed is tried: the same for all probes, another for each model of a
/// kind. The least is a million: what is recorded to be learned from has to have lower ones. Pages take numbers of 53 bits; the seed of
/// a model may be any.
pub fn trial_seed(model: u64, episode: u64) -> u64 {
    const MODELS: u64 = 1_000_000_000;
    (model % MODELS + 1) * 1_000_000 + episode
}

fn rounded(x: f64) -> f64 {
    (x * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_models_pages_are_its_own_and_have_numbers_that_a_page_can_tell_apart() {
        assert_eq!((trial_seed(0, 0), trial_seed(4, 99)), (1_000_000, 5_000_099));
        for model in [u64::MAX, 1_700_000_000_000_000_000, 999_999_999] {
            let (first, next) = (trial_seed(model, 0), trial_seed(model, 1));
            assert!(first >= 1_000_000, "{model}");
            assert!((next as f64 - first as f64 - 1.0).abs() < f64::EPSILON, "{model}");
        }
    }
}

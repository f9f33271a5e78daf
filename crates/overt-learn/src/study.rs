//! A study: the same episodes for many models, cell by cell, begun again where it was broken off.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use crate::boost::Growth;
use crate::cells::{Cell, Cells, Key};
use crate::degrade::Degrade;
use crate::drawn::Drawn;
use crate::error::LearnError;
use crate::ground::{Ending, Ground, Limits, Pages};
use crate::learner::Learner;
use crate::model::{Facts, Lessons, Model, Plan, if_taught};
use crate::probe::Probe;

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
#[derive(Clone, Debug)]
pub struct Given {
    pub task: String,
    pub model: Model,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
}

/// Hears how far a study is.
pub trait Listener {
    /// A cell is finished: the number of it, of how many, and whether it was there before.
    fn cell(&mut self, number: usize, of: usize, cell: &Cell, found: bool);
}

impl Study {
    /// Tries all cells that `out` does not have yet, and gives all of them in the study's order.
    ///
    /// Errors: what no other browser would cure, and files that do not read or write. What was finished stays.
    pub fn run(&self, out: &Path, listener: &mut dyn Listener) -> Result<Vec<Cell>, LearnError> {
        let mut running = Running::begin(self, out, listener)?;
        let pages = Pages::read(&self.html)?;
        let pictures = self.probes.iter().any(|p| p.looks_at_pictures());
        for (task, dataset) in &self.tasks {
            let (lessons, page) = (Lessons::read(dataset, pictures, &self.today)?, pages.digest(task)?);
            for plan in self.plans() {
                let drawn = Drawn::of(&lessons.demonstrations.all, plan);
                let key = key(task, &page, &lessons, plan);
                running.cell(key, drawn, || Model::train(&lessons, plan))?;
            }
        }
        for given in &self.models {
            let (key, drawn) = (given.key(pages.digest(&given.task)?), Drawn::by(&given.model));
            running.cell(key, drawn, || Ok(given.model.clone()))?;
        }
        Ok(running.done)
    }

    /// All models of one task: every size whole, and what is made worse at the largest.
    fn plans(&self) -> Vec<Plan> {
        let mut kinds: Vec<(Option<u64>, Degrade)> = self.sizes.iter().map(|s| (*s, Degrade::None)).collect();
        let largest =
            if self.sizes.contains(&None) { None } else { self.sizes.iter().copied().flatten().max() };
        kinds.extend(self.degrades.iter().filter(|d| **d != Degrade::None).map(|d| (largest, *d)));
        let growth = Growth::default();
        let plan = |probe, seed, (episodes_max, degrade)| Plan { probe, seed, growth, episodes_max, degrade };
        let mut plans = Vec::new();
        for probe in &self.probes {
            for seed in 0..self.seeds {
                plans.extend(kinds.iter().map(|kind| plan(*probe, seed, *kind)));
            }
        }
        plans
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
    fn begin(study: &'a Study, out: &Path, listener: &'a mut dyn Listener) -> Result<Self, LearnError> {
        let cells = Cells::open(out)?;
        let ground = Ground::new(&study.html, study.limits)?;
        let of = study.tasks.len() * study.plans().len() + study.models.len();
        Ok(Self { study, listener, cells, ground, done: Vec::new(), of })
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
        let began = Instant::now();
        let model = if_taught(model())?;
        let train_secs = began.elapsed().as_secs_f64();
        let (began, restarts) = (Instant::now(), self.ground.restarts());
        let (endings, steps) = match &model {
            Some(model) => self.attempts(&key, model)?,
            None => (BTreeMap::from([(Ending::Untaught, self.study.episodes)]), 0),
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

    /// How a model's episodes ended, and the steps of all of them.
    fn attempts(&mut self, key: &Key, model: &Model) -> Result<(BTreeMap<Ending, u64>, u64), LearnError> {
        let (mut endings, mut steps) = (BTreeMap::new(), 0);
        for episode in 0..self.study.episodes {
            let seed = page_seed(key.seed, episode);
            let attempt = self.ground.attempt(&key.task, seed, model, &mut |_| ())?;
            *endings.entry(attempt.ending).or_default() += 1;
            steps += attempt.steps as u64;
        }
        Ok((endings, steps))
    }
}

fn key(task: &str, page: &str, lessons: &Lessons, plan: Plan) -> Key {
    let Plan { probe, seed, episodes_max: size, degrade, .. } = plan;
    let (task, dataset, pages) = (task.to_owned(), lessons.dataset().to_owned(), page.to_owned());
    Key { task, probe, size, degrade, seed, dataset, model: None, learner: Learner::of(probe), pages }
}

/// The page's seed: the same for all probes, another for each model of a kind.
fn page_seed(seed: u64, episode: u64) -> u64 {
    (seed + 1) * 1_000_000 + episode
}

fn rounded(x: f64) -> f64 {
    (x * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sizes: &[Option<u64>], expected: &[(Option<u64>, Degrade)]) {
        let study = Study {
            html: PathBuf::new(),
            tasks: Vec::new(),
            models: Vec::new(),
            probes: vec![Probe::Fuller],
            sizes: sizes.to_vec(),
            degrades: vec![Degrade::None, Degrade::DropFifth],
            seeds: 1,
            episodes: 1,
            limits: Limits::default(),
            today: String::new(),
        };
        let kinds: Vec<_> = study.plans().into_iter().map(|p| (p.episodes_max, p.degrade)).collect();
        assert_eq!(kinds, expected);
    }

    #[test]
    fn what_is_made_worse_is_the_largest_size() {
        let (whole, worse) = (Degrade::None, Degrade::DropFifth);
        check(&[Some(10), Some(3)], &[(Some(10), whole), (Some(3), whole), (Some(10), worse)]);
        check(&[Some(3), None], &[(Some(3), whole), (None, whole), (None, worse)]);
    }
}

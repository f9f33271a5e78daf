//! What a study found, as figures and in words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ablation::{self, Ablation};
use crate::broken;
use crate::cells::Cell;
use crate::compared::Compared;
use crate::comparison_page;
use crate::degrade::Degrade;
use crate::ground::Ending;
use crate::interval::{Share, wilson};
use crate::learner::Learner;
use crate::marginal::{self, Curves, Marginal};
use crate::probe::Probe;

/// The version of the report's form (docs/evaluation.md).
pub const REPORT_VERSION: u32 = 7;

/// A study's results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `overt-evaluation`.
    pub format: String,
    pub version: u32,
    /// What was typed to make it.
    pub command: String,
    /// By task, probe, what is wrong with the data, and size.
    pub results: Vec<Outcome>,
    /// What the last enlargement of the data brought, by task.
    pub tasks: Vec<Marginal>,
    /// The same by application, over all tasks that were recorded in it.
    pub applications: Vec<Marginal>,
    /// What making the data worse did, of each probe.
    pub ablations: Vec<Ablation>,
    /// What was recorded of scripted people teaches, at each level and cadence that was tried; as `overt-people` compared
    /// it, beside an account of what they did.
    pub recordings: Vec<Compared>,
    /// What was made of the data in words: where the meter is broken, task by task what more of it and what spoiling it did, and of recordings
    /// what is enough and where.
    pub words: Vec<String>,
}

/// One kind of model on one task, all seeds together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub task: String,
    pub probe: Probe,
    pub degrade: Degrade,
    /// Episodes learned from, on average over the seeds.
    pub learned_episodes: f64,
    /// How long was recorded for them, by application, hours on average over the seeds; 0 where it is not told, as of few people.
    pub learned_hours: BTreeMap<String, f64>,
    pub size: Option<u64>,
    /// SHA-256 of the model's file, hexadecimal, where it was made before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// SHA-256 of the data set's manifest, hexadecimal: the version that was learned from.
    pub dataset: String,
    /// By which it learned and acted.
    pub learner: Learner,
    /// The digest of the task's page and of what it is made with.
    pub pages: String,
    pub seeds: u64,
    pub tried: u64,
    pub solved: u64,
    /// With Wilson's interval of 95 %, over all episodes.
    pub success: Share,
    /// The worst and the best seed's share: what the interval does not tell.
    pub seeds_range: (f64, f64),
    /// How many of its episodes the model of each seed ended well. Files before version 7 do not tell it.
    #[serde(default)]
    pub solved_by_seed: BTreeMap<u64, u64>,
    /// On steps kept aside, on average; it does not tell success.
    pub step_accuracy: Option<f64>,
    pub endings: BTreeMap<Ending, u64>,
    pub train_secs_max: f64,
    pub secs_per_episode: f64,
    /// Whether what is wrong with the data should harm most of the models; `None` of the whole data, and where that is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should_lose: Option<bool>,
}

/// The command as it was typed, but for what is no Unicode.
pub fn typed_command() -> String {
    std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

impl Report {
    /// Sums up cells, and puts what recordings teach beside them.
    pub fn of(cells: &[Cell], recordings: Vec<Compared>, command: String) -> Self {
        let mut groups: BTreeMap<_, Vec<&Cell>> = BTreeMap::new();
        for cell in cells {
            let k = &cell.key;
            // All the data comes after every part of it.
            let size = k.size.unwrap_or(u64::MAX);
            groups.entry((k.task.clone(), k.probe, k.degrade, size, &k.model)).or_default().push(cell);
        }
        let results: Vec<Outcome> = groups.values().map(|own| outcome(own)).collect();
        let curves = curves(&results);
        let tasks: Vec<Marginal> =
            curves.iter().filter_map(|(task, curve)| marginal::of_task(task, curve)).collect();
        let applications = marginal::of_applications(&curves);
        let ablations = ablation::ablations(&results);
        let mut words = broken::words(&ablations, &recordings);
        words.extend(untaught(&results));
        words.extend(said(&curves, [&tasks, &applications], &ablations));
        words.extend(comparison_page::summary(&recordings));
        Self {
            format: "overt-evaluation".to_owned(),
            version: REPORT_VERSION,
            command,
            results,
            tasks,
            applications,
            ablations,
            recordings,
            words,
        }
    }
}

impl Outcome {
    /// How long was recorded for what was learned from, in all applications; `None` where that is not told of one of them, as of few people.
    pub fn hours(&self) -> Option<f64> {
        let all = self.learned_hours.values().all(|hours| *hours > 0.0);
        match (self.learned_episodes == 0.0, self.learned_hours.is_empty()) {
            (true, _) => Some(0.0),
            (false, is_untold) => (!is_untold && all).then(|| self.learned_hours.values().sum()),
        }
    }

    /// In one application, where it may be none.
    pub(crate) fn hours_in(&self, app: &str) -> Option<f64> {
        match self.learned_hours.get(app) {
            Some(hours) => Some(*hours).filter(|hours| *hours > 0.0),
            None => Some(0.0),
        }
    }
}

fn outcome(own: &[&Cell]) -> Outcome {
    let first = &own[0].key;
    let (n, sum) = (own.len() as f64, |of: fn(&Cell) -> f64| own.iter().map(|c| of(c)).sum::<f64>());
    let (tried, solved) = (own.iter().map(|c| c.tried).sum(), own.iter().map(|c| c.solved()).sum());
    let mut endings = BTreeMap::new();
    for (ending, count) in own.iter().flat_map(|c| &c.endings) {
        *endings.entry(*ending).or_default() += count;
    }
    let shares: Vec<f64> = own.iter().map(|c| c.solved() as f64 / c.tried.max(1) as f64).collect();
    let accuracies: Vec<f64> = own.iter().filter_map(|c| c.step_accuracy).collect();
    Outcome {
        task: first.task.clone(),
        probe: first.probe,
        degrade: first.degrade,
        learned_episodes: sum(|c| c.learned_episodes as f64) / n,
        learned_hours: hours(own),
        size: first.size,
        model: first.model.clone(),
        dataset: first.dataset.clone(),
        learner: first.learner,
        pages: first.pages.clone(),
        seeds: own.len() as u64,
        tried,
        solved,
        success: wilson(solved, tried),
        seeds_range: (shares.iter().copied().fold(1.0, f64::min), shares.iter().copied().fold(0.0, f64::max)),
        solved_by_seed: own.iter().map(|c| (c.key.seed, c.solved())).collect(),
        step_accuracy: (!accuracies.is_empty())
            .then(|| accuracies.iter().sum::<f64>() / accuracies.len() as f64),
        endings,
        train_secs_max: own.iter().map(|c| c.train_secs).fold(0.0, f64::max),
        secs_per_episode: sum(|c| c.act_secs) / (tried as f64).max(1.0),
        should_lose: should_lose(own),
    }
}

/// On average over the cells; 0 where one of them does not tell it.
fn hours(own: &[&Cell]) -> BTreeMap<String, f64> {
    const MILLIS: f64 = 3_600_000.0;
    let apps = own.iter().flat_map(|c| c.spent_millis.keys()).cloned();
    let of = |app: &str| {
        let spent: Vec<u64> = own.iter().filter_map(|c| c.spent_millis.get(app).copied()).collect();
        let told = if spent.contains(&0) { 0 } else { spent.iter().sum() };
        told as f64 / MILLIS / own.len() as f64
    };
    apps.map(|app| (app.clone(), of(&app))).collect()
}

/// Whether most of the models learned from data that has it. What a few of them alone had cannot be asked of all together.
fn should_lose(own: &[&Cell]) -> Option<bool> {
    let told: Vec<bool> = own.iter().filter_map(|c| c.should_lose).collect();
    let most = 2 * told.iter().filter(|should| **should).count() > told.len();
    (!told.is_empty()).then_some(most)
}

/// What the fullest probe made of each size of the whole data, the smallest first, by task.
fn curves(results: &[Outcome]) -> Curves<'_> {
    let mut curves = Curves::new();
    let made = || results.iter().filter(|r| r.model.is_none());
    let best = made().map(|r| r.probe).max();
    for one in made().filter(|r| r.degrade == Degrade::None && Some(r.probe) == best) {
        curves.entry(&one.task).or_default().push(one);
    }
    curves
}

/// Where episodes count as failed because the data, as it is, taught nothing.
fn untaught(results: &[Outcome]) -> Vec<String> {
    let whole = results.iter().filter(|r| r.degrade == Degrade::None);
    let episodes = |one: &Outcome| one.endings.get(&Ending::Untaught).copied();
    let word = |(one, n): (&Outcome, u64)| {
        format!(
            "{}: {n} of {} episodes of {} count as failed because its data held no step that can be learned from. Record \
             with accessibility and marked tasks.",
            one.task,
            one.tried,
            one.probe.word()
        )
    };
    whole.filter_map(|one| Some((one, episodes(one)?))).map(word).collect()
}

fn said(curves: &Curves<'_>, marginals: [&Vec<Marginal>; 2], ablations: &[Ablation]) -> Vec<String> {
    let only_one = curves.iter().filter(|(_, curve)| curve.len() < 2).map(|(task, _)| {
        format!("{task}: only one size was tried, which does not say whether more recording helps.")
    });
    let told = marginals.into_iter().flatten().map(Marginal::words);
    only_one.chain(told).chain(ablations.iter().map(Ablation::words)).collect()
}

pub(crate) fn percent(of: f64) -> String {
    format!("{:.0} %", of * 100.0)
}

pub(crate) fn points(of: f64) -> String {
    format!("{:+.0}", of * 100.0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cells::Key;
    use crate::learner::Learner;
    use crate::spent::Spent;

    pub(crate) fn cell(size: Option<u64>, seed: u64, solved: u64) -> Cell {
        let (task, dataset, pages) = ("a-task".to_owned(), "abc".to_owned(), "def".to_owned());
        let (probe, degrade, learner) = (Probe::Fuller, Degrade::None, Learner::of(Probe::Fuller));
        Cell {
            key: Key { task, probe, size, degrade, seed, dataset, model: None, learner, pages },
            learned_episodes: size.unwrap_or(100),
            learned_steps: 1,
            spent_millis: Spent::from([("browser".to_owned(), size.unwrap_or(100) * 36_000)]),
            train_secs: 1.0,
            step_accuracy: None,
            tried: 100,
            endings: BTreeMap::from([(Ending::Solved, solved), (Ending::Wrong, 100 - solved)]),
            steps: 1,
            act_secs: 10.0,
            restarts: 0,
            should_lose: None,
        }
    }

    #[test]
    fn a_model_that_was_given_stands_by_itself() {
        let mut given = cell(None, 0, 10);
        given.key.model = Some("abc".to_owned());
        let report = Report::of(&[cell(None, 0, 90), given], Vec::new(), String::new());
        let told: Vec<_> = report.results.iter().map(|r| (r.solved, r.model.as_deref())).collect();
        assert_eq!(told, [(90, None), (10, Some("abc"))]);
        assert_eq!(report.words.len(), 1);
    }

    #[test]
    fn what_taught_nothing_is_said() {
        let mut nothing = cell(None, 0, 0);
        nothing.endings = BTreeMap::from([(Ending::Untaught, 100)]);
        let report = Report::of(&[nothing, cell(None, 1, 60)], Vec::new(), String::new());
        assert_eq!((report.results[0].solved, report.results[0].tried), (60, 200));
        assert!(report.words[0].starts_with("a-task: 100 of 200 episodes of fuller count as failed"));
    }

    #[test]
    fn it_should_lose_where_most_models_had_it() {
        let told = |models: &[Option<bool>]| {
            let of = |(seed, should_lose): (u64, &Option<bool>)| {
                let mut one = cell(None, seed, 50);
                one.should_lose = *should_lose;
                one
            };
            let cells: Vec<Cell> = (0..).zip(models).map(of).collect();
            Report::of(&cells, Vec::new(), String::new()).results[0].should_lose
        };
        let (had, had_not) = (Some(true), Some(false));
        assert_eq!(told(&[had_not, had, had]), Some(true));
        assert_eq!(told(&[had, had_not]), Some(false));
        assert_eq!(told(&[None, None]), None);
    }

    #[test]
    fn hours_that_one_seed_withholds_are_not_told() {
        let mut cells = [cell(Some(10), 0, 50), cell(Some(10), 1, 50)];
        let hours = |cells: &[Cell]| Report::of(cells, Vec::new(), String::new()).results[0].hours();
        assert_eq!(hours(&cells), Some(0.1));
        cells[1].spent_millis = Spent::from([("browser".to_owned(), 0)]);
        assert_eq!(hours(&cells), None);
    }

    #[test]
    fn seeds_are_summed_and_their_range_is_told() {
        let report = Report::of(&[cell(None, 0, 40), cell(None, 1, 60)], Vec::new(), String::new());
        let one = &report.results[0];
        assert_eq!((one.solved, one.tried, one.seeds_range), (100, 200, (0.4, 0.6)));
        assert!(report.words[0].contains("only one size"));
    }
}

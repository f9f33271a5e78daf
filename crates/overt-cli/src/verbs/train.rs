//! `overt train`: a model from a data set.

use anyhow::Result;
use overt_learn::{Degrade, Growth, Lessons, Model, Plan, Probe, card_beside};
use serde::Serialize;

use crate::args::{DegradeArg, ProbeArg, TrainArgs};
use crate::clock;
use crate::exit::Exit;
use crate::output::Output;
use crate::verbs::verify::ask_first;

#[derive(Serialize)]
struct Trained {
    probe: &'static str,
    dataset: String,
    episodes: u64,
    steps: u64,
    /// Of these, those whose picture was looked at; `null` of a probe that looks at none.
    steps_seen: Option<u64>,
    /// From what an interrupted run had learned.
    went_on: bool,
    step_accuracy: Option<f64>,
}

impl Trained {
    /// How much of it there was to see, where that matters.
    fn seen(&self) -> String {
        match self.steps_seen {
            None => String::new(),
            Some(0) => "None of them has a picture, so that it learned what `fuller` learns. ".to_owned(),
            Some(seen) => format!("It saw pictures of {seen} of them. "),
        }
    }
}

pub fn run(args: &TrainArgs, output: Output) -> Result<Exit> {
    ask_first([&args.dataset], &args.asked, output)?;
    let lessons = Lessons::read(&args.dataset, Probe::from(args.probe).looks_at_pictures(), &clock::today())?;
    let plan = Plan {
        probe: args.probe.into(),
        seed: args.seed,
        growth: Growth::default(),
        episodes_max: args.episodes,
        degrade: args.degrade.into(),
    };
    let (model, went_on) = Model::train_into(&lessons, plan, &args.out)?;
    let facts = &model.facts;
    let trained = Trained {
        probe: facts.probe.word(),
        dataset: facts.dataset.clone(),
        episodes: facts.learned.episodes,
        steps: facts.learned.steps,
        steps_seen: facts.probe.looks_at_pictures().then_some(facts.learned.steps_seen),
        went_on,
        step_accuracy: facts.step_accuracy,
    };
    let card = card_beside(&args.out);
    let words = format!(
        "{}Learned from {} steps in {} episodes. {}What it is and is not stands in {}.\nNext: overt evaluate.",
        if went_on { "Went on where the last run was interrupted.\n" } else { "" },
        trained.steps,
        trained.episodes,
        trained.seen(),
        card.display()
    );
    output.answer(&trained, &words)?;
    Ok(Exit::Done)
}

impl From<ProbeArg> for Probe {
    fn from(arg: ProbeArg) -> Self {
        match arg {
            ProbeArg::Frequent => Self::Frequent,
            ProbeArg::Ngram => Self::Ngram,
            ProbeArg::Ranker => Self::Ranker,
            ProbeArg::Attention => Self::Attention,
            ProbeArg::Fuller => Self::Fuller,
            ProbeArg::Sighted => Self::Sighted,
        }
    }
}

impl From<DegradeArg> for Degrade {
    fn from(arg: DegradeArg) -> Self {
        match arg {
            DegradeArg::None => Self::None,
            DegradeArg::AfterAction => Self::AfterAction,
            DegradeArg::Late => Self::Late300Millis,
            DegradeArg::DropFifth => Self::DropFifth,
            DegradeArg::NoAccessibility => Self::NoAccessibility,
            DegradeArg::NoHover => Self::NoHover,
            DegradeArg::KeepFailed => Self::KeepFailed,
        }
    }
}

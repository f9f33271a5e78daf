//! `overt build`: open for one purpose, reduce, write a version of a data set.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use jiff::civil::Date;
use overt_dataset::{
    BuildReport, BuildSettings, DatasetPurpose, GrantNote, Input, Manifest, Parent, Plan, build,
    mark_must_rebuild, plan, standing,
};
use overt_event::Purpose;
use overt_format::{RecipientKind, RecordingDir};
use overt_unseal::{EvaluateAgents, Grant, TrainAgents, open};
use serde::Serialize;

use crate::args::{BuildArgs, EpisodesByArg};
use crate::clock;
use crate::exit::{Exit, Fault};
use crate::holdings::Holdings;
use crate::output::Output;
use crate::verbs::inspect::access_log;
use crate::verbs::keys::KeyFolder;

#[derive(Serialize)]
struct Built {
    version: String,
    rows: u64,
    episodes: u64,
    kinds: BTreeMap<String, u64>,
    recordings: usize,
}

pub fn run(args: &BuildArgs, output: Output) -> Result<Exit> {
    let holdings = Holdings::open(&args.holdings.stores, &args.holdings.spool)?;
    let parent = args.rebuild.as_deref().map(|dataset| parent_of(dataset, &holdings)).transpose()?;
    let inputs = match &parent {
        Some(parent) => what_is_left(parent, &holdings)?,
        None => everything(&holdings)?,
    };
    let agreed = parent.as_ref().map(|p| p.manifest.purpose);
    match agreed.or(args.purpose.map(Purpose::from)) {
        Some(Purpose::TrainAgents) => make::<TrainAgents>(args, inputs, parent.as_ref(), output),
        Some(Purpose::EvaluateAgents) => make::<EvaluateAgents>(args, inputs, parent.as_ref(), output),
        Some(Purpose::SubjectAccess) | None => Err(no_dataset_of_a_person()),
    }
}

fn no_dataset_of_a_person() -> anyhow::Error {
    Fault {
        exit: Exit::Failed,
        message: "Subject access is for looking at one's own recording, not for making data sets. Use `overt inspect --keys`."
            .into(),
    }
    .into()
}

/// The version to make again. It is marked, so that nobody goes on with it.
fn parent_of(dataset: &Path, holdings: &Holdings) -> Result<Parent> {
    let standing = standing(&Manifest::read(dataset)?, |r, s| holdings.keeps(r, s))?;
    let parent = Parent::read(dataset, standing.clone())?;
    mark_must_rebuild(dataset, &standing)?;
    Ok(parent)
}

fn everything(holdings: &Holdings) -> Result<Vec<Input>> {
    let found = holdings.recordings()?;
    anyhow::ensure!(
        !found.is_empty(),
        "The stores hold no recording whose consent stands. Collect some first: `overt collect`."
    );
    Ok(found)
}

fn what_is_left(parent: &Parent, holdings: &Holdings) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for id in parent.recordings_left() {
        inputs.extend(holdings.recording(id)?.map(|recording| parent.input(recording)));
    }
    anyhow::ensure!(
        !inputs.is_empty(),
        "Nothing is left of what this data set was made of. Delete it, and whatever was made from it."
    );
    Ok(inputs)
}

fn make<P: DatasetPurpose>(
    args: &BuildArgs,
    inputs: Vec<Input>,
    parent: Option<&Parent>,
    output: Output,
) -> Result<Exit> {
    let folder = KeyFolder(&args.keys);
    let who = folder.public(RecipientKind::Study)?.id().to_string();
    let grant = GrantNote {
        who: who.clone(),
        reason: args.reason.clone(),
        expires: expires(args.until, latest(&inputs, parent))?,
    };
    let settings = settings(args, parent, grant);
    if args.dry_run {
        return tell_plan(&plan::<P>(inputs, &settings)?, output);
    }
    let keys = folder.own(RecipientKind::Study)?;
    let log = Mutex::new(access_log(&args.keys)?);
    let grant = Grant::<P>::new(who, args.reason.clone());
    let open = |dir: &RecordingDir| {
        // A thread that panicked wrote its line or none: the log is whole.
        open(dir, &grant, &keys, &mut log.lock().unwrap_or_else(PoisonError::into_inner))
    };
    let bar = output.bar(0, "segments");
    let report = build::<P>(inputs, &open, &settings, &mut |p| {
        bar.set_length(p.segments as u64);
        bar.set_position(p.segments_done as u64);
    });
    bar.finish_and_clear();
    if report.is_err() && settings.work_folder().exists() {
        output.say(
            "What was done so far lies beside the data set, in OUT.work, and is as confidential. \
             The same command goes on from it; or delete it.",
        );
    }
    tell(report?, output)
}

fn settings(args: &BuildArgs, parent: Option<&Parent>, grant: GrantNote) -> BuildSettings {
    let mut settings = match parent {
        Some(parent) => BuildSettings::next_of(parent, &args.out, grant),
        None => {
            let mut new = BuildSettings::new(&args.out, grant);
            new.split_by = args.split_by.into();
            new.reduce.episode_by_application = args.episodes_by == EpisodesByArg::Application;
            new
        }
    };
    settings.workers = args.workers.unwrap_or(settings.workers);
    settings
}

/// The last day that a version of these may be kept: the earliest on which the terms of one end. A version that replaces
/// another is to be deleted no later than that. Days written as YYYY-MM-DD stand in the order of time.
fn latest(inputs: &[Input], parent: Option<&Parent>) -> Option<String> {
    let left = inputs.iter().filter(|input| input.is_left());
    let ends = left.map(|input| input.recording.facts().last_day).min().map(clock::date);
    ends.into_iter().chain(parent.and_then(|parent| parent.manifest.grant.expires.clone())).min()
}

/// The day that was asked for, or the latest.
fn expires(until: Option<Date>, latest: Option<String>) -> Result<Option<String>> {
    let Some(until) = until.map(|day| day.to_string()) else { return Ok(latest) };
    if let Some(latest) = latest.filter(|latest| *latest < until) {
        anyhow::bail!(
            "What this is made of may be kept until {latest}, not until {until}. Ask for that day or an earlier one, or leave --until away."
        );
    }
    Ok(Some(until))
}

fn tell_plan(plan: &Plan, output: Output) -> Result<Exit> {
    let line = |job: &overt_dataset::Job| {
        format!("{}  {} bytes, {} segments erased", job.recording, job.len_bytes, job.erased.len())
    };
    let lines: Vec<String> = plan.jobs.iter().map(line).collect();
    let words = format!("{}\n{} jobs. Nothing was opened.", lines.join("\n"), plan.jobs.len());
    output.answer(plan, &words)?;
    Ok(Exit::Done)
}

fn tell(report: BuildReport, output: Output) -> Result<Exit> {
    let manifest = report.manifest;
    let built = Built {
        version: report.manifest_sha256.to_string(),
        rows: manifest.rows,
        episodes: manifest.episodes,
        kinds: manifest.kinds,
        recordings: manifest.recordings.len(),
    };
    let kinds: Vec<String> = built.kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    let words = format!(
        "A data set of {} steps in {} episodes from {} recordings: {}.\n\
         Its quality is told in DATASHEET.md, what may be done with it in licence.jsonld.\n\
         Look at it: overt show DS, or overt inspect DS --html FILE",
        built.rows,
        built.episodes,
        built.recordings,
        kinds.join(", ")
    );
    output.answer(&built, &words)?;
    Ok(Exit::Done)
}

//! `overt build`: open for one purpose, reduce, write a version of a data set.

use anyhow::{Context as _, Result};
use overt_collector::Store;
use overt_dataset::{BuildReport, BuildSettings, DatasetPurpose, GrantNote, build};
use overt_format::{RecipientKind, RecordingDir};
use overt_unseal::{AccessLog, EvaluateAgents, Grant, KeyService, Opened, TrainAgents, open};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::args::{BuildArgs, PurposeArg};
use crate::exit::{Exit, Fault};
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
    let report = match args.purpose {
        PurposeArg::TrainAgents => make::<TrainAgents>(args, output),
        PurposeArg::EvaluateAgents => make::<EvaluateAgents>(args, output),
        PurposeArg::SubjectAccess => Err(no_dataset_of_a_person()),
    }?;
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
         Its quality is told in DATASHEET.md. Look at it: overt show DS --contact-sheet FILE.png",
        built.rows,
        built.episodes,
        built.recordings,
        kinds.join(", ")
    );
    output.answer(&built, &words)?;
    Ok(Exit::Done)
}

fn no_dataset_of_a_person() -> anyhow::Error {
    Fault {
        exit: Exit::Failed,
        message: "Subject access is for looking at one's own recording, not for making data sets. Use `overt inspect --keys`."
            .into(),
    }
    .into()
}

fn make<P: DatasetPurpose>(args: &BuildArgs, output: Output) -> Result<BuildReport> {
    let folder = KeyFolder(&args.keys);
    let keys = folder.own(RecipientKind::Study)?;
    let who = folder.public(RecipientKind::Study)?.id().to_string();
    let mut log = access_log(&args.keys)?;
    let grant = Grant::<P>::new(who.clone(), args.reason.clone());
    let opened =
        recordings(args)?.iter().map(|dir| opened(dir, &grant, &keys, &mut log)).collect::<Result<_>>()?;
    let note = GrantNote { who, reason: args.reason.clone(), expires: None };
    let bar = output.bar(0, "segments");
    let report = build::<P>(opened, &BuildSettings::new(&args.out, note), &mut |p| {
        bar.set_length(p.segments as u64);
        bar.set_position(p.segments_done as u64);
    });
    bar.finish_and_clear();
    Ok(report?)
}

fn recordings(args: &BuildArgs) -> Result<Vec<RecordingDir>> {
    let mut found = Vec::new();
    for root in &args.stores {
        anyhow::ensure!(root.is_dir(), "There is no such store. Collect recordings first: `overt collect`.");
        let store = Store::open(root)?;
        for id in store.recordings()? {
            found.push(store.recording(id)?);
        }
    }
    anyhow::ensure!(!found.is_empty(), "The stores hold no recording. Collect some first: `overt collect`.");
    Ok(found)
}

fn opened<P: DatasetPurpose>(
    dir: &RecordingDir,
    grant: &Grant<P>,
    keys: &dyn KeyService,
    log: &mut AccessLog,
) -> Result<Opened<P>> {
    open(dir, grant, keys, log).context(
        "A recording of the store could not be opened. Check its agreement's purposes and the study's key.",
    )
}

//! `overt release` and `overt collect`: from the person's disk into a store.

use std::path::Path;

use anyhow::{Context as _, Result};
use overt_collector::Store;
use overt_format::ReleasedRecording;
use overt_spool::{Limits, Spool};
use serde::Serialize;

use crate::args::{CollectArgs, RecordingsArg};
use crate::clock;
use crate::exit::Exit;
use crate::output::Output;
use crate::verbs::inspect::recording_dir;

#[derive(Serialize)]
struct Released {
    recording: String,
    digest: String,
}

pub fn release(args: &RecordingsArg, output: Output) -> Result<Exit> {
    args.recordings.iter().try_for_each(|recording| release_one(recording, output))?;
    Ok(Exit::Done)
}

fn release_one(recording: &Path, output: Output) -> Result<()> {
    spool_of(recording)?.check_may_leave(recording_dir(recording)?.facts(), clock::wall_now().day())?;
    let release = overt_spool::release(recording, clock::wall_now().day())?;
    let released = Released {
        recording: release.recording.to_string(),
        digest: overt_event::hex_from_bytes(&release.recording_digest.0),
    };
    let words = format!("Exactly these bytes may leave now: {}.\nNext: overt collect.", released.digest);
    output.answer(&released, &words)?;
    Ok(())
}

#[derive(Serialize)]
struct Collected {
    recording: String,
    digest: String,
    len_bytes: u64,
}

pub fn collect(args: &CollectArgs, output: Output) -> Result<Exit> {
    args.recordings.iter().try_for_each(|recording| collect_one(recording, &args.into, output))?;
    Ok(Exit::Done)
}

fn collect_one(recording: &Path, into: &Path, output: Output) -> Result<()> {
    let spool = spool_of(recording)?;
    let dir = recording_dir(recording)?;
    spool.check_may_leave(dir.facts(), clock::wall_now().day())?;
    let released = ReleasedRecording::check(dir)?;
    let receipt = Store::open(into)?.admit(&released)?;
    spool.delete_on_receipt(&receipt)?;
    let collected = Collected {
        recording: receipt.recording.to_string(),
        digest: overt_event::hex_from_bytes(&receipt.recording_digest.0),
        len_bytes: receipt.len_bytes,
    };
    let words = format!(
        "Collected: {}, {} bytes. The copy in the spool is deleted, because the store has receipted it.\nNext: overt build.",
        collected.recording, collected.len_bytes
    );
    output.answer(&collected, &words)?;
    Ok(())
}

/// The spool that a recording lies in: the folder above it.
fn spool_of(recording: &Path) -> Result<Spool> {
    let full = recording.canonicalize().context("The recording is not there. Check its name.")?;
    let root = full
        .parent()
        .context("The recording has no folder above it. Name a folder NAME.overt in a spool.")?;
    // Nothing is written there but deletions, so no limit applies.
    Ok(Spool::open(root, Limits { bytes_max: u64::MAX, free_bytes_min: 0 })?)
}

//! `overt erase`: out of a store, with a tombstone by which data sets find out.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use overt_agreement::verify;
use overt_collector::{AdmitError, Store};
use overt_event::{Day, RecordingId, SegmentId};
use overt_format::Hex;
use serde::Serialize;

use crate::args::EraseArgs;
use crate::clock;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::verbs::keys::KeyFolder;

#[derive(Serialize)]
struct Erased {
    /// False for a trial.
    done: bool,
    recording: String,
    /// Nothing of it is left.
    whole: bool,
    /// All of its segments that are erased, those of earlier times too.
    segments: BTreeSet<SegmentId>,
}

pub fn run(args: &EraseArgs, output: Output) -> Result<Exit> {
    ensure!(args.from.is_dir(), "There is no such store. Check its name.");
    let mut store = Store::open(&args.from)?;
    let today = clock::wall_now().day();
    let named = args.recording.into_iter().collect();
    let recordings = if args.overdue { overdue(args, &store, today)? } else { named };
    if recordings.is_empty() {
        output.say("Nothing is kept longer than agreed.");
    }
    for id in recordings {
        let only = only(args);
        let erased = match args.yes {
            true => erase(&mut store, id, only.as_ref(), today)?,
            false => try_out(&store, id, only)?,
        };
        output.answer(&erased, &erased.in_words())?;
    }
    Ok(Exit::Done)
}

/// What is kept longer than the agreements say under which it was recorded. An agreement that ended, or that a
/// later version follows, says it still.
fn overdue(args: &EraseArgs, store: &Store, today: Day) -> Result<Vec<RecordingId>> {
    let trusted = args.keys.as_deref().map(|keys| KeyFolder(keys).trusted()).transpose()?.unwrap_or_default();
    let mut found = Vec::new();
    for path in &args.agreements {
        let agreement = verify(&files::read(path, "agreement")?, &trusted)?;
        if let Some(first_kept) = agreement.agreement().first_day_kept(today) {
            found.extend(store.overdue(Hex(agreement.digest()), first_kept)?);
        }
    }
    Ok(found)
}

/// The segments that are meant where not all of them are.
fn only(args: &EraseArgs) -> Option<BTreeSet<SegmentId>> {
    (!args.segments.is_empty()).then(|| args.segments.iter().copied().collect())
}

fn erase(
    store: &mut Store,
    id: RecordingId,
    only: Option<&BTreeSet<SegmentId>>,
    today: Day,
) -> Result<Erased> {
    let tombstone = store.erase(id, only, today)?;
    Ok(Erased {
        done: true,
        recording: tombstone.recording.to_string(),
        whole: tombstone.whole,
        segments: tombstone.segments.into_keys().collect(),
    })
}

fn try_out(store: &Store, id: RecordingId, only: Option<BTreeSet<SegmentId>>) -> Result<Erased> {
    let facts = store.manifest(id)?.facts;
    let all: BTreeSet<SegmentId> = facts.segments.iter().map(|s| s.segment).collect();
    let only = only.unwrap_or_else(|| all.clone());
    ensure!(only.is_subset(&all), AdmitError::UnknownSegment);
    let segments: BTreeSet<SegmentId> = only.union(&store.erased(id)?).copied().collect();
    Ok(Erased {
        done: false,
        recording: facts.recording.to_string(),
        whole: segments.len() == all.len(),
        segments,
    })
}

impl Erased {
    fn in_words(&self) -> String {
        let Self { done, recording, whole, segments } = self;
        let what = if *whole { "all of it".to_owned() } else { format!("{} segments of it", segments.len()) };
        if !done {
            return format!("Of {recording} would be erased: {what}. Nothing was erased.");
        }
        format!(
            "Erased of {recording}: {what}. The store does not take it again.\n\
             Next, for each data set that was made of this store: overt verify DS --store STORE"
        )
    }
}

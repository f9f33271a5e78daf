//! `overt erase`: out of a store, with a tombstone by which data sets find out.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use overt_collector::{AdmitError, Store};
use overt_event::SegmentId;
use serde::Serialize;

use crate::args::EraseArgs;
use crate::clock;
use crate::exit::Exit;
use crate::output::Output;

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
    let erased = if args.yes { erase(args, &mut store)? } else { try_out(args, &store)? };
    output.answer(&erased, &erased.in_words())?;
    Ok(Exit::Done)
}

/// The segments that are meant where not all of them are.
fn only(args: &EraseArgs) -> Option<BTreeSet<SegmentId>> {
    (!args.segments.is_empty()).then(|| args.segments.iter().copied().collect())
}

fn erase(args: &EraseArgs, store: &mut Store) -> Result<Erased> {
    let tombstone = store.erase(args.recording, only(args).as_ref(), clock::wall_now().day())?;
    Ok(Erased {
        done: true,
        recording: tombstone.recording.to_string(),
        whole: tombstone.whole,
        segments: tombstone.segments.into_keys().collect(),
    })
}

fn try_out(args: &EraseArgs, store: &Store) -> Result<Erased> {
    let facts = store.manifest(args.recording)?.facts;
    let all: BTreeSet<SegmentId> = facts.segments.iter().map(|s| s.segment).collect();
    let only = only(args).unwrap_or_else(|| all.clone());
    ensure!(only.is_subset(&all), AdmitError::UnknownSegment);
    let segments: BTreeSet<SegmentId> = only.union(&store.erased(args.recording)?).copied().collect();
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

//! One file a rule. Each states what happened in a few lines of text and what must come of it.

mod conservation;
mod episodes_and_finish;
mod lineage;
mod realistic_session;
mod rule_01_observation;
mod rule_02_clicks_and_drags;
mod rule_03_text_runs;
mod rule_04_chords;
mod rule_05_scroll_runs;
mod rule_06_hover;
mod rule_07_popups;
mod rule_08_switching;
mod rule_09_idle_and_wait;
mod rule_10_nothing_is_dropped;
mod rule_11_forms;
mod rule_12_clipboard;
mod script;
mod tell;

use overt_event::{Point, RecordBody};
use overt_format::{Moved, Moves};

use crate::entry::{Entry, Output};
use crate::reducer::Reducer;
use crate::settings::Settings;
use crate::step::Episode;

/// Runs a script and compares what is told of its outcome, line by line. `...` at the end of an
/// expected line stands for any rest.
pub(crate) fn check(ops: &str, expected: &str) {
    let (out, _) = run(ops);
    let told = tell::all(&out);
    let wanted: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let fits = |(got, want): (&String, &&str)| match want.strip_suffix("...") {
        Some(start) => got.starts_with(start),
        None => got == want,
    };
    let same = told.len() == wanted.len() && told.iter().zip(&wanted).all(fits);
    assert!(same, "got:\n{}\nwanted:\n{}", told.join("\n"), wanted.join("\n"));
}

pub(crate) fn run(ops: &str) -> (Vec<Output>, Vec<Episode>) {
    run_with(ops, Settings::default())
}

pub(crate) fn run_with(ops: &str, settings: Settings) -> (Vec<Output>, Vec<Episode>) {
    reduce_with(&script::entries(ops), settings)
}

pub(crate) fn reduce_entries(entries: &[Entry]) -> (Vec<Output>, Vec<Episode>) {
    reduce_with(entries, Settings::default())
}

/// Moves come one by one and in runs: it makes no difference.
fn reduce_with(entries: &[Entry], settings: Settings) -> (Vec<Output>, Vec<Episode>) {
    let one_by_one = reduce_groups(entries.chunks(1), settings.clone());
    let in_runs = reduce_groups(entries.chunk_by(makes_a_run), settings);
    assert_eq!(tell::all(&one_by_one.0), tell::all(&in_runs.0), "moves in runs");
    one_by_one
}

fn reduce_groups<'a>(
    groups: impl Iterator<Item = &'a [Entry]>,
    settings: Settings,
) -> (Vec<Output>, Vec<Episode>) {
    let mut reducer = Reducer::new(settings);
    let mut out = Vec::new();
    for group in groups {
        match group {
            [entry] => reducer.feed(entry.clone(), &mut out),
            [first, ..] => reducer.feed_moves(&moves(group), first.segment, &mut out),
            [] => Ok(()),
        }
        .expect("records are in order");
    }
    let episodes = reducer.finish(&mut out);
    (out, episodes)
}

fn makes_a_run(a: &Entry, b: &Entry) -> bool {
    let alike = |e: &Entry| (e.record.injected, e.record.device, e.record.app.clone(), e.segment);
    place(a).is_some() && place(b).is_some() && alike(a) == alike(b) && a.record.seq.0 + 1 == b.record.seq.0
}

fn place(entry: &Entry) -> Option<Point> {
    match entry.record.body {
        RecordBody::PointerMove { at } => Some(at),
        _ => None,
    }
}

fn moves(run: &[Entry]) -> Moves {
    let first = &run[0].record;
    let moved = |e: &Entry| {
        let at = place(e).expect("a run is of moves");
        Moved { time: e.record.time, arrival: e.record.arrival, at }
    };
    Moves {
        first: first.seq,
        injected: first.injected,
        device: first.device,
        app: first.app.clone(),
        each: run.iter().map(moved).collect(),
    }
}

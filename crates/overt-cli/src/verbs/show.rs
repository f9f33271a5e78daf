//! `overt show`: a data set's steps: played in a terminal, as lines elsewhere, or as a picture of some of them.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use overt_dataset::{EpisodeRow, Manifest, StepRow, read_some_steps, read_steps_without_pictures};
use serde::Serialize;

use crate::args::ShowArgs;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::page::look::{episodes, spread};
use crate::player::{self, Scene};
use crate::sheet::{self, Panel};
use crate::step_words::{self, visible};

#[derive(Serialize)]
struct Drawn {
    steps: usize,
}

pub fn run(args: &ShowArgs, output: Output) -> Result<Exit> {
    let wanted = Wanted::of(args)?;
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    match &args.contact_sheet {
        Some(file) => contact_sheet(args, &wanted, file, output),
        None if terminal && !output.json => play(args, &wanted),
        None => list(args, &wanted, output),
    }
}

/// Which steps are looked at.
struct Wanted {
    episodes: Vec<(usize, EpisodeRow)>,
}

impl Wanted {
    fn of(args: &ShowArgs) -> Result<Self> {
        Ok(Self { episodes: episodes(&args.dataset, args.episode)? })
    }

    /// Their rows, in order.
    fn rows(&self) -> impl Iterator<Item = i64> + '_ {
        self.episodes
            .iter()
            .flat_map(|(_, e)| e.row_first.map(|first| first..first + i64::from(e.steps)))
            .flatten()
    }
}

#[derive(Serialize)]
struct Line {
    row: i64,
    kind: String,
    words: String,
}

fn list(args: &ShowArgs, wanted: &Wanted, output: Output) -> Result<Exit> {
    let mut rows = wanted.rows().peekable();
    let mut lines = Vec::new();
    for step in read_steps_without_pictures(&args.dataset)? {
        let step = step?;
        if rows.next_if_eq(&step.row).is_some() {
            lines.push(Line { row: step.row, words: step_words::line(&step), kind: step.kind });
        }
    }
    let words: Vec<&str> = lines.iter().map(|l| l.words.as_str()).collect();
    output.answer(&lines, &words.join("\n"))?;
    Ok(Exit::Done)
}

fn play(args: &ShowArgs, wanted: &Wanted) -> Result<Exit> {
    let rows: Vec<(usize, i64)> = wanted
        .episodes
        .iter()
        .enumerate()
        .flat_map(|(i, (_, e))| (0..i64::from(e.steps)).filter_map(move |n| Some((i, e.row_first? + n))))
        .collect();
    anyhow::ensure!(!rows.is_empty(), "There is no step to show.");
    player::play(rows.len(), |at| {
        let (episode, row) = rows[at];
        scene(&wanted.episodes[episode], step_at(&args.dataset, row)?)
    })?;
    Ok(Exit::Done)
}

fn step_at(dataset: &Path, row: i64) -> Result<StepRow> {
    let row = row.unsigned_abs();
    let mut found = read_some_steps(dataset, row..row + 1)?;
    Ok(found.next().context("A row is missing. Check the data set with `overt verify`.")??)
}

fn scene((number, episode): &(usize, EpisodeRow), step: StepRow) -> Result<Scene> {
    let task = episode.instruction.as_deref().map(visible).unwrap_or_else(|| "not marked".to_owned());
    let words = vec![
        format!("Episode {number}: {task} (step {} of {})", step.step + 1, episode.steps),
        step_words::line(&step),
        format!("{}, {}", visible(step_words::app(&step)), step.split),
    ];
    Ok(Scene { picture: Panel::of(step).picture()?, words })
}

fn contact_sheet(args: &ShowArgs, wanted: &Wanted, file: &Path, output: Output) -> Result<Exit> {
    Manifest::read(&args.dataset)?;
    let chosen = spread(&shown_rows(&args.dataset, wanted)?, args.steps as usize);
    let bar = output.bar(chosen.len() as u64, "steps");
    let mut panels = Vec::new();
    for row in chosen {
        bar.inc(1);
        panels.push(Panel::of(step_at(&args.dataset, row)?));
    }
    bar.finish_and_clear();
    let png = sheet::draw(&panels)
        .context("The contact sheet could not be drawn. Check the data set with `overt verify`.")?;
    files::replace(file, &png, "contact sheet")?;
    output.answer(&Drawn { steps: panels.len() }, &format!("{} steps are drawn.", panels.len()))?;
    Ok(Exit::Done)
}

/// Rows that have a picture and show something done.
fn shown_rows(dataset: &Path, wanted: &Wanted) -> Result<Vec<i64>> {
    let mut rows = wanted.rows().peekable();
    let mut shown = Vec::new();
    for step in read_steps_without_pictures(dataset)? {
        let step = step?;
        let is_wanted = rows.next_if_eq(&step.row).is_some();
        if is_wanted
            && step.frame_before_missing.is_none()
            && !matches!(step.kind.as_str(), "wait" | "finish")
        {
            shown.push(step.row);
        }
    }
    Ok(shown)
}

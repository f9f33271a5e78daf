//! `overt show`: a data set's steps as lines, or as a contact sheet.

use std::path::Path;

use anyhow::{Context as _, Result};
use overt_dataset::{Manifest, StepRow, read_steps};
use serde::Serialize;

use crate::args::ShowArgs;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::sheet::{self, Panel};

#[derive(Serialize)]
struct Drawn {
    steps: usize,
}

pub fn run(args: &ShowArgs, output: Output) -> Result<Exit> {
    match &args.contact_sheet {
        Some(file) => contact_sheet(args, file, output),
        None => list(args, output),
    }
}

#[derive(Serialize)]
struct Line {
    row: i64,
    kind: String,
    words: String,
}

fn list(args: &ShowArgs, output: Output) -> Result<Exit> {
    let mut lines = Vec::new();
    for step in read_steps(&args.dataset)? {
        let step = step?;
        lines.push(Line { row: step.row, words: title(&step), kind: step.kind });
    }
    let words: Vec<&str> = lines.iter().map(|l| l.words.as_str()).collect();
    output.answer(&lines, &words.join("\n"))?;
    Ok(Exit::Done)
}

fn contact_sheet(args: &ShowArgs, file: &Path, output: Output) -> Result<Exit> {
    let rows = Manifest::read(&args.dataset)?.rows;
    let bar = output.bar(rows, "steps");
    let mut panels = Vec::new();
    let wanted = spread(&shown_rows(&args.dataset)?, args.steps as usize);
    for step in read_steps(&args.dataset)? {
        let step = step?;
        bar.inc(1);
        if wanted.contains(&step.row) {
            panels.push(panel(step));
        }
    }
    bar.finish_and_clear();
    let png = sheet::draw(&panels)
        .context("The contact sheet could not be drawn. Check the data set with `overt verify`.")?;
    files::replace(file, &png, "contact sheet")?;
    output.answer(&Drawn { steps: panels.len() }, &format!("{} steps are drawn.", panels.len()))?;
    Ok(Exit::Done)
}

/// Rows that have a picture and show something done.
fn shown_rows(dataset: &Path) -> Result<Vec<i64>> {
    let mut rows = Vec::new();
    for step in read_steps(dataset)? {
        let step = step?;
        if step.image_before.is_some() && !matches!(step.kind.as_str(), "wait" | "finish") {
            rows.push(step.row);
        }
    }
    Ok(rows)
}

/// `n` of them, evenly spread, the first and the last among them.
fn spread(rows: &[i64], n: usize) -> Vec<i64> {
    if rows.len() <= n || n < 2 {
        return rows.iter().take(n).copied().collect();
    }
    (0..n).map(|i| rows[i * (rows.len() - 1) / (n - 1)]).collect()
}

fn panel(step: StepRow) -> Panel {
    let element = step.element.as_ref().map(|e| e.bounds);
    let margin = step.frame_margin_millis.map_or("no frame".into(), |m| format!("frame {m:.0} ms before"));
    Panel {
        title: title(&step),
        detail: format!("{}, {margin}", step.app.as_deref().unwrap_or("unknown application")),
        point: step.at(),
        path: step.path,
        element: element.filter(|e| !e.is_empty()),
        png: step.image_before,
    }
}

/// The step in a line: what was done, with what, to which element.
fn title(step: &StepRow) -> String {
    let what = match step.kind.as_str() {
        "type" => step.text.as_deref().map_or("type (masked)".into(), |t| format!("type {t:?}")),
        "key" => {
            format!("key {}", step.modifiers.iter().chain(&step.keys).cloned().collect::<Vec<_>>().join("+"))
        }
        "scroll" => format!("scroll {:+.0}", step.dy_notch.or(step.dx_notch).unwrap_or_default()),
        kind => with_modifiers(kind, &step.modifiers),
    };
    let element =
        step.element.as_ref().map_or(String::new(), |e| format!("  {} \u{201c}{}\u{201d}", e.role, e.name));
    let intents: Vec<&str> = step.intents.iter().map(|i| i.kind.as_str()).collect();
    let intents = if intents.is_empty() { String::new() } else { format!("  [{}]", intents.join(", ")) };
    format!("{} {what}{element}{intents}", step.row + 1)
}

fn with_modifiers(kind: &str, modifiers: &[String]) -> String {
    if modifiers.is_empty() { kind.to_owned() } else { format!("{}+{kind}", modifiers.join("+")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[i64], n: usize, expected: &[i64]) {
        assert_eq!(spread(rows, n), expected);
    }

    #[test]
    fn the_sheet_shows_steps_from_beginning_to_end() {
        check(&[1, 2, 3, 4, 5], 3, &[1, 3, 5]);
        check(&[1, 2], 12, &[1, 2]);
        check(&[], 12, &[]);
        check(&[1, 2, 3], 1, &[1]);
    }
}

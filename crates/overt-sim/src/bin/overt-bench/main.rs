//! What recording costs, beside others, on the same desktop with the same person at work.
//!
//! `overt-bench --overt PATH [--seed N] [--save FILE]`

mod delay;
mod recorders;
mod tools;
mod work;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Serialize;

use delay::Delay;
use recorders::{Build, Row};

const USAGE: &str = "Usage: overt-bench --overt PATH [--seed N] [--save FILE]";

#[derive(Serialize)]
struct Report {
    seed: u64,
    recorders: Vec<Row>,
    build: Build,
    delay: Delay,
}

fn main() -> Result<()> {
    let (overt, seed, save) = parse(std::env::args().skip(1))?;
    let folder = tempfile::tempdir()?;
    let (recorders, build) = recorders::all(&overt, folder.path(), seed)?;
    let report = Report { seed, recorders, build, delay: delay::measure(&overt, folder.path())? };
    recorders::print(&report.recorders, &report.build);
    delay::print(&report.delay);
    if let Some(file) = save {
        fs::create_dir_all(file.parent().context("--save needs a file in a folder.")?)?;
        fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
        eprintln!("Saved to {}", file.display());
    }
    Ok(())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<(PathBuf, u64, Option<PathBuf>)> {
    let (mut overt, mut seed, mut save) = (None, 1, None);
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} needs a value."))?;
        match word.as_str() {
            "--overt" => overt = Some(PathBuf::from(value)),
            "--seed" => seed = value.parse().context("--seed needs a whole number.")?,
            "--save" => save = Some(PathBuf::from(value)),
            _ => anyhow::bail!(USAGE),
        }
    }
    Ok((overt.context(USAGE)?, seed, save))
}

//! What recording costs, beside others, on the same desktop with the same person at work.
//!
//! `overt-bench --overt PATH --reduction-speed PATH [--seed N] [--save FILE]`, `overt-bench dataset` with the same
//! words for what becomes of recordings, `overt-bench storm` for that part alone, or
//! `overt-bench filters PLANTED [--save FILE]` for what filters find.

mod build;
mod dataset;
mod delay;
mod filters;
mod pictures;
mod recorders;
mod storm;
mod tools;
mod work;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Serialize;

use build::Build;
use delay::Delay;
use recorders::Row;
use storm::Storm;

const USAGE: &str =
    "Usage: overt-bench [dataset] --overt PATH --reduction-speed PATH [--seed N] [--save FILE]";

/// What is measured.
struct Programs {
    overt: PathBuf,
    /// The example of overt-reduce.
    reduction_speed: PathBuf,
}

struct Options {
    programs: Programs,
    seed: u64,
    save: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    measured: Measured,
    seed: u64,
    recorders: Vec<Row>,
    build: Option<Build>,
    delay: Delay,
    storm: Storm,
}

/// When, and on what.
#[derive(Serialize)]
struct Measured {
    day: String,
    /// Of the processor, as it calls itself.
    processor: String,
    cores: usize,
}

impl Measured {
    fn here() -> Result<Self> {
        let told = fs::read_to_string("/proc/cpuinfo")?;
        let line = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Ok(Self {
            day: overt_sim::overt::date_in(0),
            processor: line.map_or_else(|| "unknown".to_owned(), |(_, name)| name.to_owned()),
            cores: std::thread::available_parallelism()?.get(),
        })
    }
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["storm"] => storm::print(&storm::measure()?),
        ["dataset", ..] => data_sets(words.into_iter().skip(1))?,
        ["filters", planted] => filters::print(&filters::measure(planted.as_ref())?),
        ["filters", planted, "--save", file] => {
            let found = filters::measure(planted.as_ref())?;
            filters::print(&found);
            save(file.as_ref(), &found)?;
        }
        _ => recorders_beside_others(words)?,
    }
    Ok(())
}

fn recorders_beside_others(words: Vec<String>) -> Result<()> {
    let Options { programs, seed, save: to } = parse(words.into_iter())?;
    let folder = tempfile::tempdir()?;
    let (recorders, build) = recorders::all(&programs, folder.path(), seed)?;
    let (delay, storm) = (delay::measure(&programs.overt, folder.path())?, storm::measure()?);
    let report = Report { measured: Measured::here()?, seed, recorders, build, delay, storm };
    recorders::print(&report.recorders);
    report.build.iter().for_each(Build::print);
    delay::print(&report.delay);
    storm::print(&report.storm);
    to.map_or(Ok(()), |file| save(&file, &report))
}

fn data_sets(words: impl Iterator<Item = String>) -> Result<()> {
    let Options { programs, seed, save: to } = parse(words)?;
    let data =
        std::env::var_os("OVERT_DATA").context("OVERT_DATA names the folder with published recordings.")?;
    let report = dataset::measure(&programs, data.as_ref(), seed)?;
    report.print();
    to.map_or(Ok(()), |file| save(&file, &report))
}

fn save(file: &Path, report: &impl Serialize) -> Result<()> {
    fs::create_dir_all(file.parent().context("--save needs a file in a folder.")?)?;
    fs::write(file, serde_json::to_string_pretty(report)? + "\n")?;
    eprintln!("Saved to {}", file.display());
    Ok(())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Options> {
    let (mut overt, mut reduction_speed, mut seed, mut save) = (None, None, 1, None);
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} needs a value."))?;
        match word.as_str() {
            "--overt" => overt = Some(PathBuf::from(value)),
            "--reduction-speed" => reduction_speed = Some(PathBuf::from(value)),
            "--seed" => seed = value.parse().context("--seed needs a whole number.")?,
            "--save" => save = Some(PathBuf::from(value)),
            _ => anyhow::bail!(USAGE),
        }
    }
    let (overt, reduction_speed) = overt.zip(reduction_speed).context(USAGE)?;
    Ok(Options { programs: Programs { overt, reduction_speed }, seed, save })
}

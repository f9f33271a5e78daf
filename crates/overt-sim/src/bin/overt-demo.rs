//! The whole thread once: a desktop, a person at work, a recording, a data set.
//!
//! `overt-demo --overt PATH --out DIR [--seed N] [--level structure|masked|full]`

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use overt_sim::overt::{APPS, Overt, Recorded, find};
use overt_sim::report::{action_table, files_with, recorded_counts, size_of};
use overt_sim::script::{self, Played, Stage};
use serde_json::Value;

struct Args {
    overt: PathBuf,
    out: PathBuf,
    seed: u64,
    level: String,
}

const USAGE: &str = "Sets a desktop, records a scripted person at work, and makes a data set of it.\n\nUsage: overt-demo --overt PATH --out DIR [--seed N] [--level structure|masked|full]";

fn main() -> Result<()> {
    if std::env::args().any(|word| word == "--help" || word == "-h") {
        println!("{USAGE}");
        return Ok(());
    }
    let args = parse(std::env::args().skip(1))?;
    fs::create_dir_all(&args.out)?;
    let is_empty = fs::read_dir(&args.out)?.next().is_none();
    ensure!(is_empty, "The folder for the demo is not empty. Name another one by --out.");
    eprintln!("Starting a desktop with Chromium, mousepad and galculator ...");
    let stage = Stage::set()?;
    let overt = Overt::new(&args.overt, &stage.desktop, &args.out)?;
    overt.prepare_with("on_change", &args.level, &APPS)?;
    let began = Instant::now();
    let recorder = overt.record()?;
    eprintln!("Recording; a scripted person works for about 70 s ...");
    let played = script::play(&stage, args.seed)?;
    let recorded = overt.stop(recorder)?;
    let secs = began.elapsed().as_secs_f64();
    fs::write(overt.path("journal.json"), serde_json::to_vec_pretty(&played.journal)?)?;
    eprintln!("Inspecting, releasing, collecting, building ...");
    let inspected = make_data_set(&overt, &recorded)?;
    report(&overt, &recorded, &played, &inspected, secs)
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Args> {
    let (mut overt, mut out, mut seed, mut level) = (None, None, 1, "full".to_owned());
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} needs a value."))?;
        match word.as_str() {
            "--overt" => overt = Some(PathBuf::from(value)),
            "--out" => out = Some(PathBuf::from(value)),
            "--seed" => seed = value.parse().context("--seed needs a whole number.")?,
            "--level" => level = value,
            _ => anyhow::bail!(USAGE),
        }
    }
    Ok(Args { overt: overt.context(USAGE)?, out: out.context(USAGE)?, seed, level })
}

/// From the ended recording to the data set and its picture; gives what `inspect` said.
fn make_data_set(overt: &Overt, recorded: &Recorded) -> Result<Value> {
    let recording = &recorded.recording;
    overt.run("verify", |c| c.arg(recording).arg("--keys").arg(overt.path("keys")))?;
    let inspected =
        overt.run("inspect", |c| c.arg(recording).arg("--keys").arg(overt.path("keys")).arg("--json"))?;
    overt.run("release", |c| c.arg(recording))?;
    overt.run("collect", |c| c.arg(recording).arg("--into").arg(overt.path("store")))?;
    overt.run("build", |c| {
        c.arg(overt.path("store")).args(["--purpose", "train-agents"]);
        c.arg("--keys").arg(overt.path("keys")).arg("--out").arg(overt.path("dataset"))
    })?;
    overt.run("show", |c| {
        c.arg(overt.path("dataset")).arg("--contact-sheet").arg(overt.path("contact-sheet.png"))
    })?;
    Ok(serde_json::from_str(&inspected).unwrap_or(Value::Null))
}

fn report(overt: &Overt, recorded: &Recorded, played: &Played, inspected: &Value, secs: f64) -> Result<()> {
    let dataset = overt.path("dataset");
    let manifest = fs::read(dataset.join("manifest.json")).unwrap_or_default();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap_or(Value::Null);
    let number = |names: &[&str]| {
        let value = find(&recorded.ended, names).or_else(|| find(inspected, names));
        value.and_then(Value::as_u64).map_or("not told".to_owned(), |n| n.to_string())
    };
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    println!("\nRecorded {secs:.0} s of work.");
    println!(
        "  events: {} seen, {} kept, {} lost",
        number(&["received"]),
        number(&["kept"]),
        number(&["lost"])
    );
    println!("  pictures: {}", number(&["pictures", "frames"]));
    let sealed = find(&recorded.ended, &["sealed_bytes"]).and_then(Value::as_u64);
    println!("  sealed: {}", sealed.map_or("not told".into(), megabytes));
    println!("  data set: {}", megabytes(size_of(&dataset)?));
    println!(
        "  recorder: {:.1} s of processor time ({:.1} % of one core), at most {} of memory",
        recorded.cost.cpu_secs,
        100.0 * recorded.cost.cpu_secs / secs,
        megabytes(recorded.cost.memory_peak_bytes),
    );
    let found = files_with(&overt.path("."), &played.secret)?;
    println!("  files that hold the password that was typed: {found}");
    println!("\n{}", action_table(&played.journal, recorded_counts(&manifest).as_ref()));
    println!("What the script did: {}", overt.path("journal.json").display());
    println!("Look at it:          {}", overt.path("contact-sheet.png").display());
    println!("The data set:        {}\n", dataset.display());
    println!("  from datasets import load_dataset");
    println!(
        "  steps = load_dataset(\"parquet\", data_files=\"{}/steps.parquet\", split=\"train\")",
        dataset.display()
    );
    println!("  steps[0]");
    ensure!(found == 0, "The password that was typed lies in {found} files. This must never happen.");
    Ok(())
}

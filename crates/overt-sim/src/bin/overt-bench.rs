//! What recording costs, beside ffmpeg, on the same desktop with the same person at work.
//!
//! `overt-bench --overt PATH [--seed N] [--save FILE]`

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result};
use overt_sim::cost::{self, Cost};
use overt_sim::overt::{Overt, find};
use overt_sim::report::size_of;
use overt_sim::script::{self, Stage};
use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;
use serde_json::Value;

/// How long ffmpeg may take to close its file.
const FFMPEG_ENDS_WITHIN_SECS: i64 = 60;

/// What one recorder cost while the script was played once.
#[derive(Serialize)]
struct Row {
    recorder: String,
    secs: f64,
    cpu_secs_a_minute: f64,
    /// Of the display server, which takes part in every grab.
    display_cpu_secs_a_minute: f64,
    memory_peak_mb: f64,
    mb_a_minute: f64,
}

/// From a collected recording to a data set.
#[derive(Serialize)]
struct Build {
    events: u64,
    cpu_secs: f64,
    events_a_cpu_sec: f64,
}

#[derive(Serialize)]
struct Report {
    seed: u64,
    recorders: Vec<Row>,
    build: Build,
}

fn main() -> Result<()> {
    let (overt, seed, save) = parse(std::env::args().skip(1))?;
    let folder = tempfile::tempdir()?;
    let mut recorders = vec![nothing(seed)?];
    let (row, build) = by_overt(&overt, folder.path(), seed)?;
    recorders.push(row);
    for fps in [10, 30] {
        recorders.push(by_ffmpeg(folder.path(), fps, seed)?);
    }
    let report = Report { seed, recorders, build };
    print(&report);
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
            _ => anyhow::bail!("Usage: overt-bench --overt PATH [--seed N] [--save FILE]"),
        }
    }
    Ok((overt.context("Usage: overt-bench --overt PATH [--seed N] [--save FILE]")?, seed, save))
}

/// The desktop's own cost, nobody recording.
fn nothing(seed: u64) -> Result<Row> {
    eprintln!("Nothing records ...");
    let stage = Stage::set()?;
    let watch = Watch::start(&stage)?;
    script::play(&stage, seed)?;
    watch.row("none", &stage, Cost::default(), 0)
}

fn by_overt(overt: &Path, out: &Path, seed: u64) -> Result<(Row, Build)> {
    eprintln!("overt records ...");
    let stage = Stage::set()?;
    let overt = Overt::new(overt, &stage.desktop, out)?;
    overt.prepare("on_change")?;
    let watch = Watch::start(&stage)?;
    let recorder = overt.record()?;
    script::play(&stage, seed)?;
    let recorded = overt.stop(recorder)?;
    let bytes = size_of(&recorded.recording)?;
    let row = watch.row("overt, on change", &stage, recorded.cost, bytes)?;
    overt.run("release", |c| c.arg(&recorded.recording))?;
    overt.run("collect", |c| c.arg(&recorded.recording).arg("--into").arg(overt.path("store")))?;
    let (_, cost) = overt.run_measured("build", |c| {
        c.arg(overt.path("store")).args(["--purpose", "train-agents"]);
        c.arg("--keys").arg(overt.path("keys")).arg("--out").arg(overt.path("dataset"))
    })?;
    let events = find(&recorded.ended, &["records", "kept"]).and_then(Value::as_u64).unwrap_or(0);
    let events_a_cpu_sec = events as f64 / cost.cpu_secs.max(0.01);
    let build = Build { events, cpu_secs: cost.cpu_secs, events_a_cpu_sec };
    Ok((row, build))
}

fn by_ffmpeg(out: &Path, fps: u32, seed: u64) -> Result<Row> {
    eprintln!("ffmpeg records at {fps} frames a second ...");
    let stage = Stage::set()?;
    let file = out.join(format!("ffmpeg-{fps}.mkv"));
    let (w, h) = stage.desktop.size();
    let mut command = stage.desktop.command("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-f", "x11grab", "-framerate", &fps.to_string()]);
    command.args(["-video_size", &format!("{w}x{h}"), "-i", stage.desktop.display()]);
    command.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]).arg(&file);
    command.stdout(Stdio::null()).stderr(File::create(out.join("ffmpeg.log"))?);
    let watch = Watch::start(&stage)?;
    let child = command.spawn().context("ffmpeg does not start")?;
    script::play(&stage, seed)?;
    let before = cost::of(child.id())?;
    kill_process(Pid::from_child(&child), Signal::INT)?;
    // It says so by its exit code when a signal ended it; the file is whole all the same.
    let (cost, _) = cost::at_end(child, before, FFMPEG_ENDS_WITHIN_SECS)?;
    watch.row(&format!("ffmpeg x264 ultrafast, {fps} fps"), &stage, cost, fs::metadata(&file)?.len())
}

/// The moment when a measurement began.
struct Watch {
    began: Instant,
    display: Cost,
}

impl Watch {
    fn start(stage: &Stage) -> Result<Self> {
        Ok(Self { began: Instant::now(), display: cost::of(stage.desktop.display_pid()?)? })
    }

    fn row(self, recorder: &str, stage: &Stage, cost: Cost, bytes: u64) -> Result<Row> {
        let secs = self.began.elapsed().as_secs_f64();
        let display = cost::of(stage.desktop.display_pid()?)?;
        let a_minute = |n: f64| n * 60.0 / secs;
        Ok(Row {
            recorder: recorder.to_owned(),
            secs,
            cpu_secs_a_minute: a_minute(cost.cpu_secs),
            display_cpu_secs_a_minute: a_minute(display.cpu_secs - self.display.cpu_secs),
            memory_peak_mb: cost.memory_peak_bytes as f64 / 1e6,
            mb_a_minute: a_minute(bytes as f64 / 1e6),
        })
    }
}

fn print(report: &Report) {
    println!(
        "\n{:<32} {:>8} {:>12} {:>12} {:>10} {:>9}",
        "recorder", "seconds", "CPU s/min", "display", "memory MB", "MB/min"
    );
    for r in &report.recorders {
        println!(
            "{:<32} {:>8.0} {:>12.2} {:>12.2} {:>10.1} {:>9.2}",
            r.recorder,
            r.secs,
            r.cpu_secs_a_minute,
            r.display_cpu_secs_a_minute,
            r.memory_peak_mb,
            r.mb_a_minute
        );
    }
    println!(
        "\nbuild (open, reduce, write): {} events in {:.2} CPU seconds, {:.0} events a CPU second",
        report.build.events, report.build.cpu_secs, report.build.events_a_cpu_sec
    );
}

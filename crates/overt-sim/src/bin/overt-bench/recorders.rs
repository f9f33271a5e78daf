//! Processor time, memory and bytes of each recorder, during the same work and the stillness after it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use overt_sim::cost::{self, Cost};
use overt_sim::overt::{Overt, Recorded};
use serde::Serialize;

use crate::Programs;
use crate::build::Build;
use crate::pictures::png_bytes;
use crate::tools::{Ended, Running, Site, Tool};
use crate::work::{Place, Work};

/// How long nothing happens after the office work.
const STILL_SECS: u64 = 30;

/// The runs, in this order, on a fresh desktop each.
const RUNS: [(Work, Tool); 8] = [
    (Work::Office, Tool::None),
    (Work::Office, Tool::Overt),
    (Work::Office, Tool::Ffmpeg(10)),
    (Work::Office, Tool::Ffmpeg(30)),
    (Work::Photos, Tool::Overt),
    (Work::Photos, Tool::Ffmpeg(10)),
    (Work::Film, Tool::Overt),
    (Work::Film, Tool::Ffmpeg(10)),
];

/// What one recorder cost during one kind of work.
#[derive(Serialize)]
pub(crate) struct Row {
    work: &'static str,
    recorder: String,
    work_secs: f64,
    cpu_secs_a_minute: f64,
    /// Of the display server, which takes part in every grab.
    display_cpu_secs_a_minute: f64,
    /// Of one core, while nothing happens; only after office work.
    still_cpu_percent: Option<f64>,
    memory_peak_mb: f64,
    /// Over work and stillness.
    mb_a_minute: f64,
    /// The same if each of its frames were a PNG; only of Overt, whose frames can be had.
    png_mb_a_minute: Option<f64>,
}

/// Runs them all; the recording of office work is also reduced and built.
pub(crate) fn all(programs: &Programs, out: &Path, seed: u64) -> Result<(Vec<Row>, Option<Build>)> {
    let (mut rows, mut built) = (Vec::new(), None);
    let overt = &programs.overt;
    for (n, (work, tool)) in RUNS.into_iter().enumerate() {
        eprintln!("{} of {}: {}, recorder: {} ...", n + 1, RUNS.len(), work.name(), tool.name());
        let folder = out.join(n.to_string());
        let mut place = work.prepare()?;
        let (row, recorded) = run(&mut place, (work, tool), overt, &folder, seed)?;
        rows.push(row);
        if let (Work::Office, Some(recorded)) = (work, recorded) {
            let overt = Overt::new(overt, place.desktop(), &folder)?;
            built = Some(Build::measure(&overt, &programs.reduction_speed, &recorded)?);
        }
    }
    Ok((rows, built))
}

/// The desktop's processes and the recorder's, at one moment.
struct Reading {
    at: Instant,
    recorder: Cost,
    display: Cost,
}

fn run(
    place: &mut Place,
    (work, tool): (Work, Tool),
    overt: &Path,
    out: &Path,
    seed: u64,
) -> Result<(Row, Option<Recorded>)> {
    let display = place.desktop().display_pid()?;
    let running = tool.start(Site { overt, desktop: place.desktop(), out })?;
    let read = |running: &Running| -> Result<Reading> {
        Ok(Reading { at: Instant::now(), recorder: running.cost()?, display: cost::of(display)? })
    };
    let began = read(&running)?;
    place.work(seed)?;
    let worked = read(&running)?;
    if work == Work::Office {
        std::thread::sleep(Duration::from_secs(STILL_SECS));
    }
    let rested = read(&running)?;
    let site = Site { overt, desktop: place.desktop(), out };
    let ended = running.stop(site)?;
    let png = match &ended.recorded {
        Some(recorded) => Some(png_bytes(&recorded.recording, &site.overt()?.path("keys"))?),
        None => None,
    };
    Ok((row((work, tool), [&began, &worked, &rested], &ended, png), ended.recorded))
}

fn row(
    (work, tool): (Work, Tool),
    [began, worked, rested]: [&Reading; 3],
    ended: &Ended,
    png_bytes: Option<u64>,
) -> Row {
    let secs = |a: &Reading, b: &Reading| (b.at - a.at).as_secs_f64();
    let work_secs = secs(began, worked);
    let a_minute = |used: f64| used * 60.0 / work_secs;
    let still_cpu = (rested.recorder.cpu_secs - worked.recorder.cpu_secs) / secs(worked, rested).max(0.001);
    Row {
        work: work.name(),
        recorder: tool.name(),
        work_secs,
        cpu_secs_a_minute: a_minute(worked.recorder.cpu_secs - began.recorder.cpu_secs),
        display_cpu_secs_a_minute: a_minute(worked.display.cpu_secs - began.display.cpu_secs),
        still_cpu_percent: (work == Work::Office).then_some(still_cpu * 100.0),
        memory_peak_mb: ended.cost.memory_peak_bytes as f64 / 1e6,
        mb_a_minute: mb_a_minute(ended.bytes, secs(began, rested)),
        png_mb_a_minute: png_bytes.map(|bytes| mb_a_minute(bytes, secs(began, rested))),
    }
}

fn mb_a_minute(bytes: u64, secs: f64) -> f64 {
    bytes as f64 / 1e6 * 60.0 / secs
}

pub(crate) fn print(rows: &[Row]) {
    println!(
        "\n{:<12} {:<34} {:>7} {:>10} {:>9} {:>8} {:>10} {:>8} {:>8}",
        "work", "recorder", "seconds", "CPU s/min", "display", "still %", "memory MB", "MB/min", "as PNG"
    );
    for r in rows {
        let still = r.still_cpu_percent.map_or("-".to_owned(), |p| format!("{p:.2}"));
        let png = r.png_mb_a_minute.map_or("-".to_owned(), |mb| format!("{mb:.1}"));
        println!(
            "{:<12} {:<34} {:>7.0} {:>10.2} {:>9.2} {:>8} {:>10.1} {:>8.2} {:>8}",
            r.work,
            r.recorder,
            r.work_secs,
            r.cpu_secs_a_minute,
            r.display_cpu_secs_a_minute,
            still,
            r.memory_peak_mb,
            r.mb_a_minute,
            png
        );
    }
}

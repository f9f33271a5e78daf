//! From recordings to data sets: how fast they are reduced and built, in how much memory, and how large the tables are.

mod desk;
mod sources;
mod tables;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use overt_sim::cost::Cost;
use serde::Serialize;

use crate::build::speed;
use crate::tools::{Site, Tool};
use crate::work::Work;
use crate::{Measured, Programs};
use desk::Desk;
use sources::Stream;
use tables::Bytes;

/// Lengths of films, seconds, and how many are built at once by as many workers: what does not grow from the first to the second does
/// not grow with length, and the third tells what another worker takes.
const FILMS: [(u32, u32); 3] = [(15, 1), (60, 1), (60, 2)];
/// A build of all this work takes seconds; its recorder's work is played in real time.
const LIVE: [Work; 2] = [Work::Office, Work::Photos];

/// All of it.
#[derive(Serialize)]
pub(crate) struct Report {
    measured: Measured,
    reduction: Vec<Reduced>,
    building: Vec<Built>,
    tables: Vec<Bytes>,
}

/// How fast one stream is reduced, without pictures, on one core.
#[derive(Serialize)]
struct Reduced {
    stream: &'static str,
    records: u64,
    /// From memory: the opening not counted.
    reduced_a_cpu_sec: f64,
    /// From the sealed recording, the opening included.
    opened_and_reduced_a_cpu_sec: f64,
}

/// What it took one worker to make a data set of one recording, pictures and all; or as many workers of several at once.
#[derive(Serialize)]
struct Built {
    work: String,
    /// How long was recorded. Nothing is known of the time of an imported stream's pauses, so it is `None` there.
    recorded_secs: Option<f64>,
    cpu_secs: f64,
    /// Recorded seconds for each second of processor time.
    times_real_time: Option<f64>,
    memory_peak_mb: f64,
}

pub(crate) fn measure(programs: &Programs, data: &Path, seed: u64) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let place = |name: &str| folder.path().join(name);
    let mut report = Report {
        measured: Measured::here()?,
        reduction: Vec::new(),
        building: Vec::new(),
        tables: Vec::new(),
    };
    for stream in [Stream::Mixed, Stream::Mouse] {
        report.stream(programs, &place(stream.name()), data, stream)?;
    }
    for (secs, at_once) in FILMS {
        report.films(programs, &place(&format!("film-{secs}-{at_once}")), secs, at_once)?;
    }
    for work in LIVE {
        report.live(programs, &place(work.name()), work, seed)?;
    }
    Ok(report)
}

impl Report {
    /// A published recording, many times over.
    fn stream(&mut self, programs: &Programs, out: &Path, data: &Path, stream: Stream) -> Result<()> {
        eprintln!("The stream {} ...", stream.name());
        let desk = Desk::new(programs, out)?;
        stream.write(data, &desk.path("source"))?;
        let recording = desk.import(stream.format(), false)?;
        self.reduction.push(Reduced::measure(programs, &desk, &recording, stream.name())?);
        desk.collect(&recording)?;
        let cost = desk.build(1)?;
        self.building.push(Built::of(stream.name().to_owned(), None, cost));
        self.tables.push(Bytes::measure(stream.name(), &desk.path("dataset"))?);
        Ok(())
    }

    /// Films over the whole screen, in which every pixel is new ten times a second.
    fn films(&mut self, programs: &Programs, out: &Path, secs: u32, at_once: u32) -> Result<()> {
        let name = if at_once == 1 {
            format!("film of {secs} s")
        } else {
            format!("{at_once} films of {secs} s at once")
        };
        eprintln!("{name} ...");
        let desk = Desk::new(programs, out)?;
        sources::write_film(&desk.path("source"), secs)?;
        for _ in 0..at_once {
            let recording = desk.import("agentnet", true)?;
            desk.collect(&recording)?;
        }
        let cost = desk.build(at_once)?;
        self.building.push(Built::of(name, Some((secs * at_once).into()), cost));
        Ok(std::fs::remove_dir_all(out)?)
    }

    /// Work on a desktop of 1920x1080, recorded as it is done.
    fn live(&mut self, programs: &Programs, out: &Path, work: Work, seed: u64) -> Result<()> {
        eprintln!("{} is recorded ...", work.name());
        let (recording, secs) = record(&programs.overt, out, work, seed)?;
        let desk = Desk::new(programs, out)?;
        desk.collect(&recording)?;
        let cost = desk.build(1)?;
        self.building.push(Built::of(work.name().to_owned(), Some(secs), cost));
        self.tables.push(Bytes::measure(work.name(), &desk.path("dataset"))?);
        Ok(())
    }

    pub(crate) fn print(&self) {
        println!("| stream | records | reduced from memory, a CPU second | opened and reduced |");
        println!("| --- | --- | --- | --- |");
        for r in &self.reduction {
            let millions = |n: f64| format!("{:.2} million", n / 1e6);
            let (reduced, both) = (millions(r.reduced_a_cpu_sec), millions(r.opened_and_reduced_a_cpu_sec));
            println!("| {} | {} | {reduced} | {both} |", r.stream, r.records);
        }
        println!("\n| work | recorded | CPU s to build | times real time | peak memory |");
        println!("| --- | --- | --- | --- | --- |");
        for b in &self.building {
            let recorded = b.recorded_secs.map_or_else(String::new, |secs| format!("{secs:.0} s"));
            let times = b.times_real_time.map_or_else(String::new, |times| format!("{times:.1}"));
            let (cpu, memory) = (b.cpu_secs, b.memory_peak_mb);
            println!("| {} | {recorded} | {cpu:.2} | {times} | {memory:.0} MB |", b.work);
        }
        println!();
        tables::print(&self.tables);
    }
}

impl Reduced {
    fn measure(programs: &Programs, desk: &Desk, recording: &Path, stream: &'static str) -> Result<Self> {
        let speed = speed(&programs.reduction_speed, recording, &desk.path("keys"))?;
        Ok(Self {
            stream,
            records: speed.records,
            reduced_a_cpu_sec: speed.reduced_a_cpu_sec(),
            opened_and_reduced_a_cpu_sec: speed.opened_and_reduced_a_cpu_sec(),
        })
    }
}

impl Built {
    fn of(work: String, recorded_secs: Option<f64>, cost: Cost) -> Self {
        Self {
            work,
            recorded_secs,
            cpu_secs: cost.cpu_secs,
            times_real_time: recorded_secs.map(|secs| secs / cost.cpu_secs.max(0.01)),
            memory_peak_mb: cost.memory_peak_bytes as f64 / 1e6,
        }
    }
}

/// Records the work into a folder; gives the recording and how long the work took.
fn record(overt: &Path, out: &Path, work: Work, seed: u64) -> Result<(PathBuf, f64)> {
    let mut place = work.prepare()?;
    let running = Tool::Overt.start(Site { overt, desktop: place.desktop(), out })?;
    let began = Instant::now();
    place.work(seed)?;
    let secs = began.elapsed().as_secs_f64();
    let ended = running.stop(Site { overt, desktop: place.desktop(), out })?;
    Ok((ended.recorded.context("nothing was recorded")?.recording, secs))
}

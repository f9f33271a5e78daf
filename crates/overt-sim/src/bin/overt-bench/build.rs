//! From a recording to a data set: what opening, reducing and building cost.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use overt_sim::overt::{Overt, Recorded, find};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Records for each second of processor time.
#[derive(Serialize)]
pub(crate) struct Build {
    records: u64,
    opened_a_cpu_sec: f64,
    /// The opening not counted.
    reduced_a_cpu_sec: f64,
    /// All of `overt build`: opening, reducing, encoding pictures, writing tables.
    built_a_cpu_sec: f64,
}

/// What `reduction_speed` prints.
#[derive(Deserialize)]
pub(crate) struct Speed {
    pub(crate) records: u64,
    passes: u32,
    open_cpu_secs: f64,
    reduce_cpu_secs: f64,
    open_and_reduce_cpu_secs: f64,
}

impl Build {
    pub(crate) fn measure(overt: &Overt<'_>, reduction_speed: &Path, recorded: &Recorded) -> Result<Self> {
        let speed = speed(reduction_speed, &recorded.recording, &overt.path("keys"))?;
        Ok(Self {
            records: speed.records,
            opened_a_cpu_sec: speed.read() / speed.open_cpu_secs.max(1e-6),
            reduced_a_cpu_sec: speed.reduced_a_cpu_sec(),
            built_a_cpu_sec: built_a_cpu_sec(overt, recorded)?,
        })
    }

    pub(crate) fn print(&self) {
        println!(
            "\n{} records of the office work, a CPU second: {:.0} opened, {:.0} reduced, {:.0} built with pictures",
            self.records, self.opened_a_cpu_sec, self.reduced_a_cpu_sec, self.built_a_cpu_sec
        );
    }
}

impl Speed {
    /// Records read in all passes of one kind.
    fn read(&self) -> f64 {
        self.records as f64 * f64::from(self.passes)
    }

    /// From memory.
    pub(crate) fn reduced_a_cpu_sec(&self) -> f64 {
        self.read() / self.reduce_cpu_secs.max(1e-6)
    }

    /// The opening included.
    pub(crate) fn opened_and_reduced_a_cpu_sec(&self) -> f64 {
        self.read() / self.open_and_reduce_cpu_secs.max(1e-6)
    }
}

/// Runs `reduction_speed` on a recording. `keys`: the folder with its contributor's key.
pub(crate) fn speed(program: &Path, recording: &Path, keys: &Path) -> Result<Speed> {
    let answer = Command::new(program).arg(recording).arg(keys.join("contributor.key")).output();
    let answer = answer.context("reduction_speed does not start")?;
    anyhow::ensure!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    Ok(serde_json::from_slice(&answer.stdout)?)
}

fn built_a_cpu_sec(overt: &Overt<'_>, recorded: &Recorded) -> Result<f64> {
    overt.run("release", |c| c.arg(&recorded.recording))?;
    overt.run("collect", |c| c.arg(&recorded.recording).arg("--into").arg(overt.path("store")))?;
    let (_, cost) = overt.run_measured("build", |c| {
        c.arg(overt.path("store")).args(["--purpose", "train-agents"]);
        c.arg("--keys").arg(overt.path("keys")).arg("--out").arg(overt.path("dataset"))
    })?;
    let records = find(&recorded.ended, &["records", "kept"]).and_then(Value::as_u64).unwrap_or(0);
    Ok(records as f64 / cost.cpu_secs.max(0.01))
}

//! A study's desk: keys, an import agreement, a store, and the command `overt` for each step between them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use overt_sim::cost::{self, Cost};
use overt_sim::overt::date_in;

use crate::Programs;

/// Longer than any of it takes.
const VERB_WITHIN_SECS: i64 = 1_800;
const AGREED_DAYS: i64 = 180;
/// Done with a loss that the verb has told.
const DONE_WITH_LOSS: i32 = 3;

/// A folder in which all of it lies.
pub(super) struct Desk {
    overt: PathBuf,
    folder: PathBuf,
}

impl Desk {
    /// A desk in a folder, which may have keys already.
    pub(super) fn new(programs: &Programs, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let desk = Self { overt: programs.overt.canonicalize()?, folder: folder.to_owned() };
        if !desk.path("keys").exists() {
            desk.run("keys init --keys keys")?;
        }
        Ok(desk)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Imports the folder `source`; gives the recording, which has to be the only one in the spool.
    pub(super) fn import(&self, format: &str, frames: bool) -> Result<PathBuf> {
        let (cadence, pictures) = if frames { ("on_change", " --frames") } else { ("none", "") };
        if !self.path("import.toml").exists() {
            self.agree(format, cadence)?;
        }
        let from = format!("import {format} source --agreement import.toml --keys keys --out spool");
        self.run(&(from + pictures))?;
        let mut found = fs::read_dir(self.path("spool"))?.filter_map(|e| Some(e.ok()?.path()));
        found.find(|p| p.extension().is_some_and(|e| e == "overt")).context("nothing was imported")
    }

    fn agree(&self, format: &str, cadence: &str) -> Result<()> {
        let ends = date_in(AGREED_DAYS);
        self.run(&format!(
            "agreement new --keys keys --out import.toml --ends {ends} --cadence {cadence} --import {format} \
             --licence MIT --keys-without-focus --unfiltered"
        ))?;
        self.run("agreement sign import.toml --keys keys").map(drop)
    }

    /// Brings a recording into the store, and so out of the spool.
    pub(super) fn collect(&self, recording: &Path) -> Result<()> {
        let recording = recording.to_str().context("a temporary folder has a name in UTF-8")?;
        self.run(&format!("release {recording}"))?;
        self.run(&format!("collect {recording} --into store")).map(drop)
    }

    /// Builds the data set `dataset` of all that was collected; gives what that alone took.
    pub(super) fn build(&self, workers: u32) -> Result<Cost> {
        self.run(&format!("build store --purpose train-agents --keys keys --workers {workers} --out dataset"))
    }

    /// Runs a verb to its end. Its words are divided by spaces.
    fn run(&self, line: &str) -> Result<Cost> {
        let said = self.path("said");
        let mut command = Command::new(&self.overt);
        command.args(line.split_whitespace()).current_dir(&self.folder);
        command.stdout(File::create(self.path("answers"))?).stderr(File::create(&said)?);
        let child = command.spawn().context("overt does not start")?;
        let (cost, status) = cost::at_end(child, Cost::default(), VERB_WITHIN_SECS)?;
        let done = status.success() || status.code() == Some(DONE_WITH_LOSS);
        ensure!(done, "overt {line}: {}", fs::read_to_string(said).unwrap_or_default());
        Ok(cost)
    }
}

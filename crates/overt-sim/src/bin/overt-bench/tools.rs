//! The recorders that are compared, each started and ended in its own way.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result};
use overt_sim::cost::{self, Cost};
use overt_sim::desktop::Desktop;
use overt_sim::overt::{APPS, CALC, Overt, Recorded, Recorder};
use overt_sim::report::size_of;
use rustix::process::{Pid, Signal, kill_process};

/// How long ffmpeg may take to close its file.
const FFMPEG_ENDS_WITHIN_SECS: i64 = 60;

/// Who records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    None,
    /// Every change, at most ten pictures a second.
    Overt,
    /// x11grab with x264 ultrafast, lossy, at so many pictures a second.
    Ffmpeg(u32),
}

/// A recorder at work.
pub(crate) enum Running {
    None,
    Overt(Recorder),
    Ffmpeg(Child, PathBuf),
}

/// Where everything of one run lies: the command, the desktop, the folder.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) overt: &'a Path,
    pub(crate) desktop: &'a Desktop,
    pub(crate) out: &'a Path,
}

/// What it cost altogether, what it wrote, and the recording if it is one of ours.
pub(crate) struct Ended {
    pub(crate) cost: Cost,
    pub(crate) bytes: u64,
    pub(crate) recorded: Option<Recorded>,
}

impl Tool {
    pub(crate) fn name(self) -> String {
        match self {
            Self::None => "none".into(),
            Self::Overt => "overt, on change, 10 fps at most".into(),
            Self::Ffmpeg(fps) => format!("ffmpeg x264 ultrafast, {fps} fps"),
        }
    }

    pub(crate) fn start(self, site: Site<'_>) -> Result<Running> {
        match self {
            Self::None => Ok(Running::None),
            Self::Overt => {
                let overt = site.overt()?;
                let apps: Vec<(&str, &str)> = APPS.iter().copied().chain([CALC]).collect();
                overt.prepare_with("on_change", "full", &apps)?;
                Ok(Running::Overt(overt.record()?))
            }
            Self::Ffmpeg(fps) => ffmpeg(site, fps),
        }
    }
}

impl<'a> Site<'a> {
    pub(crate) fn overt(&self) -> Result<Overt<'a>> {
        Overt::new(self.overt, self.desktop, self.out)
    }
}

fn ffmpeg(Site { desktop, out, .. }: Site<'_>, fps: u32) -> Result<Running> {
    fs::create_dir_all(out)?;
    let file = out.join("film.mkv");
    let (w, h) = desktop.size();
    let mut command = desktop.command("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-f", "x11grab", "-framerate", &fps.to_string()]);
    command.args(["-video_size", &format!("{w}x{h}"), "-i", desktop.display()]);
    command.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]).arg(&file);
    command.stdout(Stdio::null()).stderr(File::create(out.join("ffmpeg.log"))?);
    Ok(Running::Ffmpeg(command.spawn().context("ffmpeg does not start")?, file))
}

impl Running {
    /// Its cost so far.
    pub(crate) fn cost(&self) -> Result<Cost> {
        match self {
            Self::None => Ok(Cost::default()),
            Self::Overt(recorder) => cost::of(recorder.pid()),
            Self::Ffmpeg(child, _) => cost::of(child.id()),
        }
    }

    pub(crate) fn stop(self, site: Site<'_>) -> Result<Ended> {
        match self {
            Self::None => Ok(Ended { cost: Cost::default(), bytes: 0, recorded: None }),
            Self::Overt(recorder) => {
                let recorded = site.overt()?.stop(recorder)?;
                let bytes = size_of(&recorded.recording)?;
                Ok(Ended { cost: recorded.cost, bytes, recorded: Some(recorded) })
            }
            Self::Ffmpeg(child, file) => {
                let before = cost::of(child.id())?;
                kill_process(Pid::from_child(&child), Signal::INT)?;
                // It says so by its exit code when a signal ended it; the file is whole all the same.
                let (cost, _) = cost::at_end(child, before, FFMPEG_ENDS_WITHIN_SECS)?;
                Ok(Ended { cost, bytes: fs::metadata(&file)?.len(), recorded: None })
            }
        }
    }
}

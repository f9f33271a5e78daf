//! What a job leaves in the work folder: a folder `KEY/` with its steps and a note. It appears whole or not at all.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use overt_event::WallTime;
use overt_format::{Digest, sync_dir};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::build::write_synced;
use crate::error::DatasetError;
use crate::manifest::RecordingNote;
use crate::quality::Quality;
use crate::score::Scores;

/// The steps of one recording: the columns of `steps.parquet`, rows counted from 0, without splits.
pub(crate) const PART_STEPS_FILE: &str = "steps.parquet";
const NOTE_FILE: &str = "note.json";
const LOCK_FILE: &str = "lock";
/// What a job or the last stage has not finished: removed by the next build.
const UNFINISHED_PREFIX: &str = "unfinished-";

/// Everything about a recording but its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartNote {
    pub(crate) recording: RecordingNote,
    pub(crate) episodes: Vec<EpisodeNote>,
    pub(crate) quality: Quality,
    /// By the wall clock. It ends with the work folder: no version tells hours.
    pub(crate) span: Option<(WallTime, WallTime)>,
}

/// One episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EpisodeNote {
    pub(crate) episode: u32,
    pub(crate) marked: bool,
    pub(crate) instruction: Option<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) ended_by: String,
    /// From the recording's first step, before it below 0.
    pub(crate) t_start_millis: i64,
    pub(crate) t_end_millis: i64,
    pub(crate) steps: u32,
    /// Among the recording's own rows.
    pub(crate) row_first: Option<i64>,
    /// It is not whole: the recording ended early there, or lacks a segment.
    pub(crate) cut: bool,
    pub(crate) scores: Scores,
    pub(crate) segments: Vec<u32>,
}

/// A committed result.
pub(crate) struct Part {
    folder: PathBuf,
    pub(crate) note: PartNote,
}

impl Part {
    pub(crate) fn steps(&self) -> PathBuf {
        self.folder.join(PART_STEPS_FILE)
    }
}

/// The folder beside the data set that holds results until the version is whole
/// ([`BuildSettings::work_folder`](crate::BuildSettings::work_folder)). It is this user's alone, as it holds what the data
/// set will.
pub struct Work {
    folder: PathBuf,
    /// Held alone by a build, and by all who run single jobs together.
    _lock: File,
}

impl Work {
    /// Opens the folder, or begins it, to run single jobs: any number of programs may, each with the folder opened for
    /// itself. What others have not finished stays.
    ///
    /// Errors: [`DatasetError::InUse`] while a build is at work here.
    pub fn shared(folder: &Path) -> Result<Self, DatasetError> {
        Self::open(folder, File::try_lock_shared)
    }

    /// Opens the folder, or begins it, for a whole build, and removes what was never finished.
    ///
    /// Errors: [`DatasetError::InUse`] while another build or a single job is at work here.
    pub(crate) fn alone(folder: &Path) -> Result<Self, DatasetError> {
        let work = Self::open(folder, File::try_lock)?;
        work.clear()?;
        Ok(work)
    }

    fn open(folder: &Path, lock: fn(&File) -> Result<(), fs::TryLockError>) -> Result<Self, DatasetError> {
        match DirBuilder::new().mode(0o700).create(folder) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e.into()),
            _ => {}
        }
        let file = File::options().create(true).append(true).open(folder.join(LOCK_FILE))?;
        match lock(&file) {
            Err(fs::TryLockError::WouldBlock) => Err(DatasetError::InUse),
            Err(fs::TryLockError::Error(error)) => Err(error.into()),
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: file }),
        }
    }

    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// A place for something that is not whole yet.
    pub(crate) fn begin(&self) -> io::Result<TempDir> {
        tempfile::Builder::new().prefix(UNFINISHED_PREFIX).tempdir_in(&self.folder)
    }

    /// Whether the job's result is here.
    pub(crate) fn has(&self, key: Digest) -> bool {
        self.part_folder(key).join(NOTE_FILE).exists()
    }

    /// The job's result.
    ///
    /// Errors: [`DatasetError::Part`] when it does not read.
    pub(crate) fn part(&self, key: Digest) -> Result<Part, DatasetError> {
        let folder = self.part_folder(key);
        let bytes = fs::read(folder.join(NOTE_FILE))?;
        let note = serde_json::from_slice(&bytes).map_err(|_| DatasetError::Part)?;
        Ok(Part { folder, note })
    }

    /// Puts a result in its place, unless one is there: then it is the same, and this one is dropped. Says whether it
    /// was put.
    pub(crate) fn commit(&self, part: TempDir, key: Digest, note: &PartNote) -> Result<bool, DatasetError> {
        let bytes = serde_json::to_vec(note).map_err(DatasetError::Manifest)?;
        write_synced(&part.path().join(NOTE_FILE), &bytes)?;
        sync_dir(part.path())?;
        let is_put = put_if_absent(part.path(), &self.part_folder(key))?;
        if is_put {
            // It is no longer there to be removed.
            let _ = part.keep();
            sync_dir(&self.folder)?;
        }
        Ok(is_put)
    }

    /// The build failed. What was committed stays for the next one; a folder without anything in it goes.
    pub(crate) fn give_up(self) -> io::Result<()> {
        let holds_more = |e: io::Result<fs::DirEntry>| e.is_ok_and(|e| e.file_name() != LOCK_FILE);
        if fs::read_dir(&self.folder)?.any(holds_more) { Ok(()) } else { self.remove() }
    }

    /// The version is whole: nothing of this is needed any more.
    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }

    fn part_folder(&self, key: Digest) -> PathBuf {
        self.folder.join(key.to_string())
    }
}

/// Renames without replacing, in one step. `false` when something was there.
pub(crate) fn put_if_absent(from: &Path, to: &Path) -> io::Result<bool> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::EXIST | rustix::io::Errno::NOTEMPTY) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

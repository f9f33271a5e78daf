//! Makes a version: all its files, or nothing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use overt_event::RecordingId;
use overt_format::{Digest, sync_dir};
use overt_reduce::Settings;
use overt_unseal::{EvaluateAgents, PurposeMarker, TrainAgents};
use sha2::{Digest as _, Sha256};

use crate::assemble::assemble;
use crate::error::DatasetError;
use crate::execute::{Open, execute};
use crate::manifest::{FileNote, GrantNote, Manifest, ParentNote};
use crate::part::{Work, put_if_absent};
use crate::plan::{Config, Input, Plan};
use crate::split::SplitBy;
use crate::standing::Parent;

/// Its tables and pages.
pub const STEPS_FILE: &str = "steps.parquet";
pub const EPISODES_FILE: &str = "episodes.parquet";
pub const LINEAGE_FILE: &str = "lineage.parquet";
pub const DATASHEET_FILE: &str = "DATASHEET.md";
pub const LICENCE_FILE: &str = "licence.jsonld";

/// A purpose that data sets are made for. A person's own access is none of them.
///
/// A build takes recordings opened for one purpose, so that purposes cannot be mixed:
///
/// ```compile_fail,E0277
/// fn of_one_person(inputs: Vec<overt_dataset::Input>, settings: overt_dataset::BuildSettings) {
///     let open: &overt_dataset::Open<overt_unseal::SubjectAccess> = &|_| unimplemented!();
///     let _ = overt_dataset::build(inputs, open, &settings, &mut |_| ());
/// }
/// ```
pub trait DatasetPurpose: PurposeMarker {}
impl DatasetPurpose for TrainAgents {}
impl DatasetPurpose for EvaluateAgents {}

/// How pictures are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Lossless.
    #[default]
    Png,
}

impl Codec {
    fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
        }
    }
}

/// The smallest number of people that a figure about what people do may stand for.
pub const GROUP_MIN: u32 = 5;

/// What to make, and where.
#[derive(Clone, Debug)]
pub struct BuildSettings {
    /// The folder to make. It must not exist; the folder around it must.
    pub out: PathBuf,
    pub grant: GrantNote,
    pub codec: Codec,
    /// [`GROUP_MIN`], or another.
    pub group_min: u32,
    pub split_by: SplitBy,
    pub reduce: Settings,
    /// Recordings reduced at the same time. It changes nothing in the version.
    pub workers: NonZero<usize>,
    pub(crate) parent: Option<ParentNote>,
    /// Where the parent had put recordings.
    pub(crate) kept_splits: BTreeMap<RecordingId, String>,
}

impl BuildSettings {
    /// The defaults for that place and grant: PNG, groups of at least [`GROUP_MIN`], split by person, a worker a core.
    pub fn new(out: impl Into<PathBuf>, grant: GrantNote) -> Self {
        Self {
            out: out.into(),
            grant,
            codec: Codec::Png,
            group_min: GROUP_MIN,
            split_by: SplitBy::default(),
            reduce: Settings::default(),
            workers: available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            parent: None,
            kept_splits: BTreeMap::new(),
        }
    }

    /// The same as another version was made by, to make the one that replaces it: what is left of its recordings
    /// stays in the splits where it was.
    pub fn next_of(parent: &Parent, out: impl Into<PathBuf>, grant: GrantNote) -> Self {
        let manifest = &parent.manifest;
        Self {
            split_by: manifest.split_by,
            reduce: manifest.reducer.settings.clone(),
            parent: Some(ParentNote { sha256: parent.sha256, erased: parent.erased.clone() }),
            kept_splits: manifest.recordings.iter().map(|r| (r.recording, r.split.clone())).collect(),
            ..Self::new(out, grant)
        }
    }

    /// The folder that results lie in until the version is whole: `OUT.work`.
    pub fn work_folder(&self) -> PathBuf {
        let mut folder = self.out.clone().into_os_string();
        folder.push(".work");
        folder.into()
    }
}

/// How far a build is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub recordings_done: usize,
    pub recordings: usize,
    pub segments_done: usize,
    pub segments: usize,
    /// Made by this run: what an earlier one left is not counted again.
    pub steps: u64,
    /// Of encoded pictures.
    pub picture_bytes: u64,
}

/// What was made.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildReport {
    pub manifest: Manifest,
    /// Of `manifest.json`: the version's name in other places.
    pub manifest_sha256: Digest,
}

/// What [`build`] would do.
///
/// Errors: as [`build`] before anything is written.
pub fn plan<P: DatasetPurpose>(
    mut inputs: Vec<Input>,
    settings: &BuildSettings,
) -> Result<Plan, DatasetError> {
    Plan::of(&mut inputs, config::<P>(settings))
}

/// Makes a data set of recordings that are opened for one purpose. `progress` is called after every step.
///
/// What each recording gave is kept in [`BuildSettings::work_folder`] until the version is whole. After a failure or a
/// kill it stays there: the same build goes on from it.
///
/// Errors: [`DatasetError::NoInputs`], `Twice`, `SegmentTwice`, `StillOpen`, `Exists` before anything is written;
/// `InUse`; `Open`, `Reduce`, `Unbalanced`, `Io` and the like, and then there is no version.
pub fn build<P: DatasetPurpose>(
    mut inputs: Vec<Input>,
    open: &Open<'_, P>,
    settings: &BuildSettings,
    progress: &mut dyn FnMut(Progress),
) -> Result<BuildReport, DatasetError> {
    let plan = Plan::of(&mut inputs, config::<P>(settings))?;
    if settings.out.symlink_metadata().is_ok() {
        return Err(DatasetError::Exists);
    }
    fs::create_dir_all(parent_of(&settings.out))?;
    let work = Work::alone(&settings.work_folder())?;
    if let Err(error) = execute(&plan, &inputs, &work, open, settings.workers, progress) {
        work.give_up()?;
        return Err(error);
    }
    let version = work.begin()?;
    let (manifest, bytes) = assemble(&plan, &work, version.path(), settings)?;
    if !put_if_absent(version.path(), &settings.out)? {
        return Err(DatasetError::Exists);
    }
    // It is no longer there to be removed.
    let _ = version.keep();
    sync_dir(parent_of(&settings.out))?;
    work.remove()?;
    Ok(BuildReport { manifest, manifest_sha256: overt_format::sha256(&bytes) })
}

fn config<P: DatasetPurpose>(settings: &BuildSettings) -> Config {
    Config::new(P::PURPOSE, settings.codec.name(), settings.reduce.clone())
}

fn parent_of(out: &Path) -> &Path {
    out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The length and digest of a file in a folder.
///
/// Errors: [`DatasetError::Io`] where it does not read.
pub fn file_note(folder: &Path, name: &str) -> Result<FileNote, DatasetError> {
    let mut file = File::open(folder.join(name))?;
    let (mut hasher, mut len_bytes, mut part) = (Sha256::new(), 0u64, vec![0; 1 << 20]);
    loop {
        let n = file.read(&mut part)?;
        if n == 0 {
            break;
        }
        hasher.update(&part[..n]);
        len_bytes += n as u64;
    }
    Ok(FileNote { name: name.to_owned(), sha256: overt_format::Hex(hasher.finalize().into()), len_bytes })
}

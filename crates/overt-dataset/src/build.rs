//! Writes a version: all its files, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use overt_event::{MonoNanos, RecordingId};
use overt_format::{Digest, sync_dir};
use overt_reduce::{Closing, REDUCER_VERSION, Reduction, Settings, Step, reduce};
use overt_unseal::{EvaluateAgents, Opened, PurposeMarker, TrainAgents};
use sha2::{Digest as _, Sha256};

use crate::columns;
use crate::datasheet::datasheet;
use crate::error::DatasetError;
use crate::manifest::{
    DATASET_VERSION, FileNote, GrantNote, MANIFEST_FILE, Manifest, RecordingNote, ReducerNote,
};
use crate::pictures::Album;
use crate::quality::Quality;
use crate::split::splits;
use crate::step_row::{Pictures, Place, episode_row, step_row};
use crate::table::Table;
use crate::value::Value;

/// Its tables and pages.
pub const STEPS_FILE: &str = "steps.parquet";
pub const EPISODES_FILE: &str = "episodes.parquet";
pub const LINEAGE_FILE: &str = "lineage.parquet";
pub const DATASHEET_FILE: &str = "DATASHEET.md";

/// A purpose that data sets are made for. A person's own access is none of them.
///
/// A build takes recordings opened for one purpose, so that purposes cannot be mixed:
///
/// ```compile_fail,E0277
/// fn of_one_person(opened: overt_unseal::Opened<overt_unseal::SubjectAccess>, settings: overt_dataset::BuildSettings) {
///     let _ = overt_dataset::build(vec![opened], &settings, &mut |_| ());
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

/// What to make, and where.
#[derive(Clone, Debug)]
pub struct BuildSettings {
    /// The folder to make. It must not exist; the folder around it must.
    pub out: PathBuf,
    pub grant: GrantNote,
    pub codec: Codec,
    /// The smallest number of people that a figure about behaviour may stand for.
    pub group_min: u32,
    pub reduce: Settings,
}

impl BuildSettings {
    /// The defaults for that place and grant: PNG, groups of at least five.
    pub fn new(out: impl Into<PathBuf>, grant: GrantNote) -> Self {
        Self { out: out.into(), grant, codec: Codec::Png, group_min: 5, reduce: Settings::default() }
    }
}

/// How far a build is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub recordings_done: usize,
    pub recordings: usize,
    pub segments_done: usize,
    pub segments: usize,
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

/// Makes a data set of recordings that were opened for one purpose. `progress` is called after every step.
///
/// Errors: [`DatasetError::NoInputs`], `Twice`, `Exists` before anything is written; `Reduce`,
/// `Unbalanced`, `Io` and the like leave nothing behind.
pub fn build<P: DatasetPurpose>(
    inputs: Vec<Opened<P>>,
    settings: &BuildSettings,
    progress: &mut dyn FnMut(Progress),
) -> Result<BuildReport, DatasetError> {
    let inputs = in_order(inputs)?;
    if settings.out.symlink_metadata().is_ok() {
        return Err(DatasetError::Exists);
    }
    let parent = parent_of(&settings.out);
    let beside = tempfile::Builder::new().prefix(".overt-build-").tempdir_in(parent)?;
    let report = Build::begin(beside.path(), settings, progress)?.run::<P>(inputs)?;
    sync_dir(beside.path())?;
    put_in_place(beside, &settings.out)?;
    sync_dir(parent)?;
    Ok(report)
}

fn parent_of(out: &Path) -> &Path {
    out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// By id, so that the order in which they were named changes nothing.
fn in_order<P>(mut inputs: Vec<Opened<P>>) -> Result<Vec<Opened<P>>, DatasetError> {
    inputs.sort_by_key(|o| o.facts().recording);
    let twice = inputs.windows(2).find(|w| w[0].facts().recording == w[1].facts().recording);
    match (twice, inputs.is_empty()) {
        (Some(pair), _) => Err(DatasetError::Twice { recording: pair[0].facts().recording }),
        (None, true) => Err(DatasetError::NoInputs),
        (None, false) => Ok(inputs),
    }
}

/// Renames without replacing: an empty folder that appeared meanwhile would be replaced silently.
fn put_in_place(beside: tempfile::TempDir, out: &Path) -> Result<(), DatasetError> {
    if out.symlink_metadata().is_ok() {
        return Err(DatasetError::Exists);
    }
    fs::rename(beside.path(), out)?;
    // It is no longer there to be removed.
    let _ = beside.keep();
    Ok(())
}

/// A build at work.
struct Build<'a> {
    folder: &'a Path,
    settings: &'a BuildSettings,
    steps: Table,
    episodes: Table,
    lineage: Table,
    quality: Quality,
    recordings: Vec<RecordingNote>,
    progress: Progress,
    tell: &'a mut dyn FnMut(Progress),
}

impl<'a> Build<'a> {
    fn begin(
        folder: &'a Path,
        settings: &'a BuildSettings,
        tell: &'a mut dyn FnMut(Progress),
    ) -> Result<Self, DatasetError> {
        Ok(Self {
            folder,
            settings,
            steps: Table::create(&folder.join(STEPS_FILE), columns::steps())?,
            episodes: Table::create(&folder.join(EPISODES_FILE), columns::episodes())?,
            lineage: Table::create(&folder.join(LINEAGE_FILE), columns::lineage())?,
            quality: Quality::default(),
            recordings: Vec::new(),
            progress: Progress::default(),
            tell,
        })
    }

    fn run<P: DatasetPurpose>(mut self, inputs: Vec<Opened<P>>) -> Result<BuildReport, DatasetError> {
        let ids: Vec<RecordingId> = inputs.iter().map(|o| o.facts().recording).collect();
        self.progress.recordings = ids.len();
        self.progress.segments = inputs.iter().map(|o| o.segments().len()).sum();
        for (opened, split) in inputs.into_iter().zip(splits(&ids)) {
            self.recording(opened, split)?;
            self.progress.recordings_done += 1;
            (self.tell)(self.progress);
        }
        self.finish(P::PURPOSE)
    }

    fn recording<P: DatasetPurpose>(&mut self, opened: Opened<P>, split: &str) -> Result<(), DatasetError> {
        let recording = opened.facts().recording;
        let name = recording.to_string();
        let failed = |source| DatasetError::Reduce { recording, source };
        let mut reduction = reduce(opened, self.settings.reduce.clone());
        let (first_row, segments_before) = (self.steps.rows, self.progress.segments_done);
        let (mut album, mut origin, mut episode_rows) = (Album::default(), None, BTreeMap::new());
        self.quality.next_recording();
        while let Some(step) = reduction.next() {
            let step = step.map_err(failed)?;
            let origin: MonoNanos = *origin.get_or_insert(step.t_start);
            episode_rows.entry(step.episode).or_insert(self.steps.rows);
            let place = Place { row: self.steps.rows, recording: &name, split, origin };
            self.step(&step, &place, &mut album, &reduction)?;
            self.progress.segments_done = segments_before + reduction.segments_done();
            (self.tell)(self.progress);
        }
        let closing = reduction.close();
        self.progress.segments_done = segments_before + closing.lineage.len();
        self.close_recording(&closing, split, &episode_rows, (self.steps.rows - first_row) as u64)
    }

    fn step<P>(
        &mut self,
        step: &Step,
        place: &Place<'_>,
        album: &mut Album,
        reduction: &Reduction<P>,
    ) -> Result<(), DatasetError> {
        let monitor = step.screen.bounds;
        let before = step.before.shot().map(|s| album.picture(s, monitor)).transpose()?;
        let after = step.after.shot().map(|s| album.picture(s, monitor)).transpose()?;
        self.quality.count(step, before.as_ref().map(|p| p.hash));
        let bytes = [&before, &after].into_iter().flatten().map(|p| p.png.len() as u64).sum::<u64>();
        self.progress.steps += 1;
        self.progress.picture_bytes += bytes;
        let cell = |p: Option<crate::pictures::Picture>| p.map_or(Value::Null, |p| Value::Bytes(p.png));
        let pictures = Pictures { before: cell(before), after: cell(after) };
        self.steps.push(step_row(step, place, pictures))?;
        self.trace("steps", place.row, place.recording, &step.segments, reduction.lineage())
    }

    /// Names the segments that a row came from.
    fn trace(
        &mut self,
        table: &str,
        row: i64,
        recording: &str,
        segments: &[u32],
        lineage: &[overt_unseal::SegmentLineage],
    ) -> Result<(), DatasetError> {
        let named: BTreeSet<u32> = segments.iter().copied().collect();
        for segment in lineage.iter().filter(|s| named.contains(&s.sequence)) {
            self.lineage.push(vec![
                table.into(),
                row.into(),
                recording.into(),
                segment.segment.to_string().into(),
                segment.sequence.into(),
                hex::encode(segment.sha256.0).into(),
            ])?;
        }
        Ok(())
    }

    fn close_recording(
        &mut self,
        closing: &Closing,
        split: &str,
        first_rows: &BTreeMap<u32, i64>,
        rows: u64,
    ) -> Result<(), DatasetError> {
        let recording = closing.facts.recording;
        if !closing.ledger.is_balanced() {
            let unaccounted = closing.ledger.inputs.abs_diff(closing.ledger.accounted());
            return Err(DatasetError::Unbalanced { recording, unaccounted });
        }
        let name = recording.to_string();
        for episode in &closing.episodes {
            let row = self.episodes.rows;
            let first = first_rows.get(&episode.index).copied();
            self.episodes.push(episode_row(episode, &name, split, first))?;
            self.trace("episodes", row, &name, &episode.segments, &closing.lineage)?;
        }
        self.recordings.push(RecordingNote::new(closing, split, rows)?);
        Ok(())
    }

    fn finish(self, purpose: overt_event::Purpose) -> Result<BuildReport, DatasetError> {
        let Self { folder, settings, steps, episodes, lineage, quality, recordings, .. } = self;
        let (rows, episode_rows) = (steps.rows as u64, episodes.rows as u64);
        [steps, episodes, lineage].into_iter().try_for_each(Table::close)?;
        let mut manifest = Manifest {
            format: "overt-dataset".to_owned(),
            version: DATASET_VERSION,
            purpose,
            grant: settings.grant.clone(),
            builder: concat!("overt-dataset ", env!("CARGO_PKG_VERSION")).to_owned(),
            reducer: ReducerNote { version: REDUCER_VERSION.to_owned(), settings: settings.reduce.clone() },
            codec: settings.codec.name().to_owned(),
            rows,
            episodes: episode_rows,
            kinds: quality.kinds.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect(),
            splits: rows_by_split(&recordings),
            recordings,
            files: Vec::new(),
        };
        let page = datasheet(&manifest, &quality, settings.group_min);
        write_synced(&folder.join(DATASHEET_FILE), page.as_bytes())?;
        let names = [DATASHEET_FILE, EPISODES_FILE, LINEAGE_FILE, STEPS_FILE];
        manifest.files = names.iter().map(|name| file_note(folder, name)).collect::<Result<_, _>>()?;
        let bytes = manifest.encode()?;
        write_synced(&folder.join(MANIFEST_FILE), &bytes)?;
        Ok(BuildReport { manifest, manifest_sha256: overt_format::sha256(&bytes) })
    }
}

fn rows_by_split(recordings: &[RecordingNote]) -> BTreeMap<String, u64> {
    recordings.iter().fold(BTreeMap::new(), |mut all, r| {
        *all.entry(r.split.clone()).or_default() += r.rows;
        all
    })
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
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

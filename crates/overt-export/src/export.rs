//! From a data set to an export: all of it, or nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use overt_dataset::{EpisodeRow, StepRow, read_episodes, read_steps};

use crate::admission::{Admitted, admit};
use crate::deed::Deed;
use crate::error::ExportError;
use crate::film::Video;
use crate::folder::Folder;
use crate::format::Format;
use crate::loss::{Loss, Losses};
use crate::report::{self, ExportReport};
use crate::space::Space;

/// What to make, and where.
#[derive(Clone, Debug)]
pub struct ExportSettings {
    /// The folder to make. It must not exist; the folder around it must.
    pub out: PathBuf,
    pub format: Format,
    /// Whose words actions are said in, for formats that ask.
    pub space: Option<Space>,
    /// Pictures as a video, for formats that hold one. Without, they stay as they are.
    pub video: Option<Video>,
    /// `YYYY-MM-DD`: no grant that ended before it counts.
    pub today: String,
}

/// Exports a data set. `progress` is called with the number of rows done.
///
/// Errors: [`ExportError::Refused`] where its terms do not cover it, [`ExportError::Exists`], and others; nothing is
/// left behind.
pub fn export(
    dataset: &Path,
    settings: &ExportSettings,
    progress: &mut dyn FnMut(u64),
) -> Result<ExportReport, ExportError> {
    let format = settings.format;
    let (mut writer, space) = format.writer(settings.space, settings.video)?;
    let folder = Folder::begin(&settings.out)?;
    let admitted = admit(dataset, &settings.today)?;
    let episodes = Episodes::read(dataset)?;
    let mut told =
        Told { folder: &folder, dataset, admitted: &admitted, losses: Losses::default(), exported: 0 };
    let mut rows = 0;
    for step in read_steps(dataset)? {
        let step = step?;
        admitted.covers(&step)?;
        writer.step(&step, episodes.of(&step), &mut told)?;
        rows += 1;
        progress(rows);
    }
    admitted.covers_all(rows)?;
    writer.finish(&mut told)?;
    let Told { losses, exported, .. } = told;
    let report = ExportReport {
        format,
        space,
        video: settings.video,
        rows,
        exported,
        losses,
        columns_not_carried: format.columns_not_carried(dataset)?,
        dataset: admitted.sha256(),
    };
    report::write(&folder, dataset, &report, &admitted)?;
    folder.put_in_place()?;
    Ok(report)
}

/// Episodes by recording and number.
struct Episodes {
    all: BTreeMap<(String, i32), EpisodeRow>,
    none: EpisodeRow,
}

impl Episodes {
    fn read(dataset: &Path) -> Result<Self, ExportError> {
        let rows = read_episodes(dataset)?.into_iter();
        let all = rows.map(|e| ((e.recording.clone(), e.episode), e)).collect();
        Ok(Self { all, none: EpisodeRow::default() })
    }

    fn of(&self, step: &StepRow) -> &EpisodeRow {
        self.all.get(&(step.recording.clone(), step.episode)).unwrap_or(&self.none)
    }
}

/// What a writer writes to and tells.
pub(crate) struct Told<'a> {
    pub(crate) folder: &'a Folder,
    /// The data set's folder.
    pub(crate) dataset: &'a Path,
    pub(crate) admitted: &'a Admitted,
    pub(crate) losses: Losses,
    /// Steps that the export holds.
    pub(crate) exported: u64,
}

impl Told<'_> {
    /// Where a recording was made: `linux`, or the format that it was imported from.
    pub(crate) fn source_of(&self, recording: &str) -> &str {
        let imported = self.admitted.note(recording).and_then(|note| note.imported.as_ref());
        imported.map_or("linux", |imported| &imported.source)
    }

    /// The day of a recording, whole days since 1970.
    pub(crate) fn day_of(&self, recording: &str) -> i32 {
        self.admitted.note(recording).map_or(0, |note| note.day)
    }

    /// Counts what was lost and gives what is left of a result.
    pub(crate) fn or_lost<T>(&mut self, result: Result<T, Loss>) -> Option<T> {
        result.map_err(|loss| self.losses.count(loss)).ok()
    }

    /// The calls for a step. What they say less exactly is counted; a step that they cannot say is the loss.
    pub(crate) fn say(
        &mut self,
        space: Space,
        step: &StepRow,
        episode: &EpisodeRow,
    ) -> Result<Vec<String>, Loss> {
        let deed = Deed::of(step, episode.outcome.as_deref())?;
        let side = |n: i32| u32::try_from(n).unwrap_or_default();
        let said = space.render(&deed, side(step.width), side(step.height))?;
        self.losses.count_all(&said.losses);
        Ok(said.calls)
    }
}

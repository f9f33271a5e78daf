//! The last stage: from the parts of all recordings to the tables, the manifest and the pages of a version.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use overt_format::sync_dir;

use crate::arrays::value_at;
use crate::build::{
    BuildSettings, DATASHEET_FILE, EPISODES_FILE, LICENCE_FILE, LINEAGE_FILE, STEPS_FILE, file_note,
    write_synced,
};
use crate::columns;
use crate::datasheet::{Figures, datasheet};
use crate::error::DatasetError;
use crate::licence::licence;
use crate::manifest::{MANIFEST_FILE, Manifest, RecordingNote, ReducerNote};
use crate::overlap::{Sitting, overlaps};
use crate::part::{EpisodeNote, Part, Work};
use crate::plan::Plan;
use crate::split::splits;
use crate::table::{Table, batches};
use crate::value::Value;

/// Writes the files of the version into `folder` and brings them to the disk. Gives the manifest and its bytes.
pub(crate) fn assemble(
    plan: &Plan,
    work: &Work,
    folder: &Path,
    settings: &BuildSettings,
) -> Result<(Manifest, Vec<u8>), DatasetError> {
    let mut parts = plan.jobs.iter().map(|job| work.part(job.key)).collect::<Result<Vec<_>, _>>()?;
    place(&mut parts, settings);
    let rows = Tables::create(folder)?.write(&parts)?;
    let mut figures = Figures::default();
    parts.iter().for_each(|part| figures.add(&part.note));
    let recordings = parts.into_iter().map(|part| part.note.recording).collect();
    let mut manifest = manifest(plan, recordings, settings, rows, figures.quality.kinds.clone());
    let bytes = write_pages(&mut manifest, &figures, folder, settings)?;
    sync_dir(folder)?;
    Ok((manifest, bytes))
}

/// Finds what takes all recordings to know: which overlap, and which split each belongs to.
fn place(parts: &mut [Part], settings: &BuildSettings) {
    let sittings: Vec<_> = parts.iter().map(sitting).collect();
    let mut overlaps = overlaps(&sittings);
    for part in &mut *parts {
        let others = overlaps.remove(&part.note.recording.recording);
        part.note.recording.overlaps = others.unwrap_or_default();
    }
    let notes: Vec<_> = parts.iter().map(|p| p.note.recording.clone()).collect();
    let splits = splits(&notes, settings.split_by, &settings.kept_splits);
    parts.iter_mut().zip(splits).for_each(|(part, split)| part.note.recording.split = split);
}

fn sitting(part: &Part) -> Sitting {
    let RecordingNote { recording, contributor_key, .. } = part.note.recording;
    Sitting { recording, person: contributor_key, span: part.note.span }
}

/// The three tables in the making.
struct Tables {
    steps: Table,
    episodes: Table,
    lineage: Table,
}

impl Tables {
    fn create(folder: &Path) -> Result<Self, DatasetError> {
        Ok(Self {
            steps: Table::create(&folder.join(STEPS_FILE), columns::steps())?,
            episodes: Table::create(&folder.join(EPISODES_FILE), columns::episodes())?,
            lineage: Table::create(&folder.join(LINEAGE_FILE), columns::lineage())?,
        })
    }

    /// Gives the number of steps and of episodes.
    fn write(mut self, parts: &[Part]) -> Result<(u64, u64), DatasetError> {
        for part in parts {
            let first = self.steps.rows;
            self.steps(part)?;
            self.episodes(part, first)?;
        }
        let rows = (self.steps.rows as u64, self.episodes.rows as u64);
        [self.steps, self.episodes, self.lineage].into_iter().try_for_each(Table::close)?;
        Ok(rows)
    }

    fn steps(&mut self, part: &Part) -> Result<(), DatasetError> {
        for batch in batches(&part.steps())? {
            let batch = batch?;
            let first = self.steps.rows;
            for (row, segments) in segments_by_row(&batch)?.iter().enumerate() {
                self.trace("steps", first + row as i64, part, segments)?;
            }
            self.steps.append(&placed(&batch, first, &part.note.recording.split)?)?;
        }
        Ok(())
    }

    fn episodes(&mut self, part: &Part, first: i64) -> Result<(), DatasetError> {
        for episode in &part.note.episodes {
            let row = self.episodes.rows;
            self.episodes.push(episode_row(episode, &part.note.recording, first))?;
            self.trace("episodes", row, part, &episode.segments)?;
        }
        Ok(())
    }

    /// Names the segments that a row came from.
    fn trace(&mut self, table: &str, row: i64, part: &Part, segments: &[u32]) -> Result<(), DatasetError> {
        let note = &part.note.recording;
        let name = note.recording.to_string();
        for segment in note.segments.iter().filter(|s| segments.contains(&s.sequence)) {
            self.lineage.push(vec![
                table.into(),
                row.into(),
                name.as_str().into(),
                segment.segment.to_string().into(),
                segment.sequence.into(),
                hex::encode(segment.sha256.0).into(),
            ])?;
        }
        Ok(())
    }
}

/// The `segments` of each row.
fn segments_by_row(batch: &RecordBatch) -> Result<Vec<Vec<u32>>, DatasetError> {
    let column = batch.column_by_name("segments").ok_or(DatasetError::Part)?;
    let sequence = |value: &Value| if let Value::Int(n) = value { u32::try_from(*n).ok() } else { None };
    let of_row = |row| match value_at(column, row) {
        Value::List(all) => all.iter().map(|v| sequence(v).ok_or(DatasetError::Part)).collect(),
        _ => Err(DatasetError::Part),
    };
    (0..batch.num_rows()).map(of_row).collect()
}

/// The batch with its rows counted from `first`, in that split.
fn placed(batch: &RecordBatch, first: i64, split: &str) -> Result<RecordBatch, DatasetError> {
    let n = batch.num_rows();
    let rows: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + n as i64));
    let splits: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(split, n)));
    let schema = batch.schema();
    let columns =
        schema.fields().iter().zip(batch.columns()).map(|(field, column)| match field.name().as_str() {
            "row" => rows.clone(),
            "split" => splits.clone(),
            _ => column.clone(),
        });
    Ok(RecordBatch::try_new(schema.clone(), columns.collect())?)
}

/// One value for each column of [`crate::columns::episodes`]. `first`: the recording's first row among all steps.
fn episode_row(episode: &EpisodeNote, recording: &RecordingNote, first: i64) -> Vec<Value> {
    vec![
        recording.recording.to_string().into(),
        episode.episode.into(),
        recording.split.as_str().into(),
        episode.marked.into(),
        episode.instruction.clone().into(),
        episode.outcome.clone().into(),
        episode.ended_by.as_str().into(),
        episode.steps.into(),
        episode.row_first.map(|row| first + row).into(),
        episode.cut.into(),
        episode.scores.overall().into(),
        episode.scores.cell(),
        Value::List(episode.segments.iter().map(|s| Value::from(*s)).collect()),
    ]
}

/// Everything but the files.
fn manifest(
    plan: &Plan,
    recordings: Vec<RecordingNote>,
    settings: &BuildSettings,
    (rows, episodes): (u64, u64),
    kinds: BTreeMap<String, u64>,
) -> Manifest {
    let config = &plan.config;
    Manifest {
        format: "overt-dataset".to_owned(),
        version: config.version,
        purpose: config.purpose,
        grant: settings.grant.clone(),
        builder: config.builder.to_owned(),
        reducer: ReducerNote { version: config.reducer.to_owned(), settings: config.reduce.clone() },
        codec: config.codec.to_owned(),
        parent: settings.parent.clone(),
        rows,
        episodes,
        kinds,
        split_by: settings.split_by,
        splits: rows_by_split(&recordings),
        recordings,
        files: Vec::new(),
    }
}

fn rows_by_split(recordings: &[RecordingNote]) -> BTreeMap<String, u64> {
    recordings.iter().fold(BTreeMap::new(), |mut all, r| {
        *all.entry(r.split.clone()).or_default() += r.rows;
        all
    })
}

/// Writes the pages that tell of the tables, then the manifest that names every file. Gives its bytes.
fn write_pages(
    manifest: &mut Manifest,
    figures: &Figures,
    folder: &Path,
    settings: &BuildSettings,
) -> Result<Vec<u8>, DatasetError> {
    let page = datasheet(manifest, figures, settings.group_min);
    write_synced(&folder.join(DATASHEET_FILE), page.as_bytes())?;
    let steps = file_note(folder, STEPS_FILE)?;
    write_synced(&folder.join(LICENCE_FILE), &licence(manifest, steps.sha256)?)?;
    manifest.files = vec![file_note(folder, DATASHEET_FILE)?];
    for name in [EPISODES_FILE, LICENCE_FILE, LINEAGE_FILE] {
        manifest.files.push(file_note(folder, name)?);
    }
    manifest.files.push(steps);
    let bytes = manifest.encode()?;
    write_synced(&folder.join(MANIFEST_FILE), &bytes)?;
    Ok(bytes)
}

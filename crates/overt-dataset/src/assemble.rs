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
use crate::finished::Finished;
use crate::licence::licence;
use crate::manifest::{MANIFEST_FILE, Manifest, RecordingNote, ReducerNote};
use crate::overlap::{Sitting, overlaps};
use crate::part::{EpisodeNote, Part, Work};
use crate::plan::Plan;
use crate::split::splits;
use crate::table::Table;
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

    /// Full row groups are taken as they are encoded; the rows of the last one join those of other recordings.
    fn steps(&mut self, part: &Part) -> Result<(), DatasetError> {
        let steps = Finished::open(&part.steps())?;
        for (i, (rows, is_full)) in steps.groups().enumerate() {
            let first = self.steps.rows;
            self.trace_steps(&steps, i, part)?;
            if is_full {
                self.steps.take_group(&steps, i, &placing(first, rows, &part.note.recording.split))?;
                continue;
            }
            for batch in steps.batches(i)? {
                self.steps.append(&placed(&batch?, self.steps.rows, &part.note.recording.split)?)?;
            }
        }
        Ok(())
    }

    fn trace_steps(&mut self, steps: &Finished, group: usize, part: &Part) -> Result<(), DatasetError> {
        let mut row = self.steps.rows;
        for batch in steps.column(group, "segments")? {
            for segments in segments_by_row(&batch?)? {
                self.trace("steps", row, part, &segments)?;
                row += 1;
            }
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

/// What only the last stage knows of some rows that come one after the other: their numbers, and the split they are in.
fn placing(first: i64, rows: usize, split: &str) -> [(&'static str, ArrayRef); 2] {
    let numbers = Int64Array::from_iter_values(first..first + rows as i64);
    let splits = StringArray::from_iter_values(std::iter::repeat_n(split, rows));
    [("row", Arc::new(numbers)), ("split", Arc::new(splits))]
}

/// The batch with its rows counted from `first`, in that split.
fn placed(batch: &RecordBatch, first: i64, split: &str) -> Result<RecordBatch, DatasetError> {
    let schema = batch.schema();
    let mut columns = batch.columns().to_vec();
    for (name, values) in placing(first, batch.num_rows(), split) {
        columns[schema.index_of(name)?] = values;
    }
    Ok(RecordBatch::try_new(schema, columns)?)
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
        episode.t_start_millis.into(),
        episode.t_end_millis.into(),
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

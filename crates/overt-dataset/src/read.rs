//! Reads a data set back: its rows, its lineage, and whether it is as it was made.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use arrow_array::RecordBatch;
use overt_event::SegmentId;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::build::{EPISODES_FILE, LINEAGE_FILE, STEPS_FILE, file_note};
use crate::cells::Cells;
use crate::error::DatasetError;
use crate::manifest::Manifest;
use crate::rows::{EpisodeRow, StepRow};

/// Rows decoded at once. Each carries its pictures.
const BATCH_ROWS: usize = 16;

/// The steps of a data set, in the order of their rows.
///
/// Errors: [`DatasetError::Io`] where there is none, [`DatasetError::Parquet`] for a damaged table.
pub fn read_steps(dataset: &Path) -> Result<StepRows, DatasetError> {
    Ok(StepRows { reader: reader(dataset, STEPS_FILE)?, batch: None })
}

/// Some of the steps: those from row `rows.start` to before `rows.end`. Rows before them are not decoded.
///
/// Errors: as [`read_steps`].
pub fn read_some_steps(dataset: &Path, rows: Range<u64>) -> Result<StepRows, DatasetError> {
    let (first, len) = (rows.start as usize, rows.end.saturating_sub(rows.start) as usize);
    let reader = builder(dataset, STEPS_FILE)?.with_offset(first).with_limit(len).build()?;
    Ok(StepRows { reader, batch: None })
}

/// All steps without their pictures, which are most of a data set: `image_before` and `image_after` are `None`, and
/// whether there is one is told by `frame_before_missing` and `frame_after_missing`.
///
/// Errors: as [`read_steps`].
pub fn read_steps_without_pictures(dataset: &Path) -> Result<StepRows, DatasetError> {
    let builder = builder(dataset, STEPS_FILE)?;
    let columns = builder.schema().fields().iter().enumerate();
    let others = columns.filter(|(_, field)| !field.name().starts_with("image_")).map(|(i, _)| i);
    let mask = ProjectionMask::roots(builder.parquet_schema(), others);
    Ok(StepRows { reader: builder.with_projection(mask).build()?, batch: None })
}

/// See [`read_steps`].
pub struct StepRows {
    reader: ParquetRecordBatchReader,
    batch: Option<(RecordBatch, usize)>,
}

impl Iterator for StepRows {
    type Item = Result<StepRow, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((batch, next)) = self.batch.as_mut().filter(|(b, next)| *next < b.num_rows()) {
                *next += 1;
                return Some(Ok(Cells { batch, row: *next - 1 }.step()));
            }
            match self.reader.next()? {
                Ok(batch) => self.batch = Some((batch, 0)),
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}

/// The episodes of a data set, in the order of their rows.
///
/// Errors: as [`read_steps`].
pub fn read_episodes(dataset: &Path) -> Result<Vec<EpisodeRow>, DatasetError> {
    every_row(dataset, EPISODES_FILE, |cells| Ok(cells.episode()))
}

/// One row of the lineage: a row of a table, and a segment that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descent {
    /// `steps` or `episodes`.
    pub table: String,
    pub row: i64,
    pub segment: SegmentId,
}

/// Which rows were made from which segments, in the order of the rows: the way that erasure follows.
///
/// Errors: as [`read_steps`]; [`DatasetError::Lineage`] for a row whose segment does not read.
pub fn read_lineage(dataset: &Path) -> Result<Vec<Descent>, DatasetError> {
    every_row(dataset, LINEAGE_FILE, |cells| cells.descent().ok_or(DatasetError::Lineage))
}

/// Looks whether every file of a data set is as its manifest says.
///
/// Errors: [`DatasetError::Altered`] names the first that is not.
pub fn verify(dataset: &Path) -> Result<Manifest, DatasetError> {
    let manifest = Manifest::read(dataset)?;
    for expected in &manifest.files {
        if file_note(dataset, &expected.name)? != *expected {
            return Err(DatasetError::Altered { file: expected.name.clone() });
        }
    }
    Ok(manifest)
}

fn builder(dataset: &Path, table: &str) -> Result<ParquetRecordBatchReaderBuilder<File>, DatasetError> {
    let file = File::open(dataset.join(table))?;
    Ok(ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS))
}

fn reader(dataset: &Path, table: &str) -> Result<ParquetRecordBatchReader, DatasetError> {
    Ok(builder(dataset, table)?.build()?)
}

fn every_row<T>(
    dataset: &Path,
    table: &str,
    row_of: impl Fn(Cells<'_>) -> Result<T, DatasetError>,
) -> Result<Vec<T>, DatasetError> {
    let mut found = Vec::new();
    for batch in reader(dataset, table)? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            found.push(row_of(Cells { batch: &batch, row })?);
        }
    }
    Ok(found)
}

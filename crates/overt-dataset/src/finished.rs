//! A table that was written to its end, read by row groups.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;

use crate::error::DatasetError;
use crate::table::BATCH_ROWS;

/// A finished table.
pub(crate) struct Finished {
    pub(crate) file: File,
    metadata: ArrowReaderMetadata,
}

impl Finished {
    pub(crate) fn open(path: &Path) -> Result<Self, DatasetError> {
        let file = File::open(path)?;
        let metadata = ArrowReaderMetadata::load(&file, Default::default())?;
        Ok(Self { file, metadata })
    }

    pub(crate) fn group(&self, i: usize) -> &RowGroupMetaData {
        self.metadata.metadata().row_group(i)
    }

    /// How many rows each row group has, and whether it is full: the last one may end before it is.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (usize, bool)> {
        let all = self.metadata.metadata().row_groups();
        all.iter().enumerate().map(|(i, group)| (group.num_rows() as usize, i + 1 < all.len()))
    }

    /// The rows of a row group, at most [`BATCH_ROWS`] at a time in memory.
    pub(crate) fn batches(
        &self,
        i: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>>, DatasetError> {
        Ok(self.reader(i)?.build()?)
    }

    /// One column of a row group.
    pub(crate) fn column(
        &self,
        i: usize,
        name: &str,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>>, DatasetError> {
        let reader = self.reader(i)?;
        let mask = ProjectionMask::columns(reader.parquet_schema(), [name]);
        Ok(reader.with_projection(mask).build()?)
    }

    fn reader(&self, i: usize) -> Result<ParquetRecordBatchReaderBuilder<File>, DatasetError> {
        let file = self.file.try_clone()?;
        let all = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        Ok(all.with_row_groups(vec![i]).with_batch_size(BATCH_ROWS))
    }
}

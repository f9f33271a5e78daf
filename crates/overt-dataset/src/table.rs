//! One Parquet file, written in row groups of bounded size: row by row, or batch by batch out of another table.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::arrays::batch;
use crate::error::DatasetError;
use crate::value::{Columns, Kind, Value, schema};

/// A row group ends when what is in it reaches this, bytes.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// What a row takes without its pictures and lists, and an item of a list. Rough, but known alike from a row and from
/// a batch.
const ROW_BYTES: usize = 512;
const ITEM_BYTES: usize = 32;
/// Rows that lie in memory as values, or as a batch.
const BATCH_ROWS: usize = 256;
/// Fixed, so that the same rows give the same file.
const CREATED_BY: &str = "overt-dataset 4";

/// A table in the making.
pub(crate) struct Table {
    columns: Columns,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    /// Rows that no batch was made of yet.
    waiting: Vec<Vec<Value>>,
    group: Group,
    pub(crate) rows: i64,
}

/// How full the row group is.
#[derive(Default)]
struct Group {
    bytes: usize,
}

impl Group {
    /// Takes one more row; says whether it is full.
    fn take(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.bytes >= GROUP_BYTES
    }
}

impl Table {
    pub(crate) fn create(path: &Path, columns: Columns) -> Result<Self, DatasetError> {
        let schema = schema(&columns);
        let file = File::create_new(path)?;
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(&columns)?))?;
        Ok(Self { columns, schema, writer, waiting: Vec::new(), group: Group::default(), rows: 0 })
    }

    /// Adds one row.
    pub(crate) fn push(&mut self, row: Vec<Value>) -> Result<(), DatasetError> {
        let full = self.group.take(ROW_BYTES + row.iter().map(bytes_of).sum::<usize>());
        self.waiting.push(row);
        self.rows += 1;
        if self.waiting.len() >= BATCH_ROWS {
            self.write_waiting()?;
        }
        if full { self.end_group() } else { Ok(()) }
    }

    /// Adds the rows of a batch that has this table's columns. Groups end where they would if the rows came one by
    /// one. Not to be mixed with [`push`](Self::push).
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<(), DatasetError> {
        let mut begun = 0;
        for (row, bytes) in bytes_by_row(batch).into_iter().enumerate() {
            if self.group.take(bytes) {
                self.writer.write(&batch.slice(begun, row + 1 - begun))?;
                self.end_group()?;
                begun = row + 1;
            }
        }
        self.writer.write(&batch.slice(begun, batch.num_rows() - begun))?;
        self.rows += batch.num_rows() as i64;
        Ok(())
    }

    fn write_waiting(&mut self) -> Result<(), DatasetError> {
        if !self.waiting.is_empty() {
            self.writer.write(&batch(&self.columns, &self.schema, &self.waiting)?)?;
            self.waiting.clear();
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), DatasetError> {
        self.write_waiting()?;
        if self.group.bytes > 0 {
            self.writer.flush()?;
            self.group = Group::default();
        }
        Ok(())
    }

    /// Ends the file and brings it to the disk.
    pub(crate) fn close(mut self) -> Result<(), DatasetError> {
        self.end_group()?;
        self.writer.into_inner()?.sync_all()?;
        Ok(())
    }
}

/// A finished table as batches, each out of one row group, one at a time in memory.
pub(crate) fn batches(
    path: &Path,
) -> Result<impl Iterator<Item = Result<RecordBatch, DatasetError>>, DatasetError> {
    let file = File::open(path)?;
    let metadata = ArrowReaderMetadata::load(&file, Default::default())?;
    let groups = metadata.metadata().num_row_groups();
    Ok((0..groups).flat_map(move |i| batches_of(group(&file, metadata.clone(), i))))
}

fn batches_of(
    group: Result<ParquetRecordBatchReader, DatasetError>,
) -> impl Iterator<Item = Result<RecordBatch, DatasetError>> {
    let (group, error) = match group {
        Ok(group) => (Some(group), None),
        Err(error) => (None, Some(Err(error))),
    };
    group.into_iter().flatten().map(|batch| Ok(batch?)).chain(error)
}

fn group(
    file: &File,
    metadata: ArrowReaderMetadata,
    i: usize,
) -> Result<ParquetRecordBatchReader, DatasetError> {
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.try_clone()?, metadata);
    Ok(builder.with_row_groups(vec![i]).with_batch_size(BATCH_ROWS).build()?)
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len() * ITEM_BYTES,
        _ => 0,
    }
}

fn bytes_by_row(batch: &RecordBatch) -> Vec<usize> {
    let mut sums = vec![ROW_BYTES; batch.num_rows()];
    for column in batch.columns() {
        let each = sums.iter_mut().enumerate();
        if let Some(lists) = column.as_list_opt::<i32>() {
            each.for_each(|(row, sum)| *sum += lists.value_length(row) as usize * ITEM_BYTES);
        } else if let Some(pictures) = pictures_of(column) {
            let pictures = pictures.as_binary::<i32>();
            each.for_each(|(row, sum)| *sum += pictures.value_length(row) as usize);
        }
    }
    sums
}

/// The bytes of a picture column.
fn pictures_of(column: &ArrayRef) -> Option<ArrayRef> {
    column.as_struct_opt()?.column_by_name("bytes").cloned()
}

fn properties(columns: &Columns) -> Result<WriterProperties, DatasetError> {
    let base = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // Where pages begin is worth knowing to who skips pages; rows here are read by row groups.
        .set_offset_index_disabled(true);
    let images = columns.iter().filter(|(_, kind)| *kind == Kind::Image);
    Ok(images.fold(base, |b, (name, _)| without_compression(b, name)).build())
}

/// PNG is compressed already, never repeats as a whole, and has no smallest value worth knowing.
fn without_compression(builder: WriterPropertiesBuilder, image: &str) -> WriterPropertiesBuilder {
    let bytes = ColumnPath::from(vec![image.to_owned(), "bytes".to_owned()]);
    builder
        .set_column_compression(bytes.clone(), Compression::UNCOMPRESSED)
        .set_column_dictionary_enabled(bytes.clone(), false)
        .set_column_statistics_enabled(bytes, EnabledStatistics::None)
}

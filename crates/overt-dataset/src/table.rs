//! One Parquet file, written in row groups of bounded size: row by row, or batch by batch or
//! by whole groups out of another table.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::arrays::batch;
use crate::error::DatasetError;
use crate::finished::Finished;
use crate::value::{Columns, Kind, Value, schema};

/// A row group ends when what is in it reaches this, bytes.
const GROUP_BYTES: usize = 32 * 1024 * 1024;
/// What a row takes without its pictures and lists, and an item of a list. Rough, but known alike from a row and from
/// a batch.
const ROW_BYTES: usize = 512;
const ITEM_BYTES: usize = 32;
/// Rows that lie in memory as values, or as a batch: at most so many, and no more once they take this many bytes. With
/// pictures few are enough, and each more is a copy of a picture that lies in memory twice.
pub(crate) const BATCH_ROWS: usize = 256;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Fixed, so that the same rows give the same file.
const CREATED_BY: &str = "overt-dataset 4";

/// A table in the making.
pub(crate) struct Table {
    columns: Columns,
    schema: Arc<Schema>,
    file: SerializedFileWriter<File>,
    encoders: ArrowRowGroupWriterFactory,
    /// Rows that no batch was made of yet.
    waiting: Vec<Vec<Value>>,
    waiting_bytes: usize,
    /// The row group in the making: one for each leaf of the columns, or none where it has no rows.
    group: Vec<ArrowColumnWriter>,
    group_bytes: usize,
    pub(crate) rows: i64,
}

impl Table {
    pub(crate) fn create(path: &Path, columns: Columns) -> Result<Self, DatasetError> {
        let schema = schema(&columns);
        let file = File::create_new(path)?;
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(&columns)?))?;
        let (file, encoders) = writer.into_serialized_writer()?;
        Ok(Self {
            columns,
            schema,
            file,
            encoders,
            waiting: Vec::new(),
            waiting_bytes: 0,
            group: Vec::new(),
            group_bytes: 0,
            rows: 0,
        })
    }

    /// Adds one row.
    pub(crate) fn push(&mut self, row: Vec<Value>) -> Result<(), DatasetError> {
        let bytes = ROW_BYTES + row.iter().map(bytes_of).sum::<usize>();
        self.group_bytes += bytes;
        self.waiting_bytes += bytes;
        self.waiting.push(row);
        self.rows += 1;
        if self.waiting.len() >= BATCH_ROWS || self.waiting_bytes >= BATCH_BYTES {
            self.encode_waiting()?;
        }
        if self.group_bytes >= GROUP_BYTES { self.end_group() } else { Ok(()) }
    }

    /// Adds the rows of a batch that has this table's columns. Groups end where they would if the rows came one by
    /// one. Not to be mixed with [`push`](Self::push).
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<(), DatasetError> {
        let mut begun = 0;
        for (row, bytes) in bytes_by_row(batch).into_iter().enumerate() {
            self.group_bytes += bytes;
            if self.group_bytes >= GROUP_BYTES {
                self.encode(&batch.slice(begun, row + 1 - begun))?;
                self.end_group()?;
                begun = row + 1;
            }
        }
        self.encode(&batch.slice(begun, batch.num_rows() - begun))?;
        self.rows += batch.num_rows() as i64;
        Ok(())
    }

    /// Adds a row group of another table of these columns as it is encoded there, as a group of its own; the flat
    /// columns that `anew` names have those values instead.
    pub(crate) fn take_group(
        &mut self,
        from: &Finished,
        i: usize,
        anew: &[(&str, ArrayRef)],
    ) -> Result<(), DatasetError> {
        self.end_group()?;
        let encoders = self.column_encoders()?;
        let mut group = self.file.next_row_group()?;
        let taken = from.group(i);
        for (chunk, mut encoder) in taken.columns().iter().zip(encoders) {
            match anew.iter().find(|(name, _)| chunk.column_path().string() == *name) {
                None => group.append_column(&from.file, as_encoded(chunk, taken.num_rows()))?,
                Some((name, values)) => {
                    let leaves = compute_leaves(self.schema.field_with_name(name)?, values)?;
                    leaves.iter().try_for_each(|leaf| encoder.write(leaf))?;
                    encoder.close()?.append_to_row_group(&mut group)?;
                }
            }
        }
        self.rows += group.close()?.num_rows();
        Ok(())
    }

    fn encode_waiting(&mut self) -> Result<(), DatasetError> {
        let batch = batch(&self.columns, &self.schema, &self.waiting)?;
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.encode(&batch)
    }

    /// Adds rows to the group in the making.
    fn encode(&mut self, batch: &RecordBatch) -> Result<(), DatasetError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.group.is_empty() {
            self.group = self.column_encoders()?;
        }
        let mut encoders = self.group.iter_mut();
        for (field, column) in self.schema.fields().iter().zip(batch.columns()) {
            let leaves = compute_leaves(field, column)?;
            leaves.iter().zip(&mut encoders).try_for_each(|(leaf, encoder)| encoder.write(leaf))?;
        }
        Ok(())
    }

    fn column_encoders(&self) -> Result<Vec<ArrowColumnWriter>, DatasetError> {
        Ok(self.encoders.create_column_writers(self.file.flushed_row_groups().len())?)
    }

    fn end_group(&mut self) -> Result<(), DatasetError> {
        self.encode_waiting()?;
        if !self.group.is_empty() {
            let mut group = self.file.next_row_group()?;
            for encoder in self.group.drain(..) {
                encoder.close()?.append_to_row_group(&mut group)?;
            }
            group.close()?;
            self.group_bytes = 0;
        }
        Ok(())
    }

    /// Ends the file and brings it to the disk.
    pub(crate) fn close(mut self) -> Result<(), DatasetError> {
        self.end_group()?;
        self.file.into_inner()?.sync_all()?;
        Ok(())
    }
}

/// A column of a row group, to be taken with all its bytes.
fn as_encoded(chunk: &ColumnChunkMetaData, rows: i64) -> ColumnCloseResult {
    ColumnCloseResult {
        bytes_written: chunk.compressed_size() as u64,
        rows_written: rows as u64,
        metadata: chunk.clone(),
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    }
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

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::*;
    use crate::arrays::value_at;

    /// Two of them fill a row group.
    const LONG: usize = GROUP_BYTES / ITEM_BYTES / 2;

    fn columns() -> Columns {
        let counts = Kind::List(Box::new(Kind::Int32));
        vec![("row", Kind::Int64), ("image", Kind::Image), ("counts", counts), ("name", Kind::Text)]
    }

    fn row(number: i64, items: usize) -> Vec<Value> {
        let picture = Value::Bytes(Arc::new(vec![number as u8; 3]));
        let counts = (0..items as i64).map(|n| Value::Int(n % 7 + number)).collect();
        vec![number.into(), picture, Value::List(counts), Value::text("a name")]
    }

    /// A picture is read with the path that it never has.
    fn as_read(mut row: Vec<Value>) -> Vec<Value> {
        row[1] = Value::Struct(vec![row[1].clone(), Value::Null]);
        row
    }

    fn table(path: &Path, rows: impl IntoIterator<Item = Vec<Value>>) -> Finished {
        let mut table = Table::create(path, columns()).expect("a file");
        rows.into_iter().for_each(|row| table.push(row).expect("a row is written"));
        table.close().expect("it ends");
        Finished::open(path).expect("it opens")
    }

    fn rows_of(table: &Finished, group: usize) -> Vec<Vec<Value>> {
        let batches = table.batches(group).expect("the group is there").map(|b| b.expect("it reads"));
        let rows = |b: RecordBatch| -> Vec<Vec<Value>> {
            (0..b.num_rows()).map(|i| b.columns().iter().map(|c| value_at(c, i)).collect()).collect()
        };
        batches.flat_map(rows).collect()
    }

    #[test]
    fn a_group_that_is_taken_reads_as_it_was_but_for_the_columns_that_are_given_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = table(&folder.path().join("source"), (0..3).map(|n| row(n, LONG)));
        assert_eq!(source.groups().collect::<Vec<_>>(), [(2, true), (1, false)]);

        let path = folder.path().join("all");
        let mut all = Table::create(&path, columns()).expect("a file");
        all.push(row(70, 1)).expect("a row is written");
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![71, 72]));
        all.take_group(&source, 0, &[("row", numbers)]).expect("the group is taken");
        all.push(row(73, 1)).expect("a row is written");
        assert_eq!(all.rows, 4);
        all.close().expect("it ends");

        let all = Finished::open(&path).expect("it opens");
        assert_eq!(all.groups().collect::<Vec<_>>(), [(1, true), (2, true), (1, false)]);
        let mut taken = rows_of(&source, 0);
        taken[0][0] = Value::Int(71);
        taken[1][0] = Value::Int(72);
        assert_eq!(rows_of(&all, 0), [as_read(row(70, 1))]);
        assert!(rows_of(&all, 1) == taken, "the rows of the taken group");
        assert_eq!(rows_of(&all, 2), [as_read(row(73, 1))]);
    }
}

//! One Parquet file, written row by row in small row groups.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::arrays::batch;
use crate::error::DatasetError;
use crate::value::{Columns, Kind, Value, schema};

/// A row group ends when its pictures reach this, bytes.
const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// Or when it has this many rows.
const GROUP_ROWS: usize = 256;
/// Fixed, so that the same rows give the same file.
const CREATED_BY: &str = "overt-dataset 1";

/// A table in the making.
pub(crate) struct Table {
    columns: Columns,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    waiting: Vec<Vec<Value>>,
    waiting_bytes: usize,
    pub(crate) rows: i64,
}

impl Table {
    pub(crate) fn create(path: &Path, columns: Columns) -> Result<Self, DatasetError> {
        let schema = schema(&columns);
        let file = File::create_new(path)?;
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(&columns)?))?;
        Ok(Self { columns, schema, writer, waiting: Vec::new(), waiting_bytes: 0, rows: 0 })
    }

    pub(crate) fn push(&mut self, row: Vec<Value>) -> Result<(), DatasetError> {
        self.waiting_bytes += row.iter().map(picture_bytes).sum::<usize>();
        self.waiting.push(row);
        self.rows += 1;
        if self.waiting_bytes >= GROUP_BYTES || self.waiting.len() >= GROUP_ROWS {
            self.end_group()?;
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), DatasetError> {
        if !self.waiting.is_empty() {
            self.writer.write(&batch(&self.columns, &self.schema, &self.waiting)?)?;
            self.writer.flush()?;
            self.waiting.clear();
            self.waiting_bytes = 0;
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

fn picture_bytes(value: &Value) -> usize {
    if let Value::Bytes(bytes) = value { bytes.len() } else { 0 }
}

fn properties(columns: &Columns) -> Result<WriterProperties, DatasetError> {
    let base = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Chunk);
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

//! `hugging-face`: the data set's own columns and what its episode says, a Parquet file a split, with a card.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use overt_dataset::{EpisodeRow, STEPS_FILE, StepRow};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde_json::{Value, json};

use super::Writer;
use crate::error::ExportError;
use crate::export::Told;

/// Rows read at once. Each carries its pictures.
const BATCH_ROWS: usize = 16;
/// A row group ends with this many bytes or rows, so that a viewer can read one without the rest.
const GROUP_BYTES: usize = 8 << 20;
const GROUP_ROWS: usize = 256;
/// Fixed, so that the same rows give the same file.
const CREATED_BY: &str = "overt-export 1";
/// Columns that are the episode's.
const OF_EPISODE: [&str; 2] = ["instruction", "outcome"];

#[derive(Default)]
pub(super) struct HuggingFace {
    table: Option<Table>,
}

impl Writer for HuggingFace {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        told.exported += 1;
        let table = match self.table.take() {
            Some(table) => table,
            None => Table::begin(told)?,
        };
        self.table.insert(table).push(step, episode, told)
    }

    fn finish(self: Box<Self>, told: &mut Told<'_>) -> Result<(), ExportError> {
        let mut splits = Vec::new();
        for (split, writer) in self.table.into_iter().flat_map(|table| table.writers) {
            writer.close()?;
            splits.push(split);
        }
        Ok(told.folder.write("README.md", card(&splits).as_bytes())?)
    }
}

/// The data set's table, read a second time beside the rows, and the files that it becomes.
struct Table {
    reader: ParquetRecordBatchReader,
    schema: Arc<Schema>,
    /// What the episodes say of the rows of the batch so far.
    said: [Vec<Option<String>>; 2],
    batch: Option<RecordBatch>,
    writers: BTreeMap<String, ArrowWriter<File>>,
}

impl Table {
    fn begin(told: &Told<'_>) -> Result<Self, ExportError> {
        let file = File::open(told.dataset.join(STEPS_FILE))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS);
        let schema = Arc::new(with_episode(builder.schema())?);
        let reader = builder.build()?;
        Ok(Self { reader, schema, said: Default::default(), batch: None, writers: BTreeMap::new() })
    }

    fn push(&mut self, step: &StepRow, episode: &EpisodeRow, told: &Told<'_>) -> Result<(), ExportError> {
        if self.batch.is_none() {
            self.batch = self.reader.next().transpose()?;
        }
        self.said[0].push(episode.instruction.clone());
        self.said[1].push(episode.outcome.clone());
        let Some(batch) = self.batch.take_if(|batch| batch.num_rows() == self.said[0].len()) else {
            return Ok(());
        };
        // A batch may go on into another recording, and that may be of another split.
        let splits = batch.column_by_name("split").cloned();
        let of_episodes =
            std::mem::take(&mut self.said).map(|all| Arc::new(StringArray::from(all)) as ArrayRef);
        let columns = batch.columns().iter().cloned().chain(of_episodes).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns)?;
        runs(splits.as_deref(), &step.split, batch.num_rows())
            .into_iter()
            .try_for_each(|(split, from, len)| self.write(&split, &batch.slice(from, len), told))
    }

    fn write(&mut self, split: &str, rows: &RecordBatch, told: &Told<'_>) -> Result<(), ExportError> {
        let writer = match self.writers.remove(split) {
            Some(writer) => writer,
            None => {
                let file = told.folder.create(&file_name(split))?;
                ArrowWriter::try_new(file, self.schema.clone(), Some(properties()?))?
            }
        };
        let writer = self.writers.entry(split.to_owned()).or_insert(writer);
        writer.write(rows)?;
        if writer.in_progress_size() >= GROUP_BYTES || writer.in_progress_rows() >= GROUP_ROWS {
            writer.flush()?;
        }
        Ok(())
    }
}

/// Stretches of rows of one split: its name, the first row, how many.
fn runs(splits: Option<&dyn Array>, otherwise: &str, rows: usize) -> Vec<(String, usize, usize)> {
    let names = splits.and_then(|array| array.as_any().downcast_ref::<StringArray>());
    let mut found: Vec<(String, usize, usize)> = Vec::new();
    for row in 0..rows {
        let split = names.map_or(otherwise, |names| names.value(row));
        match found.last_mut() {
            Some((name, _, len)) if name == split => *len += 1,
            _ => found.push((split.to_owned(), row, 1)),
        }
    }
    found
}

/// The schema with the episode's columns, also among the features by which `datasets` knows what a column is.
fn with_episode(schema: &Schema) -> Result<Schema, ExportError> {
    let own = OF_EPISODE.map(|name| Arc::new(Field::new(name, DataType::Utf8, true)));
    let fields: Vec<_> = schema.fields().iter().cloned().chain(own).collect();
    let known = schema.metadata().get("huggingface").map_or("{}", String::as_str);
    let mut info: Value = serde_json::from_str(known)?;
    for name in OF_EPISODE {
        info["info"]["features"][name] = json!({"dtype": "string", "_type": "Value"});
    }
    let metadata = HashMap::from([("huggingface".to_owned(), info.to_string())]);
    Ok(Schema::new_with_metadata(fields, metadata))
}

/// PNG is compressed already, and has no smallest value worth knowing.
fn properties() -> Result<WriterProperties, ExportError> {
    let base = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    let pictures =
        ["image_before", "image_after"].map(|name| ColumnPath::from(vec![name.into(), "bytes".into()]));
    let all = pictures.into_iter().fold(base, |builder, path| {
        builder
            .set_column_compression(path.clone(), Compression::UNCOMPRESSED)
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None)
    });
    Ok(all.build())
}

fn file_name(split: &str) -> String {
    format!("data/{split}-00000-of-00001.parquet")
}

/// The card, by which `load_dataset` finds the splits and nothing else of the folder.
fn card(splits: &[String]) -> String {
    let files: String =
        splits.iter().map(|split| format!("  - split: {split}\n    path: {}\n", file_name(split))).collect();
    format!(
        "---\nconfigs:\n- config_name: default\n  data_files:\n{files}license: other\nlicense_link: LICENCE.md\n---\n\n\
         Steps of people at work: the picture before, what was done, the picture after. Columns are those of a data set \
         of Overt, with its episode's `instruction` and `outcome`. LICENCE.md says what they may be used for.\n"
    )
}

//! Reads a data set back: enough to show its steps.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use overt_event::SegmentId;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::arrays::value_at;
use crate::build::{LINEAGE_FILE, STEPS_FILE, file_note};
use crate::error::DatasetError;
use crate::manifest::Manifest;
use crate::value::Value;

/// Rows decoded at once. Each carries its pictures.
const BATCH_ROWS: usize = 16;

/// One row of `steps.parquet`; columns as in docs/spec/dataset.md, section 3. `None` and empty lists stand for
/// null.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StepRow {
    pub row: i64,
    pub recording: String,
    pub episode: i32,
    pub step: i32,
    pub split: String,
    pub kind: String,
    pub t_start_millis: i64,
    pub t_end_millis: i64,
    pub app: Option<String>,
    pub width: i32,
    pub height: i32,
    pub x: Option<i32>,
    pub y: Option<i32>,
    pub button: Option<String>,
    pub count: Option<i32>,
    pub modifiers: Vec<String>,
    pub path: Vec<(i32, i32)>,
    pub dx_notch: Option<f64>,
    pub dy_notch: Option<f64>,
    pub keys: Vec<String>,
    pub text: Option<String>,
    pub text_masked: Option<bool>,
    pub element: Option<ElementCell>,
    pub intents: Vec<IntentCell>,
    /// PNG.
    pub image_before: Option<Vec<u8>>,
    pub frame_margin_millis: Option<f64>,
    pub frame_before_missing: Option<String>,
    /// PNG.
    pub image_after: Option<Vec<u8>>,
    pub frame_after_timed_out: Option<bool>,
    pub window_title: Option<String>,
    pub injected: bool,
    pub idle_before_millis: i64,
}

/// The element acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElementCell {
    pub role: String,
    pub name: String,
    /// x, y, width, height on the picture.
    pub bounds: (i32, i32, i32, i32),
}

/// What an action was for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntentCell {
    pub kind: String,
    pub path: Vec<String>,
    pub option: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub by: Option<String>,
}

/// The rows of a data set, in order.
///
/// Errors: [`DatasetError::Io`] where there is none, [`DatasetError::Parquet`] for a damaged table.
pub fn read_steps(dataset: &Path) -> Result<StepRows, DatasetError> {
    let file = File::open(dataset.join(STEPS_FILE))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS).build()?;
    Ok(StepRows { reader, batch: None })
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
    let file = File::open(dataset.join(LINEAGE_FILE))?;
    let mut found = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS).build()? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            found.push(Cells { batch: &batch, row }.descent().ok_or(DatasetError::Lineage)?);
        }
    }
    Ok(found)
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

/// One row of a batch.
struct Cells<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl Cells<'_> {
    fn get(&self, column: &str) -> Value {
        self.batch.column_by_name(column).map_or(Value::Null, |array| value_at(array, self.row))
    }

    fn int(&self, column: &str) -> Option<i64> {
        int(&self.get(column))
    }

    fn small(&self, column: &str) -> Option<i32> {
        self.int(column).and_then(|n| i32::try_from(n).ok())
    }

    fn float(&self, column: &str) -> Option<f64> {
        if let Value::Float(x) = self.get(column) { Some(x) } else { None }
    }

    fn flag(&self, column: &str) -> Option<bool> {
        if let Value::Bool(b) = self.get(column) { Some(b) } else { None }
    }

    fn text(&self, column: &str) -> Option<String> {
        text(&self.get(column))
    }

    /// A picture's bytes.
    fn picture(&self, column: &str) -> Option<Vec<u8>> {
        match fields(&self.get(column)).first() {
            Some(Value::Bytes(bytes)) => Some(bytes.as_ref().clone()),
            _ => None,
        }
    }

    fn descent(&self) -> Option<Descent> {
        let segment = self.text("segment")?.parse().ok()?;
        Some(Descent { table: self.text("table")?, row: self.int("row")?, segment })
    }

    fn step(&self) -> StepRow {
        StepRow {
            row: self.int("row").unwrap_or_default(),
            recording: self.text("recording").unwrap_or_default(),
            episode: self.small("episode").unwrap_or_default(),
            step: self.small("step").unwrap_or_default(),
            split: self.text("split").unwrap_or_default(),
            kind: self.text("kind").unwrap_or_default(),
            t_start_millis: self.int("t_start_millis").unwrap_or_default(),
            t_end_millis: self.int("t_end_millis").unwrap_or_default(),
            app: self.text("app"),
            width: self.small("width").unwrap_or_default(),
            height: self.small("height").unwrap_or_default(),
            x: self.small("x"),
            y: self.small("y"),
            button: self.text("button"),
            count: self.small("count"),
            modifiers: texts(&self.get("modifiers")),
            path: items(&self.get("path")).iter().map(pair).collect(),
            dx_notch: self.float("dx_notch"),
            dy_notch: self.float("dy_notch"),
            keys: texts(&self.get("keys")),
            text: self.text("text"),
            text_masked: self.flag("text_masked"),
            element: element(&self.get("element")),
            intents: items(&self.get("intents")).iter().map(intent).collect(),
            image_before: self.picture("image_before"),
            frame_margin_millis: self.float("frame_margin_millis"),
            frame_before_missing: self.text("frame_before_missing"),
            image_after: self.picture("image_after"),
            frame_after_timed_out: self.flag("frame_after_timed_out"),
            window_title: fields(&self.get("window_before")).get(2).and_then(text),
            injected: self.flag("injected").unwrap_or_default(),
            idle_before_millis: self.int("idle_before_millis").unwrap_or_default(),
        }
    }
}

fn int(value: &Value) -> Option<i64> {
    if let Value::Int(n) = value { Some(*n) } else { None }
}

fn text(value: &Value) -> Option<String> {
    if let Value::Text(s) = value { Some(s.clone()) } else { None }
}

fn items(value: &Value) -> Vec<Value> {
    if let Value::List(all) = value { all.clone() } else { Vec::new() }
}

fn fields(value: &Value) -> Vec<Value> {
    if let Value::Struct(all) = value { all.clone() } else { Vec::new() }
}

fn texts(value: &Value) -> Vec<String> {
    items(value).iter().filter_map(text).collect()
}

fn small_at(fields: &[Value], i: usize) -> i32 {
    fields.get(i).and_then(int).and_then(|n| i32::try_from(n).ok()).unwrap_or_default()
}

fn pair(value: &Value) -> (i32, i32) {
    let f = fields(value);
    (small_at(&f, 0), small_at(&f, 1))
}

/// Fields in the order of the column: role, name, states, x, y, w, h.
fn element(value: &Value) -> Option<ElementCell> {
    let f = fields(value);
    let name = |i: usize| f.get(i).and_then(text).unwrap_or_default();
    (!f.is_empty()).then(|| ElementCell {
        role: name(0),
        name: name(1),
        bounds: (small_at(&f, 3), small_at(&f, 4), small_at(&f, 5), small_at(&f, 6)),
    })
}

fn intent(value: &Value) -> IntentCell {
    let f = fields(value);
    let at = |i: usize| f.get(i).and_then(text);
    IntentCell {
        kind: at(0).unwrap_or_default(),
        path: f.get(1).map(texts).unwrap_or_default(),
        option: at(2),
        from: at(3),
        to: at(4),
        by: at(5),
    }
}

//! Tables and the description of a LeRobot data set v3.0.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, FixedSizeListArray, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, StructArray,
};
use arrow_schema::{DataType, Field, Fields, Schema};
use overt_dataset::StepRow;
use overt_event::{Button, Point};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value, json};

use crate::deed::Deed;
use crate::error::ExportError;
use crate::film::Video;

/// Frames a second: steps have no rate, so each stands for one second. Their true times stand beside.
pub(super) const FPS: i64 = 1;
/// Fixed, so that the same rows give the same file.
const CREATED_BY: &str = "overt-export 1";

/// What the numbers of `action` are. Places are shares of the picture's width and height.
const ACTION: [&str; 13] =
    ["kind", "x", "y", "x_end", "y_end", "button", "count", "right", "down", "ctrl", "alt", "shift", "super"];
pub(super) const PICTURE: &str = "observation.images.screen";
const NUMBERS: [&str; 7] = [
    "overt.row",
    "overt.t_start_millis",
    "overt.t_end_millis",
    "frame_index",
    "episode_index",
    "index",
    "task_index",
];

/// One frame.
pub(super) struct Frame<'a> {
    pub(super) png: &'a [u8],
    pub(super) action: [f32; ACTION.len()],
    pub(super) calls: &'a str,
    pub(super) row: i64,
    pub(super) t_start_millis: i64,
    pub(super) t_end_millis: i64,
    pub(super) timestamp: f32,
    pub(super) frame_index: i64,
    pub(super) episode_index: i64,
    pub(super) index: i64,
    pub(super) task_index: i64,
}

impl Frame<'_> {
    /// The columns of whole numbers, by name.
    pub(super) fn numbers(&self) -> [(&'static str, i64); NUMBERS.len()] {
        let values = [
            self.row,
            self.t_start_millis,
            self.t_end_millis,
            self.frame_index,
            self.episode_index,
            self.index,
            self.task_index,
        ];
        std::array::from_fn(|i| (NUMBERS[i], values[i]))
    }
}

/// One episode.
pub(super) struct EpisodeNote {
    pub(super) episode_index: i64,
    pub(super) task_index: i64,
    pub(super) length: i64,
    pub(super) chunk_index: i64,
    pub(super) file_index: i64,
    pub(super) dataset_from_index: i64,
    /// Where it begins in its file's video.
    pub(super) video_from_secs: i64,
}

/// How much a data set holds.
pub(super) struct Totals {
    pub(super) episodes: usize,
    pub(super) frames: i64,
    pub(super) tasks: usize,
    pub(super) size: (i32, i32),
    pub(super) video: Option<Video>,
}

/// A deed as numbers (docs/spec/export.md, section 5.9), zero where one does not apply. What is typed and which key is told by the call alone.
pub(super) fn action(deed: &Deed, step: &StepRow) -> [f32; ACTION.len()] {
    let mut numbers = [0.0; ACTION.len()];
    let (kind, button, count, modifiers): (_, _, u32, &[String]) = match deed {
        Deed::Click { button, count, modifiers, .. } => (0, Some(*button), *count, modifiers),
        Deed::Drag { button, modifiers, .. } => (1, Some(*button), 1, modifiers),
        Deed::Scroll { right, down, modifiers, .. } => {
            (numbers[7], numbers[8]) = (*right as f32, *down as f32);
            (2, None, 0, modifiers)
        }
        Deed::Type { .. } => (3, None, 0, &[]),
        Deed::Key { count, .. } => (4, None, *count, &[]),
        Deed::Hover { .. } => (5, None, 0, &[]),
        Deed::Wait { .. } => (6, None, 0, &[]),
        Deed::Finish { .. } => (7, None, 0, &[]),
    };
    let place = |p: &Point| [p.x as f32 / step.width.max(1) as f32, p.y as f32 / step.height.max(1) as f32];
    if let (Some(first), Some(last)) = (deed.points().first(), deed.points().last()) {
        numbers[1..3].copy_from_slice(&place(first));
        numbers[3..5].copy_from_slice(&place(last));
    }
    (numbers[0], numbers[5], numbers[6]) = (kind as f32, button.map_or(0.0, button_number), count as f32);
    for (number, name) in numbers[9..].iter_mut().zip(&ACTION[9..]) {
        *number = f32::from(u8::from(modifiers.iter().any(|m| m == name)));
    }
    numbers
}

fn button_number(button: Button) -> f32 {
    match button {
        Button::Left => 1.0,
        Button::Middle => 2.0,
        Button::Right => 3.0,
        Button::Back => 4.0,
        Button::Forward => 5.0,
        Button::Other(_) => 6.0,
    }
}

/// A Parquet file of these columns.
pub(super) fn writer(file: File, schema: Schema) -> Result<ArrowWriter<File>, ExportError> {
    let properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .build();
    Ok(ArrowWriter::try_new(file, Arc::new(schema), Some(properties))?)
}

fn image_fields() -> Fields {
    Fields::from(vec![Field::new("bytes", DataType::Binary, true), Field::new("path", DataType::Utf8, true)])
}

fn item(kind: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", kind, true))
}

/// The columns of the data files, and the features by which `datasets` knows what they are. Pictures of a video are not
/// in them.
pub(super) fn frames(video: Option<Video>) -> Schema {
    let action = DataType::FixedSizeList(item(DataType::Float32), ACTION.len() as i32);
    let mut fields = vec![
        Field::new("action", action, true),
        Field::new("overt.calls", DataType::Utf8, true),
        Field::new("timestamp", DataType::Float32, true),
    ];
    fields.extend(NUMBERS.map(|name| Field::new(name, DataType::Int64, true)));
    let value = |dtype: &str| json!({"dtype": dtype, "_type": "Value"});
    let mut features = Map::new();
    if video.is_none() {
        fields.push(Field::new(PICTURE, DataType::Struct(image_fields()), true));
        features.insert(PICTURE.to_owned(), json!({"_type": "Image"}));
    }
    features.insert(
        "action".to_owned(),
        json!({"feature": value("float32"), "length": ACTION.len(), "_type": "Sequence"}),
    );
    features.insert("overt.calls".to_owned(), value("string"));
    features.insert("timestamp".to_owned(), value("float32"));
    features.extend(NUMBERS.map(|name| (name.to_owned(), value("int64"))));
    let metadata = json!({"info": {"features": features}}).to_string();
    Schema::new_with_metadata(fields, HashMap::from([("huggingface".to_owned(), metadata)]))
}

/// A frame as a row.
pub(super) fn frame(frame: &Frame<'_>, video: Option<Video>) -> Result<RecordBatch, ExportError> {
    let action = Arc::new(Float32Array::from_iter_values(frame.action));
    let action = FixedSizeListArray::try_new(item(DataType::Float32), ACTION.len() as i32, action, None)?;
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(action),
        Arc::new(StringArray::from(vec![frame.calls])),
        Arc::new(Float32Array::from(vec![frame.timestamp])),
    ];
    columns.extend(frame.numbers().map(|(_, n)| Arc::new(Int64Array::from(vec![n])) as ArrayRef));
    if video.is_none() {
        let png: ArrayRef = Arc::new(BinaryArray::from_vec(vec![frame.png]));
        let path: ArrayRef = Arc::new(StringArray::new_null(1));
        columns.push(Arc::new(StructArray::try_new(image_fields(), vec![png, path], None)?));
    }
    Ok(RecordBatch::try_new(Arc::new(frames(video)), columns)?)
}

/// A pandas table whose index are the tasks: LeRobot looks a task's number up by its words.
pub(super) fn task_columns() -> Schema {
    let column = |name: &str, pandas: &str, numpy: &str| json!({"name": name, "field_name": name, "pandas_type": pandas, "numpy_type": numpy, "metadata": null});
    let pandas = json!({
        "index_columns": ["task"],
        "column_indexes": [{"name": null, "field_name": null, "pandas_type": "unicode", "numpy_type": "object",
            "metadata": {"encoding": "UTF-8"}}],
        "columns": [column("task_index", "int64", "int64"), column("task", "unicode", "object")],
        "creator": {"library": "overt-export", "version": "1"},
        "pandas_version": "2.0.0",
    });
    let fields =
        vec![Field::new("task_index", DataType::Int64, true), Field::new("task", DataType::Utf8, true)];
    Schema::new_with_metadata(fields, HashMap::from([("pandas".to_owned(), pandas.to_string())]))
}

pub(super) fn tasks(tasks: &[String]) -> Result<RecordBatch, ExportError> {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..tasks.len() as i64));
    let words: ArrayRef = Arc::new(StringArray::from_iter_values(tasks));
    Ok(RecordBatch::try_new(Arc::new(task_columns()), vec![numbers, words])?)
}

const EPISODE_NUMBERS: [&str; 8] = [
    "episode_index",
    "length",
    "data/chunk_index",
    "data/file_index",
    "dataset_from_index",
    "dataset_to_index",
    "meta/episodes/chunk_index",
    "meta/episodes/file_index",
];

/// Where an episode's pictures lie in a video.
fn video_columns() -> [Field; 4] {
    let field = |name: &str, kind| Field::new(format!("videos/{PICTURE}/{name}"), kind, true);
    [
        field("chunk_index", DataType::Int64),
        field("file_index", DataType::Int64),
        field("from_timestamp", DataType::Float64),
        field("to_timestamp", DataType::Float64),
    ]
}

pub(super) fn episode_columns(video: Option<Video>) -> Schema {
    let tasks = Field::new("tasks", DataType::List(item(DataType::Utf8)), true);
    let numbers = EPISODE_NUMBERS.map(|name| Field::new(name, DataType::Int64, true));
    let of_video = video.into_iter().flat_map(|_| video_columns());
    Schema::new(numbers.into_iter().chain([tasks]).chain(of_video).collect::<Vec<_>>())
}

pub(super) fn episodes(
    notes: &[EpisodeNote],
    tasks: &[String],
    video: Option<Video>,
) -> Result<RecordBatch, ExportError> {
    let numbers = |note: &EpisodeNote| {
        let to = note.dataset_from_index + note.length;
        [
            note.episode_index,
            note.length,
            note.chunk_index,
            note.file_index,
            note.dataset_from_index,
            to,
            0,
            0,
        ]
    };
    let mut columns: Vec<ArrayRef> = (0..EPISODE_NUMBERS.len())
        .map(|i| Arc::new(Int64Array::from_iter_values(notes.iter().map(|n| numbers(n)[i]))) as ArrayRef)
        .collect();
    let mut words = ListBuilder::new(StringBuilder::new());
    for note in notes {
        words.append_value([tasks.get(note.task_index as usize)]);
    }
    columns.push(Arc::new(words.finish()));
    if video.is_some() {
        let whole = |of: fn(&EpisodeNote) -> i64| Int64Array::from_iter_values(notes.iter().map(of));
        let secs = |of: fn(&EpisodeNote) -> i64| {
            Float64Array::from_iter_values(notes.iter().map(|note| of(note) as f64))
        };
        columns.push(Arc::new(whole(|note| note.chunk_index)));
        columns.push(Arc::new(whole(|note| note.file_index)));
        columns.push(Arc::new(secs(|note| note.video_from_secs)));
        columns.push(Arc::new(secs(|note| note.video_from_secs + note.length / FPS)));
    }
    Ok(RecordBatch::try_new(Arc::new(episode_columns(video)), columns)?)
}

/// The pictures as a feature. A video's sides are even.
fn picture((width, height): (i32, i32), video: Option<Video>) -> Value {
    let names = ["height", "width", "channels"];
    let Some(video) = video else {
        return json!({"dtype": "image", "shape": [height, width, 3], "names": names});
    };
    let (width, height) = (width + width % 2, height + height % 2);
    json!({
        "dtype": "video",
        "shape": [height, width, 3],
        "names": names,
        "info": {
            "video.height": height,
            "video.width": width,
            "video.codec": video.codec(),
            "video.pix_fmt": "yuv420p",
            "video.is_depth_map": false,
            "video.fps": FPS,
            "video.channels": 3,
            "has_audio": false,
        },
    })
}

/// `meta/info.json`.
pub(super) fn info(totals: &Totals) -> Value {
    let feature = |dtype: &str| json!({"dtype": dtype, "shape": [1], "names": null});
    let mut features = Map::new();
    features.insert(PICTURE.to_owned(), picture(totals.size, totals.video));
    features
        .insert("action".to_owned(), json!({"dtype": "float32", "shape": [ACTION.len()], "names": ACTION}));
    features.insert("overt.calls".to_owned(), feature("string"));
    features.insert("timestamp".to_owned(), feature("float32"));
    features.extend(NUMBERS.map(|name| (name.to_owned(), feature("int64"))));
    json!({
        "codebase_version": "v3.0",
        "robot_type": "desktop",
        "total_episodes": totals.episodes,
        "total_frames": totals.frames,
        "total_tasks": totals.tasks,
        "chunks_size": 1000,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 200,
        "fps": FPS,
        "splits": {"train": format!("0:{}", totals.episodes)},
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": totals.video.map(|_| "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"),
        "features": features,
    })
}

//! The rows of the tables as types: what [`crate::read_steps`] and [`crate::read_episodes`] give.

use overt_event::{Point, Rect};
use serde::Serialize;

/// One row of `steps.parquet`; columns as in docs/spec/dataset.md, section 3. `None` and empty lists stand for
/// null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
    pub monitor: i32,
    pub width: i32,
    pub height: i32,
    pub x: Option<i32>,
    pub y: Option<i32>,
    pub button: Option<String>,
    pub count: Option<i32>,
    pub modifiers: Vec<String>,
    pub path: Vec<Point>,
    pub dx_notch: Option<f64>,
    pub dy_notch: Option<f64>,
    pub dx_px: Option<i32>,
    pub dy_px: Option<i32>,
    pub keys: Vec<String>,
    pub text: Option<String>,
    pub text_masked: Option<bool>,
    pub text_shape: Option<ShapeCell>,
    pub edits: Vec<EditCell>,
    pub finish_reason: Option<String>,
    pub element: Option<ElementCell>,
    pub intents: Vec<IntentCell>,
    /// PNG; not in what is serialised.
    #[serde(skip)]
    pub image_before: Option<Vec<u8>>,
    pub frame_margin_millis: Option<f64>,
    pub frame_before_damage_unseen: Option<bool>,
    pub frame_before_missing: Option<String>,
    /// PNG; not in what is serialised.
    #[serde(skip)]
    pub image_after: Option<Vec<u8>>,
    pub frame_after_timed_out: Option<bool>,
    pub frame_after_missing: Option<String>,
    /// Parents before children. Empty both where there was no snapshot and where it found nothing: the two differ
    /// in `elements_completeness`.
    pub elements_before: Vec<NodeCell>,
    pub elements_completeness: Option<String>,
    pub elements_age_millis: Option<i64>,
    pub window_before: Option<WindowCell>,
    pub window_after: Option<WindowCell>,
    pub injected: bool,
    pub idle_before_millis: i64,
    /// It repeats the step before it.
    pub near_duplicate: bool,
    pub events: Vec<i64>,
    pub segments: Vec<i32>,
}

impl StepRow {
    /// Where the pointer acted; for a drag, where it was pressed.
    pub fn at(&self) -> Option<Point> {
        self.x.zip(self.y).map(|(x, y)| Point { x, y })
    }
}

/// What is left of a masked text: how many characters of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShapeCell {
    pub letters: i32,
    pub digits: i32,
    pub others: i32,
}

/// One edit inside a run of typing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EditCell {
    /// From the start of the run, in whole 100 ms.
    pub after_millis: i64,
    pub inserted: String,
    /// Characters taken back before anything is inserted.
    pub deleted: i32,
}

/// The element acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ElementCell {
    pub role: String,
    pub name: String,
    pub states: Vec<String>,
    /// On the picture.
    pub bounds: Rect,
    /// Elements with the same identity; 1 where it is the only one.
    pub candidates: i32,
    pub completeness: String,
    /// Nearest first.
    pub ancestors: Vec<AncestorCell>,
}

/// An element that contains another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AncestorCell {
    pub role: String,
    pub name: String,
    /// On the picture.
    pub bounds: Rect,
}

/// A visible element of the window before the action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NodeCell {
    pub role: String,
    pub name: String,
    pub states: Vec<String>,
    /// On the picture.
    pub bounds: Rect,
    /// Index of its parent in the list.
    pub parent: Option<i32>,
}

/// A top-level window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WindowCell {
    pub kind: String,
    pub app: Option<String>,
    pub title: Option<String>,
    pub url: Option<String>,
    /// On the picture.
    pub bounds: Rect,
}

/// What an action was for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IntentCell {
    pub kind: String,
    pub path: Vec<String>,
    pub option: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub by: Option<String>,
}

/// The parts of an episode's quality, from 0 to 1; `None` where there was nothing to measure (docs/spec/dataset.md,
/// section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct QualityCell {
    pub observed: Option<f64>,
    pub on_target: Option<f64>,
    pub settled: Option<f64>,
    pub distinct: Option<f64>,
    pub sound: Option<f64>,
    pub kept: Option<f64>,
}

/// One row of `episodes.parquet`; columns as in docs/spec/dataset.md, section 4.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EpisodeRow {
    pub recording: String,
    pub episode: i32,
    pub split: String,
    pub marked: bool,
    pub instruction: Option<String>,
    pub outcome: Option<String>,
    pub ended_by: String,
    /// As those of steps; of the recording's first episode mostly below 0.
    pub t_start_millis: i64,
    pub t_end_millis: i64,
    pub steps: i32,
    /// Its first row among the steps; `None` without steps.
    pub row_first: Option<i64>,
    /// It is not whole.
    pub cut: bool,
    /// The product of the parts; `None` without steps.
    pub quality: Option<f64>,
    pub quality_parts: QualityCell,
    pub segments: Vec<i32>,
}

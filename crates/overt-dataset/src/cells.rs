//! From a row of a batch to its type.

use std::sync::Arc;

use arrow_array::RecordBatch;
use overt_event::{Point, Rect};

use crate::arrays::value_at;
use crate::read::Descent;
use crate::rows::{
    AncestorCell, EditCell, ElementCell, EpisodeRow, IntentCell, NodeCell, QualityCell, ShapeCell, StepRow,
    WindowCell,
};
use crate::value::Value;

/// One row of a batch. Columns are found by their names; one that is not there is null.
pub(crate) struct Cells<'a> {
    pub(crate) batch: &'a RecordBatch,
    pub(crate) row: usize,
}

impl Cells<'_> {
    fn get(&self, column: &str) -> Value {
        self.batch.column_by_name(column).map_or(Value::Null, |array| value_at(array, self.row))
    }

    fn int(&self, column: &str) -> Option<i64> {
        int(self.get(column))
    }

    fn small(&self, column: &str) -> Option<i32> {
        small(self.get(column))
    }

    fn float(&self, column: &str) -> Option<f64> {
        float(self.get(column))
    }

    fn flag(&self, column: &str) -> Option<bool> {
        if let Value::Bool(b) = self.get(column) { Some(b) } else { None }
    }

    fn text(&self, column: &str) -> Option<String> {
        text(self.get(column))
    }

    fn list<T>(&self, column: &str, item: impl Fn(Fields) -> T) -> Vec<T> {
        items(self.get(column)).into_iter().map(|value| item(Fields::of(value))).collect()
    }

    fn nested<T>(&self, column: &str, cell: impl Fn(Fields) -> T) -> Option<T> {
        if let Value::Struct(all) = self.get(column) { Some(cell(Fields(all.into_iter()))) } else { None }
    }

    /// A picture's bytes.
    fn picture(&self, column: &str) -> Option<Vec<u8>> {
        self.nested(column, |mut fields| match fields.next() {
            Value::Bytes(bytes) => Some(Arc::unwrap_or_clone(bytes)),
            _ => None,
        })?
    }

    pub(crate) fn descent(&self) -> Option<Descent> {
        let segment = self.text("segment")?.parse().ok()?;
        Some(Descent { table: self.text("table")?, row: self.int("row")?, segment })
    }

    pub(crate) fn step(&self) -> StepRow {
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
            monitor: self.small("monitor").unwrap_or_default(),
            width: self.small("width").unwrap_or_default(),
            height: self.small("height").unwrap_or_default(),
            x: self.small("x"),
            y: self.small("y"),
            button: self.text("button"),
            count: self.small("count"),
            modifiers: texts(self.get("modifiers")),
            path: self.list("path", point),
            dx_notch: self.float("dx_notch"),
            dy_notch: self.float("dy_notch"),
            dx_px: self.small("dx_px"),
            dy_px: self.small("dy_px"),
            keys: texts(self.get("keys")),
            text: self.text("text"),
            text_masked: self.flag("text_masked"),
            text_shape: self.nested("text_shape", shape),
            edits: self.list("edits", edit),
            finish_reason: self.text("finish_reason"),
            element: self.nested("element", element),
            intents: self.list("intents", intent),
            image_before: self.picture("image_before"),
            frame_margin_millis: self.float("frame_margin_millis"),
            frame_before_damage_unseen: self.flag("frame_before_damage_unseen"),
            frame_before_missing: self.text("frame_before_missing"),
            image_after: self.picture("image_after"),
            frame_after_timed_out: self.flag("frame_after_timed_out"),
            frame_after_missing: self.text("frame_after_missing"),
            elements_before: self.list("elements_before", node),
            elements_completeness: self.text("elements_completeness"),
            elements_age_millis: self.int("elements_age_millis"),
            window_before: self.nested("window_before", window),
            window_after: self.nested("window_after", window),
            injected: self.flag("injected").unwrap_or_default(),
            idle_before_millis: self.int("idle_before_millis").unwrap_or_default(),
            near_duplicate: self.flag("near_duplicate").unwrap_or_default(),
            events: items(self.get("events")).into_iter().filter_map(int).collect(),
            segments: items(self.get("segments")).into_iter().filter_map(small).collect(),
        }
    }

    pub(crate) fn episode(&self) -> EpisodeRow {
        EpisodeRow {
            recording: self.text("recording").unwrap_or_default(),
            episode: self.small("episode").unwrap_or_default(),
            split: self.text("split").unwrap_or_default(),
            marked: self.flag("marked").unwrap_or_default(),
            instruction: self.text("instruction"),
            outcome: self.text("outcome"),
            ended_by: self.text("ended_by").unwrap_or_default(),
            t_start_millis: self.int("t_start_millis").unwrap_or_default(),
            t_end_millis: self.int("t_end_millis").unwrap_or_default(),
            steps: self.small("steps").unwrap_or_default(),
            row_first: self.int("row_first"),
            cut: self.flag("cut").unwrap_or_default(),
            quality: self.float("quality"),
            quality_parts: self.nested("quality_parts", quality).unwrap_or_default(),
            segments: items(self.get("segments")).into_iter().filter_map(small).collect(),
        }
    }
}

/// The fields of a struct, taken one after the other in the order of `crate::columns`.
struct Fields(std::vec::IntoIter<Value>);

impl Fields {
    fn of(value: Value) -> Self {
        let all = if let Value::Struct(all) = value { all } else { Vec::new() };
        Self(all.into_iter())
    }

    fn next(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Null)
    }

    fn small(&mut self) -> i32 {
        small(self.next()).unwrap_or_default()
    }

    fn text(&mut self) -> String {
        text(self.next()).unwrap_or_default()
    }

    fn bounds(&mut self) -> Rect {
        Rect { x: self.small(), y: self.small(), w: self.small(), h: self.small() }
    }
}

fn point(mut f: Fields) -> Point {
    Point { x: f.small(), y: f.small() }
}

fn shape(mut f: Fields) -> ShapeCell {
    ShapeCell { letters: f.small(), digits: f.small(), others: f.small() }
}

fn edit(mut f: Fields) -> EditCell {
    EditCell { after_millis: int(f.next()).unwrap_or_default(), inserted: f.text(), deleted: f.small() }
}

fn element(mut f: Fields) -> ElementCell {
    ElementCell {
        role: f.text(),
        name: f.text(),
        states: texts(f.next()),
        bounds: f.bounds(),
        candidates: f.small(),
        completeness: f.text(),
        ancestors: items(f.next()).into_iter().map(|value| ancestor(Fields::of(value))).collect(),
    }
}

fn ancestor(mut f: Fields) -> AncestorCell {
    AncestorCell { role: f.text(), name: f.text(), bounds: f.bounds() }
}

fn node(mut f: Fields) -> NodeCell {
    NodeCell {
        role: f.text(),
        name: f.text(),
        states: texts(f.next()),
        bounds: f.bounds(),
        parent: small(f.next()),
    }
}

fn window(mut f: Fields) -> WindowCell {
    WindowCell {
        kind: f.text(),
        app: text(f.next()),
        title: text(f.next()),
        url: text(f.next()),
        bounds: f.bounds(),
    }
}

fn intent(mut f: Fields) -> IntentCell {
    IntentCell {
        kind: f.text(),
        path: texts(f.next()),
        option: text(f.next()),
        from: text(f.next()),
        to: text(f.next()),
        by: text(f.next()),
    }
}

fn quality(mut f: Fields) -> QualityCell {
    let mut part = || float(f.next());
    QualityCell {
        observed: part(),
        on_target: part(),
        settled: part(),
        distinct: part(),
        sound: part(),
        kept: part(),
    }
}

fn float(value: Value) -> Option<f64> {
    if let Value::Float(x) = value { Some(x) } else { None }
}

fn int(value: Value) -> Option<i64> {
    if let Value::Int(n) = value { Some(n) } else { None }
}

fn small(value: Value) -> Option<i32> {
    int(value).and_then(|n| i32::try_from(n).ok())
}

fn text(value: Value) -> Option<String> {
    if let Value::Text(s) = value { Some(s) } else { None }
}

fn items(value: Value) -> Vec<Value> {
    if let Value::List(all) = value { all } else { Vec::new() }
}

fn texts(value: Value) -> Vec<String> {
    items(value).into_iter().filter_map(text).collect()
}

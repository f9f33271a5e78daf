//! The columns of the three tables (docs/spec/dataset.md, sections 3 to 5).

use crate::score::PARTS;
use crate::value::{Columns, Kind};
use Kind::{Bool, Float64, Image, Int32, Int64, Text};

fn list(item: Kind) -> Kind {
    Kind::List(Box::new(item))
}

fn bounds() -> [(&'static str, Kind); 4] {
    [("x", Int32), ("y", Int32), ("w", Int32), ("h", Int32)]
}

fn with_bounds(first: Columns, last: Columns) -> Kind {
    Kind::Struct(first.into_iter().chain(bounds()).chain(last).collect())
}

fn element() -> Kind {
    let ancestor = with_bounds(vec![("role", Text), ("name", Text)], vec![]);
    with_bounds(
        vec![("role", Text), ("name", Text), ("states", list(Text))],
        vec![("candidates", Int32), ("completeness", Text), ("ancestors", list(ancestor))],
    )
}

fn node() -> Kind {
    with_bounds(vec![("role", Text), ("name", Text), ("states", list(Text))], vec![("parent", Int32)])
}

fn window() -> Kind {
    with_bounds(vec![("kind", Text), ("app", Text), ("title", Text), ("url", Text)], vec![])
}

fn intent() -> Kind {
    let texts = ["option", "from", "to", "by"].map(|name| (name, Text));
    Kind::Struct([("kind", Text), ("path", list(Text))].into_iter().chain(texts).collect())
}

/// `steps.parquet`.
pub(crate) fn steps() -> Columns {
    let mut all = place_columns();
    all.extend(action_columns());
    all.extend(scene_columns());
    all
}

fn place_columns() -> Columns {
    vec![
        ("row", Int64),
        ("recording", Text),
        ("episode", Int32),
        ("step", Int32),
        ("split", Text),
        ("kind", Text),
        ("t_start_millis", Int64),
        ("t_end_millis", Int64),
        ("app", Text),
        ("monitor", Int32),
        ("width", Int32),
        ("height", Int32),
    ]
}

fn action_columns() -> Columns {
    let point = Kind::Struct(vec![("x", Int32), ("y", Int32)]);
    let shape = Kind::Struct(vec![("letters", Int32), ("digits", Int32), ("others", Int32)]);
    let edit = Kind::Struct(vec![("after_millis", Int64), ("inserted", Text), ("deleted", Int32)]);
    vec![
        ("x", Int32),
        ("y", Int32),
        ("button", Text),
        ("count", Int32),
        ("modifiers", list(Text)),
        ("path", list(point)),
        ("dx_notch", Float64),
        ("dy_notch", Float64),
        ("dx_px", Int32),
        ("dy_px", Int32),
        ("keys", list(Text)),
        ("text", Text),
        ("text_masked", Bool),
        ("text_shape", shape),
        ("edits", list(edit)),
        ("finish_reason", Text),
    ]
}

fn scene_columns() -> Columns {
    vec![
        ("element", element()),
        ("intents", list(intent())),
        ("image_before", Image),
        ("frame_margin_millis", Float64),
        ("frame_before_damage_unseen", Bool),
        ("frame_before_missing", Text),
        ("image_after", Image),
        ("frame_after_timed_out", Bool),
        ("frame_after_missing", Text),
        ("elements_before", list(node())),
        ("elements_completeness", Text),
        ("elements_age_millis", Int64),
        ("window_before", window()),
        ("window_after", window()),
        ("injected", Bool),
        ("idle_before_millis", Int64),
        ("near_duplicate", Bool),
        ("events", list(Int64)),
        ("segments", list(Int32)),
    ]
}

/// `episodes.parquet`.
pub(crate) fn episodes() -> Columns {
    vec![
        ("recording", Text),
        ("episode", Int32),
        ("split", Text),
        ("marked", Bool),
        ("instruction", Text),
        ("outcome", Text),
        ("ended_by", Text),
        ("t_start_millis", Int64),
        ("t_end_millis", Int64),
        ("steps", Int32),
        ("row_first", Int64),
        ("cut", Bool),
        ("quality", Float64),
        ("quality_parts", Kind::Struct(PARTS.map(|part| (part, Float64)).to_vec())),
        ("segments", list(Int32)),
    ]
}

/// `lineage.parquet`.
pub(crate) fn lineage() -> Columns {
    vec![
        ("table", Text),
        ("row", Int64),
        ("recording", Text),
        ("segment", Text),
        ("sequence", Int32),
        ("sha256", Text),
    ]
}

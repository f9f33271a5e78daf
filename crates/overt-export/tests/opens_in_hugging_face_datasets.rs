//! `load_dataset` opens the export's folder: splits, pictures as pictures, values as they are.

mod support;

use std::path::Path;
use std::process::Command;

use overt_dataset::StepRow;
use overt_export::Format;
use serde_json::{Value, json};
use support::{Made, picture};

fn expected(row: &StepRow) -> Value {
    json!({
        "row": row.row,
        "kind": row.kind,
        "x": row.x,
        "button": row.button,
        "text": row.text,
        "t_start_millis": row.t_start_millis,
        "frame_margin_millis": row.frame_margin_millis,
        "instruction": "Put the letter away",
        "outcome": null,
        "image_before": row.image_before.as_ref().map(|png| picture(png)),
        "image_after": row.image_after.as_ref().map(|png| picture(png)),
    })
}

#[test]
fn a_folder_is_a_data_set() {
    let python = overt_sim::python::with_datasets().expect("datasets from PyPI");
    let made = Made::session();
    let (out, report) = made.export(Format::HuggingFace, None);
    let rows: Vec<Value> = made.rows().iter().map(expected).collect();
    assert_eq!((report.exported, report.losses.iter().count()), (rows.len() as u64, 0));
    let place = tempfile::tempdir().expect("a folder");
    let list = place.path().join("expected.json");
    std::fs::write(&list, json!({"train": rows}).to_string()).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opens_in_hugging_face_datasets.py");
    support::run(
        Command::new(python)
            .arg(script)
            .args([&out, &list])
            .env("HF_HOME", place.path().join("cache"))
            .env("HF_HUB_OFFLINE", "1")
            .env("HF_DATASETS_OFFLINE", "1"),
    );
}

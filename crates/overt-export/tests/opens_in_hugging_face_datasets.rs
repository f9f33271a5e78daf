//! `load_dataset` opens the export's folder: splits, pictures as pictures, values as they are.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use overt_dataset::StepRow;
use overt_export::Format;
use serde_json::{Value, json};
use support::{Made, episode, picture};

fn expected(row: &StepRow, instruction: Option<&str>) -> Value {
    json!({
        "row": row.row,
        "kind": row.kind,
        "x": row.x,
        "button": row.button,
        "text": row.text,
        "t_start_millis": row.t_start_millis,
        "frame_margin_millis": row.frame_margin_millis,
        "instruction": instruction,
        "outcome": null,
        "image_before": row.image_before.as_ref().map(|png| picture(png)),
        "image_after": row.image_after.as_ref().map(|png| picture(png)),
    })
}

fn check(made: &Made) {
    let python = overt_sim::python::with_datasets().expect("datasets from PyPI");
    let (out, report) = made.export(Format::HuggingFace, None);
    let instructions = made.instructions();
    let told = |row: &StepRow| expected(row, instructions[&episode(row)].as_deref());
    let splits: BTreeMap<String, Vec<Value>> =
        made.splits().into_iter().map(|(split, rows)| (split, rows.iter().map(told).collect())).collect();
    let rows: usize = splits.values().map(Vec::len).sum();
    assert_eq!((report.exported, report.losses.iter().count()), (rows as u64, 0));
    let place = tempfile::tempdir().expect("a folder");
    let list = place.path().join("expected.json");
    std::fs::write(&list, json!(splits).to_string()).expect("a file");
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

#[test]
fn a_folder_is_a_data_set() {
    check(&Made::session());
}

#[test]
fn every_split_is_a_file_though_rows_are_read_across_them() {
    let made = Made::of_two_splits();
    let splits: Vec<String> = made.rows().into_iter().map(|row| row.split).collect();
    assert!(
        splits.len() > 16 && splits[..16].iter().any(|split| *split != splits[0]),
        "sixteen are read at once"
    );
    check(&made);
}

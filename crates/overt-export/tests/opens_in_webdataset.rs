//! WebDataset itself reads the tar files, sample by sample, with the values of the rows.

mod support;

use std::path::Path;
use std::process::Command;

use overt_dataset::StepRow;
use overt_export::{Deed, Format, Loss, Space};
use overt_format::sha256;
use serde_json::{Value, json};
use support::Made;

fn expected(row: &StepRow) -> Option<Value> {
    let png = row.image_before.as_ref()?;
    let said = Deed::of(row, None).and_then(|deed| Space::Anthropic.render(&deed, 320, 240)).ok()?;
    let mut step = json!({
        "kind": row.kind,
        "x": row.x,
        "path": row.path,
        "keys": row.keys,
        "text": row.text,
        "instruction": "Put the letter away",
        "outcome": null,
        "calls": said.calls,
    });
    step["element"] = row.element.as_ref().map_or(Value::Null, |e| {
        json!({"role": e.role, "name": e.name, "states": e.states, "bounds": e.bounds, "candidates": e.candidates,
            "completeness": e.completeness, "ancestors": []})
    });
    let mut pictures = json!({"png": sha256(png).to_string()});
    if let Some(after) = &row.image_after {
        pictures["after.png"] = sha256(after).to_string().into();
    }
    Some(json!({"key": format!("{:08}", row.row), "pictures": pictures, "step": step}))
}

#[test]
fn samples_are_whole_and_in_order() {
    let python = overt_sim::python::with_webdataset().expect("webdataset from PyPI");
    let made = Made::session();
    let (out, report) = made.export(Format::Webdataset, Some(Space::Anthropic));
    let (with_after, without): (Vec<_>, Vec<_>) =
        made.rows().into_iter().partition(|row| row.image_after.is_some());
    let all = [("train-000000.tar", with_after), ("train-before-only-000000.tar", without)];
    let all = all.map(|(file, rows)| (file, rows.iter().filter_map(expected).collect::<Vec<Value>>()));
    let samples: usize = all.iter().map(|(_, expected)| expected.len()).sum();
    assert_eq!((report.exported, report.losses.of(Loss::ExtraButton)), (samples as u64, 1));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opens_in_webdataset.py");
    for (file, expected) in all {
        assert_eq!(out.join(file).exists(), !expected.is_empty(), "{file}");
        if !expected.is_empty() {
            let list = out.join("expected.json");
            std::fs::write(&list, serde_json::to_vec(&expected).expect("JSON")).expect("a file");
            support::run(Command::new(&python).arg(&script).arg(out.join(file)).arg(list));
        }
    }
}

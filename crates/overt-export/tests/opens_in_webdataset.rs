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
    Some(json!({"key": format!("{:08}", row.row), "png": sha256(png).to_string(), "step": step}))
}

#[test]
fn samples_are_whole_and_in_order() {
    let python = overt_sim::python::with_webdataset().expect("webdataset from PyPI");
    let made = Made::session();
    let (out, report) = made.export(Format::Webdataset, Some(Space::Anthropic));
    let expected: Vec<Value> = made.rows().iter().filter_map(expected).collect();
    assert_eq!((report.exported, report.losses.of(Loss::ExtraButton)), (expected.len() as u64, 1));
    let list = out.join("expected.json");
    std::fs::write(&list, serde_json::to_vec(&expected).expect("JSON")).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opens_in_webdataset.py");
    support::run(Command::new(python).arg(script).arg(out.join("train-000000.tar")).arg(list));
}

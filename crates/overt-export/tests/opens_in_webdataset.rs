//! WebDataset itself reads the tar files, sample by sample, with the values of the rows.

mod support;

use std::path::Path;
use std::process::Command;

use overt_dataset::StepRow;
use overt_export::{Deed, ExportReport, Format, Loss, Space};
use overt_format::sha256;
use serde_json::{Value, json};
use support::{Made, episode};

fn expected(row: &StepRow, instruction: Option<&str>) -> Option<Value> {
    let png = row.image_before.as_ref()?;
    let said = Deed::of(row, None).and_then(|deed| Space::Anthropic.render(&deed, 320, 240)).ok()?;
    let mut step = json!({
        "kind": row.kind,
        "x": row.x,
        "path": row.path,
        "keys": row.keys,
        "text": row.text,
        "instruction": instruction,
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

/// Reads all tar files of a split. Gives how many samples they must hold.
fn check_split(made: &Made, out: &Path, split: &str, rows: Vec<StepRow>) -> usize {
    let python = overt_sim::python::with_webdataset().expect("webdataset from PyPI");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opens_in_webdataset.py");
    let instructions = made.instructions();
    let told = |row: &StepRow| expected(row, instructions[&episode(row)].as_deref());
    let (with_after, without): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.image_after.is_some());
    let all = [("", with_after), ("before-only-", without)];
    let mut samples = 0;
    for (kind, rows) in all {
        let file = out.join(format!("{split}-{kind}000000.tar"));
        let expected: Vec<Value> = rows.iter().filter_map(told).collect();
        samples += expected.len();
        assert_eq!(file.exists(), !expected.is_empty(), "{split} {kind}");
        if !expected.is_empty() {
            let list = out.join("expected.json");
            std::fs::write(&list, serde_json::to_vec(&expected).expect("JSON")).expect("a file");
            support::run(Command::new(&python).arg(&script).arg(file).arg(list));
        }
    }
    samples
}

fn check(made: &Made) -> ExportReport {
    let (out, report) = made.export(Format::Webdataset, Some(Space::Anthropic));
    let samples: usize =
        made.splits().into_iter().map(|(split, rows)| check_split(made, &out, &split, rows)).sum();
    assert_eq!(report.exported, samples as u64);
    report
}

#[test]
fn samples_are_whole_and_in_order() {
    assert_eq!(check(&Made::session()).losses.of(Loss::ExtraButton), 1);
}

#[test]
fn every_split_has_files_of_its_own() {
    let made = Made::of_two_splits();
    assert_eq!(made.splits().len(), 2);
    check(&made);
}

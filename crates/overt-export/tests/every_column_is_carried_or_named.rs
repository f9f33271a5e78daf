//! Of every column of the data set an export holds the values, or its report names it.

mod support;

use std::fs::File;
use std::path::Path;

use arrow_schema::DataType;
use overt_export::{Format, LOSSES_FILE, LOSSES_PAGE};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use support::{Made, json_file, space_for};

/// The columns of a table, each with its fields where it is of structs or of lists of them.
fn columns(table: &Path) -> Vec<(String, Vec<String>)> {
    let file = File::open(table).expect("a table");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("it opens");
    let fields = |data_type: &DataType| match data_type {
        DataType::Struct(fields) => fields.iter().map(|field| field.name().clone()).collect(),
        _ => Vec::new(),
    };
    let column = |data_type: &DataType| match data_type {
        DataType::List(item) => fields(item.data_type()),
        other => fields(other),
    };
    builder.schema().fields().iter().map(|f| (f.name().clone(), column(f.data_type()))).collect()
}

/// Names with those of whole columns as the names of all their fields, sorted.
fn in_full(names: &[impl AsRef<str>], columns: &[(String, Vec<String>)]) -> Vec<String> {
    let full = |name: &str| match columns.iter().find(|(column, _)| column == name) {
        Some((column, fields)) if !fields.is_empty() => {
            fields.iter().map(|field| format!("{column}.{field}")).collect()
        }
        _ => vec![name.to_owned()],
    };
    let mut all: Vec<String> = names.iter().flat_map(|name| full(name.as_ref())).collect();
    all.sort();
    all
}

#[test]
fn none_is_forgotten_and_none_is_in_both_lists() {
    let made = Made::session();
    let columns = columns(&made.dataset().join(overt_dataset::STEPS_FILE));
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    for format in Format::ALL {
        let (out, report) = made.export(format, space_for(format));
        assert_eq!(
            json_file(&out.join(LOSSES_FILE))["columns_not_carried"],
            json!(report.columns_not_carried)
        );
        let mut both = format.columns_carried().unwrap_or_else(|| names.clone());
        both.extend(report.columns_not_carried.iter().map(String::as_str));
        assert_eq!(in_full(&both, &columns), in_full(&names, &columns), "{}", format.name());
    }
}

#[test]
fn formats_that_carry_all_hold_every_column() {
    let made = Made::session();
    let columns = columns(&made.dataset().join(overt_dataset::STEPS_FILE));
    let (out, report) = made.export(Format::HuggingFace, None);
    let held = self::columns(&out.join("data/train-00000-of-00001.parquet"));
    assert!(report.columns_not_carried.is_empty() && columns.iter().all(|column| held.contains(column)));
    let (out, report) = made.export(Format::Webdataset, None);
    let mut tar = tar::Archive::new(File::open(out.join("train-000000.tar")).expect("a tar file"));
    let mut members = tar.entries().expect("members").map(|member| member.expect("a member"));
    let text = members.find(|m| m.path().expect("a name").extension().is_some_and(|e| e == "json"));
    let sample: Value = serde_json::from_reader(text.expect("a text")).expect("JSON");
    // Pictures are members of their own.
    let held = |name: &str| name.starts_with("image_") || sample.get(name).is_some();
    assert!(report.columns_not_carried.is_empty() && columns.iter().all(|(name, _)| held(name)));
}

#[test]
fn the_report_names_columns_and_fields_for_programs_and_people() {
    let made = Made::session();
    let (out, report) = made.export(Format::Owamcap, None);
    let named = [
        "episode",
        "step",
        "app",
        "monitor",
        "dx_px",
        "dy_px",
        "text_masked",
        "text_shape",
        "finish_reason",
        "element",
        "intents",
        "frame_before_damage_unseen",
        "frame_before_missing",
        "image_after",
        "frame_after_timed_out",
        "frame_after_missing",
        "elements_before",
        "elements_completeness",
        "elements_age_millis",
        "window_before.kind",
        "window_before.app",
        "window_before.url",
        "window_after",
        "injected",
        "idle_before_millis",
        "near_duplicate",
        "events",
        "segments",
    ];
    assert_eq!(report.columns_not_carried, named);
    let page = std::fs::read_to_string(out.join(LOSSES_PAGE)).expect("a page");
    assert!(page.contains(&format!("has no place for: {}.", named.join(", "))), "{page}");
}

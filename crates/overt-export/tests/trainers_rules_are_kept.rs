//! Formats without a light loader: their written rules, checked, and their values compared with the rows.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use overt_dataset::StepRow;
use overt_export::{Deed, Format, LOSSES_FILE, LOSSES_PAGE, Loss, Omitted, Space};
use serde_json::Value;
use support::{Made, json_file, json_lines};

/// What a space says of a row, as the library says it.
fn said(row: &StepRow, space: Space) -> Result<String, Loss> {
    let deed = Deed::of(row, None)?;
    space.render(&deed, row.width as u32, row.height as u32).map(|said| said.calls.join("\n"))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The picture that a line names is the one that the row has.
fn check_picture(out: &Path, name: &str, row: &StepRow) {
    let png = fs::read(out.join(name)).expect("the picture is there");
    assert!(Some(&png) == row.image_before.as_ref(), "row {} has another picture", row.row);
}

#[test]
fn every_step_is_in_the_calls_or_among_the_losses() {
    let made = Made::session();
    let rows = made.rows();
    for space in Space::ALL {
        let (out, report) = made.export(Format::Calls, Some(space));
        let lines = json_lines(&out.join("train.jsonl"));
        let expected: Vec<(i64, String)> =
            rows.iter().filter_map(|row| said(row, space).ok().map(|calls| (row.row, calls))).collect();
        let of_line = |line: &Value| {
            let calls: Vec<&str> = line["calls"].as_array().expect("calls").iter().map(text).collect();
            (line["row"].as_i64().expect("a row"), calls.join("\n"))
        };
        assert_eq!(lines.iter().map(of_line).collect::<Vec<_>>(), expected, "{}", space.name());
        let left_out: u64 = report.losses.iter().filter(|(l, _)| l.leaves_out()).map(|(_, n)| n).sum();
        assert_eq!((report.exported + left_out, report.rows), (rows.len() as u64, rows.len() as u64));
        let file = json_file(&out.join("losses.json"));
        assert_eq!(file["exported"], report.exported);
    }
}

#[test]
fn what_each_space_loses_is_counted_by_its_name() {
    let made = Made::session();
    let losses = |space| made.export(Format::Calls, Some(space)).1.losses;
    let qwen = losses(Space::Qwen25Vl);
    assert_eq!(qwen.of(Loss::Modifiers), 1);
    assert_eq!(qwen.of(Loss::ExtraButton), 1);
    assert_eq!(qwen.of(Loss::DragButton), 1);
    assert_eq!(qwen.of(Loss::HorizontalScroll), 1);
    assert_eq!(qwen.of(Loss::DragPath), 1);
    assert_eq!(qwen.of(Loss::MultiClickRepeated), 1);
    let openai = losses(Space::Openai);
    assert_eq!((openai.of(Loss::Modifiers), openai.of(Loss::ExtraButton)), (0, 0));
    assert_eq!(openai.of(Loss::ScrollPixelsAssumed), 2);
    assert_eq!(losses(Space::UiTars).of(Loss::MiddleButton), 1);
    assert_eq!(losses(Space::Osworld).of(Loss::DragButton), 0);
}

#[test]
fn agentnet_has_states_before_and_an_index_without_gaps() {
    let made = Made::session();
    let rows = made.rows();
    let (out, report) = made.export(Format::Agentnet, None);
    let lines = json_lines(&out.join("train.jsonl"));
    assert_eq!(lines.len(), 1, "one episode");
    assert_eq!(text(&lines[0]["instruction"]), "Put the letter away");
    let steps = lines[0]["traj"].as_array().expect("steps");
    assert_eq!(steps.len() as u64, report.exported);
    for (i, step) in steps.iter().enumerate() {
        assert_eq!(step["index"].as_u64(), Some(i as u64));
        let image = text(&step["image"]);
        assert!(!image.contains('/'), "a bare file name");
        let number: i64 = image.trim_end_matches(".png").parse().expect("the row's number");
        let row = &rows[usize::try_from(number).expect("a row")];
        check_picture(&out, &format!("images/{image}"), row);
        assert_eq!(Ok(text(&step["value"]["code"]).to_owned()), said(row, Space::Opencua));
    }
}

/// Content, and how often each placeholder is in it.
fn check_chat(sample: &Value) -> (&str, &str) {
    let messages = sample["messages"].as_array().expect("messages");
    let roles: Vec<&str> = messages.iter().map(|m| text(&m["role"])).collect();
    assert_eq!(roles, ["user", "assistant"]);
    let (question, answer) = (text(&messages[0]["content"]), text(&messages[1]["content"]));
    let images = sample["images"].as_array().expect("always a list");
    assert_eq!((question.to_owned() + answer).matches("<image>").count(), images.len());
    assert!(!answer.is_empty());
    (question, answer)
}

fn check_samples(out: &Path, lines: &[Value], rows: &[StepRow], space: Space) {
    let by_row: BTreeMap<i64, &StepRow> = rows.iter().map(|row| (row.row, row)).collect();
    for line in lines {
        let (question, answer) = check_chat(line);
        assert!(question.starts_with("<image>\nTask: Put the letter away\n"), "{question}");
        let image = text(&line["images"][0]);
        let number = image.trim_start_matches("images/").trim_end_matches(".png").parse().expect("a row");
        check_picture(out, image, by_row[&number]);
        assert_eq!(Ok(answer.to_owned()), said(by_row[&number], space));
    }
}

#[test]
fn ms_swift_counts_its_placeholders_and_boxes() {
    let made = Made::session();
    let (out, report) = made.export(Format::MsSwift, Some(Space::Qwen3Vl));
    let lines = json_lines(&out.join("train.jsonl"));
    assert_eq!(lines.len() as u64, report.exported);
    check_samples(&out, &lines, &made.rows(), Space::Qwen3Vl);
    let located = json_lines(&out.join("grounding-train.jsonl"));
    assert_eq!(located.len(), 1);
    let (question, answer) = check_chat(&located[0]);
    let objects = &located[0]["objects"];
    let placeholders = |word: &str| (question.to_owned() + answer).matches(word).count();
    assert_eq!(placeholders("<bbox>"), objects["bbox"].as_array().expect("boxes").len());
    assert_eq!(placeholders("<ref-object>"), objects["ref"].as_array().expect("names").len());
    assert_eq!(text(&objects["bbox_type"]), "real");
    assert_eq!(objects["bbox"][0], serde_json::json!([20, 10, 80, 40]));
    assert_eq!(text(&objects["ref"][0]), "push button \"Open\"");
}

#[test]
fn llama_factory_finds_its_files_and_alternating_roles() {
    let made = Made::session();
    let (out, report) = made.export(Format::LlamaFactory, Some(Space::UiTars15));
    let info = json_file(&out.join("dataset_info.json"));
    let entry = &info["overt_train"];
    assert_eq!((text(&entry["formatting"]), text(&entry["columns"]["images"])), ("sharegpt", "images"));
    let lines = json_lines(&out.join(text(&entry["file_name"])));
    assert_eq!(lines.len() as u64, report.exported);
    check_samples(&out, &lines, &made.rows(), Space::UiTars15);
}

#[test]
fn grounding_has_boxes_in_pixels_with_what_stands_in_them() {
    let made = Made::session();
    let (out, report) = made.export(Format::Grounding, None);
    let list = json_file(&out.join("train.json"));
    let lines = list.as_array().expect("a list");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["bbox"], serde_json::json!([20, 10, 60, 30]));
    assert_eq!(text(&lines[0]["instruction"]), "push button \"Open\"");
    assert_eq!((text(&lines[0]["data_type"]), text(&lines[0]["data_source"])), ("icon", "agentnet"));
    assert_eq!(lines[0]["acted_on"], true);
    assert_eq!(report.losses.omitted().collect::<Vec<_>>(), [(Omitted::OutsidePicture, 1)]);
    let losses = json_file(&out.join(LOSSES_FILE));
    assert_eq!(losses["elements_left_out"], serde_json::json!({"outside_picture": 1}));
    let page = fs::read_to_string(out.join(LOSSES_PAGE)).expect("a page");
    assert!(page.contains("| 1 | their box is empty or not within the picture |"), "{page}");
    check_picture(&out.join("images"), text(&lines[0]["img_filename"]), &made.rows()[0]);
}

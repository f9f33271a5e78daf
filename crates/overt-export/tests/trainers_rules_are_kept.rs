//! Formats without a light loader: their written rules, checked, and their values compared with the rows.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use overt_dataset::StepRow;
use overt_export::{Deed, Format, LOSSES_FILE, LOSSES_PAGE, Loss, Omitted, Space};
use serde_json::{Value, json};
use support::{Made, episode, json_file, json_lines};

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

fn check_calls(made: &Made, space: Space) {
    let (out, report) = made.export(Format::Calls, Some(space));
    let instructions = made.instructions();
    for (split, rows) in made.splits() {
        let lines = json_lines(&out.join(format!("{split}.jsonl")));
        let expected: Vec<(&StepRow, String)> =
            rows.iter().filter_map(|row| said(row, space).ok().map(|calls| (row, calls))).collect();
        assert_eq!(lines.len(), expected.len(), "{split} in {}", space.name());
        for (line, (row, said)) in lines.iter().zip(expected) {
            let calls: Vec<&str> = line["calls"].as_array().expect("calls").iter().map(text).collect();
            assert_eq!((line["row"].as_i64(), calls.join("\n")), (Some(row.row), said), "{}", space.name());
            let place = json!([line["recording"], line["episode"], line["step"], line["instruction"]]);
            assert_eq!(place, json!([row.recording, row.episode, row.step, instructions[&episode(row)]]));
            line["image"].as_str().into_iter().for_each(|image| check_picture(&out, image, row));
        }
    }
    let left_out: u64 = report.losses.iter().filter(|(l, _)| l.leaves_out()).map(|(_, n)| n).sum();
    assert_eq!((report.exported + left_out, report.rows), (report.rows, made.rows().len() as u64));
    assert_eq!(json_file(&out.join("losses.json"))["exported"], report.exported);
}

#[test]
fn every_step_is_in_the_calls_or_among_the_losses() {
    let made = Made::session();
    Space::ALL.into_iter().for_each(|space| check_calls(&made, space));
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

/// The trajectories of a split: those of its episodes that have steps.
fn trajectories(made: &Made, rows: &[StepRow]) -> Vec<Value> {
    let instructions = made.instructions();
    let mut found: Vec<Value> = Vec::new();
    for row in rows.iter().filter(|row| row.image_before.is_some()) {
        let Ok(code) = said(row, Space::Opencua) else { continue };
        let id = format!("{}_{}", row.recording, row.episode);
        if found.last().is_none_or(|last| last["task_id"] != id) {
            let mut trajectory = json!({"task_id": id, "traj": []});
            instructions[&episode(row)].iter().for_each(|task| trajectory["instruction"] = json!(task));
            found.push(trajectory);
        }
        let steps = found.last_mut().and_then(|last| last["traj"].as_array_mut()).expect("steps");
        let image = format!("{:08}.png", row.row);
        steps.push(json!({"index": steps.len(), "image": image, "value": {"code": code}}));
    }
    found
}

/// Gives how many trajectories each split has.
fn check_trajectories(made: &Made) -> Vec<usize> {
    let (out, report) = made.export(Format::Agentnet, None);
    let by_row: BTreeMap<i64, StepRow> = made.rows().into_iter().map(|row| (row.row, row)).collect();
    let (mut counts, mut exported) = (Vec::new(), 0);
    for (split, rows) in made.splits() {
        let lines = json_lines(&out.join(format!("{split}.jsonl")));
        assert_eq!(lines, trajectories(made, &rows), "{split}");
        for step in lines.iter().flat_map(|line| line["traj"].as_array().expect("steps")) {
            let image = text(&step["image"]);
            let number: i64 = image.trim_end_matches(".png").parse().expect("a bare file name of a row");
            check_picture(&out, &format!("images/{image}"), &by_row[&number]);
            exported += 1;
        }
        counts.push(lines.len());
    }
    assert_eq!(exported, report.exported);
    counts
}

#[test]
fn agentnet_has_states_before_and_an_index_without_gaps() {
    let made = Made::session();
    assert_eq!(made.instructions().into_values().collect::<Vec<_>>(), [Some("Put the letter away".into())]);
    assert_eq!(check_trajectories(&made), [1], "one episode");
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

/// What is asked at a row: after its task, the steps before it in its episode, the last ten of them.
fn question(rows: &[StepRow], row: &StepRow, task: Option<&str>, space: Space) -> String {
    let of_episode = rows.iter().filter(|other| episode(other) == episode(row));
    let before = of_episode.filter(|other| other.row < row.row);
    let told = |other| said(other, space).unwrap_or_else(|_| "(something that has no words here)".into());
    let before: Vec<String> = (1..).zip(before).map(|(n, other)| format!("{n}. {}", told(other))).collect();
    let mut lines: Vec<String> = task.map(|task| format!("Task: {task}")).into_iter().collect();
    lines.extend((!before.is_empty()).then(|| "Steps so far:".to_owned()));
    lines.extend_from_slice(&before[before.len().saturating_sub(10)..]);
    lines.push("What is the next step?".to_owned());
    format!("<image>\n{}", lines.join("\n"))
}

/// The samples of every split, in the file that is named for it.
fn check_samples(made: &Made, out: &Path, file: impl Fn(&str) -> String, space: Space) -> u64 {
    let (instructions, mut samples) = (made.instructions(), 0);
    for (split, rows) in made.splits() {
        let by_row: BTreeMap<i64, &StepRow> = rows.iter().map(|row| (row.row, row)).collect();
        for line in json_lines(&out.join(file(&split))) {
            let (asked, answer) = check_chat(&line);
            let image = text(&line["images"][0]);
            let number = image.trim_start_matches("images/").trim_end_matches(".png").parse().expect("a row");
            let row = by_row[&number];
            check_picture(out, image, row);
            assert_eq!(asked, question(&rows, row, instructions[&episode(row)].as_deref(), space));
            assert_eq!(Ok(answer.to_owned()), said(row, space));
            samples += 1;
        }
    }
    samples
}

fn check_ms_swift(made: &Made) -> PathBuf {
    let (out, report) = made.export(Format::MsSwift, Some(Space::Qwen3Vl));
    let samples = check_samples(made, &out, |split| format!("{split}.jsonl"), Space::Qwen3Vl);
    assert_eq!(samples, report.exported);
    out
}

#[test]
fn ms_swift_counts_its_placeholders_and_boxes() {
    let made = Made::session();
    let out = check_ms_swift(&made);
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

fn check_llama_factory(made: &Made) {
    let (out, report) = made.export(Format::LlamaFactory, Some(Space::UiTars15));
    let info = json_file(&out.join("dataset_info.json"));
    let named: Vec<String> = made.splits().into_keys().map(|split| format!("overt_{split}")).collect();
    assert_eq!(info.as_object().expect("entries").keys().cloned().collect::<Vec<_>>(), named);
    for entry in info.as_object().into_iter().flat_map(|entries| entries.values()) {
        let images = text(&entry["columns"]["images"]);
        assert_eq!((text(&entry["formatting"]), images), ("sharegpt", "images"));
    }
    let file = |split: &str| text(&info[format!("overt_{split}")]["file_name"]).to_owned();
    assert_eq!(check_samples(made, &out, file, Space::UiTars15), report.exported);
}

#[test]
fn llama_factory_finds_its_files_and_alternating_roles() {
    check_llama_factory(&Made::session());
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

/// The elements of every split: those that a step acted on.
fn check_elements(made: &Made, located: &Path) {
    let spotted = made.export(Format::Grounding, None).0;
    for (split, rows) in made.splits() {
        let names = |row: &StepRow| row.element.as_ref().map(|e| format!("push button \"{}\"", e.name));
        let expected: Vec<String> = rows.iter().filter_map(names).collect();
        assert_eq!(expected.len(), 2, "one in each recording of {split}");
        let lines = json_lines(&located.join(format!("grounding-{split}.jsonl")));
        assert_eq!(lines.iter().map(|line| text(&line["objects"]["ref"][0])).collect::<Vec<_>>(), expected);
        let list = json_file(&spotted.join(format!("{split}.json")));
        let list = list.as_array().expect("a list");
        assert_eq!(list.iter().map(|line| text(&line["instruction"])).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn splits_and_episodes_stand_apart() {
    let made = Made::of_two_splits();
    check_calls(&made, Space::Osworld);
    assert_eq!(check_trajectories(&made), [3, 3], "a task, and two that a pause parts");
    check_llama_factory(&made);
    check_elements(&made, &check_ms_swift(&made));
}

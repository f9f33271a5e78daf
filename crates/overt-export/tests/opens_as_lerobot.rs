//! The written rules of LeRobot's data set v3.0, and the values of the rows in it.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use overt_dataset::StepRow;
use overt_export::{Deed, Format, Loss, Space, Video};
use serde_json::{Value, json};
use support::{Made, episode, picture};

const SPACE: Space = Space::OpencuaQwen25;

fn expected(row: &StepRow) -> Option<Value> {
    let png = row.image_before.as_ref()?;
    let deed = Deed::of(row, None).ok()?;
    let calls = SPACE.render(&deed, row.width as u32, row.height as u32).ok()?.calls.join("\n");
    let share = |n: i32, of: i32| f64::from(n) / f64::from(of);
    let place = deed.points().first().map(|p| [share(p.x, row.width), share(p.y, row.height)]);
    let end = deed.points().last().map(|p| [share(p.x, row.width), share(p.y, row.height)]);
    let (kind, button) = match row.kind.as_str() {
        "click" | "double_click" | "triple_click" => (0.0, row.button.as_deref()),
        "drag" => (1.0, row.button.as_deref()),
        "scroll" => (2.0, None),
        "type" => (3.0, None),
        "key" => (4.0, None),
        "finish" => (7.0, None),
        _ => return None,
    };
    let button = button.map_or(0.0, |b| {
        if b == "left" {
            1.0
        } else if b == "middle" {
            2.0
        } else {
            3.0
        }
    });
    let count = if kind == 1.0 { 1 } else { row.count.unwrap_or_default() };
    let held = |name: &str| f64::from(u8::from(row.modifiers.iter().any(|m| m == name)));
    let ([x, y], [x_end, y_end]) = (place.unwrap_or_default(), end.unwrap_or_default());
    let (right, down) = (row.dx_notch.unwrap_or_default(), row.dy_notch.unwrap_or_default());
    let action = [
        kind,
        x,
        y,
        x_end,
        y_end,
        button,
        f64::from(count),
        right,
        down,
        held("ctrl"),
        held("alt"),
        held("shift"),
        held("super"),
    ];
    Some(json!({
        "rgb": picture(png)["rgb"],
        "action": action,
        "values": {
            "overt.calls": calls,
            "overt.row": row.row,
            "overt.t_start_millis": row.t_start_millis,
            "overt.t_end_millis": row.t_end_millis,
        },
    }))
}

/// The frames of a split with their numbers, and the words of their tasks.
fn frames(made: &Made, rows: &[StepRow]) -> Vec<Value> {
    let instructions = made.instructions();
    let (mut episodes, mut tasks): (Vec<_>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut frames, mut begun) = (Vec::new(), 0);
    for (row, mut frame) in rows.iter().filter_map(|row| Some((row, expected(row)?))) {
        let task = instructions[&episode(row)].clone().unwrap_or_default();
        if episodes.last() != Some(&episode(row)) {
            episodes.push(episode(row));
            begun = frames.len();
        }
        if !tasks.contains(&task) {
            tasks.push(task.clone());
        }
        frame["values"]["episode_index"] = json!(episodes.len() - 1);
        frame["values"]["frame_index"] = json!(frames.len() - begun);
        frame["values"]["task_index"] = json!(tasks.iter().position(|known| *known == task));
        frame["task"] = json!(task);
        frames.push(frame);
    }
    frames
}

#[test]
fn its_rules_are_kept_and_its_values_are_those_of_the_rows() {
    let made = Made::session();
    let (out, report) = made.export(Format::Lerobot, Some(SPACE));
    assert_eq!(report.losses.of(Loss::ExtraButton), 1);
    check(&made, &out, report.exported);
}

#[test]
fn frames_episodes_and_tasks_are_numbered_anew_in_each_split() {
    let made = Made::of_two_splits();
    let (out, report) = made.export(Format::Lerobot, Some(SPACE));
    check(&made, &out, report.exported);
    for (split, rows) in made.splits() {
        let frames = frames(&made, &rows);
        let numbers = |name: &str| frames.iter().map(|f| f["values"][name].as_u64()).collect::<BTreeSet<_>>();
        assert_eq!((numbers("episode_index").len(), numbers("task_index").len()), (3, 2), "{split}");
    }
}

#[test]
fn a_video_lies_beside_its_data_when_asked_for() {
    check_video(&Made::session(), Video::Av1, "av1");
}

#[test]
fn its_video_is_of_the_other_codec_when_asked_for() {
    check_video(&Made::session(), Video::X264, "h264");
}

#[test]
fn episodes_follow_one_another_in_the_video_of_their_split() {
    check_video(&Made::of_two_splits(), Video::X264, "h264");
}

fn check_video(made: &Made, video: Video, codec: &str) {
    let (out, report) = made.export_video(Format::Lerobot, Some(SPACE), video);
    check(made, &out, report.exported);
    for (split, rows) in made.splits() {
        let film = out.join(split).join("videos/observation.images.screen/chunk-000/file-000.mp4");
        let probe = Command::new("ffprobe")
            .args(["-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames"])
            .args(["-of", "csv=p=0"])
            .arg(film)
            .output()
            .expect("ffprobe starts");
        let frames = frames(made, &rows).len();
        assert_eq!(String::from_utf8_lossy(&probe.stdout).trim(), format!("{codec},{frames}"));
    }
}

fn check(made: &Made, out: &Path, exported: u64) {
    let splits = made.splits().into_iter().map(|(split, rows)| (split, frames(made, &rows)));
    let mut count = 0;
    for (split, frames) in splits {
        count += frames.len() as u64;
        check_split(&out.join(split), &frames);
    }
    assert_eq!(exported, count);
}

fn check_split(folder: &Path, frames: &[Value]) {
    let python = overt_sim::python::with_datasets().expect("datasets from PyPI");
    let place = tempfile::tempdir().expect("a folder");
    let list = place.path().join("expected.json");
    std::fs::write(&list, serde_json::to_vec(frames).expect("JSON")).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opens_as_lerobot.py");
    support::run(
        Command::new(python)
            .arg(script)
            .args([folder, &list])
            .env("HF_HOME", place.path().join("cache"))
            .env("HF_HUB_OFFLINE", "1"),
    );
}

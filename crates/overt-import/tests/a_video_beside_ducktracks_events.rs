//! DuckTrack's video is bound by the moment at which OBS says that it started, and by when it paused.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use overt_format::Unknown;
use overt_import::Format;
use overt_reduce::Before;
use support::{Desk, Wanted};

/// Four seconds of a test picture, five a second.
fn film(path: &Path) {
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=size=100x50:rate=5:duration=4"])
        .args(["-c:v", "mpeg4"])
        .arg(path)
        .status()
        .expect("ffmpeg runs");
    assert!(made.success());
}

/// A click at this second of the recorder's clock, and what OBS said when.
fn recording(folder: &Path, click_secs: f64, timings: &str) {
    fs::create_dir_all(folder).expect("a folder");
    let metadata = format!(
        "{{\"screen_width\": 100, \"screen_height\": 50, \"obs_record_state_timings\": {{{timings}}}}}"
    );
    fs::write(folder.join("metadata.json"), metadata).expect("a file");
    let click = |secs: f64, pressed: bool| {
        format!(
            "{{\"time_stamp\": {secs}, \"action\": \"click\", \"x\": 9, \"y\": 9, \"button\": \"left\", \"pressed\": {pressed}}}\n"
        )
    };
    let events = click(click_secs, true) + &click(click_secs + 0.05, false);
    fs::write(folder.join("events.jsonl"), events).expect("a file");
}

/// When the picture before the click was taken, milliseconds.
fn check(timings: &str, click_secs: f64, expected_millis: u64) {
    let desk = Desk::new();
    let folder = desk.path().join("theirs");
    recording(&folder, click_secs, timings);
    film(&folder.join("2023-10-20 17-19-53.mp4"));
    let wanted = Wanted { frames: true, ..Wanted::default() };
    let imported = desk.import(Format::DuckTrack, &folder, wanted).expect("it imports");
    assert!(!imported.unknown.contains(&Unknown::Pictures));
    let (steps, _) = desk.steps(&imported.path);
    let Before::Seen { shot, .. } = &steps[0].before else { panic!("there is a picture before it") };
    assert_eq!(shot.facts.grab_end.0 / 1_000_000, expected_millis);
}

#[test]
fn by_its_start() {
    check(r#""OBS_WEBSOCKET_OUTPUT_STARTED": [10.0]"#, 12.1, 12_000);
}

#[test]
fn by_its_pauses() {
    let timings = r#""OBS_WEBSOCKET_OUTPUT_STARTED": [10.0],
        "OBS_WEBSOCKET_OUTPUT_PAUSED": [11.1], "OBS_WEBSOCKET_OUTPUT_RESUMED": [20.0]"#;
    check(timings, 21.0, 20_900);
}

#[test]
fn not_without_a_start_and_not_where_there_are_several() {
    let desk = Desk::new();
    let folder = desk.path().join("theirs");
    recording(&folder, 1.0, "");
    let wanted = Wanted { frames: true, ..Wanted::default() };
    let imported = desk.import(Format::DuckTrack, &folder, wanted).expect("it imports");
    assert!(imported.unknown.contains(&Unknown::Pictures), "there is none");
    fs::write(folder.join("a.mp4"), "").expect("a file");
    let told = desk.import(Format::DuckTrack, &folder, wanted).expect_err("it is refused").to_string();
    assert!(told.starts_with("metadata.json does not say when the video started"), "{told}");
    fs::write(folder.join("b.mp4"), "").expect("a file");
    let imported = desk.import(Format::DuckTrack, &folder, wanted).expect("it imports");
    assert!(imported.unknown.contains(&Unknown::Pictures), "which one is not told");
}

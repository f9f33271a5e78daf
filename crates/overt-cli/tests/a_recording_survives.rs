//! Kill, full disk, a display or an accessibility bus that goes away: what was acknowledged is kept, and
//! nothing half-written is taken for whole.

mod scene;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use overt_event::Rect;
use overt_sim::apps;
use overt_sim::overt::Recorder;
use overt_sim::person::Person;
use overt_sim::silent_app::SilentApp;
use scene::{Scene, wait_for_bytes};
use serde_json::Value;

#[test]
fn killed_it_keeps_what_was_synced_and_says_that_it_was_killed() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let recording = recorder.recording().to_owned();
    scene.click(6);
    wait_for_bytes(&recording, 5_000);
    recorder.kill().expect("it is ours");
    // A recording whose writer died is neither whole nor lost.
    let (code, _) = scene.verb(&["verify"], &recording);
    assert_eq!(code, Some(1), "an open recording is not taken for whole");
    // The next recorder finds it, cuts the torn tail and says why it is incomplete.
    assert_eq!(scene.record(&["--for", "1s"]).status.code(), Some(0));
    let (code, inspected) = scene.verb(&["inspect"], &recording);
    assert_eq!(code, Some(3));
    assert_eq!(inspected["public"]["state"]["why"], "killed");
    assert!(inspected["content"]["records"]["button"].as_u64() >= Some(2), "{inspected}");
    assert_eq!(scene.verb(&["verify"], &recording).0, Some(0), "what is left of it is whole");
}

#[test]
fn a_full_disk_is_told_and_can_be_tried_again_later() {
    let scene = Scene::set();
    let output = scene.record(&["--for", "1s", "--keep-free", "99999999999"]);
    assert_eq!(output.status.code(), Some(75));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no room"));
}

#[test]
fn a_spool_that_is_full_in_the_middle_ends_the_recording_and_keeps_it() {
    let scene = Scene::set();
    let mut command = scene.recorder_command(&["--spool-max", "0"]);
    let output = command.output().expect("overt runs");
    assert_eq!(output.status.code(), Some(75), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_folder_that_is_not_writable_is_told() {
    let scene = Scene::set();
    std::fs::write(scene.folder.path().join("spool"), b"a file").expect("it is written");
    let output = scene.record(&["--for", "1s"]);
    assert!(matches!(output.status.code(), Some(1 | 75)), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("disk could not be read or written"),
        "{output:?}"
    );
}

#[test]
fn a_display_that_goes_away_ends_the_recording_and_keeps_it() {
    let mut scene = Scene::set();
    let mut child = scene
        .recorder_command(&[])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("overt runs");
    let recording = first_path(child.stdout.as_mut().expect("its output"), scene.folder.path());
    scene.click(4);
    wait_for_bytes(&recording, 5_000);
    scene.desktop.kill_x();
    let output = child.wait_with_output().expect("it ends by itself");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("display went away") || said.contains("indicator is no longer visible"), "{said}");
    let (code, inspected) = scene.verb(&["inspect"], &recording);
    assert_eq!(code, Some(3));
    assert_eq!(inspected["public"]["state"]["why"], "source_lost");
    assert_eq!(scene.verb(&["verify"], &recording).0, Some(0));
}

/// The path in the recorder's first line.
fn first_path(said: &mut impl std::io::Read, folder: &Path) -> PathBuf {
    use std::io::BufRead as _;
    let mut line = String::new();
    std::io::BufReader::new(said).read_line(&mut line).expect("it says that it records");
    let told: Value = serde_json::from_str(&line).expect("JSON");
    folder.join(told["path"].as_str().expect("a path"))
}

#[test]
fn without_an_accessibility_bus_no_key_is_kept() {
    let mut scene = Scene::set();
    scene.desktop.kill_accessibility_bus();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records all the same");
    scene.click(2);
    let mut person = Person::sit_down(scene.desktop.display(), 5).expect("a person");
    person.type_text(&scene.page, "into the dark").expect("it types");
    let recorded = overt.stop(recorder).expect("it stops");
    let (_, inspected) = scene.verb(&["inspect"], &recorded.recording);
    let records = &inspected["content"]["records"];
    assert!(records["button"].as_u64() >= Some(4), "{inspected}");
    assert_eq!((&records["key"], &records["text"]), (&Value::Null, &Value::Null), "{inspected}");
    assert!(inspected["content"]["gaps"]["denied: FocusUnknown"].as_u64() >= Some(1), "{inspected}");
}

#[test]
fn after_a_killed_recorder_the_next_one_records_whole_and_counts_the_days_bytes_on() {
    let scene = Scene::set();
    let overt = scene.overt();
    let killed = overt.record().expect("it records");
    let first = killed.recording().to_owned();
    scene.click(4);
    wait_for_bytes(&first, 5_000);
    killed.kill().expect("it is ours");
    let counted = day_bytes(&overt.path("spool"));
    assert!(counted >= len_bytes(&first), "what was written is counted, whatever came then");
    let recorder = overt.record().expect("it records again");
    scene.click(2);
    let recorded = overt.stop(recorder).expect("it stops");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!((code, &inspected["public"]["state"]["is"]), (Some(0), &"complete".into()), "{inspected}");
    assert_eq!(inspected["content"]["records"]["button"], 4, "{inspected}");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
    let (code, inspected) = scene.verb(&["inspect"], &first);
    assert_eq!((code, &inspected["public"]["state"]["why"]), (Some(3), &"killed".into()), "{inspected}");
    assert!(day_bytes(&overt.path("spool")) >= counted + len_bytes(&recorded.recording));
}

/// What the spool says was written on this day.
fn day_bytes(spool: &Path) -> u64 {
    let text = std::fs::read(spool.join("volume.json")).expect("it is there");
    let volume: Value = serde_json::from_slice(&text).expect("JSON");
    volume["bytes"].as_u64().expect("a number")
}

/// Of the segments of a recording.
fn len_bytes(recording: &Path) -> u64 {
    let segments = std::fs::read_dir(recording.join("segments")).expect("a folder").flatten();
    segments.filter_map(|s| s.metadata().ok()).map(|m| m.len()).sum()
}

#[test]
fn an_accessibility_bus_that_dies_ends_the_keys_and_not_the_recording() {
    let mut scene = Scene::set();
    let recorder = scene.overt().record().expect("it records");
    scene.click(1);
    scene.desktop.kill_accessibility_bus();
    check_without_accessibility(&scene, recorder, 1);
}

#[test]
fn an_accessibility_bus_that_hangs_ends_the_keys_and_not_the_recording() {
    let scene = Scene::set();
    let recorder = scene.overt().record().expect("it records");
    scene.click(1);
    scene.desktop.hang_accessibility_bus().expect("it is there");
    check_without_accessibility(&scene, recorder, 1);
}

/// Somebody goes on working without the bus: clicks are kept, keys are not, and it stops as it should.
fn check_without_accessibility(scene: &Scene, recorder: Recorder, clicks_before: u64) {
    let overt = scene.overt();
    scene.click(2);
    let mut person = Person::sit_down(scene.desktop.display(), 5).expect("a person");
    person.type_text(&scene.page, "into the dark").expect("it types");
    let recorded = overt.stop(recorder).expect("it stops");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!(code, Some(0), "{inspected}");
    let records = &inspected["content"]["records"];
    assert_eq!(records["button"], 2 * (clicks_before + 2), "{inspected}");
    assert_eq!((&records["key"], &records["text"]), (&Value::Null, &Value::Null), "{inspected}");
    // Told when it goes, and with the whole span when another bus has taken its place.
    let gone = inspected["content"]["gaps"]["source gone: accessibility"].as_u64();
    assert!(gone.is_some_and(|n| (1..=2).contains(&n)), "{inspected}");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
}

#[test]
fn an_application_that_floods_the_accessibility_bus_costs_bounded_memory_and_is_told() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    scene.click(1);
    let flood = SilentApp::register(&scene.desktop.accessibility_bus().expect("it is there"));
    let flood = flood.expect("the registry takes it");
    let before = memory_kib(recorder.pid());
    (0..50_000).for_each(|_| flood.insert().expect("the bus takes it"));
    let grown = memory_kib(recorder.pid()).saturating_sub(before);
    assert!(grown < FLOOD_KIB_MAX, "{grown} KiB");
    drop(flood);
    let mut person = Person::sit_down(scene.desktop.display(), 5).expect("a person");
    person.type_text(&scene.page, "after the flood").expect("it types");
    scene.click(1);
    let recorded = overt.stop(recorder).expect("it stops");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!((code, &inspected["public"]["state"]["is"]), (Some(0), &"complete".into()), "{inspected}");
    let content = &inspected["content"];
    assert_eq!(content["events_lost"], 0, "no input: {inspected}");
    assert!(
        content["changes_unanswered"].as_u64() > Some(0),
        "what was not asked about is told: {inspected}"
    );
    assert_eq!(inspected["content"]["records"]["button"], 4, "{inspected}");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
}

/// Memory that a flood of 50,000 accessibility events may cost the recorder.
const FLOOD_KIB_MAX: u64 = 65_536;

fn memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_window_that_never_stops_resizing_is_recorded_and_so_is_what_comes_after() {
    let scene = Scene::set();
    let (_, window) = apps::open_galculator(&scene.desktop).expect("it opens");
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let windows = scene.desktop.windows().expect("the display answers");
    let mut person = Person::sit_down(scene.desktop.display(), 7).expect("a person");
    let before = memory_kib(recorder.pid());
    for turn in 0..RESIZES {
        let bounds = Rect { x: 700, y: 300, w: 300 + turn % 60, h: 280 + turn % 40 };
        windows.place(window.id, bounds).expect("the window manager is asked");
        person.pause(16, 17);
    }
    let grown = memory_kib(recorder.pid()).saturating_sub(before);
    assert!(grown < RESIZE_KIB_MAX, "{grown} KiB");
    scene.click(2);
    let recorded = overt.stop(recorder).expect("it stops");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!((code, &inspected["public"]["state"]["is"]), (Some(0), &"complete".into()), "{inspected}");
    assert_eq!(recorded.ended["lost"], 0, "{}", recorded.ended);
    assert_eq!(inspected["content"]["records"]["button"], 4, "{inspected}");
    assert!(inspected["content"]["pictures"].as_u64() > Some(2), "{inspected}");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
}

/// Sixty a second.
const RESIZES: i32 = 300;
/// Memory that they may cost the recorder: its ring of pictures, full.
const RESIZE_KIB_MAX: u64 = 262_144;

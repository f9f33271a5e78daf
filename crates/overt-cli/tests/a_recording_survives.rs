//! Kill, full disk, a display or an accessibility bus that goes away: what was acknowledged is kept, and
//! nothing half-written is taken for whole.

mod scene;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use overt_sim::overt::Recorder;
use overt_sim::person::Person;
use scene::{Scene, wait_for_bytes};
use serde_json::Value;

fn kill(recorder: &Recorder) {
    let pid = rustix::process::Pid::from_raw(recorder.pid() as i32).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it is ours");
}

#[test]
fn killed_it_keeps_what_was_synced_and_says_that_it_was_killed() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let recording = recorder.recording().to_owned();
    scene.click(6);
    wait_for_bytes(&recording, 5_000);
    kill(&recorder);
    drop(recorder);
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

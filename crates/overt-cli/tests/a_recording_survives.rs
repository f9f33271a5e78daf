//! Kill, full disk, a display or an accessibility bus that goes away: what was acknowledged is kept, and
//! nothing half-written is taken for whole.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use overt_event::Rect;
use overt_sim::apps;
use overt_sim::desktop::Desktop;
use overt_sim::overt::{Overt, Recorder};
use overt_sim::pages::Pages;
use overt_sim::person::{Person, Target};
use serde_json::Value;

/// A desktop with the counter page on it, and terms to record it.
struct Scene {
    // Before the folder and the desktop's pages: it borrows neither, and goes first.
    folder: tempfile::TempDir,
    desktop: Desktop,
    _pages: Pages,
    page: Target,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_overt");

impl Scene {
    fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desktop = Desktop::start((1280, 900)).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        let bounds = Rect { x: 20, y: 40, w: 1200, h: 800 };
        apps::open_chromium(&mut desktop, &pages.url("counter"), bounds).expect("Chromium opens");
        let view = pages.view("counter", Duration::from_secs(30)).expect("the page tells where it is");
        let page = Target::new("chromium", "document web", "", view);
        let scene = Self { folder, desktop, _pages: pages, page };
        scene.overt().prepare("on_change").expect("keys, agreement, consent");
        scene
    }

    fn overt(&self) -> Overt<'_> {
        Overt::new(Path::new(PROGRAM), &self.desktop, self.folder.path()).expect("overt")
    }

    fn click(&self, times: usize) {
        let mut person = Person::sit_down(self.desktop.display(), 3).expect("a person");
        for _ in 0..times {
            person.click(&self.page).expect("a click");
        }
    }

    /// `overt record` in the foreground.
    fn record(&self, more: &[&str]) -> Output {
        self.recorder_command(more).output().expect("overt runs")
    }

    fn recorder_command(&self, more: &[&str]) -> Command {
        let mut command = self.desktop.command(PROGRAM);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.args(["record", "--agreement", "agreement.toml", "--consent", "consent.toml"]);
        command.args(["--keys", "keys", "--out", "spool", "--json"]).args(more);
        command
    }

    fn verb(&self, words: &[&str], recording: &Path) -> (Option<i32>, Value) {
        let mut command = self.desktop.command(PROGRAM);
        command.current_dir(self.folder.path()).args(words).arg(recording).args(["--keys", "keys", "--json"]);
        let output = command.output().expect("overt runs");
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }
}

/// Waits until so many bytes of segments are on disk: the recorder synced something.
fn wait_for_bytes(recording: &Path, bytes: u64) {
    let until = Instant::now() + Duration::from_secs(30);
    let size = || -> u64 {
        let entries = std::fs::read_dir(recording.join("segments")).into_iter().flatten().flatten();
        entries.filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum()
    };
    while size() < bytes {
        assert!(Instant::now() < until, "the recorder writes nothing");
        std::thread::yield_now();
    }
}

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

#[test]
fn pause_and_stop_take_effect_and_the_indicator_gates_it_all() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    scene.click(2);
    let state = |verb: &str| {
        let said = overt.run(verb, |c| c.arg("--json")).expect("it answers");
        serde_json::from_str::<Value>(&said).expect("JSON")["state"].clone()
    };
    assert_eq!(state("status"), "recording");
    assert_eq!(state("pause"), "paused");
    scene.click(3);
    assert_eq!(state("resume"), "recording");
    let recorded = overt.stop(recorder).expect("it stops");
    assert_eq!(state("status"), "not_recording");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!(code, Some(0));
    assert_eq!(inspected["content"]["gaps"]["paused"], 1, "{inspected}");
    assert_eq!(
        inspected["content"]["records"]["button"], 4,
        "only what was done before the pause: {inspected}"
    );
}

#[test]
fn what_is_to_be_forgotten_is_gone_and_what_comes_after_is_kept() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let recording = recorder.recording().to_owned();
    scene.click(3);
    wait_for_bytes(&recording, 5_000);
    let said = overt.run("forget", |c| c.args(["10m", "--json"])).expect("it answers");
    let status: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(
        (&status["state"], &status["records"], &status["sealed_bytes"]),
        (&"recording".into(), &0.into(), &0.into())
    );
    let left = std::fs::read_dir(recording.join("segments")).expect("the folder lists").count();
    assert_eq!(left, 0, "no file of a segment is left");
    scene.click(2);
    let recorded = overt.stop(recorder).expect("it stops");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!(code, Some(0));
    assert_eq!(inspected["content"]["gaps"]["forgotten"], 1, "{inspected}");
    assert_eq!(inspected["content"]["records"]["button"], 4, "only what was done afterwards: {inspected}");
    assert!(inspected["content"]["pictures"].as_u64() >= Some(1), "{inspected}");
}

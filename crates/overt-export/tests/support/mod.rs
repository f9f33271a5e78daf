//! Data sets to export: a made-up session with every kind of step, and published recordings.
#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../../../overt-import/tests/support/mod.rs"]
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;

use overt_dataset::{
    BuildReport, BuildSettings, GrantNote, Input, Parent, StepRow, build, read_episodes, read_steps,
};
use overt_export::{ExportReport, ExportSettings, Format, Space, Video, export};
use overt_format::RecordingDir;
use overt_import::{Format as Source, Imported};
use serde_json::{Value, json};

#[allow(unused_imports, reason = "each test file uses its own part")]
pub(crate) use imports::{Desk, Wanted, data};

pub(crate) const TODAY: &str = "2026-11-22";
pub(crate) const WIDTH: i32 = 320;
pub(crate) const HEIGHT: i32 = 240;
/// When the made-up session begins, seconds of its clock.
const BEGIN: f64 = 100.0;
/// A pause that ends an episode of the short sessions.
const PAUSE_MILLIS_MAX: u64 = 5_000;

/// A data set in a folder of its own.
pub(crate) struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    /// Builds a data set of a recording in another's format.
    pub(crate) fn of(source: Source, src: &Path, wanted: Wanted) -> Self {
        let desk = Desk::new();
        let imported = desk.import(source, src, wanted).expect("it imports");
        let made = Self { folder: tempfile::tempdir().expect("a folder") };
        made.build(&desk, &[imported], BuildSettings::new(made.dataset(), grant()));
        made
    }

    /// Builds a data set of the made-up session, with pictures.
    pub(crate) fn session() -> Self {
        let src = tempfile::tempdir().expect("a folder");
        Script::session().write(src.path(), Some("Put the letter away"));
        Self::of(Source::AgentNet, src.path(), pictured())
    }

    /// Builds a data set of four short sessions in two splits. In each split one is a task, and the other is two
    /// episodes with a pause between them and without an instruction.
    pub(crate) fn of_two_splits() -> Self {
        let desk = Desk::new();
        let sessions =
            [("one", Some("Write one")), ("two", None), ("three", Some("Write three")), ("four", None)];
        let imported = sessions.map(|(word, task)| {
            let src = tempfile::tempdir().expect("a folder");
            Script::short(word).write(src.path(), task);
            desk.import(Source::AgentNet, src.path(), pictured()).expect("it imports")
        });
        let made = Self { folder: tempfile::tempdir().expect("a folder") };
        let mut settings = BuildSettings::new(made.folder.path().join("one-split"), grant());
        settings.reduce.episode_pause_millis_max = PAUSE_MILLIS_MAX;
        let BuildReport { mut manifest, manifest_sha256: sha256 } = made.build(&desk, &imported, settings);
        // Which split a recording goes to hangs on its id, which is random; a later version keeps what was decided.
        for note in &mut manifest.recordings {
            let is_test = imported[2..].iter().any(|i| i.recording == note.recording);
            note.split = if is_test { "test" } else { "train" }.to_owned();
        }
        let parent = Parent { manifest, sha256, erased: BTreeSet::new() };
        made.build(&desk, &imported, BuildSettings::next_of(&parent, made.dataset(), grant()));
        made
    }

    fn build(&self, desk: &Desk, imported: &[Imported], mut settings: BuildSettings) -> BuildReport {
        let path_of = |dir: &RecordingDir| {
            let found = imported.iter().find(|i| i.recording == dir.facts().recording);
            &found.expect("it was imported").path
        };
        let dirs = imported.iter().map(|i| RecordingDir::local(&i.path).expect("it reads"));
        // Openings are written down in one file.
        settings.workers = NonZero::<usize>::MIN;
        let open = |dir: &RecordingDir| Ok(desk.open(path_of(dir)));
        build(dirs.map(Input::whole).collect(), &open, &settings, &mut |_| ()).expect("it is built")
    }

    pub(crate) fn dataset(&self) -> PathBuf {
        self.folder.path().join("ds")
    }

    pub(crate) fn rows(&self) -> Vec<StepRow> {
        read_steps(&self.dataset()).expect("it opens").map(|row| row.expect("it reads")).collect()
    }

    /// The rows of each split.
    pub(crate) fn splits(&self) -> BTreeMap<String, Vec<StepRow>> {
        let mut splits: BTreeMap<String, Vec<StepRow>> = BTreeMap::new();
        self.rows().into_iter().for_each(|row| splits.entry(row.split.clone()).or_default().push(row));
        splits
    }

    /// What the task of each row's episode was, where somebody said.
    pub(crate) fn instructions(&self) -> BTreeMap<(String, i32), Option<String>> {
        let episodes = read_episodes(&self.dataset()).expect("it opens").into_iter();
        episodes.map(|e| ((e.recording, e.episode), e.instruction)).collect()
    }

    /// Exports with a video, twice: the bytes are the same.
    pub(crate) fn export_video(
        &self,
        format: Format,
        space: Option<Space>,
        video: Video,
    ) -> (PathBuf, ExportReport) {
        let export_to = |name: &str| {
            let out = self.folder.path().join(name);
            let settings = ExportSettings { video: Some(video), ..settings(&out, format, space) };
            let report = export(&self.dataset(), &settings, &mut |_| ()).expect("it exports");
            (out, report)
        };
        let (first, second) = (export_to("video-1"), export_to("video-2"));
        let notes = |(out, _): &(PathBuf, ExportReport)| json_file(&out.join("export.json"));
        assert_eq!(notes(&first), notes(&second));
        first
    }

    /// Exports into a folder named by the format.
    pub(crate) fn export(&self, format: Format, space: Option<Space>) -> (PathBuf, ExportReport) {
        let out = self.folder.path().join(format!("{}-{}", format.name(), space.map_or("own", Space::name)));
        let report =
            export(&self.dataset(), &settings(&out, format, space), &mut |_| ()).expect("it exports");
        (out, report)
    }
}

pub(crate) fn settings(out: &Path, format: Format, space: Option<Space>) -> ExportSettings {
    ExportSettings { out: out.to_owned(), format, space, video: None, today: TODAY.into() }
}

/// A space for formats that ask for one.
pub(crate) fn space_for(format: Format) -> Option<Space> {
    let asks = matches!(format, Format::Calls | Format::MsSwift | Format::LlamaFactory | Format::Lerobot);
    asks.then_some(Space::Qwen3Vl)
}

fn pictured() -> Wanted {
    Wanted { frames: true, ..Wanted::default() }
}

fn grant() -> GrantNote {
    let expires = Some("2026-12-31".into());
    GrantNote { who: "a test".into(), reason: "to export it".into(), expires }
}

/// The episode of a row.
pub(crate) fn episode(row: &StepRow) -> (String, i32) {
    (row.recording.clone(), row.episode)
}

/// Events in the words of AgentNet's recorder.
struct Script {
    lines: Vec<Value>,
    elements: Vec<Value>,
    now: f64,
}

impl Script {
    fn tell(&mut self, deed: Value) {
        let mut line = json!({"time_stamp": self.now});
        let (Value::Object(line_of), Value::Object(deed)) = (&mut line, deed) else { return };
        line_of.extend(deed);
        self.lines.push(line);
        self.now += 0.02;
    }

    /// Long enough for what was before to be over, and for a picture.
    fn rest(&mut self) {
        self.now += 1.5;
    }

    fn button(&mut self, x: i32, y: i32, button: &str, pressed: bool) {
        self.tell(json!({"action": "click", "x": x, "y": y, "button": button, "pressed": pressed}));
    }

    fn click(&mut self, x: i32, y: i32, button: &str, times: usize) {
        for _ in 0..times {
            self.button(x, y, button, true);
            self.button(x, y, button, false);
            self.now += 0.06;
        }
        self.rest();
    }

    fn element(&mut self, name: &str, [left, top, right, bottom]: [i32; 4]) {
        let bounds = json!({"left": left, "top": top, "right": right, "bottom": bottom});
        self.elements.push(json!({"time_stamp": self.now, "a11y_tree": {
            "Name": name, "ControlType": "ButtonControl", "BoundingRectangle": bounds,
        }}));
    }

    fn key(&mut self, name: &str, pressed: bool) {
        self.tell(json!({"action": if pressed { "press" } else { "release" }, "name": name}));
    }

    fn chord(&mut self, keys: &[&str]) {
        keys.iter().for_each(|key| self.key(key, true));
        keys.iter().rev().for_each(|key| self.key(key, false));
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let name = if c == ' ' { "space".to_owned() } else { c.to_string() };
            self.chord(&[&name]);
        }
        self.now += 2.0;
    }

    fn drag(&mut self, points: &[(i32, i32)], button: &str) {
        let (first, last) = (points[0], points[points.len() - 1]);
        self.button(first.0, first.1, button, true);
        for (x, y) in points {
            self.tell(json!({"action": "move", "x": x, "y": y}));
            self.now += 0.1;
        }
        self.button(last.0, last.1, button, false);
        self.rest();
    }

    fn scroll(&mut self, x: i32, y: i32, dx: i32, dy: i32) {
        self.tell(json!({"action": "scroll", "x": x, "y": y, "dx": dx, "dy": dy}));
        self.rest();
    }
}

impl Script {
    fn new() -> Self {
        Self { lines: Vec::new(), elements: Vec::new(), now: BEGIN + 3.0 }
    }

    /// Every kind of step that a source can tell.
    fn session() -> Self {
        let mut s = Self::new();
        s.element("Open", [20, 10, 80, 40]);
        s.now += 0.05;
        s.click(30, 20, "left", 1);
        s.element("Wide", [90, 50, 400, 80]);
        s.now += 0.05;
        s.click(100, 60, "left", 2);
        s.click(100, 90, "left", 3);
        s.click(200, 100, "right", 1);
        s.click(210, 110, "middle", 1);
        s.click(220, 120, "x1", 1);
        s.key("ctrl_l", true);
        s.click(50, 50, "left", 1);
        s.key("ctrl_l", false);
        s.rest();
        s.drag(&[(40, 40), (90, 40), (90, 120)], "left");
        s.drag(&[(140, 40), (190, 80)], "right");
        s.scroll(160, 120, 0, -2);
        s.scroll(160, 120, 1, 0);
        s.type_text("it's a <tag> here");
        s.chord(&["ctrl_l", "s"]);
        s.rest();
        s.chord(&["enter"]);
        s.rest();
        s
    }

    /// A few steps, a pause, and a few more.
    fn short(word: &str) -> Self {
        let mut s = Self::new();
        s.element(word, [20, 10, 80, 40]);
        s.now += 0.05;
        s.click(30, 20, "left", 1);
        s.type_text(word);
        s.now += PAUSE_MILLIS_MAX as f64 / 1_000.0;
        s.drag(&[(40, 40), (90, 40), (90, 120)], "left");
        s.chord(&["ctrl_l", "s"]);
        s.rest();
        s
    }

    /// Writes it as AgentNet does, and a video of it.
    fn write(&self, folder: &Path, task: Option<&str>) {
        let lines = |all: &[Value]| all.iter().map(|line| format!("{line}\n")).collect::<String>();
        let write = |name: &str, text: String| fs::write(folder.join(name), text).expect("a file");
        write("events.jsonl", lines(&self.lines));
        write("element.jsonl", lines(&self.elements));
        if let Some(task) = task {
            write("task_name.json", json!({"task_name": task, "description": ""}).to_string());
        }
        let started = json!({"OBS_WEBSOCKET_OUTPUT_STARTED": [BEGIN]});
        let about =
            json!({"screen_width": WIDTH, "screen_height": HEIGHT, "obs_record_state_timings": started});
        write("metadata.json", about.to_string());
        video(&folder.join("video.mp4"), self.now - BEGIN + 3.0);
    }
}

/// Moving bars, four pictures a second.
fn video(file: &Path, secs: f64) {
    let source = format!("testsrc=size={WIDTH}x{HEIGHT}:rate=4:duration={secs}");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &source, "-c:v", "mpeg4"])
        .arg(file)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "ffmpeg makes a video");
}

/// The values of a file of lines.
pub(crate) fn json_lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("a file of lines");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

pub(crate) fn json_file(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).expect("a file")).expect("JSON")
}

/// A picture as Python's loaders tell of it: its size, and the digest of its pixels.
pub(crate) fn picture(png: &[u8]) -> Value {
    let (width, height, pixels) = rgb(png);
    json!({"size": [width, height], "rgb": overt_format::sha256(&pixels).to_string()})
}

/// Width, height and pixels of a picture.
pub(crate) fn rgb(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    (info.width, info.height, pixels)
}

/// The only file with that ending below the training split.
pub(crate) fn only_file(out: &Path, ending: &str) -> PathBuf {
    let files = fs::read_dir(out.join("train")).expect("a folder").map(|e| e.expect("an entry").path());
    let mut found = files.filter(|path| path.extension().is_some_and(|e| e == ending));
    found.next().expect("a file")
}

/// All messages of an OWAMcap, by OWA's own reader.
pub(crate) fn owa_messages(file: &Path) -> Vec<Value> {
    let python = overt_sim::python::with_owa().expect("mcap-owa-support from PyPI");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opens_in_mcap_owa.py");
    let output = Command::new(python).arg(script).arg(file).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Runs a program and shows what it said where it fails.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().expect("the command starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

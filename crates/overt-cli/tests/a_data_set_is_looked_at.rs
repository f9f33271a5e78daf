//! A data set as a page, as lines and in a terminal: whole in itself, bounded, and saying what was left out.

mod place;

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use place::Place;
use serde_json::{Value, json};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;

/// Sixty clicks at other places, a second apart.
fn rows() -> String {
    let clicks = (1..=60).map(|n| {
        let (t, x) = (f64::from(n), n * 7);
        format!("{t},Left,Pressed,{x},10\n{:.2},Left,Released,{x},10\n", t + 0.05)
    });
    ["time,button,state,x,y\n0.5,NoButton,Move,5,5\n".to_owned()].into_iter().chain(clicks).collect()
}

impl Place {
    /// With a data set of those clicks.
    fn with_clicks() -> Self {
        let place = Self::new();
        place.write("rows.csv", &rows());
        place.done("keys init --keys keys");
        let new = "agreement new --keys keys --out a.toml --ends 2099-12-31 --cadence none --import csv --licence CC0";
        place.done(new);
        place.done("agreement sign a.toml --keys keys");
        place.done("import csv rows.csv --agreement a.toml --keys keys --out spool");
        let recording = place.recording();
        place.done(&format!("release {recording}"));
        place.done(&format!("collect {recording} --into store"));
        place.done("build store --purpose train-agents --keys keys --out set");
        place
    }
}

/// Three clicks, far from each other and two seconds apart, as AgentNet has them, and a grey video of it.
fn write_clicks(folder: &Path) {
    fs::create_dir(folder).expect("a folder");
    let event = |secs: f64, x: u32, pressed: bool| {
        let click = json!({"time_stamp": secs, "action": "click", "x": x, "y": 100, "button": "left", "pressed": pressed});
        format!("{click}\n")
    };
    let clicks = (0..3).flat_map(|n| {
        let (secs, x) = (103.0 + 2.0 * f64::from(n), 60 + 80 * n);
        [event(secs, x, true), event(secs + 0.05, x, false)]
    });
    let write = |name: &str, text: String| fs::write(folder.join(name), text).expect("a file");
    write("events.jsonl", clicks.collect());
    write("element.jsonl", String::new());
    write("task_name.json", json!({"task_name": "Press three", "description": ""}).to_string());
    let started = json!({"OBS_WEBSOCKET_OUTPUT_STARTED": [100.0]});
    let about = json!({"screen_width": WIDTH, "screen_height": HEIGHT, "obs_record_state_timings": started});
    write("metadata.json", about.to_string());
    let grey = format!("color=c=gray:size={WIDTH}x{HEIGHT}:rate=4:duration=11");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &grey, "-c:v", "mpeg4"]);
    run(ffmpeg.arg(folder.join("video.mp4")));
}

/// What a program writes to standard output; it succeeds.
fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

impl Place {
    /// With a data set of those clicks and their pictures.
    fn with_pictures() -> Self {
        let place = Self::new();
        write_clicks(&place.path("clicks"));
        place.done("keys init --keys keys");
        let new = "agreement new --keys keys --out a.toml --ends 2099-12-31 --import agentnet --licence CC0";
        place.done(new);
        place.done("agreement sign a.toml --keys keys");
        place.done("import agentnet clicks --agreement a.toml --keys keys --out spool --frames");
        let recording = place.recording();
        place.done(&format!("release {recording}"));
        place.done(&format!("collect {recording} --into store"));
        place.done("build store --purpose train-agents --keys keys --out set");
        place
    }

    /// Red pixels of a JPEG, of so many.
    fn red(&self, jpeg: &[u8]) -> (usize, usize) {
        fs::write(self.path("picture.jpg"), jpeg).expect("a file");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(self.path("picture.jpg"));
        let pixels = run(ffmpeg.args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]));
        let pixels = pixels.as_chunks::<3>().0;
        (pixels.iter().filter(|[r, g, b]| *r > 180 && *g < 110 && *b < 110).count(), pixels.len())
    }
}

#[test]
fn the_page_shows_each_step_on_its_picture_with_the_action_drawn() {
    let place = Place::with_pictures();
    place.done("inspect set --html page.html");
    let page = place.read("page.html");
    let address = "<img src=\"data:image/jpeg;base64,";
    let pictures: Vec<Vec<u8>> = page
        .split(address)
        .skip(1)
        .map(|rest| BASE64_STANDARD.decode(rest.split('"').next().expect("an end")).expect("base64"))
        .collect();
    assert_eq!(page.matches("<figure").count(), 4, "three clicks and an end");
    assert!(pictures.len() >= 3, "{} pictures", pictures.len());
    for picture in &pictures[..3] {
        let (red, of) = place.red(picture);
        assert!(red > 60, "a ring is drawn on a grey picture: {red} of {of}");
        assert!(red * 10 < of, "and not much else: {red} of {of}");
    }
    assert_eq!(page.matches("<b>click</b>").count(), 3, "what was done stands below");
    assert!(page.contains("<b>100 %</b><span>with a picture from before</span>"));
}

/// Plays the data set in a terminal; a key for each screen.
fn played(place: &Place, keys: &[&str]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plays_in_a_terminal.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(env!("CARGO_BIN_EXE_overt")).arg(place.path("set")).args(keys);
    serde_json::from_slice(&run(&mut python)).expect("JSON")
}

#[test]
fn in_a_terminal_the_keys_step_through_an_episode_and_give_the_terminal_back() {
    let place = Place::with_pictures();
    let told = played(&place, &["p", "n", "x", "n", "n", "n", "p", "q"]);
    let screens: Vec<&str> =
        told["screens"].as_array().expect("screens").iter().map(|s| s.as_str().expect("a text")).collect();
    let at = |screen: &str| -> u32 {
        let (_, rest) = screen.split_once("(step ").expect("which step");
        rest.split(' ').next().and_then(|n| n.parse().ok()).expect("a number")
    };
    let steps: Vec<u32> = screens.iter().map(|s| at(s)).collect();
    assert_eq!(steps, [1, 1, 2, 2, 3, 4, 4, 3], "one cannot go beyond the ends");
    assert!(screens.iter().all(|s| s.contains("of 4)") && s.contains("n next   p previous   q quit")));
    assert!(screens[0].contains("Press three") && screens[0].contains('▀'), "words and a picture in colours");
    assert!(screens[0].starts_with("\u{1b}[?1049h\u{1b}[?25l"), "a screen of its own");
    assert_eq!(told["last"], "\u{1b}[?25h\u{1b}[?1049l");
    assert_eq!((&told["exit"], &told["raw"], &told["restored"]), (&json!(0), &json!(true), &json!(true)));
}

#[test]
fn the_page_is_whole_in_itself_and_bounded() {
    let place = Place::with_clicks();
    assert!(place.done("inspect set --html page.html --steps 10").contains("61 in 1 episodes"));
    let page = place.read("page.html");
    for outside in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<figure").count(), 10);
    assert!(page.contains("10 of 61 steps are shown, spread evenly; 51 are left out."));
    assert!(page.contains("No picture: cadence none."), "why there is none is said");
    assert!(page.contains("is not shown for fewer than 5 people"));
    let (first, last) = (page.contains("id=\"row-0\""), page.contains("id=\"row-60\""));
    assert!(first && last, "from the first step to the last");
}

#[test]
fn without_a_terminal_the_steps_are_lines() {
    let place = Place::with_clicks();
    let lines = place.done("show set");
    assert_eq!(lines.lines().count(), 61);
    assert!(lines.starts_with("0 click"), "{lines}");
    assert_eq!(place.done("show set --episode 0"), lines);
    let output = place.run("show set --episode 9");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("no episode 9"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&place.done("show set --json")).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(61));
}

#[test]
fn whoever_has_heard_enough_may_close_the_pipe() {
    let place = Place::with_clicks();
    let build = "build store --purpose train-agents --keys keys --out other";
    for words in ["show set", "show set --json", "inspect set --json", build, "verify other", "--help"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output =
            place.command(&words.split(' ').collect::<Vec<_>>()).stdout(writer).output().expect("overt runs");
        assert_eq!(output.status.code(), Some(0), "{words}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words}");
    }
}

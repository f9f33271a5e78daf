//! Files that are damaged at random read as something valid, or say where they do not.

mod support;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use overt_format::{RecordingDir, RecordingState};
use overt_import::{Format, ImportError};
use support::{Desk, Wanted, owa};

/// How often each file is damaged, and of those that still read how many are imported.
const ROUNDS: u64 = 400;
const IMPORTED_EACH: u64 = 8;

/// What can be missing altogether, so that there is no place to name.
const MISSING: [&str; 3] = ["is empty", "has no header", "never says how large the page is"];

/// The same numbers in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    /// A piece of so many bytes, of at most a twentieth and at least one.
    fn piece(&mut self, len: usize) -> std::ops::Range<usize> {
        let from = self.below(len);
        from..(from + 1 + self.below(len / 20)).min(len)
    }
}

/// One or two of: a bit, a digit or a byte is another one; the end is cut; a piece or a line is missing or twice.
fn damaged(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=dice.below(2) {
        let (len, at) = (bytes.len(), dice.below(bytes.len()));
        let piece = dice.piece(len);
        match dice.below(8) {
            _ if bytes.is_empty() => {}
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = b"\0\"[]{},:-9e\n\xff"[dice.below(13)],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(piece)),
            4 => drop(bytes.splice(at..at, whole[..piece.len().min(whole.len())].to_vec())),
            5 => bytes.extend_from_within(piece),
            6 => without_line(&mut bytes, at),
            _ => digits(&mut bytes, at, dice),
        }
    }
    bytes
}

fn without_line(bytes: &mut Vec<u8>, at: usize) {
    let from = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let to = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| at + i + 1);
    bytes.drain(from..to);
}

/// The next digit becomes a number that no clock and no screen has.
fn digits(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    const ODD: [&[u8]; 5] = [b"-1", b"1e308", b"99999999999999999999", b"0.1", b"null"];
    if let Some(i) = bytes[at..].iter().position(u8::is_ascii_digit) {
        bytes.splice(at + i..at + i + 1, ODD[dice.below(ODD.len())].iter().copied());
    }
}

fn has_place(error: &ImportError) -> bool {
    match error {
        ImportError::Line { line, .. } => *line > 0,
        ImportError::Byte { .. } | ImportError::Picture { .. } => true,
        ImportError::File { problem, .. } => MISSING.contains(problem),
        _ => false,
    }
}

/// A source of several files, each of which is damaged in turn. `src` is what is imported.
fn check(format: Format, src: &str, files: &[(&str, Vec<u8>)]) {
    let (desk, mut dice) = (Desk::new(), Dice(1));
    let folder = desk.path().join("theirs");
    files.iter().for_each(|(name, whole)| write(&folder.join(name), whole));
    let src = folder.join(src);
    desk.import(format, &src, Wanted { frames: true, ..Wanted::default() }).expect("undamaged it imports");
    let (mut read, mut refused) = (0, 0);
    for (name, whole) in files {
        let file = folder.join(name);
        for round in 0..ROUNDS {
            write(&file, &damaged(whole, &mut dice));
            match format.read(&src, true) {
                Ok(_) => {
                    read += 1;
                    if round % IMPORTED_EACH == 0 {
                        check_import(&desk, format, &src);
                    }
                }
                Err(error) => {
                    refused += 1;
                    assert!(has_place(&error), "{name}, round {round}: {error}");
                }
            }
        }
        write(&file, whole);
    }
    assert!(read > 10 && refused > 10, "{read} read and {refused} did not: nothing was tried");
}

/// What reads is imported whole, unless one of its pictures is found to be damaged on the way.
fn check_import(desk: &Desk, format: Format, src: &Path) {
    match desk.import(format, src, Wanted { frames: true, ..Wanted::default() }) {
        Ok(imported) => {
            let facts = RecordingDir::local(&imported.path).expect("it reads").facts().clone();
            assert_eq!(facts.state, RecordingState::Complete);
            desk.steps(&imported.path);
            fs::remove_dir_all(&imported.path).expect("it goes");
        }
        Err(error) => assert!(has_place(&error), "{error}"),
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, content).expect("a file");
}

const METADATA: &str = "{\n \"screen_width\": 100,\n \"screen_height\": 50,\n \"obs_record_state_timings\":\n {\"OBS_WEBSOCKET_OUTPUT_STARTED\": [1.0]}\n}\n";

const EVENTS: &str = r#"{"time_stamp": 1.5, "action": "move", "x": 1, "y": 2}
{"time_stamp": 1.6, "action": "click", "x": 1, "y": 2, "button": "left", "pressed": true}
{"time_stamp": 1.7, "action": "click", "x": 1, "y": 2, "button": "left", "pressed": false}
{"time_stamp": 2.5, "action": "scroll", "x": 1, "y": 2, "dx": 0, "dy": -1}
{"time_stamp": 3.5, "action": "press", "name": "a"}
{"time_stamp": 3.6, "action": "release", "name": "a"}
{"time_stamp": 4.0, "action": "pause"}
{"time_stamp": 9.0, "action": "resume"}
{"time_stamp": 9.5, "action": "press", "name": "enter"}
{"time_stamp": 9.6, "action": "release", "name": "enter"}
"#;

#[test]
fn of_ducktrack() {
    let files = [("metadata.json", METADATA.into()), ("events.jsonl", EVENTS.into())];
    check(Format::DuckTrack, "", &files);
}

#[test]
fn of_agentnet() {
    let control = |name: &str, children: &str| {
        format!(
            r#"{{"Name": "{name}", "ControlType": "ButtonControl", "BoundingRectangle": {{"left": 0, "top": 0, "right": 9, "bottom": 9}}, "Depth": 0, "Children": [{children}]}}"#
        )
    };
    let line = |what: &str, control: &str| format!("{{\"time_stamp\": 1.59, \"{what}\": {control}}}\n");
    let files = [
        ("metadata.json", METADATA.into()),
        ("events.jsonl", EVENTS.into()),
        ("element.jsonl", line("a11y_tree", &control("Go", "")).into_bytes()),
        ("a11y.jsonl", line("axtree", &control("Window", &control("Go", ""))).into_bytes()),
        ("task_name.json", b"{\"task_name\": \"Go there\"}".to_vec()),
    ];
    check(Format::AgentNet, "", &files);
}

#[test]
fn of_a_mouse_in_rows() {
    let rows = "time,button,state,x,y\n1,,move,1,2\n1.5,Left,Pressed,5,6\n1.6,Left,Released,5,6\n\
                2,Scroll,Down,5,6\n3,NoButton,Move,9,9\n";
    check(Format::Csv, "rows.csv", &[("rows.csv", rows.into())]);
}

/// A press on a button and a key, each event told twice.
fn demonstration() -> Vec<u8> {
    let dom = r#"{"tag": "BODY", "left": 0, "top": 0, "width": 160, "height": 210, "children": [
        {"tag": "BUTTON", "left": 10.5, "top": 10, "width": 20, "height": 20, "text": "Go"}]}"#;
    let acts = [
        r#""type": "mousedown", "x": 12, "y": 12"#,
        r#""type": "mouseup", "x": 12, "y": 12"#,
        r#""type": "click", "x": 12, "y": 12"#,
        r#""type": "keydown", "keyCode": 65"#,
        r#""type": "keypress", "charCode": 97"#,
        r#""type": "keyup", "keyCode": 65"#,
    ];
    let state = |(i, act): (usize, &&str)| {
        let millis = 100 * i;
        let at = |timing| {
            format!("{{\"time\": {millis}, \"action\": {{{act}, \"timing\": {timing}}}, \"dom\": {dom}}}")
        };
        format!("{},\n{}", at(1), at(3))
    };
    let states: Vec<String> = acts.iter().enumerate().map(state).collect();
    format!("{{\"utterance\": \"Go\", \"rawReward\": 1, \"states\": [\n{}\n]}}", states.join(",\n"))
        .into_bytes()
}

#[test]
fn of_a_demonstration() {
    check(Format::MiniWob, "0001.json", &[("0001.json", demonstration())]);
}

#[test]
fn of_a_packed_demonstration() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&demonstration()).expect("it packs");
    let packed = packed.finish().expect("it packs");
    let desk = Desk::new();
    let file = desk.path().join("0001.json.gz");
    let mut dice = Dice(2);
    for round in 0..ROUNDS {
        write(&file, &damaged(&packed, &mut dice));
        if let Err(error) = Format::MiniWob.read(&file, false) {
            assert!(has_place(&error), "round {round}: {error}");
        }
    }
}

#[test]
fn of_a_page() {
    let session = r#"[
{"type":4,"timestamp":1700000000000,"data":{"href":"https://a.example/","width":800,"height":600}},
{"type":2,"timestamp":1700000000001,"data":{"node":{"type":0,"id":1,"childNodes":[{"type":2,"id":3,"tagName":"body","attributes":{},"childNodes":[
{"type":2,"id":7,"tagName":"input","attributes":{"type":"text","name":"who"},"childNodes":[]},
{"type":2,"id":8,"tagName":"input","attributes":{"type":"checkbox"},"childNodes":[]}]}]}}},
{"type":3,"timestamp":1700000001000,"data":{"source":1,"positions":[{"x":10,"y":10,"id":1,"timeOffset":-400}]}},
{"type":3,"timestamp":1700000001100,"data":{"source":2,"type":1,"id":7,"x":50,"y":60}},
{"type":3,"timestamp":1700000001150,"data":{"source":2,"type":0,"id":7,"x":50,"y":60}},
{"type":3,"timestamp":1700000001151,"data":{"source":2,"type":2,"id":7,"x":50,"y":60}},
{"type":3,"timestamp":1700000002000,"data":{"source":5,"id":7,"text":"h","isChecked":false}},
{"type":3,"timestamp":1700000002500,"data":{"source":5,"id":8,"text":"on","isChecked":true}},
{"type":3,"timestamp":1700000003000,"data":{"source":0,"texts":[],"attributes":[{"id":7,"attributes":{"type":"password"}}],"removes":[{"parentId":3,"id":8}],"adds":[{"parentId":3,"nextId":7,"node":{"type":3,"id":9,"textContent":"Hi"}}]}}
]"#;
    check(Format::Rrweb, "session.json", &[("session.json", session.into())]);
}

#[test]
fn of_a_container_and_its_pictures() {
    let files = [
        ("session.mcap", owa::file(&owa::session("images/0.png", "images/1.png"))),
        ("images/0.png", owa::png(64, 48, [200, 10, 10])),
        ("images/1.png", owa::png(64, 48, [10, 200, 10])),
    ];
    check(Format::Owamcap, "session.mcap", &files);
}

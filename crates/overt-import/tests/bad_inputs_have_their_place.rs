//! What does not read is refused whole, with the line or byte at which it does not, and nothing is written.

mod support;

use std::fs;
use std::path::Path;

use overt_import::{Format, ImportError};
use proptest::prelude::*;
use support::{Desk, Wanted};

const METADATA: &str = r#"{"screen_width": 100, "screen_height": 50}"#;
const MOVE: &str = r#"{"time_stamp": 1.5, "action": "move", "x": 1, "y": 2}"#;

fn refused(desk: &Desk, format: Format, src: &Path) -> String {
    let error = desk.import(format, src, Wanted::default()).expect_err("it is refused");
    assert!(!desk.path().join("spool").exists(), "nothing is written");
    assert!(error.is_permanent());
    error.to_string()
}

/// A folder with these files is refused so.
fn check_folder(format: Format, files: &[(&str, &str)], expected: &str) {
    let desk = Desk::new();
    let folder = desk.path().join("theirs");
    fs::create_dir(&folder).expect("a folder");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file");
    }
    let told = refused(&desk, format, &folder);
    assert!(told.starts_with(expected), "{told}");
}

/// A file of this content is refused so.
fn check_file(format: Format, content: &[u8], expected: &str) {
    let desk = Desk::new();
    let file = desk.path().join("theirs");
    fs::write(&file, content).expect("a file");
    let told = refused(&desk, format, &file);
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn lines_of_events() {
    for format in [Format::DuckTrack, Format::AgentNet] {
        let check = |events: &str, expected: &str| {
            check_folder(format, &[("metadata.json", METADATA), ("events.jsonl", events)], expected);
        };
        check(&format!("{MOVE}\n\n{{"), "events.jsonl, line 3: the JSON ends too early.");
        check("secret", "events.jsonl, line 1: this is not JSON.");
        check(
            r#"{"time_stamp": 1, "action": "sing"}"#,
            "events.jsonl, line 1: a member is missing, or is not of its kind.",
        );
        check(
            &format!("{MOVE}\n{{\"time_stamp\": -1, \"action\": \"press\", \"name\": \"a\"}}"),
            "events.jsonl, line 2: the time is before 0",
        );
        check(
            "{\"time_stamp\": 1e300, \"action\": \"press\", \"name\": \"a\"}",
            "events.jsonl, line 1: the time is before 0, or beyond any clock.",
        );
        check_folder(format, &[("events.jsonl", MOVE)], "metadata.json could not be read.");
        check_folder(format, &[("metadata.json", METADATA)], "events.jsonl could not be read.");
        let none = r#"{"screen_width": 0, "screen_height": 50}"#;
        check_folder(
            format,
            &[("metadata.json", none), ("events.jsonl", MOVE)],
            "metadata.json, line 1: it names no screen",
        );
    }
    let odd = "{\"screen_width\": 100,\n\"screen_height\": 99999}";
    check_folder(Format::DuckTrack, &[("metadata.json", odd)], "metadata.json, line 2: it names no screen");
    let early = "{\"screen_width\": 9, \"screen_height\": 9,\n\"obs_record_state_timings\": {\"x\": [-1]}}";
    check_folder(
        Format::DuckTrack,
        &[("metadata.json", early)],
        "metadata.json, line 2: the time is before 0",
    );
    let element =
        [("metadata.json", METADATA), ("events.jsonl", MOVE), ("element.jsonl", "\n{\"time_stamp\": 1}")];
    check_folder(Format::AgentNet, &element, "element.jsonl, line 2: a member is missing");
}

#[test]
fn rows() {
    let check = |text: &str, expected: &str| check_file(Format::Csv, text.as_bytes(), expected);
    check("", "the CSV is empty.");
    check("time,button,state,x\n", "the CSV, line 1: there is no column \"y\".");
    check("time,time_ms,button,state,x,y\n", "the CSV, line 1: there are several columns of time.");
    check(
        "time,button,state,x,y\n0,Left,Pressed,1,2\n\n1,Left,Pressed,1\n",
        "the CSV, line 4: it has not as many fields",
    );
    check("time,button,state,x,y\nsoon,,move,1,2\n", "the CSV, line 2: the time is not a number from 0.");
    check("time,button,state,x,y\n1,,move,NaN,2\n", "the CSV, line 2: a place is not a number.");
    check("time,button,state,x,y\n1,Left,Sung,1,2\n", "the CSV, line 2: button and state name nothing");
    check_file(Format::Csv, b"time\xff", "the CSV, byte 4: is not UTF-8.");
}

#[test]
fn demonstrations() {
    let check = |text: &[u8], expected: &str| check_file(Format::MiniWob, text, expected);
    check(b"{\n\"utterance\": 1}", "the demonstration, line 2: a member is missing, or is not of its kind.");
    check(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03damaged", "the demonstration, byte ");
    let deep = format!("{{\"utterance\":\"\",\"rawReward\":1,\"states\":[{}", "[".repeat(100_000));
    check(deep.as_bytes(), "the demonstration, line 1: ");
    let dom = r#"{"tag":"BODY","left":0,"top":0,"width":1,"height":1}"#;
    let early = format!(
        "{{\"utterance\":\"\",\"rawReward\":1,\"states\":[{{\"time\":-1,\"action\":null,\"dom\":{dom}}}]}}"
    );
    check(early.as_bytes(), "the demonstration, line 1: the time is before 0");
    check(
        early.replace("\"time\"", "\n\"time\"").as_bytes(),
        "the demonstration, line 2: the time is before 0",
    );
}

#[test]
fn containers() {
    let check = |bytes: &[u8], expected: &str| check_file(Format::Owamcap, bytes, expected);
    check(b"", "the OWAMcap");
    check(b"no container at all", "the OWAMcap, byte 8: the MCAP is damaged.");
    check(b"\x89MCAP0\r\n\x01\xff\xff\xff\xff\xff\xff\xff\x7f", "the OWAMcap, byte ");
}

#[test]
fn sessions() {
    let check = |text: &str, expected: &str| check_file(Format::Rrweb, text.as_bytes(), expected);
    let meta = r#"{"type":4,"timestamp":1,"data":{"href":"https://a.example/","width":10,"height":10}}"#;
    check("7", "the rrweb session, line 1: these are no JSON events of a session.");
    check("{}", "the rrweb session, line 1: a member is missing, or is not of its kind.");
    check(&format!("{meta}\n{meta}\n[]"), "the rrweb session, line 3: these are no JSON events");
    check(&format!("{{\"events\":[{meta}],\n\"x\":}}"), "the rrweb session, line 2: this is not JSON.");
    check(&format!("{{\"events\":[{meta}]}}\n1"), "the rrweb session, line 2: something follows the end");
    let deep = format!("[{{\"type\":2,\"timestamp\":1,\"data\":{}", "[".repeat(200));
    check(&deep, "the rrweb session, line 1: the JSON is nested too deeply.");
    let node = r#"{"type":2,"timestamp":1,"data":{"node":{}}}"#;
    check(&format!("[{meta},\n{node}]"), "the rrweb session, line 2: a member is missing");
    check("[]", "the rrweb session never says how large the page is.");
    check(&format!("[{meta},\n{{\"type\":4}}]"), "the rrweb session, line 2: a member is missing");
    check(
        &format!("[{meta}\n\n,{{\"type\":4,\"timestamp\":1,\"data\":{{}}}}]"),
        "the rrweb session, line 3: a member is missing",
    );
    check(&format!("[{meta}\n{meta}]"), "the rrweb session, line 2: these are no JSON events of a session.");
    check(&format!("[{meta}] x"), "the rrweb session, line 1: something follows the end");
}

#[test]
fn nothing_is_imported_under_an_agreement_for_something_else() {
    let desk = Desk::new();
    let file = desk.path().join("rows.csv");
    fs::write(&file, "time,button,state,x,y\n1,,move,1,2\n").expect("a file");
    let agreement = desk.agreement("ducktrack", Wanted::default());
    let error = desk.import_under(&agreement, Format::Csv, &file, false).expect_err("it is refused");
    assert!(matches!(error, ImportError::OtherSource { .. }), "{error}");
    let unsigned = agreement.replace("MIT, somebody", "CC0, nobody");
    assert!(matches!(
        desk.import_under(&unsigned, Format::DuckTrack, &file, false),
        Err(ImportError::Agreement(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), magic in any::<bool>()) {
        let desk = Desk::new();
        let file = desk.path().join("theirs");
        let head: &[u8] = if magic { b"\x89MCAP0\r\n" } else { b"" };
        fs::write(&file, [head, &bytes].concat()).expect("a file");
        for format in [Format::Csv, Format::MiniWob, Format::Owamcap, Format::Rrweb] {
            prop_assert!(format.read(&file, true).is_err());
        }
    }
}

//! Sources written here: rows of a mouse, and a page's session.

mod support;

use std::fs;

use overt_event::{DenyRule, RecordBody};
use overt_format::Unknown;
use overt_import::Format;
use overt_reduce::{Action, Typed};
use support::{Desk, Wanted, tell};

#[test]
fn rows_of_a_mouse() {
    let desk = Desk::new();
    let file = desk.path().join("rows.csv");
    let rows = "session,time_ms,Button,State,x,y\n\
                1,1000,NoButton,Move,10,10\n1,1500,Left,Pressed,20,20\n1,1550,Left,Released,20,20\n\
                1,3000,Scroll,Down,20,20\n1,3100,Scroll,Down,20,20\n\
                1,5000,Right,Pressed,20,30\n1,5100,NoButton,Drag,90,30\n1,5200,Right,Released,90.9,30\n\
                1,7000,,Pressed,5,5\n1,7050,,Released,5,5\n";
    fs::write(&file, rows).expect("a file");
    let imported = desk.import(Format::Csv, &file, Wanted::default()).expect("it imports");
    assert_eq!(imported.dropped.get("columns of another name"), Some(&1));
    assert!(imported.unknown.contains(&Unknown::Button) && imported.unknown.contains(&Unknown::Screen));
    let (steps, closing) = desk.steps(&imported.path);
    let kinds: Vec<&str> = steps.iter().map(|s| s.action.kind()).collect();
    assert_eq!(kinds, ["click", "scroll", "drag", "click", "finish"], "{}", tell(&steps));
    assert!(matches!(steps[1].action, Action::Scroll { dy_120: 240, .. }));
    assert_eq!((steps[0].screen.bounds.w, steps[0].screen.bounds.h), (91, 31), "the smallest that holds all");
    assert!(closing.ledger.errors.is_empty());
}

/// A page with one button, which is pressed and never let go of.
fn pressed_to_the_end(reward: i32) -> String {
    let dom = r#"{"tag": "BODY", "ref": 1, "left": 0, "top": 0, "width": 160, "height": 210, "children": [
        {"tag": "BUTTON", "ref": 2, "left": 0, "top": 0, "width": 40, "height": 20, "text": "Go"}]}"#;
    let press = r#"{"type": "mousedown", "x": 12, "y": 12, "timing": 1}"#;
    format!(
        r#"{{"utterance": "Go", "rawReward": {reward}, "states": [
            {{"time": 0, "action": null, "dom": {dom}}}, {{"time": 900, "action": {press}, "dom": {dom}}},
            {{"time": 950, "action": null, "dom": {dom}}}]}}"#
    )
}

#[test]
fn the_press_that_ends_a_page_was_let_go_of_and_when_is_not_known() {
    let desk = Desk::new();
    let told_of = |reward: i32| {
        let file = desk.path().join("0001.json");
        fs::write(&file, pressed_to_the_end(reward)).expect("a file");
        let imported = desk.import(Format::MiniWob, &file, Wanted::default()).expect("it imports");
        let (steps, closing) = desk.steps(&imported.path);
        let kinds: Vec<&str> = steps.iter().map(|s| s.action.kind()).collect();
        let errors: Vec<(&str, u64)> =
            closing.ledger.errors.iter().map(|(why, n)| (why.name(), *n)).collect();
        (kinds, errors, imported.unknown.contains(&Unknown::Release))
    };
    assert_eq!(told_of(1), (vec!["click", "finish"], vec![], true));
    // Whose time is up may hold a button for any reason.
    assert_eq!(told_of(-1), (vec!["finish"], vec![("unmatched_press", 1)], false));
}

const SESSION: &str = r#"[
 {"type":4,"timestamp":1700000000000,"data":{"href":"https://a.example/form?token=1","width":800,"height":600}},
 {"type":2,"timestamp":1700000000001,"data":{"node":{"type":0,"id":1,"childNodes":[]}}},
 {"type":3,"timestamp":1700000001000,"data":{"source":1,"positions":[
   {"x":10,"y":10,"id":1,"timeOffset":-400},{"x":50,"y":60,"id":1,"timeOffset":0}]}},
 {"type":3,"timestamp":1700000001100,"data":{"source":2,"type":1,"id":7,"x":50,"y":60}},
 {"type":3,"timestamp":1700000001150,"data":{"source":2,"type":0,"id":7,"x":50,"y":60}},
 {"type":3,"timestamp":1700000001151,"data":{"source":2,"type":2,"id":7,"x":50,"y":60}},
 {"type":3,"timestamp":1700000002000,"data":{"source":5,"id":7,"text":"h","isChecked":false}},
 {"type":3,"timestamp":1700000002200,"data":{"source":5,"id":7,"text":"hi","isChecked":false}},
 {"type":3,"timestamp":1700000005000,"data":{"source":5,"id":7,"text":"h","isChecked":false}},
 {"type":3,"timestamp":1700000006000,"data":{"source":5,"id":8,"text":"*","isChecked":false}},
 {"type":3,"timestamp":1700000006100,"data":{"source":5,"id":8,"text":"**","isChecked":false}},
 {"type":3,"timestamp":1700000007000,"data":{"source":3,"id":1,"x":0,"y":300}},
 {"type":3,"timestamp":1700000008000,"data":{"source":2,"type":1,"id":9,"x":70,"y":60}},
 {"type":3,"timestamp":1700000008100,"data":{"source":2,"type":0,"id":9,"x":70,"y":60}},
 {"type":3,"timestamp":1700000008101,"data":{"source":2,"type":3,"id":9,"x":70,"y":60}}
]"#;

/// A session in which this is typed into a field, a character every 100 ms.
fn session_that_types(text: &str) -> String {
    let mut events = vec![
        r#"{"type":4,"timestamp":1700000000000,"data":{"href":"https://a.example/","width":800,"height":600}}"#
            .to_owned(),
        r#"{"type":3,"timestamp":1700000001000,"data":{"source":2,"type":1,"id":7,"x":50,"y":60}}"#.to_owned(),
        r#"{"type":3,"timestamp":1700000001050,"data":{"source":2,"type":0,"id":7,"x":50,"y":60}}"#.to_owned(),
    ];
    for (i, (end, c)) in text.char_indices().enumerate() {
        let (at, typed) = (1_700_000_002_000 + 100 * i, &text[..end + c.len_utf8()]);
        events.push(format!(
            r#"{{"type":3,"timestamp":{at},"data":{{"source":5,"id":7,"text":"{typed}","isChecked":false}}}}"#
        ));
    }
    format!("[{}]", events.join(","))
}

#[test]
fn text_is_filtered_unless_the_parties_signed_that_it_stays_as_it_was_published() {
    let desk = Desk::new();
    let file = desk.path().join("session.json");
    fs::write(&file, session_that_types("to jane@example.com today")).expect("a file");
    for (unfiltered, expected, count) in
        [(false, "to \u{27e6}email\u{27e7} today", 1), (true, "to jane@example.com today", 0)]
    {
        let wanted = Wanted { unfiltered, ..Wanted::default() };
        let imported = desk.import(Format::Rrweb, &file, wanted).expect("it imports");
        assert_eq!(imported.flow.filtered.values().sum::<u64>(), count);
        let (steps, _) = desk.steps(&imported.path);
        // The time that an address took is a pause between what stands around its mark.
        let typed = steps.iter().filter_map(|s| match &s.action {
            Action::Type { text: Typed::Text(text), .. } => Some(text.as_str()),
            _ => None,
        });
        assert_eq!(typed.collect::<String>(), expected, "{}", tell(&steps));
    }
}

#[test]
fn a_session_of_a_page() {
    let desk = Desk::new();
    let file = desk.path().join("session.json");
    fs::write(&file, SESSION).expect("a file");
    let imported = desk.import(Format::Rrweb, &file, Wanted::default()).expect("it imports");
    assert!(imported.flow.denied.contains_key(&DenyRule::SecretField), "{:?}", imported.flow);
    assert_eq!(imported.dropped.get("edits of which the keys are not told"), Some(&1));
    assert_eq!(imported.dropped.get("scrolling without an amount"), Some(&1));
    let (steps, closing) = desk.steps(&imported.path);
    let kinds: Vec<&str> = steps.iter().map(|s| s.action.kind()).collect();
    assert_eq!(kinds, ["click", "type", "click", "finish"], "{}", tell(&steps));
    assert!(matches!(&steps[1].action, Action::Type { text: Typed::Text(text), .. } if text == "hi"));
    assert!(matches!(steps[2].action, Action::Click { button: overt_event::Button::Right, .. }));
    assert!(closing.ledger.errors.is_empty(), "{:?}", closing.ledger);
    let records = desk.records(&imported.path);
    let address = records.iter().find_map(|r| match &r.body {
        RecordBody::Location { url } => Some(url.as_str()),
        _ => None,
    });
    assert_eq!(address, Some("https://a.example/form"), "what follows the path is never kept");
}

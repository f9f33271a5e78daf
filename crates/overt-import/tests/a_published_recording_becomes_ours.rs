//! Each source imports, is marked as such, and reduces to the actions that it tells of.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use overt_event::{DenyRule, Level, RecordBody};
use overt_format::{RecordingDir, RecordingState, Unknown};
use overt_import::Format;
use overt_reduce::{Action, Before, Missing, Step, Typed};
use support::{Desk, Wanted, data, tell};

fn kinds(steps: &[Step]) -> BTreeMap<&str, u32> {
    steps.iter().fold(BTreeMap::new(), |mut all, step| {
        *all.entry(step.action.kind()).or_default() += 1;
        all
    })
}

fn typed(steps: &[Step]) -> Vec<&str> {
    let text = |step: &'_ Step| matches!(&step.action, Action::Type { text: Typed::Text(_), .. });
    let texts = steps.iter().filter(|s| text(s)).filter_map(|s| match &s.action {
        Action::Type { text: Typed::Text(text), .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// It is whole, and nobody can take it for one of our own.
fn check_marked(recording: &Path, source: &str, unknown: &[Unknown]) {
    let facts = RecordingDir::local(recording).expect("it reads").facts().clone();
    assert_eq!(facts.state, RecordingState::Complete);
    let imported = facts.imported.expect("it is marked");
    assert_eq!((imported.source.as_str(), imported.licence.as_str()), (source, "MIT, somebody"));
    assert_eq!(imported.unknown, unknown);
}

#[test]
fn ducktrack_with_its_fast_mouse_and_its_typing() {
    let Some(data) = data(1) else { return };
    let desk = Desk::new();
    let imported =
        desk.import(Format::DuckTrack, &data.join("ducktrack"), Wanted::default()).expect("it imports");
    use Unknown as U;
    let unknown =
        [U::Arrival, U::Elements, U::Focus, U::Injected, U::Pictures, U::Scale, U::WallClock, U::Windows];
    check_marked(&imported.path, "ducktrack", &unknown);
    let (steps, closing) = desk.steps(&imported.path);
    assert_eq!(typed(&steps), ["wikipedia", "transformer model"]);
    let counts = kinds(&steps);
    let presses = |kind: &str, each: u32| counts.get(kind).copied().unwrap_or_default() * each;
    let all =
        presses("click", 1) + presses("double_click", 2) + presses("triple_click", 3) + presses("drag", 1);
    assert_eq!(all, 22, "each press is in one action");
    let notches: i64 = steps
        .iter()
        .filter_map(|s| match s.action {
            Action::Scroll { dy_120, .. } => Some(dy_120),
            _ => None,
        })
        .sum();
    assert_eq!(notches, 140 * 120, "all of them down");
    assert!(closing.ledger.errors.is_empty(), "{:?}", closing.ledger);
    let records = desk.records(&imported.path);
    assert!(records.iter().all(|r| !matches!(r.body, RecordBody::Clock(_) | RecordBody::Window { .. })));
}

#[test]
fn keys_of_a_source_that_tells_no_focus_are_dropped_unless_the_agreement_says_otherwise() {
    let Some(data) = data(1) else { return };
    let desk = Desk::new();
    let wanted = Wanted { keys_without_focus: false, ..Wanted::default() };
    let imported = desk.import(Format::DuckTrack, &data.join("ducktrack"), wanted).expect("it imports");
    // Of those that type, the release is part of the press.
    assert!(
        imported.flow.denied.get(&DenyRule::FocusUnknown).is_some_and(|n| *n >= 27),
        "{:?}",
        imported.flow
    );
    let (steps, closing) = desk.steps(&imported.path);
    assert!(!kinds(&steps).contains_key("type") && !kinds(&steps).contains_key("key"));
    assert!(closing.ledger.gaps.contains_key("denied_focus_unknown"));
}

#[test]
fn at_level_structure_no_character_is_kept() {
    let Some(data) = data(1) else { return };
    let desk = Desk::new();
    let wanted = Wanted { level: "structure", ..Wanted::default() };
    let imported = desk.import(Format::DuckTrack, &data.join("ducktrack"), wanted).expect("it imports");
    let facts = RecordingDir::local(&imported.path).expect("it reads").facts().clone();
    assert_eq!(facts.level, Level::Structure);
    let (steps, _) = desk.steps(&imported.path);
    assert!(typed(&steps).is_empty() && kinds(&steps).get("type") == Some(&2));
}

#[test]
fn owamcap_of_both_generations() {
    let Some(data) = data(2) else { return };
    let desk = Desk::new();
    for name in ["0.4.2.mcap", "0.5.1.mcap"] {
        let wanted = Wanted { frames: true, ..Wanted::default() };
        let imported =
            desk.import(Format::Owamcap, &data.join("owamcap").join(name), wanted).expect("it imports");
        use Unknown as U;
        let unknown =
            [U::Arrival, U::Elements, U::Focus, U::Injected, U::Layout, U::Pictures, U::Scale, U::Screen];
        check_marked(&imported.path, "owamcap", &unknown);
        let (steps, closing) = desk.steps(&imported.path);
        assert!(closing.ledger.errors.is_empty(), "{name}: {:?}", closing.ledger);
        assert!(!typed(&steps).is_empty(), "{name}: {:?}", kinds(&steps));
        let windows = steps.iter().filter(|s| s.window_before.is_some()).count();
        assert!(windows > 0, "{name}: the window in use is told");
        let part = "pictures of a part of the screen that is not told";
        assert!(imported.dropped.get(part).is_some_and(|n| *n > 0), "{name}: {:?}", imported.dropped);
        let records = desk.records(&imported.path);
        let clock = records.iter().any(|r| matches!(r.body, RecordBody::Clock(_)));
        assert!(clock, "{name}: its clock is the wall's");
    }
}

#[test]
fn a_pause_of_the_recorder_is_a_gap() {
    let desk = Desk::new();
    let folder = desk.path().join("theirs");
    std::fs::create_dir(&folder).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("metadata.json", r#"{"screen_width": 100, "screen_height": 50}"#);
    let key = |t: f64, action: &str| {
        format!("{{\"time_stamp\": {t}, \"action\": \"{action}\", \"name\": \"a\"}}\n")
    };
    let state = |t: f64, action: &str| format!("{{\"time_stamp\": {t}, \"action\": \"{action}\"}}\n");
    let events = [
        key(1.0, "press"),
        key(1.1, "release"),
        state(1.2, "pause"),
        state(1.9, "resume"),
        key(2.0, "press"),
    ];
    write("events.jsonl", &events.concat());
    let imported = desk.import(Format::DuckTrack, &folder, Wanted::default()).expect("it imports");
    let (steps, closing) = desk.steps(&imported.path);
    assert_eq!(closing.ledger.gaps.get("paused"), Some(&1), "{:?}", closing.ledger);
    assert_eq!(typed(&steps), ["a", "a"], "what was typed before a pause does not go on after it");
}

#[test]
fn a_video_is_bound_by_its_true_times() {
    let Some(data) = data(1) else { return };
    let desk = Desk::new();
    let wanted = Wanted { frames: true, ..Wanted::default() };
    let imported = desk.import(Format::AgentNet, &data.join("agentnet-raw"), wanted).expect("it imports");
    assert!(imported.written.pictures > 20, "{:?}", imported.written);
    let steps = desk.actions(&imported.path);
    let mut seen = 0;
    for step in &steps {
        match &step.before {
            Before::Seen { shot, margin_nanos, .. } => {
                assert!(shot.facts.grab_end <= step.t_start && *margin_nanos < 1_000_000_000);
                assert_eq!((shot.facts.width, shot.facts.height), (1_366, 768));
                seen += 1;
            }
            Before::Missing(why) => assert_eq!(*why, Missing::NoneInTime),
        }
    }
    assert!(seen >= 18, "{seen} of {} have the screen before them", steps.len());
    let blind =
        desk.import(Format::AgentNet, &data.join("agentnet-raw"), Wanted::default()).expect("it imports");
    let told =
        |steps: &[Step]| -> Vec<_> { steps.iter().map(|s| (s.t_start, s.t_end, s.action.clone())).collect() };
    assert_eq!(steps.len(), 19, "pictures make a hover or a wait of nothing:\n{}", tell(&steps));
    assert_eq!(told(&steps), told(&desk.actions(&blind.path)));
}

//! Our actions of AgentNet's raw session against those that its own tool made and a person corrected.
//! docs/agentnet-compared.md tells the same in words.

mod support;

use std::path::Path;

use overt_event::{Button, Completeness, MonoNanos, Point, Record, RecordBody, Rect, SnapshotRecord};
use overt_import::Format;
use overt_reduce::{Action, Fault, Step};
use serde_json::Value;
use support::{Desk, Wanted, data, tell};

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("it is there");
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

fn nanos(value: &Value) -> u64 {
    (value.as_f64().expect("a time") * 1e9).round() as u64
}

/// One of theirs: what it is, when it began and ended, and where.
struct Theirs {
    kind: String,
    start: u64,
    end: u64,
    place: (i64, i64),
    button: Option<Button>,
    /// Where a drag let go.
    last: Option<(i64, i64)>,
    notches: i64,
}

/// How long after its last notch their tool lets a scroll end.
const SCROLL_TAIL: u64 = 200_000_000;

fn corrected(folder: &Path) -> Vec<Theirs> {
    let place = |v: &Value| (v["x"].as_i64().expect("x"), v["y"].as_i64().expect("y"));
    let pair = |v: &Value| (v[0].as_i64().expect("x"), v[1].as_i64().expect("y"));
    let one = |v: &Value| {
        let kind = v["action"].as_str().expect("a kind").to_owned();
        let trace = v["trace"].as_array().filter(|_| kind == "scroll");
        let at = trace.map_or_else(|| place(&v["coordinate"]), |t| place(&t[0]));
        let notches = trace.map_or(0, |t| t.iter().map(|n| -n["dy"].as_i64().expect("notches")).sum());
        Theirs {
            start: nanos(&v["start_time"]),
            end: nanos(&v["end_time"]) - trace.map_or(0, |_| SCROLL_TAIL),
            place: at,
            button: v.get("button").map(|b| serde_json::from_value(b.clone()).expect("a button")),
            last: v["drag_trace"].as_array().and_then(|t| t.last()).map(pair),
            notches,
            kind,
        }
    };
    lines(&folder.join("reduced_events_complete.jsonl")).iter().map(one).collect()
}

fn is_same(ours: &Step, theirs: &Theirs) -> bool {
    let pair = |p: Point| (i64::from(p.x), i64::from(p.y));
    let (button, last, dy_120) = match &ours.action {
        Action::Click { button, .. } => (Some(*button), None, 0),
        Action::Drag { path, button, .. } => (Some(*button), path.last().copied(), 0),
        Action::Scroll { dy_120, .. } => (None, None, *dy_120),
        _ => (None, None, 0),
    };
    ours.action.kind() == theirs.kind
        && (ours.t_start.0, ours.t_end.0) == (theirs.start, theirs.end)
        && ours.action.at().map(pair) == Some(theirs.place)
        && (button, last.map(pair), dy_120) == (theirs.button, theirs.last, theirs.notches * 120)
}

fn session(desk: &Desk, folder: &Path) -> (Vec<Step>, Vec<Record>) {
    let imported = desk.import(Format::AgentNet, folder, Wanted::default()).expect("it imports");
    (desk.actions(&imported.path), desk.records(&imported.path))
}

#[test]
fn every_action_that_a_person_left_is_ours_to_the_nanosecond() {
    let Some(data) = data(1) else { return };
    let (folder, desk) = (data.join("agentnet-raw"), Desk::new());
    let (steps, _) = session(&desk, &folder);
    let theirs = corrected(&folder);
    assert_eq!(theirs.len(), 14);
    let missing: Vec<_> =
        theirs.iter().filter(|t| !steps.iter().any(|s| is_same(s, t))).map(|t| (&t.kind, t.start)).collect();
    assert!(missing.is_empty(), "{missing:?}\n{}", tell(&steps));
    let outside = steps.iter().filter(|s| theirs.iter().any(|t| is_same(s, t))).filter(|s| {
        let at = s.action.at().expect("it has a place");
        s.element.as_ref().is_some_and(|e| !e.element.node.bounds.contains(at))
    });
    assert_eq!(outside.count(), 0, "each lies in the box of its target");
    let of_theirs = steps.iter().filter(|s| theirs.iter().any(|t| is_same(s, t)));
    assert_eq!(of_theirs.filter(|s| s.element.is_some()).count(), 13, "all but the scroll");
}

#[test]
fn what_is_ours_alone_the_person_had_taken_out() {
    let Some(data) = data(1) else { return };
    let (folder, desk) = (data.join("agentnet-raw"), Desk::new());
    let (steps, _) = session(&desk, &folder);
    let theirs = corrected(&folder);
    let extra: Vec<&Step> = steps.iter().filter(|s| !theirs.iter().any(|t| is_same(s, t))).collect();
    let told: Vec<(&str, u64)> =
        extra.iter().map(|s| (s.action.kind(), s.t_start.0 / 1_000_000 - 30_000_000)).collect();
    let expected =
        [("click", 764_532), ("click", 767_302), ("scroll", 772_485), ("scroll", 774_581), ("key", 795_800)];
    assert_eq!(told, expected);
    assert_eq!(steps.len(), 19, "with the 14 of the person, {}", tell(&steps));
    // Their tool saw the same, before the person: nothing here was made up.
    let events = lines(&folder.join("events.jsonl"));
    let tool = lines(&folder.join("event_buffer.jsonl"));
    let has = |all: &[Value], t: MonoNanos| all.iter().any(|e| nanos(&e["time_stamp"]).abs_diff(t.0) < 1_000);
    for step in extra.iter().filter(|s| s.action.kind() == "click") {
        assert!(has(&tool, step.t_start));
    }
    for step in extra.iter().filter(|s| s.action.kind() == "scroll") {
        assert!(has(&events, step.t_start));
    }
    assert!(matches!(&extra[4].action, Action::Key { keys, .. } if *keys == ["ctrl", "alt", "t"]));
}

#[test]
fn what_lies_beyond_the_named_screen_is_counted_and_the_person_kept_none_of_it() {
    let Some(data) = data(1) else { return };
    let (folder, desk) = (data.join("agentnet-raw"), Desk::new());
    let imported = desk.import(Format::AgentNet, &folder, Wanted::default()).expect("it imports");
    let (_, closing) = desk.steps(&imported.path);
    assert_eq!(closing.ledger.errors.get(&Fault::OutsideDesktop), Some(&1_450), "{:?}", closing.ledger);
    let is_beyond = |v: &Value| v["x"].as_i64() >= Some(1_366) || v["y"].as_i64() >= Some(768);
    let beyond: Vec<Value> =
        lines(&folder.join("event_buffer.jsonl")).into_iter().filter(is_beyond).collect();
    let clicks = beyond.iter().filter(|v| v["action"] == "click" && v["pressed"] == true).count();
    let scrolls = beyond.iter().filter(|v| v["action"] == "scroll").count();
    assert_eq!((clicks, scrolls), (6, 2), "of the tool's own list");
    assert!(corrected(&folder).iter().all(|t| t.place.0 < 1_366 && t.place.1 < 768));
}

#[test]
fn elements_that_do_not_contain_their_press_are_flagged() {
    let Some(data) = data(1) else { return };
    let desk = Desk::new();
    let (_, records) = session(&desk, &data.join("agentnet-raw"));
    let elements: Vec<_> = records
        .iter()
        .filter_map(|r| match &r.body {
            RecordBody::Element(e) => Some(e),
            _ => None,
        })
        .collect();
    let flagged: Vec<_> =
        elements.iter().filter(|e| e.completeness == Completeness::DoesNotContainPoint).collect();
    assert_eq!((elements.len(), flagged.len()), (21, 5));
    assert!(flagged.iter().all(|e| !e.element.as_ref().expect("one").node.bounds.contains(e.at)));
    let presses: Vec<_> = records
        .iter()
        .filter(|r| matches!(r.body, RecordBody::Button { down: true, .. }))
        .map(|r| r.seq)
        .collect();
    assert_eq!(elements.iter().map(|e| e.for_seq).collect::<Vec<_>>(), presses, "one for each press");
}

/// What stands in the lines up to this time, and the rest of the folder but the video.
fn first_secs(folder: &Path, into: &Path, until: u64) {
    std::fs::create_dir(into).expect("a folder");
    for name in ["metadata.json", "task_name.json"] {
        std::fs::copy(folder.join(name), into.join(name)).expect("it is copied");
    }
    for name in ["events.jsonl", "element.jsonl", "a11y.jsonl"] {
        let early = lines(&folder.join(name)).into_iter().filter(|l| nanos(&l["time_stamp"]) < until);
        let text: String = early.map(|line| format!("{line}\n")).collect();
        std::fs::write(into.join(name), text).expect("it is written");
    }
}

/// When each tree was told, and what it held: some hold what the one before did.
fn trees(records: &[Record]) -> Vec<(MonoNanos, &SnapshotRecord)> {
    let mut told: Vec<(MonoNanos, &SnapshotRecord)> = Vec::new();
    for record in records {
        match &record.body {
            RecordBody::Snapshot(snapshot) => told.push((snapshot.asked_at, snapshot)),
            RecordBody::SnapshotAgain { asked_at, .. } => {
                let (_, last) = *told.last().expect("one before");
                told.push((*asked_at, last));
            }
            _ => {}
        }
    }
    told
}

#[test]
fn trees_are_told_from_their_own_time_on_where_nothing_contradicts_their_units() {
    let Some(data) = data(1) else { return };
    let (folder, desk) = (data.join("agentnet-raw"), Desk::new());
    let early = desk.path().join("early");
    // Before the person chooses another scaling.
    first_secs(&folder, &early, 30_707_000_000_000);
    let (steps, records) = session(&desk, &early);
    let trees = trees(&records);
    // Of the second of twelve the tool says that another window came to the front meanwhile.
    let whole = |line: &Value| line["axtree"]["complete"] == true && line["axtree"]["switched"] == false;
    let asked: Vec<u64> = lines(&early.join("a11y.jsonl"))
        .iter()
        .filter(|line| whole(line))
        .map(|line| nanos(&line["time_stamp"]))
        .collect();
    assert_eq!(asked.len(), 11);
    assert_eq!(trees.iter().map(|(asked, _)| asked.0).collect::<Vec<_>>(), asked);
    let screen = Rect { x: 0, y: 0, w: 1_366, h: 768 };
    assert!(trees.iter().all(|(_, s)| s.completeness == Completeness::Cut && s.nodes.len() > 3));
    let mut nodes = trees.iter().flat_map(|(_, s)| &s.nodes);
    assert!(nodes.all(|n| n.bounds.intersect(screen).is_some()), "only what can be seen");
    let clicks: Vec<&Step> = steps.iter().filter(|s| s.action.kind() == "click").collect();
    assert!(clicks.len() >= 5, "{}", tell(&steps));
    for click in clicks {
        let shown = click.elements_before.as_ref().expect("a tree was told before");
        let (_, before) = trees.iter().rfind(|(asked, _)| *asked <= click.t_start).expect("that one");
        assert_eq!(shown.nodes, before.nodes, "what a press led to is not what was there before it");
    }
    let known = steps.iter().filter(|s| {
        let Some((target, shown)) = s.element.as_ref().zip(s.elements_before.as_ref()) else { return false };
        shown
            .nodes
            .iter()
            .any(|n| (&n.name, n.bounds) == (&target.element.node.name, target.element.node.bounds))
    });
    assert!(known.count() >= 4, "what was pressed is in the tree from before, in the same place");
}

#[test]
fn one_contradiction_puts_all_trees_in_doubt() {
    let Some(data) = data(1) else { return };
    let desk = Desk::new();
    let imported =
        desk.import(Format::AgentNet, &data.join("agentnet-raw"), Wanted::default()).expect("it imports");
    let doubted = imported.dropped.get("trees in units that may be others than those of the events");
    assert_eq!(doubted, Some(&32), "{:?}", imported.dropped);
    assert_eq!(imported.dropped.get("names of programs without a window"), Some(&4));
    let records = desk.records(&imported.path);
    assert!(records.iter().all(|r| !matches!(r.body, RecordBody::Snapshot(_))));
}

//! A small language for what happened: one event a line, `MILLIS [xtest] VERB ARGS [=NAME]`.
//!
//! A line named `=p` can be meant later as `p`: by bindings and elements. Every script begins with one
//! monitor of 1000x800 unless it says otherwise. Unless a script has a line `frame`, there are no pictures.

use std::collections::HashMap;
use std::sync::Arc;

use overt_event::{
    AccessibleChange, AccessibleEvent, AppName, Binding, Button, ClockAnchor, Completeness, DenyRule,
    Element, ElementRecord, Frame, FrameId, FrameRecord, Gap, Gestures, KeyRecord, Mark, Modifiers, Monitor,
    MonoNanos, NANOS_PER_MILLI, NoFrame, Node, Point, Record, RecordBody, Rect, Rotation, Seq,
    SnapshotRecord, Span, Topology, TopologyId, Verdict, WallTime, WindowChange, WindowId, WindowKind,
};

use crate::entry::Entry;

/// The records of a script.
pub(crate) fn entries(ops: &str) -> Vec<Entry> {
    let mut script = Script::default();
    let first = ops.trim_start();
    if !first.starts_with("0 screen ") && !first.starts_with("0 nothing") {
        script.line("0 screen 1000x800+0+0");
    }
    ops.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.ends_with(" nothing"))
        .for_each(|l| script.line(l));
    script.entries
}

#[derive(Default)]
struct Script {
    entries: Vec<Entry>,
    names: HashMap<String, Seq>,
    drawn: HashMap<String, Arc<Frame>>,
    topologies: u32,
    segment: u32,
    app: Option<String>,
}

impl Script {
    fn line(&mut self, line: &str) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let name = words.last().and_then(|w| w.strip_prefix('=')).map(str::to_owned);
        if name.is_some() {
            words.pop();
        }
        let millis: u64 = words.remove(0).parse().expect("a line begins with milliseconds");
        let injected = words.first() == Some(&"xtest");
        if injected {
            words.remove(0);
        }
        match words[0] {
            "segment" => return self.segment = number(words[1]),
            "app" => return self.app = Some(words[1].to_owned()).filter(|a| a != "-"),
            _ => {}
        }
        let seq = Seq(self.entries.len() as u64);
        if let Some(name) = name {
            self.names.insert(name, seq);
        }
        let time = MonoNanos::from_millis(millis);
        let (body, pixels) = self.body(time, &words);
        let time = match body {
            RecordBody::Text { .. } | RecordBody::TextShape { .. } => time.floor_to_millis(100),
            _ => time,
        };
        let arrival = if words.contains(&"late") { time.plus_millis(60_000) } else { time };
        let app = self.app.as_deref().map(|name| AppName(name.into()));
        let record = Record { seq, time, arrival, injected, repeated: false, device: 0, app, body };
        self.entries.push(Entry { record: Box::new(record), pixels, segment: self.segment });
    }

    fn body(&mut self, time: MonoNanos, words: &[&str]) -> (RecordBody, Option<Arc<Frame>>) {
        match words[0] {
            "frame" => self.frame(&words[1..]),
            "before" | "after" | "nobefore" | "noafter" => (self.binding(words), None),
            "screen" => (self.screen(&words[1..]), None),
            "element" => (self.element(&words[1..]), None),
            "again" => (self.again(&words[1..]), None),
            verb => (plain(verb, &words[1..], time), None),
        }
    }

    /// `screen WxH+X+Y[@SCALE]... [clicks:MILLIS,PX,DRAG_PX]`
    fn screen(&mut self, monitors: &[&str]) -> RecordBody {
        let (gestures, monitors): (Vec<&str>, Vec<&str>) =
            monitors.iter().partition(|m| m.starts_with("clicks:"));
        let gestures = gestures.first().map(|g| clicks(g)).unwrap_or_default();
        let monitors: Vec<Monitor> = monitors.iter().map(|m| monitor(m)).collect();
        let right = monitors.iter().map(|m| m.bounds.x + m.bounds.w).max().expect("a monitor");
        let bottom = monitors.iter().map(|m| m.bounds.y + m.bounds.h).max().expect("a monitor");
        let id = TopologyId(self.topologies);
        self.topologies += 1;
        RecordBody::Topology(Topology { id, size: (right as u32, bottom as u32), monitors, gestures })
    }

    /// `frame ID BEGIN-END COLOUR [X,Y,W,H:COLOUR]`
    fn frame(&mut self, words: &[&str]) -> (RecordBody, Option<Arc<Frame>>) {
        let (begin, end) = words[1].split_once('-').expect("BEGIN-END");
        let facts = FrameRecord {
            id: FrameId(number(words[0])),
            topology: TopologyId(self.topologies.saturating_sub(1)),
            grab_begin: MonoNanos::from_millis(number(begin)),
            grab_end: MonoNanos::from_millis(number(end)),
            width: 1000,
            height: 800,
            filled_permille: 0,
        };
        let picture = words[2..].join(" ");
        let drawn = self.drawn.entry(picture).or_insert_with(|| Arc::new(draw(&words[2..]))).clone();
        (RecordBody::Frame(facts), Some(drawn))
    }

    fn binding(&self, words: &[&str]) -> RecordBody {
        let for_seq = self.names[words[1]];
        let frame = || FrameId(number(words[2]));
        RecordBody::Binding(match words[0] {
            "before" => Binding::Before {
                for_seq,
                frame: frame(),
                margin_nanos: 0,
                damage_unseen: words.contains(&"damage"),
            },
            "after" => {
                let timed_out = words.contains(&"timeout");
                Binding::After { for_seq, frame: frame(), delay_nanos: 0, timed_out }
            }
            "nobefore" => Binding::NoBefore { for_seq, why: NoFrame::Denied },
            _ => Binding::NoAfter { for_seq, why: NoFrame::Interrupted },
        })
    }

    /// `again NAME ASKED TOOK`: the window of that snapshot told the same
    fn again(&self, words: &[&str]) -> RecordBody {
        RecordBody::SnapshotAgain {
            of: self.names[words[0]],
            asked_at: MonoNanos::from_millis(number(words[1])),
            took_nanos: number::<u64>(words[2]) * NANOS_PER_MILLI,
        }
    }

    /// `element NAME ROLE LABEL X,Y,W,H`, or `element NAME untold` where nothing was told
    fn element(&self, words: &[&str]) -> RecordBody {
        let untold = words[1] == "untold";
        let found = (!untold).then(|| node(&words[1..]));
        RecordBody::Element(Box::new(ElementRecord {
            for_seq: self.names[words[0]],
            at: found.as_ref().map_or(Point { x: 0, y: 0 }, |n| n.bounds.center()),
            element: found.map(|node| Element { node, ancestors: Vec::new(), candidates: 1 }),
            completeness: if untold { Completeness::TimedOut } else { Completeness::Complete },
            took_nanos: 1,
        }))
    }
}

/// `WxH+X+Y[@SCALE]`
fn monitor(word: &str) -> Monitor {
    let (place, scale) = word.split_once('@').unwrap_or((word, "1"));
    let n: Vec<i32> = place.split(['x', '+']).map(number).collect();
    let bounds = Rect { x: n[2], y: n[3], w: n[0], h: n[1] };
    let scale_milli = (number::<f64>(scale) * 1000.0).round() as u32;
    Monitor { bounds, scale_milli, rotation: Rotation::Upright }
}

/// `clicks:MILLIS,PX,DRAG_PX`
fn clicks(word: &str) -> Gestures {
    let n: Vec<u32> = word.trim_start_matches("clicks:").split(',').map(number).collect();
    Gestures { click_gap_millis: Some(n[0]), click_slip_px: Some(n[1]), drag_px: Some(n[2]) }
}

fn plain(verb: &str, words: &[&str], time: MonoNanos) -> RecordBody {
    match verb {
        "move" => RecordBody::PointerMove { at: point(words[0]) },
        "press" | "release" => RecordBody::Button {
            button: button(words[0]),
            at: point(words[1]),
            down: verb == "press",
            modifiers: modifiers(words.get(2)),
        },
        "scroll" => {
            let by = point(words[1]);
            let modifiers = modifiers(words.get(2));
            RecordBody::Scroll { at: point(words[0]), dx_120: by.x, dy_120: by.y, modifiers }
        }
        "down" | "up" | "repeat" => RecordBody::Key(KeyRecord {
            name: words[0].to_owned(),
            down: verb != "up",
            repeat: verb == "repeat",
            modifiers: modifiers(words.get(1)),
        }),
        "text" => RecordBody::Text { text: words.join(" ").replace('_', " ") },
        "shape" => RecordBody::TextShape {
            letters: number(words[0]),
            digits: number(words[1]),
            others: number(words[2]),
        },
        "window" => window(words),
        "snapshot" => snapshot(words),
        "location" => RecordBody::Location { url: words[0].to_owned() },
        "clock" => RecordBody::Clock(ClockAnchor { mono: time, wall: WallTime(0) }),
        "paused" | "lost" | "unanswered" | "denied" => {
            RecordBody::Gap { gap: gap(verb), span: Span { from: time, to: time } }
        }
        "unseen" => {
            let (from, to) = words[0].split_once('-').expect("FROM-TO");
            let span =
                Span { from: MonoNanos::from_millis(number(from)), to: MonoNanos::from_millis(number(to)) };
            RecordBody::Gap { gap: Gap::Denied { rule: DenyRule::SecretField }, span }
        }
        "deny" => RecordBody::VerdictChange { verdict: Verdict::Deny { rule: DenyRule::AppNotAgreed } },
        "begin" | "end" | "up!" | "down!" => RecordBody::Mark { mark: mark(verb, words) },
        _ => RecordBody::Accessible(Box::new(accessible(verb, words))),
    }
}

/// `window CHANGE ID KIND X,Y,W,H [TITLE]`
fn window(words: &[&str]) -> RecordBody {
    RecordBody::Window {
        change: match words[0] {
            "opened" => WindowChange::Opened,
            "focused" => WindowChange::Focused,
            "closed" => WindowChange::Closed,
            "retitled" => WindowChange::Retitled,
            "popup" => WindowChange::PopupOpened,
            "unpopup" => WindowChange::PopupClosed,
            other => panic!("no such change: {other}"),
        },
        window: WindowId(number(words[1])),
        window_kind: match words[2] {
            "popup" => WindowKind::Popup,
            "dock" => WindowKind::Dock,
            _ => WindowKind::Normal,
        },
        bounds: rect(words[3]),
        title: words.get(4).map(|t| (*t).to_owned()),
    }
}

/// `snapshot WINDOW ASKED TOOK ROLE LABEL X,Y,W,H`
fn snapshot(words: &[&str]) -> RecordBody {
    RecordBody::Snapshot(SnapshotRecord {
        window: WindowId(number(words[0])),
        asked_at: MonoNanos::from_millis(number(words[1])),
        took_nanos: number::<u64>(words[2]) * NANOS_PER_MILLI,
        nodes: words[3..].chunks(3).map(node).collect(),
        completeness: Completeness::Complete,
    })
}

/// `CHANGE ROLE LABEL X,Y,W,H [ROLE LABEL of an ancestor]...`
fn accessible(verb: &str, words: &[&str]) -> AccessibleEvent {
    let change = match verb {
        "selected" => AccessibleChange::Selected,
        "focus" => AccessibleChange::Focused,
        "expanded" => AccessibleChange::Expanded(true),
        "collapsed" => AccessibleChange::Expanded(false),
        "ticked" => AccessibleChange::Checked(true),
        "unticked" => AccessibleChange::Checked(false),
        "popped" => AccessibleChange::PoppedUp(true),
        "inserted" => AccessibleChange::TextInserted { text: words[3].to_owned() },
        other => panic!("no such verb: {other}"),
    };
    let above = if verb == "inserted" { &[] } else { &words[3..] };
    let ancestors = above.chunks_exact(2).map(|a| Node {
        role: a[0].replace('-', " "),
        name: label(a[1]),
        ..Node::default()
    });
    AccessibleEvent { change, node: node(words), ancestors: ancestors.collect() }
}

fn node(words: &[&str]) -> Node {
    Node {
        role: words[0].replace('-', " "),
        name: label(words[1]),
        bounds: rect(words[2]),
        ..Node::default()
    }
}

fn label(word: &str) -> String {
    if word == "-" { String::new() } else { word.to_owned() }
}

fn gap(verb: &str) -> Gap {
    match verb {
        "paused" => Gap::Paused,
        "lost" => Gap::Lost { count: 3 },
        "unanswered" => Gap::Unanswered { count: 2 },
        _ => Gap::Denied { rule: DenyRule::LevelHasNoPixels },
    }
}

fn mark(verb: &str, words: &[&str]) -> Mark {
    match verb {
        "begin" => Mark::TaskBegins { instruction: words.first().map(|w| w.replace('_', " ")) },
        "end" => Mark::TaskEnds,
        "up!" => Mark::ThumbsUp,
        _ => Mark::ThumbsDown,
    }
}

fn draw(words: &[&str]) -> Frame {
    let (w, h) = (1000usize, 800usize);
    let mut rgb = vec![number::<u8>(words[0]); w * h * 3];
    for patch in &words[1..] {
        let (area, colour) = patch.split_once(':').expect("X,Y,W,H:COLOUR");
        let (area, colour) = (rect(area), number::<u8>(colour));
        for y in area.y..area.y + area.h {
            let from = (y as usize * w + area.x as usize) * 3;
            rgb[from..from + area.w as usize * 3].fill(colour);
        }
    }
    Frame::from_rgb(w as u32, h as u32, &rgb).expect("the size fits")
}

fn number<T: std::str::FromStr>(word: &str) -> T {
    word.parse().ok().unwrap_or_else(|| panic!("no number: {word}"))
}

fn point(word: &str) -> Point {
    let (x, y) = word.split_once(',').expect("X,Y");
    Point { x: number(x), y: number(y) }
}

fn rect(word: &str) -> Rect {
    let n: Vec<i32> = word.split(',').map(number).collect();
    Rect { x: n[0], y: n[1], w: n[2], h: n[3] }
}

fn button(word: &str) -> Button {
    match word {
        "left" => Button::Left,
        "middle" => Button::Middle,
        "right" => Button::Right,
        "back" => Button::Back,
        _ => Button::Forward,
    }
}

/// `ctrl+shift`
fn modifiers(word: Option<&&str>) -> Modifiers {
    let has = |name| word.is_some_and(|w| w.split('+').any(|m| m == name));
    Modifiers { ctrl: has("ctrl"), alt: has("alt"), shift: has("shift"), super_key: has("super") }
}

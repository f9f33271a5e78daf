//! AgentNet's raw recordings: pynput's events, elements asked at presses, and a video (section 3.4).

use std::path::Path;

use overt_event::{Completeness, Element, Mark, MonoNanos, Node, Point, RawBody, Rect};
use overt_format::Unknown;
use serde::Deserialize;

use crate::error::ImportError;
use crate::lines;
use crate::pynput::{self, Metadata, time};
use crate::telling::{FrameTimes, Telling, Told, Video, What};

const ELEMENTS: &str = "element.jsonl";
const TASK: &str = "task_name.json";
const VIDEO: &str = "video.mp4";

/// OBS says so when the first picture is taken.
const STARTED: &str = "OBS_WEBSOCKET_OUTPUT_STARTED";
/// An element is asked for when its press is seen, and its press written when it is found.
const ELEMENT_MILLIS_MAX: u64 = 1_000;

/// What it does not tell.
const UNKNOWN: [Unknown; 6] = [
    Unknown::Arrival,
    Unknown::Focus,
    Unknown::Injected,
    Unknown::Scale,
    Unknown::WallClock,
    Unknown::Windows,
];

/// Files that have no place with us.
const DROPPED: [(&str, &str); 6] = [
    ("a11y.jsonl", "trees of windows without a place or number"),
    ("top_window.jsonl", "names of windows without a place or number"),
    ("html.jsonl", "pages"),
    ("event_buffer.jsonl", "reductions of theirs"),
    ("reduced_events_complete.jsonl", "reductions of theirs"),
    ("reduced_events_vis.jsonl", "reductions of theirs"),
];

#[derive(Deserialize)]
struct Task {
    task_name: String,
}

#[derive(Deserialize)]
struct ElementLine {
    time_stamp: f64,
    a11y_tree: Control,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Control {
    name: String,
    control_type: String,
    bounding_rectangle: Box4,
}

#[derive(Deserialize)]
struct Box4 {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

pub(crate) fn read(folder: &Path, frames: bool) -> Result<Telling, ImportError> {
    let metadata = Metadata::read(folder)?;
    let screen = metadata.screen()?;
    let mut telling = Telling::without(UNKNOWN);
    pynput::events(folder, &mut telling)?;
    elements(folder, &mut telling)?;
    frame(folder, &metadata, frames, &mut telling)?;
    task(folder, &mut telling)?;
    telling.begin_on(screen);
    for (name, kind) in DROPPED.iter().filter(|(name, _)| folder.join(name).exists()) {
        let text = lines::text(&folder.join(name), name)?;
        *telling.dropped.entry(kind).or_default() += lines::numbered(&text).count() as u64;
    }
    telling.dropped.retain(|_, count| *count > 0);
    Ok(telling)
}

/// The task is what lies between the first event and the last.
fn task(folder: &Path, telling: &mut Telling) -> Result<(), ImportError> {
    let path = folder.join(TASK);
    let (Some(first), Some(last)) = (telling.events.first(), telling.events.last()) else { return Ok(()) };
    let (first, last) = (first.at, last.at);
    if path.exists() {
        let Task { task_name } = lines::whole_json(TASK, &lines::bytes(&path, TASK)?)?;
        let begins = RawBody::Mark(Mark::TaskBegins { instruction: Some(task_name) });
        telling.events.insert(0, Told { at: first, what: What::Event(begins) });
        telling.tell(last, RawBody::Mark(Mark::TaskEnds))?;
    }
    Ok(())
}

fn frame(folder: &Path, metadata: &Metadata, wanted: bool, telling: &mut Telling) -> Result<(), ImportError> {
    let path = folder.join(VIDEO);
    if !wanted || !path.exists() {
        telling.unknown.insert(Unknown::Pictures);
        return Ok(());
    }
    let started = metadata.obs_record_state_timings.get(STARTED).and_then(|all| all.first());
    let problem = "does not say when the video started, so its pictures have no time";
    let started = *started.ok_or(ImportError::File { file: "metadata.json", problem })?;
    let from = time("metadata.json", 1, started)?;
    telling.video = Some(Video { path, times: FrameTimes::From(from) });
    Ok(())
}

/// Puts each element behind the press it was asked for.
fn elements(folder: &Path, telling: &mut Telling) -> Result<(), ImportError> {
    let path = folder.join(ELEMENTS);
    if !path.exists() {
        telling.unknown.insert(Unknown::Elements);
        return Ok(());
    }
    let mut found = Vec::new();
    for (line, text) in lines::numbered(&lines::text(&path, ELEMENTS)?) {
        let read: ElementLine = lines::json(ELEMENTS, line, text)?;
        found.push((time(ELEMENTS, line, read.time_stamp)?, read.a11y_tree));
    }
    let ends: Vec<MonoNanos> = found.iter().skip(1).map(|(at, _)| *at).chain([MonoNanos(u64::MAX)]).collect();
    // The last first, so that the places of the others stay.
    for ((asked, control), next) in found.into_iter().zip(ends).rev() {
        match press_after(telling, asked, next) {
            Some((i, at, press)) => {
                let what = control.under(press);
                telling.events.insert(i + 1, Told { at, what });
            }
            None => telling.drop_one("elements without a press"),
        }
    }
    Ok(())
}

/// The first press from then on, before the next element was asked for.
fn press_after(telling: &Telling, asked: MonoNanos, next: MonoNanos) -> Option<(usize, MonoNanos, Point)> {
    let until = asked.plus_millis(ELEMENT_MILLIS_MAX).min(next);
    let from = telling.events.partition_point(|told| told.at < asked);
    let within = telling.events.iter().enumerate().skip(from).take_while(|(_, told)| told.at <= until);
    within.into_iter().find_map(|(i, told)| match told.what {
        What::Event(RawBody::Button { at, down: true, .. }) => Some((i, told.at, at)),
        _ => None,
    })
}

impl Control {
    fn under(self, at: Point) -> What {
        let Box4 { left, top, right, bottom } = self.bounding_rectangle;
        let bounds = Rect { x: left, y: top, w: right.saturating_sub(left), h: bottom.saturating_sub(top) };
        let completeness = match bounds.contains(at) {
            true => Completeness::Complete,
            false => Completeness::DoesNotContainPoint,
        };
        let node = Node { role: role(&self.control_type), name: self.name, bounds, ..Node::default() };
        What::Element { at, element: Element { node, ancestors: Vec::new(), candidates: 1 }, completeness }
    }
}

/// The AT-SPI role of a control type of UI Automation.
fn role(control_type: &str) -> String {
    let stem = control_type.strip_suffix("Control").unwrap_or(control_type);
    let role = match stem {
        "Button" => "push button",
        "CheckBox" => "check box",
        "ComboBox" => "combo box",
        "Document" => "document frame",
        "Edit" => "entry",
        "Hyperlink" => "link",
        "ListItem" => "list item",
        "MenuBar" => "menu bar",
        "MenuItem" => "menu item",
        "Pane" => "panel",
        "ProgressBar" => "progress bar",
        "RadioButton" => "radio button",
        "ScrollBar" => "scroll bar",
        "TabItem" => "page tab",
        "Text" => "label",
        "ToolBar" => "tool bar",
        "TreeItem" => "tree item",
        "Window" => "window",
        _ => return words(stem),
    };
    role.to_owned()
}

/// `TitleBar` as `title bar`.
fn words(stem: &str) -> String {
    let mut out = String::new();
    for c in stem.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    out
}

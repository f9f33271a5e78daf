//! AgentNet's raw recordings: pynput's events, elements asked at presses, and a video (section 3.4).

mod control;
mod trees;

use std::path::Path;

use overt_event::{Mark, MonoNanos, Point, RawBody};
use overt_format::Unknown;
use serde::Deserialize;

use crate::agentnet::control::Control;
use crate::error::ImportError;
use crate::pynput::{self, Metadata, time};
use crate::telling::{Telling, Told, What};
use crate::{lines, obs};

const ELEMENTS: &str = "element.jsonl";
const TASK: &str = "task_name.json";
const VIDEO: &str = "video.mp4";

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
const DROPPED: [(&str, &str); 5] = [
    ("top_window.jsonl", "names of programs without a window"),
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

pub(crate) fn read(folder: &Path, frames: bool) -> Result<Telling, ImportError> {
    let metadata = Metadata::read(folder)?;
    let screen = metadata.screen();
    let mut telling = Telling::without(UNKNOWN);
    pynput::events(folder, &mut telling)?;
    elements(folder, &mut telling)?;
    trees::read(folder, screen, &mut telling)?;
    let video = folder.join(VIDEO);
    obs::video(video.exists().then_some(video), &metadata, frames, &mut telling)?;
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

//! The event lines that DuckTrack and the AgentNet tool have in common: pynput's callbacks, one JSON a line.

use std::path::Path;

use overt_event::{Button, MonoNanos, NANOS_PER_SEC, RawBody};
use serde::Deserialize;

use crate::error::ImportError;
use crate::key_codes::of_pynput;
use crate::keyboard::Keyboard;
use crate::lines;
use crate::telling::{Telling, moment, notches, point, size};

const EVENTS: &str = "events.jsonl";
const METADATA: &str = "metadata.json";

#[derive(Deserialize)]
struct Line {
    time_stamp: f64,
    #[serde(flatten)]
    deed: Deed,
}

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
enum Deed {
    Move { x: f64, y: f64 },
    Click { x: f64, y: f64, button: String, pressed: bool },
    Scroll { x: f64, y: f64, dx: f64, dy: f64 },
    Press { name: String },
    Release { name: String },
}

/// What both formats say of the machine.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    screen_width: f64,
    screen_height: f64,
    #[serde(default)]
    pub(crate) obs_record_state_timings: std::collections::BTreeMap<String, Vec<f64>>,
}

impl Metadata {
    pub(crate) fn read(folder: &Path) -> Result<Self, ImportError> {
        lines::whole_json(METADATA, &lines::bytes(&folder.join(METADATA), METADATA)?)
    }

    pub(crate) fn screen(&self) -> Result<(u32, u32), ImportError> {
        let fault = ImportError::File { file: METADATA, problem: "names no screen that there can be" };
        size(self.screen_width, self.screen_height).ok_or(fault)
    }
}

/// Reads all events of a folder into the telling.
pub(crate) fn events(folder: &Path, telling: &mut Telling) -> Result<(), ImportError> {
    let mut keyboard = Keyboard::default();
    for (line, text) in lines::numbered(&lines::text(&folder.join(EVENTS), EVENTS)?) {
        let read: Line = lines::json(EVENTS, line, text)?;
        telling.tell(time(EVENTS, line, read.time_stamp)?, body(read.deed, &mut keyboard))?;
    }
    Ok(())
}

/// A time in seconds.
pub(crate) fn time(file: &'static str, line: u64, secs: f64) -> Result<MonoNanos, ImportError> {
    let problem = "the time is before 0, or beyond any clock";
    moment(secs, NANOS_PER_SEC as f64).ok_or(ImportError::Line { file, line, problem })
}

fn body(deed: Deed, keyboard: &mut Keyboard) -> RawBody {
    match deed {
        Deed::Move { x, y } => RawBody::PointerMove { at: point(x, y) },
        Deed::Click { x, y, button, pressed } => {
            RawBody::Button { at: point(x, y), button: button_of(&button), down: pressed }
        }
        Deed::Scroll { x, y, dx, dy } => {
            RawBody::Scroll { at: point(x, y), dx_120: notches(dx), dy_120: notches(-dy) }
        }
        Deed::Press { name } => keyboard.event(&name, of_pynput(&name), true),
        Deed::Release { name } => keyboard.event(&name, of_pynput(&name), false),
    }
}

/// A button by pynput's name, which OWAMcap uses too. What it does not name is `other(0)`.
pub(crate) fn button_of(name: &str) -> Button {
    match name {
        "left" => Button::Left,
        "middle" => Button::Middle,
        "right" => Button::Right,
        "x1" | "button8" => Button::Back,
        "x2" | "button9" => Button::Forward,
        _ => Button::Other(0),
    }
}

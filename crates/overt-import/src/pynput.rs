//! The event lines that DuckTrack and the AgentNet tool have in common: pynput's callbacks, one JSON a line.

use std::collections::BTreeMap;
use std::path::Path;

use overt_event::{Button, Gap, MonoNanos, NANOS_PER_SEC, RawBody, Span};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

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
    Move {
        x: f64,
        y: f64,
    },
    Click {
        x: f64,
        y: f64,
        button: String,
        pressed: bool,
    },
    Scroll {
        x: f64,
        y: f64,
        dx: f64,
        dy: f64,
    },
    Press {
        name: String,
    },
    Release {
        name: String,
    },
    /// The person asked the recorder to take nothing for a time.
    Pause,
    Resume,
}

/// What both formats say of the machine.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    #[serde(deserialize_with = "side")]
    screen_width: u32,
    #[serde(deserialize_with = "side")]
    screen_height: u32,
    #[serde(default)]
    pub(crate) obs_record_state_timings: BTreeMap<String, Vec<Moment>>,
}

/// A time in seconds.
#[derive(Clone, Copy)]
pub(crate) struct Moment(pub(crate) MonoNanos);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let moment = moment(f64::deserialize(from)?, NANOS_PER_SEC as f64);
        moment.map(Self).ok_or_else(|| D::Error::custom(lines::BAD_TIME))
    }
}

fn side<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let side = f64::deserialize(from)?;
    size(side, side).map(|(side, _)| side).ok_or_else(|| D::Error::custom(lines::NO_SCREEN))
}

impl Metadata {
    pub(crate) fn read(folder: &Path) -> Result<Self, ImportError> {
        lines::whole_json(METADATA, &lines::bytes(&folder.join(METADATA), METADATA)?)
    }

    pub(crate) fn screen(&self) -> (u32, u32) {
        (self.screen_width, self.screen_height)
    }
}

/// Reads all events of a folder into the telling.
pub(crate) fn events(folder: &Path, telling: &mut Telling) -> Result<(), ImportError> {
    let (mut keyboard, mut paused) = (Keyboard::default(), None);
    for (line, text) in lines::numbered(&lines::text(&folder.join(EVENTS), EVENTS)?) {
        let read: Line = lines::json(EVENTS, line, text)?;
        let at = time(EVENTS, line, read.time_stamp)?;
        match read.deed {
            Deed::Pause => paused = Some(at),
            Deed::Resume => telling.tell(at, pause(paused.take().unwrap_or(at), at))?,
            deed => body(deed, &mut keyboard).map_or(Ok(()), |body| telling.tell(at, body))?,
        }
    }
    Ok(())
}

fn pause(from: MonoNanos, to: MonoNanos) -> RawBody {
    RawBody::Gap { gap: Gap::Paused, span: Span { from, to } }
}

/// A time in seconds.
pub(crate) fn time(file: &'static str, line: u64, secs: f64) -> Result<MonoNanos, ImportError> {
    let problem = lines::BAD_TIME;
    moment(secs, NANOS_PER_SEC as f64).ok_or(ImportError::Line { file, line, problem })
}

/// What a device did; `None` for what a person asked of the recorder.
fn body(deed: Deed, keyboard: &mut Keyboard) -> Option<RawBody> {
    Some(match deed {
        Deed::Move { x, y } => RawBody::PointerMove { at: point(x, y) },
        Deed::Click { x, y, button, pressed } => {
            RawBody::Button { at: point(x, y), button: button_of(&button), down: pressed }
        }
        Deed::Scroll { x, y, dx, dy } => {
            RawBody::Scroll { at: point(x, y), dx_120: notches(dx), dy_120: notches(-dy) }
        }
        Deed::Press { name } => keyboard.event(&name, of_pynput(&name), true),
        Deed::Release { name } => keyboard.event(&name, of_pynput(&name), false),
        Deed::Pause | Deed::Resume => return None,
    })
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

//! Demonstrations of MiniWoB++: events of a page, and the page before each (section 3.3).

use std::io::Cursor;
use std::path::Path;

use flate2::read::GzDecoder;
use overt_event::{
    AccessibleChange, AccessibleEvent, Button, Completeness, Element, FocusReport, Mark, MonoNanos, Node,
    Point, RawBody, RawSnapshot, WindowId,
};
use overt_format::Unknown;
use overt_page::{Dom, focus_kind};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::ImportError;
use crate::key_codes::{Key, of_code};
use crate::keyboard::Keyboard;
use crate::lines;
use crate::telling::{Telling, Told, What, moment};

const FILE: &str = "the demonstration";

/// What it does not tell.
const UNKNOWN: [Unknown; 7] = [
    Unknown::Arrival,
    Unknown::Injected,
    Unknown::Pictures,
    Unknown::Scale,
    Unknown::Screen,
    Unknown::WallClock,
    Unknown::Windows,
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Demo {
    utterance: String,
    raw_reward: f64,
    states: Vec<State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(deserialize_with = "millis")]
    time: MonoNanos,
    action: Option<Act>,
    dom: Dom,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Act {
    #[serde(rename = "type")]
    kind: String,
    timing: u32,
    x: Option<f64>,
    y: Option<f64>,
    key_code: Option<u32>,
    char_code: Option<u32>,
}

/// The phase in which a state is the one before the event.
const CAPTURE: u32 = 1;

pub(crate) fn read(src: &Path) -> Result<Telling, ImportError> {
    let demo: Demo = lines::whole_json(FILE, &unpacked(lines::bytes(src, FILE)?)?)?;
    let mut reading = Reading { telling: Telling::without(UNKNOWN), ..Reading::default() };
    let begins = RawBody::Mark(Mark::TaskBegins { instruction: Some(demo.utterance) });
    reading.telling.tell(demo.states.first().map_or(MonoNanos(0), |state| state.time), begins)?;
    for (i, state) in demo.states.iter().enumerate() {
        reading.state(state, &demo.states[i + 1..])?;
    }
    let end = demo.states.last().map_or(MonoNanos(0), |state| state.time);
    let succeeded = demo.raw_reward > 0.0;
    if succeeded {
        reading.let_go(end)?;
    }
    let outcome = if succeeded { Mark::TaskSucceeded } else { Mark::TaskFailed };
    reading.telling.tell(end, RawBody::Mark(Mark::TaskEnds))?;
    reading.telling.tell(end, RawBody::Mark(outcome))?;
    let mut telling = reading.telling;
    telling.begin_on(telling.smallest_desktop());
    Ok(telling)
}

fn unpacked(packed: Vec<u8>) -> Result<Vec<u8>, ImportError> {
    if !packed.starts_with(&[0x1f, 0x8b]) {
        return Ok(packed);
    }
    let mut decoder = GzDecoder::new(Cursor::new(packed));
    lines::within_limit(&mut decoder, FILE).map_err(|error| match error {
        ImportError::Read { file, .. } => {
            let byte = decoder.get_ref().position();
            ImportError::Byte { file, byte, problem: "the compressed data is damaged" }
        }
        other => other,
    })
}

fn millis<'de, D: Deserializer<'de>>(from: D) -> Result<MonoNanos, D::Error> {
    moment(f64::deserialize(from)?, 1e6).ok_or_else(|| D::Error::custom(lines::BAD_TIME))
}

#[derive(Default)]
struct Reading {
    telling: Telling,
    keyboard: Keyboard,
    focused: Option<Element>,
    shown: Vec<Node>,
    /// The latest press that was not let go of, and where.
    pressed: Option<(Button, Point)>,
}

impl Reading {
    fn state(&mut self, state: &State, rest: &[State]) -> Result<(), ImportError> {
        let at = state.time;
        self.page(at, &state.dom)?;
        self.focus(at, &state.dom)?;
        match &state.action {
            Some(act) if act.timing == CAPTURE => self.act(at, act, &state.dom, rest),
            Some(_) => {
                self.telling.drop_one("events told a second time");
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Where the page shows something else than before, all of it is told.
    fn page(&mut self, at: MonoNanos, page: &Dom) -> Result<(), ImportError> {
        let nodes = page.nodes();
        if self.shown == nodes {
            return Ok(());
        }
        self.shown.clone_from(&nodes);
        // There are no windows in it: the page stands for the only one.
        let (window, completeness) = (WindowId(0), Completeness::Complete);
        let snapshot = RawSnapshot { window, pid: 0, asked_at: at, took_nanos: 0, nodes, completeness };
        self.telling.tell(at, RawBody::Snapshot(snapshot))
    }

    /// Where another node has the focus than before, that is told.
    fn focus(&mut self, at: MonoNanos, page: &Dom) -> Result<(), ImportError> {
        let Some(element) = page.focused() else { return Ok(()) };
        if self.focused.as_ref() == Some(&element) {
            return Ok(());
        }
        let kind = focus_kind(&element);
        self.telling.tell(at, RawBody::Focus(FocusReport { kind, pid: 0, asked_at: at, since: at }))?;
        let Element { node, ancestors, .. } = element.clone();
        let event = AccessibleEvent { change: AccessibleChange::Focused, node, ancestors };
        self.focused = Some(element);
        self.telling.tell(at, RawBody::Accessible { pid: 0, event })
    }

    fn act(&mut self, at: MonoNanos, act: &Act, page: &Dom, rest: &[State]) -> Result<(), ImportError> {
        match (act.kind.as_str(), act.place(), act.key_code) {
            ("mousedown", Some(place), _) => self.press(at, place, page, button(rest)),
            ("mouseup", Some(place), _) => {
                let button = self.pressed.take().map_or(Button::Other(0), |(button, _)| button);
                self.telling.tell(at, RawBody::Button { at: place, button, down: false })
            }
            ("keydown", _, Some(code)) => self.key(at, code, text(rest), true),
            ("keyup", _, Some(code)) => self.key(at, code, None, false),
            _ => {
                self.telling.drop_one(dropped_kind(&act.kind));
                Ok(())
            }
        }
    }

    fn press(&mut self, at: MonoNanos, place: Point, page: &Dom, button: Button) -> Result<(), ImportError> {
        if button == Button::Other(0) {
            self.telling.unknown.insert(Unknown::Button);
        }
        self.pressed = Some((button, place));
        self.telling.tell(at, RawBody::Button { at: place, button, down: true })?;
        match page.met().or_else(|| page.at(place)) {
            Some(element) => {
                let completeness = Completeness::Complete;
                self.telling.push(Told { at, what: What::Element { at: place, element, completeness } })
            }
            None => Ok(()),
        }
    }

    /// A page that is done with a press hears no release, and nobody holds a button for ever.
    fn let_go(&mut self, end: MonoNanos) -> Result<(), ImportError> {
        let Some((button, at)) = self.pressed.take() else { return Ok(()) };
        self.telling.unknown.insert(Unknown::Release);
        self.telling.tell(end, RawBody::Button { at, button, down: false })
    }

    fn key(&mut self, at: MonoNanos, code: u32, text: Option<String>, down: bool) -> Result<(), ImportError> {
        let key = Key { text, ..of_code(code) };
        let body = self.keyboard.event(&code.to_string(), key, down);
        self.telling.tell(at, body)
    }
}

impl Act {
    fn place(&self) -> Option<Point> {
        Some(crate::telling::point(self.x?, self.y?))
    }
}

fn dropped_kind(kind: &str) -> &'static str {
    match kind {
        "click" | "dblclick" => "clicks that presses and releases say",
        "keypress" => "characters that keys say",
        "scroll" => "scrolling without an amount",
        _ => "events of another kind",
    }
}

/// The events that follow, each once.
fn following(rest: &[State]) -> impl Iterator<Item = &Act> {
    rest.iter().filter_map(|s| s.action.as_ref()).filter(|act| act.timing == CAPTURE)
}

/// A browser sends `click` for the primary button alone.
fn button(rest: &[State]) -> Button {
    let mut own = following(rest).take_while(|act| act.kind != "mousedown");
    if own.any(|act| act.kind == "click") { Button::Left } else { Button::Other(0) }
}

/// What the key typed: told right after it went down.
fn text(rest: &[State]) -> Option<String> {
    let next = following(rest).next().filter(|act| act.kind == "keypress")?;
    let typed = next.char_code.and_then(char::from_u32).filter(|c| !c.is_control() && *c != '\0')?;
    Some(typed.to_string())
}

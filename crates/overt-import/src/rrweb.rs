//! rrweb sessions: a page's events, without its keys (section 3.6).

use std::collections::BTreeMap;
use std::path::Path;

use overt_event::{
    Button, ClockAnchor, FocusKind, FocusReport, MonoNanos, NANOS_PER_MILLI, NANOS_PER_SEC, RawBody, WallTime,
};
use overt_format::Unknown;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ImportError;
use crate::key_codes::Key;
use crate::keyboard::Keyboard;
use crate::lines;
use crate::telling::{Telling, What, moment, point, size};

const FILE: &str = "the rrweb session";

/// What it does not tell.
const UNKNOWN: [Unknown; 6] = [
    Unknown::Arrival,
    Unknown::Elements,
    Unknown::Injected,
    Unknown::Pictures,
    Unknown::Scale,
    Unknown::Windows,
];

/// Events by rrweb's own numbers.
const META: u64 = 4;
const INCREMENTAL: u64 = 3;
const MOUSE_MOVE: u64 = 1;
const INTERACTION: u64 = 2;
const SCROLL: u64 = 3;
const VIEWPORT: u64 = 4;
const INPUT: u64 = 5;
const DRAG: u64 = 12;
const MOUSE_UP: u64 = 0;
const MOUSE_DOWN: u64 = 1;
const CLICK: u64 = 2;
const CONTEXT_MENU: u64 = 3;

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: u64,
    timestamp: f64,
    data: Value,
}

#[derive(Deserialize)]
struct Meta {
    href: String,
    width: f64,
    height: f64,
}

#[derive(Deserialize)]
struct Viewport {
    width: f64,
    height: f64,
}

#[derive(Deserialize)]
struct Moves {
    positions: Vec<Position>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Position {
    x: f64,
    y: f64,
    time_offset: f64,
}

#[derive(Deserialize)]
struct Interaction {
    #[serde(rename = "type")]
    kind: u64,
    x: Option<f64>,
    y: Option<f64>,
}

#[derive(Deserialize)]
struct Input {
    id: i64,
    text: String,
}

pub(crate) fn read(src: &Path) -> Result<Telling, ImportError> {
    let parsed = events(&lines::text(src, FILE)?)?;
    let mut reading = Reading { telling: Telling::without(UNKNOWN), ..Reading::default() };
    for (i, (line, event)) in parsed.iter().enumerate() {
        reading.event(*line, event, &parsed[i + 1..])?;
    }
    reading.finish()
}

/// The events of the array, each with the line that it begins in.
fn events(text: &str) -> Result<Vec<(u64, Event)>, ImportError> {
    let mut cursor = Cursor { rest: text, line: 1 };
    cursor.token('[')?;
    let mut all = Vec::new();
    while !cursor.next_is(']') {
        if !all.is_empty() {
            cursor.token(',')?;
            cursor.skip_space();
        }
        let line = cursor.line;
        let mut stream = serde_json::Deserializer::from_str(cursor.rest).into_iter::<Event>();
        let event = stream.next().unwrap_or_else(|| serde_json::from_str(""));
        let event = event.map_err(|e| lines::fault_in(FILE, line, &e))?;
        let len = stream.byte_offset();
        cursor.skip(len);
        all.push((line, event));
    }
    cursor.token(']')?;
    if cursor.next_is(']') || !cursor.rest.is_empty() {
        return Err(cursor.wrong("something follows the end of the array"));
    }
    Ok(all)
}

/// A place in a text.
struct Cursor<'a> {
    rest: &'a str,
    line: u64,
}

impl Cursor<'_> {
    fn skip(&mut self, len: usize) {
        let (passed, rest) = self.rest.split_at(len);
        self.line += passed.matches('\n').count() as u64;
        self.rest = rest;
    }

    fn skip_space(&mut self) {
        self.skip(self.rest.len() - self.rest.trim_start().len());
    }

    fn next_is(&mut self, token: char) -> bool {
        self.skip_space();
        self.rest.starts_with(token)
    }

    fn token(&mut self, token: char) -> Result<(), ImportError> {
        if !self.next_is(token) {
            return Err(self.wrong("this is no JSON array of events"));
        }
        self.skip(1);
        Ok(())
    }

    fn wrong(&self, problem: &'static str) -> ImportError {
        ImportError::Line { file: FILE, line: self.line, problem }
    }
}

#[derive(Default)]
struct Reading {
    telling: Telling,
    keyboard: Keyboard,
    pressed: Option<Button>,
    /// What each field held last.
    fields: BTreeMap<i64, String>,
    focus: Option<i64>,
    viewport: Option<(u32, u32)>,
}

impl Reading {
    fn event(&mut self, line: u64, event: &Event, rest: &[(u64, Event)]) -> Result<(), ImportError> {
        let at = time(line, event.timestamp)?;
        match (event.kind, event.source()) {
            (META, _) => self.meta(at, line, &event.data),
            (INCREMENTAL, Some(MOUSE_MOVE | DRAG)) => self.moves(line, event),
            (INCREMENTAL, Some(INTERACTION)) => self.interaction(at, line, &event.data, rest),
            (INCREMENTAL, Some(VIEWPORT)) => {
                let Viewport { width, height } = part(line, &event.data)?;
                self.desktop(at, line, width, height)
            }
            (INCREMENTAL, Some(INPUT)) => self.input(at, line, &event.data),
            (INCREMENTAL, Some(SCROLL)) => self.drop_one("scrolling without an amount"),
            (INCREMENTAL, Some(0)) => self.drop_one("changes of the page"),
            _ => self.drop_one("events of another kind"),
        }
    }

    fn drop_one(&mut self, kind: &'static str) -> Result<(), ImportError> {
        self.telling.drop_one(kind);
        Ok(())
    }

    fn meta(&mut self, at: MonoNanos, line: u64, data: &Value) -> Result<(), ImportError> {
        let Meta { href, width, height } = part(line, data)?;
        self.desktop(at, line, width, height)?;
        self.telling.tell(at, RawBody::Location { pid: 0, url: href })
    }

    fn desktop(&mut self, at: MonoNanos, line: u64, width: f64, height: f64) -> Result<(), ImportError> {
        let problem = "a page has a size that there cannot be";
        let size = size(width, height).ok_or(ImportError::Line { file: FILE, line, problem })?;
        if self.viewport.replace(size) == Some(size) {
            return Ok(());
        }
        let desktop = self.telling.desktop(size);
        self.telling.tell(at, desktop)
    }

    fn moves(&mut self, line: u64, event: &Event) -> Result<(), ImportError> {
        let Moves { positions } = part(line, &event.data)?;
        for p in positions {
            let at = time(line, event.timestamp + p.time_offset)?;
            self.telling.tell(at, RawBody::PointerMove { at: point(p.x, p.y) })?;
        }
        Ok(())
    }

    fn interaction(
        &mut self,
        at: MonoNanos,
        line: u64,
        data: &Value,
        rest: &[(u64, Event)],
    ) -> Result<(), ImportError> {
        let Interaction { kind, x, y } = part(line, data)?;
        let (Some(x), Some(y)) = (x, y) else { return self.drop_one("focus and blur") };
        let down = match kind {
            MOUSE_DOWN => true,
            MOUSE_UP => false,
            CLICK => return self.drop_one("clicks that presses and releases say"),
            _ => return self.drop_one("other deeds of the pointer"),
        };
        let button = if down { button(rest) } else { self.pressed.take().unwrap_or(Button::Other(0)) };
        if button == Button::Other(0) {
            self.telling.unknown.insert(Unknown::Button);
        }
        self.pressed = down.then_some(button);
        self.telling.tell(at, RawBody::Button { at: point(x, y), button, down })
    }

    /// Characters at the end of what was there were typed or put in; anything else may have come by
    /// any key.
    fn input(&mut self, at: MonoNanos, line: u64, data: &Value) -> Result<(), ImportError> {
        let Input { id, text } = part(line, data)?;
        let before = self.fields.insert(id, text.clone()).unwrap_or_default();
        let Some(more) = text.strip_prefix(before.as_str()).filter(|more| !more.is_empty()) else {
            return self.drop_one("edits of which the keys are not told");
        };
        if self.focus.replace(id) != Some(id) || is_masked(&text) {
            let kind = if is_masked(&text) {
                FocusKind::Password
            } else {
                FocusKind::Other { role: "entry".to_owned() }
            };
            self.telling.tell(at, RawBody::Focus(FocusReport { kind, pid: 0, asked_at: at, since: at }))?;
        }
        let key = Key { name: String::new(), text: Some(more.to_owned()) };
        for down in [true, false] {
            let body = self.keyboard.event("text", key.clone(), down);
            self.telling.tell(at, body)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Telling, ImportError> {
        let Self { mut telling, viewport, .. } = self;
        if viewport.is_none() {
            return Err(ImportError::File { file: FILE, problem: "never says how large the page is" });
        }
        // Moves are told some hundred milliseconds after they happened.
        telling.events.sort_by_key(|told| (told.at, !matches!(told.what, What::Event(RawBody::Topology(_)))));
        telling.anchor = telling
            .events
            .first()
            .map(|told| ClockAnchor { mono: told.at, wall: WallTime((told.at.0 / NANOS_PER_SEC) as i64) });
        Ok(telling)
    }
}

impl Event {
    fn source(&self) -> Option<u64> {
        self.data.get("source").and_then(Value::as_u64)
    }
}

fn part<'a, T: Deserialize<'a>>(line: u64, data: &'a Value) -> Result<T, ImportError> {
    let problem = "a member is missing, or is not of its kind";
    T::deserialize(data).map_err(|_| ImportError::Line { file: FILE, line, problem })
}

fn time(line: u64, millis: f64) -> Result<MonoNanos, ImportError> {
    let problem = "the time is before 1970, or beyond any clock";
    moment(millis, NANOS_PER_MILLI as f64).ok_or(ImportError::Line { file: FILE, line, problem })
}

fn is_masked(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'*')
}

/// What the browser sent of the press before the next one says which button it was.
fn button(rest: &[(u64, Event)]) -> Button {
    let interactions = rest.iter().map(|(_, e)| e).filter(|e| e.source() == Some(INTERACTION));
    let kinds = interactions.filter_map(|e| e.data.get("type").and_then(Value::as_u64));
    let told = kinds.take_while(|kind| *kind != MOUSE_DOWN);
    let mut told = told.filter_map(|kind| match kind {
        CLICK => Some(Button::Left),
        CONTEXT_MENU => Some(Button::Right),
        _ => None,
    });
    told.next().unwrap_or(Button::Other(0))
}

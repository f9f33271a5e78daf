//! rrweb sessions: a page and its events, without its keys (section 3.6).

mod events;
mod fields;
mod named;
mod page;

use std::collections::BTreeMap;
use std::path::Path;

use overt_event::{
    Button, ClockAnchor, Completeness, MonoNanos, NANOS_PER_MILLI, NANOS_PER_SEC, Point, RawBody, WallTime,
};
use overt_format::Unknown;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ImportError;
use crate::keyboard::Keyboard;
use crate::lines;
use crate::rrweb::events::{Event, events};
use crate::rrweb::page::{Mutation, Page, Serialized};
use crate::telling::{Telling, Told, What, moment, point, size};

const FILE: &str = "the rrweb session";

/// What it does not tell.
const UNKNOWN: [Unknown; 5] =
    [Unknown::Arrival, Unknown::Injected, Unknown::Pictures, Unknown::Scale, Unknown::Windows];

/// Events by rrweb's own numbers.
const FULL_SNAPSHOT: u64 = 2;
const INCREMENTAL: u64 = 3;
const META: u64 = 4;
/// Sources of incremental events.
const MUTATION: u64 = 0;
const MOUSE_MOVE: u64 = 1;
const INTERACTION: u64 = 2;
const SCROLL: u64 = 3;
const VIEWPORT: u64 = 4;
const INPUT: u64 = 5;
const TOUCH_MOVE: u64 = 6;
const DRAG: u64 = 12;
/// Kinds of interactions.
const MOUSE_UP: u64 = 0;
const MOUSE_DOWN: u64 = 1;
const CLICK: u64 = 2;
const CONTEXT_MENU: u64 = 3;
const FOCUS: u64 = 5;
const BLUR: u64 = 6;
const TOUCH_START: u64 = 7;
const TOUCH_CANCEL: u64 = 10;
/// A kind of pointer.
const TOUCH: u64 = 2;

#[derive(Deserialize)]
struct FullSnapshot {
    node: Serialized,
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
#[serde(rename_all = "camelCase")]
struct Interaction {
    #[serde(rename = "type")]
    kind: u64,
    id: Option<i64>,
    x: Option<f64>,
    y: Option<f64>,
    pointer_type: Option<u64>,
}

pub(crate) fn read(src: &Path) -> Result<Telling, ImportError> {
    let parsed = events(&lines::text(src, FILE)?)?;
    let mut reading = Reading { telling: Telling::without(UNKNOWN), ..Reading::default() };
    reading.page = page_with_secrets(&parsed)?;
    for (i, (line, event)) in parsed.iter().enumerate() {
        reading.event(*line, event, &parsed[i + 1..])?;
    }
    reading.finish()
}

/// No page yet, but all that makes password fields in the session: what was typed into one before it said so is as
/// secret.
fn page_with_secrets(events: &[(u64, Event)]) -> Result<Page, ImportError> {
    let mut page = Page::default();
    for (line, event) in events {
        match (event.kind, event.source()) {
            (FULL_SNAPSHOT, _) => page.replace(part::<FullSnapshot>(*line, &event.data)?.node),
            (INCREMENTAL, Some(MUTATION)) => page.change(part(*line, &event.data)?),
            (INCREMENTAL, Some(INPUT)) => fields::see(&mut page, &part(*line, &event.data)?),
            _ => {}
        }
    }
    page.leave();
    Ok(page)
}

#[derive(Default)]
struct Reading {
    telling: Telling,
    keyboard: Keyboard,
    page: Page,
    /// A page was told at least once.
    page_is_told: bool,
    pressed: Option<Button>,
    /// What each field held last.
    fields: BTreeMap<i64, String>,
    /// What was told last to have the focus, and whether as a password field.
    focus: Option<(i64, bool)>,
    viewport: Option<(u32, u32)>,
}

impl Reading {
    fn event(&mut self, line: u64, event: &Event, rest: &[(u64, Event)]) -> Result<(), ImportError> {
        let (at, data) = (time(line, event.timestamp)?, &event.data);
        match (event.kind, event.source()) {
            (META, _) => self.meta(at, line, data),
            (FULL_SNAPSHOT, _) => self.shown(part(line, data)?),
            (INCREMENTAL, Some(MUTATION)) => self.changed(part(line, data)?),
            (INCREMENTAL, Some(MOUSE_MOVE | DRAG)) => self.moves(line, event),
            (INCREMENTAL, Some(INTERACTION)) => self.interaction(at, &part(line, data)?, rest),
            (INCREMENTAL, Some(VIEWPORT)) => {
                let Viewport { width, height } = part(line, data)?;
                self.desktop(at, line, width, height)
            }
            (INCREMENTAL, Some(INPUT)) => self.input(at, part(line, data)?),
            (INCREMENTAL, Some(SCROLL)) => self.drop_one("scrolling without an amount"),
            (INCREMENTAL, Some(TOUCH_MOVE)) => self.drop_one("touches"),
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

    /// What a page's fields hold is told with it.
    fn shown(&mut self, FullSnapshot { node }: FullSnapshot) -> Result<(), ImportError> {
        self.page.replace(node);
        self.page_is_told = true;
        self.fields.clear();
        self.focus = None;
        Ok(())
    }

    fn changed(&mut self, mutation: Mutation) -> Result<(), ImportError> {
        self.page.change(mutation);
        Ok(())
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
        what: &Interaction,
        rest: &[(u64, Event)],
    ) -> Result<(), ImportError> {
        match (what.kind, what.place(), what.id) {
            (TOUCH_START..=TOUCH_CANCEL, ..) => self.drop_one("touches"),
            _ if what.pointer_type == Some(TOUCH) => self.drop_one("touches"),
            (FOCUS, _, Some(id)) => self.focused(at, id),
            (BLUR, _, Some(id)) => self.blurred(at, id),
            (MOUSE_DOWN, Some(place), id) => self.press(at, place, id, button(rest)),
            (MOUSE_UP, Some(place), _) => self.release(at, place),
            (CLICK, ..) => self.drop_one("clicks that presses and releases say"),
            _ => self.drop_one("other deeds of the pointer"),
        }
    }

    fn press(
        &mut self,
        at: MonoNanos,
        place: Point,
        id: Option<i64>,
        button: Button,
    ) -> Result<(), ImportError> {
        self.pressed = Some(button);
        self.button(at, place, button, true)?;
        match id.and_then(|id| self.page.element(id)) {
            // The browser itself says what was met; only where that lies is not told.
            Some(element) => {
                let completeness = Completeness::Complete;
                self.telling.push(Told { at, what: What::Element { at: place, element, completeness } })
            }
            None => Ok(()),
        }
    }

    fn release(&mut self, at: MonoNanos, place: Point) -> Result<(), ImportError> {
        let button = self.pressed.take().unwrap_or(Button::Other(0));
        self.button(at, place, button, false)
    }

    fn button(&mut self, at: MonoNanos, place: Point, button: Button, down: bool) -> Result<(), ImportError> {
        if button == Button::Other(0) {
            self.telling.unknown.insert(Unknown::Button);
        }
        self.telling.tell(at, RawBody::Button { at: place, button, down })
    }

    fn finish(self) -> Result<Telling, ImportError> {
        let Self { mut telling, page, page_is_told, viewport, .. } = self;
        if viewport.is_none() {
            return Err(ImportError::File { file: FILE, problem: "never says how large the page is" });
        }
        telling.unknown.insert(if page_is_told { Unknown::Places } else { Unknown::Elements });
        if page.unkept > 0 {
            telling.dropped.insert("nodes of a page that has too many", page.unkept);
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

impl Interaction {
    fn place(&self) -> Option<Point> {
        Some(point(self.x?, self.y?))
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

/// What the browser sent of the press before the next one says which button it was. A finger's clicks are not meant.
fn button(rest: &[(u64, Event)]) -> Button {
    let interactions = rest.iter().map(|(_, e)| e).filter(|e| e.source() == Some(INTERACTION));
    let number = |e: &Event, name: &str| e.data.get(name).and_then(Value::as_u64);
    let of_mouse = interactions.filter(|e| number(e, "pointerType") != Some(TOUCH));
    let told = of_mouse.filter_map(|e| number(e, "type")).take_while(|kind| *kind != MOUSE_DOWN);
    let mut told = told.filter_map(|kind| match kind {
        CLICK => Some(Button::Left),
        CONTEXT_MENU => Some(Button::Right),
        _ => None,
    });
    told.next().unwrap_or(Button::Other(0))
}

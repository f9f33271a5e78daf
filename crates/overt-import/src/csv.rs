//! Rows of a mouse (section 3.2).

use std::path::Path;

use overt_event::{Button, MonoNanos, Point, RawBody};
use overt_format::Unknown;

use crate::error::ImportError;
use crate::lines;
use crate::telling::{Telling, moment, notches, point};

const FILE: &str = "the CSV";

/// What it does not tell.
const UNKNOWN: [Unknown; 9] = [
    Unknown::Arrival,
    Unknown::Elements,
    Unknown::Focus,
    Unknown::Injected,
    Unknown::Pictures,
    Unknown::Scale,
    Unknown::Screen,
    Unknown::WallClock,
    Unknown::Windows,
];

/// Names of the time's column, with the nanoseconds of its unit.
const TIMES: [(&str, f64); 5] =
    [("time", 1e9), ("time_s", 1e9), ("time_ms", 1e6), ("time_us", 1e3), ("time_ns", 1.0)];

pub(crate) fn read(src: &Path) -> Result<Telling, ImportError> {
    let text = lines::text(src, FILE)?;
    let mut rows = lines::numbered(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let (line, header) = rows.next().ok_or(ImportError::File { file: FILE, problem: "is empty" })?;
    let columns = Columns::of(header).map_err(|problem| ImportError::Line { file: FILE, line, problem })?;
    let mut telling = Telling::without(UNKNOWN);
    for (line, row) in rows {
        let wrong = |problem| ImportError::Line { file: FILE, line, problem };
        let (at, body) = columns.row(row).map_err(wrong)?;
        if matches!(body, RawBody::Button { button: Button::Other(_), .. }) {
            telling.unknown.insert(Unknown::Button);
        }
        telling.tell(at, body)?;
    }
    if columns.others > 0 {
        telling.dropped.insert("columns of another name", columns.others);
    }
    telling.begin_on(telling.smallest_desktop());
    Ok(telling)
}

/// Where a row has what.
struct Columns {
    count: usize,
    time: (usize, f64),
    button: usize,
    state: usize,
    x: usize,
    y: usize,
    others: u64,
}

impl Columns {
    fn of(header: &str) -> Result<Self, &'static str> {
        let names: Vec<String> = header.split(',').map(|name| name.trim().to_lowercase()).collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let mut times = TIMES.iter().filter_map(|(name, unit)| Some((find(name)?, *unit)));
        let time = times.next().ok_or("there is no column \"time\"")?;
        if times.next().is_some() {
            return Err("there are several columns of time");
        }
        Ok(Self {
            count: names.len(),
            time,
            button: find("button").ok_or("there is no column \"button\"")?,
            state: find("state").ok_or("there is no column \"state\"")?,
            x: find("x").ok_or("there is no column \"x\"")?,
            y: find("y").ok_or("there is no column \"y\"")?,
            others: names.len() as u64 - 5,
        })
    }

    fn row(&self, row: &str) -> Result<(MonoNanos, RawBody), &'static str> {
        let fields: Vec<&str> = row.split(',').map(str::trim).collect();
        if fields.len() != self.count {
            return Err("it has not as many fields as the first line");
        }
        let at = time(fields[self.time.0], self.time.1)?;
        let place = point(number(fields[self.x])?, number(fields[self.y])?);
        let body = body(&fields[self.button].to_lowercase(), &fields[self.state].to_lowercase(), place);
        Ok((at, body.ok_or("button and state name nothing that a mouse does")?))
    }
}

fn number(field: &str) -> Result<f64, &'static str> {
    let number = field.parse::<f64>().ok().filter(|n| n.is_finite());
    number.ok_or("a place is not a number")
}

/// Whole nanoseconds are read as such: as a floating number the newest clocks would lose their last digits.
fn time(field: &str, unit_nanos: f64) -> Result<MonoNanos, &'static str> {
    let whole = field.parse::<u64>().ok().filter(|_| unit_nanos == 1.0).map(MonoNanos);
    let parsed = whole.or_else(|| moment(field.parse().ok()?, unit_nanos));
    parsed.ok_or("the time is not a number from 0")
}

fn body(button: &str, state: &str, at: Point) -> Option<RawBody> {
    let scroll = |dx: f64, dy: f64| RawBody::Scroll { at, dx_120: notches(dx), dy_120: notches(dy) };
    match (button, state) {
        ("scroll", "up") => Some(scroll(0.0, -1.0)),
        ("scroll", "down") => Some(scroll(0.0, 1.0)),
        ("scroll", "left") => Some(scroll(-1.0, 0.0)),
        ("scroll", "right") => Some(scroll(1.0, 0.0)),
        ("scroll", _) => None,
        (_, "move" | "drag") => Some(RawBody::PointerMove { at }),
        (_, "pressed" | "down") => Some(RawBody::Button { at, button: button_of(button)?, down: true }),
        (_, "released" | "up") => Some(RawBody::Button { at, button: button_of(button)?, down: false }),
        _ => None,
    }
}

fn button_of(name: &str) -> Option<Button> {
    match name {
        "left" => Some(Button::Left),
        "middle" => Some(Button::Middle),
        "right" => Some(Button::Right),
        "back" => Some(Button::Back),
        "forward" => Some(Button::Forward),
        "" | "nobutton" => Some(Button::Other(0)),
        _ => None,
    }
}

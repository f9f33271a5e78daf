//! Reads a record's body. Its kind stands first, so that nothing of it need be kept until the kind is known.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::words::Span;
use crate::{
    Button, CursorId, CursorShape, Gap, Mark, Modifiers, MonoNanos, Point, RecordBody, Rect, Seq, Verdict,
    WindowChange, WindowId, WindowKind,
};

const KIND: &str = "kind";

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Clock,
    Topology,
    PointerMove,
    Button,
    Scroll,
    Key,
    Text,
    TextShape,
    Window,
    Workspace,
    Cursor,
    Element,
    Snapshot,
    SnapshotAgain,
    Accessible,
    Location,
    Frame,
    Binding,
    Gap,
    Mark,
    Pace,
    VerdictChange,
}

#[derive(Deserialize)]
struct Moved {
    at: Point,
}

#[derive(Deserialize)]
struct Pressed {
    at: Point,
    button: Button,
    down: bool,
    modifiers: Modifiers,
}

#[derive(Deserialize)]
struct Scrolled {
    at: Point,
    dx_120: i32,
    dy_120: i32,
    modifiers: Modifiers,
}

#[derive(Deserialize)]
struct Typed {
    text: String,
}

#[derive(Deserialize)]
struct Shaped {
    letters: u32,
    digits: u32,
    others: u32,
}

#[derive(Deserialize)]
struct Windowed {
    change: WindowChange,
    window: WindowId,
    window_kind: WindowKind,
    bounds: Rect,
    title: Option<String>,
}

#[derive(Deserialize)]
struct Pointing {
    id: Option<CursorId>,
    shape: Option<CursorShape>,
}

#[derive(Deserialize)]
struct Again {
    of: Seq,
    asked_at: MonoNanos,
    took_nanos: u64,
}

#[derive(Deserialize)]
struct Located {
    url: String,
}

#[derive(Deserialize)]
struct Missing {
    gap: Gap,
    span: Span,
}

#[derive(Deserialize)]
struct Marked {
    mark: Mark,
}

#[derive(Deserialize)]
struct Judged {
    verdict: Verdict,
}

impl<'de> Deserialize<'de> for RecordBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BodyVisitor)
    }
}

struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = RecordBody;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a body that begins with its {KIND}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RecordBody, A::Error> {
        if map.next_key::<Key>()?.is_none() {
            return Err(Error::missing_field(KIND));
        }
        let kind = map.next_value()?;
        body(kind, MapAccessDeserializer::new(map))
    }
}

/// The only key that may come first.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Kind,
}

fn body<'de, D: Deserializer<'de>>(kind: Kind, rest: D) -> Result<RecordBody, D::Error> {
    Ok(match kind {
        Kind::Clock => RecordBody::Clock(Deserialize::deserialize(rest)?),
        Kind::Topology => RecordBody::Topology(Deserialize::deserialize(rest)?),
        Kind::PointerMove => {
            let Moved { at } = Deserialize::deserialize(rest)?;
            RecordBody::PointerMove { at }
        }
        Kind::Button => {
            let Pressed { at, button, down, modifiers } = Deserialize::deserialize(rest)?;
            RecordBody::Button { at, button, down, modifiers }
        }
        Kind::Scroll => {
            let Scrolled { at, dx_120, dy_120, modifiers } = Deserialize::deserialize(rest)?;
            RecordBody::Scroll { at, dx_120, dy_120, modifiers }
        }
        Kind::Key => RecordBody::Key(Deserialize::deserialize(rest)?),
        Kind::Text => {
            let Typed { text } = Deserialize::deserialize(rest)?;
            RecordBody::Text { text }
        }
        Kind::TextShape => {
            let Shaped { letters, digits, others } = Deserialize::deserialize(rest)?;
            RecordBody::TextShape { letters, digits, others }
        }
        Kind::Window => {
            let Windowed { change, window, window_kind, bounds, title } = Deserialize::deserialize(rest)?;
            RecordBody::Window { change, window, window_kind, bounds, title }
        }
        Kind::Workspace => RecordBody::Workspace(Deserialize::deserialize(rest)?),
        Kind::Cursor => {
            let Pointing { id, shape } = Deserialize::deserialize(rest)?;
            RecordBody::Cursor { id, shape }
        }
        Kind::Element => RecordBody::Element(Deserialize::deserialize(rest)?),
        Kind::Snapshot => RecordBody::Snapshot(Deserialize::deserialize(rest)?),
        Kind::SnapshotAgain => {
            let Again { of, asked_at, took_nanos } = Deserialize::deserialize(rest)?;
            RecordBody::SnapshotAgain { of, asked_at, took_nanos }
        }
        Kind::Accessible => RecordBody::Accessible(Deserialize::deserialize(rest)?),
        Kind::Location => {
            let Located { url } = Deserialize::deserialize(rest)?;
            RecordBody::Location { url }
        }
        Kind::Frame => RecordBody::Frame(Deserialize::deserialize(rest)?),
        Kind::Binding => RecordBody::Binding(Deserialize::deserialize(rest)?),
        Kind::Gap => {
            let Missing { gap, span } = Deserialize::deserialize(rest)?;
            RecordBody::Gap { gap, span }
        }
        Kind::Mark => {
            let Marked { mark } = Deserialize::deserialize(rest)?;
            RecordBody::Mark { mark }
        }
        Kind::Pace => RecordBody::Pace(Deserialize::deserialize(rest)?),
        Kind::VerdictChange => {
            let Judged { verdict } = Deserialize::deserialize(rest)?;
            RecordBody::VerdictChange { verdict }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<RecordBody, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_snapshot_again_reads_back() {
        let again = RecordBody::SnapshotAgain { of: Seq(3), asked_at: MonoNanos(4), took_nanos: 5 };
        let json = serde_json::to_string(&again).expect("it serialises");
        assert_eq!(json, r#"{"kind":"snapshot_again","of":3,"asked_at":4,"took_nanos":5}"#);
        assert_eq!(read(&json).expect("it reads"), again);
    }

    #[test]
    fn the_kind_stands_first() {
        let moved = RecordBody::PointerMove { at: Point { x: 1, y: 2 } };
        let json = serde_json::to_string(&moved).expect("it serialises");
        assert!(json.starts_with(r#"{"kind":"pointer_move","#), "{json}");
        assert_eq!(read(&json).expect("it reads"), moved);
        for bad in [
            r#"{"at":{"x":1,"y":2},"kind":"pointer_move"}"#,
            r#"{"kind":"pointer_leap","at":{"x":1,"y":2}}"#,
            r#"{"kind":"pointer_move"}"#,
            "{}",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}

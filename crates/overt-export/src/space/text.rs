//! JSON and strings as Python writes them, since models learn the bytes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// JSON on one line, with a space after each comma and colon, as `json.dumps(..., ensure_ascii=False)`.
pub(crate) fn json(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    // Plain structs of numbers and strings always serialise, and serde_json writes UTF-8.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, Spaced));
    String::from_utf8(bytes).unwrap_or_default()
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

/// A string literal in single quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_python() {
        assert_eq!(
            json(&serde_json::json!({"a": [1, 0.5, "é"], "b": {}})),
            r#"{"a": [1, 0.5, "é"], "b": {}}"#
        );
        assert_eq!(quoted("it's\n\"a\" \\ é\u{7}"), "'it\\'s\\n\"a\" \\\\ é\\u0007'");
    }
}

//! Where each event of a session stands in its file.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::FILE;
use crate::error::ImportError;
use crate::lines;

/// An event by rrweb's own words.
#[derive(Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub(super) kind: u64,
    pub(super) timestamp: f64,
    #[serde(default)]
    pub(super) data: Value,
}

impl Event {
    pub(super) fn source(&self) -> Option<u64> {
        self.data.get("source").and_then(Value::as_u64)
    }
}

/// The events of an array, of the member `events` of an object, or one after another, each with the line that it
/// begins in.
pub(super) fn events(text: &str) -> Result<Vec<(u64, Event)>, ImportError> {
    let mut cursor = Cursor { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    if cursor.next_is('[') {
        let all = cursor.array()?;
        return cursor.ended("something follows the end of the array").map(|()| all);
    }
    let mut inside = cursor;
    match inside.enter_events()? {
        true => {
            let all = inside.array()?;
            inside.leave_object()?;
            inside.ended("something follows the end of the object").map(|()| all)
        }
        false => cursor.one_after_another(),
    }
}

/// A place in a text.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a str,
    line: u64,
}

impl Cursor<'_> {
    fn wrong(&self, problem: &'static str) -> ImportError {
        ImportError::Line { file: FILE, line: self.line, problem }
    }

    fn skip(&mut self, bytes: usize) {
        let (skipped, rest) = self.rest.split_at(bytes);
        self.line += skipped.matches('\n').count() as u64;
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
            return Err(self.wrong("these are no JSON events of a session"));
        }
        self.skip(1);
        Ok(())
    }

    fn ended(&mut self, problem: &'static str) -> Result<(), ImportError> {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong(problem)) }
    }

    /// One JSON value, which begins here.
    fn value<T: DeserializeOwned>(&mut self) -> Result<T, ImportError> {
        self.skip_space();
        let mut stream = serde_json::Deserializer::from_str(self.rest).into_iter::<T>();
        let value = stream.next().unwrap_or_else(|| serde_json::from_str(""));
        let value = value.map_err(|e| lines::fault_in(FILE, self.line, &e))?;
        let len = stream.byte_offset();
        self.skip(len);
        Ok(value)
    }

    fn event(&mut self) -> Result<(u64, Event), ImportError> {
        self.skip_space();
        let line = self.line;
        Ok((line, self.value()?))
    }

    fn array(&mut self) -> Result<Vec<(u64, Event)>, ImportError> {
        self.token('[')?;
        let mut all = Vec::new();
        while !self.next_is(']') {
            if !all.is_empty() {
                self.token(',')?;
            }
            all.push(self.event()?);
        }
        self.token(']')?;
        Ok(all)
    }

    fn one_after_another(mut self) -> Result<Vec<(u64, Event)>, ImportError> {
        let mut all = Vec::new();
        while self.next_is('{') {
            all.push(self.event()?);
        }
        self.ended("these are no JSON events of a session").map(|()| all)
    }

    /// Goes to the value of the member `events` of the object that begins here, where it has one.
    fn enter_events(&mut self) -> Result<bool, ImportError> {
        self.token('{')?;
        while !self.next_is('}') {
            let name: String = self.value()?;
            self.token(':')?;
            if name == "events" && self.next_is('[') {
                return Ok(true);
            }
            self.value::<IgnoredAny>()?;
            if !self.next_is('}') {
                self.token(',')?;
            }
        }
        Ok(false)
    }

    /// Goes behind the object in which a member's value has just ended.
    fn leave_object(&mut self) -> Result<(), ImportError> {
        while !self.next_is('}') {
            self.token(',')?;
            self.value::<String>()?;
            self.token(':')?;
            self.value::<IgnoredAny>()?;
        }
        self.token('}')
    }
}

//! The browser's own protocol (Chrome DevTools) over a pair of pipes: no port is opened that others could use.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use serde_json::{Value as Json, json};

use super::error::GroundError;

/// Messages that wait to be read, at most; then the browser waits.
const WAITING_MAX: usize = 256;
/// One message, at most: a page of a task is a thousandth of it.
const MESSAGE_BYTES_MAX: u64 = 64 << 20;

/// One connection, attached to one page.
pub(super) struct Cdp {
    to: ChildStdin,
    from: Receiver<Json>,
    next: u64,
    session: Option<String>,
    within: Duration,
}

impl Cdp {
    /// Talks over a browser's pipes. Every call is answered `within` this time, or counts as hung.
    pub(super) fn over(to: ChildStdin, from: ChildStdout, within: Duration) -> Self {
        let (sender, receiver) = bounded(WAITING_MAX);
        std::thread::spawn(move || read_all(from, &sender));
        Self { to, from: receiver, next: 1, session: None, within }
    }

    /// Attaches to the browser's first page, once there is one.
    pub(super) fn attach(&mut self) -> Result<(), GroundError> {
        let deadline = Instant::now() + self.within;
        self.call("Target.setDiscoverTargets", json!({"discover": true}))?;
        let page = loop {
            let targets = self.call("Target.getTargets", json!({}))?;
            let pages = targets["targetInfos"].as_array().into_iter().flatten();
            let page = pages.filter(|t| t["type"] == "page").find_map(|t| t["targetId"].as_str());
            match page {
                Some(id) => break id.to_owned(),
                // A target that comes is told.
                None => drop(self.next_message(deadline)?),
            }
        };
        self.call("Target.setDiscoverTargets", json!({"discover": false}))?;
        let attached = self.call("Target.attachToTarget", json!({"targetId": page, "flatten": true}))?;
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        self.call("Page.enable", json!({})).map(drop)
    }

    /// What an expression gives in the page, as JSON. Promises are awaited.
    pub(super) fn evaluate(&mut self, expression: &str) -> Result<Json, GroundError> {
        let how = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", how)?;
        if answer.get("exceptionDetails").is_some() {
            return Err(GroundError::Page);
        }
        Ok(answer["result"]["value"].take())
    }

    /// Calls a method and gives its result.
    pub(super) fn call(&mut self, method: &'static str, params: Json) -> Result<Json, GroundError> {
        let id = self.next;
        self.next += 1;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).map_err(|_| GroundError::Closed)?;
        self.answer(id, method)
    }

    fn answer(&mut self, id: u64, method: &'static str) -> Result<Json, GroundError> {
        let deadline = Instant::now() + self.within;
        loop {
            let mut message = self.next_message(deadline)?;
            if message["method"] == "Inspector.targetCrashed" {
                return Err(GroundError::Crashed);
            }
            if message["id"] == id {
                let refused = message.get("error").is_some();
                return if refused {
                    Err(GroundError::Refused { method })
                } else {
                    Ok(message["result"].take())
                };
            }
        }
    }

    fn next_message(&self, deadline: Instant) -> Result<Json, GroundError> {
        self.from.recv_deadline(deadline).map_err(|error| match error {
            RecvTimeoutError::Timeout => self.hung(),
            RecvTimeoutError::Disconnected => GroundError::Closed,
        })
    }

    fn hung(&self) -> GroundError {
        GroundError::Hung { millis: self.within.as_millis() as u64 }
    }
}

/// Messages end with a zero byte. It ends with the browser, or when nobody listens any more.
fn read_all(from: ChildStdout, to: &Sender<Json>) {
    let mut from = BufReader::new(from);
    loop {
        let mut bytes = Vec::new();
        let read = from.by_ref().take(MESSAGE_BYTES_MAX).read_until(0, &mut bytes);
        if !read.is_ok_and(|n| n > 0) {
            return;
        }
        bytes.pop();
        let Ok(message) = serde_json::from_slice::<Json>(&bytes) else { continue };
        if to.send(message).is_err() {
            return;
        }
    }
}

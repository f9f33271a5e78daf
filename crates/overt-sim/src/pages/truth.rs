//! What the pages told: the last layout of each, and every event.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use overt_event::Rect;
use serde::{Deserialize, Serialize};

/// Events that are kept; a demo has some hundreds.
const EVENTS_MAX: usize = 20_000;

/// An element of a page on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageElement {
    pub bounds: Rect,
    /// What a person would call it: its label or its text.
    pub name: String,
}

/// Something that happened on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEvent {
    pub page: String,
    /// The element's id; empty for the page itself.
    pub id: String,
    /// `click`, `dblclick`, `input`, `change`, `copy`, `paste`, `scroll`, `submit`, `opened`, `closed`,
    /// `press` or `painted`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The element's value after it; `None` for password fields and for what has none.
    pub value: Option<String>,
}

#[derive(Deserialize)]
struct LayoutTold {
    page: String,
    load: f64,
    n: u64,
    view: Rect,
    elements: HashMap<String, ElementTold>,
}

#[derive(Deserialize)]
struct ElementTold {
    #[serde(flatten)]
    bounds: Rect,
    name: String,
}

/// The layout of one page, with its age: requests may overtake each other.
struct Layout {
    age: (f64, u64),
    view: Rect,
    elements: HashMap<String, PageElement>,
}

#[derive(Default)]
pub(super) struct Told {
    layouts: HashMap<String, Layout>,
    events: Vec<PageEvent>,
}

impl Told {
    pub(super) fn element(&self, page: &str, id: &str) -> Option<&PageElement> {
        self.layouts.get(page)?.elements.get(id)
    }

    pub(super) fn view(&self, page: &str) -> Option<Rect> {
        Some(self.layouts.get(page)?.view)
    }

    /// By the browser's clock, milliseconds since 1970.
    pub(super) fn loaded(&self, page: &str) -> Option<f64> {
        Some(self.layouts.get(page)?.age.0)
    }

    pub(super) fn event_from(&self, from: usize, fits: impl Fn(&PageEvent) -> bool) -> Option<&PageEvent> {
        self.events.get(from..)?.iter().find(|e| fits(e))
    }
}

#[derive(Default)]
pub(super) struct Truth {
    told: Mutex<Told>,
    changed: Condvar,
}

impl Truth {
    /// Whether it could be read.
    pub(super) fn hear_layout(&self, body: &[u8]) -> bool {
        let Ok(new) = serde_json::from_slice::<LayoutTold>(body) else { return false };
        let age = (new.load, new.n);
        let mut told = self.lock();
        if told.layouts.get(&new.page).is_none_or(|old| old.age < age) {
            let elements = new.elements.into_iter();
            let elements =
                elements.map(|(id, e)| (id, PageElement { bounds: e.bounds, name: e.name })).collect();
            told.layouts.insert(new.page, Layout { age, view: new.view, elements });
        }
        self.changed.notify_all();
        true
    }

    /// Whether it could be read and kept.
    pub(super) fn hear_event(&self, body: &[u8]) -> bool {
        let Ok(event) = serde_json::from_slice::<PageEvent>(body) else { return false };
        let mut told = self.lock();
        if told.events.len() == EVENTS_MAX {
            return false;
        }
        told.events.push(event);
        self.changed.notify_all();
        true
    }

    pub(super) fn events(&self) -> Vec<PageEvent> {
        self.lock().events.clone()
    }

    /// Looks again whenever a page tells something, until `found` answers or the time is up.
    pub(super) fn wait<T>(&self, within: Duration, found: impl Fn(&Told) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + within;
        let mut told = self.lock();
        loop {
            if let Some(answer) = found(&told) {
                return Some(answer);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            told = self.changed.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        // What a panicking thread left is still a list of things that were told.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(load: u32, n: u32, x: i32) -> String {
        let bounds = format!(r#""x":{x},"y":2,"w":3,"h":4"#);
        format!(
            r#"{{"page":"p","load":{load}.5,"n":{n},"view":{{{bounds}}},"elements":{{"e":{{{bounds},"name":"E"}}}}}}"#
        )
    }

    #[test]
    fn an_older_layout_does_not_overwrite_a_newer_one() {
        let truth = Truth::default();
        for (load, n, x) in [(1, 9, 10), (2, 1, 20), (1, 10, 30), (2, 2, 40)] {
            assert!(truth.hear_layout(layout(load, n, x).as_bytes()));
        }
        let seen = truth.wait(Duration::ZERO, |t| t.element("p", "e").cloned()).expect("told");
        assert_eq!(seen.bounds.x, 40);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let truth = Truth::default();
        assert!(!truth.hear_event(b"{}"));
        assert!(!truth.hear_layout(b"[1]"));
        assert!(truth.hear_event(br#"{"page":"p","id":"a","type":"click","value":null,"n":4}"#));
        assert_eq!(truth.events().len(), 1);
    }
}

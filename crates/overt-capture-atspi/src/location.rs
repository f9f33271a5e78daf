//! The address of the page in a browser's window.
//!
//! No event tells when a page changes its own address, by a fragment or by its history. So the page is
//! asked whenever it is looked at for something else: at a look-up, an event, and each snapshot.

use std::sync::Arc;
use std::time::Instant;

use atspi::Role;
use overt_capture::monotonic_now;
use overt_event::{Point, RawBody, Rect};

use crate::apps::Toolkit;
use crate::bus::{DOCUMENT, until};
use crate::descend::Found;
use crate::object::Object;
use crate::see::Seen;
use crate::shared::Shared;

/// Processes whose last address is remembered.
const LOCATIONS_MAX: usize = 256;

fn is_document(seen: &Seen) -> bool {
    is_document_role(seen.role)
}

pub(crate) fn is_document_role(role: Role) -> bool {
    matches!(role, Role::DocumentWeb | Role::DocumentFrame)
}

impl Shared {
    /// The document's address; `None` when it has none. `DocURL` came back empty on Chromium 156.
    pub(crate) async fn uri(&self, document: &Object, deadline: Instant) -> Option<String> {
        let asked = self.bus.call::<_, String>(document, DOCUMENT, "GetAttributeValue", &("URI",));
        let uri = until(deadline, asked).await?.ok()?;
        (!uri.is_empty()).then_some(uri)
    }

    /// Says the address of the page these objects lie in, if it changed. The outermost document counts:
    /// a frame within a page has an address of its own.
    ///
    /// Order: innermost first.
    pub(crate) async fn note_location<'a>(
        &self,
        pid: u32,
        innermost_first: impl DoubleEndedIterator<Item = &'a Seen>,
        deadline: Instant,
    ) {
        for document in innermost_first.rev().filter(|s| is_document(s)) {
            if self.note_page(pid, &document.object, deadline).await {
                return;
            }
        }
    }

    /// Says the address of a page that lies in no other, if it changed; whether it has one.
    pub(crate) async fn note_page(&self, pid: u32, page: &Object, deadline: Instant) -> bool {
        let Some(url) = self.uri(page, deadline).await else { return false };
        self.say_location(pid, url);
        true
    }

    /// A document was loaded. Only its page's address is said, not that of a frame within it.
    pub(crate) async fn note_loaded(&self, pid: u32, document: &Object, deadline: Instant) {
        if let Some(Ok(seen)) = until(deadline, self.bus.see(document)).await {
            let (ancestors, _) = self.bus.ancestors(&seen, &[], deadline).await;
            self.note_location(pid, std::iter::once(&seen).chain(&ancestors), deadline).await;
        }
    }

    /// A browser's window became active: the page lies under the middle of its lower part.
    pub(crate) async fn note_window(&self, pid: u32, window: &Object, deadline: Instant) {
        let toolkit = until(deadline, self.apps.toolkit(&self.bus, &window.bus)).await;
        if toolkit != Some(Toolkit::Browser) {
            return;
        }
        let Some(Ok(seen)) = until(deadline, self.bus.see(window)).await else { return };
        let middle = middle_of_lower_part(seen.bounds);
        if let Found::Here(object) = self.bus.descend(window.clone(), middle, deadline).await {
            self.note_loaded(pid, &object, deadline).await;
        }
    }

    fn say_location(&self, pid: u32, url: String) {
        let mut locations = self.locations();
        if locations.get(&pid) == Some(&url) {
            return;
        }
        if locations.len() >= LOCATIONS_MAX {
            locations.clear();
        }
        locations.insert(pid, url.clone());
        self.gate.emit(monotonic_now(), RawBody::Location { pid, url });
    }

    /// The process behind an event, unless its events are ignored.
    pub(crate) async fn pid_of_event(&self, bus: &Arc<str>, deadline: Instant) -> Option<u32> {
        let pid = until(deadline, self.apps.pid(&self.bus, bus)).await??;
        (!self.is_excluded(pid)).then_some(pid)
    }
}

pub(crate) fn middle_of_lower_part(bounds: Rect) -> Point {
    Point { x: bounds.x + bounds.w / 2, y: bounds.y + bounds.h / 3 * 2 }
}

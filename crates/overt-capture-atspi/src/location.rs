//! The address of the page in a browser's window.
//!
//! No event tells when a page changes its own address, by a fragment or by its history. So the page is
//! asked whenever it is looked at for something else: at a look-up, an event, and each snapshot.

use std::sync::Arc;
use std::time::Instant;

use atspi::Role;
use futures_util::future::join;
use overt_capture::monotonic_now;
use overt_event::{Point, RawBody, Rect};

use crate::apps::Toolkit;
use crate::bus::{CallError, DOCUMENT, until};
use crate::descend::Found;
use crate::object::Object;
use crate::see::Seen;
use crate::shared::Shared;

/// Processes whose last address is remembered.
const LOCATIONS_MAX: usize = 256;
/// Objects around the innermost of a page, at most. The deepest page measured had 23.
const DEPTH_MAX: usize = 256;

fn is_document(role: Role) -> bool {
    matches!(role, Role::DocumentWeb | Role::DocumentFrame)
}

impl Shared {
    /// The document's address; `None` when it has none. `DocURL` came back empty on Chromium 156.
    pub(crate) async fn uri(&self, document: &Object, deadline: Instant) -> Option<String> {
        let asked = self.bus.call::<_, String>(document, DOCUMENT, "GetAttributeValue", &("URI",));
        let uri = until(deadline, asked).await?.ok()?;
        (!uri.is_empty()).then_some(uri)
    }

    /// The last document on the way up to the application: a frame within a page is one as well, and has an
    /// address of its own. Refused where the way does not lead there.
    pub(crate) async fn outermost_document(&self, from: Object) -> Result<Option<Object>, CallError> {
        let (mut here, mut outermost) = (from, None);
        for _ in 0..DEPTH_MAX {
            let (role, parent) = join(self.bus.role(&here), self.bus.parent(&here)).await;
            if is_document(role?) {
                outermost = Some(here.clone());
            }
            match parent? {
                Some(parent) if parent.is_root() => return Ok(outermost),
                Some(parent) => here = parent,
                // Nobody knows what it lies in.
                None => break,
            }
        }
        Err(CallError::Refused)
    }

    /// Says the address of the page these objects lie in, if it changed.
    ///
    /// Order: innermost first. They may end below the window.
    pub(crate) async fn note_location<'a>(
        &self,
        pid: u32,
        innermost_first: impl DoubleEndedIterator<Item = &'a Seen>,
        deadline: Instant,
    ) {
        let mut outermost_first = innermost_first.rev().peekable();
        let parent = outermost_first.peek().and_then(|seen| seen.parent.as_ref());
        let all_are_known = parent.is_some_and(Object::is_root);
        let Some(document) = outermost_first.find(|seen| is_document(seen.role)) else { return };
        if all_are_known {
            self.note_page(pid, &document.object, deadline).await;
        } else {
            self.note_document(pid, &document.object, deadline).await;
        }
    }

    /// Says the address of the page that this document is or lies in, if it changed.
    pub(crate) async fn note_document(&self, pid: u32, document: &Object, deadline: Instant) {
        let outermost = until(deadline, self.outermost_document(document.clone())).await;
        if let Some(Ok(Some(page))) = outermost {
            self.note_page(pid, &page, deadline).await;
        }
    }

    /// Says the address of a page that lies in no other, if it changed.
    pub(crate) async fn note_page(&self, pid: u32, page: &Object, deadline: Instant) {
        if let Some(url) = self.uri(page, deadline).await {
            self.say_location(pid, url);
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
            self.note_document(pid, &object, deadline).await;
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

//! Threads that answer "what stands at this point?".

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;
use overt_capture::monotonic_now;
use overt_event::{Completeness, Element, ElementLookup, MonoNanos, RawBody};

use crate::apps::Toolkit;
use crate::bus::until;
use crate::config::LookupRequest;
use crate::descend::Found;
use crate::object::Object;
use crate::page::lies_in_misplaced_page;
use crate::see::Seen;
use crate::shared::Shared;

/// A request and the moment it was made: its deadline runs from there, not from when a thread is free.
pub(crate) struct Asked {
    pub(crate) request: LookupRequest,
    pub(crate) at: MonoNanos,
    pub(crate) deadline: Instant,
}

/// Answers requests until the channel closes.
pub(crate) fn answer_lookups(shared: &Arc<Shared>, requests: &Receiver<Asked>) {
    while let Ok(asked) = requests.recv() {
        if shared.gate.finished() {
            return;
        }
        let (element, completeness) = async_io::block_on(shared.look_up(&asked));
        shared.answer_lookup(&asked, element, completeness);
        if completeness == Completeness::TimedOut {
            async_io::block_on(shared.check_bus());
        }
    }
}

impl Shared {
    pub(crate) fn answer_lookup(&self, asked: &Asked, element: Option<Element>, completeness: Completeness) {
        let Asked { request, at, .. } = asked;
        let now = monotonic_now();
        let answer = ElementLookup {
            for_seq: request.for_seq,
            at: request.at,
            pid: request.pid,
            element,
            completeness,
            took_nanos: now.since(*at),
        };
        self.gate.emit(now, RawBody::Element(answer));
    }

    async fn look_up(&self, asked: &Asked) -> (Option<Element>, Completeness) {
        let Asked { request, deadline, .. } = asked;
        match self.find(request, *deadline).await {
            Ok(seen) if seen.bounds.contains(request.at) => {
                let told = self.tell(request, &seen, *deadline).await;
                match self.second_answer(request, &seen, *deadline).await {
                    Some(better) => self.tell(request, &better, *deadline).await,
                    None => told,
                }
            }
            Ok(_) => (None, Completeness::DoesNotContainPoint),
            Err(Completeness::TimedOut) => {
                // A look-up at the same element a moment ago may have the answer.
                let kept = self.answers().at_point(Instant::now(), request.pid, request.at);
                (kept, Completeness::TimedOut)
            }
            Err(completeness) => (None, completeness),
        }
    }

    /// Chromium answers the first question about a point by the bounds it knows, asks the page, and
    /// answers the second question by what the page drew there. `None` when both agree.
    async fn second_answer(&self, request: &LookupRequest, first: &Seen, deadline: Instant) -> Option<Seen> {
        let asked = self.apps.toolkit(&self.bus, &first.object.bus);
        if request.popup || until(deadline, asked).await != Some(Toolkit::Browser) {
            return None;
        }
        let roots = [Object::root(&first.object.bus)];
        match self.bus.hit(&roots, request.at, request.window_bounds, deadline).await {
            Found::Here(second) if second.object != first.object => {
                second.bounds.contains(request.at).then_some(second)
            }
            _ => None,
        }
    }

    async fn find(&self, request: &LookupRequest, deadline: Instant) -> Result<Seen, Completeness> {
        let roots = self.apps.roots(&self.bus, request.pid, deadline).await;
        if roots.is_empty() {
            return Err(why_no_tree(request.pid, deadline));
        }
        if request.popup
            && let Some(seen) =
                self.find_in_popups(request.pid, request.at, request.window_bounds, deadline).await
        {
            return Ok(seen);
        }
        match self.bus.hit(&roots, request.at, request.window_bounds, deadline).await {
            // Below an open menu stands a widget that is not meant.
            Found::Here(seen) if request.popup && !request.window_bounds.covers(seen.bounds) => {
                Err(Completeness::DoesNotContainPoint)
            }
            Found::Here(seen) => Ok(seen),
            Found::Nowhere => Err(Completeness::DoesNotContainPoint),
            Found::TimedOut => Err(Completeness::TimedOut),
        }
    }

    /// Describes what was found and says which page it lies in.
    async fn tell(
        &self,
        request: &LookupRequest,
        seen: &Seen,
        deadline: Instant,
    ) -> (Option<Element>, Completeness) {
        let pid = request.pid;
        let first = self.bus.describe(seen, deadline).await;
        let right = self.below_the_menu_bar(request, seen, &first, deadline).await;
        let described = right.unwrap_or(first);
        let chain: Vec<&Seen> = std::iter::once(seen).chain(&described.ancestors).collect();
        self.note_location(pid, chain.iter().copied(), deadline).await;
        if lies_in_misplaced_page(&chain) {
            return (None, Completeness::DoesNotContainPoint);
        }
        self.answers().keep(Instant::now(), pid, described.element.clone());
        let completeness = if described.in_time { Completeness::Complete } else { Completeness::TimedOut };
        (Some(described.element), completeness)
    }
}

fn why_no_tree(pid: u32, deadline: Instant) -> Completeness {
    if Instant::now() >= deadline {
        Completeness::TimedOut
    } else if std::path::Path::new("/proc").join(pid.to_string()).exists() {
        Completeness::NoTree
    } else {
        Completeness::Closed
    }
}

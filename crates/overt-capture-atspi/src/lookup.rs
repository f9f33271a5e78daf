//! Threads that answer "what stands at this point?".

use std::sync::Arc;
use std::time::Instant;

use atspi::Role;
use crossbeam_channel::Receiver;
use futures_util::future::join;
use overt_capture::monotonic_now;
use overt_event::{Completeness, Element, ElementLookup, MonoNanos, RawBody};

use crate::apps::Toolkit;
use crate::bus::until;
use crate::config::LookupRequest;
use crate::descend::Found;
use crate::element::Described;
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
            Ok(seen) if seen.bounds.contains(request.at) => self.tell(request, seen, *deadline).await,
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
    /// answers the second question by what the page drew there. The page itself is asked; what the browser
    /// draws around it is found by the first question. `None` when both agree.
    ///
    /// Order: innermost first.
    async fn second_answer(
        &self,
        request: &LookupRequest,
        innermost_first: &[&Seen],
        deadline: Instant,
    ) -> Option<Seen> {
        let first = innermost_first.first()?;
        let page = innermost_first.iter().rev().find(|seen| seen.role == Role::DocumentWeb)?;
        let asked = self.apps.toolkit(&self.bus, &first.object.bus);
        if request.popup || until(deadline, asked).await != Some(Toolkit::Browser) {
            return None;
        }
        let Found::Here(object) = self.bus.descend(page.object.clone(), request.at, deadline).await else {
            return None;
        };
        if object == first.object {
            return None;
        }
        match self.bus.settle(object, request.at, deadline).await {
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

    /// Describes what was found, or what a second answer names instead, and says which page it lies in.
    async fn tell(
        &self,
        request: &LookupRequest,
        first: Seen,
        deadline: Instant,
    ) -> (Option<Element>, Completeness) {
        let described = self.bus.describe(&first, &[], deadline).await;
        let chain: Vec<&Seen> = std::iter::once(&first).chain(&described.ancestors).collect();
        let location = self.note_location(request.pid, chain.iter().copied(), deadline);
        let (second, ()) = join(self.second_answer(request, &chain, deadline), location).await;
        let Some(second) = second else {
            let right = self.below_the_menu_bar(request, &first, &described, deadline).await;
            return self.conclude(request, &first, right.unwrap_or(described));
        };
        let known: Vec<Seen> = chain.into_iter().cloned().collect();
        let described = self.bus.describe(&second, &known, deadline).await;
        self.conclude(request, &second, described)
    }

    fn conclude(
        &self,
        request: &LookupRequest,
        seen: &Seen,
        described: Described,
    ) -> (Option<Element>, Completeness) {
        let chain: Vec<&Seen> = std::iter::once(seen).chain(&described.ancestors).collect();
        if lies_in_misplaced_page(&chain) {
            return (None, Completeness::DoesNotContainPoint);
        }
        self.answers().keep(Instant::now(), request.pid, described.element.clone());
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

//! The thread that turns signals into accessible events.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use atspi::zbus::Connection;
use atspi::{Role, State};
use crossbeam_channel::Receiver;
use futures_util::future::join3;
use overt_capture::monotonic_now;
use overt_event::{AccessibleChange, AccessibleEvent, Gap, MonoNanos, Node, RawBody, Rect, Span};

use crate::bus::until;
use crate::object::Object;
use crate::page::lies_in_misplaced_page;
use crate::see::Seen;
use crate::shared::Shared;
use crate::signal::{Heard, Signal, register};
use crate::spelling::{States, role_name};

/// Longest time for all questions about one event.
const EVENT_DEADLINE: Duration = Duration::from_millis(200);

pub(crate) struct ChangeWorker {
    shared: Arc<Shared>,
    /// The connection that registered for the events.
    listener: Connection,
    /// When the last event arrived that was worked on: a loss lies after it.
    last_at: MonoNanos,
}

impl ChangeWorker {
    pub(crate) fn new(shared: Arc<Shared>, listener: Connection) -> Self {
        Self { shared, listener, last_at: monotonic_now() }
    }

    /// Works until the channel closes, in the order of arrival.
    pub(crate) fn run(mut self, events: &Receiver<Heard>) {
        while let Ok(heard) = events.recv() {
            if self.shared.gate.finished() {
                return;
            }
            self.report_missed(heard.at);
            self.last_at = heard.at;
            let deadline = Instant::now() + EVENT_DEADLINE;
            async_io::block_on(self.handle(heard, deadline));
        }
    }

    fn report_missed(&self, to: MonoNanos) {
        let count = self.shared.missed.swap(0, Ordering::Relaxed);
        if count > 0 {
            let span = Span { from: self.last_at, to };
            self.shared.gate.emit(monotonic_now(), RawBody::Gap { gap: Gap::Lost { count }, span });
        }
    }

    async fn handle(&self, heard: Heard, deadline: Instant) {
        if matches!(heard.signal, Signal::RegistryStarted) {
            // Registering again is all that can be done; without events the focus stays unknown.
            let _ = until(deadline, register(&self.listener)).await;
            return;
        }
        if !self.shared.gate.is_open() {
            return;
        }
        let Some(pid) = self.shared.pid_of_event(&heard.source.bus, deadline).await else { return };
        let Heard { at, source, signal } = heard;
        match signal {
            Signal::TextInserted(text) => {
                self.edited(pid, at, &source, AccessibleChange::TextInserted { text }, deadline).await;
            }
            Signal::TextDeleted(chars) => {
                self.edited(pid, at, &source, AccessibleChange::TextDeleted { chars }, deadline).await;
            }
            Signal::DocumentLoaded => self.shared.note_loaded(pid, &source, deadline).await,
            Signal::WindowActivated => self.shared.note_window(pid, &source, deadline).await,
            signal => self.changed(pid, at, source, &signal, deadline).await,
        }
    }

    async fn changed(&self, pid: u32, at: MonoNanos, source: Object, signal: &Signal, deadline: Instant) {
        let Some(change) = change_from_signal(signal) else { return };
        let object = match signal {
            Signal::ActiveDescendant(child) => child,
            _ => &source,
        };
        let Some(Ok(seen)) = until(deadline, self.shared.bus.see(object)).await else { return };
        self.remember(pid, &change, &seen);
        let (ancestors, _) = self.shared.bus.ancestors(&seen, deadline).await;
        let chain: Vec<&Seen> = std::iter::once(&seen).chain(&ancestors).collect();
        self.shared.note_location(pid, chain.iter().copied(), deadline).await;
        let event = event_from_chain(change, &chain);
        self.shared.gate.emit(at, RawBody::Accessible { pid, event });
    }

    fn remember(&self, pid: u32, change: &AccessibleChange, seen: &Seen) {
        let mut popups = self.shared.popups();
        match change {
            AccessibleChange::Focused | AccessibleChange::Selected => {
                popups.name(Instant::now(), pid, seen.clone());
            }
            AccessibleChange::Expanded(true) | AccessibleChange::SelectionChanged => {
                popups.open(pid, seen.object.clone());
            }
            _ => {}
        }
    }

    /// An edit is kept only of a field that can be edited and whose role is known not to be a password.
    async fn edited(
        &self,
        pid: u32,
        at: MonoNanos,
        source: &Object,
        change: AccessibleChange,
        deadline: Instant,
    ) {
        let bus = &self.shared.bus;
        let asked = join3(bus.role(source), bus.states(source), bus.name(source));
        let Some((Ok(role), Ok(states), name)) = until(deadline, asked).await else { return };
        if !is_plain_field(role, states) {
            return;
        }
        let node = Node {
            role: role_name(role).to_owned(),
            name: name.unwrap_or_default(),
            states: states.names(),
            bounds: Rect::default(),
            parent: None,
        };
        let event = AccessibleEvent { change, node, ancestors: Vec::new() };
        self.shared.gate.emit(at, RawBody::Accessible { pid, event });
    }
}

/// The first is the node, the others its ancestors. In a misplaced page none has a place.
fn event_from_chain(change: AccessibleChange, innermost_first: &[&Seen]) -> AccessibleEvent {
    let misplaced = lies_in_misplaced_page(innermost_first);
    let mut nodes = innermost_first.iter().map(|seen| {
        let bounds = if misplaced { Rect::default() } else { seen.bounds };
        Node { bounds, ..seen.node() }
    });
    AccessibleEvent { change, node: nodes.next().unwrap_or_default(), ancestors: nodes.collect() }
}

fn is_plain_field(role: Role, states: States) -> bool {
    states.has(State::Editable) && !matches!(role, Role::PasswordText | Role::Unknown | Role::Invalid)
}

/// The active child of a list or table is where its focus is.
fn change_from_signal(signal: &Signal) -> Option<AccessibleChange> {
    match signal {
        Signal::Focused(true) | Signal::ActiveDescendant(_) => Some(AccessibleChange::Focused),
        Signal::Selected => Some(AccessibleChange::Selected),
        Signal::SelectionChanged => Some(AccessibleChange::SelectionChanged),
        Signal::Expanded(on) => Some(AccessibleChange::Expanded(*on)),
        Signal::Checked(on) => Some(AccessibleChange::Checked(*on)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_unknown_fields_are_no_plain_fields() {
        let editable = States(State::Editable as u64);
        let check = |role, states, expected| assert_eq!(is_plain_field(role, states), expected);
        check(Role::Entry, editable, true);
        check(Role::Text, editable, true);
        check(Role::PasswordText, editable, false);
        check(Role::Unknown, editable, false);
        check(Role::Label, States::default(), false);
    }
}

//! The thread that turns signals into accessible events.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use atspi::zbus::Connection;
use atspi::{Role, State};
use crossbeam_channel::Receiver;
use futures_util::future::join3;
use overt_capture::monotonic_now;
use overt_event::{AccessibleChange, AccessibleEvent, Gap, MonoNanos, Node, RawBody, Rect, Span};

use crate::apps::Toolkit;
use crate::bus::{each_until, until};
use crate::object::Object;
use crate::office::put_right;
use crate::page::lies_in_misplaced_page;
use crate::see::Seen;
use crate::shared::Shared;
use crate::signal::{Heard, Signal, register};
use crate::spelling::{States, role_name};
use crate::unfolded::OpenPopups;

/// After so many events in a row that an application did not answer for, it is not asked for this long:
/// the events of the others do not wait behind them.
const UNANSWERED_MAX: u32 = 3;
const SILENCE: Duration = Duration::from_millis(200);
/// Levels of editable text around a paragraph.
const EDITABLE_DEPTH_MAX: usize = 16;
const SILENT_MAX: usize = 16;

pub(crate) struct ChangeWorker {
    shared: Arc<Shared>,
    /// The connection that registered for the events.
    listener: Connection,
    /// When the last event arrived that was worked on: a loss lies after it.
    last_at: MonoNanos,
    open: OpenPopups,
    /// Applications that did not answer, and when they are asked again.
    silent: VecDeque<(Arc<str>, Instant)>,
    /// The latest application that did not answer, and for how many events in a row.
    unanswered: (Option<Arc<str>>, u32),
}

impl ChangeWorker {
    pub(crate) fn new(shared: Arc<Shared>, listener: Connection) -> Self {
        Self {
            shared,
            listener,
            last_at: monotonic_now(),
            open: OpenPopups::default(),
            silent: VecDeque::new(),
            unanswered: (None, 0),
        }
    }

    /// Works until the channel closes, in the order of arrival.
    pub(crate) fn run(mut self, events: &Receiver<Heard>) {
        while let Ok(heard) = events.recv() {
            if self.shared.gate.finished() {
                return;
            }
            let (deadline, bus) =
                (Instant::now() + self.shared.config.event_deadline, heard.source.bus.clone());
            if self.is_silent(&bus) {
                self.shared.unanswered.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            self.report_unanswered(heard.at);
            self.last_at = heard.at;
            async_io::block_on(self.handle(heard, deadline));
            self.note_answer(bus, Instant::now() < deadline);
        }
    }

    fn is_silent(&mut self, bus: &Arc<str>) -> bool {
        self.silent.retain(|(_, until)| Instant::now() < *until);
        self.silent.iter().any(|(silent, _)| silent == bus)
    }

    fn note_answer(&mut self, bus: Arc<str>, answered: bool) {
        if !answered {
            self.shared.unanswered.fetch_add(1, Ordering::Relaxed);
        }
        let (last, in_a_row) = &mut self.unanswered;
        if last.as_ref() != Some(&bus) {
            (*last, *in_a_row) = (Some(bus.clone()), 0);
        }
        *in_a_row = if answered { 0 } else { *in_a_row + 1 };
        if *in_a_row >= UNANSWERED_MAX {
            self.note_silent(bus);
        }
    }

    fn note_silent(&mut self, bus: Arc<str>) {
        if self.silent.len() >= SILENT_MAX {
            self.silent.pop_front();
        }
        self.silent.push_back((bus, Instant::now() + SILENCE));
    }

    fn report_unanswered(&self, to: MonoNanos) {
        let count = self.shared.unanswered.swap(0, Ordering::Relaxed);
        if count > 0 {
            let (gap, span) = (Gap::Unanswered { count }, Span { from: self.last_at, to });
            self.shared.gate.emit(monotonic_now(), RawBody::Gap { gap, span });
        }
    }

    async fn handle(&mut self, heard: Heard, deadline: Instant) {
        if matches!(heard.signal, Signal::RegistryStarted) {
            // Registering again is all that can be done; without events the focus stays unknown.
            let _ = until(deadline, register(&self.listener)).await;
            return;
        }
        if !self.shared.gate.is_open() {
            self.open.forget();
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
            Signal::DocumentLoaded => self.shared.note_document(pid, &source, deadline).await,
            Signal::WindowActivated => self.activated(pid, at, &source, deadline).await,
            signal => self.changed(pid, at, source, &signal, deadline).await,
        }
        self.look_for_dismissed(pid, at, deadline).await;
    }

    /// A browser's window has a page, and a popup's window a menu or a list.
    async fn activated(&mut self, pid: u32, at: MonoNanos, window: &Object, deadline: Instant) {
        self.shared.note_window(pid, window, deadline).await;
        let chain = self.shared.popup_in(window, deadline).await;
        self.tell_opened(pid, at, &chain.iter().collect::<Vec<_>>());
    }

    fn tell_opened(&mut self, pid: u32, at: MonoNanos, innermost_first: &[&Seen]) {
        for event in self.open.chosen(pid, innermost_first) {
            self.shared.gate.emit(at, RawBody::Accessible { pid, event });
        }
    }

    /// Tells which open menus are no longer to be seen. Whatever closes one is followed by an event.
    async fn look_for_dismissed(&mut self, pid: u32, at: MonoNanos, deadline: Instant) {
        let witnesses = self.open.witnesses(pid);
        let bus = &self.shared.bus;
        let asked = witnesses.iter().map(|w| {
            let (witness, menu) = (bus.states(&w.object), bus.states(&w.container));
            join3(witness, menu, bus.role(&w.container))
        });
        let answers = each_until(deadline, asked).await;
        let shows = |states: &Result<States, _>| states.as_ref().is_ok_and(|states| states.on_screen());
        let gone: Vec<Object> = witnesses
            .into_iter()
            .zip(answers)
            .filter(|(witness, answer)| {
                answer.as_ref().is_some_and(|(of_witness, of_menu, role)| {
                    !shows(of_witness) || !shows(of_menu) || *role != Ok(witness.role)
                })
            })
            .map(|(witness, _)| witness.container)
            .collect();
        for event in self.open.dismiss(&gone) {
            self.shared.gate.emit(at, RawBody::Accessible { pid, event });
        }
    }

    async fn changed(&mut self, pid: u32, at: MonoNanos, source: Object, signal: &Signal, deadline: Instant) {
        let Some(change) = change_from_signal(signal) else { return };
        let object = match signal {
            Signal::ActiveDescendant(child) => child,
            _ => &source,
        };
        let Some(Ok(seen)) = until(deadline, self.shared.bus.see(object)).await else { return };
        if seen.role == Role::Invalid {
            return;
        }
        self.remember(pid, &change, &seen);
        let (ancestors, _) = self.shared.bus.ancestors(&seen, &[], deadline).await;
        let mut chain: Vec<Seen> = std::iter::once(seen).chain(ancestors).collect();
        let toolkit = self.shared.apps.toolkit(&self.shared.bus, &source.bus);
        if until(deadline, toolkit).await == Some(Toolkit::Office) {
            put_right(&mut chain, self.shared.bounds_of(pid));
        }
        let chain: Vec<&Seen> = chain.iter().collect();
        self.shared.note_location(pid, chain.iter().copied(), deadline).await;
        if matches!(change, AccessibleChange::Focused | AccessibleChange::Selected) {
            self.tell_opened(pid, at, &chain);
        }
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

    /// Whether the person types there or did so a moment ago: in the object itself, or in the editable
    /// text of a page that it is a paragraph of.
    async fn is_typed_into(&self, source: &Object, states: States, deadline: Instant) -> bool {
        let (mut object, mut states) = (source.clone(), states);
        for _ in 0..EDITABLE_DEPTH_MAX {
            if holds_the_caret(states) || self.shared.board().has_had(&object) {
                return true;
            }
            let Some(Ok(Some(parent))) = until(deadline, self.shared.bus.parent(&object)).await else {
                break;
            };
            let Some(Ok(of_parent)) = until(deadline, self.shared.bus.states(&parent)).await else { break };
            if !of_parent.has(State::Editable) {
                break;
            }
            (object, states) = (parent, of_parent);
        }
        false
    }

    /// An edit is kept only of a field that can be edited and whose role is known not to be a password;
    /// and only where the person types: programs fill in fields too, such as the name of the active cell.
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
        if !is_plain_field(role, states) || !self.is_typed_into(source, states, deadline).await {
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

/// A field whose list is open has given the focus to the row that is active in it.
fn holds_the_caret(states: States) -> bool {
    states.has(State::Focused) || states.has(State::Expanded)
}

/// The first is the node, the others its ancestors. In a misplaced page none has a place.
pub(crate) fn event_from_chain(change: AccessibleChange, innermost_first: &[&Seen]) -> AccessibleEvent {
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

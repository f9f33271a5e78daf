//! The one way out: what is said when, and when nothing is.

use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::Sender;
use overt_capture::{Outlet, monotonic_now};
use overt_event::{FocusKind, FocusReport, Gap, MonoNanos, RawBody, RawEvent, Span};

/// The name of this source in a gap.
const SOURCE: &str = "accessibility";

/// Lets events out unless the source is paused or finished.
pub(crate) struct Gate {
    outlet: Outlet,
    paused: AtomicBool,
    finished: AtomicBool,
    /// Who hears that the bus is gone, and since when.
    losses: Sender<MonoNanos>,
    /// A report of the focus did not fit into the queue: `Unknown` is owed before anything else.
    owes_unknown: AtomicBool,
}

impl Gate {
    pub(crate) fn new(outlet: Outlet, paused: bool, losses: Sender<MonoNanos>) -> Self {
        Self {
            outlet,
            paused: AtomicBool::new(paused),
            finished: AtomicBool::new(false),
            losses,
            owes_unknown: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.paused.load(Ordering::Acquire) && !self.finished()
    }

    pub(crate) fn finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    /// Returns whether this changed anything.
    pub(crate) fn set_paused(&self, paused: bool) -> bool {
        self.paused.swap(paused, Ordering::AcqRel) != paused
    }

    /// Hands out one event that arrived at `arrival`. What does not fit is counted by the outlet.
    pub(crate) fn emit(&self, arrival: MonoNanos, body: RawBody) {
        if self.is_open() {
            self.send(arrival, body);
        }
    }

    /// Says what has the focus. A report that did not fit is made up for by `Unknown`.
    pub(crate) fn emit_focus(&self, kind: FocusKind, pid: u32, asked_at: MonoNanos) {
        self.emit_focus_since(asked_at, kind, pid, asked_at);
    }

    /// The same of all the time since an earlier moment.
    pub(crate) fn emit_focus_since(&self, since: MonoNanos, kind: FocusKind, pid: u32, asked_at: MonoNanos) {
        let since = since.min(asked_at);
        self.emit(monotonic_now(), RawBody::Focus(FocusReport { kind, pid, asked_at, since }));
    }

    fn send(&self, arrival: MonoNanos, body: RawBody) {
        if self.owes_unknown.swap(false, Ordering::AcqRel) {
            self.put(arrival, unknown(arrival));
        }
        self.put(arrival, body);
    }

    fn put(&self, arrival: MonoNanos, body: RawBody) {
        let of_focus = matches!(body, RawBody::Focus(_));
        if self.outlet.send(RawEvent::at(arrival, body)).is_err() && of_focus {
            self.owes_unknown.store(true, Ordering::Release);
        }
    }

    /// The bus is gone: said once, also while paused, and then nothing more is.
    pub(crate) fn source_gone(&self) {
        if self.finished.swap(true, Ordering::AcqRel) {
            return;
        }
        let now = monotonic_now();
        self.put(now, unknown(now));
        self.put_gap(Span { from: now, to: now });
        // A full channel tells of it already.
        let _ = self.losses.try_send(now);
    }

    /// The bus is back after it was gone since then: said also while paused.
    pub(crate) fn source_back(&self, gone_at: MonoNanos) {
        self.put_gap(Span { from: gone_at, to: monotonic_now() });
    }

    fn put_gap(&self, span: Span) {
        let gap = Gap::SourceGone { source: SOURCE.to_owned() };
        self.put(span.to, RawBody::Gap { gap, span });
    }

    /// Stopped on request: nothing more is said.
    pub(crate) fn close(&self) {
        self.finished.store(true, Ordering::Release);
    }
}

fn unknown(asked_at: MonoNanos) -> RawBody {
    RawBody::Focus(FocusReport { kind: FocusKind::Unknown, pid: 0, asked_at, since: asked_at })
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;
    use overt_capture::queue;

    use super::*;

    fn focus(kind: FocusKind) -> RawBody {
        RawBody::Focus(FocusReport { kind, pid: 7, asked_at: MonoNanos(1), since: MonoNanos(1) })
    }

    fn other() -> FocusKind {
        FocusKind::Other { role: "entry".to_owned() }
    }

    #[test]
    fn a_focus_that_did_not_fit_is_followed_by_unknown() {
        let (outlet, events) = queue(1);
        let gate = Gate::new(outlet, false, bounded(1).0);
        gate.emit(MonoNanos(1), focus(other()));
        gate.emit(MonoNanos(2), focus(FocusKind::Password));
        assert!(events.try_recv().is_ok(), "the first fits");
        gate.emit(MonoNanos(3), RawBody::Damage);
        let next = events.try_recv().expect("something was said");
        assert!(matches!(next.body, RawBody::Focus(FocusReport { kind: FocusKind::Unknown, .. })));
    }

    #[test]
    fn nothing_is_said_while_paused_and_the_end_is_said_once() {
        let (outlet, events) = queue(8);
        let (losses, lost) = bounded(1);
        let gate = Gate::new(outlet, false, losses);
        assert!(gate.set_paused(true));
        gate.emit(MonoNanos(1), RawBody::Damage);
        assert!(events.is_empty());
        gate.source_gone();
        gate.source_gone();
        gate.emit(MonoNanos(2), RawBody::Damage);
        assert_eq!((events.len(), lost.len()), (2, 1), "one focus, one gap");
        gate.source_back(MonoNanos(3));
        let back = events.try_iter().last().expect("it is said");
        assert!(matches!(back.body, RawBody::Gap { gap: Gap::SourceGone { .. }, span } if span.from.0 == 3));
    }
}

//! Spans in which something was denied. They tell a rule and whole seconds, and nothing else: neither
//! how much was denied nor when exactly, for that would tell how long a password is.

use overt_event::{DenyRule, Gap, MonoNanos, Span};

use crate::tally::EventKind;

const SECOND_MILLIS: u64 = 1_000;

/// Streams whose denied spans are told. What the others deny belongs to windows that are not in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Pointer,
    Keys,
    Frames,
}

impl Lane {
    /// The lane of what a person does; what applications tell has none.
    pub(crate) fn of(kind: EventKind) -> Option<Self> {
        match kind {
            EventKind::PointerMove | EventKind::Button | EventKind::Scroll => Some(Self::Pointer),
            EventKind::Key => Some(Self::Keys),
            _ => None,
        }
    }

    /// The lanes whose spans end with something of this kind that is kept. A deed ends those of all deeds, so that who
    /// reads the next one knows that something was done before it. A move ends no typing: where the pointer is moved
    /// while a password is typed, spans would tell the times between its keys.
    fn ended_by(kind: EventKind) -> &'static [Self] {
        match kind {
            EventKind::Button | EventKind::Scroll | EventKind::Key => &[Self::Pointer, Self::Keys],
            EventKind::PointerMove => &[Self::Pointer],
            EventKind::Frame => &[Self::Frames],
            _ => &[],
        }
    }
}

const LANES: usize = 3;

/// The span that is open in each lane.
#[derive(Default)]
pub(crate) struct Gaps {
    open: [Option<(DenyRule, Span)>; LANES],
}

impl Gaps {
    /// Something was denied. Returns the span that this ends, if it was by another rule.
    pub(crate) fn deny(&mut self, lane: Lane, rule: DenyRule, at: MonoNanos) -> Option<(Gap, Span)> {
        let open = &mut self.open[lane as usize];
        if let Some((r, span)) = open
            && *r == rule
        {
            *span = Span { from: span.from.min(at), to: span.to.max(at) };
            return None;
        }
        open.replace((rule, Span { from: at, to: at })).map(told)
    }

    /// Something of this kind was kept. Returns the spans that this ends.
    pub(crate) fn allow(&mut self, kind: EventKind) -> Vec<(Gap, Span)> {
        Lane::ended_by(kind).iter().filter_map(|lane| self.open[*lane as usize].take()).map(told).collect()
    }

    /// Ends all spans.
    pub(crate) fn close(&mut self) -> Vec<(Gap, Span)> {
        self.open.iter_mut().filter_map(Option::take).map(told).collect()
    }
}

fn told((rule, span): (DenyRule, Span)) -> (Gap, Span) {
    let from = span.from.floor_to_millis(SECOND_MILLIS);
    let to = span.to.floor_to_millis(SECOND_MILLIS).plus_millis(SECOND_MILLIS);
    (Gap::Denied { rule }, Span { from, to })
}

//! How many events came in, and what became of them.

use std::collections::BTreeMap;

use overt_event::{DenyRule, RawBody, SecretKind};

/// The kinds of [`RawBody`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    Clock,
    Topology,
    PointerMove,
    Button,
    Scroll,
    Key,
    Focus,
    Window,
    Workspace,
    Cursor,
    Element,
    Snapshot,
    Accessible,
    Location,
    Site,
    Covered,
    Frame,
    Damage,
    Windows,
    Binding,
    Gap,
    Mark,
    Pace,
}

impl EventKind {
    /// The kind of an event.
    pub fn of(body: &RawBody) -> Self {
        match body {
            RawBody::Clock(_) => Self::Clock,
            RawBody::Topology(_) => Self::Topology,
            RawBody::PointerMove { .. } => Self::PointerMove,
            RawBody::Button { .. } => Self::Button,
            RawBody::Scroll { .. } => Self::Scroll,
            RawBody::Key(_) => Self::Key,
            RawBody::Focus(_) => Self::Focus,
            RawBody::Window(_) => Self::Window,
            RawBody::Workspace(_) => Self::Workspace,
            RawBody::Cursor(_) => Self::Cursor,
            RawBody::Element(_) => Self::Element,
            RawBody::Snapshot(_) => Self::Snapshot,
            RawBody::Accessible { .. } => Self::Accessible,
            RawBody::Location { .. } => Self::Location,
            RawBody::Site(_) => Self::Site,
            RawBody::Covered(_) => Self::Covered,
            RawBody::Frame(_) => Self::Frame,
            RawBody::Damage => Self::Damage,
            RawBody::Windows(_) => Self::Windows,
            RawBody::Binding(_) => Self::Binding,
            RawBody::Gap { .. } => Self::Gap,
            RawBody::Mark(_) => Self::Mark,
            RawBody::Pace(_) => Self::Pace,
        }
    }

    /// Whether a person did it: what bindings and elements refer to.
    pub(crate) fn is_input(self) -> bool {
        matches!(self, Self::PointerMove | Self::Button | Self::Scroll | Self::Key)
    }

    /// Whether it says nothing about what anyone does, so that a full queue does not drop it.
    pub(crate) fn is_structural(self) -> bool {
        matches!(self, Self::Clock | Self::Topology | Self::Gap | Self::Mark | Self::Pace)
    }
}

/// What became of the events of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindTally {
    pub received: u64,
    /// Each became one record.
    pub kept: u64,
    /// Became part of another event's record, or is said by it: characters of one text, their key-ups.
    pub merged: u64,
    /// By the rule that denied them.
    pub denied: BTreeMap<DenyRule, u64>,
    /// Did not fit into the memory given.
    pub lost: u64,
    /// Of a kind that tells minimise something and is never kept.
    pub never_kept: u64,
}

impl KindTally {
    /// All that were denied, by whatever rule.
    pub fn denied_total(&self) -> u64 {
        self.denied.values().sum()
    }

    /// Received and neither kept nor anything else yet.
    pub fn held(&self) -> u64 {
        let settled = self.kept + self.merged + self.denied_total() + self.lost + self.never_kept;
        self.received.saturating_sub(settled)
    }
}

/// What became of all events of a session, by kind. It is for the person at the machine, who may see
/// that nothing is unaccounted for; it is no part of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub kinds: BTreeMap<EventKind, KindTally>,
    /// Records that no event stands for: gaps and changes of verdict.
    pub added: u64,
    /// What was filtered out of what was kept, by kind. Counted where it stands in a record, and
    /// typed text where it was typed.
    pub filtered: BTreeMap<SecretKind, u64>,
}

impl Tally {
    pub(crate) fn of(&mut self, kind: EventKind) -> &mut KindTally {
        self.kinds.entry(kind).or_default()
    }

    pub(crate) fn deny(&mut self, kind: EventKind, rule: DenyRule) {
        *self.of(kind).denied.entry(rule).or_default() += 1;
    }

    pub(crate) fn add_filtered(&mut self, counts: BTreeMap<SecretKind, u64>) {
        for (kind, count) in counts {
            *self.filtered.entry(kind).or_default() += count;
        }
    }

    /// All that was filtered, of whatever kind.
    pub fn filtered_total(&self) -> u64 {
        self.filtered.values().sum()
    }

    /// Records that came out.
    pub fn records(&self) -> u64 {
        self.added + self.kinds.values().map(|k| k.kept).sum::<u64>()
    }

    /// Events that did not fit.
    pub fn lost(&self) -> u64 {
        self.kinds.values().map(|k| k.lost).sum()
    }
}

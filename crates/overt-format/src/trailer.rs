//! What the end of a segment tells to those who can open it.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use overt_event::{ClockAnchor, DenyRule, MonoNanos, Point, Record, RecordBody, SecretKind};
use serde::{Deserialize, Serialize};

use crate::moves::Moves;

/// How many events went in and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Events the sources delivered.
    pub received: u64,
    /// Records that were kept. It can differ from `received` less `denied`: keys become runs of text.
    pub kept: u64,
    /// Events that were not kept, by the rule that forbade them.
    pub denied: BTreeMap<DenyRule, u64>,
    /// Events that a full queue could not take.
    pub lost: u64,
    /// What was filtered out of what was kept, by kind (docs/spec/filter.md).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filtered: BTreeMap<SecretKind, u64>,
}

/// The encrypted end of a whole segment (section 4.4).
///
/// `begin`, `end` and `records` describe what lies in the segment; whoever writes it counts them
/// from the records themselves, and `overt verify` counts again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trailer {
    /// The smallest time of a record; 0 when there is none.
    pub begin: MonoNanos,
    /// The largest time of a record; 0 when there is none.
    pub end: MonoNanos,
    /// Both clocks at one moment of this segment.
    pub anchor: Option<ClockAnchor>,
    /// Records by kind, see [`record_kind`].
    pub records: BTreeMap<String, u64>,
    /// Frames that came with pixels.
    pub pictures: u64,
    pub flow: Flow,
}

impl Trailer {
    /// Whether the counted parts of two trailers agree.
    pub fn counts_agree(&self, other: &Trailer) -> bool {
        (self.begin, self.end, &self.records, self.pictures)
            == (other.begin, other.end, &other.records, other.pictures)
    }
}

/// What the records of a segment amount to, counted as they go by.
#[derive(Default)]
pub struct Counter {
    span: Option<(MonoNanos, MonoNanos)>,
    /// Few: found faster by going through them than by their names.
    kinds: Vec<(Discriminant<RecordBody>, &'static str, u64)>,
    pictures: u64,
}

impl Counter {
    /// Counts one record. A repeated one was counted by the segment that holds it first.
    pub fn count(&mut self, record: &Record, has_pixels: bool) {
        if record.repeated {
            return;
        }
        self.reach(record.time);
        self.add(&record.body, 1);
        self.pictures += u64::from(has_pixels);
    }

    /// Counts each of the moves.
    pub fn count_moves(&mut self, moves: &Moves) {
        moves.each.iter().for_each(|m| self.reach(m.time));
        let body = RecordBody::PointerMove { at: Point::default() };
        self.add(&body, moves.len() as u64);
    }

    fn reach(&mut self, time: MonoNanos) {
        let (begin, end) = self.span.unwrap_or((time, time));
        self.span = Some((begin.min(time), end.max(time)));
    }

    fn add(&mut self, body: &RecordBody, more: u64) {
        let kind = discriminant(body);
        match self.kinds.iter_mut().find(|(known, ..)| *known == kind) {
            Some((.., n)) => *n += more,
            None => self.kinds.push((kind, record_kind(body), more)),
        }
    }

    /// The counted parts of a trailer.
    pub fn trailer(&self) -> Trailer {
        let (begin, end) = self.span.unwrap_or_default();
        let records = self.kinds.iter().map(|(_, name, n)| ((*name).to_owned(), *n)).collect();
        Trailer { begin, end, records, pictures: self.pictures, ..Trailer::default() }
    }
}

/// The name of a record's kind, as its JSON spells it.
pub fn record_kind(body: &RecordBody) -> &'static str {
    match body {
        RecordBody::Clock(_) => "clock",
        RecordBody::Topology(_) => "topology",
        RecordBody::PointerMove { .. } => "pointer_move",
        RecordBody::Button { .. } => "button",
        RecordBody::Scroll { .. } => "scroll",
        RecordBody::Key(_) => "key",
        RecordBody::Text { .. } => "text",
        RecordBody::TextShape { .. } => "text_shape",
        RecordBody::Window { .. } => "window",
        RecordBody::Workspace(_) => "workspace",
        RecordBody::Cursor { .. } => "cursor",
        RecordBody::Element(_) => "element",
        RecordBody::Snapshot(_) => "snapshot",
        RecordBody::SnapshotAgain { .. } => "snapshot_again",
        RecordBody::Accessible(_) => "accessible",
        RecordBody::Location { .. } => "location",
        RecordBody::Frame(_) => "frame",
        RecordBody::Binding(_) => "binding",
        RecordBody::Gap { .. } => "gap",
        RecordBody::Mark { .. } => "mark",
        RecordBody::Pace(_) => "pace",
        RecordBody::VerdictChange { .. } => "verdict_change",
    }
}

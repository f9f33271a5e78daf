//! What waits between being observed and being kept.

use overt_event::{
    AccessibleEvent, Binding, Frame, FrameRecord, KeyRecord, Level, MonoNanos, RawBody, RawEvent, Record,
    RecordBody, Rect, Seq, Span, WindowId,
};
use std::sync::Arc;

use crate::desk::Allowed;
use crate::focus::Doubt;
use crate::gaps::Lane;
use crate::sites::Sited;
use crate::tally::EventKind;
use crate::veil::Stand;
use overt_event::DenyRule;

/// A snapshot is asked for once the screen has stood still for 100 ms, and answers within 150 ms for 95
/// windows in 100 (measured on 2026-11-22); a picture at level `masked` waits twice as long.
pub(crate) const LABELS_WITHIN_MILLIS: u64 = 500;

/// The same for names with secrets at level `full`. Whoever types is not asked for 2 s; a snapshot may
/// take 600 ms.
pub(crate) const NAMES_WITHIN_MILLIS: u64 = 3_000;

/// Times inside text, and all times below level full, are rounded down to this.
pub(crate) const COARSE_MILLIS: u64 = 100;

/// Where an event stands in its session.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) seq: Seq,
    pub(crate) kind: EventKind,
    /// The earliest moment it tells of.
    pub(crate) since: MonoNanos,
    pub(crate) happened: MonoNanos,
    pub(crate) arrival: MonoNanos,
    pub(crate) injected: bool,
    pub(crate) device: u16,
}

impl Origin {
    pub(crate) fn of(event: &RawEvent) -> Self {
        Self {
            seq: event.seq,
            kind: EventKind::of(&event.body),
            since: since(event),
            happened: event.happened(),
            arrival: event.arrival,
            injected: event.injected,
            device: event.device,
        }
    }

    /// The start of the 100 ms it lies in.
    pub(crate) fn bucket(&self) -> MonoNanos {
        self.happened.floor_to_millis(COARSE_MILLIS)
    }

    /// A record at level full of something that is no text keeps its times; all others are coarse.
    pub(crate) fn record(&self, allowed: Option<&Allowed>, exact: bool, body: RecordBody) -> Record {
        let exact = exact && allowed.is_none_or(|a| a.level == Level::Full);
        let told = |t: MonoNanos| if exact { t } else { t.floor_to_millis(COARSE_MILLIS) };
        Record {
            seq: self.seq,
            time: told(self.happened),
            arrival: told(self.arrival),
            injected: self.injected,
            repeated: false,
            device: self.device,
            app: allowed.map(|a| a.app.clone()),
            body,
        }
    }

    /// A record that no event stands for, caused by this one.
    pub(crate) fn caused(&self, body: RecordBody) -> Record {
        let cause = Self { injected: false, device: 0, ..*self };
        cause.record(None, false, body)
    }
}

fn since(event: &RawEvent) -> MonoNanos {
    let happened = event.happened();
    match &event.body {
        RawBody::Frame(frame) => frame.grab_begin.min(happened),
        RawBody::Snapshot(snapshot) => snapshot.asked_at.min(happened),
        RawBody::Element(lookup) => MonoNanos(happened.0.saturating_sub(lookup.took_nanos)),
        _ => happened,
    }
}

/// A key or an edit that waits for the focus to be known.
pub(crate) struct Waiting {
    pub(crate) allowed: Allowed,
    pub(crate) doubt: Doubt,
    /// It belongs to switching windows, so that a window that gets the focus does not claim it.
    pub(crate) switches: bool,
    pub(crate) what: Doubtful,
}

/// What can only be kept where no password is typed.
pub(crate) enum Doubtful {
    Text(String),
    Named(KeyRecord),
    Edit(AccessibleEvent),
}

/// A picture before anything is filled, and what stands on it.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) raw: Arc<Frame>,
    /// All of its record but the share that is filled.
    pub(crate) record: FrameRecord,
    /// Bottom first.
    pub(crate) stands: Vec<Stand>,
}

impl Shown {
    /// What can be seen of one of its windows: its place less what stands above it.
    pub(crate) fn visible(&self, stand: &Stand) -> Vec<Rect> {
        let above = self.stands.iter().skip_while(|s| s.window != stand.window).skip(1);
        let less = |left: Vec<Rect>, above: &Stand| -> Vec<Rect> {
            left.into_iter().flat_map(|r| r.without(above.bounds)).collect()
        };
        above.fold(vec![stand.bounds], less)
    }
}

/// A picture that waits.
pub(crate) struct HeldPicture {
    pub(crate) shown: Shown,
    /// For so long a snapshot may tell where the labels of its windows at level `masked` are.
    pub(crate) labels_until: MonoNanos,
    /// For so long the names on its windows at level `full` may be told.
    pub(crate) names_until: MonoNanos,
    /// The windows of which they have not been.
    pub(crate) unnamed: Vec<WindowId>,
    /// By which it is denied when nothing of it may be seen.
    pub(crate) unseen: DenyRule,
    /// Of its tiles that the picture held before does not have.
    pub(crate) fresh_bytes: usize,
}

/// What is still to be decided of an event.
pub(crate) enum Slot {
    /// Nothing.
    Ready {
        record: Record,
        pixels: Option<Arc<Frame>>,
    },
    /// Nothing; and no event stands for it.
    Added(Record),
    /// Only what gap it belongs to. It is counted already.
    Denied {
        lane: Lane,
        rule: DenyRule,
    },
    Waiting(Waiting),
    /// Which labels it shows, and where something secret stands.
    Picture(Box<HeldPicture>),
    /// Whether the key that goes up was kept when it went down.
    KeyUp {
        down: Seq,
        record: Record,
    },
    /// Whether the input was kept.
    Element {
        for_seq: Seq,
        record: Record,
    },
    /// The same, and whether the picture was.
    Binding(Binding),
    /// How many did not fit here.
    Lost {
        count: u64,
        to: MonoNanos,
    },
}

/// One event that waits, or the place of some that did not fit.
pub(crate) struct Held {
    pub(crate) origin: Origin,
    pub(crate) slot: Slot,
    /// The sites that it waits for a look at; a picture has its own for each window.
    pub(crate) sited: Option<Sited>,
}

impl Held {
    /// It is not kept, and waits for nothing more.
    pub(crate) fn deny(&mut self, lane: Lane, rule: DenyRule) {
        self.slot = Slot::Denied { lane, rule };
        self.sited = None;
    }

    /// From when to when it tells of something.
    pub(crate) fn span(&self) -> Span {
        Span { from: self.origin.since, to: self.origin.arrival }
    }

    pub(crate) fn has_pixels(&self) -> bool {
        matches!(&self.slot, Slot::Ready { pixels: Some(_), .. } | Slot::Picture(_))
    }

    pub(crate) fn pixel_bytes(&self) -> usize {
        match &self.slot {
            Slot::Picture(picture) => picture.fresh_bytes,
            _ => 0,
        }
    }

    /// Whether a full queue may drop it.
    pub(crate) fn may_be_shed(&self) -> bool {
        !self.origin.kind.is_structural() && !matches!(self.slot, Slot::Added(_) | Slot::Lost { .. })
    }
}

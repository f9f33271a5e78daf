//! The queue's front: what is known well enough leaves, everything behind it waits.

use overt_event::{Binding, DenyRule, Frame, Gap, Level, MonoNanos, Record, RecordBody, Span};
use std::sync::Arc;

use crate::fate::{Fate, bound_input};
use crate::focus::Judgement;
use crate::gaps::Lane;
use crate::held::{Doubtful, Held, Origin, Slot, Waiting};
use crate::level;
use crate::tally::EventKind;
use crate::{Minimised, Minimiser};

impl Minimiser {
    /// Lets out what is judged by `now`; with `last`, what is not judged by then is dropped.
    pub(crate) fn release(&mut self, now: MonoNanos, last: bool) {
        while let Some(front) = self.queue.front() {
            let judgement = match &front.slot {
                Slot::Waiting(w) => self.judge(w, now, last),
                Slot::Picture(p) if !last && self.waits_for_labels(p, now) => Judgement::Wait,
                _ => Judgement::Keep,
            };
            let text = match judgement {
                Judgement::Wait => return,
                Judgement::Keep => self.join_text(now, last),
                Judgement::Drop(_) => Joined::None,
            };
            if matches!(text, Joined::Wait) {
                return;
            }
            let Some(held) = self.take_front() else { return };
            match (judgement, text) {
                (Judgement::Drop(rule), _) => self.drop_waiting(&held.origin, rule),
                (_, Joined::Text(text)) => self.let_out_text(held, text),
                _ => self.let_out(held),
            }
        }
    }

    fn take_front(&mut self) -> Option<Held> {
        let held = self.queue.pop_front()?;
        self.held_frames -= usize::from(held.has_pixels());
        Some(held)
    }

    fn judge(&self, waiting: &Waiting, now: MonoNanos, last: bool) -> Judgement {
        let judgement = match self.desk.keeps_keys_without_focus() {
            Some(kept) => {
                let now = if last { now.max(waiting.doubt.hold_until) } else { now };
                self.focus.judge_in_order(&waiting.doubt, now, kept)
            }
            None => self.focus.judge(&waiting.doubt, now),
        };
        match judgement {
            Judgement::Wait if last => Judgement::Drop(DenyRule::FocusUnknown),
            judgement => judgement,
        }
    }

    fn drop_waiting(&mut self, origin: &Origin, rule: DenyRule) {
        self.deny(origin.kind, origin.seq, rule);
        if origin.kind == EventKind::Key {
            self.tell_denied(origin, Lane::Keys, rule);
        }
    }

    fn let_out(&mut self, held: Held) {
        let origin = held.origin;
        match held.slot {
            Slot::Ready { record, pixels, lane } => self.let_out_ready(&origin, record, pixels, lane),
            Slot::Added(record) => self.give_out_added(record),
            Slot::Denied { lane, rule } => {
                if origin.kind.is_input() {
                    self.fates.settle(origin.seq, Fate::Denied(rule));
                }
                self.tell_denied(&origin, lane, rule);
            }
            Slot::Waiting(waiting) => self.let_out_waiting(&origin, waiting),
            Slot::Picture(picture) => self.let_out_picture(&origin, picture),
            Slot::KeyUp { down, record } => self.let_out_key_up(&origin, down, record),
            Slot::Element { for_seq, record } => match self.fates.of(for_seq) {
                Fate::Kept { .. } => self.keep(&origin, record, None),
                fate => self.drop_with(&origin, fate),
            },
            Slot::Binding(binding) => self.let_out_binding(&origin, binding),
            Slot::Lost { count, to } => self.tell_lost(origin, count, to),
        }
    }

    pub(crate) fn let_out_ready(
        &mut self,
        origin: &Origin,
        record: Record,
        pixels: Option<Arc<Frame>>,
        lane: Option<Lane>,
    ) {
        if let Some(lane) = lane {
            self.tell_allowed(origin, lane);
        }
        if let RecordBody::Frame(frame) = &record.body {
            self.fates.keep_frame(frame.id);
        }
        self.keep(origin, record, pixels);
    }

    fn let_out_waiting(&mut self, origin: &Origin, waiting: Waiting) {
        let allowed = &waiting.allowed;
        let body = match waiting.what {
            Doubtful::Named(key) => RecordBody::Key(key),
            Doubtful::Edit(event) => RecordBody::Accessible(level::accessible(event, allowed.level)),
            Doubtful::Text(text) => text_body(text, allowed.level),
        };
        if origin.kind == EventKind::Key {
            self.tell_allowed(origin, Lane::Keys);
        }
        self.keep(origin, origin.record(Some(allowed), false, body), None);
    }

    fn let_out_text(&mut self, mut held: Held, all: String) {
        if let Slot::Waiting(Waiting { what: Doubtful::Text(text), .. }) = &mut held.slot {
            *text = all;
        }
        self.let_out(held);
    }

    fn let_out_key_up(&mut self, origin: &Origin, down: overt_event::Seq, record: Record) {
        match self.fates.of(down) {
            Fate::Kept { .. } => {
                self.tell_allowed(origin, Lane::Keys);
                self.keep(origin, record, None);
            }
            Fate::Denied(rule) => {
                self.deny(origin.kind, origin.seq, rule);
                self.tell_denied(origin, Lane::Keys, rule);
            }
            fate => self.drop_with(origin, fate),
        }
    }

    fn let_out_binding(&mut self, origin: &Origin, binding: Binding) {
        match self.fates.of(bound_input(&binding)) {
            Fate::Kept { earlier_nanos, key } => {
                let binding = self.fates.bind(binding, earlier_nanos, key);
                let record = origin.caused(RecordBody::Binding(binding));
                self.keep(origin, record, None);
            }
            fate => self.drop_with(origin, fate),
        }
    }

    /// What belongs to an input shares its fate.
    fn drop_with(&mut self, origin: &Origin, fate: Fate) {
        match fate {
            Fate::Denied(rule) => self.deny(origin.kind, origin.seq, rule),
            Fate::Merged => self.tally.of(origin.kind).merged += 1,
            Fate::Lost | Fate::Kept { .. } => self.tally.of(origin.kind).lost += 1,
        }
    }

    fn keep(&mut self, origin: &Origin, record: Record, pixels: Option<Arc<Frame>>) {
        self.tally.of(origin.kind).kept += 1;
        if origin.kind.is_input() {
            let earlier_nanos = origin.happened.since(record.time);
            let key = origin.kind == EventKind::Key;
            self.fates.settle(origin.seq, Fate::Kept { earlier_nanos, key });
        }
        self.released.push(Minimised::new(record, pixels));
    }

    pub(crate) fn tell_denied(&mut self, origin: &Origin, lane: Lane, rule: DenyRule) {
        if let Some((gap, span)) = self.gaps.deny(lane, rule, origin.happened) {
            self.give_out_added(origin.caused(RecordBody::Gap { gap, span }));
        }
    }

    fn tell_allowed(&mut self, origin: &Origin, lane: Lane) {
        if let Some((gap, span)) = self.gaps.allow(lane) {
            self.give_out_added(origin.caused(RecordBody::Gap { gap, span }));
        }
    }

    pub(crate) fn tell_lost(&mut self, origin: Origin, count: u64, to: MonoNanos) {
        let span = Span { from: origin.bucket(), to };
        self.give_out_added(origin.caused(RecordBody::Gap { gap: Gap::Lost { count }, span }));
    }

    /// Characters of the same 100 ms are one text, with nothing else that the person did between.
    /// They wait for each other.
    fn join_text(&mut self, now: MonoNanos, last: bool) -> Joined {
        let Some(front) = self.queue.front() else { return Joined::None };
        let Some((first, mut all)) = front.text().map(|(w, t)| (w, t.to_owned())) else {
            return Joined::None;
        };
        let mut joined = Vec::new();
        for (i, next) in self.queue.iter().enumerate().skip(1) {
            match next.text() {
                Some((w, text)) if front.joins(first, next, w) => match self.judge(w, now, last) {
                    Judgement::Wait => return Joined::Wait,
                    Judgement::Keep => {
                        all.push_str(text);
                        joined.push(i);
                    }
                    Judgement::Drop(_) => break,
                },
                _ if next.origin.kind.is_input() && next.origin.kind != EventKind::PointerMove => break,
                _ => {}
            }
        }
        self.merge(&joined);
        Joined::Text(all)
    }

    fn merge(&mut self, joined: &[usize]) {
        for i in joined.iter().rev() {
            if let Some(held) = self.queue.remove(*i) {
                self.tally.of(held.origin.kind).merged += 1;
                self.fates.settle(held.origin.seq, Fate::Merged);
            }
        }
    }
}

/// What a text at the front becomes with those that follow it.
enum Joined {
    /// There is no text at the front.
    None,
    /// One of them is not judged yet.
    Wait,
    Text(String),
}

impl Held {
    fn text(&self) -> Option<(&Waiting, &str)> {
        match &self.slot {
            Slot::Waiting(w) => match &w.what {
                Doubtful::Text(text) => Some((w, text)),
                _ => None,
            },
            _ => None,
        }
    }

    fn joins(&self, first: &Waiting, next: &Held, waiting: &Waiting) -> bool {
        let key = |o: &Origin| (o.bucket(), o.injected, o.device);
        key(&self.origin) == key(&next.origin) && first.allowed == waiting.allowed
    }
}

fn text_body(text: String, level: Level) -> RecordBody {
    if level == Level::Full {
        return RecordBody::Text { text };
    }
    let count = |f: fn(&char) -> bool| text.chars().filter(f).count() as u32;
    let (letters, digits) = (count(|c| c.is_alphabetic()), count(|c| c.is_numeric()));
    RecordBody::TextShape { letters, digits, others: text.chars().count() as u32 - letters - digits }
}

//! The queue's front: what is known well enough leaves, everything behind it waits.

use overt_event::{
    AccessibleChange, AccessibleEvent, Binding, DenyRule, Frame, Gap, Level, MonoNanos, Record, RecordBody,
    Span,
};
use std::sync::Arc;

use crate::desk::Allowed;
use crate::fate::{Fate, bound_input};
use crate::focus::Judgement;
use crate::gaps::Lane;
use crate::held::{Doubtful, Held, Origin, Slot, Waiting};
use crate::level;
use crate::reading::{LINE_HOLD_MILLIS, Which, is_short};
use crate::sites::Sited;
use crate::tally::EventKind;
use crate::{Minimised, Minimiser};

impl Minimiser {
    /// Lets out what is judged by `now`; with `last`, what is not judged by then is dropped.
    pub(crate) fn release(&mut self, now: MonoNanos, last: bool) {
        while !self.queue.is_empty() {
            let judgement = self.judge(0, now, last);
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
                (_, Joined::Text(text)) => self.let_out_text(held, text, now),
                _ => self.let_out(held, now),
            }
        }
    }

    fn take_front(&mut self) -> Option<Held> {
        let held = self.queue.pop_front()?;
        self.held_frames -= usize::from(held.has_pixels());
        self.held_pixel_bytes -= held.pixel_bytes();
        Some(held)
    }

    /// What is known of the event at this place of the queue: whether a password field had the focus,
    /// and whether its text is settled.
    fn judge(&mut self, place: usize, now: MonoNanos, last: bool) -> Judgement {
        let Some(held) = self.queue.get(place) else { return Judgement::Wait };
        match self.judge_sites(held.sited.as_ref(), held.span(), now, last) {
            Judgement::Keep => {}
            judgement => return judgement,
        }
        let waiting = match &held.slot {
            Slot::Picture(_) => return self.judge_picture(place, now, last),
            Slot::Waiting(waiting) => waiting,
            _ => return Judgement::Keep,
        };
        let (which, seq) = (waiting.line().filter(|_| self.filters), held.origin.seq);
        match self.judge_focus(waiting, now, last) {
            Judgement::Keep => {}
            judgement => return judgement,
        }
        // At the end nothing more comes: what is not settled is judged as it stands.
        let now = if last { now.plus_millis(LINE_HOLD_MILLIS) } else { now };
        let settled = which.is_none_or(|line| self.reading.is_settled(line, seq, now));
        self.veil_what_was_typed();
        if settled { Judgement::Keep } else { Judgement::Wait }
    }

    /// Whether it waits for names, or for the judgement on what was told after it and may stand on it.
    fn judge_picture(&mut self, place: usize, now: MonoNanos, last: bool) -> Judgement {
        if self.filters {
            self.reading.settle(if last { now.plus_millis(LINE_HOLD_MILLIS) } else { now });
            self.veil_what_was_typed();
        }
        let Some(picture) = self.queue.get(place).and_then(Held::picture) else { return Judgement::Wait };
        let open = self.filters && self.reading.is_open_since(picture.shown.record.grab_end);
        let waits = !last && (open || self.is_waiting(picture, now) || self.awaits_sites_of(picture, now));
        if waits { Judgement::Wait } else { Judgement::Keep }
    }

    /// Whether looks confirm that the sites were those that it was judged by.
    pub(crate) fn judge_sites(
        &self,
        sited: Option<&Sited>,
        span: Span,
        now: MonoNanos,
        last: bool,
    ) -> Judgement {
        match sited.map_or(Judgement::Keep, |sited| self.desk.judge_site(sited, span, now)) {
            Judgement::Wait if last => Judgement::Drop(DenyRule::SiteUnknown),
            judgement => judgement,
        }
    }

    fn judge_focus(&self, waiting: &Waiting, now: MonoNanos, last: bool) -> Judgement {
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
        if let Some(lane) = Lane::of(origin.kind) {
            self.tell_denied(origin, lane, rule);
        }
    }

    fn let_out(&mut self, held: Held, now: MonoNanos) {
        let origin = held.origin;
        match held.slot {
            Slot::Ready { record, pixels } => self.let_out_ready(&origin, record, pixels),
            Slot::Picture(picture) => self.let_out_picture(&origin, *picture, now),
            Slot::Added(record) => self.give_out_added(record),
            Slot::Denied { lane, rule } => {
                if origin.kind.is_input() {
                    self.fates.settle(origin.seq, Fate::Denied(rule));
                }
                self.tell_denied(&origin, lane, rule);
            }
            Slot::Waiting(waiting) => self.let_out_waiting(&origin, waiting),
            Slot::KeyUp { down, record } => self.let_out_key_up(&origin, down, record),
            Slot::Element { for_seq, record } => match self.fates.of(for_seq) {
                Fate::Kept { .. } => self.keep(&origin, record, None),
                fate => self.drop_with(&origin, fate),
            },
            Slot::Binding(binding) => self.let_out_binding(&origin, binding),
            Slot::Lost { count, to } => self.tell_lost(origin, count, to),
        }
    }

    pub(crate) fn let_out_ready(&mut self, origin: &Origin, record: Record, pixels: Option<Arc<Frame>>) {
        self.tell_allowed(origin);
        if let RecordBody::Frame(frame) = &record.body {
            self.fates.keep_frame(frame.id);
        }
        self.keep(origin, record, pixels);
    }

    fn let_out_waiting(&mut self, origin: &Origin, waiting: Waiting) {
        let allowed = &waiting.allowed;
        let body = match waiting.what {
            // How a secret was corrected tells of it.
            Doubtful::Named(key) if corrects(&key.name) && self.reading.is_within_secret(origin.seq) => {
                return self.settle_merged(origin);
            }
            Doubtful::Named(key) => RecordBody::Key(key),
            Doubtful::Edit(event) => match self.edit_body(origin, event, waiting.doubt.pid, allowed) {
                Some(body) => body,
                None => return self.settle_merged(origin),
            },
            Doubtful::Text(text) if text.is_empty() => return self.settle_merged(origin),
            Doubtful::Text(text) => text_body(text, allowed.level),
        };
        self.tell_allowed(origin);
        self.keep(origin, origin.record(Some(allowed), false, body), None);
    }

    /// The edit without secrets; `None` when all of it is within a mark that is out already.
    fn edit_body(
        &mut self,
        origin: &Origin,
        event: AccessibleEvent,
        pid: Option<u32>,
        allowed: &Allowed,
    ) -> Option<RecordBody> {
        let mut event = level::accessible(event, allowed.level);
        self.mask_event(allowed, &mut event, pid.unwrap_or(0));
        if let AccessibleChange::TextInserted { text } = &mut event.change
            && self.reads(allowed.level)
        {
            if !is_short(text) {
                self.mask(text);
            } else if !text.is_empty() {
                *text = self.reading.let_out(Which::Told, origin.seq, &mut self.tally.filtered);
                if text.is_empty() {
                    return None;
                }
            }
        }
        Some(RecordBody::Accessible(Box::new(event)))
    }

    fn settle_merged(&mut self, origin: &Origin) {
        self.tally.of(origin.kind).merged += 1;
        if origin.kind.is_input() {
            self.fates.settle(origin.seq, Fate::Merged);
        }
    }

    fn let_out_text(&mut self, mut held: Held, all: String, now: MonoNanos) {
        if let Slot::Waiting(Waiting { what: Doubtful::Text(text), .. }) = &mut held.slot {
            *text = all;
        }
        self.let_out(held, now);
    }

    fn let_out_key_up(&mut self, origin: &Origin, down: overt_event::Seq, record: Record) {
        match self.fates.of(down) {
            Fate::Kept { .. } => {
                self.tell_allowed(origin);
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

    fn tell_allowed(&mut self, origin: &Origin) {
        for (gap, span) in self.gaps.allow(origin.kind) {
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
        if self.queue.front().is_none_or(|front| front.text().is_none()) {
            return Joined::None;
        }
        let mut joined = Vec::new();
        for place in 1..self.queue.len() {
            match self.follows(place) {
                Follows::Ends => break,
                Follows::Between => continue,
                Follows::Joins => {}
            }
            match self.judge(place, now, last) {
                Judgement::Wait => return Joined::Wait,
                Judgement::Keep => joined.push(place),
                Judgement::Drop(_) => break,
            }
        }
        let all = std::iter::once(0).chain(joined.iter().copied()).map(|place| self.read(place)).collect();
        self.merge(&joined);
        Joined::Text(all)
    }

    /// What the event at this place is to the text at the front.
    fn follows(&self, place: usize) -> Follows {
        let (Some(front), Some(next)) = (self.queue.front(), self.queue.get(place)) else {
            return Follows::Ends;
        };
        let texts = front.text().zip(next.text());
        match texts.is_some_and(|((first, _), (waiting, _))| front.joins(first, next, waiting)) {
            true => Follows::Joins,
            false if next.origin.kind.is_input() && next.origin.kind != EventKind::PointerMove => {
                Follows::Ends
            }
            false => Follows::Between,
        }
    }

    /// The text at this place as it may leave.
    fn read(&mut self, place: usize) -> String {
        let Some(held) = self.queue.get(place) else { return String::new() };
        match held.text() {
            Some((w, _)) if self.reads(w.allowed.level) => {
                self.reading.let_out(Which::Typed, held.origin.seq, &mut self.tally.filtered)
            }
            Some((_, text)) => text.to_owned(),
            None => String::new(),
        }
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

/// What an event is to a text at the front.
enum Follows {
    Joins,
    /// Nothing that the person did with keys or buttons.
    Between,
    Ends,
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

impl Waiting {
    /// The line in which its characters are judged, where they can be kept.
    fn line(&self) -> Option<Which> {
        match &self.what {
            _ if self.allowed.level < Level::Full => None,
            Doubtful::Text(_) => Some(Which::Typed),
            Doubtful::Edit(_) => Some(Which::Told),
            Doubtful::Named(_) => None,
        }
    }
}

/// Keys that change or move within what was typed.
fn corrects(name: &str) -> bool {
    matches!(name.trim_start_matches("KP_"), "BackSpace" | "Delete" | "Left" | "Right" | "Home" | "End")
}

fn text_body(text: String, level: Level) -> RecordBody {
    if level == Level::Full {
        return RecordBody::Text { text };
    }
    let count = |f: fn(&char) -> bool| text.chars().filter(f).count() as u32;
    let (letters, digits) = (count(|c| c.is_alphabetic()), count(|c| c.is_numeric()));
    RecordBody::TextShape { letters, digits, others: text.chars().count() as u32 - letters - digits }
}

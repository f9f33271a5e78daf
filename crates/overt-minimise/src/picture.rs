//! A picture waits for what tells where its labels are, and where something secret stands.

use std::sync::Arc;

use overt_event::{DenyRule, Frame, FrameRecord, MonoNanos, RawFrame, TILE_BYTES};

use crate::Minimiser;
use crate::gaps::Lane;
use crate::held::{Held, HeldPicture, LABELS_WITHIN_MILLIS, NAMES_WITHIN_MILLIS, Origin, Slot};
use crate::masked::{Claim, Seen, SeenWindow};
use crate::pixels::{Place, Sight, filled};
use crate::veil::{On, Stand, Veils};

impl Minimiser {
    /// Holds it back, and where windows at level `masked` are on it remembers it for what the next
    /// snapshot says of it.
    pub(crate) fn hold_picture(
        &mut self,
        origin: Origin,
        raw: &RawFrame,
        record: FrameRecord,
        stands: Vec<Stand>,
        unseen: DenyRule,
    ) {
        let shows = |sight: Sight| stands.iter().any(|s| s.sight == sight);
        let until = |sight, millis| match shows(sight) {
            true => origin.arrival.plus_millis(millis),
            false => MonoNanos(0),
        };
        let labels_until = until(Sight::Masked, LABELS_WITHIN_MILLIS);
        let names_until =
            if self.filters { until(Sight::Everything, NAMES_WITHIN_MILLIS) } else { MonoNanos(0) };
        if shows(Sight::Masked) {
            self.remember_for_labels(raw, &stands);
        }
        let fresh_bytes = fresh_bytes(&raw.frame, self.last_held.as_deref());
        let raw = Arc::clone(&raw.frame);
        self.last_held = Some(Arc::clone(&raw));
        let picture = HeldPicture { raw, record, stands, labels_until, names_until, unseen, fresh_bytes };
        self.hold(origin, Slot::Picture(Box::new(picture)));
    }

    fn remember_for_labels(&mut self, raw: &RawFrame, stands: &[Stand]) {
        let seen = |s: &Stand| SeenWindow { bounds: s.bounds, pid: s.pid, sight: s.sight };
        self.confirmer.see(Seen {
            frame: Arc::clone(&raw.frame),
            grab_begin: raw.grab_begin,
            grab_end: raw.grab_end,
            windows: stands.iter().map(seen).collect(),
        });
    }

    /// Takes in where a snapshot says that labels are. Where that is decided, no picture waits longer.
    pub(crate) fn confirm(&mut self, claim: Claim) {
        let answered_at = claim.answered_at;
        if !self.confirmer.claim(claim) {
            return;
        }
        for held in &mut self.queue {
            if let Slot::Picture(picture) = &mut held.slot {
                picture.labels_until = picture.labels_until.min(answered_at);
            }
        }
    }

    /// A later picture means that this one was not what a snapshot of labels is taken of.
    pub(crate) fn is_waiting(&self, picture: &HeldPicture, now: MonoNanos) -> bool {
        now < picture.names_until
            || now < picture.labels_until && !self.queue.iter().skip(1).any(Held::has_pixels)
    }

    /// A whole snapshot tells every name of a window: what shows that window alone waits no longer.
    pub(crate) fn names_are_told(&mut self, on: On, asked: MonoNanos, answered: MonoNanos) {
        for held in &mut self.queue {
            if let Slot::Picture(picture) = &mut held.slot
                && picture.record.grab_end <= asked
                && picture.stands.iter().all(|s| s.sight != Sight::Everything || on.window == Some(s.window))
            {
                picture.names_until = picture.names_until.min(answered);
            }
        }
    }

    /// Drops the pictures of which the names are not known, and will not be: it pauses, or ends. What came
    /// after them need not wait.
    pub(crate) fn drop_unnamed(&mut self, now: MonoNanos) {
        for held in self.queue.iter_mut().filter(|held| held.is_unnamed(now)) {
            self.held_frames -= 1;
            self.held_pixel_bytes -= held.pixel_bytes();
            self.tally.deny(held.origin.kind, DenyRule::Unjudged);
            held.slot = Slot::Denied { lane: Lane::Frames, rule: DenyRule::Unjudged };
        }
    }

    fn drop_picture(&mut self, origin: &Origin, rule: DenyRule) {
        self.tally.deny(origin.kind, rule);
        self.tell_denied(origin, Lane::Frames, rule);
    }

    pub(crate) fn let_out_picture(&mut self, origin: &Origin, picture: &HeldPicture) {
        let labels = self.confirmer.labels(&picture.raw);
        match self.painter.paint(&picture.raw, &self.veils.places(picture), &labels) {
            Some(painted) => {
                let record = origin.record(None, true, filled(picture.record, &painted));
                self.let_out_ready(origin, record, Some(painted.frame), Some(Lane::Frames));
            }
            None => self.drop_picture(origin, picture.unseen),
        }
    }
}

impl Held {
    /// A picture on which something secret may stand that nothing has told yet.
    pub(crate) fn is_unnamed(&self, now: MonoNanos) -> bool {
        matches!(&self.slot, Slot::Picture(picture) if now < picture.names_until)
    }
}

impl Veils {
    /// Windows bottom first, each with its veils on it.
    fn places(&self, picture: &HeldPicture) -> Vec<Place> {
        let FrameRecord { grab_begin, grab_end, .. } = picture.record;
        let mut places = Vec::with_capacity(picture.stands.len());
        for stand in &picture.stands {
            places.push((stand.bounds, stand.sight));
            if stand.sight != Sight::Nothing {
                let veils = self.on(stand, grab_begin, grab_end);
                places.extend(veils.into_iter().map(|rect| (rect, Sight::Nothing)));
            }
        }
        places
    }
}

/// Bytes of the tiles that the picture before does not have.
fn fresh_bytes(frame: &Frame, before: Option<&Frame>) -> usize {
    let same = |i: usize, tile| before.and_then(|b| b.tiles.get(i)).is_some_and(|b| Arc::ptr_eq(b, tile));
    frame.tiles.iter().enumerate().filter(|(i, tile)| !same(*i, tile)).count() * TILE_BYTES
}

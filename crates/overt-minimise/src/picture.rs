//! A picture waits for what tells where its labels are, and where something secret stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use overt_event::{DenyRule, Frame, FrameRecord, MonoNanos, RawFrame, Span, TILE_BYTES, WindowId};

use crate::Minimiser;
use crate::focus::Judgement;
use crate::gaps::Lane;
use crate::held::{Held, HeldPicture, LABELS_WITHIN_MILLIS, NAMES_WITHIN_MILLIS, Origin, Shown, Slot};
use crate::masked::{Claim, Seen, SeenWindow};
use crate::naming::{Look, OnPicture, SETTLED_MILLIS};
use crate::pixels::{Place, Sight, filled};
use crate::veil::{Stand, Veils};

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
        let names_until = until(Sight::Everything, NAMES_WITHIN_MILLIS);
        if shows(Sight::Masked) {
            self.remember_for_labels(raw, &stands);
        }
        let fresh_bytes = fresh_bytes(&raw.frame, self.last_held.as_ref().map(|p| &*p.raw));
        let raw = Arc::clone(&raw.frame);
        for sited in stands.iter().filter_map(|s| s.sited.as_ref()) {
            self.desk.hold_for_site(sited, record.grab_end);
        }
        let shown = Shown { raw, record, stands };
        let unnamed = self.unnamed_on(&shown);
        self.last_held = Some(shown.clone());
        let picture = HeldPicture { shown, labels_until, names_until, unnamed, unseen, fresh_bytes };
        self.hold(origin, Slot::Picture(Box::new(picture)));
    }

    /// The windows on it of which not all names may be known yet.
    fn unnamed_on(&self, shown: &Shown) -> Vec<WindowId> {
        let unnamed = |s: &&Stand| self.filters && s.sight == Sight::Everything && !self.knows(s, shown);
        shown.stands.iter().filter(unnamed).map(|s| s.window).collect()
    }

    fn knows(&self, stand: &Stand, shown: &Shown) -> bool {
        let veils = self.veils.on(stand, shown.record.grab_begin, shown.record.grab_end);
        self.naming.knows(&OnPicture {
            window: stand.window,
            bounds: stand.bounds,
            parts: &shown.visible(stand),
            frame: &shown.raw,
            veils: &veils,
        })
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
        picture.is_unnamed(now)
            || now < picture.labels_until && !self.queue.iter().skip(1).any(Held::has_pixels)
    }

    /// It is not known yet whether its windows showed what they are taken to have shown.
    pub(crate) fn awaits_sites_of(&self, picture: &HeldPicture, now: MonoNanos) -> bool {
        let waits = |s: &Stand| self.judge_stand(s, &picture.shown, now, false) == Judgement::Wait;
        picture.shown.stands.iter().any(waits)
    }

    fn judge_stand(&self, stand: &Stand, shown: &Shown, now: MonoNanos, last: bool) -> Judgement {
        let span = Span { from: shown.record.grab_begin, to: shown.record.grab_end };
        self.judge_sites(stand.sited.as_ref(), span, now, last)
    }

    /// Of a window that may have shown another site nothing is seen.
    fn fill_other_sites(&self, picture: &mut HeldPicture, now: MonoNanos) {
        let judged: Vec<Judgement> =
            picture.shown.stands.iter().map(|s| self.judge_stand(s, &picture.shown, now, true)).collect();
        for (stand, judgement) in picture.shown.stands.iter_mut().zip(judged) {
            if let Judgement::Drop(rule) = judgement
                && stand.sight != Sight::Nothing
            {
                stand.sight = Sight::Nothing;
                picture.unseen = rule;
            }
        }
    }

    /// A snapshot tells every name of a window: pictures from before it, and those on which the window
    /// looks the same, do not wait for it any longer.
    pub(crate) fn names_are_told(&mut self, window: WindowId, asked: MonoNanos) {
        let settled = asked.minus_millis(SETTLED_MILLIS);
        let looks = self.looks_of(window, settled);
        self.naming.told(window, looks);
        let mut queue = std::mem::take(&mut self.queue);
        for picture in queue.iter_mut().filter_map(Held::picture_mut) {
            let shown = &picture.shown;
            let of_window =
                |s: &Stand| s.window == window && (shown.record.grab_end <= settled || self.knows(s, shown));
            if shown.stands.iter().any(of_window) {
                picture.unnamed.retain(|w| *w != window);
            }
        }
        self.queue = queue;
    }

    /// How the window looked on the pictures up to this time, oldest first, with what is filled from here on.
    fn looks_of(&self, window: WindowId, until: MonoNanos) -> Vec<Look> {
        let held = self.queue.iter().filter_map(Held::picture).map(|p| &p.shown);
        let is_held = |last: &&Shown| held.clone().any(|h| h.record.grab_end == last.record.grab_end);
        let last = self.last_held.iter().filter(|last| !is_held(last));
        let look = |shown: &Shown| {
            let stand = shown.stands.iter().find(|s| s.window == window && s.sight == Sight::Everything)?;
            let veils = self.veils.lasting(stand);
            Some(Look::new(stand.bounds, shown.visible(stand), &shown.raw, veils))
        };
        last.chain(held.clone()).filter(|s| s.record.grab_end <= until).filter_map(look).collect()
    }

    /// The windows that held pictures show and of which not all names are known, and since when the oldest
    /// of these pictures waits. A snapshot that is asked for 200 ms after the last of them, or later, ends
    /// that; else these windows are filled in the end.
    pub fn unnamed_windows(&self, now: MonoNanos) -> BTreeMap<WindowId, MonoNanos> {
        let mut windows = BTreeMap::new();
        for held in self.queue.iter() {
            let picture = held.picture().filter(|p| p.is_unnamed(now));
            for window in picture.iter().flat_map(|p| &p.unnamed) {
                windows.entry(*window).or_insert(held.origin.arrival);
            }
        }
        windows
    }

    /// It pauses, or ends: no more names are awaited.
    pub(crate) fn await_no_names(&mut self, now: MonoNanos) {
        for picture in self.queue.iter_mut().filter_map(Held::picture_mut) {
            picture.names_until = picture.names_until.min(now);
        }
    }

    fn drop_picture(&mut self, origin: &Origin, rule: DenyRule) {
        self.tally.deny(origin.kind, rule);
        self.tell_denied(origin, Lane::Frames, rule);
    }

    /// Of what is not named nothing is seen. (In a published recording there is nobody to ask.)
    pub(crate) fn let_out_picture(&mut self, origin: &Origin, mut picture: HeldPicture, now: MonoNanos) {
        self.fill_other_sites(&mut picture, now);
        let asked = self.desk.whole_source().is_none();
        let unknown = |w: WindowId| asked && picture.unnamed.contains(&w) && !self.naming.is_treeless(w);
        for stand in picture.shown.stands.iter_mut().filter(|s| unknown(s.window)) {
            stand.sight = Sight::Nothing;
            picture.unseen = DenyRule::Unjudged;
        }
        let labels = self.confirmer.labels(&picture.shown.raw);
        let places = self.veils.places(&picture.shown);
        match self.painter.paint(&picture.shown.raw, &places, &labels) {
            Some(painted) => {
                let record = origin.record(None, true, filled(picture.shown.record, &painted));
                self.let_out_ready(origin, record, Some(painted.frame));
            }
            None => self.drop_picture(origin, picture.unseen),
        }
    }
}

impl HeldPicture {
    /// Something secret may stand on it that nothing has told yet.
    fn is_unnamed(&self, now: MonoNanos) -> bool {
        now < self.names_until && !self.unnamed.is_empty()
    }
}

impl Held {
    pub(crate) fn picture(&self) -> Option<&HeldPicture> {
        match &self.slot {
            Slot::Picture(picture) => Some(picture),
            _ => None,
        }
    }

    fn picture_mut(&mut self) -> Option<&mut HeldPicture> {
        match &mut self.slot {
            Slot::Picture(picture) => Some(picture),
            _ => None,
        }
    }
}

impl Veils {
    /// Windows bottom first, each with its veils on it.
    fn places(&self, shown: &Shown) -> Vec<Place> {
        let mut places = Vec::with_capacity(shown.stands.len());
        for stand in &shown.stands {
            places.push((stand.bounds, stand.sight));
            if stand.sight != Sight::Nothing {
                let veils = self.on(stand, shown.record.grab_begin, shown.record.grab_end);
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

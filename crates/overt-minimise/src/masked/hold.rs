//! A picture with windows at level `masked` waits for the snapshot that tells where its labels are.

use std::sync::Arc;

use overt_event::{DenyRule, FrameRecord, MonoNanos, RawFrame};

use super::{Claim, Seen, SeenWindow};
use crate::Minimiser;
use crate::gaps::Lane;
use crate::held::{Held, HeldPicture, LABELS_WITHIN_MILLIS, Origin, Slot};
use crate::pixels::{Place, filled};

impl Minimiser {
    /// Remembers the picture for what the next snapshot says of it, and holds it back.
    pub(crate) fn hold_picture(
        &mut self,
        origin: Origin,
        raw: &RawFrame,
        record: FrameRecord,
        places: Vec<Place>,
    ) {
        let windows = raw.windows.as_deref().unwrap_or_default();
        let seen = |(w, (bounds, sight)): (&overt_event::VisibleWindow, &Place)| SeenWindow {
            bounds: *bounds,
            pid: w.pid,
            sight: *sight,
        };
        self.confirmer.see(Seen {
            frame: Arc::clone(&raw.frame),
            grab_begin: raw.grab_begin,
            grab_end: raw.grab_end,
            windows: windows.iter().zip(&places).map(seen).collect(),
        });
        let hold_until = origin.arrival.plus_millis(LABELS_WITHIN_MILLIS);
        let picture = HeldPicture { raw: Arc::clone(&raw.frame), record, places, hold_until };
        self.hold(origin, Slot::Picture(picture));
    }

    /// Takes in where a snapshot says that labels are. Where that is decided, no picture waits longer.
    pub(crate) fn confirm(&mut self, claim: Claim) {
        let answered_at = claim.answered_at;
        if !self.confirmer.claim(claim) {
            return;
        }
        for held in &mut self.queue {
            if let Slot::Picture(picture) = &mut held.slot {
                picture.hold_until = picture.hold_until.min(answered_at);
            }
        }
    }

    /// A later picture means that this one was not what a snapshot is taken of.
    pub(crate) fn waits_for_labels(&self, picture: &HeldPicture, now: MonoNanos) -> bool {
        now < picture.hold_until && !self.queue.iter().skip(1).any(Held::has_pixels)
    }

    pub(crate) fn let_out_picture(&mut self, origin: &Origin, picture: HeldPicture) {
        let labels = self.confirmer.labels(&picture.raw);
        match self.painter.paint(&picture.raw, &picture.places, &labels) {
            Some(painted) => {
                let record = origin.record(None, true, filled(picture.record, &painted));
                self.let_out_ready(origin, record, Some(painted.frame), Some(Lane::Frames));
            }
            None => {
                self.tally.deny(origin.kind, DenyRule::LevelHasNoPixels);
                self.tell_denied(origin, Lane::Frames, DenyRule::LevelHasNoPixels);
            }
        }
    }
}

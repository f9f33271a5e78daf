//! Which labels a snapshot confirms: those that looked the same before it was asked for and after it
//! was answered.

use std::collections::VecDeque;
use std::sync::Arc;

use overt_event::{Frame, MonoNanos, Rect};

use super::Labels;
use crate::pixels::Sight;

/// Pictures remembered: a snapshot is asked for within 300 ms, which is 9 pictures at 30 a second.
const RECENT_MAX: usize = 10;

/// A picture, and whose windows it shows.
pub(crate) struct Seen {
    pub(crate) frame: Arc<Frame>,
    pub(crate) grab_begin: MonoNanos,
    pub(crate) grab_end: MonoNanos,
    /// Bottom first.
    pub(crate) windows: Vec<SeenWindow>,
}

/// A window of a picture.
#[derive(Clone, Copy)]
pub(crate) struct SeenWindow {
    pub(crate) bounds: Rect,
    pub(crate) pid: Option<u32>,
    pub(crate) sight: Sight,
}

/// What a snapshot said where labels are.
pub(crate) struct Claim {
    pub(crate) pid: u32,
    pub(crate) asked_at: MonoNanos,
    pub(crate) answered_at: MonoNanos,
    pub(crate) bounds: Vec<Rect>,
}

/// A claim that the next picture decides.
struct Pending {
    before: Arc<Frame>,
    claim: Claim,
}

/// The labels confirmed so far, and what is needed to confirm more.
#[derive(Default)]
pub(crate) struct Confirmer {
    labels: Labels,
    recent: VecDeque<Seen>,
    /// When the screen first changed since the newest picture's grab began.
    changed_at: Option<MonoNanos>,
    pending: Option<Pending>,
}

impl Confirmer {
    /// The screen changed for the first time since the last grab began.
    pub(crate) fn see_change(&mut self, at: MonoNanos) {
        self.changed_at = self.changed_at.or(Some(at));
    }

    /// Takes in a picture with windows at level `masked`.
    pub(crate) fn see(&mut self, seen: Seen) {
        self.changed_at = self.changed_at.filter(|at| *at >= seen.grab_begin);
        if let Some(pending) = self.pending.take_if(|p| p.claim.answered_at <= seen.grab_begin) {
            for bounds in pending.claim.bounds {
                let same = Labels::look_alike(&pending.before, &seen.frame, bounds);
                if same && seen.shows(bounds, pending.claim.pid) {
                    self.labels.confirm(&seen.frame, bounds);
                }
            }
        }
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(seen);
    }

    /// Takes in what a snapshot claims. True when that was decided at once, because nothing changed on
    /// the screen meanwhile.
    pub(crate) fn claim(&mut self, mut claim: Claim) -> bool {
        let Some(before) = self.recent.iter().rev().find(|s| s.grab_end <= claim.asked_at) else {
            return false;
        };
        claim.bounds.retain(|b| before.shows(*b, claim.pid));
        let newest = self.recent.back().is_some_and(|s| s.grab_begin == before.grab_begin);
        if newest && self.changed_at.is_none() {
            claim.bounds.iter().for_each(|b| self.labels.confirm(&before.frame, *b));
            return true;
        }
        self.pending = Some(Pending { before: Arc::clone(&before.frame), claim });
        false
    }

    /// Where a picture shows confirmed labels.
    pub(crate) fn labels(&mut self, frame: &Arc<Frame>) -> Vec<Rect> {
        self.labels.shown(frame)
    }

    /// Forgets what the screen looked like. Labels that were confirmed stay: they are no one's content.
    pub(crate) fn forget_pictures(&mut self) {
        self.recent.clear();
        self.pending = None;
        self.labels.forget_picture();
    }
}

impl Seen {
    /// Whether all of `bounds` is one visible window of that process, which may be seen at level `masked`.
    fn shows(&self, bounds: Rect, pid: u32) -> bool {
        let top = self.windows.iter().rev().find(|w| w.bounds.intersect(bounds).is_some());
        top.is_some_and(|w| w.bounds.covers(bounds) && w.pid == Some(pid) && w.sight == Sight::Masked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: Rect = Rect { x: 10, y: 10, w: 40, h: 20 };
    const WINDOW: Rect = Rect { x: 0, y: 0, w: 100, h: 80 };

    fn window(bounds: Rect, pid: u32) -> SeenWindow {
        SeenWindow { bounds, pid: Some(pid), sight: Sight::Masked }
    }

    /// Grabbed from `at` to `at` + 10, with one pixel inside the label of this value.
    fn seen(at: u64, inside: u8, windows: &[SeenWindow]) -> Seen {
        let mut rgb = vec![7; 100 * 80 * 3];
        rgb[(15 * 100 + 20) * 3] = inside;
        let frame = Arc::new(Frame::from_rgb(100, 80, &rgb).expect("the length fits"));
        Seen { frame, grab_begin: MonoNanos(at), grab_end: MonoNanos(at + 10), windows: windows.to_vec() }
    }

    fn claim(asked_at: u64, answered_at: u64) -> Claim {
        let (asked_at, answered_at) = (MonoNanos(asked_at), MonoNanos(answered_at));
        Claim { pid: 1, asked_at, answered_at, bounds: vec![LABEL] }
    }

    fn check(confirmer: &mut Confirmer, inside: u8, expected: bool) {
        let shown = confirmer.labels(&seen(0, inside, &[]).frame);
        assert_eq!(!shown.is_empty(), expected);
    }

    #[test]
    fn on_a_still_screen_a_claim_is_decided_at_once() {
        let mut confirmer = Confirmer::default();
        confirmer.see(seen(100, 1, &[window(WINDOW, 1)]));
        assert!(confirmer.claim(claim(200, 250)));
        check(&mut confirmer, 1, true);
        check(&mut confirmer, 2, false);
    }

    #[test]
    fn where_the_screen_changed_the_next_picture_decides() {
        for (inside, expected) in [(1, true), (2, false)] {
            let mut confirmer = Confirmer::default();
            confirmer.see(seen(100, 1, &[window(WINDOW, 1)]));
            confirmer.see_change(MonoNanos(220));
            assert!(!confirmer.claim(claim(200, 250)));
            check(&mut confirmer, 1, false);
            confirmer.see(seen(240, 1, &[window(WINDOW, 1)]));
            check(&mut confirmer, 1, false);
            confirmer.see(seen(260, inside, &[window(WINDOW, 1)]));
            check(&mut confirmer, inside, expected);
        }
    }

    #[test]
    fn a_picture_taken_after_the_question_confirms_nothing() {
        let mut confirmer = Confirmer::default();
        confirmer.see(seen(195, 1, &[window(WINDOW, 1)]));
        assert!(!confirmer.claim(claim(200, 250)));
        confirmer.see(seen(300, 1, &[window(WINDOW, 1)]));
        check(&mut confirmer, 1, false);
    }

    #[test]
    fn what_another_window_covers_is_not_confirmed() {
        let popup = Rect { x: 45, y: 20, w: 40, h: 40 };
        let partly = [window(WINDOW, 1), window(popup, 1)];
        let stranger = [window(WINDOW, 2)];
        let open = SeenWindow { sight: Sight::Everything, ..window(WINDOW, 1) };
        for windows in [&partly[..], &stranger, &[open], &[]] {
            let mut confirmer = Confirmer::default();
            confirmer.see(seen(100, 1, windows));
            confirmer.claim(claim(200, 250));
            check(&mut confirmer, 1, false);
        }
    }
}

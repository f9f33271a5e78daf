//! The pictures of a source in the order in which they were taken, wherever they lie (section 4).

use std::sync::Arc;

use overt_event::{Frame, MonoNanos, NANOS_PER_MILLI};

use crate::error::ImportError;
use crate::stills::Stills;
use crate::telling::Pictured;
use crate::video::Frames;

/// The pictures that are wanted, oldest first.
pub(crate) enum Pictures {
    Video(Frames),
    Stills(Stills),
}

/// A picture and when it was taken.
pub(crate) struct Shown {
    pub(crate) at: MonoNanos,
    pub(crate) frame: Arc<Frame>,
    /// It differs from the one before.
    pub(crate) changed: bool,
}

impl Pictures {
    /// Begins with the first; pictures closer to each other than `gap_millis_min` are left out.
    ///
    /// Errors: as [`Frames::decode`].
    pub(crate) fn of(told: Pictured, desktop: (u32, u32), gap_millis_min: u64) -> Result<Self, ImportError> {
        Ok(match told {
            Pictured::Video(video) => Self::Video(Frames::decode(&video, desktop, gap_millis_min)?),
            Pictured::Stills(stills) => Self::Stills(Stills::new(stills, gap_millis_min)),
        })
    }

    /// The next picture that is wanted.
    pub(crate) fn next(&mut self) -> Result<Option<Shown>, ImportError> {
        match self {
            Self::Video(frames) => frames.next(),
            Self::Stills(stills) => stills.next(),
        }
    }
}

/// Leaves out what comes too soon after the one before, or is told to have been taken before it.
pub(crate) fn spaced(mut times: Vec<Option<MonoNanos>>, gap_millis_min: u64) -> Vec<Option<MonoNanos>> {
    let mut last: Option<MonoNanos> = None;
    for time in &mut times {
        let due = |at: &MonoNanos| last.is_none_or(|l| at.since(l) >= gap_millis_min * NANOS_PER_MILLI);
        *time = time.filter(due);
        last = time.or(last);
    }
    times
}

/// The picture after another one, which it shares the tiles with that are as they were.
pub(crate) fn after(before: &mut Option<Arc<Frame>>, mut frame: Frame, at: MonoNanos) -> Shown {
    let mut changed = before.as_ref().is_none_or(|b| (b.width, b.height) != (frame.width, frame.height));
    if let Some(before) = before.as_ref().filter(|_| !changed) {
        for (tile, old) in frame.tiles.iter_mut().zip(&before.tiles) {
            if tile.bgr() == old.bgr() {
                *tile = Arc::clone(old);
            } else {
                changed = true;
            }
        }
    }
    let frame = Arc::new(frame);
    *before = Some(Arc::clone(&frame));
    Shown { at, frame, changed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_come_too_soon_or_too_late_are_left_out() {
        let millis = |all: &[u64]| all.iter().map(|m| Some(MonoNanos::from_millis(*m))).collect::<Vec<_>>();
        let kept: Vec<_> = spaced(millis(&[0, 60, 100, 90, 230]), 100).into_iter().flatten().collect();
        assert_eq!(kept, [0, 100, 230].map(MonoNanos::from_millis));
    }
}

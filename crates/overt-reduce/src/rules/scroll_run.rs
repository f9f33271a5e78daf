//! Rule 5: notches of one direction at one place are one scroll.

use overt_event::{Modifiers, MonoNanos, Point};

use crate::action::Action;
use crate::draft::DraftId;
use crate::entry::Event;
use crate::fate::Ignored;
use crate::stage::Stage;

/// The run of scrolling that may still grow.
#[derive(Default)]
pub(crate) struct Scrolling {
    run: Option<Run>,
}

struct Run {
    draft: DraftId,
    at: Point,
    direction: Direction,
    modifiers: Modifiers,
    last: MonoNanos,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
    Left,
    Right,
}

impl Direction {
    /// The larger part decides; `None` for no movement at all.
    fn of(dx: i32, dy: i32) -> Option<Self> {
        match (dx, dy) {
            (0, 0) => None,
            _ if dy.unsigned_abs() >= dx.unsigned_abs() => Some(if dy > 0 { Self::Down } else { Self::Up }),
            _ => Some(if dx > 0 { Self::Right } else { Self::Left }),
        }
    }
}

impl Scrolling {
    /// Whether a notch of this kind belongs to the run.
    fn goes_on(&self, stage: &Stage, at: Point, direction: Direction, modifiers: Modifiers) -> bool {
        self.run.as_ref().is_some_and(|r| {
            (r.direction, r.modifiers) == (direction, modifiers)
                && r.at.distance(at) <= stage.settings.scroll_slip_px_max
        })
    }

    /// A notch: adds to the run or begins one, whose draft is returned.
    pub(crate) fn notch(
        &mut self,
        stage: &mut Stage,
        event: &Event,
        at: Point,
        (dx, dy): (i32, i32),
        modifiers: Modifiers,
    ) -> Option<DraftId> {
        let Some(direction) = Direction::of(dx, dy) else {
            stage.ignore(event.seq, Ignored::EmptyScroll);
            return None;
        };
        if self.goes_on(stage, at, direction, modifiers) {
            self.add(stage, event, dx, dy);
            return None;
        }
        self.close(stage);
        let action = Action::Scroll { at, dx_120: i64::from(dx), dy_120: i64::from(dy), modifiers };
        let draft = stage.begin(event, action);
        self.run = Some(Run { draft, at, direction, modifiers, last: event.time });
        Some(draft)
    }

    fn add(&mut self, stage: &mut Stage, event: &Event, dx: i32, dy: i32) {
        let Some(run) = &mut self.run else { return };
        run.last = run.last.max(event.time);
        let Some(draft) = stage.outbox.get(run.draft) else { return };
        draft.attach(event);
        if let Action::Scroll { dx_120, dy_120, .. } = &mut draft.action {
            *dx_120 += i64::from(dx);
            *dy_120 += i64::from(dy);
        }
    }

    /// The pointer moved: too far away ends the run.
    pub(crate) fn travel(&mut self, stage: &mut Stage, at: Point) {
        let max = stage.settings.scroll_slip_px_max;
        if self.run.as_ref().is_some_and(|r| r.at.distance(at) > max) {
            self.close(stage);
        }
    }

    pub(crate) fn expire(&mut self, stage: &mut Stage, now: MonoNanos) {
        let max = stage.settings.scroll_pause_millis_max;
        if self.run.as_ref().is_some_and(|r| !Stage::within(r.last, now, max)) {
            self.close(stage);
        }
    }

    pub(crate) fn close(&mut self, stage: &mut Stage) {
        let draft = self.run.take().and_then(|r| stage.outbox.get(r.draft));
        if let Some(draft) = draft {
            draft.open = false;
        }
    }
}

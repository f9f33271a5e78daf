//! Rule 2: clicks, multi-clicks and drags.

use overt_event::{Button, Modifiers, MonoNanos, NANOS_PER_MILLI, Point};

use crate::action::Action;
use crate::draft::DraftId;
use crate::entry::Event;
use crate::fate::Fault;
use crate::rules::path::simplify;
use crate::stage::Stage;

/// Beyond this a path in the making is simplified in place.
const PATH_POINTS_MAX: usize = 8_192;

/// The buttons that are down and the click that may still grow.
#[derive(Default)]
pub(crate) struct Presses {
    down: Vec<Press>,
    last: Option<Clicked>,
}

struct Press {
    draft: DraftId,
    button: Button,
    modifiers: Modifiers,
    time: MonoNanos,
    path: Vec<Point>,
    /// The segments that `path` came from, in order.
    segments: Vec<u32>,
    /// The furthest the pointer ever was from the press.
    travel_px: f64,
}

#[derive(Clone, Copy)]
struct Clicked {
    draft: DraftId,
    /// The first press of the multi-click.
    at: Point,
    button: Button,
    modifiers: Modifiers,
    /// The last press.
    time: MonoNanos,
    count: u32,
}

impl Presses {
    /// Whether any button is down.
    pub(crate) fn any_down(&self) -> bool {
        !self.down.is_empty()
    }

    /// A button went down: an action begins.
    pub(crate) fn press(
        &mut self,
        stage: &mut Stage,
        event: &Event,
        at: Point,
        button: Button,
        modifiers: Modifiers,
    ) -> DraftId {
        self.give_up(stage, Fault::UnmatchedPress, |p| p.button == button);
        let draft = stage.begin(event, Action::Click { at, button, count: 1, modifiers });
        let (time, segments) = (event.time, vec![event.segment]);
        self.down.push(Press { draft, button, modifiers, time, path: vec![at], segments, travel_px: 0.0 });
        draft
    }

    /// The pointer moved while a button was down.
    pub(crate) fn travel(&mut self, stage: &mut Stage, event: &Event, at: Point) {
        for press in &mut self.down {
            press.go_to(event, at, stage.settings.path_slack_px);
        }
        let draft = self.down.last().and_then(|p| stage.outbox.get(p.draft));
        if let Some(draft) = draft {
            draft.attach(event);
        }
    }

    /// A button went up: the press becomes a click, a part of a multi-click, or a drag.
    pub(crate) fn release(&mut self, stage: &mut Stage, event: &Event, at: Point, button: Button) {
        let Some(i) = self.down.iter().position(|p| p.button == button) else {
            return stage.fail(event.seq, Fault::UnmatchedRelease);
        };
        let mut press = self.down.remove(i);
        press.go_to(event, at, stage.settings.path_slack_px);
        if let Some(draft) = stage.outbox.get(press.draft) {
            draft.attach(event);
            draft.open = false;
        }
        if is_drag(stage, &press, event.time) {
            self.last = None;
            end_drag(stage, press);
        } else {
            self.end_click(stage, &press);
        }
    }

    fn end_click(&mut self, stage: &mut Stage, press: &Press) {
        let goes_on = |c: &Clicked| continues(stage, c, press) && !meets_another(stage, c.draft, press.draft);
        let last = self.last.filter(goes_on);
        let grown = last.and_then(|c| grow(stage, c, press));
        self.last = Some(grown.unwrap_or(Clicked {
            draft: press.draft,
            at: press.path[0],
            button: press.button,
            modifiers: press.modifiers,
            time: press.time,
            count: 1,
        }));
    }

    /// Another kind of input came: the next press begins a new click.
    pub(crate) fn close(&mut self) {
        self.last = None;
    }

    /// Presses that never ended.
    pub(crate) fn expire(&mut self, stage: &mut Stage, now: MonoNanos) {
        let max = stage.settings.press_millis_max;
        self.give_up(stage, Fault::UnmatchedPress, |p| !Stage::within(p.time, now, max));
    }

    /// Every button that is down becomes an error.
    pub(crate) fn interrupt(&mut self, stage: &mut Stage, why: Fault) {
        self.give_up(stage, why, |_| true);
        self.last = None;
    }

    fn give_up(&mut self, stage: &mut Stage, why: Fault, which: impl Fn(&Press) -> bool) {
        for press in self.down.extract_if(.., |p| which(p)) {
            stage.abort(press.draft, why);
        }
    }
}

impl Press {
    fn go_to(&mut self, event: &Event, at: Point, slack_px: f64) {
        if self.segments.last() != Some(&event.segment) {
            self.segments.push(event.segment);
        }
        self.travel_px = self.travel_px.max(self.path[0].distance(at));
        if self.path.last() != Some(&at) {
            self.path.push(at);
        }
        if self.path.len() > PATH_POINTS_MAX {
            self.path = simplify(&self.path, slack_px);
        }
    }
}

/// Further than the desktop's threshold, or held with more movement than a hand's tremor.
fn is_drag(stage: &Stage, press: &Press, released: MonoNanos) -> bool {
    let scale = stage.screens.scale_at(press.path[0]);
    let far = press.travel_px > stage.settings.drag_px_min * scale;
    let held = released.since(press.time) > stage.settings.drag_hold_millis * NANOS_PER_MILLI;
    far || (held && press.travel_px > stage.settings.tremor_px * scale)
}

fn end_drag(stage: &mut Stage, press: Press) {
    let path = simplify(&press.path, stage.settings.path_slack_px);
    if let Some(draft) = stage.outbox.get(press.draft) {
        draft.action = Action::Drag { path, button: press.button, modifiers: press.modifiers };
        draft.segments.extend(press.segments);
    }
}

fn continues(stage: &Stage, last: &Clicked, press: &Press) -> bool {
    let slip_px = stage.settings.click_slip_px_max * stage.screens.scale_at(last.at);
    last.count < 3
        && (last.button, last.modifiers) == (press.button, press.modifiers)
        && Stage::within(last.time, press.time, stage.settings.click_gap_millis_max)
        && last.at.distance(press.path[0]) <= slip_px
}

/// Whether the press met another element than the click before it: the page may have changed under the
/// pointer. What is not known is taken to be the same.
fn meets_another(stage: &Stage, last: DraftId, press: DraftId) -> bool {
    let node = |id| stage.outbox.peek(id).and_then(|d| d.element.as_ref()).map(|t| &t.element.node);
    match (node(last), node(press)) {
        (Some(a), Some(b)) => (&a.role, a.bounds) != (&b.role, b.bounds),
        _ => false,
    }
}

/// Makes the press a part of the click before it. `None` when that one has already left.
fn grow(stage: &mut Stage, last: Clicked, press: &Press) -> Option<Clicked> {
    stage.outbox.get(last.draft)?;
    let part = stage.outbox.take(press.draft)?;
    let whole = stage.outbox.get(last.draft)?;
    let count = last.count + 1;
    whole.action = Action::Click { at: last.at, button: last.button, count, modifiers: last.modifiers };
    whole.seqs.extend(part.seqs);
    whole.seqs.sort_unstable();
    whole.segments.extend(part.segments);
    whole.injected |= part.injected;
    whole.end = part.end;
    whole.held += part.held;
    whole.after = part.after;
    if whole.element.is_none() {
        (whole.element, whole.element_from) = (part.element, part.element_from);
    }
    whole.followed = false;
    part.intents.into_iter().for_each(|intent| whole.note(intent, []));
    Some(Clicked { time: press.time, count, ..last })
}

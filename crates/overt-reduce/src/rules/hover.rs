//! Rule 6: a pointer that rests is an action when something comes of it.

use overt_event::{AccessibleEvent, Element, MonoNanos, NANOS_PER_MILLI, Node, Point, RecordBody, Rect};

use crate::action::Action;
use crate::context::Sourced;
use crate::draft::{DraftId, Surroundings};
use crate::entry::Entry;
use crate::fate::Ignored;
use crate::frames::changed_bounds;
use crate::stage::Stage;
use crate::step::{Shot, Target};

/// A change further than this from the pointer is not under it, pixels.
const UNDER_PX: i32 = 64;
/// A change this little beyond the element's edge is its own highlight or focus ring, pixels.
const HIGHLIGHT_PX: i32 = 8;

/// A pointer that stood for this long had stopped.
const STOP_MILLIS: u64 = 300;

/// A pointer that moved this shortly before is passing by. What a page unfolds under it counts only
/// once it has come to rest there for [`SETTLED_MILLIS`].
const PASSING_MILLIS: u64 = 60;
const SETTLED_MILLIS: u64 = 200;

/// The last place of the pointer, until something else happens.
#[derive(Default)]
pub(crate) struct Resting {
    rest: Option<Rest>,
    /// What unfolded while the pointer passed over it, and has not folded up since.
    unfolded: Option<AccessibleEvent>,
}

struct Rest {
    entry: Entry,
    at: Point,
    /// `None` as long as nothing but moves came after it: most places are on the way, and need none.
    around: Option<Box<Around>>,
    element: Option<Sourced<Target>>,
    /// An item was selected under it. It counts if the pointer still rests when the time is over.
    selected: bool,
}

/// What stood around the pointer when it came to rest.
struct Around {
    surroundings: Surroundings,
    /// The picture before it came to rest.
    before: Option<Shot>,
}

impl Around {
    fn of(stage: &Stage, entry: &Entry, at: Point) -> Self {
        let before = stage.frames.newest_before(entry.record.time, stage.screens.id());
        Self { surroundings: stage.surroundings(entry, Some(at)), before: before.cloned() }
    }
}

impl Resting {
    /// The pointer moved. The place before it was on the way.
    pub(crate) fn travel(&mut self, stage: &mut Stage, entry: Entry, at: Point) {
        self.give_up(stage);
        self.rest = Some(Rest { entry, at, around: None, element: None, selected: false });
    }

    /// Something else than a move comes. What stands around the pointer may be different after it.
    pub(crate) fn look_around(&mut self, stage: &Stage) {
        if let Some(rest) = self.rest.as_mut().filter(|r| r.around.is_none()) {
            rest.around = Some(Box::new(Around::of(stage, &rest.entry, rest.at)));
        }
    }

    /// Whether the pointer was on its way at `t`: it moved less than [`STOP_MILLIS`] before.
    pub(crate) fn is_moving(&self, t: MonoNanos) -> bool {
        self.rest.as_ref().is_some_and(|r| Stage::within(r.entry.record.time, t, STOP_MILLIS))
    }

    /// Something unfolded under the passing pointer: it is kept until the pointer rests or moves on.
    /// False when the pointer was not passing, so that the event is to be judged at once.
    pub(crate) fn unfolded(&mut self, event: &AccessibleEvent, t: MonoNanos) -> bool {
        let passing =
            self.rest.as_ref().is_some_and(|r| Stage::within(r.entry.record.time, t, PASSING_MILLIS));
        if passing {
            self.unfolded = Some(event.clone());
        }
        passing
    }

    /// Something folded up again.
    pub(crate) fn folded(&mut self, node: &Node) {
        self.unfolded.take_if(|e| (&e.node.role, &e.node.name) == (&node.role, &node.name));
    }

    /// What the pointer came to rest on after it had unfolded, and since when it counts.
    pub(crate) fn settled(&mut self, now: MonoNanos) -> Option<(AccessibleEvent, MonoNanos)> {
        let rest = self.rest.as_ref()?;
        let since = rest.entry.record.time.plus_millis(SETTLED_MILLIS);
        let event = self.unfolded.take_if(|e| since <= now && e.node.bounds.contains(rest.at))?;
        Some((event, since))
    }

    /// Another input came before anything did.
    pub(crate) fn give_up(&mut self, stage: &mut Stage) {
        if let Some(rest) = self.rest.take() {
            stage.ignore(rest.entry.record.seq, Ignored::Travel);
        }
    }

    /// The pointer has rested for the whole time: did the picture change under it?
    pub(crate) fn expire(&mut self, stage: &mut Stage, now: MonoNanos) -> Option<DraftId> {
        let rest = self.rest.as_ref().filter(|r| !r.could_cause(now, stage))?;
        if rest.selected || rest.changed_the_picture(stage) {
            return self.promote(stage);
        }
        self.give_up(stage);
        None
    }

    /// Whether something at `t` can be the effect of the pointer's resting.
    pub(crate) fn could_cause(&self, stage: &Stage, t: MonoNanos) -> bool {
        self.rest.as_ref().is_some_and(|r| r.could_cause(t, stage))
    }

    /// Something came of it: the rest becomes a hover.
    pub(crate) fn promote(&mut self, stage: &mut Stage) -> Option<DraftId> {
        let rest = self.rest.take()?;
        let around = rest.around.map_or_else(|| Around::of(stage, &rest.entry, rest.at), |around| *around);
        let mut draft = stage.draft(&rest.entry, Action::Hover { at: rest.at }, around.surroundings);
        draft.attach(&rest.entry);
        draft.open = false;
        if let Some(element) = rest.element {
            draft.element = Some((*element.value).clone());
            draft.segments.insert(element.segment);
        }
        for shot in stage.frames.begun_since(draft.end) {
            draft.consider(shot, &stage.settings);
        }
        let id = draft.id;
        stage.send(draft);
        Some(id)
    }

    /// What stands under the pointer, looked up while it rests. Says whether the answer was for it.
    pub(crate) fn element(&mut self, entry: &Entry) -> bool {
        let RecordBody::Element(lookup) = &entry.record.body else { return false };
        let Some(rest) = self.rest.as_mut().filter(|r| r.entry.record.seq == lookup.for_seq) else {
            return false;
        };
        if let Some(element) = &lookup.element {
            rest.element = Some(sourced(element, lookup.completeness, entry.segment));
        }
        true
    }

    /// An item was selected by resting on it.
    pub(crate) fn selected(&mut self, stage: &Stage, node: &Node, t: MonoNanos) {
        if let Some(rest) = self.rest.as_mut().filter(|r| r.could_cause(t, stage)) {
            rest.selected |= node.bounds.contains(rest.at);
        }
    }
}

impl Rest {
    fn could_cause(&self, t: MonoNanos, stage: &Stage) -> bool {
        Stage::within(self.entry.record.time, t, stage.settings.hover_millis_max)
    }

    /// Whether a frame shows a change under the pointer that is more than its element's highlight.
    fn changed_the_picture(&self, stage: &Stage) -> bool {
        let before = self.around.as_ref().and_then(|a| a.before.as_ref());
        let (Some(before), Some(element)) = (before, &self.element) else { return false };
        let own = grown(element.value.element.node.bounds, HIGHLIGHT_PX);
        let since = stage.frames.begun_since(self.entry.record.time);
        let effects = since.take_while(|s| self.could_cause(s.facts.grab_begin, stage));
        let mut changes = effects.filter_map(|s| changed_bounds(&before.pixels, &s.pixels));
        changes.any(|c| is_near(c, self.at) && !own.covers(c)) && !was_changing(stage, before, self.at)
    }
}

fn sourced(element: &Element, completeness: overt_event::Completeness, segment: u32) -> Sourced<Target> {
    let target = Target { element: element.clone(), completeness };
    Sourced { value: std::sync::Arc::new(target), segment }
}

/// Whether the picture near a point changed in the second before `shot`: then a change proves nothing.
fn was_changing(stage: &Stage, shot: &Shot, at: Point) -> bool {
    let second_ago = MonoNanos(shot.facts.grab_end.0.saturating_sub(1_000 * NANOS_PER_MILLI));
    let earlier = stage.frames.begun_since(second_ago).next();
    earlier
        .filter(|e| e.facts.grab_end < shot.facts.grab_end)
        .and_then(|e| changed_bounds(&e.pixels, &shot.pixels))
        .is_some_and(|c| is_near(c, at))
}

fn is_near(area: Rect, p: Point) -> bool {
    grown(area, UNDER_PX).contains(p)
}

fn grown(r: Rect, by: i32) -> Rect {
    Rect {
        x: r.x.saturating_sub(by),
        y: r.y.saturating_sub(by),
        w: r.w.saturating_add(2 * by),
        h: r.h.saturating_add(2 * by),
    }
}

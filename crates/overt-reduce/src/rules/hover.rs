//! Rule 6: a pointer that rests is an action when something comes of it.

use overt_event::{
    AccessibleEvent, MonoNanos, NANOS_PER_MILLI, Node, Point, RecordBody, Rect, SnapshotRecord,
};

use crate::action::Action;
use crate::draft::{DraftId, Surroundings};
use crate::entry::{Entry, Event};
use crate::fate::Ignored;
use crate::frames::{changed_patches, differs_beyond};
use crate::rules::target::{is_target, met, sources};
use crate::rules::unfolding::{LOOKED_MILLIS_MAX, unfolded};
use crate::stage::Stage;
use crate::step::{Shot, Target};

/// A change further than this from the pointer, or the control under it, is not under it, pixels.
const UNDER_PX: i32 = 64;
/// A change this little beyond the element's edge is its own highlight or focus ring, pixels.
const HIGHLIGHT_PX: i32 = 8;

/// A pointer that stood for this long had stopped. Pages unfold what was rested on after this long (jQuery UI's menus, 2026-11-23).
const STOP_MILLIS: u64 = 300;

/// A pointer that moved this shortly before is passing by. What a page unfolds under it counts only
/// once it has come to rest there for [`SETTLED_MILLIS`].
const PASSING_MILLIS: u64 = 60;
const SETTLED_MILLIS: u64 = 200;

/// What was asked for in time is told within this, even by a busy application.
const TOLD_MILLIS_MAX: u64 = LOOKED_MILLIS_MAX + 1_000;

/// The last place of the pointer, until something else happens.
#[derive(Default)]
pub(crate) struct Resting {
    rest: Option<Rest>,
    /// The rest on a control before that one, of which nothing came by then: what is shown is asked for later than what was
    /// unfolded is there.
    doubtful: Option<Rest>,
    /// What unfolded while the pointer passed over it, and has not folded up since.
    unfolded: Option<Unfolded>,
    /// Where the control is that the pointer rested on before: it is drawn anew when it is left.
    left: Option<Rect>,
}

/// What told that something unfolded, and in which segment.
pub(crate) struct Unfolded {
    pub(crate) event: AccessibleEvent,
    pub(crate) segment: u32,
}

struct Rest {
    event: Event,
    at: Point,
    /// `None` as long as nothing but moves came after it: most places are on the way, and need none.
    around: Option<Box<Around>>,
    /// Boxed, as what surrounds it is: one is made of every move.
    element: Option<Box<Found>>,
    /// The segment that tells of an item selected under it. It counts if the pointer still rests when the time is over.
    selected: Option<u32>,
}

/// What stands under the pointer, and the segments that tell so.
struct Found {
    target: Target,
    from: Vec<u32>,
}

/// What stood around the pointer when it came to rest.
struct Around {
    surroundings: Surroundings,
    /// The picture before it came to rest.
    before: Option<Shot>,
}

impl Around {
    fn of(stage: &Stage, event: &Event, at: Point) -> Self {
        let before = stage.frames.newest_before(event.time, stage.screens.id());
        Self { surroundings: stage.surroundings(event, Some(at)), before: before.cloned() }
    }
}

impl Resting {
    /// The pointer moved. The place before it was on the way, unless it had stopped there and the picture changed, or the
    /// elements will be found to.
    pub(crate) fn travel(&mut self, stage: &mut Stage, event: Event, at: Point) {
        if self.rest.is_some() && !self.is_moving(event.time) {
            if let Some(seen_in) = self.changed_the_picture(stage) {
                self.promote(stage, seen_in);
            }
            self.doubt(stage);
        }
        if let Some(rest) = self.take() {
            rest.was_travel(stage);
        }
        self.rest = Some(Rest { event, at, around: None, element: None, selected: None });
    }

    /// Something else than a move comes. What stands around the pointer may be different after it.
    pub(crate) fn look_around(&mut self, stage: &Stage) {
        if let Some(rest) = self.rest.as_mut().filter(|r| r.around.is_none()) {
            rest.around = Some(Box::new(Around::of(stage, &rest.event, rest.at)));
        }
    }

    /// Whether the pointer was on its way at `t`: it moved less than [`STOP_MILLIS`] before.
    pub(crate) fn is_moving(&self, t: MonoNanos) -> bool {
        self.rest.as_ref().is_some_and(|r| Stage::within(r.event.time, t, STOP_MILLIS))
    }

    /// Something unfolded under the passing pointer: it is kept until the pointer rests or moves on.
    /// False when the pointer was not passing, so that the event is to be judged at once.
    pub(crate) fn unfolded(&mut self, event: &AccessibleEvent, t: MonoNanos, segment: u32) -> bool {
        let passing = self.rest.as_ref().is_some_and(|r| Stage::within(r.event.time, t, PASSING_MILLIS));
        if passing {
            self.unfolded = Some(Unfolded { event: event.clone(), segment });
        }
        passing
    }

    /// Something folded up again.
    pub(crate) fn folded(&mut self, node: &Node) {
        self.unfolded.take_if(|u| (&u.event.node.role, &u.event.node.name) == (&node.role, &node.name));
    }

    /// What the pointer came to rest on after it had unfolded, and since when it counts.
    pub(crate) fn settled(&mut self, now: MonoNanos) -> Option<(Unfolded, MonoNanos)> {
        let rest = self.rest.as_ref()?;
        let since = rest.event.time.plus_millis(SETTLED_MILLIS);
        let unfolded = self.unfolded.take_if(|u| since <= now && u.event.node.bounds.contains(rest.at))?;
        Some((unfolded, since))
    }

    /// Another input came before anything did.
    pub(crate) fn give_up(&mut self, stage: &mut Stage) {
        for rest in self.doubtful.take().into_iter().chain(self.take()) {
            rest.was_travel(stage);
        }
    }

    /// Nothing has come of it so far. Of a rest on a control something may still be told.
    fn doubt(&mut self, stage: &mut Stage) {
        let Some(rest) = self.take() else { return };
        let given_up = match rest.control() {
            Some(_) => self.doubtful.replace(rest),
            None => Some(rest),
        };
        if let Some(rest) = given_up {
            rest.was_travel(stage);
        }
    }

    /// The pointer has rested for the whole time: did the picture change under it?
    pub(crate) fn expire(&mut self, stage: &mut Stage, now: MonoNanos) -> Option<DraftId> {
        let told = |r: &mut Rest| !Stage::within(r.event.time, now, TOLD_MILLIS_MAX);
        if let Some(rest) = self.doubtful.take_if(told) {
            rest.was_travel(stage);
        }
        let rest = self.rest.as_ref().filter(|r| !r.could_cause(now, stage))?;
        if let Some(told_in) = rest.selected.or_else(|| self.changed_the_picture(stage)) {
            return self.promote(stage, told_in);
        }
        self.doubt(stage);
        None
    }

    /// The elements of a window are told: did something unfold where the pointer rests, or had rested before?
    pub(crate) fn shown(&mut self, stage: &mut Stage, snapshot: &SnapshotRecord, segment: u32) {
        let unfolded = |rest: &mut Rest| rest.unfolded(stage, snapshot);
        if let Some(rest) = self.doubtful.take_if(unfolded) {
            become_hover(stage, rest, segment);
        } else if self.rest.as_mut().is_some_and(unfolded) {
            self.promote(stage, segment);
        }
    }

    /// Whether something at `t` can be the effect of the pointer's resting.
    pub(crate) fn could_cause(&self, stage: &Stage, t: MonoNanos) -> bool {
        self.rest.as_ref().is_some_and(|r| r.could_cause(t, stage))
    }

    /// Something came of it, which this segment tells: the rest becomes a hover.
    pub(crate) fn promote(&mut self, stage: &mut Stage, told_in: u32) -> Option<DraftId> {
        let rest = self.take()?;
        // An action before it is no longer told after it.
        if let Some(doubtful) = self.doubtful.take() {
            doubtful.was_travel(stage);
        }
        Some(become_hover(stage, rest, told_in))
    }

    /// What stands under the pointer, looked up while it rests. Says whether the answer was for it.
    pub(crate) fn element(&mut self, entry: &Entry) -> bool {
        let RecordBody::Element(lookup) = &entry.record.body else { return false };
        let Some(rest) = self.rest.as_mut().filter(|r| r.event.seq == lookup.for_seq) else {
            return false;
        };
        if let Some(told) = &lookup.element {
            let shown = rest.around.as_ref().and_then(|a| a.surroundings.elements.as_ref());
            let element = met(told, shown, rest.at, rest.event.time);
            let from = sources(&element, Some(told), shown, entry.segment);
            let target = Target { element, completeness: lookup.completeness };
            rest.element = Some(Box::new(Found { target, from }));
        }
        true
    }

    fn take(&mut self) -> Option<Rest> {
        let rest = self.rest.take()?;
        self.left = rest.control().map(|n| n.bounds).or(self.left);
        Some(rest)
    }

    /// The segment of a frame that shows a change under the resting pointer that is more than the highlight of its element, or of
    /// the one that it left.
    fn changed_the_picture(&self, stage: &Stage) -> Option<u32> {
        let rest = self.rest.as_ref()?;
        let before = rest.around.as_ref()?.before.as_ref()?;
        let node = &rest.element.as_ref()?.target.element.node;
        let highlights = self.left.into_iter().chain([node.bounds]).map(|b| grown(b, HIGHLIGHT_PX));
        let known: Vec<Rect> = highlights.chain(changed_lately(stage, before)).collect();
        let since = stage.frames.begun_since(rest.event.time);
        let mut effects = since.take_while(|s| rest.could_cause(s.facts.grab_begin, stage));
        let shows = |s: &&Shot| differs_beyond(&before.pixels, &s.pixels, under(node, rest.at), &known);
        effects.find(shows).map(|s| s.segment)
    }

    /// An item was selected by resting on it.
    pub(crate) fn selected(&mut self, stage: &Stage, node: &Node, t: MonoNanos, segment: u32) {
        if let Some(rest) = self.rest.as_mut().filter(|r| r.could_cause(t, stage)) {
            rest.selected = rest.selected.or(node.bounds.contains(rest.at).then_some(segment));
        }
    }
}

impl Rest {
    /// Nothing came of it.
    fn was_travel(self, stage: &mut Stage) {
        stage.ignore(self.event.seq, Ignored::Travel);
    }

    /// What it rests on, where that is pressed for what it is.
    fn control(&self) -> Option<&Node> {
        self.element.as_ref().map(|e| &e.target.element.node).filter(|n| is_target(&n.role))
    }

    /// Whether the elements told now show something that unfolded under it.
    fn unfolded(&self, stage: &Stage, after: &SnapshotRecord) -> bool {
        let around = self.around.as_ref().map(|around| &around.surroundings);
        let (Some(around), Some(control)) = (around, self.control()) else { return false };
        let Some(before) = around.elements.as_ref() else { return false };
        let same_page = !stage.context.page_changed(around.app.as_ref(), before.asked_at, after.asked_at);
        same_page && unfolded(&before.snapshot, after, control, self.event.time)
    }

    fn could_cause(&self, t: MonoNanos, stage: &Stage) -> bool {
        Stage::within(self.event.time, t, stage.settings.hover_millis_max)
    }
}

/// Something came of a rest, which this segment tells. Returns the action.
fn become_hover(stage: &mut Stage, rest: Rest, told_in: u32) -> DraftId {
    let around = rest.around.map_or_else(|| Around::of(stage, &rest.event, rest.at), |around| *around);
    let mut draft = stage.draft(&rest.event, Action::Hover { at: rest.at }, around.surroundings);
    draft.attach(&rest.event);
    draft.open = false;
    draft.segments.insert(told_in);
    // Not what has the focus.
    let found = rest.element.map(|found| (Some(found.target), found.from));
    (draft.element, draft.element_from) = found.unwrap_or_default();
    for shot in stage.frames.begun_since(draft.end) {
        draft.consider(shot, &stage.settings);
    }
    let id = draft.id;
    stage.send(draft);
    id
}

/// What changed in the second before `shot`: a change there proves nothing.
fn changed_lately(stage: &Stage, shot: &Shot) -> Vec<Rect> {
    let second_ago = MonoNanos(shot.facts.grab_end.0.saturating_sub(1_000 * NANOS_PER_MILLI));
    let lately =
        || stage.frames.begun_since(second_ago).take_while(|s| s.facts.grab_end <= shot.facts.grab_end);
    lately().zip(lately().skip(1)).flat_map(|(a, b)| changed_patches(&a.pixels, &b.pixels)).collect()
}

/// Where a change can be an effect of resting at a point: near the control there, or near the point.
fn under(node: &Node, at: Point) -> Rect {
    let point = Rect { x: at.x, y: at.y, w: 1, h: 1 };
    grown(if is_target(&node.role) { node.bounds } else { point }, UNDER_PX)
}

pub(crate) fn grown(r: Rect, by: i32) -> Rect {
    Rect {
        x: r.x.saturating_sub(by),
        y: r.y.saturating_sub(by),
        w: r.w.saturating_add(2 * by),
        h: r.h.saturating_add(2 * by),
    }
}

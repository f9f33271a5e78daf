//! From a draft in desktop coordinates to a step in the coordinates of its monitor.

use std::sync::Arc;

use overt_event::{Element, MonoNanos, NANOS_PER_MILLI, Node, Point, Rect};

use crate::action::{Action, Intent};
use crate::context::{Shown, Sourced};
use crate::draft::{Draft, DraftAfter, DraftBefore};
use crate::fate::Fault;
use crate::rules::wait::Waited;
use crate::settings::Settings;
use crate::step::{After, Before, Elements, Missing, Step, Target, Window};

/// Makes the step.
///
/// Errors: [`Fault::FrameAfterAction`] when its observation was grabbed too late: never a row.
pub(crate) fn step_from(mut draft: Draft, settings: &Settings) -> Result<Step, Fault> {
    if let Some(fault) = draft.fault {
        return Err(fault);
    }
    let mut intents = std::mem::take(&mut draft.intents);
    let mut segments = std::mem::take(&mut draft.segments);
    if let Some(choice) = draft.choice.take() {
        intents.push(Intent::ChoosesFromPopup { path: choice.path, option: choice.option });
        segments.extend(choice.segments);
    }
    let (before, bound_in) = before_of(draft.before, draft.start);
    segments.extend(bound_in.into_iter().chain(draft.after.bound_in).chain(draft.element_from));
    if before.shot().is_some_and(|s| s.facts.grab_end > draft.start) {
        return Err(Fault::FrameAfterAction);
    }
    let after = after_of(draft.after, draft.end, settings);
    let around = draft.surroundings;
    let screen = around.screen;
    let origin = Point { x: screen.bounds.x, y: screen.bounds.y };
    segments.extend([before.shot(), after.shot()].into_iter().flatten().map(|s| s.segment));
    segments.extend(around.elements.iter().flat_map(|s| s.segments));
    segments.extend([&around.window, &draft.window_after].into_iter().flatten().flat_map(|w| w.segments));
    Ok(Step {
        episode: 0,
        index: 0,
        action: draft.action.shifted(origin),
        t_start: draft.start,
        t_end: draft.end,
        app: around.app,
        screen,
        element: draft.element.map(|t| local_target(t, origin)),
        intents,
        before,
        after,
        elements_before: around.elements.map(|s| local_elements(&s, draft.start, origin)),
        window_before: around.window.map(|w| local_window(&w, origin)),
        window_after: draft.window_after.map(|w| local_window(&w, origin)),
        injected: draft.injected,
        idle_before_millis: around.idle_before_millis,
        seqs: draft.seqs,
        segments: segments.into_iter().collect(),
    })
}

/// The wait before a draft.
pub(crate) fn wait_step(waited: Waited, next: &Draft) -> Option<Step> {
    let around = &next.surroundings;
    let t_end = waited.to.facts.grab_begin.min(next.start);
    let t_start = waited.from.facts.grab_end;
    let origin = Point { x: around.screen.bounds.x, y: around.screen.bounds.y };
    let mut segments = vec![waited.from.segment, waited.to.segment, around.segment];
    segments.extend(around.window.iter().flat_map(|w| w.segments));
    segments.sort_unstable();
    segments.dedup();
    (t_start < t_end).then(|| Step {
        episode: 0,
        index: 0,
        action: Action::Wait,
        t_start,
        t_end,
        app: around.app.clone(),
        screen: around.screen,
        element: None,
        intents: Vec::new(),
        before: Before::Seen { shot: waited.from, margin_nanos: 0, damage_unseen: false },
        after: After::Seen { shot: waited.to, timed_out: false },
        elements_before: None,
        window_before: None,
        window_after: around.window.as_ref().map(|w| local_window(w, origin)),
        injected: false,
        idle_before_millis: 0,
        seqs: Vec::new(),
        segments,
    })
}

/// The newer of the frame that the recorder named and the one that the times name; where the recorder's word counts, its segment.
fn before_of(before: DraftBefore, start: MonoNanos) -> (Before, Option<u32>) {
    let (shot, damage_unseen, bound_in) = match (before.refused, before.bound, before.own) {
        (Some((why, segment)), _, _) => return (Before::Missing(why), Some(segment)),
        (None, None, None) => return (Before::Missing(Missing::NoneInTime), None),
        (None, Some((bound, ..)), Some(own)) if own.facts.grab_end > bound.facts.grab_end => {
            (own, false, None)
        }
        (None, Some((bound, damage, segment)), _) => (bound, damage, Some(segment)),
        (None, None, Some(own)) => (own, false, None),
    };
    let margin_nanos = start.since(shot.facts.grab_end);
    (Before::Seen { shot, margin_nanos, damage_unseen }, bound_in)
}

fn after_of(after: DraftAfter, end: MonoNanos, settings: &Settings) -> After {
    match (after.bound, after.refused, after.own) {
        (Some((_, shot, timed_out)), _, _) => After::Seen { shot, timed_out },
        (None, Some((_, why)), _) => After::Missing(why),
        (None, None, Some(shot)) => {
            let in_time = shot.facts.grab_end.since(end) <= settings.after_millis_max * NANOS_PER_MILLI;
            // A last frame that no other followed has stood still ever since.
            let still = after.own_still || !after.own_final;
            After::Seen { shot, timed_out: !(still && in_time) }
        }
        (None, None, None) => After::Missing(Missing::NoneInTime),
    }
}

fn local_rect(r: Rect, origin: Point) -> Rect {
    Rect { x: r.x.saturating_sub(origin.x), y: r.y.saturating_sub(origin.y), ..r }
}

fn local_node(node: &Node, origin: Point) -> Node {
    Node { bounds: local_rect(node.bounds, origin), ..node.clone() }
}

fn local_target(target: Target, origin: Point) -> Target {
    let Target { element, completeness } = target;
    let ancestors = element.ancestors.iter().map(|n| local_node(n, origin)).collect();
    let node = local_node(&element.node, origin);
    Target { element: Element { node, ancestors, candidates: element.candidates }, completeness }
}

fn local_elements(shown: &Shown, start: MonoNanos, origin: Point) -> Elements {
    Elements {
        nodes: shown.snapshot.nodes.iter().map(|n| local_node(n, origin)).collect(),
        completeness: shown.snapshot.completeness,
        age_millis: start.since(shown.finished()) / NANOS_PER_MILLI,
    }
}

fn local_window(window: &Sourced<Window>, origin: Point) -> Window {
    let window = Arc::as_ref(&window.value);
    Window { bounds: local_rect(window.bounds, origin), ..window.clone() }
}

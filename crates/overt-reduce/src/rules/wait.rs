//! Rule 9: a wait stands only where the next action depends on a change that came by itself.

use overt_event::{MonoNanos, NANOS_PER_MILLI, Rect};

use crate::draft::Draft;
use crate::frames::differs_in;
use crate::settings::Settings;
use crate::step::{After, Shot, Step};

/// What was waited for.
pub(crate) struct Waited {
    /// The screen when the wait began.
    pub(crate) from: Shot,
    /// The screen with the change.
    pub(crate) to: Shot,
}

/// Whether a wait lies between a step and the next action.
///
/// Needed: the step's own effect had stood still; the change came at least `wait_millis_min` later and
/// before the pointer set out; it lies where the next action acts, or is the window it acts in; and nothing
/// was done since that is not in the recording, for then nobody knows that it came by itself.
pub(crate) fn waited(previous: &Step, next: &Draft, settings: &Settings) -> Option<Waited> {
    let After::Seen { shot: from, timed_out: false } = &previous.after else { return None };
    let to = next.surroundings.before_travel.as_ref().or(next.before.own.as_ref())?;
    let since = from.facts.grab_end;
    let waited_long = to.facts.grab_begin.since(since) >= settings.wait_millis_min * NANOS_PER_MILLI;
    let acted = previous.t_end.max(next.surroundings.unseen_until) > since;
    if !waited_long || acted || from.facts.topology != to.facts.topology {
        return None;
    }
    let depends = window_is_new(next, since, settings) || target_changed(next, from, to);
    depends.then(|| Waited { from: from.clone(), to: to.clone() })
}

fn window_is_new(next: &Draft, since: MonoNanos, settings: &Settings) -> bool {
    let opened = next.surroundings.window_opened_at;
    opened.is_some_and(|t| t >= since.plus_millis(settings.wait_millis_min))
}

fn target_changed(next: &Draft, from: &Shot, to: &Shot) -> bool {
    next.region().is_some_and(|region: Rect| differs_in(&from.pixels, &to.pixels, region))
}

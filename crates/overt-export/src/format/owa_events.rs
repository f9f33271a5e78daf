//! A deed as the events of mouse and keyboard that make it.

use overt_dataset::StepRow;
use overt_event::{Button, Point};
use serde::Serialize;

use super::virtual_keys::{BACKSPACE, SHIFT, Stroke, of_character, of_keysym};
use crate::deed::Deed;
use crate::loss::Loss;

/// One event of an input device.
pub(super) struct Event {
    /// As in the data set.
    pub(super) millis: i64,
    pub(super) input: Input,
}

pub(super) enum Input {
    Mouse(MouseEvent),
    Key(KeyboardEvent),
}

/// `desktop/MouseEvent`.
#[derive(Clone, Default, Serialize)]
pub(super) struct MouseEvent {
    event_type: &'static str,
    x: i32,
    y: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    button: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pressed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dx: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dy: Option<i64>,
}

/// `desktop/KeyboardEvent`.
#[derive(Clone, Serialize)]
pub(super) struct KeyboardEvent {
    event_type: &'static str,
    vk: u32,
}

/// All events of a step.
pub(super) struct Events {
    pub(super) list: Vec<Event>,
    pub(super) losses: Vec<Loss>,
}

/// The events of a step, between its beginning and its end.
///
/// Errors: the loss that leaves it out.
pub(super) fn events(deed: &Deed, step: &StepRow) -> Result<Events, Loss> {
    let (begin, end) = (step.t_start_millis, step.t_end_millis.max(step.t_start_millis));
    let mut hand = Hand { held: Vec::new(), inputs: Vec::new(), begin, end };
    let mut losses = vec![Loss::ReleaseTime];
    match deed {
        Deed::Click { at, button, count, modifiers } => {
            let button = button_name(*button)?;
            hand.hold(modifiers)?;
            (0..*count)
                .for_each(|_| [true, false].into_iter().for_each(|down| hand.button(*at, button, down)));
        }
        Deed::Drag { path, button, modifiers } => {
            let button = button_name(*button)?;
            hand.hold(modifiers)?;
            hand.drag(path, button);
        }
        Deed::Scroll { at, right, down, modifiers } => {
            losses = scroll_losses(*right, *down)?;
            losses.extend((end > begin).then_some(Loss::ScrollTime));
            hand.hold(modifiers)?;
            hand.scroll(*at, *right, *down);
        }
        Deed::Type { text } => return typed(text, step),
        Deed::Key { keys, count } => hand.chord(keys, *count)?,
        Deed::Hover { at } => {
            losses.clear();
            hand.go(*at);
        }
        // Waiting is the time between two events.
        Deed::Wait { .. } => losses.clear(),
        Deed::Finish { .. } => return Err(Loss::NoTaskEnd),
    }
    Ok(Events { list: hand.spread(), losses })
}

fn button_name(button: Button) -> Result<&'static str, Loss> {
    match button {
        Button::Left => Ok("left"),
        Button::Middle => Ok("middle"),
        Button::Right => Ok("right"),
        Button::Back => Ok("x1"),
        Button::Forward => Ok("x2"),
        Button::Other(_) => Err(Loss::ExtraButton),
    }
}

fn scroll_losses(right: f64, down: f64) -> Result<Vec<Loss>, Loss> {
    if right.round() == 0.0 && down.round() == 0.0 {
        return Err(Loss::ScrollTooSmall);
    }
    let is_whole = right.fract() == 0.0 && down.fract() == 0.0;
    Ok(if is_whole { Vec::new() } else { vec![Loss::ScrollRounded] })
}

/// Inputs in order, without their times, and the modifiers that are down all the while.
struct Hand {
    held: Vec<u32>,
    inputs: Vec<Input>,
    begin: i64,
    end: i64,
}

impl Hand {
    fn go(&mut self, at: Point) {
        self.inputs.push(Input::Mouse(MouseEvent {
            event_type: "move",
            x: at.x,
            y: at.y,
            ..Default::default()
        }));
    }

    fn button(&mut self, at: Point, button: &'static str, down: bool) {
        let (button, pressed) = (Some(button), Some(down));
        let click =
            MouseEvent { event_type: "click", x: at.x, y: at.y, button, pressed, ..Default::default() };
        self.inputs.push(Input::Mouse(click));
    }

    fn drag(&mut self, path: &[Point], button: &'static str) {
        let (Some(first), Some(last)) = (path.first(), path.last()) else { return };
        self.button(*first, button, true);
        path.iter().skip(1).for_each(|p| self.go(*p));
        self.button(*last, button, false);
    }

    /// Up is positive there.
    fn scroll(&mut self, at: Point, right: f64, down: f64) {
        let (dx, dy) = (Some(right.round() as i64), Some(-down.round() as i64));
        let scroll = MouseEvent { event_type: "scroll", x: at.x, y: at.y, dx, dy, ..Default::default() };
        self.inputs.push(Input::Mouse(scroll));
    }

    fn key(&mut self, vk: u32, down: bool) {
        self.inputs.push(key(vk, down));
    }

    /// A key that is held tells more presses.
    fn chord(&mut self, keys: &[String], count: u32) -> Result<(), Loss> {
        let (trigger, modifiers) = keys.split_last().ok_or(Loss::KeyUnnamed)?;
        let vk = of_keysym(trigger).ok_or(Loss::KeyUnnamed)?;
        self.hold(modifiers)?;
        (0..count.max(1)).for_each(|_| self.key(vk, true));
        self.key(vk, false);
        Ok(())
    }

    fn hold(&mut self, modifiers: &[String]) -> Result<(), Loss> {
        let codes: Option<Vec<u32>> = modifiers.iter().map(|name| of_keysym(name)).collect();
        self.held = codes.ok_or(Loss::KeyUnnamed)?;
        Ok(())
    }

    /// The first at the step's beginning, the last at its end, the others evenly between. Modifiers are down from the
    /// beginning to the end: a step begins with what they modify.
    fn spread(self) -> Vec<Event> {
        let Self { held, inputs, begin, end } = self;
        let last = (inputs.len() as i64 - 1).max(1);
        let at = |i: i64| begin + end.saturating_sub(begin) * i / last;
        let down = held.iter().map(|vk| Event { millis: begin, input: key(*vk, true) });
        let up = held.iter().rev().map(|vk| Event { millis: end, input: key(*vk, false) });
        let deed = (0..).zip(inputs).map(|(i, input)| Event { millis: at(i), input });
        down.chain(deed).chain(up).collect()
    }
}

fn key(vk: u32, down: bool) -> Input {
    Input::Key(KeyboardEvent { event_type: if down { "press" } else { "release" }, vk })
}

/// A run of typing by its edits, each at its own time; by its text where it has none.
fn typed(text: &str, step: &StepRow) -> Result<Events, Loss> {
    let whole = [(0, 0, text)];
    let edits: Vec<(i64, i32, &str)> =
        step.edits.iter().map(|e| (e.after_millis, e.deleted, e.inserted.as_str())).collect();
    let mut list = Vec::new();
    for (after, deleted, inserted) in if edits.is_empty() { &whole[..] } else { &edits } {
        let millis = step.t_start_millis + after;
        let mut push = |input| list.push(Event { millis, input });
        for _ in 0..*deleted {
            [true, false].into_iter().for_each(|down| push(key(BACKSPACE, down)));
        }
        for c in inserted.chars() {
            let Stroke { vk, shift } = of_character(c).ok_or(Loss::CharacterWithoutKey)?;
            let held: &[u32] = if shift { &[SHIFT, vk] } else { &[vk] };
            held.iter().for_each(|vk| push(key(*vk, true)));
            held.iter().rev().for_each(|vk| push(key(*vk, false)));
        }
    }
    Ok(Events { list, losses: vec![Loss::ReleaseTime] })
}

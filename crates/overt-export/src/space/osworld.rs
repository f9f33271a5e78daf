//! OSWorld's `computer_13`: an action type with parameters.

use overt_event::{Button, Point};
use serde::Serialize;
use serde_json::Number;

use super::{Pen, keys, keys_in};
use crate::deed::Deed;
use crate::loss::Loss;

#[derive(Default, Serialize)]
struct Parameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    button: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_clicks: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dx: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dy: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Call {
    action_type: &'static str,
    parameters: Parameters,
}

pub(super) fn say(deed: &Deed, pen: &mut Pen) -> Result<(), Loss> {
    match deed {
        Deed::Click { at, button, count, modifiers } => {
            let (action_type, parameters) = click(pen, *at, *button, *count)?;
            holding(pen, modifiers, |pen| call(pen, action_type, parameters))
        }
        Deed::Drag { path, button, modifiers } => {
            let button = button_word(*button)?;
            holding(pen, modifiers, |pen| drag(pen, path, button))
        }
        Deed::Scroll { at, right, down, modifiers } => {
            let (right, down) = pen.notches(*right, *down)?;
            holding(pen, modifiers, |pen| {
                go(pen, "MOVE_TO", *at);
                // Up is positive there.
                call(pen, "SCROLL", Parameters { dx: Some(right), dy: Some(-down), ..Parameters::default() });
            })
        }
        Deed::Type { text } => {
            call(pen, "TYPING", Parameters { text: Some(text.clone()), ..Parameters::default() });
            Ok(())
        }
        Deed::Key { keys, count } => key(pen, keys, *count),
        Deed::Hover { at } => {
            go(pen, "MOVE_TO", *at);
            Ok(())
        }
        Deed::Wait { .. } => {
            pen.lose(Loss::WaitTime);
            call(pen, "WAIT", Parameters::default());
            Ok(())
        }
        Deed::Finish { succeeded } => {
            let word = if pen.status(*succeeded) { "DONE" } else { "FAIL" };
            call(pen, word, Parameters::default());
            Ok(())
        }
    }
}

fn call(pen: &mut Pen, action_type: &'static str, parameters: Parameters) {
    pen.json(&Call { action_type, parameters });
}

fn go(pen: &mut Pen, action_type: &'static str, at: Point) {
    let [x, y] = pen.grid.place(at);
    call(pen, action_type, Parameters { x: Some(x), y: Some(y), ..Parameters::default() });
}

fn button_word(button: Button) -> Result<&'static str, Loss> {
    match button {
        Button::Left => Ok("left"),
        Button::Middle => Ok("middle"),
        Button::Right => Ok("right"),
        _ => Err(Loss::ExtraButton),
    }
}

/// `DOUBLE_CLICK` is the left button's; of others, and of three, a click tells how many.
fn click(pen: &Pen, at: Point, button: Button, count: u32) -> Result<(&'static str, Parameters), Loss> {
    let [x, y] = pen.grid.place(at);
    let place = Parameters { x: Some(x), y: Some(y), ..Parameters::default() };
    if (button, count) == (Button::Left, 2) {
        return Ok(("DOUBLE_CLICK", place));
    }
    let (button, num_clicks) = (Some(button_word(button)?), Some(count).filter(|n| *n > 1));
    Ok(("CLICK", Parameters { button, num_clicks, ..place }))
}

/// `DRAG_TO` is the left button's; others are pressed, moved and released, which keeps the whole path.
fn drag(pen: &mut Pen, path: &[Point], button: &'static str) {
    let Some((first, rest)) = path.split_first() else { return };
    go(pen, "MOVE_TO", *first);
    if let (&[last], "left") = (rest, button) {
        return go(pen, "DRAG_TO", last);
    }
    let held = || Parameters { button: Some(button), ..Parameters::default() };
    call(pen, "MOUSE_DOWN", held());
    rest.iter().for_each(|p| go(pen, "MOVE_TO", *p));
    call(pen, "MOUSE_UP", held());
}

/// Keys go down before and up after, the last first.
fn holding(pen: &mut Pen, modifiers: &[String], deed: impl FnOnce(&mut Pen)) -> Result<(), Loss> {
    let words: Vec<String> = modifiers.iter().filter_map(|key| keys::pyautogui(key)).collect();
    if words.len() != modifiers.len() {
        return Err(Loss::KeyUnnamed);
    }
    let one = |key: &String| Parameters { key: Some(key.clone()), ..Parameters::default() };
    words.iter().for_each(|key| call(pen, "KEY_DOWN", one(key)));
    deed(pen);
    words.iter().rev().for_each(|key| call(pen, "KEY_UP", one(key)));
    Ok(())
}

fn key(pen: &mut Pen, keys: &[String], count: u32) -> Result<(), Loss> {
    let words = keys_in(keys, keys::pyautogui)?;
    for _ in 0..count {
        match words.as_slice() {
            [one] => call(pen, "PRESS", Parameters { key: Some(one.clone()), ..Parameters::default() }),
            many => call(pen, "HOTKEY", Parameters { keys: Some(many.to_vec()), ..Parameters::default() }),
        }
    }
    Ok(())
}

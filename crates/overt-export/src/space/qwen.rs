//! Qwen's function `computer_use`, as a tool call in the model's own marks.

use overt_event::{Button, Point};
use serde::Serialize;
use serde_json::Number;

use super::{Pen, json, keys, keys_in, left_drag, secs, without_modifiers};
use crate::deed::Deed;
use crate::loss::Loss;

/// Qwen3-VL knows a triple click and scrolling sideways, Qwen2.5-VL does not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V25,
    V3,
}

#[derive(Default, Serialize)]
struct Arguments {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coordinate: Option<[Number; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pixels: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

#[derive(Serialize)]
struct Call {
    name: &'static str,
    arguments: Arguments,
}

pub(super) fn say(deed: &Deed, version: Version, pen: &mut Pen) -> Result<(), Loss> {
    match deed {
        Deed::Click { at, button, count, modifiers } => {
            without_modifiers(modifiers)?;
            click(pen, *at, *button, *count, version)
        }
        Deed::Drag { path, button, modifiers } => {
            left_drag(*button)?;
            without_modifiers(modifiers)?;
            let [first, last] = pen.ends(path)?;
            point(pen, "mouse_move", *first);
            point(pen, "left_click_drag", *last);
            Ok(())
        }
        Deed::Scroll { at, right, down, modifiers } => {
            without_modifiers(modifiers)?;
            scroll(pen, *at, *right, *down, version)
        }
        Deed::Type { text } => {
            call(pen, Arguments { action: "type", text: Some(text.clone()), ..Arguments::default() });
            Ok(())
        }
        Deed::Key { keys, count } => {
            let keys = keys_in(keys, keys::pyautogui)?;
            for _ in 0..*count {
                call(pen, Arguments { action: "key", keys: Some(keys.clone()), ..Arguments::default() });
            }
            Ok(())
        }
        Deed::Hover { at } => {
            point(pen, "mouse_move", *at);
            Ok(())
        }
        Deed::Wait { millis } => {
            call(pen, Arguments { action: "wait", time: Some(secs(*millis)), ..Arguments::default() });
            Ok(())
        }
        Deed::Finish { succeeded } => {
            let status = if pen.status(*succeeded) { "success" } else { "failure" };
            call(pen, Arguments { action: "terminate", status: Some(status), ..Arguments::default() });
            Ok(())
        }
    }
}

fn call(pen: &mut Pen, arguments: Arguments) {
    let call = json(&Call { name: "computer_use", arguments });
    pen.call(format!("<tool_call>\n{call}\n</tool_call>"));
}

fn point(pen: &mut Pen, action: &'static str, at: Point) {
    let coordinate = Some(pen.grid.place(at));
    call(pen, Arguments { action, coordinate, ..Arguments::default() });
}

fn click(pen: &mut Pen, at: Point, button: Button, count: u32, version: Version) -> Result<(), Loss> {
    let (action, times) = match (button, count) {
        (Button::Left, 2) => ("double_click", 1),
        (Button::Left, 3) if version == Version::V3 => ("triple_click", 1),
        (Button::Left, n) => ("left_click", n),
        (Button::Right, n) => ("right_click", n),
        (Button::Middle, n) => ("middle_click", n),
        _ => return Err(Loss::ExtraButton),
    };
    if times > 1 {
        pen.lose(Loss::MultiClickRepeated);
    }
    (0..times).for_each(|_| point(pen, action, at));
    Ok(())
}

/// Up is positive there and down with us; right is positive with both.
fn scroll(pen: &mut Pen, at: Point, right: f64, down: f64, version: Version) -> Result<(), Loss> {
    if right != 0.0 && version == Version::V25 {
        return Err(Loss::HorizontalScroll);
    }
    let (right, down) = pen.pixels(right, down)?;
    point(pen, "mouse_move", at);
    for (action, pixels) in [("scroll", -down), ("hscroll", right)] {
        if pixels != 0 {
            call(pen, Arguments { action, pixels: Some(pixels), ..Arguments::default() });
        }
    }
    Ok(())
}

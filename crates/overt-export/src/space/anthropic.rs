//! Anthropic's computer tool: the input of a tool use.

use overt_event::{Button, Point};
use serde::Serialize;
use serde_json::Number;

use super::{Pen, keys, keys_in, left_drag, secs, without_modifiers};
use crate::deed::Deed;
use crate::loss::Loss;

#[derive(Default, Serialize)]
struct Input {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_coordinate: Option<[Number; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coordinate: Option<[Number; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scroll_direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scroll_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
}

/// What is said instead of a call when a task has ended.
#[derive(Serialize)]
struct Words {
    r#type: &'static str,
    text: &'static str,
}

pub(super) fn say(deed: &Deed, pen: &mut Pen) -> Result<(), Loss> {
    match deed {
        Deed::Click { at, button, count, modifiers } => click(pen, *at, *button, *count, modifiers),
        Deed::Drag { path, button, modifiers } => {
            left_drag(*button)?;
            without_modifiers(modifiers)?;
            let [first, last] = pen.ends(path)?.map(|p| Some(pen.grid.place(*p)));
            let input = Input { start_coordinate: first, coordinate: last, ..Input::default() };
            pen.json(&Input { action: "left_click_drag", ..input });
            Ok(())
        }
        Deed::Scroll { at, right, down, modifiers } => {
            let (right, down) = pen.notches(*right, *down)?;
            let text = held(modifiers)?;
            scroll(pen, *at, ["up", "down"], down, &text);
            scroll(pen, *at, ["left", "right"], right, &text);
            Ok(())
        }
        Deed::Type { text } => {
            pen.json(&Input { action: "type", text: Some(text.clone()), ..Input::default() });
            Ok(())
        }
        Deed::Key { keys, count } => {
            let text = Some(keys_in(keys, keys::xdotool)?.join("+"));
            let repeat = Some(*count).filter(|n| *n > 1);
            pen.json(&Input { action: "key", text, repeat, ..Input::default() });
            Ok(())
        }
        Deed::Hover { at } => {
            let coordinate = Some(pen.grid.place(*at));
            pen.json(&Input { action: "mouse_move", coordinate, ..Input::default() });
            Ok(())
        }
        Deed::Wait { millis } => {
            pen.json(&Input { action: "wait", duration: Some(secs(*millis)), ..Input::default() });
            Ok(())
        }
        Deed::Finish { succeeded } => {
            let text = if pen.status(*succeeded) { "Done." } else { "The task failed." };
            pen.json(&Words { r#type: "text", text });
            Ok(())
        }
    }
}

fn held(modifiers: &[String]) -> Result<Option<String>, Loss> {
    let words: Option<Vec<String>> = modifiers.iter().map(|key| keys::xdotool(key)).collect();
    Ok(Some(words.ok_or(Loss::KeyUnnamed)?.join("+")).filter(|text| !text.is_empty()))
}

fn click(pen: &mut Pen, at: Point, button: Button, count: u32, modifiers: &[String]) -> Result<(), Loss> {
    let (action, times) = match (button, count) {
        (Button::Left, 2) => ("double_click", 1),
        (Button::Left, 3) => ("triple_click", 1),
        (Button::Left, n) => ("left_click", n),
        (Button::Right, n) => ("right_click", n),
        (Button::Middle, n) => ("middle_click", n),
        _ => return Err(Loss::ExtraButton),
    };
    if times > 1 {
        pen.lose(Loss::MultiClickRepeated);
    }
    let text = held(modifiers)?;
    for _ in 0..times {
        let coordinate = Some(pen.grid.place(at));
        pen.json(&Input { action, coordinate, text: text.clone(), ..Input::default() });
    }
    Ok(())
}

fn scroll(pen: &mut Pen, at: Point, directions: [&'static str; 2], notches: i64, text: &Option<String>) {
    if notches == 0 {
        return;
    }
    pen.json(&Input {
        action: "scroll",
        coordinate: Some(pen.grid.place(at)),
        scroll_direction: Some(directions[usize::from(notches > 0)]),
        scroll_amount: Some(notches.unsigned_abs()),
        text: text.clone(),
        ..Input::default()
    });
}

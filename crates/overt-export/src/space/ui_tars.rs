//! UI-TARS: an action as a call in text, with boxes in the model's own marks.

use overt_event::{Button, Point};

use super::text::quoted;
use super::{Pen, keys, keys_in, left_drag, without_modifiers};
use crate::deed::Deed;
use crate::loss::Loss;

/// Keys of one chord at most (its prompt).
const KEYS_MAX: usize = 3;

pub(super) fn say(deed: &Deed, pen: &mut Pen) -> Result<(), Loss> {
    match deed {
        Deed::Click { at, button, count, modifiers } => {
            without_modifiers(modifiers)?;
            click(pen, *at, *button, *count)
        }
        Deed::Drag { path, button, modifiers } => {
            left_drag(*button)?;
            without_modifiers(modifiers)?;
            let [first, last] = pen.ends(path)?.map(|p| place(pen, *p));
            pen.call(format!("drag(start_box='{first}', end_box='{last}')"));
            Ok(())
        }
        Deed::Scroll { at, right, down, modifiers } => {
            without_modifiers(modifiers)?;
            scroll(pen, *at, *right, *down)
        }
        Deed::Type { text } => {
            pen.call(format!("type(content={})", quoted(text)));
            Ok(())
        }
        Deed::Key { keys, count } => hotkey(pen, keys, *count),
        Deed::Hover { at } => {
            let at = place(pen, *at);
            pen.call(format!("hover(start_box='{at}')"));
            Ok(())
        }
        Deed::Wait { .. } => {
            pen.lose(Loss::WaitTime);
            pen.call("wait()".to_owned());
            Ok(())
        }
        Deed::Finish { succeeded } => {
            let word = if pen.status(*succeeded) { "finished()" } else { "call_user()" };
            pen.call(word.to_owned());
            Ok(())
        }
    }
}

fn place(pen: &Pen, p: Point) -> String {
    let [x, y] = pen.grid.place(p);
    format!("<|box_start|>({x},{y})<|box_end|>")
}

fn click(pen: &mut Pen, at: Point, button: Button, count: u32) -> Result<(), Loss> {
    let (word, times) = match (button, count) {
        (Button::Left, 2) => ("left_double", 1),
        (Button::Left, n) => ("click", n),
        (Button::Right, n) => ("right_single", n),
        (Button::Middle, _) => return Err(Loss::MiddleButton),
        _ => return Err(Loss::ExtraButton),
    };
    if times > 1 {
        pen.lose(Loss::MultiClickRepeated);
    }
    let at = place(pen, at);
    (0..times).for_each(|_| pen.call(format!("{word}(start_box='{at}')")));
    Ok(())
}

fn scroll(pen: &mut Pen, at: Point, right: f64, down: f64) -> Result<(), Loss> {
    if right == 0.0 && down == 0.0 {
        return Err(Loss::ScrollTooSmall);
    }
    pen.lose(Loss::ScrollAmount);
    let at = place(pen, at);
    for (amount, directions) in [(down, ["up", "down"]), (right, ["left", "right"])] {
        if amount != 0.0 {
            let direction = directions[usize::from(amount > 0.0)];
            pen.call(format!("scroll(start_box='{at}', direction='{direction}')"));
        }
    }
    Ok(())
}

fn hotkey(pen: &mut Pen, keys: &[String], count: u32) -> Result<(), Loss> {
    if keys.len() > KEYS_MAX {
        return Err(Loss::TooManyKeys);
    }
    let keys = quoted(&keys_in(keys, keys::pyautogui)?.join(" "));
    (0..count).for_each(|_| pen.call(format!("hotkey(key={keys})")));
    Ok(())
}

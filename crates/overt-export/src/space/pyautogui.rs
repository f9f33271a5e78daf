//! OpenCUA and AgentNet: lines of pyautogui, and three calls of their own.

use overt_event::{Button, Point};

use super::text::quoted;
use super::{Pen, keys, keys_in};
use crate::deed::Deed;
use crate::loss::Loss;

pub(super) fn say(deed: &Deed, pen: &mut Pen) -> Result<(), Loss> {
    match deed {
        Deed::Click { at, button, count, modifiers } => {
            let (word, times) = click_word(*button, *count)?;
            if times > 1 {
                pen.lose(Loss::MultiClickRepeated);
            }
            let call = format!("{word}({})", place(pen, *at));
            holding(pen, modifiers, |pen| (0..times).for_each(|_| pen.call(call.clone())))
        }
        Deed::Drag { path, button, modifiers } => drag(pen, path, *button, modifiers),
        Deed::Scroll { at, right, down, modifiers } => {
            let (right, down) = pen.notches(*right, *down)?;
            let at = place(pen, *at);
            holding(pen, modifiers, |pen| {
                pen.call(format!("pyautogui.moveTo({at})"));
                // Up is positive there.
                for (word, notches) in [("scroll", -down), ("hscroll", right)] {
                    if notches != 0 {
                        pen.call(format!("pyautogui.{word}({notches})"));
                    }
                }
            })
        }
        Deed::Type { text } => {
            pen.call(format!("pyautogui.write(message={})", quoted(text)));
            Ok(())
        }
        Deed::Key { keys, count } => key(pen, keys, *count),
        Deed::Hover { at } => {
            let at = place(pen, *at);
            pen.call(format!("pyautogui.moveTo({at})"));
            Ok(())
        }
        Deed::Wait { .. } => Err(Loss::NoWait),
        Deed::Finish { succeeded } => {
            let status = if pen.status(*succeeded) { "success" } else { "failure" };
            pen.call(format!("computer.terminate(status='{status}')"));
            Ok(())
        }
    }
}

fn place(pen: &Pen, p: Point) -> String {
    let [x, y] = pen.grid.place(p);
    format!("x={x}, y={y}")
}

fn click_word(button: Button, count: u32) -> Result<(&'static str, u32), Loss> {
    Ok(match (button, count) {
        (Button::Left, 2) => ("pyautogui.doubleClick", 1),
        (Button::Left, 3) => ("computer.tripleClick", 1),
        (Button::Left, n) => ("pyautogui.click", n),
        (Button::Right, n) => ("pyautogui.rightClick", n),
        (Button::Middle, n) => ("pyautogui.middleClick", n),
        _ => return Err(Loss::ExtraButton),
    })
}

fn drag(pen: &mut Pen, path: &[Point], button: Button, modifiers: &[String]) -> Result<(), Loss> {
    let button = match button {
        Button::Left => "left",
        Button::Middle => "middle",
        Button::Right => "right",
        _ => return Err(Loss::ExtraButton),
    };
    let [first, last] = pen.ends(path)?.map(|p| place(pen, *p));
    holding(pen, modifiers, |pen| {
        pen.call(format!("pyautogui.moveTo({first})"));
        pen.call(format!("pyautogui.dragTo({last}, button='{button}')"));
    })
}

/// Keys go down before and up after, the last first.
fn holding(pen: &mut Pen, modifiers: &[String], deed: impl FnOnce(&mut Pen)) -> Result<(), Loss> {
    let words: Vec<String> = modifiers.iter().filter_map(|key| keys::pyautogui(key)).collect();
    if words.len() != modifiers.len() {
        return Err(Loss::KeyUnnamed);
    }
    words.iter().for_each(|key| pen.call(format!("pyautogui.keyDown('{key}')")));
    deed(pen);
    words.iter().rev().for_each(|key| pen.call(format!("pyautogui.keyUp('{key}')")));
    Ok(())
}

fn key(pen: &mut Pen, keys: &[String], count: u32) -> Result<(), Loss> {
    let words: Vec<String> = keys_in(keys, keys::pyautogui)?.iter().map(|word| quoted(word)).collect();
    match (words.as_slice(), count) {
        ([one], 1) => pen.call(format!("pyautogui.press({one})")),
        ([one], n) => pen.call(format!("pyautogui.press({one}, presses={n})")),
        (many, n) => {
            let chord = many.join(", ");
            (0..n).for_each(|_| pen.call(format!("pyautogui.hotkey({chord})")));
        }
    }
    Ok(())
}

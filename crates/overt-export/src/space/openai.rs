//! OpenAI's computer tool: the `action` of a computer call.

use overt_event::{Button, Point};
use serde::Serialize;

use super::{Pen, keys, keys_in, left_drag};
use crate::deed::Deed;
use crate::loss::Loss;

#[derive(Serialize)]
struct Spot {
    x: serde_json::Number,
    y: serde_json::Number,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Action {
    Click {
        button: &'static str,
        #[serde(flatten)]
        at: Spot,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        keys: Vec<String>,
    },
    DoubleClick {
        #[serde(flatten)]
        at: Spot,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        keys: Vec<String>,
    },
    Drag {
        path: Vec<Spot>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        keys: Vec<String>,
    },
    Scroll {
        #[serde(flatten)]
        at: Spot,
        scroll_x: i64,
        scroll_y: i64,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        keys: Vec<String>,
    },
    Type {
        text: String,
    },
    Keypress {
        keys: Vec<String>,
    },
    Move {
        #[serde(flatten)]
        at: Spot,
    },
    Wait,
    Message {
        content: &'static str,
    },
}

pub(super) fn say(deed: &Deed, pen: &mut Pen) -> Result<(), Loss> {
    match deed {
        Deed::Click { at, button, count, modifiers } => click(pen, *at, *button, *count, held(modifiers)?),
        Deed::Drag { path, button, modifiers } => {
            left_drag(*button)?;
            let path = path.iter().map(|p| spot(pen, *p)).collect();
            pen.json(&Action::Drag { path, keys: held(modifiers)? });
            Ok(())
        }
        Deed::Scroll { at, right, down, modifiers } => {
            let (scroll_x, scroll_y) = pen.pixels(*right, *down)?;
            pen.json(&Action::Scroll { at: spot(pen, *at), scroll_x, scroll_y, keys: held(modifiers)? });
            Ok(())
        }
        Deed::Type { text } => {
            pen.json(&Action::Type { text: text.clone() });
            Ok(())
        }
        Deed::Key { keys, count } => {
            let keys = keys_in(keys, keys::openai)?;
            (0..*count).for_each(|_| pen.json(&Action::Keypress { keys: keys.clone() }));
            Ok(())
        }
        Deed::Hover { at } => {
            pen.json(&Action::Move { at: spot(pen, *at) });
            Ok(())
        }
        Deed::Wait { .. } => {
            pen.lose(Loss::WaitTime);
            pen.json(&Action::Wait);
            Ok(())
        }
        Deed::Finish { succeeded } => {
            let content = if pen.status(*succeeded) { "Done." } else { "The task failed." };
            pen.json(&Action::Message { content });
            Ok(())
        }
    }
}

fn spot(pen: &Pen, p: Point) -> Spot {
    let [x, y] = pen.grid.place(p);
    Spot { x, y }
}

fn held(modifiers: &[String]) -> Result<Vec<String>, Loss> {
    modifiers.iter().map(|key| keys::openai(key).ok_or(Loss::KeyUnnamed)).collect()
}

fn click(pen: &mut Pen, at: Point, button: Button, count: u32, keys: Vec<String>) -> Result<(), Loss> {
    let name = match button {
        Button::Left => "left",
        Button::Right => "right",
        Button::Middle => "wheel",
        Button::Back => "back",
        Button::Forward => "forward",
        Button::Other(_) => return Err(Loss::ExtraButton),
    };
    if (button, count) == (Button::Left, 2) {
        pen.json(&Action::DoubleClick { at: spot(pen, at), keys });
        return Ok(());
    }
    if count > 1 {
        pen.lose(Loss::MultiClickRepeated);
    }
    (0..count).for_each(|_| pen.json(&Action::Click { button: name, at: spot(pen, at), keys: keys.clone() }));
    Ok(())
}

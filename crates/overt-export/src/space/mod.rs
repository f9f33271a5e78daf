//! Action spaces: one deed in the words of one model family (docs/spec/export.md, section 4).

mod anthropic;
mod keys;
mod openai;
mod osworld;
mod pyautogui;
mod qwen;
mod scale;
mod text;
mod ui_tars;

use overt_event::Button;
use serde::{Serialize, Serializer};

pub use scale::{Grid, Resize, Scale};

pub(crate) use keys::sign;
pub(crate) use text::json;

use crate::deed::Deed;
use crate::loss::Loss;

/// Pixels that a notch is taken for where a space scrolls by pixels: a wheel tells notches only. It is what
/// Chromium on Windows scrolls for one.
const PIXELS_PER_NOTCH: f64 = 100.0;

/// An action space and its coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// OpenAI's computer tool.
    Openai,
    /// Anthropic's computer tool.
    Anthropic,
    /// Qwen2.5-VL's function `computer_use`.
    Qwen25Vl,
    /// Qwen3-VL's.
    Qwen3Vl,
    UiTars,
    UiTars15,
    /// OpenCUA and AgentNet: pyautogui with relative coordinates.
    Opencua,
    /// OpenCUA's models on Qwen2.5-VL (7B, 32B): pyautogui with pixels after resizing.
    OpencuaQwen25,
    /// OSWorld's `computer_13`.
    Osworld,
}

/// A deed in the words of a space.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendering {
    /// In order; most deeds are one.
    pub calls: Vec<String>,
    /// What the calls tell less exactly than the deed, each once.
    pub losses: Vec<Loss>,
}

impl Space {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Openai,
        Self::Anthropic,
        Self::Qwen25Vl,
        Self::Qwen3Vl,
        Self::UiTars,
        Self::UiTars15,
        Self::Opencua,
        Self::OpencuaQwen25,
        Self::Osworld,
    ];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Qwen25Vl => "qwen2.5-vl",
            Self::Qwen3Vl => "qwen3-vl",
            Self::UiTars => "ui-tars",
            Self::UiTars15 => "ui-tars-1.5",
            Self::Opencua => "opencua",
            Self::OpencuaQwen25 => "opencua-qwen2.5",
            Self::Osworld => "osworld",
        }
    }

    /// The unit of its coordinates.
    pub fn scale(self) -> Scale {
        match self {
            Self::Openai | Self::Anthropic | Self::Osworld => Scale::Pixels,
            Self::Qwen25Vl | Self::OpencuaQwen25 => Scale::Resized(Resize::QWEN25_VL),
            Self::UiTars15 => Scale::Resized(Resize::UI_TARS_15),
            Self::Qwen3Vl | Self::UiTars => Scale::Thousand,
            Self::Opencua => Scale::Unit,
        }
    }

    /// Says a deed on a picture of `width` and `height` pixels.
    ///
    /// Errors: the loss that leaves it out, where the space has no words for it or would say another action.
    pub fn render(self, deed: &Deed, width: u32, height: u32) -> Result<Rendering, Loss> {
        let grid = Grid::new(self.scale(), width, height).ok_or(Loss::PictureTooNarrow)?;
        let mut pen = Pen { grid, calls: Vec::new(), losses: Vec::new() };
        match self {
            Self::Openai => openai::say(deed, &mut pen)?,
            Self::Anthropic => anthropic::say(deed, &mut pen)?,
            Self::Qwen25Vl => qwen::say(deed, qwen::Version::V25, &mut pen)?,
            Self::Qwen3Vl => qwen::say(deed, qwen::Version::V3, &mut pen)?,
            Self::UiTars | Self::UiTars15 => ui_tars::say(deed, &mut pen)?,
            Self::Opencua | Self::OpencuaQwen25 => pyautogui::say(deed, &mut pen)?,
            Self::Osworld => osworld::say(deed, &mut pen)?,
        }
        Ok(Rendering { calls: pen.calls, losses: pen.losses })
    }
}

impl Serialize for Space {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What is being said, and what is lost in saying it.
struct Pen {
    grid: Grid,
    calls: Vec<String>,
    losses: Vec<Loss>,
}

impl Pen {
    fn call(&mut self, text: String) {
        self.calls.push(text);
    }

    fn json(&mut self, value: &impl Serialize) {
        self.call(json(value));
    }

    fn lose(&mut self, loss: Loss) {
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }

    /// The word for how a task ended; a success where nobody said otherwise.
    fn status(&mut self, succeeded: Option<bool>) -> bool {
        if succeeded.is_none() {
            self.lose(Loss::OutcomeAssumed);
        }
        succeeded.unwrap_or(true)
    }

    /// Whole notches, counted where that changes something.
    ///
    /// Errors: where nothing is left.
    fn notches(&mut self, right: f64, down: f64) -> Result<(i64, i64), Loss> {
        let (across, along) = (right.round(), down.round());
        if across == 0.0 && along == 0.0 {
            return Err(Loss::ScrollTooSmall);
        }
        if (across, along) != (right, down) {
            self.lose(Loss::ScrollRounded);
        }
        Ok((across as i64, along as i64))
    }

    /// Pixels for notches.
    ///
    /// Errors: where less than a pixel is left.
    fn pixels(&mut self, right: f64, down: f64) -> Result<(i64, i64), Loss> {
        let pixels = |n: f64| (n * PIXELS_PER_NOTCH).round() as i64;
        let both = (pixels(right), pixels(down));
        if both == (0, 0) {
            return Err(Loss::ScrollTooSmall);
        }
        self.lose(Loss::ScrollPixelsAssumed);
        Ok(both)
    }

    /// The two ends of a drag, for a space that knows nothing between.
    fn ends<'a>(&mut self, path: &'a [overt_event::Point]) -> Result<[&'a overt_event::Point; 2], Loss> {
        let (first, last) = path.first().zip(path.last()).ok_or(Loss::NoPosition)?;
        if path.len() > 2 {
            self.lose(Loss::DragPath);
        }
        Ok([first, last])
    }
}

/// Keys in a space's words.
fn keys_in(keys: &[String], word: fn(&str) -> Option<String>) -> Result<Vec<String>, Loss> {
    if keys.is_empty() {
        return Err(Loss::KeyUnnamed);
    }
    keys.iter().map(|key| word(key).ok_or(Loss::KeyUnnamed)).collect()
}

/// For a space that cannot hold keys down meanwhile.
fn without_modifiers(modifiers: &[String]) -> Result<(), Loss> {
    if modifiers.is_empty() { Ok(()) } else { Err(Loss::Modifiers) }
}

/// For a space that drags with the left button only.
fn left_drag(button: Button) -> Result<(), Loss> {
    if button == Button::Left { Ok(()) } else { Err(Loss::DragButton) }
}

/// Waiting in seconds, to the tenth.
fn secs(millis: u64) -> f64 {
    (millis as f64 / 100.0).round() / 10.0
}

//! What a step did, as all action spaces are made from it.

use overt_dataset::StepRow;
use overt_event::{Button, Point};

use crate::loss::Loss;

/// One action in pixels of its picture. Modifiers are of ctrl, alt, shift, super, in that order.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Click {
        at: Point,
        button: Button,
        count: u32,
        modifiers: Vec<String>,
    },
    /// From the press to the release; at least two points.
    Drag {
        path: Vec<Point>,
        button: Button,
        modifiers: Vec<String>,
    },
    /// In notches; right and down are positive.
    Scroll {
        at: Point,
        right: f64,
        down: f64,
        modifiers: Vec<String>,
    },
    Type {
        text: String,
    },
    /// Modifiers, then one trigger, by X keysym name. `count` is 1 plus the repeats.
    Key {
        keys: Vec<String>,
        count: u32,
    },
    Hover {
        at: Point,
    },
    Wait {
        millis: u64,
    },
    /// A task ended. `None` where nobody said how.
    Finish {
        succeeded: Option<bool>,
    },
}

impl Deed {
    /// What a row tells. `outcome`: of its episode.
    ///
    /// Errors: the loss that leaves the step out of any action space.
    pub fn of(step: &StepRow, outcome: Option<&str>) -> Result<Self, Loss> {
        let at = || step.at().ok_or(Loss::NoPosition);
        let count = step.count.and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
        let modifiers = || step.modifiers.clone();
        let deed = match step.kind.as_str() {
            "click" | "double_click" | "triple_click" => {
                Self::Click { at: at()?, button: button(step)?, count, modifiers: modifiers() }
            }
            "drag" if step.path.len() < 2 => return Err(Loss::NoPosition),
            "drag" => Self::Drag { path: step.path.clone(), button: button(step)?, modifiers: modifiers() },
            "scroll" => Self::Scroll {
                at: at()?,
                right: step.dx_notch.unwrap_or_default(),
                down: step.dy_notch.unwrap_or_default(),
                modifiers: modifiers(),
            },
            "type" => Self::Type { text: typed(step)? },
            "key" => Self::Key { keys: step.keys.clone(), count },
            "hover" => Self::Hover { at: at()? },
            "wait" => {
                let millis = step.t_end_millis.saturating_sub(step.t_start_millis);
                Self::Wait { millis: u64::try_from(millis).unwrap_or_default() }
            }
            _ => finish(step, outcome)?,
        };
        deed.is_inside(step.width, step.height).then_some(deed).ok_or(Loss::OutsidePicture)
    }

    /// The points that it acts on.
    pub fn points(&self) -> &[Point] {
        match self {
            Self::Click { at, .. } | Self::Scroll { at, .. } | Self::Hover { at } => std::slice::from_ref(at),
            Self::Drag { path, .. } => path,
            Self::Type { .. } | Self::Key { .. } | Self::Wait { .. } | Self::Finish { .. } => &[],
        }
    }

    fn is_inside(&self, width: i32, height: i32) -> bool {
        self.points().iter().all(|p| (0..width).contains(&p.x) && (0..height).contains(&p.y))
    }
}

fn button(step: &StepRow) -> Result<Button, Loss> {
    match step.button.as_deref() {
        Some("left") => Ok(Button::Left),
        Some("middle") => Ok(Button::Middle),
        Some("right") => Ok(Button::Right),
        Some("back") => Ok(Button::Back),
        Some("forward") => Ok(Button::Forward),
        _ => Err(Loss::ExtraButton),
    }
}

fn typed(step: &StepRow) -> Result<String, Loss> {
    match &step.text {
        Some(text) if text.is_empty() => Err(Loss::TextTakenBack),
        Some(text) => Ok(text.clone()),
        None => Err(Loss::TextMasked),
    }
}

/// The end of a recording says nothing about a task.
fn finish(step: &StepRow, outcome: Option<&str>) -> Result<Deed, Loss> {
    if step.finish_reason.as_deref() != Some("task_ends") {
        return Err(Loss::NotATaskEnd);
    }
    let succeeded = match outcome {
        Some("succeeded" | "thumbs_up") => Some(true),
        Some("failed" | "thumbs_down") => Some(false),
        _ => None,
    };
    Ok(Deed::Finish { succeeded })
}

//! `agentnet`: a line an episode, its steps with the picture before and code.

use overt_dataset::{EpisodeRow, StepRow};
use serde::Serialize;

use super::Writer;
use crate::error::ExportError;
use crate::export::Told;
use crate::folder::{PICTURES, SplitFiles, picture_name};
use crate::loss::Loss;
use crate::space::Space;

#[derive(Serialize)]
struct Trajectory {
    task_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction: Option<String>,
    /// Left out where nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    task_completed: Option<bool>,
    traj: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    index: usize,
    /// A bare file name.
    image: String,
    value: Code,
}

#[derive(Serialize)]
struct Code {
    code: String,
}

/// A trajectory that goes on.
struct Open {
    episode: (String, i32),
    split: String,
    trajectory: Trajectory,
}

pub(super) struct Agentnet {
    space: Space,
    lines: SplitFiles,
    open: Option<Open>,
}

impl Agentnet {
    pub(super) fn new(space: Space) -> Self {
        Self { space, lines: SplitFiles::lines(""), open: None }
    }

    /// Writes the trajectory that has ended. One without steps is none.
    fn end(&mut self, told: &Told<'_>) -> Result<(), ExportError> {
        match self.open.take() {
            Some(open) if !open.trajectory.traj.is_empty() => {
                self.lines.push(told.folder, &open.split, &open.trajectory)
            }
            _ => Ok(()),
        }
    }
}

impl Writer for Agentnet {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let key = (step.recording.clone(), step.episode);
        if self.open.as_ref().is_none_or(|open| open.episode != key) {
            self.end(told)?;
            self.open = Some(begin(key, step, episode, told));
        }
        let said = told.say(self.space, step, episode);
        let pictured = said.and_then(|calls| Ok((calls, step.image_before.as_ref().ok_or(Loss::NoPicture)?)));
        let Some((calls, png)) = told.or_lost(pictured) else { return Ok(()) };
        let Some(open) = &mut self.open else { return Ok(()) };
        let image = picture_name(step.row);
        told.folder.write(&format!("{PICTURES}/{image}"), png)?;
        told.exported += 1;
        let index = open.trajectory.traj.len();
        open.trajectory.traj.push(Step { index, image, value: Code { code: calls.join("\n") } });
        Ok(())
    }

    fn finish(mut self: Box<Self>, told: &mut Told<'_>) -> Result<(), ExportError> {
        self.end(told)?;
        self.lines.close()?;
        Ok(())
    }
}

fn begin(key: (String, i32), step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Open {
    if episode.instruction.is_none() {
        told.losses.count(Loss::NoInstruction);
    }
    let task_completed = match episode.outcome.as_deref() {
        Some("succeeded" | "thumbs_up") => Some(true),
        Some("failed" | "thumbs_down") => Some(false),
        _ => None,
    };
    let trajectory = Trajectory {
        task_id: format!("{}_{}", key.0, key.1),
        instruction: episode.instruction.clone(),
        task_completed,
        traj: Vec::new(),
    };
    Open { episode: key, split: step.split.clone(), trajectory }
}

//! `calls`: a line a step, with its picture's name and its calls.

use overt_dataset::{EpisodeRow, StepRow};
use serde::Serialize;

use super::Writer;
use crate::error::ExportError;
use crate::export::Told;
use crate::folder::{PICTURES, SplitFiles, picture_name};
use crate::space::Space;

#[derive(Serialize)]
struct Line<'a> {
    row: i64,
    recording: &'a str,
    episode: i32,
    step: i32,
    instruction: Option<&'a str>,
    /// Null where there is no picture.
    image: Option<String>,
    width: i32,
    height: i32,
    calls: Vec<String>,
}

pub(super) struct Calls {
    space: Space,
    lines: SplitFiles,
}

impl Calls {
    pub(super) fn new(space: Space) -> Self {
        Self { space, lines: SplitFiles::lines("") }
    }
}

impl Writer for Calls {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let said = told.say(self.space, step, episode);
        let Some(calls) = told.or_lost(said) else { return Ok(()) };
        let image = match &step.image_before {
            Some(png) => {
                let name = format!("{PICTURES}/{}", picture_name(step.row));
                told.folder.write(&name, png)?;
                Some(name)
            }
            None => None,
        };
        told.exported += 1;
        let line = Line {
            row: step.row,
            recording: &step.recording,
            episode: step.episode,
            step: step.step,
            instruction: episode.instruction.as_deref(),
            image,
            width: step.width,
            height: step.height,
            calls,
        };
        self.lines.push(told.folder, &step.split, &line)
    }

    fn finish(self: Box<Self>, _: &mut Told<'_>) -> Result<(), ExportError> {
        self.lines.close()?;
        Ok(())
    }
}

//! `ms-swift`: `messages` and `images` a line; beside them, boxes of elements.

use overt_dataset::{EpisodeRow, StepRow};
use serde::Serialize;

use super::Writer;
use super::grounding::{Target, targets};
use crate::chat::{Story, Turn};
use crate::error::ExportError;
use crate::export::Told;
use crate::folder::{PICTURES, SplitFiles, picture_name};
use crate::space::Space;

#[derive(Serialize)]
struct Sample {
    messages: [Message; 2],
    images: [String; 1],
}

#[derive(Serialize)]
pub(super) struct Located {
    messages: [Message; 2],
    images: [String; 1],
    objects: Objects,
}

#[derive(Serialize)]
pub(super) struct Message {
    role: &'static str,
    content: String,
}

/// Real pixels: ms-swift makes the model's own coordinates of them.
#[derive(Serialize)]
struct Objects {
    r#ref: [String; 1],
    bbox: [[i32; 4]; 1],
    bbox_type: &'static str,
}

/// A question and its answer.
pub(super) fn messages(question: String, answer: String) -> [Message; 2] {
    [Message { role: "user", content: question }, Message { role: "assistant", content: answer }]
}

pub(super) struct MsSwift {
    story: Story,
    samples: SplitFiles,
    located: SplitFiles,
}

impl MsSwift {
    pub(super) fn new(space: Space) -> Self {
        Self {
            story: Story::new(space),
            samples: SplitFiles::lines(""),
            located: SplitFiles::lines("grounding-"),
        }
    }
}

impl Writer for MsSwift {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let turn = self.story.turn(step, episode, told);
        let turn = told.or_lost(turn);
        let targets = targets(step);
        told.losses.omit(&targets.omitted);
        let targets = targets.alone;
        if let Some(png) = step.image_before.as_ref().filter(|_| turn.is_some() || !targets.is_empty()) {
            told.folder.write(&format!("{PICTURES}/{}", picture_name(step.row)), png)?;
        }
        for target in &targets {
            self.located.push(told.folder, &step.split, &located(target, step.row))?;
        }
        let Some(Turn { question, answer, image }) = turn else { return Ok(()) };
        told.exported += 1;
        let sample = Sample { messages: messages(question, answer), images: [image] };
        self.samples.push(told.folder, &step.split, &sample)
    }

    fn finish(self: Box<Self>, _: &mut Told<'_>) -> Result<(), ExportError> {
        self.samples.close()?;
        self.located.close()?;
        Ok(())
    }
}

pub(super) fn located(target: &Target, row: i64) -> Located {
    let b = target.bounds;
    Located {
        messages: messages("<image>Where is <ref-object>?".to_owned(), "<bbox>".to_owned()),
        images: [format!("{PICTURES}/{}", picture_name(row))],
        objects: Objects {
            r#ref: [target.words()],
            bbox: [[b.x, b.y, b.x + b.w, b.y + b.h]],
            bbox_type: "real",
        },
    }
}

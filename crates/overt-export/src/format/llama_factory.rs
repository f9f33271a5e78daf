//! `llama-factory`: sharegpt with OpenAI's roles, and the `dataset_info.json` that names it.

use overt_dataset::{EpisodeRow, StepRow};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Writer;
use super::ms_swift::{Message, messages};
use crate::chat::{Story, Turn};
use crate::error::ExportError;
use crate::export::Told;
use crate::folder::SplitFiles;
use crate::space::Space;

#[derive(Serialize)]
struct Sample {
    messages: [Message; 2],
    images: [String; 1],
}

pub(super) struct LlamaFactory {
    story: Story,
    samples: SplitFiles,
}

impl LlamaFactory {
    pub(super) fn new(space: Space) -> Self {
        Self { story: Story::new(space), samples: SplitFiles::lines("") }
    }
}

impl Writer for LlamaFactory {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let turn = self.story.turn(step, episode, told);
        let Some(Turn { question, answer, image }) = told.or_lost(turn) else { return Ok(()) };
        if let Some(png) = &step.image_before {
            told.folder.write(&image, png)?;
        }
        told.exported += 1;
        let sample = Sample { messages: messages(question, answer), images: [image] };
        self.samples.push(told.folder, &step.split, &sample)
    }

    fn finish(self: Box<Self>, told: &mut Told<'_>) -> Result<(), ExportError> {
        let files = self.samples.close()?;
        let entries: Map<String, Value> =
            files.into_iter().map(|(split, file)| (format!("overt_{split}"), entry(&file))).collect();
        let mut bytes = serde_json::to_vec_pretty(&entries)?;
        bytes.push(b'\n');
        told.folder.write("dataset_info.json", &bytes)?;
        Ok(())
    }
}

fn entry(file: &str) -> Value {
    json!({
        "file_name": file,
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "images": "images"},
        "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
    })
}

//! Steps as turns of a conversation: what the user shows and asks, and the call that is the answer.

use std::collections::VecDeque;

use overt_dataset::{EpisodeRow, StepRow};

use crate::export::Told;
use crate::folder::{PICTURES, picture_name};
use crate::loss::Loss;
use crate::space::Space;

/// Earlier steps that a question repeats.
const HISTORY: usize = 10;
/// What a question says of an earlier step that the action space cannot say.
const UNSAID: &str = "(something that has no words here)";
/// Words that ms-swift or LLaMA-Factory put something else in the place of.
const RESERVED: [&str; 5] = ["<image>", "<video>", "<audio>", "<bbox>", "<ref-object>"];

/// One question and its answer.
pub(crate) struct Turn {
    /// It begins with the one placeholder `<image>`.
    pub(crate) question: String,
    pub(crate) answer: String,
    /// The picture's place in the export.
    pub(crate) image: String,
}

/// What was said so far in an episode.
pub(crate) struct Story {
    space: Space,
    episode: Option<(String, i32)>,
    before: VecDeque<String>,
    steps: usize,
}

impl Story {
    pub(crate) fn new(space: Space) -> Self {
        Self { space, episode: None, before: VecDeque::new(), steps: 0 }
    }

    /// The step as a turn.
    ///
    /// Errors: the loss that leaves it out. What comes after it is told of it all the same.
    pub(crate) fn turn(
        &mut self,
        step: &StepRow,
        episode: &EpisodeRow,
        told: &mut Told<'_>,
    ) -> Result<Turn, Loss> {
        self.go_to(step);
        let said = told.say(self.space, step, episode).map(|calls| calls.join("\n"));
        let turn = said.clone().and_then(|answer| self.ask(step, episode, answer));
        self.remember(said.unwrap_or_else(|_| UNSAID.to_owned()));
        if turn.is_ok() && episode.instruction.is_none() {
            told.losses.count(Loss::NoInstruction);
        }
        turn
    }

    fn go_to(&mut self, step: &StepRow) {
        let episode = Some((step.recording.clone(), step.episode));
        if self.episode != episode {
            (self.episode, self.steps) = (episode, 0);
            self.before.clear();
        }
    }

    fn remember(&mut self, said: String) {
        if self.before.len() == HISTORY {
            self.before.pop_front();
        }
        self.before.push_back(said);
        self.steps += 1;
    }

    fn ask(&self, step: &StepRow, episode: &EpisodeRow, answer: String) -> Result<Turn, Loss> {
        step.image_before.as_ref().ok_or(Loss::NoPicture)?;
        let words = self.words(episode);
        if RESERVED.iter().any(|word| words.contains(word) || answer.contains(word)) {
            return Err(Loss::ReservedWord);
        }
        let image = format!("{PICTURES}/{}", picture_name(step.row));
        Ok(Turn { question: format!("<image>\n{words}"), answer, image })
    }

    fn words(&self, episode: &EpisodeRow) -> String {
        let mut lines = Vec::new();
        if let Some(instruction) = &episode.instruction {
            lines.push(format!("Task: {instruction}"));
        }
        if !self.before.is_empty() {
            lines.push("Steps so far:".to_owned());
        }
        let first = self.steps - self.before.len() + 1;
        lines.extend((first..).zip(&self.before).map(|(n, said)| format!("{n}. {said}")));
        lines.push("What is the next step?".to_owned());
        lines.join("\n")
    }
}

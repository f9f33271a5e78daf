//! The formats: who reads them, and what they have no place for.

mod agentnet;
mod calls;
mod columns;
#[cfg(test)]
mod coordinates;
mod grounding;
mod hugging_face;
mod lerobot;
mod lerobot_stats;
mod lerobot_tables;
mod llama_factory;
mod ms_swift;
mod owa_events;
mod owa_schemas;
mod owamcap;
mod virtual_keys;
mod webdataset;

use overt_dataset::{EpisodeRow, StepRow};
use serde::{Serialize, Serializer};

use crate::error::ExportError;
use crate::export::Told;
use crate::film::Video;
use crate::space::Space;

/// A format of somebody else's (docs/spec/export.md, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Every step with its call in one action space.
    Calls,
    /// AgentNet's trajectories.
    Agentnet,
    MsSwift,
    LlamaFactory,
    /// Boxes and what stands in them, as ScreenSpot has it.
    Grounding,
    Webdataset,
    /// OWAMcap, with OWA's own types of messages and nothing else.
    Owamcap,
    /// What `load_dataset` opens by its folder.
    HuggingFace,
    /// LeRobot's data set v3.0.
    Lerobot,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Calls,
        Self::Agentnet,
        Self::MsSwift,
        Self::LlamaFactory,
        Self::Grounding,
        Self::Webdataset,
        Self::Owamcap,
        Self::HuggingFace,
        Self::Lerobot,
    ];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Agentnet => "agentnet",
            Self::MsSwift => "ms-swift",
            Self::LlamaFactory => "llama-factory",
            Self::Grounding => "grounding",
            Self::Webdataset => "webdataset",
            Self::Owamcap => "owamcap",
            Self::HuggingFace => "hugging-face",
            Self::Lerobot => "lerobot",
        }
    }

    /// What writes it, and the action space that it is written with: the one asked for, or its own.
    ///
    /// Errors: where a space or a video is asked for that it does not take, or no space that it needs.
    pub(crate) fn writer(
        self,
        asked: Option<Space>,
        video: Option<Video>,
    ) -> Result<(Box<dyn Writer>, Option<Space>), ExportError> {
        let is_fixed = matches!(self, Self::Agentnet | Self::Grounding | Self::Owamcap | Self::HuggingFace);
        if asked.is_some() && is_fixed {
            return Err(ExportError::SpaceNotTaken { format: self.name() });
        }
        if video.is_some() && !matches!(self, Self::Owamcap | Self::Lerobot) {
            return Err(ExportError::VideoNotTaken { format: self.name() });
        }
        let space = if self == Self::Agentnet { Some(Space::Opencua) } else { asked };
        let needed = space.ok_or(ExportError::SpaceNeeded { format: self.name() });
        let writer: Box<dyn Writer> = match self {
            Self::Calls => Box::new(calls::Calls::new(needed?)),
            Self::Agentnet => Box::new(agentnet::Agentnet::new(needed?)),
            Self::MsSwift => Box::new(ms_swift::MsSwift::new(needed?)),
            Self::LlamaFactory => Box::new(llama_factory::LlamaFactory::new(needed?)),
            Self::Grounding => Box::new(grounding::Grounding::new()),
            Self::Webdataset => Box::new(webdataset::Webdataset::new(space)),
            Self::Owamcap => Box::new(owamcap::Owamcap::new(video)),
            Self::HuggingFace => Box::new(hugging_face::HuggingFace::default()),
            Self::Lerobot => Box::new(lerobot::Lerobot::new(needed?, video)),
        };
        Ok((writer, space))
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Writes one format. Steps come in the order of their rows.
pub(crate) trait Writer {
    /// Takes a step, or counts why it does not.
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError>;

    /// Writes what waits for the end.
    fn finish(self: Box<Self>, told: &mut Told<'_>) -> Result<(), ExportError>;
}

//! What breaks on the ground.

use std::io;

use overt_hands::HandsError;

/// Why the ground does not carry. None of it holds what a page showed.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// A program is missing or does not come up.
    #[error("{program} does not come up. Install it with `cargo xtask packages`.")]
    Start { program: &'static str },
    /// A file or a pipe.
    #[error("A file or a pipe of the ground failed.")]
    Io(#[from] io::Error),
    /// The display takes no input.
    #[error("Input does not reach the ground.")]
    Hands(#[from] HandsError),
    /// What acts or sees there failed.
    #[error("What acts or sees on the ground failed.")]
    Venue(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Whoever hears of the episode failed: without them it would be for nothing.
    #[error("What happened on the ground could not be told.")]
    Witness(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The display does not tell of its windows.
    #[error("The display does not tell of its windows.")]
    Display,
    /// The browser ended.
    #[error("The browser ended.")]
    Closed,
    /// It did not answer in time.
    #[error("The browser did not answer within {millis} ms.")]
    Hung { millis: u64 },
    /// The page's process ended.
    #[error("The page crashed.")]
    Crashed,
    /// The browser refused a command.
    #[error("The browser refused {method}.")]
    Refused { method: &'static str },
    /// A script of ours failed in the page, or told something else than expected.
    #[error("The page does not tell what a task's page tells.")]
    Page,
    /// No task's page of this name.
    #[error("There is no page of that name. Name one of the files under html/miniwob, without .html.")]
    NoTask,
}

impl GroundError {
    /// Whether a fresh browser may do better.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Start { .. } | Self::NoTask | Self::Witness(_))
    }
}

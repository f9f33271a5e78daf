//! What breaks on the ground.

use std::io;

use overt_hands::HandsError;

/// Why the ground does not carry. None of it holds what a page showed.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// A program is missing or does not come up.
    #[error(
        "{program} does not come up. Install it with `cargo xtask packages`, and see that memory and disk have room."
    )]
    Start { program: &'static str },
    /// There is no folder for a browser's files.
    #[error("No folder can be made for a browser. Check the folder for temporary files and the disk's room.")]
    Folder(#[source] io::Error),
    /// A file or a pipe.
    #[error("A file or a pipe of the ground failed. Check the disk's room.")]
    Io(#[from] io::Error),
    /// The display takes no input.
    #[error("Input does not reach the ground. Check that its display runs and has XTEST.")]
    Hands(#[from] HandsError),
    /// What acts or sees there failed.
    #[error("What acts or sees on the ground failed. Check the desktop that it runs on.")]
    Venue(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Whoever hears of the episode failed: without them it would be for nothing.
    #[error("What happened on the ground could not be told. Check who was to hear of it.")]
    Witness(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The display does not tell of its windows.
    #[error("The display does not tell of its windows. Check that it runs.")]
    Display,
    /// The browser ended.
    #[error("The browser ended. Try again with a fresh one.")]
    Closed,
    /// It did not answer in time.
    #[error("The browser did not answer within {millis} ms. Try again with a fresh one.")]
    Hung { millis: u64 },
    /// The page's process ended.
    #[error("The page crashed. Try again with a fresh browser.")]
    Crashed,
    /// The browser refused a command.
    #[error("The browser refused {method}. Use Debian's Chromium.")]
    Refused { method: &'static str },
    /// A script of ours failed in the page, or told something else than expected.
    #[error("The page does not tell what a task's page tells. Name MiniWoB++'s folder `html`.")]
    Page,
    /// No task's page of this name.
    #[error("There is no page of that name. Name one of the files under html/miniwob, without .html.")]
    NoTask,
}

impl GroundError {
    /// Whether a fresh browser may do better.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Start { .. } | Self::Folder(_) | Self::NoTask | Self::Witness(_))
    }

    /// Whether a key or a character was asked for that the keyboard does not have: the browser is whole.
    pub(super) fn is_missing_key(&self) -> bool {
        matches!(self, Self::Hands(HandsError::NoSuchKey | HandsError::NoSpareKey))
    }
}

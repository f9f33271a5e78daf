//! How the command ends, and how it says so.

use std::process::ExitCode;

/// What the shell learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    /// The command line asks for what cannot be.
    Usage,
    /// Done, but something was lost on the way.
    DoneWithLoss,
    /// Nothing is wrong for good: try later.
    TryLater,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::DoneWithLoss => 3,
            Exit::TryLater => 75,
        })
    }
}

/// A failure with the exit code it deserves where that is not 1.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    pub exit: Exit,
    pub message: String,
}

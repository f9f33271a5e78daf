//! What ends a recording, or keeps it from beginning.

use thiserror::Error;

/// Why nothing is recorded, or nothing more. Two sentences: what happened; what to do.
#[derive(Debug, Error)]
pub enum RecordError {
    #[error(transparent)]
    Control(#[from] crate::control::ControlError),
    #[error(transparent)]
    Filter(#[from] overt_filter::FilterError),
    #[error(transparent)]
    Display(#[from] overt_capture_x11::X11Error),
    #[error(transparent)]
    Seal(#[from] overt_seal::SealError),
    #[error(transparent)]
    Spool(#[from] overt_spool::SpoolError),
    #[error(
        "this consent was withdrawn. Nothing is recorded unless you consent anew, on another day or to other terms"
    )]
    Withdrawn,
    #[error(
        "the indicator is no longer visible, so recording stopped. Start it again when the display works"
    )]
    IndicatorGone,
    #[error("the display went away, so recording stopped. What was recorded until then is sealed and kept")]
    DisplayGone,
    #[error(
        "the recorder lost count of what it saw, so the recording is marked incomplete. It has a fault; report it"
    )]
    Unreconciled,
    #[error("there is no random number source, so nothing can be encrypted. Check the system")]
    NoRandomness,
    #[error("a signal handler could not be set up, so Ctrl-C would lose data. Check the system")]
    Signals(#[source] std::io::Error),
}

impl From<overt_pen::PenError> for RecordError {
    fn from(error: overt_pen::PenError) -> Self {
        match error {
            overt_pen::PenError::Seal(error) => Self::Seal(error),
            overt_pen::PenError::Spool(error) => Self::Spool(error),
        }
    }
}

impl RecordError {
    /// Whether trying the same again later is pointless.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Spool(error) if !error.is_permanent())
    }
}

//! Why a recording cannot be written on.

use thiserror::Error;

/// The room that could not go on.
#[derive(Debug, Error)]
pub enum PenError {
    #[error(transparent)]
    Seal(#[from] overt_seal::SealError),
    #[error(transparent)]
    Spool(#[from] overt_spool::SpoolError),
}

impl PenError {
    /// Whether trying the same again later is pointless.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Spool(error) if !error.is_permanent())
    }
}

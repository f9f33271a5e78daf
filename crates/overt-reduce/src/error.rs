//! What stops a reduction.

use thiserror::Error;

/// A recording that cannot be reduced.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReduceError {
    #[error(
        "Input {seq} came after input {after}, although they are numbered in order. \
         Check the recording with `overt verify`."
    )]
    OutOfOrder { seq: u64, after: u64 },
    #[error("The recording could not be read to its end. Check it with `overt verify`.")]
    Unseal(#[from] overt_unseal::UnsealError),
}

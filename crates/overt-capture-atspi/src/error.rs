//! Why there is no accessibility source.

use std::io;

use thiserror::Error;

/// The accessibility bus cannot be used.
#[derive(Debug, Error)]
pub enum AtspiError {
    /// There is no session bus, or it knows no accessibility bus.
    #[error(
        "No accessibility bus answered. Install at-spi2-core and log in to a desktop session, then run `overt doctor`."
    )]
    NoBus(#[source] atspi::zbus::Error),
    /// The bus is there and did not answer in time.
    #[error(
        "The accessibility bus did not answer within {waited_millis} ms. Log out and in again, then run `overt doctor`."
    )]
    Silent { waited_millis: u64 },
    /// The operating system gave no thread.
    #[error("The accessibility source could not start a thread. Close some programs and start again.")]
    Thread(#[source] io::Error),
}

impl AtspiError {
    /// Whether trying again at once is useless.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::NoBus(_))
    }
}

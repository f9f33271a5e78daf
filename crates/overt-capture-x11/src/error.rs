//! What can go wrong between us and the display, in words for people.

use thiserror::Error;
use x11rb::errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::x11_utils::X11Error as Refusal;

/// Why a display cannot be captured, or can no longer be.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum X11Error {
    #[error(
        "The display could not be reached. Check that DISPLAY names a running X server that you may use."
    )]
    Connect(#[source] ConnectError),
    #[error("The connection to the display broke. Start again when the display is back.")]
    Lost(#[source] ConnectionError),
    #[error("The display refused the request {request}. Run `overt doctor` to see what it offers.")]
    Refused { request: &'static str, code: u8 },
    #[error("Another program has {chord}. Close it, or give its shortcut another key, and try again.")]
    ChordTaken { chord: &'static str },
    #[error("Another program has the pointer. Close its menu or let go of what it drags, and try again.")]
    PointerTaken,
    #[error(
        "The display has no {extension} {major}.{minor} or later. Capture needs it: use a current X server."
    )]
    Missing { extension: &'static str, major: u32, minor: u32 },
    #[error(
        "The display has pixels of depth {depth} in {bits_per_pixel} bits. Set it to a depth of 24 bits in 32."
    )]
    PixelFormat { depth: u8, bits_per_pixel: u8 },
    #[error(
        "The keyboard's layout could not be read from the display. Check that it has the XKEYBOARD extension."
    )]
    Keyboard,
    #[error(
        "Memory to share with the display could not be had. Check that the X server runs on this machine."
    )]
    SharedMemory(#[source] rustix::io::Errno),
    #[error("A thread could not be given a way to be woken. Check this process's limit of open files.")]
    Wake(#[source] rustix::io::Errno),
    #[error("A capture thread ended before it was ready. Start again, and report it if it happens twice.")]
    Ended,
    #[error("A capture thread could not be started. Check this user's limit of processes.")]
    Thread(#[source] std::io::Error),
    #[error("{got} frames a second were asked for. Ask for 30 at most.")]
    Rate { got: u32 },
    #[error("The display has run out of resource ids for us. Start again.")]
    IdsExhausted,
}

impl X11Error {
    /// Whether trying again on the same display must fail the same way.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::PixelFormat { .. } | Self::Rate { .. })
    }
}

impl From<ConnectionError> for X11Error {
    fn from(e: ConnectionError) -> Self {
        Self::Lost(e)
    }
}

impl From<ReplyError> for X11Error {
    fn from(e: ReplyError) -> Self {
        match e {
            ReplyError::ConnectionError(e) => Self::Lost(e),
            ReplyError::X11Error(e) => Self::from(e),
        }
    }
}

impl From<ReplyOrIdError> for X11Error {
    fn from(e: ReplyOrIdError) -> Self {
        match e {
            ReplyOrIdError::IdsExhausted => Self::IdsExhausted,
            ReplyOrIdError::ConnectionError(e) => Self::Lost(e),
            ReplyOrIdError::X11Error(e) => Self::from(e),
        }
    }
}

impl From<Refusal> for X11Error {
    fn from(e: Refusal) -> Self {
        Self::Refused { request: e.request_name.unwrap_or("of an unknown name"), code: e.error_code }
    }
}

/// A reply about somebody else's window, which may be gone by the time it is asked for: that is
/// `None`, and only a broken connection is an error.
pub(crate) fn if_still_there<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, X11Error> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(e)) => Err(X11Error::Lost(e)),
    }
}

//! What keeps hands from acting.

use x11rb::errors::{ConnectError, ConnectionError, ReplyError};

/// Why something was not done. No variant holds what was to be typed.
#[derive(Debug, thiserror::Error)]
pub enum HandsError {
    /// Nobody is at the display's address.
    #[error("The display does not answer. Check its name.")]
    Connect(#[from] ConnectError),
    /// The display went away.
    #[error("The display is gone. Start it again.")]
    Connection(#[from] ConnectionError),
    /// The display refused.
    #[error("The display refused a request. Check that it has XTEST.")]
    Reply(#[from] ReplyError),
    /// There is no XTEST.
    #[error("The display takes no input from programs. Use one with XTEST.")]
    NoXtest,
    /// There is no XKEYBOARD.
    #[error("The display does not tell its keyboard's layout. Use one with XKEYBOARD.")]
    NoXkb,
    /// No key has this name, or the keyboard does not have it.
    #[error("The keyboard has no key of that name. Use X keysym names, such as Return.")]
    NoSuchKey,
    /// Every spare key is lent.
    #[error("The keyboard has no spare key for a character. Type only what its keys have.")]
    NoSpareKey,
    /// A place that no display has.
    #[error("A place lies outside every display. Choose one on the screen.")]
    Outside,
}

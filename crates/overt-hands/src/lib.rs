//! Moves the pointer and presses the keys of an X11 display as a device would.
//!
//! # Context
//! The scripted person of the tests and an agent that acts both work by XTEST: applications take what comes
//! from here as they take a mouse and a keyboard, and a recorder sees that a program made it.
//!
//! # Design
//! [`Keyboard`] finds the key for a character and lends spare keys to characters that have none. [`Hands`] acts at
//! once; who wants to move as people do, paces it. Caps lock and a second layout are put off while something is typed.
//!
//! # Invariants
//! * Nothing is warped: a pointer that moves has moved for everyone.
//! * Keys that were lent are taken back.

mod error;
mod hands;
mod keyboard;
mod locks;

pub use error::HandsError;
pub use hands::Hands;
pub use keyboard::{Keyboard, Stroke};

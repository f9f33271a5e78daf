//! Acts in one agreed window by what a model learned, in sight of its owner.
//!
//! # Context
//! One of the *hands*: what `overt-learn` decided becomes input, and what a window shows becomes a scene to decide
//! in. `overt act` is its face.
//!
//! # Design
//! [`Eye`] asks the accessibility bus, through the same source that the recorder has, what a window shows: acting sees
//! what recording saw. [`Permit`] is the verdict by which a window may be recorded, together with the purpose: what site it
//! shows, whether it browses privately and whether the display is locked count as they do there. The ward asks it, the
//! stop key and the papers before each look, each deed and each character, and once more when the pointer has arrived; what the
//! window shows is asked anew before each look and each deed, and within a text where the title has changed.
//!
//! # Invariants
//! * Nothing is done outside of the window that a person chose, but in the menus and lists of its application.
//! * Nothing is done where agreement and consent do not name the application, or not the purpose to evaluate agents.
//! * While anything can be done, a frame around the window says so, and a key stops it, whoever has grabbed the keyboard.
//! * Nothing is done while the person holds a key or a button, or once they moved the pointer; of keys that come and
//!   go between two deeds nothing is known.
//! * A dry run sends no input.
//! * Nothing that was seen is written down or stands in an error.

mod act;
mod chord;
mod desk;
mod error;
mod eye;
mod frame;
mod permit;
mod ward;

pub use act::{Acted, Ended, Order, act};
pub use error::ActError;
pub use eye::{Eye, Looked};
pub use frame::{FRAME_COLOUR, Frame};
pub use permit::Permit;

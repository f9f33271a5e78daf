//! Turns an opened recording into episodes of observations and actions.
//!
//! # Context
//! A room on the study's side. It takes [`overt_unseal::Opened`] and gives [`Step`]s to the room
//! `dataset`. The rules and their numbers are written down in `docs/spec/dataset.md`, section 2.
//!
//! # Design
//! [`reduce`] is an iterator: records go in one after the other, steps come out some seconds later,
//! when their element, their frame after and the releases of their keys have arrived. Each gesture
//! (press, run of text, chord, run of scrolling, rest of the pointer) is a small machine in `rules/`
//! that begins a draft and adds events to it; drafts wait in one queue, in the order they began.
//!
//! # Invariants
//! * There is no other way in than an opened recording: [`Step`] and [`Episode`] have no public maker.
//! * Pure: no clock, no file, no randomness. The same records give the same steps under one
//!   [`REDUCER_VERSION`].
//! * Every input event ends in exactly one action, in `ignored(reason)` or in `error(reason)`.
//! * No step has an observation whose grab ended after the action began.
//! * Memory does not grow with the recording, except for its list of episodes.

mod action;
mod context;
mod draft;
mod entry;
mod episodes;
mod error;
mod fate;
mod finish;
mod flaws;
mod frames;
mod outbox;
mod reducer;
mod reduction;
mod rules;
mod screens;
mod settings;
mod stage;
mod step;
#[cfg(test)]
mod tests;

pub use action::{Action, Edit, FinishReason, Intent, SwitchedBy, Typed};
pub use error::ReduceError;
pub use fate::{Fault, Ignored, Ledger};
pub use reduction::{Closing, Reduction, reduce};
pub use rules::chord::modifier_names;
pub use settings::{REDUCER_VERSION, Settings};
pub use step::{After, Before, Elements, EndedBy, Episode, Missing, Screen, Shot, Step, Target, Window};

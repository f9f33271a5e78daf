//! Orders what the sources see, keeps the recent frames and binds each input to the screen before it.
//!
//! # Context
//! The platform crates (`overt-capture-x11`, `overt-capture-atspi`) put [`overt_event::RawEvent`]s
//! into an [`Outlet`]; the recorder reads the other end and feeds minimise.
//!
//! # Design
//! One bounded queue for all sources. An event gets its sequence number where the queue is read, so
//! there is one order. Frames go through the [`Binder`], which keeps a ring of them and decides
//! which one was on the screen before an input.
//!
//! # Invariants
//! * A source never waits: what does not fit is counted, and the count becomes a gap.
//! * A frame is bound to an event only if its grab ended before the event happened.

mod binder;
pub mod fake;
mod outlet;
mod sleep;
mod stack;

pub use binder::{AFTER_MILLIS_MAX, Binder, Pictures, SETTLE_MILLIS, STILL_MILLIS};
pub use outlet::{Outlet, QueueFull, monotonic_now, queue};
pub use sleep::{ClockReading, SleepWatch, read_clocks};
pub use stack::WindowStack;

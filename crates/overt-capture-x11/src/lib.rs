//! Sees pointer, keys, windows and pixels of an X11 desktop, and shows that it does.
//!
//! # Context
//! One of the *hands*. It puts [`overt_event::RawEvent`]s into an [`overt_capture::Outlet`]; what of
//! them may be kept is decided elsewhere.
//!
//! # Design
//! Two threads, each with its own connection, so that neither waits for the other. The *input*
//! thread takes XInput2 raw events (and the repeats of held keys from RECORD), follows the keyboard's layout, the
//! windows, the workspaces, the monitors and the pointer's shape. The
//! *screen* thread grabs into shared memory when XDamage says that something changed, compares
//! tile by tile, and tells with each picture which windows it shows. Near an input it grabs sooner than
//! the agreed rate, so that the picture before a press is fresh; what of it is kept the binder decides. [`Indicator`] is a third
//! thread and connection, with the badge that says so to the person. [`PauseKey`] is a fourth thread with two connections: one
//! keeps its chord from applications, the other hears the devices' keys, of which it knows only which are down. [`Sight`] looks at
//! the same windows for whoever acts, and [`StopKey`] stops that.
//!
//! # Cost
//! While the screen stands still: 0.03 % of a core (9 ms of CPU in 30 s at 1920x1080 with openbox,
//! `cargo run --example idle_cost`), all of it for looking twice a second whether a program moved
//! the pointer.
//!
//! # Invariants
//! * A button or key event is never dropped or reordered here; moves are put together.
//! * After a pause was asked for nothing leaves, and after it nothing leaves before the state of
//!   things was told anew.
//! * A frame names its windows only if none of them changed while it was taken.
//! * A frame names an arrangement of monitors only if that did not change while it was taken.
//! * While a screen saver or a lock covers the display nothing leaves but the gap that says so.
//! * Nothing is grabbed while nothing changes.
//! * No captured content, title or path is in an error or a log.

mod capture;
mod chord;
mod cover;
mod cursor;
mod devices;
mod error;
mod front;
mod gestures;
mod held;
mod identity;
mod indicator;
mod input;
mod keyboard;
mod pace;
mod pause_key;
mod pointer;
mod probe;
mod repeats;
mod screen;
mod shared;
mod shm;
mod sight;
mod stack;
mod tiles;
mod time;
mod topology;
mod wake;
mod windows;

pub use capture::{X11Capture, X11Config, start};
pub use error::X11Error;
pub use front::{Front, InFront};
pub use indicator::{Indicator, IndicatorState};
pub use pause_key::{PauseKey, StopKey};
pub use probe::{Finding, probe};
pub use shared::OwnWindows;
pub use sight::{Choice, Held, Pointed, Sight};

//! The one room that turns what was observed into what may be kept.
//!
//! # Context
//! The recorder hands every [`overt_event::RawEvent`] to a [`Minimiser`] in the order of its sequence
//! number, and gets [`Minimised`] records back, in the same order. Everything behind this room (seal,
//! spool, upload) takes only [`Minimised`], and nobody else can make one.
//!
//! # Design
//! The *desk* knows which windows are where and the verdict on each; every stream is judged by it:
//! pointers by the window under the point, keys by the active window, accessibility by the windows of
//! its process, pictures window by window, the pointer's shape by the window under it and the one in use. What passed goes into a queue. Keys, and what an
//! application tells of its text, wait there until it is known that no password field had the focus;
//! all that came after waits behind them, so that a pause takes it too. Text waits on until what it may
//! become part of is judged (the two lines of *reading*). Released records are coarsened to what their
//! level allows, and stripped of secrets (docs/spec/filter.md).
//!
//! Where the terms name sites, whatever a verdict allowed for its site waits until a later look at the window
//! confirms it (*sites*).
//!
//! A picture waits for a moment as well: for what tells where something secret stands (*veils*), and at
//! level `masked` for the snapshot that says which of its pixels are labels of controls.
//!
//! Under an import agreement there is no desktop: everything belongs to the source that the agreement
//! names, and the source's own order tells what had the focus when.
//!
//! A record that no event stands for (a gap, a change of verdict) has the sequence number of the event
//! that caused it and stands before that event's record.
//!
//! # Invariants
//! * No terms, no verdict, no owner, no known focus: each means no.
//! * Nothing that was denied leaves a trace but a rule and a span of whole seconds.
//! * Characters leave only as text with times of 100 ms, never as keys.
//! * What a rule of the filter finds in text leaves a mark and a count, in no stream its characters; what
//!   could still become such a thing waits, or is dropped.
//! * Memory is bounded; what did not fit becomes a gap.
//! * What came in is counted as kept, denied, merged, lost, held or of a kind that is never kept.

mod court;
mod desk;
mod desktop_state;
mod fate;
mod focus;
mod gaps;
mod held;
mod keys;
mod level;
mod line;
mod masked;
mod minimised;
mod minimiser;
mod names;
mod naming;
mod observe;
mod picture;
mod pixels;
mod private;
mod reading;
mod release;
mod settings;
mod showed;
mod sites;
mod tally;
mod veil;

pub use minimised::Minimised;
pub use minimiser::Minimiser;
pub use private::browsing;
pub use settings::Settings;
pub use tally::{EventKind, KindTally, Tally};

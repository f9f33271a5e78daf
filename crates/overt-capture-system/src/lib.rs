//! Asks the system bus whether the machine is on its battery, on a metered network, locked or going to sleep.
//!
//! # Context
//! One of the *hands*. The recorder keeps within the agreement's budget by the first two signs
//! (docs/spec/agreement.md, section 5), tells the display's source of the third, which makes one gap of
//! all that covers the display, and syncs at the fourth. That the machine *slept* is told by the
//! display's source from the clocks, with or without a system bus.
//!
//! # Design
//! One thread and one connection. UPower (`OnBattery`), NetworkManager (`Metered`) and logind
//! (`LockedHint` of the person's session, `PreparingForSleep`) are asked once at the start, and again
//! when they say that something changed or when they come anew. A signal is only a reason to ask: what
//! is believed is the answer of whoever owns the name.
//!
//! # Invariants
//! * A sign that nobody tells, or not in time, is unknown; it is never guessed.
//! * Every question has a deadline, so that a service that hangs holds up nobody.
//! * Nothing is asked for but these four signs: no device, no network and no user is named.

mod bus;
mod sign;
mod watch;

pub use sign::Signs;
pub use watch::{SystemConfig, SystemError, SystemWatch, start};

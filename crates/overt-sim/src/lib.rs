//! A stage for tests and the demo: a desktop of its own, real applications and a scripted person.
//!
//! # Context
//! A *tool*: nothing that ships to a contributor depends on it. Live tests and `overt-demo` start a
//! [`desktop::Desktop`], put real applications on it and let somebody work there.
//!
//! # Design
//! The stage is made of the real things (Xvfb, openbox, a session bus, the accessibility bus,
//! Chromium, GTK applications); only the person is scripted, and even they move the pointer by XTEST
//! as a device would, never by warping it.
//!
//! # Invariants
//! * Nothing of a desktop outlives its [`desktop::Desktop`], not even when the test process is killed.
//! * No process is ended by name.
//! * Waiting is for events with a deadline; only a person's own pauses are time.

pub mod apps;
pub mod barcode;
pub mod clock;
pub mod cost;
pub mod desktop;
pub mod overt;
pub mod pages;
pub mod person;
pub mod python;
pub mod report;
pub mod screen;
pub mod script;
pub mod silent_app;
pub mod stopwatch;

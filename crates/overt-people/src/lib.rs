//! Lets scripted people do a benchmark's tasks while Overt records them, and compares what is learned with what they did.
//!
//! # Context
//! A *tool*, beside `overt-demo`: docs/evaluation.md tells what it measures. Everything between the people and the
//! models is the real thing: the command `overt` records under a signed agreement, with indicator and consent.
//!
//! # Design
//! People know their task from a model of published demonstrations; a temper, drawn from a seed, makes them do it their own
//! way. They act before a witness who marks tasks in the recording and keeps an account of their deeds by the page's
//! own word. The same probe learns from the recordings and from the account; the one acts by what the accessibility
//! bus tells, as it was recorded, the other by what the page tells.
//!
//! [`Desk`] holds tasks of our own, for what no page of the benchmark has: two applications, keys alone, a menu bar.
//!
//! # Invariants
//! * Nothing of the account reaches the recordings' side.
//! * No agent is tried on a page that people did.
//! * What was recorded already is not recorded again, and never taken for what was recorded in another way.

mod account;
mod compare;
mod desk;
mod desk_habit;
mod habit;
mod person;
mod plan;
mod seeds;
mod session;
mod stand;
mod teller;
mod truth;
mod trying;

pub use compare::Trials;
pub use desk::{DESK_TASKS, Desk, DeskTask, Set, Tried};
pub use desk_habit::DeskHabit;
pub use person::Temper;
pub use seeds::{PEOPLE_MAX, TASKS_MAX};
pub use session::{Recorded, Task, Work};
pub use truth::{Told, ToldDeed};
pub use trying::Trying;

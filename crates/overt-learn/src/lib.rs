//! Learns from a data set, acts by what it learned, and reports how often that succeeds.
//!
//! # Context
//! The last room: it takes a data set version and answers whether such data makes an agent better. The form of
//! a model is in docs/spec/model.md, how success is measured in docs/evaluation.md.
//!
//! # Design
//! [`Lessons`] reads a data set's episodes; [`Model::train`] makes one of the small probes of [`Probe`] of them. The same
//! [`Moment`] (goal, scene, past) stands before each step in training and in acting, so that nothing can differ
//! between the two. An [`Agent`] acts by a [`Policy`] in a [`World`]; [`ground`] is one, made of MiniWoB++'s pages in a real browser
//! that takes real input. [`Study`] tries many models on the same episodes, and [`Report`] sums up.
//!
//! # Invariants
//! * The learner knows no task by name.
//! * The same data set, plan and seed give the same model, byte for byte, however often learning was interrupted.
//! * It reads data sets, never recordings.
//! * An episode that broke is a failure and is counted by what broke it.

mod ablation;
mod advice;
mod agent;
mod alone;
mod appearance;
mod association;
mod attention;
mod boost;
mod broken;
mod calendar;
mod card;
mod cells;
mod clipboard;
mod compared;
mod comparison;
mod comparison_page;
mod counts;
mod course;
mod deed;
mod degrade;
mod demonstration;
mod drawn;
mod encoding;
mod error;
mod features;
mod goal;
pub mod ground;
mod hidden;
mod hovered;
mod html;
mod interval;
mod learner;
mod marginal;
mod model;
mod models;
mod moment;
mod plans;
mod probe;
mod progress;
mod report;
mod rng;
mod scene;
mod scrolled;
mod span;
mod spent;
mod study;
mod tally;
mod tape;
mod tensors;
mod tokens;
mod visible;
mod vocabulary;

pub use ablation::{Ablation, Verdict};
pub use advice::Advice;
pub use agent::{Agent, Policy, Sight, Stopped, World};
pub use alone::Alone;
pub use appearance::{Appearance, Picture};
pub use attention::Net;
pub use boost::{Choice, Growth, Tree, Trees};
pub use card::card_beside;
pub use cells::{Cell, Key};
pub use compared::{Compared, Condition, Side, by_task};
pub use comparison::Comparison;
pub use counts::{Counts, Sign};
pub use deed::{Deed, Manner, Past};
pub use degrade::{DEGRADES, Degrade};
pub use demonstration::{Demonstration, Demonstrations, Shown};
pub use error::LearnError;
pub use goal::{Goal, Word};
pub use html::{escaped, html, page};
pub use interval::{Share, gain, wilson};
pub use learner::Learner;
pub use marginal::{Marginal, SmallestPart, What};
pub use model::{Facts, Lessons, MODEL_VERSION, Model, Plan, if_taught};
pub use models::Models;
pub use moment::Moment;
pub use probe::{Decision, Learned, PROBES, Probe, Skill, step_accuracy};
pub use report::{Outcome, REPORT_VERSION, Report, typed_command};
pub use rng::Rng;
pub use scene::Scene;
pub use span::{Span, Way, spans};
pub use spent::Spent;
pub use study::{Given, Listener, Study, trial_seed};
pub use vocabulary::Vocabulary;

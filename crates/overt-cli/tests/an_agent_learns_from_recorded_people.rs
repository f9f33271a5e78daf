//! Scripted people do a task while all of Overt records them, and a model that learned from the recording does it, too.

mod place;
mod shown;

use std::path::{Path, PathBuf};

use overt_learn::{Compared, Condition, Degrade, Growth, Lessons, Model, Plan, Probe};
use overt_people::{Task, Trials, Work};
use overt_sim::overt::date_in;
use place::Place;
use shown::demonstrations;

/// What people know of a task: all that these published demonstrations teach.
fn teacher(files: &[PathBuf]) -> Model {
    let place = Place::prepared();
    place.dataset(files);
    let lessons = Lessons::read(&place.path("set"), false, &date_in(0)).expect("a data set");
    let (probe, growth) = (Probe::Fuller, Growth::default());
    let plan = Plan { probe, seed: 0, growth, episodes_max: None, degrade: Degrade::None };
    Model::train(&lessons, plan).expect("there is something to learn")
}

/// People do a task six times in two recordings; what a probe learns from these against what it learns from their account.
/// `None` without the published demonstrations.
fn compared(task: &str, level: &'static str, probe: Probe) -> Option<Compared> {
    let files = demonstrations(task)?;
    let knows = teacher(&files[..files.len().min(40)]);
    let pages = overt_sim::python::miniwob_pages().expect("miniwob from PyPI");
    let folder = tempfile::tempdir().expect("a folder");
    let work = Work {
        program: Path::new(env!("CARGO_BIN_EXE_overt")),
        demonstrations: 6,
        in_a_session: 3,
        level,
        cadence: "on_change",
        seed: 1,
    };
    let task = Task::Page { pages: &pages, name: task, knows: &knows };
    let recorded = work.record(task, folder.path()).expect("they work and are recorded");
    let trials = Trials { probe, seeds: 1, episodes: 10 };
    let under = Condition { level: level.into(), cadence: "on_change".into(), degrade: Degrade::None };
    let compared = trials.compare(task, &recorded, under, None).expect("both are tried");
    assert_eq!((compared.recorded.people, compared.truth.people), (Some(2), None), "{compared:?}");
    assert_eq!(compared.recorded.learned_episodes, compared.truth.learned_episodes, "{compared:?}");
    assert!(compared.recorded.learned_steps >= compared.truth.learned_steps * 4 / 5, "{compared:?}");
    Some(compared)
}

#[test]
fn what_people_showed_before_the_recorder_is_learned() {
    let Some(compared) = compared("click-option", "full", Probe::Fuller) else { return };
    assert!(compared.recorded.solved >= 7, "{compared:?}");
}

/// Boxes that only their colours tell apart: without the pictures one in four is right.
#[test]
fn what_only_the_pictures_show_is_learned_from_them() {
    let Some(compared) = compared("click-color", "full", Probe::Sighted) else { return };
    assert!(compared.recorded.solved >= 8, "{compared:?}");
}

/// Nobody sees the menu unfold under the pointer: it is asked for.
#[test]
fn what_unfolds_is_learned_without_a_picture() {
    let Some(compared) = compared("click-menu", "structure", Probe::Fuller) else { return };
    assert!(compared.recorded.solved >= 8, "{compared:?}");
}

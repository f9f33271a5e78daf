//! Scripted people do a task while all of Overt records them, and a model that learned from the recording does it, too.

mod place;
mod shown;

use std::path::{Path, PathBuf};

use overt_learn::{Degrade, Growth, Lessons, Model, Plan, Probe};
use overt_people::{Trials, Work};
use place::Place;
use shown::demonstrations;

/// What people know of a task: all that forty published demonstrations teach.
fn teacher(files: &[PathBuf]) -> Model {
    let place = Place::prepared();
    place.dataset(files);
    let lessons = Lessons::read(&place.path("set")).expect("a data set");
    let (probe, growth) = (Probe::Fuller, Growth::default());
    let plan = Plan { probe, seed: 0, growth, episodes_max: None, degrade: Degrade::None };
    Model::train(&lessons, plan).expect("there is something to learn")
}

#[test]
fn what_people_showed_before_the_recorder_is_learned() {
    let Some(files) = demonstrations("click-option") else { return };
    let knows = teacher(&files[..40]);
    let pages = overt_sim::python::miniwob_pages().expect("miniwob from PyPI");
    let folder = tempfile::tempdir().expect("a folder");
    let work = Work {
        program: Path::new(env!("CARGO_BIN_EXE_overt")),
        pages: &pages,
        task: "click-option",
        knows: &knows,
        demonstrations: 6,
        in_a_session: 3,
        level: "full",
        cadence: "on_change",
        seed: 1,
    };
    let recorded = work.record(folder.path()).expect("they work and are recorded");
    let trials = Trials { pages: &pages, probe: Probe::Fuller, seeds: 1, episodes: 10 };
    let compared = trials.compare("click-option", &recorded).expect("both are tried");
    assert_eq!(compared.recorded.learned_episodes, compared.truth.learned_episodes, "{compared:?}");
    assert!(compared.recorded.learned_steps >= compared.truth.learned_steps * 4 / 5, "{compared:?}");
    assert!(compared.recorded.solved >= 7, "{compared:?}");
}

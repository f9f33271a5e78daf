//! How long was recorded for what a model learns from is how long the published files last, from their first state to their last.

mod place;
mod shown;

use std::fs::File;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use overt_dataset::{EpisodeRow, read_episodes};
use overt_learn::{Demonstration, Lessons};
use overt_sim::overt::date_in;
use place::Place;
use serde_json::Value;
use shown::demonstrations;

/// From the first state in a file to the last, milliseconds.
fn told_by(file: &PathBuf) -> u64 {
    let unpacked = GzDecoder::new(File::open(file).expect("it is there"));
    let demonstration: Value = serde_json::from_reader(unpacked).expect("JSON");
    let states = demonstration["states"].as_array().expect("states");
    let time = |state: Option<&Value>| state.and_then(|s| s["time"].as_u64()).expect("whole milliseconds");
    time(states.last()) - time(states.first())
}

fn told_by_episodes(dataset: &Path) -> Vec<u64> {
    let episodes = read_episodes(dataset).expect("they read");
    let length = |e: &EpisodeRow| u64::try_from(e.t_end_millis - e.t_start_millis).expect("it ends last");
    sorted(episodes.iter().map(length))
}

fn learned_from(dataset: &Path) -> Vec<u64> {
    let lessons = Lessons::read(dataset, false, &date_in(0)).expect("a data set");
    let length = |d: &Demonstration| d.spent_millis.values().sum();
    sorted(lessons.demonstrations.all.iter().map(length))
}

fn sorted(all: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut all: Vec<u64> = all.collect();
    all.sort_unstable();
    all
}

#[test]
fn a_published_demonstration_lasts_in_a_data_set_as_long_as_in_its_file() {
    // Most of these are one press: before it the goal is read and the pointer moved.
    let Some(files) = demonstrations("click-menu") else { return };
    let place = Place::prepared();
    place.dataset(&files);
    let published = sorted(files.iter().map(told_by));
    assert_eq!(told_by_episodes(&place.path("set")), published);
    assert_eq!(learned_from(&place.path("set")), published);
}

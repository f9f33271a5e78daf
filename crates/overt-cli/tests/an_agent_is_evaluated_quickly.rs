//! The quick evaluation from beginning to end: published demonstrations of several tasks, a model of each, and a report of how often
//! they succeed in a real browser. Whatever breaks the learner, or the agent's hands and eyes, shows here.

mod place;
mod shown;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use flate2::read::GzDecoder;
use place::Place;
use serde_json::Value as Json;
use shown::demonstrations;

/// What each asks of an agent that the others do not: a path of elements that unfold, a choice by name, a list of the system's, a
/// menu under the pointer, places in a tree, one text, two texts, a press that ends it before the button is let go of.
const TASKS: [&str; 8] = [
    "click-collapsible-2-nodelay",
    "click-option",
    "choose-list",
    "click-menu",
    "navigate-tree",
    "enter-text",
    "login-user",
    "focus-text",
];
/// So many demonstrations of each task are imported; which of them are learned from, their random ids decide. Of 30 one choice in
/// some fifty taught to open a list again that had been chosen from, and nothing else: too few for a test (2026-11-29).
const SHOWN: usize = 100;
/// So many of the 20 episodes of a task, and of all 160: 156 to 160 are usual, and one kind of deed that does not work costs a
/// task.
const SOLVED_MIN: u64 = 10;
const SOLVED_ALL_MIN: u64 = 140;

#[test]
fn all_tasks_are_tried_and_the_report_stands_by_itself() {
    let mut places = Vec::new();
    for task in TASKS {
        let Some(files) = demonstrations(task) else { return };
        let place = Place::prepared();
        place.dataset(&files[..files.len().min(SHOWN)]);
        places.push(place);
    }
    let began = Instant::now();
    let report = evaluated(&TASKS, &places);
    let all: u64 = TASKS.iter().map(|task| solved(&report, task)).sum();
    let of = 20 * TASKS.len();
    eprintln!(
        "{all} of {of} episodes succeeded; all was learned and tried in {} s",
        began.elapsed().as_secs()
    );
    for task in TASKS {
        let solved = solved(&report, task);
        assert!(solved >= SOLVED_MIN, "{task}: {solved} of 20, {}", endings(&report, task));
    }
    assert!(all >= SOLVED_ALL_MIN, "{all} of {of}");
    is_whole(&report, &places[0].read("results/report.html"));
}

/// Who learns from demonstrations leaves out those that failed, which here are all.
#[test]
fn data_that_teaches_nothing_is_a_failure_that_is_counted() {
    let task = "email-inbox-nl-turk";
    let Some(files) = demonstrations(task) else { return };
    let failed: Vec<PathBuf> = files.into_iter().filter(|file| !has_succeeded(file)).take(4).collect();
    let place = Place::prepared();
    place.dataset(&failed);
    let report = evaluated(&[task], &[place]);
    assert_eq!(solved(&report, task), 0);
    assert_eq!(*endings(&report, task), serde_json::json!({ "untaught": 20 }));
    let said = report["words"][0].as_str().expect("words");
    assert!(said.contains("20 of 20 episodes of fuller count as failed"), "{said}");
}

fn has_succeeded(demonstration: &Path) -> bool {
    let file = File::open(demonstration).expect("it is there");
    let told: Json = serde_json::from_reader(BufReader::new(GzDecoder::new(file))).expect("JSON");
    told["rawReward"].as_f64().expect("a reward") > 0.0
}

/// What the quick evaluation of tasks reports, which is what it keeps.
fn evaluated(tasks: &[&str], places: &[Place]) -> Json {
    let pages = overt_sim::python::miniwob_pages().expect("miniwob from PyPI");
    let pages = pages.to_str().expect("UTF-8");
    let set = |(task, place): (&&str, &Place)| format!("{task}={}", place.path("set").display());
    let data: Vec<String> = tasks.iter().zip(places).map(set).collect();
    let data = data.iter().flat_map(|one| ["--data", one.as_str()]).collect::<Vec<_>>();
    let words =
        [&["evaluate", "--pages", pages, "--quick", "--out", "results", "--json"][..], &data].concat();
    let told: Json = serde_json::from_str(&places[0].done_words(&words)).expect("JSON");
    let kept: Json = serde_json::from_str(&places[0].read("results/report.json")).expect("JSON");
    assert_eq!(told, kept);
    told
}

fn solved(report: &Json, task: &str) -> u64 {
    let results = report["results"].as_array().expect("results");
    let own: Vec<&Json> = results.iter().filter(|r| r["task"] == task).collect();
    assert!(own.len() == 1 && own[0]["tried"] == 20 && own[0]["probe"] == "fuller", "{task}: {report}");
    own[0]["solved"].as_u64().expect("a number")
}

/// How its episodes ended, for whoever looks for the cause.
fn endings<'a>(report: &'a Json, task: &str) -> &'a Json {
    let results = report["results"].as_array().expect("results");
    &results.iter().find(|r| r["task"] == task).expect("it was tried")["endings"]
}

/// It says what made it, how sure each figure is, and what it means; the page shows all of it and needs nothing else.
fn is_whole(report: &Json, page: &str) {
    assert!(report["command"].as_str().is_some_and(|c| c.contains("--quick")), "{report}");
    let sure = |one: &Json| one["success"]["low"].is_number() && one["success"]["high"].is_number();
    assert!(report["results"].as_array().expect("results").iter().all(sure), "{report}");
    assert!(report["words"].as_array().is_some_and(|w| w.len() >= TASKS.len()), "{report}");
    assert!(TASKS.iter().all(|task| page.contains(&format!("<h2>{task}</h2>"))));
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    for elsewhere in ["<script", "<link", "<img", "src=", "href=", "url(", "@import", "http"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

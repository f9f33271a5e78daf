//! A goal without words, and models that another version of the learner made: each is refused before anything is looked at.

mod place;

use overt_event::Node;
use overt_learn::{
    Degrade, Demonstration, Demonstrations, Growth, Lessons, Manner, Model, Plan, Probe, Scene, Shown,
};
use place::Place;

/// A model that learned to press one button.
fn model(probe: Probe) -> Vec<u8> {
    let node = Node { role: "push button".into(), name: "Send".into(), ..Node::default() };
    let shown = |i: usize| {
        let (scene, manner) = (Scene::new(vec![node.clone()]), Manner::Click);
        let step = Shown { scene, manner, on: Some(0), text: None, at_millis: 0, seen_millis: 0 };
        Demonstration {
            goal: format!("Send letter {i}"),
            split: "train".into(),
            succeeded: Some(true),
            steps: vec![step],
            ..Demonstration::default()
        }
    };
    let all = (0..3).map(shown).collect();
    let lessons = Lessons::of(Demonstrations { all, ..Demonstrations::default() }, "abc");
    let growth = Growth { trees: 2, ..Growth::default() };
    let plan = Plan { probe, seed: 1, growth, episodes_max: None, degrade: Degrade::None };
    Model::train(&lessons, plan).and_then(|model| model.encode()).expect("a model")
}

/// The same bytes, but for a number that a fact of the model has.
fn with_another(bytes: &[u8], fact: &str) -> Vec<u8> {
    let fact = format!("\\\"{fact}\\\":");
    let at = bytes.windows(fact.len()).position(|w| w == fact.as_bytes()).expect("it is told");
    let digit =
        at + fact.len() + bytes[at + fact.len()..].iter().position(u8::is_ascii_digit).expect("a number");
    let mut other = bytes.to_vec();
    other[digit] = if other[digit] == b'9' { b'8' } else { b'9' };
    other
}

const ACT: [&str; 11] = [
    "act",
    "--model",
    "m.safetensors",
    "--made-of",
    "set",
    "--agreement",
    "a.toml",
    "--consent",
    "c.toml",
    "--keys",
    "keys",
];

fn act(place: &Place, goal: &str) -> (Option<i32>, String) {
    said(place, &[&ACT[..], &["--goal", goal]].concat())
}

fn said(place: &Place, words: &[&str]) -> (Option<i32>, String) {
    let output = place.run_words(words);
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn a_goal_without_words_is_a_matter_of_usage() {
    let place = Place::new();
    for goal in ["", "  ", "\t\n", "...", "\"\""] {
        let (code, told) = act(&place, goal);
        assert_eq!(code, Some(2), "{goal:?}: {told}");
        assert!(told.contains("The goal has no words. Say what is to be done"), "{goal:?}: {told}");
    }
    // With words it is the model that is missing.
    let (code, told) = act(&place, "Send it");
    assert!(code == Some(1) && told.contains("The model could not be read"), "{told}");
}

#[test]
fn a_model_of_another_version_neither_acts_nor_is_evaluated() {
    let place = Place::new();
    let evaluate = ["evaluate", "--pages", "pages", "--model", "a-task=m.safetensors", "--made-of", "set"];
    let evaluate = [&evaluate[..], &["--out", "results"]].concat();
    let fuller = ["features", "version", "ways"].map(|fact| (Probe::Fuller, fact));
    for (probe, fact) in fuller.into_iter().chain([(Probe::Attention, "net")]) {
        let bytes = with_another(&model(probe), fact);
        std::fs::write(place.path("m.safetensors"), bytes).expect("it is written");
        for (code, told) in [act(&place, "Send it"), said(&place, &evaluate)] {
            assert_eq!(code, Some(1), "{told}");
            assert!(told.contains("can be read. Train it again."), "{fact}: {told}");
        }
    }
    assert!(!place.path("results").exists(), "nothing was begun");
}

#[test]
fn to_learn_from_no_episodes_is_a_matter_of_usage() {
    let place = Place::new();
    let train = |n| said(&place, &["train", "nowhere", "--episodes", n, "--out", "m.safetensors"]);
    assert_eq!((train("0").0, train("1").0), (Some(2), Some(1)));
}

#[test]
fn probes_are_called_by_their_whole_names_too() {
    let place = Place::new();
    for probe in ["frequent", "most frequent action", "ngram", "n-gram", "attention"] {
        let words = ["train", "nowhere", "--probe", probe, "--out", "m.safetensors"];
        assert_eq!(said(&place, &words).0, Some(1), "{probe}: only the data set is missing");
    }
    assert_eq!(said(&place, &["train", "nowhere", "--probe", "oracle", "--out", "m"]).0, Some(2));
}

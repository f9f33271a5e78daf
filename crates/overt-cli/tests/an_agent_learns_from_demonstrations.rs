//! People's demonstrations go through the whole house and make a model that does the task in a real browser.

mod place;
mod shown;

use std::process::Stdio;
use std::time::{Duration, Instant};

use place::Place;
use shown::demonstrations;

impl Place {
    /// What is said by a command that fails.
    fn refused(&self, words: &[&str]) -> String {
        let output = self.run_words(words);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).expect("UTF-8")
    }
}

#[test]
fn from_demonstrations_to_success_in_a_browser() {
    let Some(files) = demonstrations("click-option") else { return };
    let place = Place::prepared();
    place.dataset(&files[..40]);
    let trained = place.done_words(&["train", "set", "--out", "m.safetensors", "--json"]);
    assert!(trained.contains("\"probe\":\"fuller\""), "{trained}");
    let card = place.read("m.safetensors.card.md");
    assert!(card.starts_with("# Model card"));
    let pages = overt_sim::python::miniwob_pages().expect("miniwob from PyPI");
    let pages = pages.to_str().expect("UTF-8");
    let evaluate = [
        "evaluate",
        "--pages",
        pages,
        "--data",
        "click-option=set",
        "--probe",
        "fuller",
        "--probe",
        "frequent",
    ];
    let few = ["--seeds", "1", "--episodes", "10", "--out", "results", "--json"];
    let told = place.done_words(&[&evaluate[..], &few].concat());
    let report: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let solved = |i: usize| report["results"][i]["solved"].as_u64().expect("a number");
    assert!(solved(1) >= 8 && solved(0) <= 5, "{told}");
    // They are published: how long they took is no figure about anybody who is recorded.
    let hours = report["results"][0]["learned_hours"].as_object().expect("by application");
    assert!(hours.values().all(|h| h.as_f64() > Some(0.0)) && !hours.is_empty(), "{hours:?}");
    // What was tried is not tried again: the same report, at once.
    let again = place.done_words(&[&evaluate[..], &few].concat());
    assert_eq!(again, told);
    let page = place.read("results/report.html");
    assert!(page.contains("click-option") && page.contains("<svg"));
    a_model_is_tried_while_its_data_set_stands(&place, pages);
    who_is_killed_leaves_nobody_behind(&place, pages);
}

#[test]
fn who_is_interrupted_while_it_learns_goes_on_to_the_same_model() {
    let Some(files) = demonstrations("click-checkboxes-large") else { return };
    let place = Place::prepared();
    place.dataset(&files[..20]);
    let train = |out| ["train", "set", "--probe", "attention", "--out", out, "--json"];
    let mut first = place.command(&train("m.safetensors")).stdout(Stdio::null()).spawn().expect("it starts");
    let part = place.path("m.safetensors.part");
    wait_until("something is kept of it", || part.exists());
    first.kill().expect("it still learns");
    first.wait().expect("it ends");
    assert!(!place.path("m.safetensors").exists(), "it was interrupted");
    let went_on = |out| {
        let told: serde_json::Value = serde_json::from_str(&place.done_words(&train(out))).expect("JSON");
        told["went_on"].as_bool().expect("it is told")
    };
    assert!(went_on("m.safetensors") && !part.exists());
    assert!(!went_on("whole.safetensors"));
    let bytes = |name| std::fs::read(place.path(name)).expect("a model");
    assert!(bytes("m.safetensors") == bytes("whole.safetensors"), "they differ");
}

/// The model was made of the data set `set`.
fn a_model_is_tried_while_its_data_set_stands(place: &Place, pages: &str) {
    let evaluate = ["evaluate", "--pages", pages, "--model", "click-option=m.safetensors", "--episodes", "5"];
    let words = [&evaluate[..], &["--made-of", "set", "--out", "given", "--json"]].concat();
    let report: serde_json::Value = serde_json::from_str(&place.done_words(&words)).expect("JSON");
    let given = &report["results"][0];
    assert!(given["solved"].as_u64() >= Some(4) && given["model"].is_string(), "{report}");
    // Another version of the data set says nothing of this model.
    std::fs::create_dir(place.path("other")).expect("a folder");
    place.write("other/manifest.json", "{}");
    let other = place.refused(&[&evaluate[..], &["--made-of", "other", "--out", "refused"]].concat());
    assert!(other.contains("--made-of"), "{other}");
    place.write("set/must-rebuild.json", "{\"erased\": [\"a\"]}");
    let erased = place.refused(&[&evaluate[..], &["--made-of", "set", "--out", "refused"]].concat());
    assert!(erased.contains("data set"), "{erased}");
    let act = ["act", "--model", "m.safetensors", "--made-of", "set", "--goal", "Choose"];
    let papers = ["--agreement", "a.toml", "--consent", "c.toml", "--keys", "keys"];
    assert_eq!(place.refused(&[&act[..], &papers].concat()), erased, "it does not act either");
}

/// Not even the browser's crash handler, which is no child of its.
fn who_is_killed_leaves_nobody_behind(place: &Place, pages: &str) {
    let folder = place.path("stage");
    std::fs::create_dir(&folder).expect("a folder");
    let evaluate =
        ["evaluate", "--pages", pages, "--model", "click-option=m.safetensors", "--made-of", "set"];
    let words = [&evaluate[..], &["--episodes", "1000", "--out", "killed"]].concat();
    std::fs::remove_file(place.path("set/must-rebuild.json")).expect("it was written");
    let mut command = place.command(&words);
    let mut child = command.env("TMPDIR", &folder).stderr(Stdio::null()).spawn().expect("overt runs");
    let home = folder.to_str().expect("UTF-8");
    // The window manager and two crash handlers; the browser's other parts write over their environments.
    wait_until("the browser's crash handlers run", || at_home(home) >= 3);
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
    wait_until("all have ended", || at_home(home) == 0);
}

/// Processes that were started with a home below this folder.
fn at_home(folder: &str) -> usize {
    let home = format!("HOME={folder}");
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let environments = processes.filter_map(|p| std::fs::read(p.path().join("environ")).ok());
    environments.filter(|e| String::from_utf8_lossy(e).contains(&home)).count()
}

/// Nothing tells when a stranger's process ends but looking.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < until, "{what} not within a minute");
        std::thread::sleep(Duration::from_millis(100));
    }
}

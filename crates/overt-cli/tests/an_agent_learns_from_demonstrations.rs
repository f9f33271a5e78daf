//! People's demonstrations go through the whole house and make a model that does the task in a real browser.

mod place;
mod shown;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
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
    what_is_asked_twice_is_tried_once_and_a_task_has_one_data_set(&place, &[&evaluate[..], &few].concat());
    what_cannot_be_tried_is_told_before_anything_is(&place, pages);
    without_a_browser_there_is_no_figure(&place, pages);
    who_interrupts_it_finds_what_was_finished(&place, pages);
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

/// After all of it was tried: nothing is tried anew.
fn what_is_asked_twice_is_tried_once_and_a_task_has_one_data_set(place: &Place, evaluate: &[&str]) {
    let cells = place.read("results/cells.jsonl");
    place.done_words(&[evaluate, &["--size", "all", "--size", "1000", "--probe", "fuller"]].concat());
    assert_eq!(place.read("results/cells.jsonl"), cells);
    let twice = place.run_words(&[evaluate, &["--data", "click-option=elsewhere"]].concat());
    let said = String::from_utf8_lossy(&twice.stderr);
    assert!(twice.status.code() == Some(2) && said.contains("A task is named twice."), "{said}");
}

/// The second of two tasks is wrong, and the first is not begun.
fn what_cannot_be_tried_is_told_before_anything_is(place: &Place, pages: &str) {
    let evaluate = ["evaluate", "--pages", pages, "--data", "click-option=set", "--out", "late", "--data"];
    let refused = |other: &str| place.refused(&[&evaluate[..], &[other]].concat());
    let mistyped = refused("click-optoin=set");
    assert_eq!(mistyped.matches("There is no page of that name.").count(), 1, "told once: {mistyped}");
    refused("click-test=nowhere");
    std::fs::create_dir(place.path("other")).expect("a folder");
    for file in std::fs::read_dir(place.path("set")).expect("a data set").flatten() {
        symlink(file.path(), place.path("other").join(file.file_name())).expect("it is linked");
    }
    std::fs::remove_file(place.path("other/manifest.json")).expect("it was linked");
    let manifest = place.read("set/manifest.json");
    let spoilt = |from: &str, to: &str| {
        assert!(manifest.contains(from), "{manifest}");
        place.write("other/manifest.json", &manifest.replace(from, to));
        refused("click-test=other")
    };
    let purpose = spoilt("\"purpose\": \"train-agents\"", "\"purpose\": \"evaluate-agents\"");
    assert!(purpose.contains("built for another purpose"), "{purpose}");
    let expired = spoilt("\"expires\": \"2099-12-31\"", "\"expires\": \"2020-12-31\"");
    assert!(expired.contains("Its grant ended on 2020-12-31"), "{expired}");
    std::fs::remove_dir_all(place.path("other")).expect("it was made");
    assert!(!place.path("late").exists(), "something was begun");
}

/// Of all programs that a browser needs Chromium alone is missing.
fn without_a_browser_there_is_no_figure(place: &Place, pages: &str) {
    std::fs::create_dir(place.path("bin")).expect("a folder");
    for program in ["setpriv", "sh", "Xvfb", "xkbcomp", "openbox"] {
        let found = Path::new("/usr/bin").join(program);
        assert!(found.exists(), "{program} is installed");
        symlink(found, place.path("bin").join(program)).expect("it is linked");
    }
    let words = [&tried(pages)[..], &["--episodes", "5", "--out", "browserless"]].concat();
    let output = place.command(&words).env("PATH", place.path("bin")).output().expect("overt runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("chromium does not come up."), "{said}");
    assert!(place.read("browserless/cells.jsonl").is_empty(), "nothing was tried");
    assert!(!place.path("browserless/report.json").exists());
}

/// A model that was made of the data set `set`.
fn tried(pages: &str) -> [&str; 7] {
    ["evaluate", "--pages", pages, "--model", "click-option=m.safetensors", "--made-of", "set"]
}

/// It ends in order after an episode: no folder of a browser is left, and what was finished is found.
fn who_interrupts_it_finds_what_was_finished(place: &Place, pages: &str) {
    let folder = place.path("interrupted-stage");
    std::fs::create_dir(&folder).expect("a folder");
    let more = ["--data", "click-option=set", "--probe", "frequent", "--seeds", "1", "--out", "interrupted"];
    let words = |episodes| [&tried(pages)[..], &more, &["--episodes", episodes]].concat();
    place.done_words(&words("1"));
    let finished = place.read("interrupted/cells.jsonl");
    let mut command = place.command(&words("1000"));
    let child = command.env("TMPDIR", &folder).stderr(Stdio::piped()).spawn().expect("overt runs");
    let browsers = || std::fs::read_dir(&folder).expect("a folder").count();
    wait_until("a browser has its folder", || browsers() > 0);
    let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(asked.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(75) && said.contains("Give the same command again"), "{said}");
    assert_eq!(browsers(), 0, "a browser's folder is left");
    assert_eq!(place.read("interrupted/cells.jsonl"), finished);
    let again = place.command(&words("1")).output().expect("overt runs");
    assert_eq!(String::from_utf8_lossy(&again.stderr).matches("(found)").count(), 2);
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

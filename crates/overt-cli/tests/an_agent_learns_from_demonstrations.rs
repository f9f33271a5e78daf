//! People's demonstrations go through the whole house and make a model that does the task in a real browser.

mod place;

use std::path::{Path, PathBuf};

use place::Place;

impl Place {
    /// What is said by a command that fails.
    fn refused(&self, words: &[&str]) -> String {
        let output = self.run_words(words);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    fn prepared() -> Self {
        let place = Self::new();
        place.done_words(&["keys", "init", "--keys", "keys"]);
        let new = ["agreement", "new", "--keys", "keys", "--out", "a.toml", "--ends", "2099-12-31"];
        let import =
            ["--cadence", "none", "--import", "miniwob", "--licence", "MIT, somebody", "--unfiltered"];
        place.done_words(&[&new[..], &import].concat());
        place.done_words(&["agreement", "sign", "a.toml", "--keys", "keys"]);
        place
    }

    /// The files become a data set.
    fn dataset(&self, files: &[PathBuf]) {
        let files: Vec<&str> = files.iter().map(|f| f.to_str().expect("UTF-8")).collect();
        let terms = ["--agreement", "a.toml", "--keys", "keys", "--out", "spool"];
        self.done_words(&[&["import", "miniwob"][..], &files, &terms].concat());
        let all = self.recordings();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.done_words(&[&["release"][..], &all].concat());
        self.done_words(&[&["collect"][..], &all, &["--into", "store"]].concat());
        self.done_words(&["build", "store", "--purpose", "train-agents", "--keys", "keys", "--out", "set"]);
    }
}

fn demonstrations(task: &str) -> Option<Vec<PathBuf>> {
    let Some(data) = std::env::var_os("OVERT_DATA") else {
        assert!(std::env::var_os("CI").is_none(), "OVERT_DATA must name the folder of published recordings");
        eprintln!("SKIPPED: no demonstrations, because OVERT_DATA names no folder of them");
        return None;
    };
    let folder = Path::new(&data).join("miniwob-demos").join(task);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("demonstrations").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    Some(files)
}

#[test]
fn from_demonstrations_to_success_in_a_browser() {
    let Some(files) = demonstrations("click-option") else { return };
    let place = Place::prepared();
    place.dataset(&files[..40]);
    let trained = place.done_words(&["train", "set", "--out", "m.safetensors", "--json"]);
    assert!(trained.contains("\"probe\":\"fuller\""), "{trained}");
    let card = place.read("m.card.md");
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
    // What was tried is not tried again: the same report, at once.
    let again = place.done_words(&[&evaluate[..], &few].concat());
    assert_eq!(again, told);
    let page = place.read("results/report.html");
    assert!(page.contains("click-option") && page.contains("<svg"));
    a_model_is_tried_while_its_data_set_stands(&place, pages);
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
}

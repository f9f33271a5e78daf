//! A published recording is imported, looked at, checked, released, collected and built, as any other, and marked.

mod place;

use std::fs;
use std::path::Path;
use std::process::Output;

use place::Place;

const ROWS: &str =
    "time,button,state,x,y\n1,NoButton,Move,5,5\n2,Left,Pressed,10,10\n2.05,Left,Released,10,10\n";
const MARKED: &str = r#""imported":{"source":"csv","licence":"CC0 nobody","unknown":["#;

impl Place {
    /// Keys, and an import agreement that is signed.
    fn prepared() -> Self {
        let place = Self::new();
        place.write("rows.csv", ROWS);
        place.done_words(&["keys", "init", "--keys", "keys"]);
        let new = ["agreement", "new", "--keys", "keys", "--out", "a.toml", "--ends", "2099-12-31"];
        place.done_words(
            &[&new[..], &["--cadence", "none", "--import", "csv", "--licence", "CC0 nobody"]].concat(),
        );
        place.done_words(&["agreement", "sign", "a.toml", "--keys", "keys"]);
        place
    }

    fn import(&self, src: &str) -> Output {
        self.run_words(&["import", "csv", src, "--agreement", "a.toml", "--keys", "keys", "--out", "spool"])
    }
}

#[test]
fn from_a_file_to_a_data_set() {
    let place = Place::prepared();
    let output = place.import("rows.csv");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("does not tell: arrival"));
    let recording = &place.recording();
    let facts = fs::read_to_string(Path::new(recording).join("recording.json")).expect("facts");
    assert!(facts.contains(MARKED), "{facts}");
    place.done_words(&["inspect", recording, "--keys", "keys"]);
    place.done_words(&["verify", recording, "--keys", "keys"]);
    place.done_words(&["release", recording]);
    place.done_words(&["collect", recording, "--into", "store"]);
    place.done_words(&["build", "store", "--purpose", "train-agents", "--keys", "keys", "--out", "set"]);
    let read = |name: &str| place.read(&format!("set/{name}"));
    assert!(read("manifest.json").contains("\"licence\": \"CC0 nobody\""));
    assert!(read("DATASHEET.md").contains("Imported, not recorded by Overt: 1 recordings from csv"));
    exported(&place);
}

/// The data set in a model's words, with its licence and its losses.
fn exported(place: &Place) {
    let kept = ["--store", "store"];
    let export = ["export", "set", "--format", "calls", "--space", "openai", "--out", "calls"];
    let unasked = place.run_words(&export);
    assert_eq!(
        unasked.status.code(),
        Some(2),
        "who does not say where it is kept is not told whether it still is"
    );
    assert!(!place.path("calls").exists());
    let export = [&export[..], &kept].concat();
    let said = place.done_words(&export);
    assert!(
        said.starts_with("Exported 1 of 2 steps as calls. Lost:\n  1 left out: the recording ended"),
        "{said}"
    );
    let read = |name: &str| place.read(&format!("calls/{name}"));
    assert!(read("LICENCE.md").contains("1 recordings from csv: CC0 nobody"));
    assert!(
        read("train.jsonl").contains(r#"{\"type\": \"click\", \"button\": \"left\", \"x\": 10, \"y\": 10}"#)
    );
    for format in ["owamcap", "hugging-face"] {
        place.done_words(&[&["export", "set", "--format", format, "--out", format][..], &kept].concat());
    }
    let again = place.run_words(&export);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("never overwritten"));
    let unsaid =
        place.run_words(&[&["export", "set", "--format", "ms-swift", "--out", "swift"][..], &kept].concat());
    assert!(String::from_utf8_lossy(&unsaid.stderr).contains("Name them by --space"));
}

#[test]
fn a_broken_source_and_a_recorder_are_both_refused() {
    let place = Place::prepared();
    place.write("bad.csv", "time,button,state,x,y\nsecret,Left,Pressed,1,2\n");
    let output = place.import("bad.csv");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("line 2") && !said.contains("secret"), "{said}");
    assert!(!place.path("spool").exists());
    let give =
        ["consent", "give", "--agreement", "a.toml", "--keys", "keys", "--app", "csv", "--out", "c.toml"];
    let refused = place.run_words(&give);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("nobody is recorded under it"), "{said}");
}

#[test]
fn what_a_party_stops_is_not_imported_either() {
    let place = Place::prepared();
    let keys = ["--keys", "keys"];
    let narrow = ["agreement", "narrow", "a.toml", "--stop", "--out", "stop.note"];
    place.done_words(&[&narrow[..], &keys].concat());
    place.done_words(&[&["agreement", "take", "stop.note", "--agreement", "a.toml"][..], &keys].concat());
    let output = place.import("rows.csv");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("stopped all recording"), "{said}");
    assert!(!place.path("spool").exists());
}

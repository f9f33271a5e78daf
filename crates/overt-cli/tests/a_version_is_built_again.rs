//! What a data set was made of is erased from the store, or its consent is withdrawn: the version is found out, marked
//! and refused, and the next one is made without it.

mod place;

use overt_collector::Store;
use overt_spool::{Limits, Spool};
use place::Place;
use serde_json::Value;

const ROWS: &str =
    "time,button,state,x,y\n1,NoButton,Move,5,5\n2,Left,Pressed,10,10\n2.05,Left,Released,10,10\n";

/// A click a second, for two and a half minutes: three segments.
fn long_rows() -> String {
    let clicks = (1..=150).map(|n| format!("{n},Left,Pressed,10,10\n{n}.05,Left,Released,10,10\n"));
    ["time,button,state,x,y\n".to_owned()].into_iter().chain(clicks).collect()
}

impl Place {
    fn with_two_recordings() -> Self {
        Self::with_two_recordings_of(ROWS)
    }

    fn with_two_recordings_of(rows: &str) -> Self {
        let place = Self::new();
        place.write("rows.csv", rows);
        place.done("keys init --keys keys");
        let new = ["agreement", "new", "--keys", "keys", "--out", "a.toml", "--ends", "2099-12-31"];
        let import = ["--cadence", "none", "--import", "csv", "--licence", "CC0 nobody"];
        place.done_words(&[&new[..], &import].concat());
        place.done("agreement sign a.toml --keys keys");
        for _ in 0..2 {
            place.collect();
        }
        place
    }

    /// Imports a recording and brings it into the store.
    fn collect(&self) {
        self.done("import csv rows.csv --agreement a.toml --keys keys --out spool");
        let recording = self.recording();
        self.done(&format!("release {recording}"));
        self.done(&format!("collect {recording} --into store"));
    }

    /// It fails, and says this on either of its streams.
    fn is_refused(&self, words: &str, says: &str) {
        let output = self.run(words);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), Some(1), "{words}: {said}");
        assert!(said.contains(says), "{words}: {said}");
    }

    /// As `overt consent withdraw` does; an imported recording has a receipt in place of a consent.
    fn withdraw(&self, consent: &str) {
        let limits = Limits { bytes_max: u64::MAX, free_bytes_min: 0 };
        let spool = Spool::open(&self.path("spool"), limits).expect("a spool");
        let digest = serde_json::from_value(Value::from(consent)).expect("a digest");
        spool.withdraw(digest).expect("it is withdrawn");
    }

    fn made_of(&self, dataset: &str) -> Vec<Value> {
        self.manifest(dataset)["recordings"].as_array().expect("recordings").clone()
    }

    fn manifest(&self, dataset: &str) -> Value {
        self.json(&format!("{dataset}/manifest.json"))
    }

    fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.read(file)).expect("JSON")
    }

    /// The manifest and the licence say that it may be kept so long.
    fn is_kept_until(&self, dataset: &str, day: &str) {
        assert_eq!(self.manifest(dataset)["grant"]["expires"], day, "{dataset}");
        let licence = self.json(&format!("{dataset}/licence.jsonld"));
        let until = |rule: &Value| {
            let all = rule["constraint"].as_array().expect("constraints");
            all.iter().find(|c| c["leftOperand"] == "dateTime").expect("a day")["rightOperand"]["@value"]
                .clone()
        };
        assert_eq!(until(&licence["permission"][0]), day, "{dataset}");
        assert_eq!(
            (&licence["obligation"][0]["action"], until(&licence["obligation"][0])),
            (&"delete".into(), day.into())
        );
    }
}

/// To which `--out` is to be added.
const EXPORT: &str = "export one --format calls --space openai --out";

const BUILD: &str = "build store --purpose train-agents --keys keys --out one";

#[test]
fn what_the_store_keeps_no_longer_is_left_out_of_the_next_version() {
    let place = Place::with_two_recordings();
    let planned = place.done(&format!("{BUILD} --dry-run"));
    assert!(planned.contains("2 jobs. Nothing was opened."), "{planned}");
    place.done(BUILD);
    assert!(!place.path("one.work").exists());
    assert!(place.done("verify one --store store").contains("all that it was made of is kept"));
    place.is_refused("build store --rebuild one --keys keys --out two", "nothing to build again");

    let first = place.made_of("one")[0]["recording"].as_str().expect("an id").to_owned();
    let trial = place.done(&format!("erase {first} --from store --dry-run"));
    assert!(trial.contains("Nothing was erased"), "{trial}");
    place.done("verify one --store store");
    let told = place.done(&format!("erase {first} --from store --yes"));
    assert!(told.contains("all of it"), "{told}");
    place.is_refused(&format!("erase {first} --from store --dry-run"), "no such recording");
    place.is_refused("verify one --store store", "must be rebuilt: 1 segments");
    place.is_refused("verify one", "have been erased");
    place.done("build store --rebuild one --keys keys --out two --workers 1");
    let (one, two) = (place.manifest("one"), place.manifest("two"));
    assert_eq!(
        (one["recordings"].as_array().map(Vec::len), two["recordings"].as_array().map(Vec::len)),
        (Some(2), Some(1))
    );
    assert_eq!(two["parent"]["erased"].as_array().map(Vec::len), Some(1));
    place.done("verify two --store store");
}

#[test]
fn a_segment_that_was_erased_is_missing_from_the_next_version_and_from_a_new_one() {
    let place = Place::with_two_recordings_of(&long_rows());
    place.done(BUILD);
    let first = &place.made_of("one")[0];
    let (id, segment) = (&first["recording"], &first["segments"][1]["segment"]);
    let (id, segment) = (id.as_str().expect("an id"), segment.as_str().expect("an id"));
    place.done(&format!("erase {id} --from store --segment {segment} --yes"));
    place.is_refused("verify one --store store", "must be rebuilt: 1 segments");
    place.done("build store --rebuild one --keys keys --out two");
    place.done("build store --purpose train-agents --keys keys --out three");
    for dataset in ["two", "three"] {
        let note = place.made_of(dataset).into_iter().find(|r| r["recording"] == id).expect("it is in");
        assert_eq!(note["erased"], serde_json::json!([segment]), "{dataset}");
        assert_eq!(note["segments"].as_array().map(Vec::len), Some(2), "{dataset}");
        place.done(&format!("verify {dataset} --store store"));
    }
}

#[test]
fn an_export_asks_the_store_whether_all_is_kept_and_marks_what_must_be_rebuilt() {
    let place = Place::with_two_recordings();
    place.done(BUILD);
    let told: Value =
        serde_json::from_str(&place.done(&format!("{EXPORT} whole --store store --json"))).expect("JSON");
    assert_eq!(told["rows"], 4);
    let first = place.made_of("one")[0]["recording"].as_str().expect("an id").to_owned();
    place.done(&format!("erase {first} --from store --yes"));

    let unasked = place.run(&format!("{EXPORT} unasked"));
    assert_eq!(unasked.status.code(), Some(2), "nothing leaves without the store's word");
    assert!(!place.path("unasked").exists());
    let says = "1 segments of this data set have been erased. Make the next version without them";
    place.fails(&format!("{EXPORT} out --store store"), says);
    assert!(place.path("one/must-rebuild.json").exists(), "it is marked");
    place.is_refused(&format!("{EXPORT} out --store store"), says);
    assert!(!place.path("out").exists());
}

#[test]
fn a_store_that_never_knew_a_recording_is_not_asked_and_nothing_is_marked() {
    let place = Place::with_two_recordings();
    place.done(BUILD);
    let other = Store::open(&place.path("other")).expect("a store");
    drop(other);
    for words in ["verify one", "train one --out model.safetensors", &format!("{EXPORT} out")] {
        place.is_refused(&format!("{words} --store other"), "These stores know nothing of recording_");
    }
    assert!(!place.path("one/must-rebuild.json").exists() && !place.path("out").exists());
    place.done("verify one --store other --store store");
}

#[test]
fn an_export_asks_the_spool_whether_the_consent_stands() {
    let place = Place::with_two_recordings();
    place.done(BUILD);
    let consent = place.manifest("one")["recordings"][0]["consent"].as_str().expect("a digest").to_owned();
    place.done(&format!("{EXPORT} whole --store store --spool spool"));
    place.withdraw(&consent);
    place.fails(&format!("{EXPORT} out --store store --spool spool"), "2 segments");
    place.is_refused(&format!("{EXPORT} out --store store"), "have been erased");
    assert!(!place.path("out").exists());
}

#[test]
fn a_consent_that_is_not_the_one_it_was_collected_under_is_none() {
    let place = Place::with_two_recordings();
    place.done(BUILD);
    let consent = place.manifest("one")["recordings"][0]["consent"].as_str().expect("a digest").to_owned();
    let other = if consent.starts_with('a') { 'b' } else { 'a' };
    place.edit("one/manifest.json", |text| text.replace(&consent, &format!("{other}{}", &consent[1..])));
    let says = "tells other terms of recording_";
    place.fails(&format!("{EXPORT} out --store store"), says);
    place.is_refused("verify one --store store", says);
    assert!(!place.path("one/must-rebuild.json").exists(), "nothing was erased");
}

#[test]
fn who_trains_evaluates_or_acts_asks_the_store_and_the_spool_before_anything_is_read() {
    let place = Place::with_two_recordings();
    place.done(BUILD);
    let consent = place.manifest("one")["recordings"][0]["consent"].as_str().expect("a digest").to_owned();
    place.withdraw(&consent);
    for words in [
        "train one --out model.safetensors",
        "evaluate --pages none --data task=one --out results",
        "evaluate --pages none --model task=none --made-of one --out results",
        "act --model none --made-of one --goal Go --agreement a.toml --consent none --keys keys",
    ] {
        std::fs::remove_file(place.path("one/must-rebuild.json")).ok();
        place.is_refused(&format!("{words} --store store --spool spool"), "have been erased");
        assert!(place.path("one/must-rebuild.json").exists(), "{words}: it is marked");
    }
    assert!(!place.path("model.safetensors").exists() && !place.path("results").exists());
}

#[test]
fn a_withdrawn_consent_reaches_the_data_set() {
    let place = Place::with_two_recordings();
    place.done(BUILD);
    let consent = place.manifest("one")["recordings"][0]["consent"].as_str().expect("a digest").to_owned();
    place.done("verify one --store store --spool spool");
    place.withdraw(&consent);
    place.is_refused("verify one --store store --spool spool", "must be rebuilt: 2 segments");
    place.is_refused("build store --spool spool --rebuild one --keys keys --out two", "Nothing is left");
    place.is_refused(
        "build store --spool spool --purpose train-agents --keys keys --out two",
        "consent stands",
    );
}

#[test]
fn a_version_is_kept_until_the_first_of_its_terms_end_or_an_earlier_day_and_not_exported_later() {
    let place = Place::with_two_recordings();
    place.done("agreement narrow a.toml --keys keys --ends 2098-06-30 --out shorter.note");
    place.done("agreement take shorter.note --agreement a.toml --keys keys");
    place.collect();
    place.done(BUILD);
    place.is_kept_until("one", "2098-06-30");
    place.done(&format!("{EXPORT} whole --store store"));
    let build = "build store --purpose train-agents --keys keys";
    let says = "may be kept until 2098-06-30, not until 2098-07-01. Ask for that day or an earlier one";
    place.fails(&format!("{build} --out two --until 2098-07-01"), says);
    place.fails(&format!("{build} --out two --until 2098-07-01 --dry-run"), says);
    assert!(!place.path("two").exists() && !place.path("two.work").exists());

    place.done(&format!("{build} --out two --until 2026-01-31"));
    place.is_kept_until("two", "2026-01-31");
    place.fails(
        "export two --store store --format calls --space openai --out out",
        "Its grant ended on 2026-01-31",
    );
    assert!(!place.path("out").exists());
    place.fails("train two --out m.safetensors", "Its grant ended on 2026-01-31");
    place.fails("verify two", "Its grant ended on 2026-01-31");

    let first = place.made_of("two")[0]["recording"].as_str().expect("an id").to_owned();
    place.done(&format!("erase {first} --from store --yes"));
    let again = "build store --rebuild two --keys keys --out three";
    place.fails(&format!("{again} --until 2026-02-01"), "may be kept until 2026-01-31");
    place.done(again);
    place.is_kept_until("three", "2026-01-31");
}

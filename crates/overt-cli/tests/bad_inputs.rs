//! What a person gets wrong, or a disk, or an adversary: each has its own words and its own exit code.

mod place;

use std::fs;
use std::path::Path;

use place::Place;

const APP: &str = "editor=/usr/bin/mousepad:Mousepad:full";

impl Place {
    /// Keys, a signed agreement, a consent.
    fn prepared() -> Self {
        let place = Self::new();
        place.done("keys init --keys keys");
        place.done(&format!("agreement new --keys keys --out a.toml --ends 2099-12-31 --app {APP}"));
        place.done("agreement sign a.toml --keys keys");
        place.done("consent give --agreement a.toml --keys keys --app editor --out c.toml");
        place
    }
}

const RECORD: &str = "record --agreement a.toml --consent c.toml --keys keys --out spool --for 1s";

#[test]
fn without_a_display_nothing_is_recorded() {
    Place::prepared().fails(RECORD, "display");
}

#[test]
fn an_unsigned_agreement_does_not_count() {
    let place = Place::new();
    place.done("keys init --keys keys");
    place.done(&format!("agreement new --keys keys --out a.toml --ends 2099-12-31 --app {APP}"));
    place.fails("agreement verify a.toml --keys keys", "nobody has signed");
    place.fails("consent give --agreement a.toml --keys keys --app editor --out c.toml", "nobody has signed");
}

#[test]
fn an_agreement_that_was_changed_after_signing_does_not_count() {
    let place = Place::prepared();
    place.edit("a.toml", |text| text.replace("version = 1", "version = 2"));
    place.fails(RECORD, "does not belong to this text");
}

#[test]
fn an_agreement_that_does_not_parse_names_the_line() {
    let place = Place::prepared();
    place.edit("a.toml", |text| text.replace("version = 1", "version = = 1"));
    place.fails(RECORD, "line 3");
}

#[test]
fn an_agreement_that_has_ended_does_not_count() {
    let place = Place::new();
    place.done("keys init --keys keys");
    place.done(&format!("agreement new --keys keys --out a.toml --ends 2099-12-31 --app {APP}"));
    place.edit("a.toml", |text| {
        let starts = text.lines().find(|l| l.starts_with("starts")).expect("it has a start").to_owned();
        text.replace(&starts, "starts = \"2020-01-01\"").replace("2099-12-31", "2020-01-02")
    });
    place.edit("a.toml", |text| text.replace("starts = \"2020-01-01\"", "starts = 2020-01-01"));
    place.done("agreement sign a.toml --keys keys");
    place.fails("consent give --agreement a.toml --keys keys --app editor --out c.toml", "ended");
}

#[test]
fn a_signature_of_a_stranger_does_not_count() {
    let place = Place::prepared();
    place.done("keys init --keys others");
    place.fails("agreement verify a.toml --keys others", "none of the 1 signatures");
}

#[test]
fn a_consent_to_another_text_does_not_count() {
    let place = Place::prepared();
    place.done(&format!("agreement new --keys keys --out b.toml --ends 2098-12-31 --app {APP}"));
    place.edit("b.toml", |text| text.replace("version = 1", "version = 2"));
    place.done("agreement sign b.toml --keys keys");
    let record = RECORD.replace("a.toml", "b.toml");
    place.fails(&record, "another text");
}

#[test]
fn a_withdrawn_consent_does_not_count() {
    let place = Place::prepared();
    fs::create_dir(place.path("spool")).expect("a spool");
    place.done("consent withdraw c.toml --spool spool");
    place.fails(RECORD, "withdrawn");
}

#[test]
fn a_consent_cannot_name_what_the_agreement_does_not() {
    let place = Place::prepared();
    place.fails(
        "consent give --agreement a.toml --keys keys --app mail --out d.toml",
        "does not name that application",
    );
}

#[test]
fn what_cannot_be_written_cannot_be_agreed() {
    let place = Place::prepared();
    for purpose in ["performance-review", "attendance", "emotion"] {
        place.edit("a.toml", |text| {
            let line = text.lines().find(|l| l.starts_with("purposes")).expect("it has purposes").to_owned();
            text.replace(&line, &format!("purposes = [\"{purpose}\"]"))
        });
        place.fails("agreement sign a.toml --keys keys", "does not read");
    }
}

#[test]
fn keys_are_never_overwritten_and_never_shared() {
    let place = Place::prepared();
    place.fails("keys init --keys keys", "not empty");
    fs::set_permissions(place.path("keys/party.key"), perms(0o600)).expect("it is mine");
    fs::set_permissions(place.path("keys/contributor.key"), perms(0o644)).expect("it is mine");
    let rec = recording_of_nothing(&place);
    place.fails(&format!("inspect {rec} --keys keys"), "contributor.key");
}

fn perms(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

/// A folder that looks like a recording and holds no segment.
fn recording_of_nothing(place: &Place) -> String {
    let name = "spool/recording_00000000000000000000000000000001.overt";
    fs::create_dir_all(place.path(name).join("segments")).expect("a folder");
    let facts = r#"{"version":1,"recording":"recording_00000000000000000000000000000001","state":{"is":"complete"},"agreement":"AGREEMENT","consent":"AGREEMENT","level":"full","purposes":["train-agents"],"cadence":"none","day":20000,"last_day":30000,"contributor_key":"key_00000000000000000000000000000000","study_key":null,"segments":[],"losses":{"events":0,"segments_torn":0,"bytes_cut":0}}"#;
    let text = facts.replace("AGREEMENT", &"0".repeat(64)) + "\n";
    fs::write(place.path(name).join("recording.json"), text).expect("it is written");
    name.to_owned()
}

#[test]
fn a_recording_of_another_version_says_so() {
    let place = Place::prepared();
    let rec = recording_of_nothing(&place);
    place.done(&format!("inspect {rec}"));
    place.edit(&format!("{rec}/recording.json"), |t| t.replace("\"version\":1", "\"version\":9"));
    place.fails(&format!("inspect {rec}"), "version");
}

#[test]
fn what_is_not_released_is_not_collected() {
    let place = Place::prepared();
    let rec = recording_of_nothing(&place);
    place.fails(&format!("collect {rec} --into store"), "nobody released");
    place.done(&format!("release {rec}"));
    place.edit(&format!("{rec}/recording.json"), |t| t.replace("\"day\":20000", "\"day\":20001"));
    place.fails(&format!("collect {rec} --into store"), "altered after its release");
}

/// Stop means stop, also for what lies in the spool already.
#[test]
fn what_was_recorded_under_a_withdrawn_consent_or_an_ended_agreement_does_not_leave() {
    let place = Place::prepared();
    let rec = recording_of_nothing(&place);
    let consent = overt_format::sha256(&fs::read(place.path("c.toml")).expect("it reads")).to_string();
    let facts = format!("{rec}/recording.json");
    place.edit(&facts, |t| {
        t.replace(&format!("\"consent\":\"{}\"", "0".repeat(64)), &format!("\"consent\":\"{consent}\""))
    });
    place.done(&format!("release {rec}"));
    place.done("consent withdraw c.toml --spool spool");
    place.fails(&format!("collect {rec} --into store"), "withdrawn");
    place.fails(&format!("release {rec}"), "withdrawn");

    place.edit(&facts, |t| {
        t.replace(&consent, &"1".repeat(64)).replace("\"last_day\":30000", "\"last_day\":20000")
    });
    place.fails(&format!("release {rec}"), "agreement ended");
}

#[test]
fn a_missing_folder_is_told_without_its_name() {
    let place = Place::prepared();
    place.fails("inspect secret-folder-name", "could not be read");
    place.fails("build nowhere --purpose train-agents --keys keys --out ds", "no such store");
    assert!(!Path::new("nowhere").exists());
}

#[test]
fn wrong_words_are_a_matter_of_usage() {
    let place = Place::new();
    for words in ["recrod", "record", "record --agreement a --consent c --keys k --out s --for soon"] {
        assert_eq!(place.run(words).status.code(), Some(2), "{words}");
    }
}

#[test]
fn nothing_runs_and_that_is_said() {
    let place = Place::new();
    assert!(place.done("status").contains("Nothing is being recorded"));
    assert_eq!(place.done("status --json").trim(), r#"{"state":"not_recording"}"#);
    place.fails("stop", "no recorder is running");
}

#[test]
fn the_doctor_says_what_is_missing() {
    let place = Place::new();
    let output = place.run("doctor --json");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let diagnosis: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(diagnosis["can_record"], false);
}

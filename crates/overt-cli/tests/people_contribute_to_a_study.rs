//! Several people contribute to one study: what each records, they and the study can open, and none of the others.

use std::collections::BTreeSet;
use std::path::Path;

use overt_dataset::Manifest;
use overt_format::RecordingDir;
use overt_sim::desktop::Desktop;
use overt_sim::overt::Overt;
use overt_sim::person::{Person, Target};
use overt_sim::stopwatch::{CLASS, Stopwatch};
use overt_unseal::{AccessLog, Grant, OwnKeys, SubjectAccess, open};
use serde_json::Value;

/// Whether somebody's own key opens all of a recording.
fn opens(overt: &Overt<'_>, recording: &Path) -> bool {
    let dir = RecordingDir::local(recording).expect("the recording reads");
    let mut own = OwnKeys::new();
    own.add_file(&overt.path("keys/contributor.key")).expect("the key reads");
    let mut log = AccessLog::open(&overt.path("openings.jsonl")).expect("the log opens");
    let grant = Grant::<SubjectAccess>::new("a test", "to see who can");
    open(&dir, &grant, &own, &mut log).is_ok_and(|mut items| items.all(|item| item.is_ok()))
}

/// The name of somebody's key in a data set.
fn contributor(overt: &Overt<'_>) -> String {
    let shown = overt.run("keys show", |c| c.arg("--keys").arg(overt.path("keys")).arg("--json"));
    let shown: Value = serde_json::from_str(&shown.expect("it is shown")).expect("JSON");
    shown["contributor"].as_str().expect("a name").to_owned()
}

#[test]
fn who_recorded_and_the_study_can_open_it_and_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start((1_000, 700)).expect("the desktop starts");
    let _stopwatch = Stopwatch::start(desktop.display(), (120, 160)).expect("it runs");
    let face = Target::new("stopwatch", "frame", "", desktop.wait_for_window(CLASS).expect("it is shown"));
    let exe = std::env::current_exe().expect("this program has a path");
    let apps = [("stopwatch", &*format!("{}:{CLASS}", exe.display()))];
    let study = Overt::new(Path::new(env!("CARGO_BIN_EXE_overt")), &desktop, folder.path()).expect("overt");
    study.make_keys().expect("keys");
    let people = ["1", "2"].map(|name| study.contributor(name).expect("keys of their own"));
    for (one, other) in [(0, 1), (1, 0)] {
        let overt = &people[one];
        overt.sign("none", "full", &apps).expect("an agreement and a consent of their own");
        let recorder = overt.record().expect("it records");
        Person::sit_down(desktop.display(), 1).expect("a person").click(&face).expect("a click");
        let recording = overt.stop(recorder).expect("it stops").recording;
        assert!(opens(overt, &recording) && !opens(&people[other], &recording));
        assert!(!overt.path("keys/study.key").exists(), "who contributes is not the study");
        overt.run("release", |c| c.arg(&recording)).expect("it is released");
        overt
            .run("collect", |c| c.arg(&recording).arg("--into").arg(study.path("store")))
            .expect("collected");
    }
    let built = study.run("build", |c| {
        c.arg(study.path("store")).args(["--purpose", "train-agents"]);
        c.arg("--keys").arg(study.path("keys")).arg("--out").arg(study.path("dataset"))
    });
    built.expect("the study opens both");
    let recorded = Manifest::read(&study.path("dataset")).expect("it reads").people_recorded();
    let contributors: BTreeSet<String> = recorded.values().map(ToString::to_string).collect();
    assert_eq!(contributors, people.iter().map(contributor).collect());
}

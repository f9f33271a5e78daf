//! Pause, resume, forget, mark and stop, by command and by key: at once, and on everything.

mod opened;
mod scene;

use opened::opened;
use overt_event::{NANOS_PER_MILLI, Record, RecordBody};
use overt_format::RecordingDir;
use overt_sim::overt::Overt;
use overt_sim::person::Person;
use scene::{Scene, wait_for_bytes, wait_for_state};
use serde_json::Value;

/// A pause takes effect on every stream within this time.
const PAUSE_MILLIS_MAX: u64 = 100;

#[test]
fn pause_and_stop_take_effect_and_the_indicator_gates_it_all() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    scene.click(2);
    let state = |verb: &str| {
        let said = overt.run(verb, |c| c.arg("--json")).expect("it answers");
        serde_json::from_str::<Value>(&said).expect("JSON")["state"].clone()
    };
    assert_eq!(state("status"), "recording");
    assert_eq!(state("pause"), "paused");
    scene.click(3);
    assert_eq!(state("resume"), "recording");
    let recorded = overt.stop(recorder).expect("it stops");
    assert_eq!(state("status"), "not_recording");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!(code, Some(0));
    assert_eq!(inspected["content"]["gaps"]["paused"], 1, "{inspected}");
    assert_eq!(
        inspected["content"]["records"]["button"], 4,
        "only what was done before the pause: {inspected}"
    );
}

#[test]
fn what_is_to_be_forgotten_is_gone_and_what_comes_after_is_kept() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let recording = recorder.recording().to_owned();
    scene.click(3);
    wait_for_bytes(&recording, 5_000);
    let said = overt.run("forget", |c| c.args(["10m", "--json"])).expect("it answers");
    let status: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(
        (&status["state"], &status["records"], &status["sealed_bytes"]),
        (&"recording".into(), &0.into(), &0.into())
    );
    let left = std::fs::read_dir(recording.join("segments")).expect("the folder lists").count();
    assert_eq!(left, 0, "no file of a segment is left");
    scene.click(2);
    let recorded = overt.stop(recorder).expect("it stops");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!(code, Some(0));
    assert_eq!(inspected["content"]["gaps"]["forgotten"], 1, "{inspected}");
    assert_eq!(inspected["content"]["records"]["button"], 4, "only what was done afterwards: {inspected}");
    assert!(inspected["content"]["pictures"].as_u64() >= Some(1), "{inspected}");
}

#[test]
fn the_pause_key_pauses_every_stream_at_once_and_resumes() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let mut person = Person::sit_down(scene.desktop.display(), 3).expect("a person");
    let click = |person: &mut Person| person.click(&scene.page).expect("a click");
    click(&mut person);
    person.chord(None, "ctrl+alt+p").expect("the pause key");
    wait_for_state(&overt, "paused");
    click(&mut person);
    person.type_text(&scene.page, "not this").expect("it types");
    person.chord(None, "ctrl+alt+p").expect("the pause key");
    wait_for_state(&overt, "recording");
    click(&mut person);
    let recorded = overt.stop(recorder).expect("it stops");
    let chords: Vec<_> = person.journal().deeds.iter().filter(|d| d.target.is_none()).collect();
    let (paused, resumed) = (chords[0].end.plus_millis(PAUSE_MILLIS_MAX), chords[1].begin);
    let records = records(&recorded.recording, &overt);
    let of_the_pause = |r: &&Record| r.time > paused && r.time < resumed.minus_millis(PAUSE_MILLIS_MAX);
    let said: Vec<_> =
        records.iter().filter(of_the_pause).map(|r| overt_format::record_kind(&r.body)).collect();
    assert_eq!(said, [""; 0], "nothing of the pause is kept");
    let buttons = records.iter().filter(|r| matches!(r.body, RecordBody::Button { .. })).count();
    assert_eq!(buttons, 4, "a click before and one after");
    let gap = records.iter().find_map(|r| match &r.body {
        RecordBody::Gap { gap: overt_event::Gap::Paused, span } => Some(*span),
        _ => None,
    });
    let gap = gap.expect("the gap is told");
    let late = gap.from.since(chords[0].begin) / NANOS_PER_MILLI;
    assert!(late <= PAUSE_MILLIS_MAX * 2, "it began {late} ms after the chord did");
}

#[test]
fn what_the_person_says_of_a_task_parts_its_episode_from_the_rest() {
    let scene = Scene::set();
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let mark = |words: &[&str]| overt.run("mark", |c| c.args(words));
    overt.run("pause", |c| c).expect("it pauses");
    let refused = mark(&["begin", "Not this"]).expect_err("nothing is taken").to_string();
    assert!(refused.contains("overt resume"), "{refused}");
    overt.run("resume", |c| c).expect("it goes on");
    scene.click(1);
    mark(&["begin", "Press it twice for ana@example.org"]).expect("it is marked");
    scene.click(2);
    mark(&["succeeded"]).expect("it is marked");
    mark(&["end"]).expect("it is marked");
    scene.click(1);
    let recorded = overt.stop(recorder).expect("it stops");
    overt.run("release", |c| c.arg(&recorded.recording)).expect("it is released");
    let (store, dataset) = (overt.path("store"), overt.path("dataset"));
    overt.run("collect", |c| c.arg(&recorded.recording).arg("--into").arg(&store)).expect("collected");
    overt
        .run("build", |c| {
            c.arg(&store).args(["--purpose", "train-agents"]);
            c.arg("--keys").arg(overt.path("keys")).arg("--out").arg(&dataset)
        })
        .expect("a data set");
    let episodes = overt_dataset::read_episodes(&dataset).expect("it reads");
    let told: Vec<_> = episodes.iter().map(|e| (e.instruction.as_deref(), e.outcome.as_deref())).collect();
    let said = "Press it twice for \u{27e6}email\u{27e7}";
    assert_eq!(told, [(None, None), (Some(said), Some("succeeded")), (None, None)]);
}

fn records(recording: &std::path::Path, overt: &Overt<'_>) -> Vec<Record> {
    let dir = RecordingDir::local(recording).expect("the recording reads");
    opened(&dir, &overt.path("keys")).into_iter().map(|item| *item.stored.record).collect()
}

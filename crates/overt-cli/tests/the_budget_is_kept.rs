//! On the battery, on a metered network and when the day's bytes are written the recorder takes less or
//! nothing, says so, and goes on when it may.

mod opened;
mod scene;

use std::time::{Duration, Instant};

use opened::opened;
use overt_event::{Gap, Pace, PaceChange, PaceReason, Record, RecordBody, Rect, Span};
use overt_format::RecordingDir;
use overt_sim::apps;
use overt_sim::desktop::{Desktop, SystemBus};
use overt_sim::overt::Overt;
use overt_sim::person::{Deed, Person, Target};
use scene::{PROGRAM, Scene, status, wait_for_state};

/// A page on which a square of 64 x 64 pixels never stands still.
const NOISE: &str = "<title>Noise</title><body style='margin:0'><canvas id=c width=64 height=64></canvas>\
    <script>const g=c.getContext('2d');setInterval(()=>{const d=g.createImageData(64,64);\
    for(let i=0;i<d.data.length;i++)d.data[i]=i%4==3?255:Math.random()*256;g.putImageData(d,0,0)},50)</script>";

fn records(recording: &std::path::Path, overt: &Overt<'_>) -> Vec<Record> {
    let dir = RecordingDir::local(recording).expect("the recording reads");
    opened(&dir, &overt.path("keys")).into_iter().map(|item| *item.stored.record).collect()
}

fn paces(records: &[Record]) -> Vec<PaceChange> {
    let pace = |r: &Record| match r.body {
        RecordBody::Pace(change) => Some(change),
        _ => None,
    };
    records.iter().filter_map(pace).collect()
}

fn held(why: PaceReason) -> PaceChange {
    PaceChange { pace: Pace::Held, why }
}

fn held_on_battery(record: &Record) -> Option<Span> {
    match record.body {
        RecordBody::Gap { gap: Gap::Held { why: PaceReason::Battery }, span } => Some(span),
        _ => None,
    }
}

/// The display server's times are whole milliseconds.
fn is_button_of(record: &Record, deed: &Deed) -> bool {
    let within = record.time.plus_millis(1) >= deed.begin && record.time <= deed.end;
    within && matches!(record.body, RecordBody::Button { .. })
}

#[test]
fn on_the_battery_it_is_held_and_off_it_it_goes_on() {
    let mut scene = Scene::set();
    let bus = SystemBus::start().expect("a bus");
    let power = bus.power(false).expect("UPower");
    scene.desktop.use_system_bus(&bus);
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    let at_first = status(&overt);
    assert_eq!((&at_first["state"], &at_first["pace"]), (&"recording".into(), &"full".into()));
    let before = scene.click(2);
    power.set_on_battery(true).expect("said");
    let status = wait_for_state(&overt, "held");
    assert_eq!((&status["pace"], &status["pace_why"]), (&"held".into(), &"battery".into()), "{status}");
    let words = overt.run("status", |c| c).expect("it answers");
    assert!(words.contains("Recording is held, on the battery"), "{words}");
    let meanwhile = scene.click(3);
    power.set_on_battery(false).expect("said");
    wait_for_state(&overt, "recording");
    let after = scene.click(1);
    let recorded = overt.stop(recorder).expect("it stops");
    let records = records(&recorded.recording, &overt);
    let battery = held(PaceReason::Battery);
    assert_eq!(paces(&records), [battery, PaceChange::FULL]);
    let held: Vec<Span> = records.iter().filter_map(held_on_battery).collect();
    let [held] = held[..] else { panic!("it was held {} times", held.len()) };
    let buttons = |deed: &Deed| records.iter().filter(|r| is_button_of(r, deed)).count();
    for deed in &before {
        // The last event may still be on its way when the battery is; then the gap says so.
        assert!(buttons(deed) == 2 || deed.end >= held.from, "neither recorded nor in the gap: {deed:?}");
    }
    assert_eq!(meanwhile.iter().map(buttons).sum::<usize>(), 0, "what was done on the battery is not there");
    assert_eq!(after.iter().map(buttons).sum::<usize>(), 2, "what was done after it is");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!((code, &inspected["content"]["gaps"]["held: Battery"]), (Some(0), &1.into()), "{inspected}");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
}

#[test]
fn on_a_metered_network_it_does_not_begin_and_the_persons_pause_is_their_own() {
    let mut scene = Scene::set();
    let bus = SystemBus::start().expect("a bus");
    let _network = bus.network(1).expect("NetworkManager");
    scene.desktop.use_system_bus(&bus);
    let overt = scene.overt();
    let recorder = overt.record().expect("it starts");
    let at_first = status(&overt);
    assert_eq!((&at_first["state"], &at_first["pace_why"]), (&"held".into(), &"metered".into()));
    scene.click(2);
    let ask = |verb: &str| overt.run(verb, |c| c).expect("it answers");
    ask("pause");
    assert_eq!(status(&overt)["state"], "paused", "the pause is the person's");
    let words = ask("resume");
    assert!(words.contains("Your pause is over. Recording is held"), "{words}");
    assert_eq!(status(&overt)["state"], "held");
    let recorded = overt.stop(recorder).expect("it stops");
    let records = records(&recorded.recording, &overt);
    assert_eq!(paces(&records), [held(PaceReason::Metered)]);
    let taken = |r: &&Record| r.app.is_some() || matches!(r.body, RecordBody::Frame(_));
    assert_eq!(records.iter().filter(taken).count(), 0, "nothing was taken");
    assert_eq!(scene.verb(&["verify"], &recorded.recording).0, Some(0));
}

#[test]
fn services_that_never_answer_keep_nobody_from_recording() {
    let mut scene = Scene::set();
    let bus = SystemBus::start().expect("a bus");
    let _silent = bus.silent().expect("the names");
    scene.desktop.use_system_bus(&bus);
    let overt = scene.overt();
    let recorder = overt.record().expect("it records");
    assert_eq!(status(&overt)["state"], "recording", "what nobody says is not known");
    scene.click(1);
    let recorded = overt.stop(recorder).expect("it stops");
    let (code, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!((code, &inspected["content"]["records"]["button"]), (Some(0), &2.into()), "{inspected}");
}

#[test]
fn a_session_that_is_locked_without_a_sign_on_the_display_is_a_gap() {
    let mut scene = Scene::set();
    let bus = SystemBus::start().expect("a bus");
    let login = bus.login().expect("logind");
    scene.desktop.use_system_bus(&bus);
    let overt = scene.overt();
    login.set_locked(true).expect("said");
    let recorder = overt.record().expect("it starts");
    scene.click(2);
    let frames = || status(&overt)["frames"].as_u64();
    let before = frames();
    login.set_locked(false).expect("said");
    let until = Instant::now() + Duration::from_secs(60);
    while frames() == before {
        assert!(Instant::now() < until, "no picture follows the lock");
    }
    scene.click(1);
    let recorded = overt.stop(recorder).expect("it stops");
    let (_, inspected) = scene.verb(&["inspect"], &recorded.recording);
    assert_eq!(inspected["content"]["gaps"]["display locked"], 2, "its begin and its end: {inspected}");
    assert_eq!(inspected["content"]["records"]["button"], 2, "what was done after it: {inspected}");
}

#[test]
fn when_the_days_bytes_run_out_it_slows_down_stops_and_stays_stopped_when_it_is_started_again() {
    let (folder, desktop, page) = noisy_desktop();
    let overt = Overt::new(std::path::Path::new(PROGRAM), &desktop, folder.path()).expect("overt");
    overt.prepare("on_change").expect("keys, agreement, consent");
    // Pictures wait up to 3 s for their names and are then written together, some 500 kB of this noise:
    // the last fifth of the day must hold more than that for its paces to be seen one by one.
    scene::agree_to(&overt, "{ mb_per_day = 3 }");
    let recorder = overt.record().expect("it records");
    let mut person = Person::sit_down(desktop.display(), 5).expect("a person");
    // Pictures around inputs come only with inputs.
    while status(&overt)["state"] != "held" {
        person.click(&page).expect("a click");
    }
    let status = status(&overt);
    assert_eq!(status["pace_why"], "day_volume", "{status}");
    let recorded = overt.stop(recorder).expect("it stops");
    let told = paces(&records(&recorded.recording, &overt));
    assert!(matches!(told[0], PaceChange { pace: Pace::Slow { .. } | Pace::AroundInputs, .. }), "{told:?}");
    assert_eq!(told.last(), Some(&held(PaceReason::DayVolume)), "{told:?}");
    let again = overt.record().expect("it starts");
    let at_first = scene::status(&overt);
    assert_eq!((&at_first["state"], &at_first["pace_why"]), (&"held".into(), &"day_volume".into()));
    let nothing = overt.stop(again).expect("it stops");
    let left = records(&nothing.recording, &overt);
    assert!(!left.iter().any(|r| matches!(r.body, RecordBody::Frame(_))), "nothing of that day is taken");
}

fn noisy_desktop() -> (tempfile::TempDir, Desktop, Target) {
    let folder = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start((1280, 900)).expect("the desktop starts");
    let file = folder.path().join("noise.html");
    std::fs::write(&file, NOISE).expect("the page is written");
    let bounds = Rect { x: 20, y: 40, w: 600, h: 400 };
    let url = format!("file://{}", file.display());
    let (_, window) = apps::open_chromium(&desktop, &url, bounds).expect("Chromium opens");
    let page = Target::new("chromium", "document web", "", window.bounds);
    (folder, desktop, page)
}

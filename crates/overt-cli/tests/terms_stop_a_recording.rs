//! What ends a recording under way, or leaves a hole in it: a narrowing, "this application never", the hour, the
//! last day, a clock or an agreement set back.

mod live;
mod opened;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use live::LiveView;
use opened::opened;
use overt_event::{DenyRule, Gap, RecordBody, Rect};
use overt_format::RecordingDir;
use overt_sim::apps::{open_galculator, open_mousepad};
use overt_sim::clock::SetClock;
use overt_sim::desktop::{Desktop, WindowFacts};
use overt_sim::overt::{APPS, Overt, Recorded, Recorder};
use overt_sim::person::{Person, Target};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_overt");
const WITHIN: Duration = Duration::from_secs(60);
const DAY_SECS: i64 = 86_400;
const HOUR_SECS: i64 = 3_600;

/// Of the day in UTC, by which agreements count.
fn secs_since_midnight() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("it fits") % DAY_SECS
}

/// Beside each other.
const EDITOR: Rect = Rect { x: 40, y: 60, w: 600, h: 400 };
const CALCULATOR: Rect = Rect { x: 800, y: 400, w: 300, h: 300 };

/// A desktop with an editor, and terms to record it.
struct Office {
    desktop: Desktop,
    folder: tempfile::TempDir,
    clock: SetClock,
    editor: Target,
}

impl Office {
    fn open(edit: impl FnOnce(&str) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desktop = Desktop::start((1280, 900)).expect("the desktop starts");
        let (_, window) = open_mousepad(&desktop, &folder.path().join("note.txt")).expect("it opens");
        let window = placed(&desktop, &window, EDITOR);
        let clock = SetClock::right(&folder.path().join("clock")).expect("the package faketime");
        let office = Self { desktop, folder, clock, editor: inside("mousepad", &window) };
        let overt = office.overt();
        overt.run("keys init", |c| c.arg("--keys").arg(overt.path("other"))).expect("keys of the other");
        overt.prepare_edited("on_change", "full", &APPS[1..], edit).expect("keys, agreement, consent");
        office
    }

    fn overt(&self) -> Overt<'_> {
        let overt = Overt::new(Path::new(PROGRAM), &self.desktop, &self.folder.path().join("overt"));
        overt.expect("overt").with_env(self.clock.env())
    }

    fn records(&self) -> Recorder {
        self.overt().record().expect("it records")
    }

    /// Why no recording begins.
    fn refuses(&self) -> String {
        let refused = self.overt().record().err().expect("it does not record");
        refused.to_string()
    }

    fn clicks(&self, target: &Target, times: usize) {
        let mut person = Person::sit_down(self.desktop.display(), 3).expect("a person");
        (0..times).for_each(|_| person.click(target).expect("a click"));
    }

    /// It ends by itself, for this reason, with so many presses in it.
    fn ends(&self, recorder: Recorder, why: &str, presses: usize) -> Recorded {
        let recorded = self.overt().ended(recorder).expect("it ends");
        assert_eq!(recorded.ended["why"], why);
        assert_eq!(self.presses(&recorded), presses);
        recorded
    }

    fn bodies(&self, recorded: &Recorded) -> Vec<RecordBody> {
        let dir = RecordingDir::local(&recorded.recording).expect("the recording reads");
        let items = opened(&dir, &self.overt().path("keys"));
        items.into_iter().map(|item| item.stored.record.body.clone()).collect()
    }

    fn presses(&self, recorded: &Recorded) -> usize {
        let bodies = self.bodies(recorded);
        bodies.iter().filter(|b| matches!(b, RecordBody::Button { down: true, .. })).count()
    }

    /// A verb about the agreement and the keys.
    fn verb(&self, verb: &str, args: &[&str]) {
        let overt = self.overt();
        let place = |arg: &&str| match arg.strip_prefix("@") {
            Some(name) => overt.path(name).into_os_string(),
            None => (*arg).into(),
        };
        overt.run(verb, |c| c.args(args.iter().map(place))).expect("it is done");
    }

    fn levels(&self) -> Value {
        let said = self.overt().run("status", |c| c.arg("--json")).expect("it answers");
        serde_json::from_str::<Value>(&said).expect("JSON")["applications"].clone()
    }
}

/// Puts a window there; gives it as it stands then.
fn placed(desktop: &Desktop, window: &WindowFacts, bounds: Rect) -> WindowFacts {
    let windows = desktop.windows().expect("windows");
    windows.place(window.id, bounds).expect("it is placed");
    let near = |w: &WindowFacts| (w.bounds.x - bounds.x).abs() < 40 && (w.bounds.y - bounds.y).abs() < 60;
    let there = |w: &WindowFacts| w.id == window.id && near(w);
    windows.wait("its place", WITHIN, |w| Ok(w.managed()?.into_iter().find(there))).expect("it is there")
}

/// The middle half of a window.
fn inside(app: &str, window: &WindowFacts) -> Target {
    let Rect { x, y, w, h } = window.bounds;
    Target::new(app, "", "", Rect { x: x + w / 4, y: y + h / 4, w: w / 2, h: h / 2 })
}

/// A second party; one signature is enough.
fn of_two(text: &str, key: &str) -> String {
    let party = format!("[[parties]]\nname = \"The council\"\nkey = \"{}\"\n\n[[applications]]", key.trim());
    text.replacen("[[applications]]", &party, 1).replacen("version = 1", "version = 1\nthreshold = 1", 1)
}

#[test]
fn a_narrowing_of_one_party_ends_it_at_once_and_the_next_is_narrower() {
    let office = Office::open(str::to_owned);
    let overt = office.overt();
    // The keys of the other party are there only now, so the terms are made anew.
    let key = fs::read_to_string(overt.path("other/party.pub")).expect("a key");
    for name in ["agreement.toml", "consent.toml"] {
        fs::remove_file(overt.path(name)).expect("it is removed");
    }
    fs::remove_dir_all(overt.path("keys")).expect("they are removed");
    overt.prepare_edited("on_change", "full", &APPS[1..], |t| of_two(t, &key)).expect("terms of two");
    let own = fs::read_to_string(overt.path("keys/party.pub")).expect("a key");
    office.verb("keys trust", &[own.trim(), "--keys", "@other"]);
    let recorder = office.records();
    office.clicks(&office.editor, 2);
    office.verb(
        "agreement narrow",
        &["@agreement.toml", "--keys", "@other", "--app", "mousepad=structure", "--out", "@less.note"],
    );
    office.verb("agreement take", &["@less.note", "--agreement", "@agreement.toml", "--keys", "@keys"]);
    office.ends(recorder, "the terms were changed", 2);
    let next = office.records();
    assert_eq!(office.levels(), serde_json::json!([["mousepad", "structure"], ["galculator", "full"]]));
    office.overt().stop(next).expect("it stops");
}

#[test]
fn never_this_application_ends_it_and_then_the_others_are_recorded_and_it_is_not() {
    let office = Office::open(str::to_owned);
    let (_, window) = open_galculator(&office.desktop).expect("it opens");
    let window = placed(&office.desktop, &window, CALCULATOR);
    let recorder = office.records();
    office.clicks(&office.editor, 1);
    office.verb("consent never", &["--app", "mousepad", "--keys", "@keys"]);
    office.ends(recorder, "the terms were changed", 1);
    let next = office.records();
    assert_eq!(office.levels(), serde_json::json!([["galculator", "full"]]));
    office.clicks(&office.editor, 2);
    office.clicks(&inside("galculator", &window), 1);
    let recorded = office.overt().stop(next).expect("it stops");
    assert_eq!(office.presses(&recorded), 1, "of the other alone");
    let denied =
        |b: &RecordBody| matches!(b, RecordBody::Gap { gap: Gap::Denied { rule: DenyRule::Narrowed }, .. });
    assert!(office.bodies(&recorded).iter().any(denied));
    office.verb("consent never", &["--app", "galculator", "--keys", "@keys"]);
    assert!(office.refuses().contains("no application is left"));
}

/// From two hours after the present one to four hours after it, by the clock of Greenwich.
fn quiet_soon(text: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is after 1970");
    let hour = now.as_secs() / 3_600 % 24;
    let (from, to) = ((hour + 2) % 24, (hour + 4) % 24);
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|d| format!("\"{d}\"")).join(", ");
    let quiet = format!(
        "time_zone = \"UTC\"\nquiet_hours = [{{ days = [{days}], from = \"{from:02}:00\", to = \"{to:02}:00\" }}]\n"
    );
    text.replacen("[[parties]]", &format!("{quiet}[[parties]]"), 1)
}

#[test]
fn in_quiet_hours_nothing_is_kept_and_after_them_it_goes_on() {
    let office = Office::open(quiet_soon);
    let recorder = office.records();
    office.clicks(&office.editor, 1);
    office.clock.set_ahead(3 * HOUR_SECS).expect("set");
    office.clicks(&office.editor, 3);
    office.clock.set_ahead(6 * HOUR_SECS).expect("set");
    office.clicks(&office.editor, 1);
    let recorded = office.overt().stop(recorder).expect("it stops");
    assert_eq!(office.presses(&recorded), 2);
    let quiet =
        |b: &RecordBody| matches!(b, RecordBody::Gap { gap: Gap::Denied { rule: DenyRule::QuietHours }, .. });
    assert!(office.bodies(&recorded).iter().any(quiet));
}

#[test]
fn after_the_last_day_it_ends_and_does_not_begin_again() {
    let office = Office::open(str::to_owned);
    let recorder = office.records();
    office.clicks(&office.editor, 1);
    office.clock.set_ahead(200 * DAY_SECS).expect("set");
    office.ends(recorder, "the agreement or the consent ended", 1);
    assert!(office.refuses().contains("ended"));
}

#[test]
fn a_clock_that_goes_back_ends_it() {
    let office = Office::open(str::to_owned);
    // Two hours before that it is the same day still, on which the agreement is in force.
    let noon = DAY_SECS + DAY_SECS / 2 - secs_since_midnight();
    office.clock.set_ahead(noon).expect("set");
    let recorder = office.records();
    office.clicks(&office.editor, 1);
    office.clock.set_ahead(noon - 2 * HOUR_SECS).expect("set");
    office.ends(recorder, "the clock went back", 1);
    office.clock.set_ahead(-3 * DAY_SECS).expect("set");
    office.refuses();
}

/// The agreement of a higher version was in use; somebody puts the older one in its place.
#[test]
fn an_agreement_that_is_rolled_back_ends_it() {
    let office = Office::open(str::to_owned);
    let overt = office.overt();
    let (agreement, consent) = (overt.path("agreement.toml"), overt.path("consent.toml"));
    let older = [fs::read(&agreement).expect("a text"), fs::read(&consent).expect("a text")];
    let text = String::from_utf8(older[0].clone()).expect("UTF-8");
    let (body, _) = text.split_once("\n\n\u{2014} ").expect("a text and its signatures");
    fs::write(&agreement, format!("{}\n", body.replacen("version = 1", "version = 2", 1))).expect("written");
    fs::remove_file(&consent).expect("it was to other terms");
    office.verb("agreement sign", &["@agreement.toml", "--keys", "@keys"]);
    office.verb(
        "consent give",
        &["--agreement", "@agreement.toml", "--keys", "@keys", "--app", "mousepad", "--out", "@consent.toml"],
    );
    let recorder = office.records();
    office.clicks(&office.editor, 1);
    fs::write(&agreement, &older[0]).expect("written");
    office.ends(recorder, "the terms were changed", 1);
    fs::write(&consent, &older[1]).expect("written");
    assert!(office.refuses().contains("version 1 of an agreement of which version 2 was seen"));
}

/// What was recorded under the agreement and is older than it lets it be kept is deleted when the next recording
/// begins.
#[test]
fn what_is_overdue_goes_when_the_next_recording_begins() {
    let office = Office::open(|t| t.replacen("[[parties]]", "retention_days = 30\n[[parties]]", 1));
    let first = office.records();
    office.clicks(&office.editor, 1);
    let first = office.overt().stop(first).expect("it stops");
    office.clock.set_ahead(30 * DAY_SECS).expect("set");
    let second = office.records();
    let second = office.overt().stop(second).expect("it stops");
    assert!(first.recording.exists(), "thirty days are not over");
    office.clock.set_ahead(32 * DAY_SECS).expect("set");
    let third = office.records();
    office.overt().stop(third).expect("it stops");
    assert!(!first.recording.exists() && second.recording.exists());
}

/// The same in a store, by whoever keeps it.
#[test]
fn what_is_overdue_is_erased_from_a_store() {
    let office = Office::open(|t| t.replacen("[[parties]]", "retention_days = 30\n[[parties]]", 1));
    let recorder = office.records();
    office.clicks(&office.editor, 1);
    let overt = office.overt();
    let recorded = overt.stop(recorder).expect("it stops");
    overt.run("release", |c| c.arg(&recorded.recording)).expect("it is released");
    overt
        .run("collect", |c| c.arg(&recorded.recording).arg("--into").arg(overt.path("store")))
        .expect("it is collected");
    let erase = |how: &str| {
        let answer = overt.run("erase", |c| {
            c.args(["--overdue", how, "--agreement"]).arg(overt.path("agreement.toml"));
            c.arg("--keys").arg(overt.path("keys")).arg("--from").arg(overt.path("store"))
        });
        answer.expect("it is done")
    };
    office.clock.set_ahead(30 * DAY_SECS).expect("set");
    assert!(!erase("--yes").contains("Erased"), "thirty days are not over");
    office.clock.set_ahead(32 * DAY_SECS).expect("set");
    assert!(erase("--dry-run").contains("would be erased: all of it"));
    assert!(erase("--yes").contains("all of it. The store does not take it again"));
    assert!(!erase("--dry-run").contains("would be erased"), "it is gone");
}

/// What would be recorded of the window in front is told as another window comes to the front.
#[test]
fn what_would_be_recorded_is_told_live() {
    let office = Office::open(str::to_owned);
    office.verb("consent never", &["--app", "galculator", "--keys", "@keys"]);
    office.clicks(&office.editor, 1);
    let view = LiveView::open(&office.desktop, &office.overt());
    view.wait_for("Recorded as \"mousepad\", level full");
    open_galculator(&office.desktop).expect("it opens");
    view.wait_for("have taken this application out");
}

//! Whoever switches to another application, by keyboard, by a taskbar or by a click into its window: the
//! recording tells which one has the focus then, by the name that the agreement gives it, and where it is asked for, a data
//! set has an episode for each.

mod opened;

use std::path::Path;
use std::process::Command;

use opened::opened;
use overt_dataset::read_episodes;
use overt_event::{RecordBody, Rect, WindowChange};
use overt_format::RecordingDir;
use overt_sim::apps::{self, APP_WITHIN};
use overt_sim::desktop::Desktop;
use overt_sim::overt::Overt;
use overt_sim::person::{Person, Target};

const SIZE: (u32, u32) = (1280, 900);
/// A bar at the bottom with a button of 200 pixels for each window, oldest first.
const TASKBAR: &str = "panel_items = T\npanel_position = bottom center horizontal\npanel_size = 100% 30\n\
    panel_padding = 0 0 0\ntaskbar_padding = 0 0 0\ntaskbar_mode = single_desktop\ntask_icon = 0\n\
    task_text = 1\ntask_maximum_size = 200 30\nmouse_left = toggle\n";
/// Names that tell neither a program nor a version of it.
const APPS: [(&str, &str); 2] =
    [("editor", "/usr/bin/mousepad:Mousepad"), ("numbers", "/usr/bin/galculator:Galculator")];

fn button(place: i32) -> Target {
    let bounds = Rect { x: place * 200 + 20, y: SIZE.1 as i32 - 25, w: 150, h: 20 };
    Target::new("taskbar", "push button", "", bounds)
}

fn await_active(desktop: &Desktop, class: &str) {
    let windows = desktop.windows().expect("the display answers");
    let active = windows.wait("the other application", APP_WITHIN, |w| {
        Ok(w.managed()?.iter().any(|facts| facts.active && facts.class == class).then_some(()))
    });
    let stand =
        || windows.managed().map(|all| all.into_iter().map(|w| (w.class, w.active)).collect::<Vec<_>>());
    active.unwrap_or_else(|e| panic!("{class} is not switched to: {e:#}\n{:?}", stand()));
}

/// The applications that had the focus, in order.
fn focused(recording: &Path, keys: &Path) -> Vec<String> {
    let dir = RecordingDir::local(recording).expect("the recording reads");
    let of_focus =
        |body: &RecordBody| matches!(body, RecordBody::Window { change: WindowChange::Focused, .. });
    let told = opened(&dir, keys).into_iter().map(|item| item.stored.record);
    let told = told.filter(|record| !record.repeated && of_focus(&record.body));
    told.map(|record| record.app.expect("an agreed application").0.to_string()).collect()
}

#[test]
fn every_way_to_switch_is_told_by_the_name_that_the_agreement_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(SIZE).expect("the desktop starts");
    let settings = desktop.folder().join("taskbar");
    std::fs::write(&settings, TASKBAR).expect("it is written");
    let mut taskbar = desktop.command("tint2");
    taskbar.arg("-c").arg(settings).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    desktop.spawn(taskbar).expect("it starts");
    desktop.wait_for_window("Tint2").expect("the taskbar is shown");
    let notes = desktop.folder().join("notes.txt");
    let (_, editor) = apps::open_mousepad(&desktop, &notes).expect("mousepad opens");
    let windows = desktop.windows().expect("the display answers");
    windows.place(editor.id, Rect { x: 30, y: 60, w: 500, h: 400 }).expect("asked");
    apps::open_galculator(&desktop).expect("galculator opens");
    let id = windows.wait_for_class("Galculator", APP_WITHIN).expect("it is there").id;
    windows.place(id, Rect { x: 700, y: 60, w: 330, h: 380 }).expect("asked");
    await_active(&desktop, "Galculator");

    let overt = Overt::new(Path::new(env!("CARGO_BIN_EXE_overt")), &desktop, folder.path()).expect("overt");
    overt.prepare_with("none", "full", &APPS).expect("keys, agreement, consent");
    let recorder = overt.record().expect("it records");
    let mut person = Person::sit_down(desktop.display(), 5).expect("a person");
    let page = Target::new("editor", "text", "", Rect { x: 150, y: 250, w: 200, h: 100 });
    let switch = |class: &str, done: anyhow::Result<()>| {
        done.expect("the person can");
        await_active(&desktop, class);
    };
    switch("Mousepad", person.chord(None, "alt+Tab"));
    switch("Galculator", person.click(&button(1)));
    switch("Mousepad", person.click(&page));
    switch("Galculator", person.chord(None, "alt+Tab"));
    switch("Mousepad", person.click(&button(0)));
    let recorded = overt.stop(recorder).expect("it stops");
    let told = focused(&recorded.recording, &overt.path("keys"));
    assert_eq!(told, ["numbers", "editor", "numbers", "editor", "numbers", "editor"]);
    check_episodes(&overt, &recorded.recording);
}

/// Without a word there is one episode, as nobody paused; by application there is another wherever work went on in one.
fn check_episodes(overt: &Overt<'_>, recording: &Path) {
    let path = |name: &str| overt.path(name);
    overt.run("release", |c| c.arg(recording)).expect("it is released");
    overt.run("collect", |c| c.arg(recording).arg("--into").arg(path("store"))).expect("it is collected");
    let ended_by = |out: &str, more: &[&str]| -> Vec<String> {
        let build = |c: &mut Command| {
            c.arg(path("store")).args(["--purpose", "train-agents", "--keys"]).arg(path("keys"));
            c.arg("--out").arg(path(out)).args(more);
        };
        overt
            .run("build", |c| {
                build(c);
                c
            })
            .expect("it is built");
        let episodes = read_episodes(&path(out)).expect("they read");
        episodes.into_iter().map(|e| e.ended_by).collect()
    };
    assert_eq!(ended_by("whole", &[]), ["recording_ends"]);
    let by_application = ended_by("parts", &["--episodes-by", "application"]);
    let (last, others) = by_application.split_last().expect("episodes");
    assert!(!others.is_empty() && others.iter().all(|e| e == "application"), "{by_application:?}");
    assert_eq!(last, "recording_ends");
}

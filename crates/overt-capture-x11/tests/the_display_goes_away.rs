//! A display that is not there, lacks something, or goes away, is told and never a panic.

mod stage;

use overt_capture::queue;
use overt_capture_x11::{OwnWindows, X11Config, X11Error, probe, start};
use overt_event::{Gap, RawBody};
use stage::{Stage, Watch};

fn config(display: &str, frames_per_sec_max: u32) -> X11Config {
    X11Config {
        display: Some(display.to_owned()),
        frames_per_sec_max,
        own_windows: OwnWindows::default(),
        excluded_pid: None,
    }
}

#[test]
fn killing_the_server_ends_with_a_gap() {
    let mut stage = Stage::bare();
    let watch = Watch::start(&stage, 10);
    watch.settle();
    assert!(!watch.capture.finished());
    stage.kill_display();
    let source = watch.next("the gap", |e| match e.body {
        RawBody::Gap { gap: Gap::SourceGone { source }, .. } => Some(source),
        _ => None,
    });
    assert_eq!(source, "display");
    assert!(watch.capture.finished());
    watch.capture.set_grabbing(false);
    watch.capture.grab_now();
    watch.capture.stop();
    assert!(watch.events.try_iter().all(|e| !matches!(e.body, RawBody::Gap { .. })), "it is told once");
}

#[test]
fn stopping_is_no_gap() {
    let stage = Stage::bare();
    let watch = Watch::start(&stage, 10);
    watch.settle();
    watch.capture.stop();
    assert!(watch.events.try_iter().all(|e| !matches!(e.body, RawBody::Gap { .. })));
}

#[test]
fn stopping_at_once_ends_it_too() {
    let stage = Stage::bare();
    for _ in 0..50 {
        Watch::start(&stage, 10).capture.stop();
    }
}

#[test]
fn no_display_and_too_many_frames_are_errors() {
    let (outlet, _events) = queue(8);
    assert!(matches!(start(config(":4242", 10), outlet.clone()), Err(X11Error::Connect(_))));
    assert!(matches!(start(config("no\0display", 10), outlet.clone()), Err(X11Error::Connect(_))));
    let refused = start(config(":4242", 31), outlet);
    assert!(matches!(refused, Err(X11Error::Rate { got: 31 })));
}

#[test]
fn the_doctor_finds_what_capture_needs() {
    let stage = Stage::with_openbox();
    let findings = probe(Some(&stage.display));
    for finding in &findings {
        assert!(finding.ok && !finding.detail.is_empty(), "{finding:?}");
    }
    let names: Vec<_> = findings.iter().map(|f| f.name).collect();
    for name in
        ["display", "screen", "XInputExtension", "MIT-SHM", "X-Resource", "keyboard layout", "window manager"]
    {
        assert!(names.contains(&name), "{name}");
    }
    let missing = probe(Some(":4242"));
    assert!(missing.len() == 1 && !missing[0].ok);
}

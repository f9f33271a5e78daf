//! What is said when applications hang, the bus dies or there is none.

mod stage;

use std::time::Duration;

use overt_capture::queue;
use overt_capture_atspi::{AtspiConfig, AtspiError, start};
use overt_event::{Completeness, FocusKind, Gap, NANOS_PER_MILLI, Point, RawBody};
use rustix::process::Signal;
use stage::{PATIENCE, SCREEN, Stage};

#[test]
fn without_a_bus_there_is_no_source() {
    let (outlet, _events) = queue(1);
    let config =
        AtspiConfig { session_bus: Some("unix:path=/nonexistent/bus".to_owned()), ..Default::default() };
    let error = start(config, outlet).err().expect("there is no bus");
    assert!(matches!(error, AtspiError::NoBus(_)) && error.is_permanent());
    let (outlet, _events) = queue(1);
    let config = AtspiConfig { session_bus: Some("no address".to_owned()), ..Default::default() };
    assert!(matches!(start(config, outlet), Err(AtspiError::NoBus(_))));
}

#[test]
fn a_hung_application_costs_the_deadline_and_no_more() {
    let mut stage = Stage::new();
    let watch = stage.watch_with(AtspiConfig::default());
    let pid = stage.spawn("galculator", &[]);
    let window = stage.window("galculator");
    let seven = watch.control(pid, window, "toggle button", "7").bounds;
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    let elsewhere = watch.control(pid, window, "toggle button", "1").bounds.center();
    watch.lookup_role(pid, seven.center(), window.bounds, "toggle button");
    stage.signal(pid, Signal::STOP);
    let answer = watch.lookup(pid, elsewhere, window.bounds, false);
    assert_eq!((answer.completeness, answer.element), (Completeness::TimedOut, None));
    let took_millis = answer.took_nanos / NANOS_PER_MILLI;
    assert!((400..800).contains(&took_millis), "{took_millis} ms");
    assert_eq!(watch.probe().kind, FocusKind::Unknown);
    let snapshot = watch.snapshot(pid, window);
    assert!(matches!(snapshot.completeness, Completeness::TimedOut | Completeness::Cut));
    stage.signal(pid, Signal::CONT);
    watch.lookup_role(pid, seven.center(), window.bounds, "toggle button");
    assert!(watch.capture.connected());
    watch.capture.stop();
}

#[test]
fn the_focus_is_found_while_another_application_hangs() {
    let mut stage = Stage::new();
    let before = stage.watch();
    let hung = stage.spawn("galculator", &[]);
    before.probe_until(|kind| *kind != FocusKind::Unknown);
    let pid = stage.spawn("mousepad", &["--disable-server"]);
    let is_text = |kind: &FocusKind| *kind == FocusKind::Other { role: "text".to_owned() };
    before.probe_until(is_text);
    // What it says of itself as it opens has been said by then: whoever comes later has to look.
    before.snapshot_with(pid, stage.window("Mousepad"), "Help");
    before.capture.stop();
    stage.signal(hung, Signal::STOP);
    let watch = stage.watch();
    watch.probe_until(is_text);
}

#[test]
fn an_answer_to_a_hover_serves_the_press_on_an_application_that_hangs() {
    let mut stage = Stage::new();
    let config = AtspiConfig { lookup_deadline: Duration::from_millis(100), ..Default::default() };
    let watch = stage.watch_with(config);
    let pid = stage.spawn("galculator", &[]);
    let window = stage.window("galculator");
    let seven = watch.control(pid, window, "toggle button", "7").bounds;
    watch.lookup_role(pid, seven.center(), window.bounds, "toggle button");
    stage.signal(pid, Signal::STOP);
    let press = watch.lookup(pid, Point { x: seven.x + 3, y: seven.y + 3 }, window.bounds, false);
    stage.signal(pid, Signal::CONT);
    assert_eq!(press.completeness, Completeness::TimedOut);
    assert_eq!(press.element.map(|e| e.node.name).as_deref(), Some("7"));
}

#[test]
fn a_bus_that_dies_is_said_once_and_the_focus_is_unknown() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.spawn("galculator", &[]);
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    stage.kill_bus();
    let mut unknown = false;
    let gone = watch.wait(PATIENCE, |body| match body {
        RawBody::Focus(report) => {
            unknown = report.kind == FocusKind::Unknown;
            None
        }
        RawBody::Gap { gap: Gap::SourceGone { source }, .. } => Some(source),
        _ => None,
    });
    assert_eq!((gone.as_deref(), unknown), (Some("accessibility"), true));
    assert!(!watch.capture.connected());
    watch.capture.probe_focus();
    watch.capture.set_paused(true);
    watch.capture.set_paused(false);
    assert!(watch.wait(Duration::from_millis(100), Some).is_none(), "nothing more is said");
    watch.capture.stop();
}

#[test]
fn a_process_without_a_tree_and_one_that_is_gone_are_told_apart() {
    let stage = Stage::new();
    let watch = stage.watch();
    let at = Point { x: 5, y: 5 };
    let own = watch.lookup(std::process::id(), at, SCREEN, false);
    assert_eq!((own.completeness, own.element), (Completeness::NoTree, None));
    let gone = watch.lookup(u32::MAX - 1, at, SCREEN, false);
    assert_eq!(gone.completeness, Completeness::Closed);
}

#[test]
fn a_paused_source_says_nothing_and_a_resumed_one_begins_with_unknown() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.spawn("galculator", &[]);
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    watch.capture.set_paused(true);
    watch.wait(Duration::from_millis(50), |_| None::<()>);
    watch.capture.probe_focus();
    assert!(watch.wait(Duration::from_millis(400), Some).is_none());
    watch.capture.set_paused(false);
    let first = watch.focus(|_| true);
    assert_eq!(first.kind, FocusKind::Unknown);
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
}

#[test]
fn events_of_the_excluded_process_are_ignored() {
    let mut stage = Stage::new();
    let first = stage.watch();
    let pid = stage.spawn("galculator", &[]);
    first.probe_until(|kind| *kind != FocusKind::Unknown);
    let watch = stage.watch_with(AtspiConfig { excluded_pid: pid, ..Default::default() });
    assert_eq!(watch.probe().kind, FocusKind::Unknown);
    stage.key("7");
    assert_eq!(watch.probe().kind, FocusKind::Unknown);
}

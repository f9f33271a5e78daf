//! Applications that never answer, that flood, and an accessibility bus that hangs: what they cost is
//! bounded, what is lost is told, the focus is unknown, and the other applications are still answered.

mod stage;

use std::time::Duration;

use overt_capture_atspi::{AtspiConfig, AtspiError, start};
use overt_event::{Completeness, FocusKind, Gap, Point, RawBody};
use overt_sim::silent_app::SilentApp;
use rustix::process::Signal;
use stage::{PATIENCE, SCREEN, Stage, Watch};

/// Memory that a flood of 50,000 events may cost this process.
const FLOOD_KIB_MAX: u64 = 65_536;

/// The memory of this process.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Set in a thread's flags once it ends (Linux, `include/linux/sched.h`).
const PF_EXITING: u32 = 4;

/// Threads of sources in this process. One that ends is still listed for a moment after it has been joined, and does not count.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux tells").flatten();
    let told = tasks.flat_map(|task| std::fs::read_to_string(task.path().join("stat")));
    told.filter(|stat| {
        let (name, rest) = stat.split_once(" (").and_then(|(_, s)| s.rsplit_once(") ")).expect("a name");
        let flags: u32 = rest.split(' ').nth(6).expect("flags").parse().expect("a number");
        name.starts_with("atspi-") && flags & PF_EXITING == 0
    })
    .count()
}

fn calculator(stage: &mut Stage, watch: &Watch) -> (u32, Point) {
    let pid = stage.spawn("galculator", &[]);
    let window = stage.window("galculator");
    let nodes = watch.snapshot_with(pid, window, "9").nodes;
    (pid, nodes.iter().find(|n| n.name == "7").expect("a button").bounds.center())
}

#[test]
fn an_application_that_never_answers_times_out_and_the_others_are_answered() {
    let mut stage = Stage::new();
    let patient = stage.watch();
    let (pid, seven) = calculator(&mut stage, &patient);
    patient.capture.stop();
    let watch = stage.watch_with(AtspiConfig::default());
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    let silent = SilentApp::register(&stage.accessibility_bus()).expect("the registry takes it");
    silent.claim_focus().expect("the bus takes it");
    watch.focus(|report| report.kind == FocusKind::Unknown);
    let answer = watch.lookup(std::process::id(), Point { x: 5, y: 5 }, SCREEN, false);
    assert_eq!((answer.completeness, answer.element), (Completeness::TimedOut, None));
    assert_eq!(watch.probe().kind, FocusKind::Unknown, "nobody says what the focused thing is");
    watch.lookup_role(pid, seven, SCREEN, "toggle button");
    assert!(watch.capture.connected(), "the bus is well");
    stage.click(seven);
    stage.key("Tab");
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    watch.capture.stop();
}

#[test]
fn a_flood_of_events_costs_bounded_memory_is_counted_and_does_not_silence_the_others() {
    let mut stage = Stage::new();
    let config =
        AtspiConfig { snapshot_deadline: PATIENCE / 6, lookup_deadline: PATIENCE / 6, ..Default::default() };
    let watch = stage.watch_with(config);
    let (pid, seven) = calculator(&mut stage, &watch);
    let silent = SilentApp::register(&stage.accessibility_bus()).expect("the registry takes it");
    let (memory, before) = (memory_kib(), threads());
    assert!(before > 0, "the source is at work");
    (0..50_000).for_each(|_| silent.insert().expect("the bus takes it"));
    watch.lookup_role(pid, seven, SCREEN, "toggle button");
    let grown = memory_kib().saturating_sub(memory);
    assert!(grown < FLOOD_KIB_MAX, "{grown} KiB");
    assert_eq!(threads(), before);
    let (mut lost, mut heard) = (0, false);
    for _ in 0..60 {
        // What was lost is told with the next event of somebody who answers.
        stage.key("Tab");
        watch.wait(PATIENCE / 60, |body| {
            match body {
                RawBody::Gap { gap: Gap::Unanswered { count }, .. } => lost += count,
                RawBody::Accessible { pid: of, .. } => heard |= of == pid,
                _ => {}
            }
            (heard && lost > 0).then_some(())
        });
        if heard && lost > 0 {
            break;
        }
    }
    assert!(heard, "the calculator is still heard");
    assert!(lost > 0, "what was lost is told");
    watch.capture.stop();
}

/// Waits until the source says that the bus is gone (an empty span) or back; the focus said last before that.
fn bus(watch: &Watch, back: bool) -> Option<FocusKind> {
    let mut kind = None;
    let told = watch.wait(PATIENCE, |body| match body {
        RawBody::Focus(report) => {
            kind = Some(report.kind);
            None
        }
        RawBody::Gap { gap: Gap::SourceGone { source }, span } => {
            assert_eq!((source.as_str(), span.to > span.from), ("accessibility", back));
            Some(())
        }
        _ => None,
    });
    assert!(told.is_some(), "it is told");
    kind
}

/// The bus hangs from here on, which the source has told. Returns its process.
fn hang_the_bus(stage: &Stage, watch: &Watch, (pid, seven): (u32, Point)) -> u32 {
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    let daemon = stage.accessibility_daemon();
    stage.signal(daemon, Signal::STOP);
    let elsewhere = Point { y: seven.y + 60, ..seven };
    assert_eq!(watch.lookup(pid, elsewhere, SCREEN, false).completeness, Completeness::TimedOut);
    assert_eq!(bus(watch, false), Some(FocusKind::Unknown));
    daemon
}

#[test]
fn a_bus_that_hangs_is_told_when_it_goes_and_when_it_is_back_and_then_everything_is_answered() {
    let mut stage = Stage::new();
    let watch = stage.watch_with(AtspiConfig::default());
    let (pid, seven) = calculator(&mut stage, &watch);
    let daemon = hang_the_bus(&stage, &watch, (pid, seven));
    assert!(!watch.capture.connected());
    assert!(watch.wait(Duration::from_millis(100), Some).is_none(), "nothing more is said");
    stage.signal(daemon, Signal::CONT);
    bus(&watch, true);
    assert!(watch.capture.connected());
    watch.lookup_role(pid, seven, SCREEN, "toggle button");
    stage.click(seven);
    stage.key("Tab");
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    watch.capture.stop();
}

#[test]
fn a_source_whose_bus_hangs_stops_without_it_and_none_is_started() {
    let mut stage = Stage::new();
    let watch = stage.watch_with(AtspiConfig::default());
    let calculator = calculator(&mut stage, &watch);
    let daemon = hang_the_bus(&stage, &watch, calculator);
    let (outlet, _events) = overt_capture::queue(1);
    let config = AtspiConfig { session_bus: Some(stage.bus.clone()), ..AtspiConfig::default() };
    assert!(
        matches!(start(config, outlet), Err(AtspiError::Silent { .. })),
        "it is not started on a hung bus"
    );
    watch.capture.stop();
    assert_eq!(threads(), 0, "they have ended");
    stage.signal(daemon, Signal::CONT);
}

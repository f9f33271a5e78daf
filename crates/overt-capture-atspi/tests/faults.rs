//! Applications that never answer, that flood, and an accessibility bus that hangs: what they cost is
//! bounded, what is lost is told, the focus is unknown, and the other applications are still answered.

mod stage;

use std::collections::HashMap;
use std::time::Duration;

use atspi::zbus::zvariant::{ObjectPath, Value};
use atspi::zbus::{Connection, connection};
use overt_capture_atspi::{AtspiConfig, AtspiError, start};
use overt_event::{Completeness, FocusKind, Gap, Point, RawBody};
use rustix::process::Signal;
use stage::{PATIENCE, SCREEN, Stage, Watch};

const ROOT: &str = "/org/a11y/atspi/accessible/root";
const OBJECT: &str = "org.a11y.atspi.Event.Object";
/// Memory that a flood of 50,000 events may cost this process.
const FLOOD_KIB_MAX: u64 = 65_536;

/// An application that registered itself and never answers a question.
struct Silent {
    connection: Connection,
}

impl Silent {
    fn register(stage: &Stage) -> Self {
        let connection = async_io::block_on(async {
            let address = stage.accessibility_bus();
            let builder = connection::Builder::address(address.as_str()).expect("an address");
            let connection = builder.build().await.expect("the bus answers");
            let name = connection.unique_name().expect("a name on the bus").to_string();
            let own = (name, ObjectPath::try_from(ROOT).expect("a path"));
            let registry = Some("org.a11y.atspi.Registry");
            let socket = Some("org.a11y.atspi.Socket");
            let embedded = connection.call_method(registry, ROOT, socket, "Embed", &(own,)).await;
            embedded.expect("the registry takes it");
            connection
        });
        Self { connection }
    }

    fn say(&self, member: &str, detail: &str, detail1: i32, any: Value<'_>) {
        let body = (detail, detail1, 1_i32, any, HashMap::<String, Value<'_>>::new());
        let path = "/org/a11y/atspi/accessible/7";
        let sent = self.connection.emit_signal(None::<&str>, path, OBJECT, member, &body);
        async_io::block_on(sent).expect("the bus takes it");
    }

    fn claim_focus(&self) {
        self.say("StateChanged", "focused", 1, Value::from(0));
    }

    fn insert(&self) {
        self.say("TextChanged", "insert", 0, Value::from("x"));
    }
}

/// The memory of this process.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Threads of sources in this process.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux tells").flatten();
    let names = tasks.flat_map(|task| std::fs::read_to_string(task.path().join("comm")));
    names.filter(|name| name.starts_with("atspi-")).count()
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
    let silent = Silent::register(&stage);
    silent.claim_focus();
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
    let silent = Silent::register(&stage);
    let (memory, before) = (memory_kib(), threads());
    (0..50_000).for_each(|_| silent.insert());
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
                RawBody::Gap { gap: Gap::Lost { count }, .. } => lost += count,
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

#[test]
fn a_bus_that_hangs_is_told_when_it_goes_and_when_it_is_back_and_then_everything_is_answered() {
    let mut stage = Stage::new();
    let watch = stage.watch_with(AtspiConfig::default());
    let (pid, seven) = calculator(&mut stage, &watch);
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    let daemon = stage.accessibility_daemon();
    stage.signal(daemon, Signal::STOP);
    let elsewhere = Point { y: seven.y + 60, ..seven };
    assert_eq!(watch.lookup(pid, elsewhere, SCREEN, false).completeness, Completeness::TimedOut);
    assert_eq!(bus(&watch, false), Some(FocusKind::Unknown));
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
    let (pid, seven) = calculator(&mut stage, &watch);
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    let daemon = stage.accessibility_daemon();
    stage.signal(daemon, Signal::STOP);
    let elsewhere = Point { y: seven.y + 60, ..seven };
    assert_eq!(watch.lookup(pid, elsewhere, SCREEN, false).completeness, Completeness::TimedOut);
    assert_eq!(bus(&watch, false), Some(FocusKind::Unknown));
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

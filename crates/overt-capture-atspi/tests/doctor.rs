//! What the doctor finds on a desktop that has everything.

mod stage;

use overt_capture_atspi::{Finding, probe};
use stage::Stage;

#[test]
fn a_desktop_with_a_bus_and_an_application_is_healthy() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.spawn("galculator", &[]);
    watch.snapshot_with(pid, stage.window("galculator"), "9");
    // The doctor looks at its own environment, so it runs in a process of the stage.
    let own = std::env::current_exe().expect("the test knows itself");
    let own = own.to_str().expect("a plain path");
    let said = stage.run(own, &["--exact", "the_doctor_speaks", "--nocapture"]);
    for finding in [
        "session bus: true It answers.",
        "toolkit accessibility: true It is switched on.",
        "accessibility bus: true It answers.",
        "accessible applications: true 1 registered.",
    ] {
        assert!(said.contains(finding), "{finding} is not in {said}");
    }
}

#[test]
fn the_doctor_speaks() {
    let findings = probe();
    assert_eq!(findings.first().map(|f| f.name), Some("session bus"));
    for Finding { name, ok, detail } in findings {
        assert!(detail.ends_with('.'), "{detail}");
        println!("{name}: {ok} {detail}");
    }
}

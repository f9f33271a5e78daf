//! Services that answer, change, disappear, come back, are not there or never answer: what they say is
//! known, what nobody says is unknown, and nobody is held up.

use std::time::{Duration, Instant};

use overt_capture_system::{Signs, SystemConfig, SystemWatch, start};
use overt_sim::desktop::SystemBus;

/// Longest wait for anything that must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Long deadlines: what is found must not depend on how busy the machine is.
fn patient(bus: &SystemBus) -> SystemConfig {
    SystemConfig { bus: Some(bus.address().to_owned()), answer_within: PATIENCE }
}

fn watch(bus: &SystemBus) -> SystemWatch {
    start(patient(bus)).expect("a thread")
}

fn wait_for(watch: &SystemWatch, expected: Signs) {
    let deadline = Instant::now() + PATIENCE;
    while watch.signs() != expected {
        let told = watch.changes().recv_deadline(deadline);
        assert!(told.is_ok(), "it never becomes {expected:?}: {:?}", watch.signs());
    }
}

const UNKNOWN: Signs = Signs { on_battery: None, metered: None, locked: None, falling_asleep: None };

#[test]
fn what_the_services_say_is_known_at_the_start_and_as_it_changes() {
    let bus = SystemBus::start().expect("a bus");
    let power = bus.power(true).expect("UPower");
    let network = bus.network(4).expect("NetworkManager");
    let login = bus.login().expect("logind");
    let watch = watch(&bus);
    let mut signs = Signs {
        on_battery: Some(true),
        metered: Some(false),
        locked: Some(false),
        falling_asleep: Some(false),
    };
    assert_eq!(watch.signs(), signs, "all of it is known when it has started");
    power.set_on_battery(false).expect("said");
    signs.on_battery = Some(false);
    wait_for(&watch, signs);
    network.set_metered(3).expect("said");
    signs.metered = Some(true);
    wait_for(&watch, signs);
    network.set_metered(0).expect("said");
    signs.metered = None;
    wait_for(&watch, signs);
    login.set_locked(true).expect("said");
    signs.locked = Some(true);
    wait_for(&watch, signs);
    login.set_locked(false).expect("said");
    signs.locked = Some(false);
    wait_for(&watch, signs);
    for begins in [true, false] {
        login.prepare_for_sleep(begins).expect("said");
        signs.falling_asleep = Some(begins);
        wait_for(&watch, signs);
    }
    watch.stop();
}

#[test]
fn a_service_that_goes_is_unknown_and_one_that_comes_is_asked() {
    let bus = SystemBus::start().expect("a bus");
    let watch = watch(&bus);
    assert_eq!(watch.signs(), UNKNOWN, "nobody is there");
    let power = bus.power(true).expect("UPower");
    wait_for(&watch, Signs { on_battery: Some(true), ..UNKNOWN });
    drop(power);
    wait_for(&watch, UNKNOWN);
    let _login = bus.login().expect("logind");
    wait_for(&watch, Signs { locked: Some(false), falling_asleep: Some(false), ..UNKNOWN });
    let _again = bus.power(false).expect("UPower");
    let known =
        Signs { on_battery: Some(false), locked: Some(false), falling_asleep: Some(false), metered: None };
    wait_for(&watch, known);
    watch.stop();
}

#[test]
fn services_that_never_answer_hold_up_nobody_and_their_successors_are_heard() {
    let bus = SystemBus::start().expect("a bus");
    let silent = bus.silent().expect("the names");
    let hasty = SystemConfig { answer_within: Duration::from_millis(200), ..patient(&bus) };
    let watch = start(hasty).expect("a thread");
    assert_eq!(watch.signs(), UNKNOWN);
    drop(silent);
    let power = bus.power(true).expect("UPower");
    let (known, deadline) = (Signs { on_battery: Some(true), ..UNKNOWN }, Instant::now() + PATIENCE);
    while watch.signs() != known {
        // On a busy machine the short deadline may be missed; each signal is a reason to ask once more.
        assert!(Instant::now() < deadline, "it is never heard");
        power.set_on_battery(true).expect("said");
        let _ = watch.changes().recv_timeout(Duration::from_millis(500));
    }
    watch.stop();
}

#[test]
fn without_a_bus_or_after_its_end_nothing_is_known() {
    let config =
        SystemConfig { bus: Some("unix:path=/nonexistent/bus".to_owned()), ..SystemConfig::default() };
    let without = start(config).expect("a thread");
    assert_eq!(without.signs(), UNKNOWN);
    without.stop();
    let bus = SystemBus::start().expect("a bus");
    let power = bus.power(true).expect("UPower");
    let watch = watch(&bus);
    assert_eq!(watch.signs(), Signs { on_battery: Some(true), ..UNKNOWN });
    drop(bus);
    wait_for(&watch, UNKNOWN);
    drop(power);
    watch.stop();
}

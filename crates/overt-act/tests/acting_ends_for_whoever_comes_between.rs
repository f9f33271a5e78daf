//! Acting ends where the person acts themselves, where somebody else has the keyboard, where the papers or what the window
//! shows do not cover it any more, and within a text.

mod stage;

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use overt_act::{ActError, Acted, Ended, Permit};
use overt_event::Rect;
use overt_learn::{Decision, Deed, Manner, Moment, Policy};
use overt_sim::desktop::SystemBus;
use overt_sim::person::Person;
use x11rb::protocol::xproto::ModMask;

use stage::{
    BOUNDS, CAPS_LOCK, CONTROL, F2, F9, HeldProcess, MAY_ACT, Orders, Other, Run, Stage, WITHIN, Wavers,
    element, permit, sure, terms,
};

/// Presses the same chord for ever.
struct Strikes(&'static [&'static str]);

impl Policy for Strikes {
    fn decide(&self, _: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let keys = self.0.iter().map(|k| (*k).to_owned()).collect();
        Some(Decision { deed: Deed { manner: Manner::Key(keys), on: None, text: None }, chance: 1.0 })
    }
}

/// Opens the menu of a field and presses a key in it.
struct OpensMenu;

impl Policy for OpensMenu {
    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        match element(moment.scene, "entry", "Full name") {
            Some(name) => sure(Manner::RightClick, name, None),
            None => Strikes(&["Down"]).decide(moment, barred),
        }
    }
}

/// Types one text for ever.
struct Types(&'static str);

impl Policy for Types {
    fn decide(&self, _: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let deed = Deed { manner: Manner::Type, on: None, text: Some(self.0.to_owned()) };
        Some(Decision { deed, chance: 1.0 })
    }
}

const NOTHING: usize = 0;

/// Agreed is the form's own site, and no other.
fn here_alone() -> Permit {
    site_alone("127.0.0.1")
}

fn site_alone(host: &str) -> Permit {
    permit(terms(MAY_ACT, ("full", &format!("sites = [{{ host = \"{host}\", level = \"full\" }}]\n"))))
}

/// Somebody presses a key as soon as it is decided what to do, and lets go of it a second later: long after it is seen, and before who
/// acted leaves.
fn act_while_pressed(stage: &Stage, other: &Other, policy: &dyn Policy, key: u32) -> Acted {
    thread::scope(|all| {
        let release = || {
            thread::sleep(Duration::from_secs(1));
            other.key(key, false);
        };
        let acted = stage.act(&stage.run(), policy, &mut |_, _| {
            other.key(key, true);
            all.spawn(release);
        });
        acted.expect("it acts")
    })
}

#[test]
fn a_person_who_holds_a_key_or_moves_the_pointer_is_not_disturbed() {
    let stage = Stage::set();
    let (other, since) = (Other::at(&stage), stage.pages.heard());
    for policy in [&Wavers as &dyn Policy, &Strikes(&["Tab"])] {
        let held = act_while_pressed(&stage, &other, policy, CONTROL);
        assert_eq!(held, Acted { ended: Ended::PersonActs, steps: NOTHING });
    }
    assert!(stage.values(since, "tides", "change").is_empty());
}

#[test]
fn keys_go_nowhere_while_another_program_has_the_keyboard_and_never_to_the_window_manager() {
    let stage = Stage::set();
    let launcher = Other::at(&stage);
    let taken = stage.act(&stage.run(), &Orders, &mut |_, decision| {
        if decision.deed.manner == Manner::Type {
            launcher.grab_keyboard();
        }
    });
    assert_eq!(taken.expect("it acts"), Acted { ended: Ended::NotInFront, steps: 1 });
    assert!(stage.values(0, "name", "input").is_empty());
    drop(launcher);
    let beyond = stage.act(&stage.run(), &Strikes(&["alt", "Tab"]), &mut |_, _| ());
    assert_eq!(beyond.expect("it acts"), Acted { ended: Ended::BeyondTheWindow, steps: NOTHING });
}

#[test]
fn a_key_of_any_kind_that_is_down_ends_it_and_the_browser_outlives_it() {
    let stage = Stage::set();
    let other = Other::at(&stage);
    let held = act_while_pressed(&stage, &other, &Strikes(&["Tab"]), F9);
    assert_eq!(held, Acted { ended: Ended::PersonActs, steps: NOTHING });
    let again = stage.act(&Run { dry_run: true, ..stage.run() }, &Strikes(&["Tab"]), &mut |_, _| ());
    assert_eq!(again.expect("it looks"), Acted { ended: Ended::DryRun, steps: NOTHING });
}

#[test]
fn a_pointer_that_somebody_moved_ends_it() {
    let stage = Stage::set();
    let other = Other::at(&stage);
    let moved = stage.act(&stage.run(), &Orders, &mut |_, decision| {
        if decision.deed.manner == Manner::Type {
            other.move_pointer(700, 700);
        }
    });
    assert_eq!(moved.expect("it acts"), Acted { ended: Ended::PersonActs, steps: 1 });
    assert!(stage.values(0, "name", "input").is_empty());
}

#[test]
fn the_stop_key_is_awaited_of_fingers_that_are_on_their_way_to_it() {
    let stage = Stage::set();
    let other = Other::at(&stage);
    let mut person = Person::sit_down(stage.desktop.display(), 3).expect("a person");
    let (go, begin) = mpsc::channel();
    let fingers = thread::spawn(move || {
        begin.recv_timeout(WITHIN).expect("it acts");
        person.chord(None, "alt+s").expect("the rest of the stop key");
    });
    let decided = Cell::new(false);
    let interrupted = || {
        if decided.take() {
            go.send(()).expect("the person waits");
        }
        false
    };
    let run = Run { interrupted: &interrupted, ..stage.run() };
    let stopped = stage.act(&run, &Wavers, &mut |_, _| {
        other.key(CONTROL, true);
        decided.set(true);
    });
    fingers.join().expect("the person presses it");
    other.key(CONTROL, false);
    assert_eq!(stopped.expect("it acts"), Acted { ended: Ended::StopKey, steps: NOTHING });
}

#[test]
fn a_press_goes_nowhere_while_another_program_has_the_pointer() {
    let stage = Stage::set();
    let other = Other::at(&stage);
    let taken = stage.act(&stage.run(), &Wavers, &mut |_, _| other.grab_pointer());
    assert_eq!(taken.expect("it acts"), Acted { ended: Ended::NotInFront, steps: NOTHING });
}

#[test]
fn keys_for_a_menu_go_nowhere_once_another_program_took_the_keyboard() {
    let stage = Stage::set();
    let launcher = Other::at(&stage);
    let taken = stage.act(&stage.run(), &OpensMenu, &mut |_, decision| {
        if decision.deed.on.is_none() {
            launcher.grab_keyboard();
        }
    });
    assert_eq!(taken.expect("it acts"), Acted { ended: Ended::NotInFront, steps: 1 });
}

#[test]
fn a_chord_that_a_program_takes_from_every_window_is_not_the_windows() {
    let stage = Stage::set();
    let desktop = Other::at(&stage);
    desktop.grab_chord(ModMask::CONTROL, F2);
    let one = || Run { steps_max: 1, ..stage.run() };
    let taken = stage.act(&one(), &Strikes(&["Control_R", "F2"]), &mut |_, _| ()).expect("it acts");
    assert_eq!(taken, Acted { ended: Ended::BeyondTheWindow, steps: NOTHING });
    drop(desktop);
    let free = stage.act(&one(), &Strikes(&["Control_R", "F2"]), &mut |_, _| ()).expect("it acts");
    assert_eq!(free, Acted { ended: Ended::StepLimit, steps: 1 });
}

#[test]
fn a_key_that_has_to_be_lent_is_there_before_it_is_asked_whether_it_may_be_pressed() {
    const LENT: u32 = 0x0100_65e5;
    let stage = Stage::set();
    let other = Other::at(&stage);
    let asked = RefCell::new(Vec::new());
    let interrupted = || {
        asked.borrow_mut().push(other.code(LENT).is_some());
        false
    };
    let run = Run { interrupted: &interrupted, steps_max: 1, ..stage.run() };
    let told = Cell::new(0);
    let typed = stage.act(&run, &Types("日"), &mut |_, _| told.set(asked.borrow().len())).expect("it acts");
    assert_eq!(typed, Acted { ended: Ended::StepLimit, steps: 1 });
    // Twice before the text, and then before its character.
    assert_eq!(asked.borrow()[told.get()..told.get() + 3], [false, false, true]);
}

#[test]
fn what_could_not_be_done_is_no_deed_and_is_not_tried_for_ever() {
    let stage = Stage::set();
    let (remembered, windows) = (Cell::new(0), stage.desktop.windows().expect("windows"));
    struct Remembers<'a>(&'a Cell<usize>);
    impl Policy for Remembers<'_> {
        fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
            self.0.set(self.0.get().max(moment.past.len()));
            Wavers.decide(moment, barred)
        }
    }
    let tries = Cell::new(0);
    let restless = stage.act(&Run { steps_max: 2, ..stage.run() }, &Remembers(&remembered), &mut |_, _| {
        tries.set(tries.get() + 1);
        let bounds = Rect { x: BOUNDS.x + 10 * tries.get(), ..BOUNDS };
        windows.place(stage.window.id, bounds).expect("it is asked");
        let is_there = |x: i32| x >= bounds.x && x < bounds.x + 10;
        windows
            .wait("the window", WITHIN, |w| {
                Ok(w.managed()?.iter().any(|w| w.id == stage.window.id && is_there(w.bounds.x)).then_some(()))
            })
            .expect("it moves");
    });
    assert_eq!(restless.expect("it acts"), Acted { ended: Ended::OutOfReach, steps: NOTHING });
    assert_eq!((remembered.get(), tries.get()), (NOTHING, 5));
}

#[test]
fn other_papers_end_it_before_the_next_deed() {
    let stage = Stage::set();
    let stands = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&stands);
    let watched = Permit::new(terms(MAY_ACT, ("full", "")), Arc::new(move || asked.load(Ordering::Acquire)));
    let run = Run { permit: watched.expect("the purpose is named"), ..stage.run() };
    let since = stage.pages.heard();
    let withdrawn = stage.act(&run, &Wavers, &mut |_, _| stands.store(false, Ordering::Release));
    assert_eq!(withdrawn.expect("it acts"), Acted { ended: Ended::TermsChanged, steps: NOTHING });
    assert!(stage.values(since, "tides", "change").is_empty());
}

#[test]
fn a_text_is_broken_off_where_it_is_interrupted_and_caps_lock_does_not_change_it() {
    let stage = Stage::set();
    let other = Other::at(&stage);
    other.key(CAPS_LOCK, true);
    other.key(CAPS_LOCK, false);
    let left: Cell<Option<u32>> = Cell::new(None);
    let interrupted = || {
        left.set(left.get().map(|n| n.saturating_sub(1)));
        left.get() == Some(0)
    };
    let run = Run { interrupted: &interrupted, ..stage.run() };
    let broken_off = stage.act(&run, &Orders, &mut |_, decision| {
        if decision.deed.manner == Manner::Type {
            // Twice it is asked before the text, and once before each character.
            left.set(Some(6));
        }
    });
    assert_eq!(broken_off.expect("it acts"), Acted { ended: Ended::Interrupted, steps: 2 });
    let typed = stage.pages.wait_for_event("the text", 0, WITHIN, |e| e.value.as_deref() == Some("Ada"));
    typed.expect("three characters, as they were meant");
    assert!(other.has_caps_lock(), "it is as the person left it");
}

#[test]
fn a_page_that_is_not_agreed_is_not_looked_at() {
    let stage = Stage::set();
    let asked = Cell::new(false);
    let mut ask = |_: &_, _: &_| asked.set(true);
    let elsewhere = Run { permit: site_alone("example.org"), dry_run: true, ..stage.run() };
    let refused = stage.act(&elsewhere, &Wavers, &mut ask);
    assert_eq!(refused.expect("it is asked"), Acted { ended: Ended::NotAllowed, steps: NOTHING });
    assert!(!asked.get());
    let here = Run { permit: here_alone(), dry_run: true, ..stage.run() };
    assert_eq!(stage.act(&here, &Wavers, &mut ask).expect("it decides").ended, Ended::DryRun);
}

#[test]
fn a_window_of_private_browsing_is_not_looked_at() {
    let stage = Stage::private();
    let asked = Cell::new(false);
    let refused = stage.act(&stage.run(), &Wavers, &mut |_, _| asked.set(true));
    assert_eq!(refused.expect("it is asked"), Acted { ended: Ended::NotAllowed, steps: NOTHING });
    assert!(!asked.get());
}

/// Calls `again` as the ward is asked a second time: what it was told then is what it told after the first.
fn at_the_second_time(again: impl FnOnce()) -> impl Fn() -> bool {
    let (times, again) = (Cell::new(0), Cell::new(Some(again)));
    move || {
        times.set(times.get() + 1);
        if times.get() == 2 {
            again.take().into_iter().for_each(|again| again());
        }
        false
    }
}

#[test]
fn an_application_that_answers_late_is_asked_again_before_it_is_judged() {
    let stage = Stage::private();
    let (held, asked) = (HeldProcess::of(&stage.window), Cell::new(false));
    let interrupted = at_the_second_time(move || drop(held));
    let run = Run { interrupted: &interrupted, dry_run: true, ..stage.run() };
    let refused = stage.act(&run, &Wavers, &mut |_, _| asked.set(true));
    assert_eq!(refused.expect("it is asked"), Acted { ended: Ended::NotAllowed, steps: NOTHING });
    assert!(!asked.get(), "a private window is not looked at");
    drop(stage);
    let stage = Stage::set();
    let held = HeldProcess::of(&stage.window);
    let interrupted = at_the_second_time(move || drop(held));
    let run = Run { interrupted: &interrupted, dry_run: true, permit: here_alone(), ..stage.run() };
    assert_eq!(stage.act(&run, &Wavers, &mut |_, _| ()).expect("it decides").ended, Ended::DryRun);
}

#[test]
fn an_application_that_never_answers_is_silent_and_not_forbidden() {
    let stage = Stage::set();
    let _held = HeldProcess::of(&stage.window);
    let run = Run { permit: here_alone(), ..stage.run() };
    let hung = stage.act(&run, &Wavers, &mut |_, _| ());
    assert!(matches!(hung, Err(ActError::Silent { .. })), "{hung:?}");
}

#[test]
fn a_lock_of_which_the_login_service_alone_tells_ends_it() {
    let stage = Stage::set();
    let bus = SystemBus::start().expect("a bus");
    let login = bus.login().expect("a session");
    let run = Run { system_bus: Some(bus.address()), ..stage.run() };
    let locked = stage.act(&run, &Wavers, &mut |_, _| login.set_locked(true).expect("it is told"));
    assert_eq!(locked.expect("it acts").ended, Ended::NotAllowed);
}

#[test]
fn the_site_is_asked_again_before_a_press_and_before_a_text() {
    for policy in [&Wavers as &dyn Policy, &Types("A text")] {
        let stage = Stage::with_tabs();
        let run = Run { permit: here_alone(), ..stage.run() };
        let gone = stage.act(&run, policy, &mut |_, _| stage.go_elsewhere());
        assert_eq!(gone.expect("it acts"), Acted { ended: Ended::NotAllowed, steps: NOTHING });
    }
}

//! Acting ends where the person acts themselves, where somebody else has the keyboard, where the papers or what the window
//! shows do not cover it any more, and within a text.

mod stage;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use overt_act::{Acted, Ended, Permit};
use overt_learn::{Decision, Deed, Manner, Moment, Policy};
use x11rb::connection::Connection as _;
use x11rb::protocol::xkb::{ConnectionExt as _, ID};
use x11rb::protocol::xproto::{
    ConnectionExt as _, GrabMode, GrabStatus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, ModMask, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use stage::{MAY_ACT, Orders, Run, Stage, WITHIN, Wavers, permit, terms};

/// XK_Control_L and XK_Caps_Lock.
const CONTROL: u32 = 0xffe3;
const CAPS_LOCK: u32 = 0xffe5;

/// Somebody else at the same display.
struct Other {
    conn: RustConnection,
    root: Window,
}

impl Other {
    fn at(stage: &Stage) -> Self {
        let (conn, screen) = x11rb::connect(Some(stage.desktop.display())).expect("the display is up");
        let root = conn.setup().roots[screen].root;
        Self { conn, root }
    }

    fn key(&self, symbol: u32, down: bool) {
        let setup = self.conn.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map =
            self.conn.get_keyboard_mapping(first, last - first + 1).expect("sent").reply().expect("keys");
        let of_each = map.keysyms.chunks(usize::from(map.keysyms_per_keycode));
        let (code, _) = (first..=last).zip(of_each).find(|(_, of)| of.contains(&symbol)).expect("a key");
        let kind = if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT };
        self.conn.xtest_fake_input(kind, code, 0, self.root, 0, 0, 0).expect("sent");
        self.conn.get_input_focus().expect("sent").reply().expect("it was taken");
    }

    fn grab_keyboard(&self) {
        let grab = self.conn.grab_keyboard(false, self.root, 0_u32, GrabMode::ASYNC, GrabMode::ASYNC);
        assert_eq!(grab.expect("sent").reply().expect("an answer").status, GrabStatus::SUCCESS);
    }

    fn has_caps_lock(&self) -> bool {
        self.conn.xkb_use_extension(1, 0).expect("sent").reply().expect("there is XKEYBOARD");
        let state = self.conn.xkb_get_state(ID::USE_CORE_KBD.into()).expect("sent").reply();
        state.expect("a state").locked_mods.contains(ModMask::LOCK)
    }
}

/// Presses the same chord for ever.
struct Strikes(&'static [&'static str]);

impl Policy for Strikes {
    fn decide(&self, _: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let keys = self.0.iter().map(|k| (*k).to_owned()).collect();
        Some(Decision { deed: Deed { manner: Manner::Key(keys), on: None, text: None }, chance: 1.0 })
    }
}

const NOTHING: usize = 0;

#[test]
fn a_person_who_holds_a_key_or_moves_the_pointer_is_not_disturbed() {
    let stage = Stage::set();
    let (other, since) = (Other::at(&stage), stage.pages.heard());
    let held = stage.act(&stage.run(), &Wavers, &mut |_, _| other.key(CONTROL, true));
    other.key(CONTROL, false);
    assert_eq!(held.expect("it acts"), Acted { ended: Ended::PersonActs, steps: NOTHING });
    let struck = stage.act(&stage.run(), &Strikes(&["Tab"]), &mut |_, _| other.key(CONTROL, true));
    other.key(CONTROL, false);
    assert_eq!(struck.expect("it acts"), Acted { ended: Ended::PersonActs, steps: NOTHING });
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
            left.set(Some(4));
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
    let sites = |host: &str| {
        permit(terms(MAY_ACT, ("full", &format!("sites = [{{ host = \"{host}\", level = \"full\" }}]\n"))))
    };
    let elsewhere = Run { permit: sites("example.org"), dry_run: true, ..stage.run() };
    let refused = stage.act(&elsewhere, &Wavers, &mut ask);
    assert_eq!(refused.expect("it is asked"), Acted { ended: Ended::NotAllowed, steps: NOTHING });
    assert!(!asked.get());
    let here = Run { permit: sites("127.0.0.1"), dry_run: true, ..stage.run() };
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

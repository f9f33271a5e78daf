//! The chords that pause and stop are heard whatever has the focus, by one program only, and given back.

mod stage;

use std::time::Duration;

use overt_capture_x11::{PauseKey, StopKey, X11Error};
use stage::{Actor, Stage};

const CONTROL: u32 = 0xffe3;
const ALT: u32 = 0xffe9;
const CAPS_LOCK: u32 = 0xffe5;
const SHIFT: u32 = 0xffe1;
const LETTER: u32 = 0x70;
const STOP: u32 = 0x73;
const PATIENCE: Duration = Duration::from_secs(10);

fn press(actor: &Actor, keys: &[u32]) {
    let codes: Vec<u8> = keys.iter().map(|k| actor.keycode(*k)).collect();
    codes.iter().for_each(|code| actor.key(*code, true));
    codes.iter().rev().for_each(|code| actor.key(*code, false));
    actor.sync();
}

#[test]
fn it_is_heard_with_and_without_a_lock_and_one_program_has_it() {
    let stage = Stage::bare();
    let actor = Actor::new(&stage);
    let (told, heard) = std::sync::mpsc::channel();
    let key = PauseKey::grab(Some(&stage.display), move || told.send(()).expect("the test waits"))
        .expect("nobody has it");
    press(&actor, &[CONTROL, ALT, LETTER]);
    heard.recv_timeout(PATIENCE).expect("it is heard");
    press(&actor, &[CAPS_LOCK]);
    press(&actor, &[CONTROL, ALT, LETTER]);
    heard.recv_timeout(PATIENCE).expect("with caps lock on, too");
    press(&actor, &[CONTROL, LETTER]);
    let second = PauseKey::grab(Some(&stage.display), || ());
    assert!(
        matches!(second.err(), Some(X11Error::ChordTaken { chord: PauseKey::NAME })),
        "one program has it"
    );
    assert!(heard.try_recv().is_err(), "another chord is not it");
    drop(key);
    PauseKey::grab(Some(&stage.display), || ()).expect("it was given back");
}

#[test]
fn both_are_heard_while_a_menu_has_grabbed_the_keyboard() {
    let stage = Stage::bare();
    let (actor, menu) = (Actor::new(&stage), Actor::new(&stage));
    let (told, heard) = std::sync::mpsc::channel();
    let stopped = told.clone();
    let _pause = PauseKey::grab(Some(&stage.display), move || told.send(LETTER).expect("the test waits"))
        .expect("nobody has it");
    let stop = StopKey::grab(Some(&stage.display), move || stopped.send(STOP).expect("the test waits"))
        .expect("nobody has it");
    menu.grab_keyboard();
    press(&actor, &[CONTROL, ALT, LETTER]);
    assert_eq!(heard.recv_timeout(PATIENCE), Ok(LETTER));
    press(&actor, &[CONTROL, ALT, STOP]);
    assert_eq!(heard.recv_timeout(PATIENCE), Ok(STOP));
    press(&actor, &[SHIFT, CONTROL, ALT, LETTER]);
    press(&actor, &[SHIFT, CONTROL, ALT, STOP]);
    assert_eq!(heard.recv_timeout(PATIENCE), Ok(STOP), "who stops may hold what they like");
    assert!(stop.is_heard());
}

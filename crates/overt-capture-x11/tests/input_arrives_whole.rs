//! Every press and key arrives once, in order, and flagged as what it is.

mod stage;

use overt_event::{Button, Modifiers, Point, RawBody, RawEvent};
use stage::{Actor, RawKeyParts, Stage, Watch};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::*;

const SHIFT_L: u32 = 0xffe1;
const CONTROL_L: u32 = 0xffe3;
const RETURN: u32 = 0xff0d;

#[derive(Debug, PartialEq)]
enum Seen {
    Move(Point),
    Button(Point, Button, bool),
    Scroll(Point, i32, i32),
    Key(String, bool),
}

fn seen(body: &RawBody) -> Option<Seen> {
    match body {
        RawBody::PointerMove { at } => Some(Seen::Move(*at)),
        RawBody::Button { at, button, down } => Some(Seen::Button(*at, *button, *down)),
        RawBody::Scroll { at, dx_120, dy_120 } => Some(Seen::Scroll(*at, *dx_120, *dy_120)),
        RawBody::Key(k) => Some(Seen::Key(k.name.clone(), k.down)),
        _ => None,
    }
}

fn is_timed(e: &RawEvent) -> bool {
    e.os_time.is_some_and(|t| t <= e.arrival && e.arrival.since(t) < 5_000_000_000)
}

#[test]
fn clicks_wheel_and_keys_come_in_their_order_with_place_time_and_device() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let (a, at) = (actor.keycode('a'.into()), Point { x: 300, y: 200 });
    actor.move_to(at);
    actor.button(1, true);
    actor.button(1, false);
    actor.tap(a);
    for wheel in [4, 5, 6, 7] {
        actor.button(wheel, true);
        actor.button(wheel, false);
    }
    for number in [2, 3, 8, 9] {
        actor.button(number, true);
        actor.button(number, false);
    }
    actor.sync();
    let click = |button| [Seen::Button(at, button, true), Seen::Button(at, button, false)];
    let mut expected = vec![Seen::Move(at)];
    expected.extend(click(Button::Left));
    expected.extend([Seen::Key("a".into(), true), Seen::Key("a".into(), false)]);
    expected.extend([(0, -120), (0, 120), (-120, 0), (120, 0)].map(|(x, y)| Seen::Scroll(at, x, y)));
    expected
        .extend([Button::Middle, Button::Right, Button::Back, Button::Forward].into_iter().flat_map(click));
    for expected in expected {
        let (event, seen) = watch.next("input", |e| seen(&e.body).map(|s| (e, s)));
        assert_eq!(seen, expected);
        assert!(event.injected && event.device != 0, "XTEST is known by its device");
        assert!(is_timed(&event), "the server's time is told, and not later than the arrival");
    }
    watch.capture.stop();
}

#[test]
fn keys_tell_text_modifiers_and_repeats() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let [shift, control, ret, a] = [SHIFT_L, CONTROL_L, RETURN, 'a'.into()].map(|k| actor.keycode(k));
    let presses =
        [(shift, true), (a, true), (a, false), (shift, false), (control, true), (a, true), (a, false)];
    for (code, down) in presses {
        actor.key(code, down);
    }
    actor.key(control, false);
    actor.tap(ret);
    actor.sync();
    let none = Modifiers::default();
    let (shifted, controlled) = (Modifiers { shift: true, ..none }, Modifiers { ctrl: true, ..none });
    let check = |name: &str, text: Option<&str>, down, modifiers| {
        let (name, text) = (name.to_owned(), text.map(str::to_owned));
        assert_eq!(watch.next_key().1, RawKeyParts { name, text, down, repeat: false, modifiers });
    };
    check("Shift_L", None, true, none);
    check("A", Some("A"), true, shifted);
    check("A", None, false, shifted);
    check("Shift_L", None, false, none);
    check("Control_L", None, true, none);
    check("a", None, true, controlled);
    check("a", None, false, controlled);
    check("Control_L", None, false, none);
    check("Return", None, true, none);
    check("Return", None, false, none);
    watch.capture.stop();
}

#[test]
fn text_of_a_remapped_keyboard_and_of_dead_keys_is_what_was_typed() {
    const DEAD_ACUTE: u32 = 0xfe51;
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let spare = actor.conn.setup().max_keycode;
    let type_symbol = |keysym| {
        actor.remap(spare, keysym);
        actor.tap(spare);
        let text = watch.next_key().1.text;
        watch.next_key();
        text
    };
    for expected in "Wörld 1€日本".chars() {
        let keysym =
            if u32::from(expected) < 0x100 { expected.into() } else { 0x0100_0000 + u32::from(expected) };
        assert_eq!(type_symbol(keysym), Some(expected.to_string()));
    }
    assert_eq!(type_symbol(DEAD_ACUTE), None);
    assert_eq!(type_symbol('e'.into()), Some("é".to_owned()));
    watch.capture.stop();
}

#[test]
fn a_thousand_events_a_second_arrive_complete_and_in_order() {
    const ROUNDS: usize = 750;
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let keys: Vec<u8> = ('a'..='z').map(|c| actor.keycode(c.into())).collect();
    // The server itself waits a millisecond before each of the four, so that nobody sleeps here.
    for round in 0..ROUNDS {
        let (key, at) = (keys[round % 26], Point { x: (round % 1000) as i32, y: (round % 700) as i32 });
        actor.fake(KEY_PRESS_EVENT, key, 1, at);
        actor.fake(KEY_RELEASE_EVENT, key, 1, at);
        actor.fake(MOTION_NOTIFY_EVENT, 0, 1, at);
        actor.fake(if round % 2 == 0 { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, 1, 1, at);
    }
    actor.conn.flush().expect("the display lives");
    let mut last = overt_event::MonoNanos(0);
    for round in 0..ROUNDS {
        let letter = char::from(b'a' + (round % 26) as u8).to_string();
        let down = round % 2 == 0;
        let mut next = || {
            watch.next("input", |e| {
                assert!(is_timed(&e) || !matches!(e.body, RawBody::Key(_) | RawBody::Button { .. }));
                last = e.os_time.map_or(last, |t| {
                    assert!(t >= last, "times never go back");
                    t
                });
                seen(&e.body).filter(|s| !matches!(s, Seen::Move(_)))
            })
        };
        assert_eq!(next(), Seen::Key(letter.clone(), true));
        assert_eq!(next(), Seen::Key(letter, false));
        let Seen::Button(_, Button::Left, d) = next() else { panic!("a button was lost") };
        assert_eq!(d, down);
    }
    watch.capture.stop();
}

#[test]
fn a_menu_that_grabs_pointer_and_keyboard_hides_nothing() {
    let stage = Stage::bare();
    let (watch, actor, menu) = (Watch::start(&stage, 10), Actor::new(&stage), Actor::new(&stage));
    watch.settle();
    let (none, mode, mask) = (x11rb::NONE, GrabMode::ASYNC, EventMask::BUTTON_PRESS);
    let pointer =
        menu.conn.grab_pointer(false, menu.root, mask, mode, mode, none, none, 0_u32).expect("sent");
    assert_eq!(pointer.reply().expect("an answer").status, GrabStatus::SUCCESS);
    let keyboard = menu.conn.grab_keyboard(false, menu.root, 0_u32, mode, mode).expect("sent");
    assert_eq!(keyboard.reply().expect("an answer").status, GrabStatus::SUCCESS);
    let at = Point { x: 50, y: 60 };
    actor.move_to(at);
    actor.button(1, true);
    actor.button(1, false);
    actor.tap(actor.keycode('x'.into()));
    let expected = [
        Seen::Move(at),
        Seen::Button(at, Button::Left, true),
        Seen::Button(at, Button::Left, false),
        Seen::Key("x".into(), true),
        Seen::Key("x".into(), false),
    ];
    for expected in expected {
        assert_eq!(watch.next("input", |e| seen(&e.body)), expected);
    }
    watch.capture.stop();
}

#[test]
fn a_warp_is_seen_although_no_device_moved() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    actor.conn.warp_pointer(x11rb::NONE, actor.root, 0, 0, 0, 0, 700, 500).expect("sent");
    actor.sync();
    let event = watch.next("a warp", |e| seen(&e.body).map(|s| (e, s)));
    assert_eq!(event.1, Seen::Move(Point { x: 700, y: 500 }));
    assert!(event.0.injected && event.0.device == 0 && event.0.os_time.is_none());
    watch.capture.stop();
}

#[test]
fn a_left_handed_button_map_swaps_what_is_told() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let count = actor.conn.get_pointer_mapping().expect("sent").reply().expect("a map").map.len();
    let mut map: Vec<u8> = (1..=count as u8).collect();
    map.swap(0, 2);
    actor.conn.set_pointer_mapping(&map).expect("sent").reply().expect("set");
    actor.button(1, true);
    actor.button(1, false);
    actor.sync();
    let button = watch.next("a button", |e| match e.body {
        RawBody::Button { button, .. } => Some(button),
        _ => None,
    });
    assert_eq!(button, Button::Right);
    watch.capture.stop();
}

#[test]
fn what_was_done_before_the_stop_is_told_even_if_it_is_still_on_its_way() {
    const CLICKS: usize = 200;
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    actor.move_to(Point { x: 9, y: 9 });
    for _ in 0..CLICKS {
        actor.button(1, true);
        actor.button(1, false);
    }
    actor.sync();
    let Watch { capture, events, .. } = watch;
    capture.stop();
    let told = events.try_iter().filter(|e| matches!(e.body, RawBody::Button { .. }));
    assert_eq!(told.count(), 2 * CLICKS);
}

#[test]
fn nothing_typed_in_a_pause_leaves() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    watch.capture.set_grabbing(false);
    actor.tap(actor.keycode('s'.into()));
    actor.button(1, true);
    actor.button(1, false);
    actor.move_to(Point { x: 9, y: 9 });
    watch.capture.set_grabbing(true);
    // The state of things is told anew, the pointer's place among it, before anything else leaves.
    let first = watch.next("the pointer", |e| seen(&e.body));
    assert_eq!(first, Seen::Move(Point { x: 9, y: 9 }));
    actor.tap(actor.keycode('t'.into()));
    assert_eq!(watch.next("a key", |e| seen(&e.body)), Seen::Key("t".into(), true));
    watch.capture.stop();
}

#[test]
fn a_key_that_is_held_repeats_and_says_so() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let key = actor.keycode('k'.into());
    actor.key(key, true);
    actor.sync();
    let (event, first) = watch.next_key();
    assert!(first.down && !first.repeat);
    let mut last = event.os_time;
    for _ in 0..5 {
        let (event, again) = watch.next_key();
        assert!(again.down && again.repeat && again.text.as_deref() == Some("k"));
        assert!(event.injected && event.device != 0 && event.os_time > last && is_timed(&event));
        last = event.os_time;
    }
    actor.key(key, false);
    actor.sync();
    watch.next("the release", |e| match e.body {
        RawBody::Key(k) if !k.down => Some(()),
        RawBody::Key(k) => {
            assert!(k.repeat);
            None
        }
        _ => None,
    });
    actor.tap(key);
    assert!(!watch.next_key().1.repeat, "a press after the release is a new one");
    watch.capture.stop();
}

//! A storm of a thousand events a second, while nobody reads what is captured, arrives whole.

mod stage;

use overt_event::{Button, MonoNanos, Point, RawBody, RawEvent};
use stage::{Actor, Stage, Watch};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::*;

const RETURN: u32 = 0xff0d;
/// The recorder's queue.
const QUEUE_EVENTS: usize = 20_000;
/// Of eight events each, a millisecond apart.
const ROUNDS: usize = 400;

/// What must arrive one for one. Moves between two tellings are one.
#[derive(Debug, PartialEq, Clone, Copy)]
enum Once {
    Button(bool),
    Notch(i32),
    Key(char, bool),
}

fn once(body: &RawBody) -> Option<Once> {
    match body {
        RawBody::Button { button: Button::Left, down, .. } => Some(Once::Button(*down)),
        RawBody::Scroll { dy_120, .. } => Some(Once::Notch(*dy_120)),
        RawBody::Key(k) => Some(Once::Key(k.name.chars().next().unwrap_or('?'), k.down)),
        _ => None,
    }
}

fn letter(round: usize) -> char {
    char::from(b'a' + (round % 26) as u8)
}

fn place(round: usize) -> Point {
    Point { x: 2 * round as i32 + 1, y: 300 }
}

/// Moves, clicks, scrolls and types; returns when the server has done it all, 3.2 s later. The
/// server itself waits the millisecond before each event.
fn storm(actor: &Actor) {
    let keys: Vec<u8> = (0..26).map(|n| actor.keycode(letter(n).into())).collect();
    for round in 0..ROUNDS {
        let (key, at) = (keys[round % 26], place(round));
        actor.fake(MOTION_NOTIFY_EVENT, 0, 1, Point { x: at.x - 1, y: 299 });
        actor.fake(MOTION_NOTIFY_EVENT, 0, 1, at);
        for (kind, detail) in [
            (BUTTON_PRESS_EVENT, 1),
            (BUTTON_RELEASE_EVENT, 1),
            (KEY_PRESS_EVENT, key),
            (KEY_RELEASE_EVENT, key),
            (BUTTON_PRESS_EVENT, 5),
            (BUTTON_RELEASE_EVENT, 5),
        ] {
            actor.fake(kind, detail, 1, at);
        }
    }
    actor.sync();
}

/// Reads what waited in the queue and checks that it is the storm.
fn is_the_storm(watch: &Watch) {
    let mut last = (MonoNanos(0), 0);
    let mut check_move = |event: &RawEvent| {
        if let Some(time) = event.os_time {
            assert!(time >= last.0, "times never go back");
            last.0 = time;
        }
        if let RawBody::PointerMove { at } | RawBody::Button { at, .. } = event.body {
            assert!(at.x >= last.1, "the pointer only went to the right");
            last.1 = at.x;
        }
    };
    for round in 0..ROUNDS {
        let key = letter(round);
        let notch = Once::Notch(120);
        for expected in
            [Once::Button(true), Once::Button(false), Once::Key(key, true), Once::Key(key, false), notch]
        {
            let found = watch.next("an input", |event| {
                check_move(&event);
                assert!(once(&event.body).is_none() || (event.injected && event.device != 0));
                once(&event.body)
            });
            assert_eq!(found, expected, "in round {round}");
        }
    }
    assert_eq!(last.1, place(ROUNDS - 1).x, "the last place was told");
    assert_eq!(watch.outlet.take_lost(), 0);
}

#[test]
fn a_storm_waits_whole_for_a_reader_that_is_away_for_three_seconds() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start_with(&stage, 10, QUEUE_EVENTS), Actor::new(&stage));
    watch.settle();
    storm(&actor);
    is_the_storm(&watch);
    watch.capture.stop();
}

#[test]
fn a_storm_on_another_clients_grab_of_pointer_and_keyboard_arrives_as_well() {
    let stage = Stage::bare();
    let (watch, actor, menu) =
        (Watch::start_with(&stage, 10, QUEUE_EVENTS), Actor::new(&stage), Actor::new(&stage));
    watch.settle();
    let (none, mode) = (x11rb::NONE, GrabMode::ASYNC);
    let mask = EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::POINTER_MOTION;
    let pointer =
        menu.conn.grab_pointer(false, menu.root, mask, mode, mode, none, none, 0_u32).expect("sent");
    assert_eq!(pointer.reply().expect("an answer").status, GrabStatus::SUCCESS);
    let keyboard = menu.conn.grab_keyboard(false, menu.root, 0_u32, mode, mode).expect("sent");
    assert_eq!(keyboard.reply().expect("an answer").status, GrabStatus::SUCCESS);
    storm(&actor);
    is_the_storm(&watch);
    watch.capture.stop();
}

#[test]
fn a_queue_that_overflows_counts_what_it_could_not_take() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start_with(&stage, 10, 100), Actor::new(&stage));
    watch.settle();
    storm(&actor);
    let mut taken = watch.events.try_iter().filter(|e| once(&e.body).is_some()).count();
    assert!(taken <= 100);
    // There is room again, and this comes after all that is still under way.
    actor.tap(actor.keycode(RETURN));
    watch.next("the last key", |e| match e.body {
        RawBody::Key(k) if k.name == "Return" => Some(()),
        body => {
            taken += usize::from(once(&body).is_some());
            None
        }
    });
    assert!(watch.outlet.take_lost() as usize + taken >= ROUNDS * 5);
    watch.capture.stop();
}

#[test]
fn a_window_that_resizes_sixty_times_a_second_leaves_memory_bounded() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start_with(&stage, 30, QUEUE_EVENTS), Actor::new(&stage));
    watch.settle();
    let window = actor.window((0, 0, 300, 300), true);
    actor.show(window);
    for turn in 0..180_u32 {
        let size = ConfigureWindowAux::new().width(300 + turn).height(600 - turn);
        actor.conn.configure_window(window, &size).expect("sent");
        // The server waits 16 ms before this.
        actor.fake(MOTION_NOTIFY_EVENT, 0, 16, Point { x: turn as i32, y: 9 });
    }
    actor.sync();
    assert!(watch.events.len() < 1_000, "moves and pictures are bounded by their rates");
    let last = watch.next_frame(|f| {
        let windows = f.windows.as_deref().unwrap_or_default();
        windows.iter().any(|w| (w.id.0, w.bounds.w, w.bounds.h) == (window, 479, 421))
    });
    assert!(last.id.0 <= 160, "forty a second at most");
    assert_eq!(watch.outlet.take_lost(), 0);
    actor.conn.flush().expect("the display lives");
    watch.capture.stop();
}

//! What a key types follows the layout of the moment, and every device has its own number.

mod stage;

use std::process::Command;

use overt_event::{Point, RawBody, RawEvent};
use stage::{Actor, Stage, Watch};
use x11rb::protocol::xinput::{
    ConnectionExt as _, Device, DeviceType, HierarchyChange, HierarchyChangeData,
    HierarchyChangeDataAddMaster,
};
use x11rb::protocol::xkb::{ConnectionExt as _, Group, ID};
use x11rb::protocol::xproto::ModMask;

const DEAD_ACUTE: u32 = 0xfe51;
const MULTI_KEY: u32 = 0xff20;

fn set_layout(stage: &Stage, layout: &str) {
    let set = Command::new("setxkbmap").args(["-display", &stage.display, "-layout", layout]).status();
    assert!(set.expect("setxkbmap is installed").success());
}

/// What a press and its release type.
fn typed(watch: &Watch, actor: &Actor, keycode: u8) -> Option<String> {
    actor.tap(keycode);
    let text = watch.next_key().1.text;
    watch.next_key();
    text
}

#[test]
fn a_layout_that_changes_in_mid_session_changes_what_is_typed() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let z = actor.keycode('z'.into());
    assert_eq!(typed(&watch, &actor, z).as_deref(), Some("z"));
    set_layout(&stage, "de");
    assert_eq!(typed(&watch, &actor, z).as_deref(), Some("y"));
    let e = actor.keycode('e'.into());
    assert_eq!(typed(&watch, &actor, actor.keycode(DEAD_ACUTE)), None);
    assert_eq!(typed(&watch, &actor, e).as_deref(), Some("é"));
    watch.capture.stop();
}

#[test]
fn a_group_that_is_locked_in_mid_session_changes_what_is_typed() {
    let stage = Stage::bare();
    set_layout(&stage, "us,ru");
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    actor.conn.xkb_use_extension(1, 0).expect("sent").reply().expect("an answer");
    let (f, none) = (actor.keycode('f'.into()), ModMask::from(0_u16));
    for (group, expected) in [(Group::M1, "f"), (Group::M2, "а"), (Group::M1, "f")] {
        let core = u16::from(ID::USE_CORE_KBD);
        actor.conn.xkb_latch_lock_state(core, none, none, true, group, none, false, 0).expect("sent");
        assert_eq!(typed(&watch, &actor, f).as_deref(), Some(expected));
    }
    watch.capture.stop();
}

#[test]
fn the_compose_key_joins_what_follows_it() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    watch.settle();
    let spare = x11rb::connection::Connection::setup(&actor.conn).max_keycode;
    let mut types = |keysym| {
        actor.remap(spare, keysym);
        typed(&watch, &actor, spare)
    };
    assert_eq!([MULTI_KEY, 'o'.into()].map(&mut types), [None, None]);
    assert_eq!(types('e'.into()).as_deref(), Some("œ"));
    assert_eq!([MULTI_KEY, '='.into()].map(&mut types), [None, None]);
    assert_eq!(types(u32::from('C')).as_deref(), Some("€"));
    assert_eq!([DEAD_ACUTE, 'q'.into()].map(&mut types), [None, None], "there is no such letter");
    assert_eq!(types('q'.into()).as_deref(), Some("q"));
    watch.capture.stop();
}

/// Adds a second pointer and keyboard, and makes this client's input theirs.
fn take_a_pointer_of_its_own(actor: &Actor) {
    let conn = &actor.conn;
    conn.xinput_xi_query_version(2, 2).expect("sent").reply().expect("an answer");
    let add = HierarchyChangeDataAddMaster { send_core: true, enable: true, name: b"second".to_vec() };
    // Four bytes of head, four of facts, the name and what pads it to a whole word.
    let change = HierarchyChange { len: 4, data: HierarchyChangeData::AddMaster(add) };
    conn.xinput_xi_change_hierarchy(&[change]).expect("sent").check().expect("a second pointer");
    let devices = conn.xinput_xi_query_device(Device::ALL).expect("sent").reply().expect("a list").infos;
    let second =
        devices.iter().find(|d| d.type_ == DeviceType::MASTER_POINTER && d.name.starts_with(b"second"));
    let second = second.expect("it is listed").deviceid;
    conn.xinput_xi_set_client_pointer(x11rb::NONE, second).expect("sent").check().expect("it is ours");
}

#[test]
fn two_pointers_and_two_keyboards_are_told_apart_each_with_its_own_place() {
    let stage = Stage::bare();
    let (watch, first, second) = (Watch::start(&stage, 10), Actor::new(&stage), Actor::new(&stage));
    watch.settle();
    take_a_pointer_of_its_own(&second);
    let places = [Point { x: 100, y: 100 }, Point { x: 900, y: 600 }];
    let (mut buttons, mut keys) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        for (actor, place) in [&first, &second].into_iter().zip(places) {
            actor.move_to(place);
            actor.button(1, true);
            actor.button(1, false);
            actor.tap(actor.keycode('a'.into()));
        }
    }
    for turn in 0..6 {
        let next =
            |what, wanted: fn(&RawBody) -> bool| watch.next(what, |e: RawEvent| wanted(&e.body).then_some(e));
        let press = next("a press", |b| matches!(b, RawBody::Button { down: true, .. }));
        assert!(matches!(press.body, RawBody::Button { at, .. } if at == places[turn % 2]), "turn {turn}");
        assert!(press.injected);
        buttons.push(press.device);
        keys.push(next("a key", |b| matches!(b, RawBody::Key(k) if k.down)).device);
    }
    for devices in [buttons, keys] {
        assert_ne!(devices[0], devices[1], "two devices");
        assert!(devices.chunks(2).all(|pair| pair == &devices[..2]), "and always the same two");
    }
    watch.capture.stop();
}

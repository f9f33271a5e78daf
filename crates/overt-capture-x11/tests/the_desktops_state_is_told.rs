//! The pointer's shape, the workspaces, the monitors, and a display that is covered.

mod stage;

use overt_event::{Gap, Point, RawBody, RawCursor, Rect, Topology, WindowChange, WindowId, Workspace};
use stage::{Actor, Stage, Watch};
use x11rb::connection::Connection;
use x11rb::protocol::randr::{ConnectionExt as _, MonitorInfo};
use x11rb::protocol::xproto::*;
use x11rb::wrapper::ConnectionExt as _;

/// Shapes of the server's cursor font (`X11/cursorfont.h`).
const CROSSHAIR: u16 = 34;
const XTERM: u16 = 152;

fn next_cursor(watch: &Watch) -> RawCursor {
    watch.next("a cursor", |e| match e.body {
        RawBody::Cursor(c) => Some(c),
        _ => None,
    })
}

fn next_topology(watch: &Watch) -> Topology {
    watch.next("a topology", |e| match e.body {
        RawBody::Topology(t) => Some(t),
        _ => None,
    })
}

/// A window at x that shows the pointer in a shape of the cursor font.
fn window_with_cursor(actor: &Actor, x: i16, shape: u16) -> Window {
    let (font, cursor) = (actor.conn.generate_id().expect("an id"), actor.conn.generate_id().expect("an id"));
    actor.conn.open_font(font, b"cursor").expect("sent").check().expect("the cursor font");
    let max = u16::MAX;
    actor
        .conn
        .create_glyph_cursor(cursor, font, font, shape, shape + 1, 0, 0, 0, max, max, max)
        .expect("sent")
        .check()
        .expect("a cursor");
    let window = actor.window((x, 100, 200, 200), true);
    let aux = ChangeWindowAttributesAux::new().cursor(cursor);
    actor.conn.change_window_attributes(window, &aux).expect("sent");
    actor.show(window);
    window
}

#[test]
fn a_shape_of_the_pointer_is_told_when_it_changes_and_known_again_by_its_number() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    next_cursor(&watch);
    window_with_cursor(&actor, 100, CROSSHAIR);
    window_with_cursor(&actor, 400, XTERM);
    let mut enter = |x| {
        let at = Point { x, y: 200 };
        actor.move_to(at);
        let cursor = next_cursor(&watch);
        assert_eq!(cursor.at, at);
        cursor.shape.expect("it is small")
    };
    let [(cross, shape), (beam, other), (again, same)] = [200, 500, 200].map(&mut enter);
    assert!(cross != beam && shape != other, "they look different");
    assert_eq!((cross, &shape), (again, &same));
    let (w, h) = shape.size();
    assert!(w > 4 && h > 4 && shape.hotspot().0 < w && shape.hotspot().1 < h);
    assert!(shape.bgra().chunks_exact(4).any(|p| p[3] == 0xff), "some of it can be seen");
    watch.capture.set_grabbing(false);
    watch.capture.set_grabbing(true);
    assert_eq!(next_cursor(&watch).shape.map(|(id, _)| id), Some(cross), "told anew after a pause");
    watch.capture.stop();
}

#[test]
fn monitors_that_are_declared_make_a_topology_and_frames_name_it() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let first = next_topology(&watch);
    watch.next_frame(|f| f.topology == first.id);
    let window = actor.window((0, 0, 64, 64), true);
    actor.show(window);
    let half = |name: &str, x, outputs| MonitorInfo {
        name: actor.atom(name),
        primary: false,
        automatic: false,
        x,
        y: 0,
        width: 641 - (x > 0) as u16 * 2,
        height: 800,
        width_in_millimeters: 200,
        height_in_millimeters: 200,
        outputs,
    };
    let screen = actor.conn.randr_get_screen_resources(actor.root).expect("sent").reply().expect("an answer");
    actor.conn.randr_set_monitor(actor.root, half("left", 0, screen.outputs)).expect("sent");
    actor.conn.randr_set_monitor(actor.root, half("right", 641, Vec::new())).expect("sent");
    actor.sync();
    let second = watch.next("two monitors", |e| match e.body {
        RawBody::Topology(t) if t.monitors.len() == 2 => Some(t),
        _ => None,
    });
    let mut bounds: Vec<Rect> = second.monitors.iter().map(|m| m.bounds).collect();
    bounds.sort_by_key(|b| b.x);
    assert_eq!(bounds, [Rect { x: 0, y: 0, w: 641, h: 800 }, Rect { x: 641, y: 0, w: 639, h: 800 }]);
    assert!(second.id > first.id && second.size == first.size);
    actor.fill(window, (0, 0, 64, 64), 0xff_0000);
    let red = watch.next_frame(|f| f.frame.pixel(5, 5) == Some([0, 0, 0xff]));
    assert_eq!(red.topology, second.id);
    watch.capture.stop();
}

/// Settings with one whole number, as their manager would publish them on this machine.
fn xsettings(name: &str, value: u32) -> Vec<u8> {
    let order = u8::from(cfg!(target_endian = "big"));
    let mut bytes = [[order, 0, 0, 0], 0u32.to_ne_bytes(), 1u32.to_ne_bytes()].concat();
    bytes.extend([0, 0]);
    bytes.extend((name.len() as u16).to_ne_bytes());
    bytes.extend(name.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes.extend([0u32.to_ne_bytes(), value.to_ne_bytes()].concat());
    bytes
}

#[test]
fn what_the_desktop_takes_for_a_double_click_is_part_of_the_topology_and_may_change() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    assert!(next_topology(&watch).gestures.unknown(), "nobody manages settings here");
    let atom = |name: &[u8]| {
        let asked = actor.conn.intern_atom(false, name).expect("sent");
        asked.reply().expect("an atom").atom
    };
    let [manager, settings, begins] = [&b"_XSETTINGS_S0"[..], b"_XSETTINGS_SETTINGS", b"MANAGER"].map(atom);
    let owner = actor.window((0, 0, 1, 1), true);
    let publish = |name: &str, value: u32| {
        let bytes = xsettings(name, value);
        actor.conn.change_property8(PropMode::REPLACE, owner, settings, settings, &bytes).expect("sent");
    };
    publish("Net/DoubleClickTime", 250);
    actor.conn.set_selection_owner(owner, manager, x11rb::CURRENT_TIME).expect("sent");
    let told = ClientMessageEvent::new(32, actor.root, begins, [0, manager, owner, 0, 0]);
    actor.conn.send_event(false, actor.root, EventMask::STRUCTURE_NOTIFY, told).expect("sent");
    actor.sync();
    assert_eq!(next_topology(&watch).gestures.click_gap_millis, Some(250));
    publish("Net/DndDragThreshold", 12);
    actor.sync();
    let gestures = next_topology(&watch).gestures;
    assert_eq!((gestures.click_gap_millis, gestures.drag_px), (None, Some(12)));
    watch.capture.stop();
}

#[test]
fn the_scale_of_text_is_part_of_the_topology_and_may_change() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    assert_eq!(next_topology(&watch).monitors[0].scale_milli, 1_000);
    let (name, type_) = (AtomEnum::RESOURCE_MANAGER, AtomEnum::STRING);
    let resources = b"Xft.dpi:\t192\n";
    actor.conn.change_property8(PropMode::REPLACE, actor.root, name, type_, resources).expect("sent");
    actor.sync();
    assert_eq!(next_topology(&watch).monitors[0].scale_milli, 2_000);
    watch.capture.stop();
}

#[test]
fn a_frame_never_names_the_arrangement_from_before_a_change() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    watch.settle();
    let window = actor.window((0, 0, 64, 64), true);
    actor.show(window);
    let mut before = None;
    for turn in 1..=20_u32 {
        let name = actor.atom(&format!("half {turn}"));
        let monitor = MonitorInfo {
            name,
            x: 0,
            y: 0,
            width: 600 + turn as u16,
            height: 800,
            width_in_millimeters: 1,
            height_in_millimeters: 1,
            ..MonitorInfo::default()
        };
        actor.conn.randr_set_monitor(actor.root, monitor).expect("sent");
        if let Some(before) = before.replace(name) {
            actor.conn.randr_delete_monitor(actor.root, before).expect("sent");
        }
        // Painted after the change, so that a frame that shows it was taken after the change.
        actor.fill(window, (0, 0, 64, 64), turn);
        let (mut topology, mut id) = (None, None);
        while id.is_none() {
            watch.next("a frame or a topology", |e| match e.body {
                RawBody::Topology(t) => {
                    let is_this = t.monitors.iter().any(|m| m.bounds.w == 600 + turn as i32);
                    topology = is_this.then_some(t.id).or(topology);
                    Some(())
                }
                RawBody::Frame(f) => {
                    id = (f.frame.pixel(5, 5) == Some([turn as u8, 0, 0])).then_some(f.topology);
                    Some(())
                }
                _ => None,
            });
        }
        assert_eq!(id, topology, "turn {turn}");
    }
    watch.capture.stop();
}

fn next_lock(watch: &Watch) -> overt_event::Span {
    watch.next("a lock", |e| match e.body {
        RawBody::Gap { gap: Gap::Locked, span } => Some(span),
        RawBody::Key(_) => panic!("a key left while the display was covered"),
        _ => None,
    })
}

/// Covers, types, uncovers: nothing of it leaves but the gap, told at both its ends.
fn covers(cover: impl Fn(&Watch, &Actor, bool)) {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    watch.settle();
    let key = actor.keycode('k'.into());
    cover(&watch, &actor, true);
    let begins = next_lock(&watch);
    assert_eq!(begins.from, begins.to);
    actor.tap(key);
    cover(&watch, &actor, false);
    let whole = next_lock(&watch);
    assert!(whole.from == begins.from && whole.to > whole.from);
    // Both threads tell the state of things anew, each in its own time; keys leave after that.
    let (mut grab_begin, mut cursor) = (None, false);
    watch.next("the state of things", |e| {
        cursor |= matches!(e.body, RawBody::Cursor(_));
        if let RawBody::Frame(f) = &e.body {
            grab_begin.get_or_insert(f.grab_begin);
        }
        (grab_begin.is_some() && cursor).then_some(())
    });
    assert!(grab_begin >= Some(whole.to), "a new picture, of what is there after it");
    actor.tap(key);
    watch.next("a key", |e| matches!(e.body, RawBody::Key(k) if k.down).then_some(()));
    watch.capture.stop();
}

#[test]
fn a_screen_saver_is_a_gap() {
    covers(|_, actor, on| {
        let mode = if on { ScreenSaver::ACTIVE } else { ScreenSaver::RESET };
        actor.conn.force_screen_saver(mode).expect("sent");
        actor.sync();
    });
}

#[test]
fn a_lock_that_says_so_is_a_gap() {
    covers(|_, actor, on| {
        let (name, value) = (actor.atom("_SCREENSAVER_STATUS"), if on { actor.atom("LOCK") } else { 0 });
        let type_ = AtomEnum::INTEGER;
        actor.conn.change_property32(PropMode::REPLACE, actor.root, name, type_, &[value, 1]).expect("sent");
        actor.sync();
    });
}

#[test]
fn a_lock_that_only_the_session_knows_of_is_a_gap() {
    covers(|watch, _, on| watch.capture.set_locked(on));
}

fn next_workspace(watch: &Watch) -> Workspace {
    watch.next("a workspace", |e| match e.body {
        RawBody::Workspace(w) => Some(w),
        _ => None,
    })
}

fn ask_window_manager(actor: &Actor, window: Window, what: &str, data: [u32; 5]) {
    let event = ClientMessageEvent::new(32, window, actor.atom(what), data);
    let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
    actor.conn.send_event(false, actor.root, mask, event).expect("sent");
    actor.sync();
}

#[test]
fn another_workspace_is_told_with_the_window_that_is_active_there() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let first = next_workspace(&watch);
    assert!(first.index == 0 && first.count > 1, "{first:?}");
    let window = actor.window((100, 100, 300, 300), false);
    actor.name(window, "Editor", "main");
    actor.show(window);
    watch.next_window(WindowChange::Focused);
    for index in [1, 0] {
        ask_window_manager(&actor, actor.root, "_NET_CURRENT_DESKTOP", [index, 0, 0, 0, 0]);
        assert_eq!(next_workspace(&watch), Workspace { index, ..first });
    }
    watch.capture.stop();
}

#[test]
fn switches_by_keys_by_click_and_by_taskbar_are_all_told_as_focused() {
    const ALT_L: u32 = 0xffe9;
    const TAB: u32 = 0xff09;
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let windows = [(20, "One"), (500, "Two")].map(|(x, class)| {
        let window = actor.window((x, 60, 300, 300), false);
        actor.name(window, class, class);
        actor.show(window);
        let focused = watch.next_window(WindowChange::Focused);
        assert_eq!(focused.window, WindowId(window));
        // The window manager chose its place.
        (window, focused.bounds)
    });
    let [(one, _), (two, place_of_two)] = windows;
    let focused = |window, how: &str| {
        assert_eq!(watch.next_window(WindowChange::Focused).window, WindowId(window), "{how}");
    };
    let (alt, tab) = (actor.keycode(ALT_L), actor.keycode(TAB));
    // While Tab is down the window manager has the keyboard and sees the key that ends the choice,
    // however late it looks.
    for (key, down) in [(alt, true), (tab, true), (alt, false), (tab, false)] {
        actor.key(key, down);
    }
    actor.sync();
    focused(one, "by keys");
    actor.move_to(place_of_two.center());
    actor.button(1, true);
    actor.button(1, false);
    actor.sync();
    focused(two, "by click");
    ask_window_manager(&actor, one, "_NET_ACTIVE_WINDOW", [2, 0, 0, 0, 0]);
    focused(one, "by taskbar");
    watch.capture.stop();
}

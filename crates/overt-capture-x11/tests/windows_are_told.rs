//! Opening, switching, moving, renaming and closing windows, and popups, are told with whose they are.

mod stage;

use overt_event::{RawBody, Rect, WindowChange, WindowId, WindowKind};
use stage::{Actor, Stage, Watch};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::*;
use x11rb::wrapper::ConnectionExt as _;

fn own_exe() -> Option<String> {
    std::env::current_exe().ok()?.into_os_string().into_string().ok()
}

/// Asks the window manager as a pager does.
fn activate(actor: &Actor, window: Window) {
    let atom = actor.atom("_NET_ACTIVE_WINDOW");
    let event = ClientMessageEvent::new(32, window, atom, [2, 0, 0, 0, 0]);
    let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
    actor.conn.send_event(false, actor.root, mask, event).expect("sent");
    actor.sync();
}

#[test]
fn a_window_lives_from_opened_to_closed() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let window = actor.window((100, 100, 400, 300), false);
    actor.name(window, "Editor", "first title");
    actor.show(window);

    let opened = watch.next_window(WindowChange::Opened);
    assert_eq!(opened.window, WindowId(window));
    assert_eq!(
        (opened.pid, opened.app.exe, opened.app.class.as_deref()),
        (Some(std::process::id()), own_exe(), Some("Editor"))
    );
    assert_eq!((opened.kind, opened.own), (WindowKind::Normal, false));
    assert!(opened.bounds.w >= 400 && opened.bounds.h > 300, "the frame counts");

    let focused = watch.next_window(WindowChange::Focused);
    assert_eq!((focused.window, focused.title.as_str()), (WindowId(window), "first title"));

    actor.name(window, "Editor", "second title");
    let retitled = watch.next_window(WindowChange::Retitled);
    assert_eq!((retitled.window, retitled.title.as_str()), (WindowId(window), "second title"));

    actor.conn.configure_window(window, &ConfigureWindowAux::new().x(350).y(220)).expect("sent");
    actor.sync();
    let moved = watch.next("a move", |e| match e.body {
        RawBody::Window(w) if w.change == WindowChange::Moved && w.bounds.x >= 340 => Some(w),
        _ => None,
    });
    assert_eq!((moved.bounds.w, moved.bounds.h), (opened.bounds.w, opened.bounds.h));

    actor.conn.destroy_window(window).expect("sent");
    actor.sync();
    assert_eq!(watch.next_window(WindowChange::Closed).window, WindowId(window));
    watch.capture.stop();
}

/// An application that is closed and opened again may get the numbers of its windows again from the server.
#[test]
fn a_window_that_comes_back_under_its_number_is_told_anew() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let place = (100, 100, 400, 300);
    let window = actor.window(place, false);
    for turn in 0..4 {
        let class = format!("Editor{turn}");
        actor.name(window, &class, "a title");
        actor.show(window);
        for change in [WindowChange::Opened, WindowChange::Focused] {
            let told = watch.next_window(change);
            assert_eq!((told.window, told.app.class), (WindowId(window), Some(class.clone())), "{turn}");
        }
        actor.conn.destroy_window(window).expect("sent");
        actor.sync();
        // Once the manager has taken it off its list, and once at once.
        if turn % 2 == 0 {
            actor.wait_for_clients(0);
        }
        actor.window_again(window, place, false);
    }
    watch.capture.stop();
}

#[test]
fn a_window_that_was_gone_when_it_was_named_the_active_one_is_told_when_it_comes_back() {
    let stage = Stage::with_openbox();
    let actor = Actor::new(&stage);
    let place = (100, 100, 400, 300);
    let window = actor.window(place, false);
    actor.name(window, "Editor", "a title");
    actor.show(window);
    actor.wait_for_clients(1);
    actor.conn.destroy_window(window).expect("sent");
    actor.sync();
    actor.wait_for_clients(0);
    let watch = Watch::start(&stage, 10);
    actor.window_again(window, place, false);
    actor.name(window, "Editor", "a title");
    actor.show(window);
    for change in [WindowChange::Opened, WindowChange::Focused] {
        assert_eq!(watch.next_window(change).window, WindowId(window));
    }
    watch.capture.stop();
}

#[test]
fn every_switch_is_told_once_and_never_as_no_window() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let windows = [(20, "One"), (500, "Two")].map(|(x, class)| {
        let window = actor.window((x, 60, 300, 300), false);
        actor.name(window, class, class);
        actor.show(window);
        assert_eq!(watch.next_window(WindowChange::Focused).window, WindowId(window));
        window
    });
    for turn in 0..20 {
        let window = windows[turn % 2];
        activate(&actor, window);
        let focused = watch.next_window(WindowChange::Focused);
        assert_eq!(focused.window, WindowId(window));
    }
    watch.capture.stop();
}

#[test]
fn a_window_that_says_to_be_anothers_is_told_again() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let windows = [20, 500].map(|x| {
        let window = actor.window((x, 60, 300, 300), false);
        actor.name(window, "Starting", "untitled");
        actor.show(window);
        assert_eq!(watch.next_window(WindowChange::Focused).window, WindowId(window));
        window
    });
    let class_told = |change: WindowChange| {
        let told = watch.next_window(change);
        (told.window, told.app.class)
    };
    for (window, class) in [(windows[0], "Below"), (windows[1], "Front")] {
        actor.name(window, class, "untitled");
        let expected = (WindowId(window), Some(class.to_owned()));
        assert_eq!(class_told(WindowChange::Opened), expected);
    }
    assert_eq!(class_told(WindowChange::Focused), (WindowId(windows[1]), Some("Front".to_owned())));
    watch.capture.stop();
}

#[test]
fn what_was_open_before_is_told_at_the_start_and_again_after_a_pause() {
    let stage = Stage::with_openbox();
    let actor = Actor::new(&stage);
    let show = |x, class| {
        let window = actor.window((x, 60, 300, 300), false);
        actor.name(window, class, class);
        actor.show(window);
        window
    };
    let (stays, goes) = (show(20, "Stays"), show(500, "Goes"));
    activate(&actor, stays);
    actor.wait_for_clients(2);
    let watch = Watch::start(&stage, 10);
    let first = watch.next("the first event", |e| Some(matches!(e.body, RawBody::Covered(false))));
    assert!(first, "that nothing covers the display comes first");
    let second = watch.next("the second event", |e| Some(matches!(e.body, RawBody::Topology(_))));
    assert!(second, "the arrangement of monitors comes before any window");
    let mut opened = [(); 2].map(|()| watch.next_window(WindowChange::Opened).window);
    opened.sort();
    assert_eq!(opened, [WindowId(stays.min(goes)), WindowId(stays.max(goes))]);
    assert_eq!(watch.next_window(WindowChange::Focused).window, WindowId(stays));

    watch.capture.set_grabbing(false);
    actor.conn.destroy_window(goes).expect("sent");
    actor.wait_for_clients(1);
    watch.capture.set_grabbing(true);
    assert_eq!(watch.next_window(WindowChange::Closed).window, WindowId(goes));
    assert_eq!(watch.next_window(WindowChange::Opened).window, WindowId(stays));
    assert_eq!(watch.next_window(WindowChange::Focused).window, WindowId(stays));
    watch.capture.stop();
}

#[test]
fn a_popup_without_a_class_belongs_to_the_window_of_its_client() {
    let stage = Stage::with_openbox();
    let (watch, actor, other) = (Watch::start(&stage, 10), Actor::new(&stage), Actor::new(&stage));
    let unrelated = other.window((700, 400, 200, 200), false);
    other.name(unrelated, "Other", "other");
    other.show(unrelated);
    watch.next_window(WindowChange::Opened);
    let window = actor.window((100, 100, 400, 300), false);
    actor.name(window, "Editor", "main");
    actor.show(window);
    watch.next_window(WindowChange::Opened);

    let popup = actor.window((120, 140, 90, 200), true);
    actor.show(popup);
    let opened = watch.next_window(WindowChange::PopupOpened);
    assert_eq!((opened.window, opened.kind), (WindowId(popup), WindowKind::Popup));
    assert_eq!(opened.bounds, Rect { x: 120, y: 140, w: 90, h: 200 });
    assert_eq!((opened.app.class.as_deref(), opened.app.exe), (Some("Editor"), own_exe()));
    actor.unmap(popup);
    assert_eq!(watch.next_window(WindowChange::PopupClosed).window, WindowId(popup));
    watch.capture.stop();
}

#[test]
fn types_and_owners_are_what_the_window_says_of_itself() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let set_type = |window, name: &str| {
        let (property, value) = (actor.atom("_NET_WM_WINDOW_TYPE"), actor.atom(name));
        actor
            .conn
            .change_property32(PropMode::REPLACE, window, property, AtomEnum::ATOM, &[value])
            .expect("sent");
    };
    let cases = [
        ("_NET_WM_WINDOW_TYPE_DIALOG", WindowKind::Dialog),
        ("_NET_WM_WINDOW_TYPE_DOCK", WindowKind::Dock),
        ("_NET_WM_WINDOW_TYPE_DESKTOP", WindowKind::Desktop),
        ("_NET_WM_WINDOW_TYPE_NORMAL", WindowKind::Normal),
    ];
    for (name, kind) in cases {
        let window = actor.window((10, 10, 200, 100), false);
        set_type(window, name);
        watch.own.add(window);
        actor.show(window);
        let opened = watch.next_window(WindowChange::Opened);
        assert_eq!((opened.window, opened.kind, opened.own), (WindowId(window), kind, true));
        assert_eq!(opened.app.class, None, "what is unknown stays unknown");
    }
    watch.capture.stop();
}

#[test]
fn a_change_of_size_is_a_topology_of_its_own_and_frames_name_it() {
    use x11rb::protocol::randr::{ConnectionExt as _, ModeInfo, Rotation};
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 10), Actor::new(&stage));
    let first = watch.next("a topology", |e| match e.body {
        RawBody::Topology(t) => Some(t),
        _ => None,
    });
    assert_eq!((first.size, first.monitors.len()), ((1280, 800), 1));
    assert_eq!(first.monitors[0].bounds, Rect { x: 0, y: 0, w: 1280, h: 800 });
    watch.next_frame(|f| f.topology == first.id);

    let screen = actor.conn.randr_get_screen_resources(actor.root).expect("sent").reply().expect("an answer");
    let smaller = ModeInfo { width: 1024, height: 768, ..screen.modes[0] };
    let mode = actor
        .conn
        .randr_create_mode(actor.root, smaller, b"1024x768")
        .expect("sent")
        .reply()
        .expect("a mode")
        .mode;
    actor.conn.randr_add_output_mode(screen.outputs[0], mode).expect("sent").check().expect("added");
    let (now, turn) = (x11rb::CURRENT_TIME, Rotation::ROTATE0);
    actor
        .conn
        .randr_set_crtc_config(screen.crtcs[0], now, now, 0, 0, mode, turn, &screen.outputs)
        .expect("sent")
        .reply()
        .expect("an answer");
    actor.conn.randr_set_screen_size(actor.root, 1024, 768, 270, 203).expect("sent").check().expect("set");
    let second = watch.next("a topology", |e| match e.body {
        RawBody::Topology(t) if t.size == (1024, 768) => Some(t),
        RawBody::Frame(f) => {
            assert_eq!((f.topology, f.frame.width), (first.id, 1280));
            None
        }
        _ => None,
    });
    let frame = watch.next_frame(|f| f.topology == second.id);
    assert_eq!((frame.frame.width, frame.frame.height), (1024, 768));
    actor.conn.flush().expect("the display lives");
    watch.capture.stop();
}

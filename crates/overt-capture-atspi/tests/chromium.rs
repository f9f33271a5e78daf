//! Chromium: pages, forms, passwords, dropdowns and addresses.

mod stage;

use overt_event::{AccessibleChange, Completeness, FocusKind, FocusReport, Node, Point, RawBody, Rect};
use stage::{PATIENCE, Stage, Watch, Window};

/// Controls by role, name and place on the page; in kiosk mode the page begins at the screen's corner.
const CONTROLS: [(&str, &str, Rect); 7] = [
    ("link", "A link", Rect { x: 50, y: 40, w: 100, h: 20 }),
    ("push button", "Send", Rect { x: 50, y: 100, w: 120, h: 30 }),
    ("entry", "Name", Rect { x: 200, y: 150, w: 180, h: 24 }),
    ("password text", "Secret", Rect { x: 200, y: 200, w: 180, h: 24 }),
    ("combo box", "Colour", Rect { x: 200, y: 250, w: 100, h: 24 }),
    ("check box", "Agree", Rect { x: 200, y: 300, w: 20, h: 20 }),
    ("push button", "Cancel", Rect { x: 200, y: 100, w: 120, h: 30 }),
];

fn page(extra: &str) -> String {
    let place = |i: usize| {
        let Rect { x, y, w, h } = CONTROLS[i].2;
        format!(
            "style='position:absolute;margin:0;box-sizing:border-box;left:{x}px;top:{y}px;width:{w}px;height:{h}px'"
        )
    };
    format!(
        "<!doctype html><title>Form</title><body><a href='#x' {}>A link</a><button {}>Send</button>\
         <input aria-label=Name {}><input type=password aria-label=Secret {}>\
         <select aria-label=Colour {}><option>Red<option>Green<option>Blue</select>\
         <input type=checkbox aria-label=Agree {}><button {}>Cancel</button>{extra}",
        place(0),
        place(1),
        place(2),
        place(3),
        place(4),
        place(5),
        place(6),
    )
}

fn open(stage: &mut Stage, watch: &Watch, extra: &str) -> (u32, Window, Vec<Node>) {
    let pid = stage.chromium(&page(extra));
    let window = stage.window("Form");
    let snapshot = watch.snapshot_with(pid, window, "Cancel");
    (pid, window, snapshot.nodes)
}

fn place_of(name: &str) -> Point {
    CONTROLS.iter().find(|c| c.1 == name).expect("a control of the page").2.center()
}

#[test]
fn a_snapshot_holds_the_controls_of_a_page_where_they_are() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (_, _, nodes) = open(&mut stage, &watch, "");
    for (role, name, bounds) in CONTROLS {
        let found = nodes.iter().find(|n| n.role == role && n.name == name);
        assert_eq!(found.map(|n| n.bounds), Some(bounds), "{role} {name}");
    }
    for (i, node) in nodes.iter().enumerate() {
        assert!(node.parent.is_none_or(|parent| (parent as usize) < i));
    }
}

#[test]
fn every_control_is_found_at_its_centre_at_the_first_question() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, window, _) = open(&mut stage, &watch, "");
    for (role, name, bounds) in CONTROLS {
        let answer = watch.lookup(pid, bounds.center(), window.bounds, false);
        let element = answer.element.expect("there is a control");
        // The text within a link or a button belongs to it.
        let chain: Vec<_> = std::iter::once(&element.node).chain(&element.ancestors).collect();
        assert!(chain.iter().any(|n| n.role == role && n.name == name), "{role} {name}: {chain:?}");
        assert_eq!(answer.completeness, Completeness::Complete);
    }
}

#[test]
fn the_focus_in_a_password_field_is_a_password_and_its_text_is_no_event() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    open(&mut stage, &watch, "");
    stage.click(place_of("Name"));
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "entry".to_owned() });
    stage.click(place_of("Secret"));
    let unknown = watch.focus(|report| report.kind == FocusKind::Unknown);
    let password = watch.focus(|report| report.kind != FocusKind::Unknown);
    assert_eq!(password.kind, FocusKind::Password);
    assert!(unknown.asked_at <= password.asked_at);
    assert_eq!(watch.probe().kind, FocusKind::Password);
    stage.xdotool(&["type", "tiger"]);
    stage.click(place_of("Name"));
    let mut texts = String::new();
    let mut collect = |body, done: fn(&str, &RawBody) -> bool| {
        if let RawBody::Accessible { event, .. } = &body
            && let AccessibleChange::TextInserted { text } = &event.change
        {
            texts.push_str(text);
        }
        done(&texts, &body).then_some(())
    };
    let in_entry = |body| {
        collect(body, |_, body| {
            matches!(body, RawBody::Focus(FocusReport { kind: FocusKind::Other { .. }, .. }))
        })
    };
    watch.wait(PATIENCE, in_entry).expect("the entry gets the focus");
    stage.xdotool(&["type", "open"]);
    watch.wait(PATIENCE, |body| collect(body, |texts, _| texts.ends_with('n'))).expect("the text is told");
    assert_eq!(texts, "open", "nothing of the password, not even how long it is");
}

#[test]
fn the_options_of_an_open_select_are_found() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, window, _) = open(&mut stage, &watch, "");
    let closed = watch.lookup(pid, place_of("Colour"), window.bounds, false);
    assert_eq!(closed.element.map(|e| e.node.role).as_deref(), Some("combo box"));
    stage.click(place_of("Colour"));
    let option = watch.wait(PATIENCE, |body| match body {
        RawBody::Accessible { event, .. } => {
            let at = event.node.bounds;
            (event.change == AccessibleChange::Focused && event.node.role == "menu item").then_some(at)
        }
        _ => None,
    });
    let first = option.expect("the chosen option is told");
    for (place, name) in ["Red", "Green", "Blue"].into_iter().enumerate() {
        let at = Point { y: first.center().y + place as i32 * first.h, ..first.center() };
        let popup = Rect { h: first.h * 3, ..first };
        let found = watch.lookup(pid, at, popup, true).element.expect("the option is found");
        assert_eq!((found.node.role.as_str(), found.node.name.as_str()), ("menu item", name));
        assert!(found.ancestors.iter().any(|a| a.role == "combo box" && a.name == "Colour"));
    }
}

#[test]
fn an_item_of_a_menu_that_a_page_unfolds_beside_another_is_in_the_snapshot() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let list = "margin:0;padding:0;list-style:none";
    let unfold = "inner.style.display='block';inner.removeAttribute('aria-hidden')";
    let menus = format!(
        "<div style='position:absolute;left:10px;top:400px;width:160px;height:100px'>\
         <ul role=menu tabindex=0 style='width:50px;{list}'><li style='position:relative'>\
         <div role=menuitem tabindex=-1 aria-haspopup=true onmouseenter=\"{unfold}\">Deck</div>\
         <ul id=inner role=menu aria-hidden=true style='position:absolute;display:none;left:50px;top:0;width:60px;{list}'>\
         <li style='margin-top:100px'><div role=menuitem tabindex=-1>Keel</div></ul></ul></div>"
    );
    let (pid, window, nodes) = open(&mut stage, &watch, &menus);
    let outer =
        nodes.iter().find(|n| n.name == "Deck" && n.role == "menu item").expect("the first item").bounds;
    assert!(!nodes.iter().any(|n| n.name == "Keel"), "it is folded up");
    stage.move_to(outer.center());
    let inner = watch.control(pid, window, "menu item", "Keel").bounds;
    assert!(inner.x >= outer.x + outer.w && inner.y >= outer.y + 100, "{inner:?}");
}

#[test]
fn the_address_of_the_page_is_told_and_that_of_a_frame_in_it_is_not() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let frame =
        "<iframe src='data:text/html,<button>Inner</button>' style='position:absolute;top:400px'></iframe>";
    let pid = stage.chromium(&page(frame));
    let url = watch.wait(PATIENCE, |body| match body {
        RawBody::Location { url, .. } if !url.starts_with("about:") => Some(url),
        _ => None,
    });
    let url = url.expect("the address is told");
    assert!(url.starts_with("file:///") && url.ends_with("/page.html"));
    let window = stage.window("Form");
    stage.click(place_of("A link"));
    let moved = watch.location_by_snapshots(pid, window);
    assert_eq!(moved, format!("{url}#x"));
}

#[test]
fn a_large_page_is_cut_at_the_cap() {
    let mut stage = Stage::new();
    let config = overt_capture_atspi::AtspiConfig {
        snapshot_nodes_max: 100,
        snapshot_deadline: PATIENCE / 6,
        ..Default::default()
    };
    let watch = stage.watch_with(config);
    let many: String = (0..300).map(|i| format!("<button>b{i}</button>")).collect();
    let pid = stage.chromium(&format!("<!doctype html><title>Form</title>{many}"));
    let window = stage.window("Form");
    let snapshot = watch.snapshot_with(pid, window, "b0");
    assert_eq!((snapshot.nodes.len(), snapshot.completeness), (100, Completeness::Cut));
}

#[test]
fn a_window_without_accessibility_takes_the_focus_of_a_page_to_unknown() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    open(&mut stage, &watch, "");
    stage.click(place_of("Name"));
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "entry".to_owned() });
    let _mute = stage.mute_window();
    watch.probe_until(|kind| *kind == FocusKind::Unknown);
    assert_eq!(watch.probe().kind, FocusKind::Unknown, "and it stays so");
}

#[test]
fn a_password_field_that_had_the_focus_before_the_recording_is_found() {
    let mut stage = Stage::new();
    let first = stage.watch();
    open(&mut stage, &first, "");
    stage.click(place_of("Secret"));
    first.probe_until(|kind| *kind == FocusKind::Password);
    first.capture.stop();
    let second = stage.watch();
    second.probe_until(|kind| {
        assert!(!matches!(kind, FocusKind::Other { .. }), "it is never taken for harmless");
        *kind == FocusKind::Password
    });
}

#[test]
fn the_focus_of_a_frame_within_a_page_is_the_field_in_it() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let inner =
        "<input type=password aria-label=Inner style=position:absolute;left:0;top:0;width:200px;height:40px>";
    let frame =
        format!("<iframe srcdoc='{inner}' style='position:absolute;left:50px;top:400px;border:0'></iframe>");
    open(&mut stage, &watch, &frame);
    stage.click(Point { x: 100, y: 420 });
    watch.probe_until(|kind| *kind == FocusKind::Password);
}

#[test]
fn a_page_whose_places_are_wrong_has_none() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.chromium_with(&page(""), &["--force-device-scale-factor=2"]);
    let window = stage.window("Form");
    let at = Point { x: 220, y: 230 };
    watch.focus(|report| report.kind == FocusKind::Other { role: "document web".to_owned() });
    let snapshot = watch.snapshot_with(pid, window, "Form - Chromium");
    // A version that tells the right places shows the button where it is.
    let button = snapshot.nodes.iter().find(|n| n.name == "Send").map(|n| n.bounds);
    assert!(button.is_none_or(|b| b == Rect { x: 100, y: 200, w: 240, h: 60 }), "{button:?}");
    let found = watch.lookup(pid, at, window.bounds, false).element.map(|e| e.node.name);
    assert!(found.is_none_or(|name| name == "Send"));
}

//! GTK 3: buttons, menus, dropdowns, fields and whole windows.

mod stage;

use overt_event::{AccessibleChange, Completeness, FocusKind, Node, Point, RawBody, Rect};
use stage::{PATIENCE, Stage, Watch, Window};

const CALCULATOR: &str = "galculator";

fn calculator(stage: &mut Stage, watch: &Watch) -> (u32, Window, Vec<Node>) {
    let pid = stage.spawn(CALCULATOR, &[]);
    let window = stage.window(CALCULATOR);
    let snapshot = watch.snapshot_with(pid, window, "9");
    (pid, window, snapshot.nodes)
}

fn named<'a>(nodes: &'a [Node], role: &str, name: &str) -> &'a Node {
    nodes.iter().find(|n| n.role == role && n.name == name).expect("the control is in the snapshot")
}

#[test]
fn a_button_is_found_at_its_centre_with_its_name_and_ancestors() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, window, nodes) = calculator(&mut stage, &watch);
    let seven = named(&nodes, "toggle button", "7");
    let answer = watch.lookup(pid, seven.bounds.center(), window.bounds, false);
    assert_eq!((answer.completeness, answer.pid), (Completeness::Complete, pid));
    let element = answer.element.expect("there is a button");
    assert_eq!((element.node.role.as_str(), element.node.name.as_str()), ("toggle button", "7"));
    assert_eq!((element.node.bounds, element.candidates), (seven.bounds, 1));
    assert_eq!(element.ancestors.last().map(|a| a.role.as_str()), Some("frame"));
    assert!(element.ancestors.len() <= 12);
}

#[test]
fn a_snapshot_holds_the_controls_where_they_are() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, window, nodes) = calculator(&mut stage, &watch);
    let buttons: Vec<&Node> = nodes.iter().filter(|n| n.role == "toggle button").collect();
    let digits = (0..10).filter(|d| buttons.iter().any(|b| b.name == d.to_string())).count();
    assert_eq!(digits, 10, "every digit is a button of the snapshot");
    let right = buttons.iter().filter(|button| {
        let found = watch.lookup(pid, button.bounds.center(), window.bounds, false).element;
        found.is_some_and(|e| e.node.name == button.name && e.node.bounds == button.bounds)
    });
    let (right, all) = (right.count(), buttons.len());
    assert!(all >= 20 && right * 100 >= all * 95, "{right} of {all} buttons");
    check_order(&nodes);
}

/// Parents stand before their children.
fn check_order(nodes: &[Node]) {
    assert_eq!(nodes.iter().filter(|n| n.parent.is_none()).count(), 1, "one window");
    for (i, node) in nodes.iter().enumerate() {
        assert!(node.parent.is_none_or(|parent| (parent as usize) < i));
    }
}

#[test]
fn the_items_of_an_open_menu_are_found_and_followed() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.spawn("mousepad", &["--disable-server"]);
    let window = stage.window("Mousepad");
    let nodes = watch.snapshot_with(pid, window, "File").nodes;
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    let file = named(&nodes, "menu", "File").bounds;
    stage.click(file.center());
    let open = Point { x: file.x + 30, y: file.y + file.h + 40 };
    stage.move_to(open);
    let hovered = watch.wait(PATIENCE, |body| match body {
        RawBody::Accessible { event, .. } if event.change == AccessibleChange::Selected => {
            (event.node.role == "menu item" && event.node.bounds.contains(open)).then_some(event)
        }
        _ => None,
    });
    let hovered = hovered.expect("the item under the pointer is told");
    assert_eq!(hovered.ancestors.first().map(|a| a.name.as_str()), Some("File"));
    let popup = Rect { x: file.x, y: file.y + file.h, w: 400, h: 400 };
    let found = watch.lookup(pid, open, popup, true).element.expect("the item is found");
    assert_eq!((&found.node.name, &found.node.role), (&hovered.node.name, &hovered.node.role));
    assert_eq!(watch.probe().kind, FocusKind::Other { role: "menu item".to_owned() });
    stage.key("Escape");
    stage.key("Escape");
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
}

#[test]
fn the_options_of_a_dropdown_are_found() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.spawn("gtk3-widget-factory", &[]);
    let window = stage.window("gtk3-widget-factory");
    let nodes = watch.snapshot_with(pid, window, "Left").nodes;
    let boxed = named(&nodes, "combo box", "Left").bounds;
    let closed = watch.lookup(pid, boxed.center(), window.bounds, false).element;
    assert!(closed.is_some_and(|e| e.node.role != "menu item"), "a closed box shows no options");
    stage.click(boxed.center());
    let option = watch.wait(PATIENCE, |body| match body {
        RawBody::Accessible { event, .. } => (event.node.role == "menu item").then_some(event.node),
        _ => None,
    });
    let option = option.expect("an option is told");
    let found = watch.lookup(pid, option.bounds.center(), option.bounds, true);
    assert_eq!(found.element.map(|e| e.node.name), Some(option.name));
}

#[test]
fn a_field_that_had_the_focus_before_the_recording_is_found() {
    let mut stage = Stage::new();
    let first = stage.watch();
    stage.spawn("mousepad", &["--disable-server"]);
    first.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    first.capture.stop();
    let second = stage.watch();
    let report = second.focus(|report| report.kind != FocusKind::Unknown);
    assert_eq!(report.kind, FocusKind::Other { role: "text".to_owned() });
}

#[test]
fn typed_text_is_told_and_another_window_makes_the_focus_unknown_first() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let editor = stage.spawn("mousepad", &["--disable-server"]);
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    stage.xdotool(&["type", "ab"]);
    for expected in ["a", "b"] {
        let typed = watch.wait(PATIENCE, |body| match body {
            RawBody::Accessible { event, .. } => match event.change {
                AccessibleChange::TextInserted { text } => Some(text),
                _ => None,
            },
            _ => None,
        });
        assert_eq!(typed.as_deref(), Some(expected));
    }
    let other = stage.spawn(CALCULATOR, &[]);
    let unknown = watch.focus(|report| report.kind == FocusKind::Unknown);
    let known = watch.focus(|report| report.pid == other && report.kind != FocusKind::Unknown);
    assert!(unknown.asked_at <= known.asked_at);
    assert_ne!(known.pid, editor);
}

#[test]
fn a_window_without_accessibility_takes_the_focus_to_unknown() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.spawn("mousepad", &["--disable-server"]);
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    let _mute = stage.mute_window();
    watch.probe_until(|kind| *kind == FocusKind::Unknown);
    assert_eq!(watch.probe().kind, FocusKind::Unknown, "and it stays so");
}

#[test]
fn on_a_scaled_display_places_are_physical_pixels() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.spawn("env", &["GDK_SCALE=2", CALCULATOR]);
    let window = stage.window(CALCULATOR);
    let nodes = watch.snapshot_with(pid, window, "9").nodes;
    assert!(nodes[0].bounds.covers(window.bounds), "the frame is around the window");
    let nine = named(&nodes, "toggle button", "9");
    let element = watch.lookup(pid, nine.bounds.center(), window.bounds, false).element;
    assert_eq!(element.map(|e| (e.node.name, e.node.bounds)), Some(("9".to_owned(), nine.bounds)));
}

//! LibreOffice Calc: cells, tool bars, menus, the field that is edited, and what a snapshot holds.

mod stage;

use overt_event::{AccessibleChange, AccessibleEvent, Completeness, FocusKind, Node, Point, RawBody};
use stage::{PATIENCE, Stage, Watch, Window};

/// Memory that Calc with an empty sheet must not reach: it needs 260 MB; listing a sheet took 21 GB.
const MEMORY_KIB_MAX: u64 = 1_000_000;

struct Calc {
    stage: Stage,
    watch: Watch,
    pid: u32,
    window: Window,
}

impl Calc {
    fn open() -> Self {
        let mut stage = Stage::new();
        let watch = stage.watch();
        stage.libreoffice("--calc");
        let window = stage.window("Calc");
        let pid = stage.pid_of(window);
        let calc = Self { stage, watch, pid, window };
        calc.watch.probe_until(|kind| *kind == FocusKind::Other { role: "table".to_owned() });
        // The menu bar comes last.
        calc.watch.snapshot_with(pid, window, "Help");
        calc
    }

    fn cell_at(&self, at: Point) -> Node {
        let answer = self.watch.lookup_role(self.pid, at, self.window.bounds, "table cell");
        assert_eq!(answer.completeness, Completeness::Complete);
        let element = answer.element.expect("there is a cell");
        let roles: Vec<&str> = element.ancestors.iter().map(|a| a.role.as_str()).collect();
        assert_eq!(roles[..2], ["table", "document spreadsheet"]);
        assert_eq!(roles.last(), Some(&"frame"));
        assert_eq!(element.candidates, 1, "the cells are not counted");
        element.node
    }

    /// The next event that fits.
    fn event(&self, fits: impl Fn(&AccessibleEvent) -> bool) -> AccessibleEvent {
        let found = self.watch.wait(PATIENCE, |body| match body {
            RawBody::Accessible { event, .. } if fits(&event) => Some(event),
            _ => None,
        });
        found.expect("the event is told")
    }

    fn check_memory(&self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak is told");
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        assert!(kib < MEMORY_KIB_MAX, "{kib} KiB");
    }
}

#[test]
fn a_cell_is_found_where_it_is_before_and_after_the_pointer_moved() {
    let calc = Calc::open();
    let at = Point { x: 300, y: 400 };
    let before = calc.cell_at(at);
    assert!(before.bounds.contains(at) && !before.name.is_empty());
    calc.stage.click(at);
    let focused = calc.event(|e| e.change == AccessibleChange::Focused && e.node.name == before.name);
    assert_eq!((&focused.node.name, focused.node.bounds), (&before.name, before.bounds));
    let after = calc.cell_at(at);
    assert_eq!((&after.name, after.bounds), (&before.name, before.bounds));
    assert!(after.states.iter().any(|s| s == "focused"));
    calc.check_memory();
}

#[test]
fn an_event_before_the_pointer_first_moved_tells_the_place_that_a_look_up_finds() {
    let calc = Calc::open();
    calc.stage.key("Down");
    let told = calc.event(|e| e.change == AccessibleChange::Focused && e.node.name == "A2").node;
    let found = calc.cell_at(told.bounds.center());
    assert_eq!((found.name, found.bounds), (told.name, told.bounds));
}

#[test]
fn a_snapshot_holds_the_tool_bars_and_the_menu_bar_where_they_are() {
    let calc = Calc::open();
    let snapshot = calc.watch.snapshot_with(calc.pid, calc.window, "Bold");
    assert_eq!(snapshot.completeness, Completeness::Complete);
    let nodes = snapshot.nodes;
    assert!(nodes.iter().all(|n| n.role != "table cell"), "no cell is listed");
    let named = |role: &str, name: &str| {
        let found: Vec<&Node> = nodes.iter().filter(|n| n.role == role && n.name == name).collect();
        assert_eq!(found.len(), 1, "one {name}");
        found[0].bounds
    };
    for menu in ["File", "Edit", "View", "Insert", "Format", "Styles", "Sheet", "Data", "Tools", "Help"] {
        let bounds = named("menu", menu);
        let found = calc.watch.lookup(calc.pid, bounds.center(), calc.window.bounds, false).element;
        assert_eq!(found.map(|e| (e.node.name, e.node.bounds)), Some((menu.to_owned(), bounds)));
    }
    let bar = named("menu", "File");
    for (role, name) in [("push button", "New"), ("toggle button", "Bold"), ("push button", "Align Left")] {
        let bounds = named(role, name);
        assert!(bounds.y >= bar.y + bar.h, "below the menu bar");
        let found = calc.watch.lookup(calc.pid, bounds.center(), calc.window.bounds, false).element;
        assert_eq!(found.map(|e| (e.node.name, e.node.bounds)), Some((name.to_owned(), bounds)));
    }
    calc.check_memory();
}

#[test]
fn the_items_of_an_open_menu_are_found_and_followed() {
    let calc = Calc::open();
    let nodes = calc.watch.snapshot_with(calc.pid, calc.window, "File").nodes;
    let file = nodes.iter().find(|n| n.name == "File").expect("the menu is there").bounds;
    let popups = calc.stage.popups();
    calc.stage.click(file.center());
    calc.event(|e| e.change == AccessibleChange::Selected && e.node.name == "File");
    // The menu is selected before it shows, and a pointer that is there already selects no item of it.
    let popup = popups.next();
    let at = Point { x: popup.x + 40, y: popup.y + 37 };
    calc.stage.move_to(at);
    let item = calc.event(|e| e.change == AccessibleChange::Selected && e.node.bounds.contains(at));
    assert_eq!((item.node.role.as_str(), item.ancestors[0].name.as_str()), ("menu item", "File"));
    let found = calc.watch.lookup(calc.pid, at, popup, true).element.expect("the item is found");
    assert_eq!((found.node.role, found.node.name), (item.node.role, item.node.name));
    calc.watch.probe_until(|kind| *kind == FocusKind::Other { role: "menu item".to_owned() });
    calc.stage.key("Escape");
    calc.watch.probe_until(|kind| *kind == FocusKind::Other { role: "table".to_owned() });
    calc.check_memory();
}

#[test]
fn a_cell_that_is_edited_has_the_focus_and_the_snapshot_stays_bounded() {
    let calc = Calc::open();
    let at = Point { x: 300, y: 400 };
    let cell = calc.cell_at(at).name;
    calc.stage.click(at);
    calc.event(|e| e.change == AccessibleChange::Focused && e.node.name == cell);
    calc.stage.xdotool(&["key", "4"]);
    let edited = calc.event(|e| e.change == AccessibleChange::Focused && e.node.role == "paragraph");
    assert_eq!(edited.ancestors[0].name, format!("Cell {cell}"));
    calc.watch.probe_until(|kind| *kind == FocusKind::Other { role: "paragraph".to_owned() });
    let snapshot = calc.watch.snapshot(calc.pid, calc.window);
    assert_eq!(snapshot.completeness, Completeness::Complete);
    calc.stage.key("Return");
    calc.watch.probe_until(|kind| *kind == FocusKind::Other { role: "table".to_owned() });
    calc.check_memory();
}

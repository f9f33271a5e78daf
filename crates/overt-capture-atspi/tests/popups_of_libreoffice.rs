//! The drop buttons of LibreOffice's tool bars, the tabs of its sheets and the context menu of a cell.

mod stage;

use overt_event::{Point, Rect};
use stage::follow::{follow, follow_click};
use stage::{Stage, Watch, Window};

/// Three sheets. LibreOffice finds out by the words in it what kind of document it is.
const SHEETS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>
<table:table table:name="Plan"/><table:table table:name="Costs"/><table:table table:name="Crew"/>
</office:spreadsheet></office:body></office:document>"#;

/// In the middle of the sheet: D13.
const CELL: Point = Point { x: 300, y: 400 };

/// Opens the sheets and returns the process and its window.
fn open(stage: &mut Stage, watch: &Watch) -> (u32, Window) {
    let file = stage.home().join("sheets.fods");
    std::fs::write(&file, SHEETS).expect("the document is written");
    stage.libreoffice(&file.display().to_string());
    let window = stage.window("Calc");
    let pid = stage.pid_of(window);
    // Of a document that was opened no cell has the focus, and a press that comes before all is drawn is lost.
    watch.snapshot_with(pid, window, "Help");
    follow_click(stage, watch, CELL, &["focused table cell D13 in table Sheet Plan"]);
    (pid, window)
}

/// The arrow at the right end of a button.
fn arrow_of(watch: &Watch, (pid, window): (u32, Window), name: &str) -> Point {
    let button = watch.control(pid, window, "push button", name).bounds;
    Point { x: button.x + button.w - 8, ..button.center() }
}

#[test]
fn the_colours_below_a_button_open_are_dismissed_and_chosen_from() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, window) = open(&mut stage, &watch);
    let arrow = arrow_of(&watch, (pid, window), "Font Color");
    let open = ["opened window Font Color", "focused push button Automatic in panel Font Color"];
    let opened = follow_click(&stage, &watch, arrow, &open);
    let (popup, automatic) = (opened[0].node.bounds, opened[1].node.bounds);
    stage.key("Escape");
    follow(&watch, &["dismissed window Font Color", "focused table cell D13 in table Sheet Plan"]);
    follow_click(&stage, &watch, arrow, &open);
    let found = watch.lookup(pid, automatic.center(), popup, true).element.expect("it is found");
    assert_eq!((found.node.role.as_str(), found.node.name.as_str()), ("push button", "Automatic"));
    stage.key("Return");
    follow(&watch, &["dismissed window Font Color"]);
}

#[test]
fn the_menu_below_a_button_opens_is_followed_and_is_dismissed() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let calc = open(&mut stage, &watch);
    follow_click(&stage, &watch, arrow_of(&watch, calc, "New"), &["opened menu "]);
    stage.key("Down");
    follow(&watch, &["selected menu item Spreadsheet"]);
    stage.key("Escape");
    follow(&watch, &["dismissed menu "]);
}

#[test]
fn the_tab_of_a_sheet_is_selected_by_mouse_and_the_cell_tells_its_sheet_by_keyboard() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, window) = open(&mut stage, &watch);
    let tab = watch.control(pid, window, "page tab", "Costs").bounds.center();
    follow_click(
        &stage,
        &watch,
        tab,
        &[
            "selection in page tab list  in root pane sheets.fods - LibreOffice Calc",
            "selected page tab Costs in root pane sheets.fods - LibreOffice Calc",
            "focused table cell A1 in table Sheet Costs",
        ],
    );
    stage.key("ctrl+Next");
    follow(&watch, &["focused table cell A1 in table Sheet Crew"]);
}

fn context_menu(stage: &Stage, watch: &Watch) -> Rect {
    stage.move_to(CELL);
    stage.xdotool(&["click", "3"]);
    follow(watch, &["opened menu "]).remove(0).node.bounds
}

#[test]
fn the_context_menu_of_a_cell_is_chosen_from_by_keyboard() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    open(&mut stage, &watch);
    context_menu(&stage, &watch);
    stage.key("Down");
    follow(&watch, &["selected menu item Cut"]);
    stage.key("Down");
    follow(&watch, &["selected menu item Copy"]);
    stage.key("Return");
    follow(&watch, &["dismissed menu ", "focused table cell D13 in table Sheet Plan"]);
}

#[test]
fn the_context_menu_of_a_cell_is_chosen_from_by_mouse() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, _) = open(&mut stage, &watch);
    let popup = context_menu(&stage, &watch);
    let first = Point { x: popup.x + 40, y: popup.y + 15 };
    stage.move_to(first);
    let item = follow(&watch, &["selected menu item Cut"]).remove(0).node;
    let found = watch.lookup(pid, first, popup, true).element.expect("the item is found");
    assert_eq!((found.node.name, found.node.bounds), (item.name, item.bounds));
    stage.click(first);
    follow(&watch, &["dismissed menu ", "focused table cell D13 in table Sheet Plan"]);
}

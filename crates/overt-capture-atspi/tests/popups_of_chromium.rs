//! The menus and lists that Chromium draws around a page: its context menu and the suggestions of a field.

mod stage;

use overt_event::{Point, RawBody};
use stage::follow::{follow, follow_click, told};
use stage::{PATIENCE, Stage, Watch};

/// The list stands before its field: what is told of the field while its list is not parsed yet is a plain
/// entry, and for Chromium it stays one (seen beside other work on 156, 2026-11-23).
const PAGE: &str = "<!doctype html><title>Form</title><style>*{margin:0}body>*{position:absolute}</style>\
<datalist id=fruits><option>Apple<option>Apricot<option>Banana</datalist>\
<input aria-label=Name value=hello style='left:20px;top:400px;width:200px;height:30px'>\
<input list=fruits aria-label=Fruit style='left:700px;top:20px;width:150px;height:30px'>";

/// Opens the page and returns its process and where the field is.
fn open(stage: &mut Stage, watch: &Watch, field: (&str, &str)) -> (u32, Point) {
    let pid = stage.chromium_in_a_window(PAGE);
    let window = stage.window("Form");
    (pid, watch.control(pid, window, field.0, field.1).bounds.center())
}

fn context_menu(stage: &Stage, watch: &Watch, at: Point) -> overt_event::Rect {
    stage.move_to(at);
    stage.xdotool(&["click", "3"]);
    follow(watch, &["opened menu "]).remove(0).node.bounds
}

#[test]
fn the_context_menu_of_chromium_is_followed_by_keyboard_and_a_menu_in_it_too() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (_, name) = open(&mut stage, &watch, ("entry", "Name"));
    follow_click(&stage, &watch, name, &["focused entry Name"]);
    stage.key("ctrl+a");
    context_menu(&stage, &watch, name);
    stage.key("Down");
    follow(&watch, &["selected menu item Cut Ctrl+X"]);
    stage.key("Down");
    follow(&watch, &["selected menu item Copy Ctrl+C"]);
    // Past the first item the last is the next.
    let mut above = std::iter::repeat_with(|| {
        stage.key("Up");
        watch.wait(PATIENCE, |body| match body {
            RawBody::Accessible { event, .. } => {
                Some(told(&event)).filter(|line| line.starts_with("selected"))
            }
            _ => None,
        })
    });
    let found = above.by_ref().take(20).flatten().any(|line| line == "selected menu item Spell check");
    assert!(found, "the menu has a menu in it");
    stage.key("Right");
    follow(&watch, &["opened menu Spell check in menu bar Spell check"]);
    stage.key("Left");
    follow(&watch, &["dismissed menu Spell check in menu bar Spell check"]);
    stage.key("Escape");
    follow(&watch, &["dismissed menu ", "focused entry Name"]);
}

#[test]
fn an_item_of_the_context_menu_of_chromium_is_found_and_chosen_by_mouse() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (pid, name) = open(&mut stage, &watch, ("entry", "Name"));
    follow_click(&stage, &watch, name, &["focused entry Name"]);
    stage.key("ctrl+a");
    let popup = context_menu(&stage, &watch, name);
    let first = Point { x: popup.x + 40, y: popup.y + 10 };
    let found = watch.lookup(pid, first, popup, true).element.expect("the item is found");
    assert_eq!((found.node.role.as_str(), found.node.name.as_str()), ("menu item", "Cut Ctrl+X"));
    stage.move_to(first);
    let item = follow(&watch, &["selected menu item Cut Ctrl+X"]).remove(0);
    assert_eq!(item.node.bounds, found.node.bounds);
    stage.click(first);
    follow(&watch, &["dismissed menu "]);
}

/// Acts until the option is told. For half a second Chromium takes no answer from a list that just opened.
fn choose(watch: &Watch, expected: &str, act: impl Fn()) {
    let is_told = |body| matches!(body, RawBody::Accessible { event, .. } if told(&event) == expected);
    let chosen = (0..30).any(|_| {
        act();
        watch.wait(PATIENCE / 30, |body| is_told(body).then_some(())).is_some()
    });
    assert!(chosen, "the option is told");
}

#[test]
fn the_suggestions_of_a_field_open_and_are_dismissed_and_chosen_from_by_keyboard() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (_, fruit) = open(&mut stage, &watch, ("combo box", "Fruit"));
    follow_click(&stage, &watch, fruit, &["focused combo box Fruit"]);
    stage.key("Down");
    follow(&watch, &["opened list box Autofill", "selected list item Apple in list item Apple"]);
    stage.key("Escape");
    follow(&watch, &["dismissed list box Autofill", "focused combo box Fruit"]);
    stage.key("Down");
    follow(&watch, &["opened list box Autofill", "selected list item Apple in list item Apple"]);
    stage.key("Down");
    follow(&watch, &["selected list item Apricot in list item Apricot"]);
    choose(&watch, "typed Apricot", || stage.key("Return"));
}

#[test]
fn a_suggestion_of_a_field_is_chosen_by_mouse() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (_, fruit) = open(&mut stage, &watch, ("combo box", "Fruit"));
    follow_click(&stage, &watch, fruit, &["focused combo box Fruit"]);
    stage.key("Down");
    let opened = follow(&watch, &["opened list box Autofill", "selected list item Apple in list item Apple"]);
    let first = opened[1].node.bounds;
    stage.move_to(first.center());
    stage.move_to(Point { y: first.center().y + first.h, ..first.center() });
    let second = follow(&watch, &["selected list item Apricot in list item Apricot"]).remove(0).node.bounds;
    choose(&watch, "typed Apricot", || stage.click(second.center()));
}

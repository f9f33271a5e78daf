//! The desk's part: notes in mousepad, a sum in galculator, values copied from one to the other.
//!
//! GTK does not tell where its menus and buttons are, so their places are measured: offsets from the
//! window's client area under the desktop's own font and theme.

use anyhow::Result;
use overt_event::{Point, Rect};

use super::{ANSWER_WITHIN, Stage};
use crate::person::{Intent, Person, Target};

/// Lines typed into the notes: before and after the pasted reference.
const NOTES_BEGIN: &str = "Harbour notes\nReference ";
const NOTES_END: &str = "\ncall the pier before noon";

/// Menus of the menu bar: middle of the word from the left edge, and of the bar from the top.
const EDIT_MENU: (i32, i32) = (59, 12);
const VIEW_MENU: (i32, i32) = (163, 12);

/// Entries: middle of the row from the top of their menu.
const VIEW_LINE_NUMBERS: i32 = 63;
const EDIT_CONVERT: i32 = 240;
const CONVERT_UPPERCASE: i32 = 38;

/// Middles of galculator's columns and rows from its client area's corner.
const KEY_COLUMNS: [i32; 5] = [35, 100, 164, 230, 295];
const KEY_ROWS: [i32; 4] = [199, 240, 280, 319];

/// Switches over by keyboard, writes, and pastes the reference in between.
pub(super) fn write_notes(stage: &Stage, person: &mut Person) -> Result<()> {
    person.expecting(Intent::SwitchesApp { to: "mousepad".into() }).chord(None, "alt+Tab")?;
    stage.wait_for_active("Mousepad")?;
    person.pause(500, 800);
    let page = page(stage);
    person.type_text(&page, NOTES_BEGIN)?;
    person.pause(250, 400);
    person.expecting(Intent::Shortcut).chord(Some(&page), "ctrl+v")?;
    person.pause(350, 500);
    person.type_text(&page, NOTES_END)
}

/// View > Line Numbers, by mouse.
pub(super) fn show_line_numbers(stage: &Stage, person: &mut Person) -> Result<()> {
    open_menu(stage, person, "View", VIEW_MENU)?;
    let menu = stage.wait_for_popups(&stage.mousepad, 1)?[0];
    person.pause(400, 600);
    let path = ["View", "Line Numbers"].map(String::from).into();
    let entry = Target::new("mousepad", "menu item", "Line Numbers", row(menu, VIEW_LINE_NUMBERS));
    person.expecting(Intent::ChoosesFromPopup { path }).click(&entry)?;
    stage.wait_for_popups(&stage.mousepad, 0)?;
    person.pause(300, 500);
    Ok(())
}

/// Marks the last line by keyboard and takes Edit > Convert > To Uppercase by mouse.
pub(super) fn shout_last_line(stage: &Stage, person: &mut Person) -> Result<()> {
    person.chord(Some(&page(stage)), "shift+Home")?;
    person.pause(300, 450);
    open_menu(stage, person, "Edit", EDIT_MENU)?;
    let menu = stage.wait_for_popups(&stage.mousepad, 1)?[0];
    person.pause(400, 600);
    let convert = Target::new("mousepad", "menu", "Convert", row(menu, EDIT_CONVERT));
    person.expecting(Intent::OpensPopup).hover(&convert)?;
    let submenu = stage.wait_for_popups(&stage.mousepad, 2)?[1];
    person.pause(500, 700);
    let path = ["Edit", "Convert", "To Uppercase"].map(String::from).into();
    let entry = Target::new("mousepad", "menu item", "To Uppercase", row(submenu, CONVERT_UPPERCASE));
    person.expecting(Intent::ChoosesFromPopup { path }).click(&entry)?;
    stage.wait_for_popups(&stage.mousepad, 0)?;
    person.pause(300, 500);
    Ok(())
}

/// 7 x 6 on the calculator's keys; the result is copied.
pub(super) fn calculate(stage: &Stage, person: &mut Person) -> Result<()> {
    person.expecting(Intent::SwitchesApp { to: "galculator".into() });
    for (name, column, row) in [("7", 0, 0), ("*", 3, 1), ("6", 2, 1), ("=", 4, 2)] {
        person.click(&calculator_key(stage, name, column, row))?;
        stage.wait_for_active("Galculator")?;
        person.pause(180, 350);
    }
    person.expecting(Intent::Shortcut).chord(None, "ctrl+c")?;
    person.pause(300, 450);
    Ok(())
}

/// Goes back to the notes by a click, adds the result, marks a line by dragging, copies all, saves.
pub(super) fn paste_and_save(stage: &Stage, person: &mut Person) -> Result<()> {
    let page = page(stage);
    person.expecting(Intent::SwitchesApp { to: "mousepad".into() }).click(&page)?;
    stage.wait_for_active("Mousepad")?;
    person.pause(250, 400);
    person.expecting(Intent::Shortcut).chord(Some(&page), "ctrl+End")?;
    person.pause(200, 300);
    person.type_text(&page, "\nBerths: ")?;
    person.expecting(Intent::Shortcut).chord(Some(&page), "ctrl+v")?;
    person.pause(300, 450);
    drag_over_first_line(stage, person)?;
    for chord in ["ctrl+a", "ctrl+c", "ctrl+s"] {
        person.expecting(Intent::Shortcut).chord(Some(&page), chord)?;
        person.pause(300, 450);
    }
    stage.desktop.windows()?.wait("the saved file", ANSWER_WITHIN, |w| {
        let titles = w.managed()?.into_iter().filter(|f| f.id == stage.mousepad.id).map(|f| f.title);
        Ok(titles.into_iter().find(|title| !title.starts_with('*')).map(drop))
    })
}

fn drag_over_first_line(stage: &Stage, person: &mut Person) -> Result<()> {
    let at = stage.mousepad.bounds;
    let line_y = at.y + 54;
    let begin = Rect { x: at.x + 34, y: line_y - 3, w: 6, h: 6 };
    let text = Target { role: Some("text".into()), name: None, app: "mousepad".into(), bounds: begin };
    person.drag(&text, Point { x: at.x + 125, y: line_y })?;
    person.pause(300, 500);
    Ok(())
}

fn open_menu(stage: &Stage, person: &mut Person, name: &str, (x, y): (i32, i32)) -> Result<()> {
    let at = stage.mousepad.bounds;
    let bounds = Rect { x: at.x + x - 12, y: at.y + y - 8, w: 24, h: 16 };
    person.expecting(Intent::OpensPopup).click(&Target::new("mousepad", "menu", name, bounds))
}

/// The row of a menu whose middle is `y` below the menu's top.
fn row(menu: Rect, y: i32) -> Rect {
    Rect { x: menu.x + 20, y: menu.y + y - 9, w: (menu.w - 40).min(130), h: 18 }
}

/// The text's free area, below what is written there.
fn page(stage: &Stage) -> Target {
    let at = stage.mousepad.bounds;
    let bounds = Rect { x: at.x + 80, y: at.y + 260, w: at.w - 160, h: at.h - 320 };
    Target { role: Some("text".into()), name: None, app: "mousepad".into(), bounds }
}

fn calculator_key(stage: &Stage, name: &str, column: usize, row: usize) -> Target {
    let at = stage.galculator.bounds;
    let (x, y) = (at.x + KEY_COLUMNS[column], at.y + KEY_ROWS[row]);
    Target::new("galculator", "toggle button", name, Rect { x: x - 18, y: y - 9, w: 36, h: 18 })
}

//! The browser's part: an order, a menu that opens under the pointer, a sign-in.

use anyhow::{Context as _, Result};
use overt_event::Rect;

use super::{ANSWER_WITHIN, LOGIN_USER, ORDER_DELIVERY, ORDER_EMAIL, ORDER_ITEM, ORDER_NAME, Stage};
use crate::person::{Intent, Person, Target};

/// Rows of the delivery list, and the row of [`ORDER_DELIVERY`].
const DELIVERY_ROWS: i32 = 5;
const DELIVERY_ROW: i32 = 3;

/// Fills in the form and sends it; gives the reference that the page answers with.
pub(super) fn order(stage: &Stage, person: &mut Person) -> Result<String> {
    for (id, text) in [("name", ORDER_NAME), ("email", ORDER_EMAIL), ("item", ORDER_ITEM)] {
        fill(stage, person, ("form", id, "entry"), text)?;
    }
    choose_delivery(stage, person)?;
    click_and_hear(stage, person, ("form", "pay-card", "radio button"), "change")?;
    click_and_hear(stage, person, ("form", "tides", "check box"), "change")?;
    let heard = stage.pages.heard();
    person.click(&stage.element("form", "submit", "push button")?)?;
    let told = stage.pages.wait_for_event("the order", heard, ANSWER_WITHIN, |e| e.kind == "submit")?;
    let values: serde_json::Value = serde_json::from_str(told.value.as_deref().unwrap_or_default())?;
    let reference = values["reference"].as_str().context("the order has no reference")?;
    person.pause(700, 1000);
    Ok(reference.to_owned())
}

/// Marks the reference by a double click and copies it.
pub(super) fn copy_reference(stage: &Stage, person: &mut Person) -> Result<()> {
    person.double_click(&stage.element("form", "reference", "static")?)?;
    person.pause(250, 400);
    let heard = stage.pages.heard();
    person.expecting(Intent::Shortcut).chord(None, "ctrl+c")?;
    stage.pages.wait_for_event("the copy", heard, ANSWER_WITHIN, |e| e.kind == "copy")?;
    Ok(())
}

/// Goes to the catalogue, takes a way through its menu, and reads on by the wheel.
pub(super) fn browse(stage: &Stage, person: &mut Person) -> Result<()> {
    let link = stage.element("form", "to-menu", "link")?;
    person.expecting(Intent::SwitchesApp { to: "chromium".into() }).click(&link)?;
    stage.pages.view("menu", ANSWER_WITHIN)?;
    person.pause(700, 1000);
    let deck = stage.element("menu", "deck", "link")?;
    hover_and_hear(stage, person, &deck, "deck")?;
    let lamps = stage.element("menu", "lamps-link", "link")?;
    hover_and_hear(stage, person, &lamps, "lamps-link")?;
    let bow = stage.element("menu", "bow-link", "link")?;
    let path = ["Deck", "Lamps", "Bow lamps"].map(String::from).into();
    person.expecting(Intent::ChoosesFromPopup { path }).click(&bow)?;
    person.pause(800, 1100);
    scroll(stage, person, 4)?;
    person.pause(900, 1200);
    // More than the page is long: at its top there is nothing left to scroll.
    scroll(stage, person, -18)
}

/// Signs in with the secret, which only the password field sees.
pub(super) fn sign_in(stage: &Stage, person: &mut Person, secret: &str) -> Result<()> {
    person.click(&stage.element("menu", "to-login", "link")?)?;
    stage.pages.view("login", ANSWER_WITHIN)?;
    person.pause(500, 800);
    fill(stage, person, ("login", "user", "entry"), LOGIN_USER)?;
    click_and_hear(stage, person, ("login", "password", "password text"), "click")?;
    person.type_secret(&stage.element("login", "password", "password text")?, secret)?;
    person.pause(250, 450);
    let heard = stage.pages.heard();
    person.click(&stage.element("login", "enter", "push button")?)?;
    stage.pages.wait_for_event("the sign-in", heard, ANSWER_WITHIN, |e| e.kind == "submit")?;
    Ok(())
}

fn fill(stage: &Stage, person: &mut Person, (page, id, role): (&str, &str, &str), text: &str) -> Result<()> {
    click_and_hear(stage, person, (page, id, role), "click")?;
    let heard = stage.pages.heard();
    person.type_text(&stage.element(page, id, role)?, text)?;
    stage.pages.wait_for_event("the text", heard, ANSWER_WITHIN, |e| {
        e.id == id && e.kind == "input" && e.value.as_deref() == Some(text)
    })?;
    person.pause(200, 450);
    Ok(())
}

fn click_and_hear(
    stage: &Stage,
    person: &mut Person,
    (page, id, role): (&str, &str, &str),
    kind: &str,
) -> Result<()> {
    let heard = stage.pages.heard();
    person.click(&stage.element(page, id, role)?)?;
    stage.pages.wait_for_event("the click", heard, ANSWER_WITHIN, |e| e.id == id && e.kind == kind)?;
    person.pause(180, 350);
    Ok(())
}

/// Opens the native list and picks by mouse.
fn choose_delivery(stage: &Stage, person: &mut Person) -> Result<()> {
    let list = stage.element("form", "delivery", "combo box")?;
    person.expecting(Intent::OpensPopup).click(&list)?;
    let popup = stage.wait_for_popups(&stage.chromium, 1)?[0];
    person.pause(500, 800);
    let row_px = popup.h / DELIVERY_ROWS;
    let row = Rect { y: popup.y + 1 + row_px * DELIVERY_ROW, h: row_px, ..popup };
    let heard = stage.pages.heard();
    let path = vec!["Delivery".to_owned(), ORDER_DELIVERY.to_owned()];
    let option = Target::new("chromium", "menu item", ORDER_DELIVERY, row);
    person.expecting(Intent::ChoosesFromPopup { path }).click(&option)?;
    stage.pages.wait_for_event("the choice", heard, ANSWER_WITHIN, |e| {
        e.id == "delivery" && e.kind == "change" && e.value.as_deref() == Some(ORDER_DELIVERY)
    })?;
    stage.wait_for_popups(&stage.chromium, 0)?;
    person.pause(300, 500);
    Ok(())
}

fn hover_and_hear(stage: &Stage, person: &mut Person, target: &Target, id: &str) -> Result<()> {
    let heard = stage.pages.heard();
    person.expecting(Intent::OpensPopup).hover(target)?;
    stage.pages.wait_for_event("the menu", heard, ANSWER_WITHIN, |e| e.id == id && e.kind == "opened")?;
    person.pause(650, 900);
    Ok(())
}

fn scroll(stage: &Stage, person: &mut Person, notches: i32) -> Result<()> {
    let view = stage.pages.view("menu", ANSWER_WITHIN)?;
    let middle = Rect { x: view.x + view.w / 3, y: view.y + view.h / 2, w: view.w / 3, h: view.h / 4 };
    let page = Target::new("chromium", "document web", "Catalogue", middle);
    let heard = stage.pages.heard();
    person.wheel(&page, notches)?;
    stage.pages.wait_for_event("the scrolling", heard, ANSWER_WITHIN, |e| {
        e.kind == "scroll" && (notches > 0 || e.value.as_deref() == Some("0"))
    })?;
    person.pause(500, 700);
    Ok(())
}

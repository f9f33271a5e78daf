//! The counter page draws its presses, and they are read from the pixels alone.

use std::time::Duration;

use overt_event::{Button, Rect};
use overt_sim::apps;
use overt_sim::barcode;
use overt_sim::desktop::Desktop;
use overt_sim::pages::Pages;
use overt_sim::person::{Person, Target};
use overt_sim::screen;

const WITHIN: Duration = Duration::from_secs(30);

#[test]
fn clicks_and_keys_are_read_from_a_picture() {
    let desktop = Desktop::start((1280, 900)).expect("the desktop starts");
    let pages = Pages::start().expect("the pages are served");
    let bounds = Rect { x: 20, y: 40, w: 1200, h: 800 };
    apps::open_chromium(&desktop, &pages.url("counter"), bounds).expect("Chromium opens");
    let bars = pages.element("counter", "bars", WITHIN).expect("the page tells where its blocks are").bounds;
    let view = pages.view("counter", WITHIN).expect("and how large it is");
    let shown = |count: u32| {
        screen::wait(desktop.display(), WITHIN, |f| (barcode::read(f, bars)? == count).then_some(()))
    };
    shown(0).expect("nothing was pressed yet");

    let mut person = Person::sit_down(desktop.display(), 3).expect("a person");
    let page = Target::new("chromium", "document web", "", view);
    person.click(&page).expect("a click");
    shown(1).expect("a click counts");
    person.click_with(&page, Button::Right).expect("a right click");
    person.type_text(&page, "abcde").expect("five keys");
    shown(7).expect("keys count, and so does the right button");
    let picture = screen::grab(desktop.display()).expect("a picture");
    let whole = Rect { x: 0, y: 0, w: 1280, h: 900 };
    assert_eq!(barcode::read(&picture, whole), Some(7));
    let told = pages.events().into_iter().filter(|e| e.kind == "press").count();
    assert_eq!(told, 7);
}

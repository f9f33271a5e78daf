//! A browser of which one site is agreed: what is typed, shown and called so at another is in nothing that the
//! recorder wrote, whichever way one comes there: in another tab, back and forth, or by a link.

mod hunt;
mod live;
mod opened;

use std::path::Path;
use std::time::Duration;

use hunt::{Hunt, Secret, read_pictures};
use live::LiveView;
use opened::opened;
use overt_event::Rect;
use overt_format::RecordingDir;
use overt_sim::apps::open_browser;
use overt_sim::desktop::{Desktop, WindowFacts};
use overt_sim::overt::{APPS, Overt};
use overt_sim::pages::{PageEvent, Pages};
use overt_sim::person::{Person, Target};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_overt");
const WITHIN: Duration = Duration::from_secs(30);
const BROWSER: Rect = Rect { x: 20, y: 40, w: 1200, h: 800 };

/// Typed at the site that is agreed: before, after, and after again.
const OPEN: [(&str, &str); 3] = [
    ("before all", "lantern heron seventeen "),
    ("after another tab", "copper finch harvest "),
    ("after a glance at it", "willow granite eleven "),
];
/// Typed at the other: in another tab, in it again, and in a page that took the place of the agreed one.
const SECRET: [(&str, &str); 3] = [
    ("typed in another tab", "diagnosis of okonkwo"),
    ("typed in it again", "resignation of petrov"),
    ("typed where the agreed page was", "salary of brannigan"),
];
/// Shown there, and its title.
const SHOWN: [(&str, &str); 2] =
    [("shown there", "your orders your berth your bills"), ("its title", "Sign in - Harbour Supplies")];

fn secrets(planted: &[(&'static str, &str)]) -> Vec<Secret> {
    planted.iter().map(|(name, text)| Secret { name, text: (*text).into() }).collect()
}

struct Browser {
    desktop: Desktop,
    pages: Pages,
    folder: tempfile::TempDir,
    person: Person,
}

impl Browser {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desktop = Desktop::start((1280, 900)).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        let planted = json!({ "away": pages.url_at_localhost("login") }).to_string();
        let behind: String = planted.bytes().map(|b| format!("%{b:02X}")).collect();
        let url = format!("{}#{behind}", pages.url("vault"));
        open_browser(&desktop, &url, BROWSER).expect("Chromium opens");
        pages.view("vault", WITHIN).expect("the page tells where it is");
        let person = Person::sit_down(desktop.display(), 5).expect("a person");
        let browser = Self { desktop, pages, folder, person };
        browser.agree();
        browser
    }

    fn overt(&self) -> Overt<'_> {
        Overt::new(Path::new(PROGRAM), &self.desktop, &self.folder.path().join("overt")).expect("overt")
    }

    /// The site of `127.0.0.1` and no other.
    fn agree(&self) {
        let overt = self.overt();
        let sites = "sites = [{ host = \"127.0.0.1\", level = \"full\" }]\n";
        let edit = |text: &str| text.replace("level = \"full\"\n", &format!("level = \"full\"\n{sites}"));
        overt.prepare_edited("on_change", "full", &APPS[..1], edit).expect("keys, agreement, consent");
    }

    /// Types into a field of a page, and waits until the page has all of it.
    fn fill(&mut self, page: &str, id: &str, text: &str) {
        let element = self.pages.element(page, id, WITHIN).expect("the page shows it");
        let field = Target::new("chromium", "", &element.name, element.bounds);
        self.person.click(&field).expect("a click");
        self.types(page, id, &field, text);
    }

    fn types(&mut self, page: &str, id: &str, field: &Target, text: &str) {
        let from = self.pages.heard();
        self.person.type_text(field, text).expect("it is typed");
        // The first characters may go where the keyboard was before.
        let end = &text[text.len() - 8..];
        let whole =
            |e: &PageEvent| e.page == page && e.id == id && e.value.as_ref().is_some_and(|v| v.contains(end));
        let heard = self.pages.wait_for_event("the text", from, WITHIN, whole);
        heard.unwrap_or_else(|_| panic!("{page} has not all of what was typed into {id}"));
    }

    fn press(&mut self, chord: &str) {
        self.person.chord(None, chord).expect("it is pressed");
    }

    /// A tab without a page. Keys that come before it is there go to the page before.
    fn open_tab(&mut self) {
        self.press("ctrl+t");
        let windows = self.desktop.windows().expect("the display answers");
        let is_new = |w: &WindowFacts| w.title.starts_with("New Tab");
        windows.wait("the new tab", WITHIN, |w| Ok(w.managed()?.into_iter().find(is_new))).expect("it comes");
    }

    /// Goes to the page of the site that is not agreed.
    fn go_to_login(&mut self) {
        let address = Target::new("chromium", "entry", "", BROWSER);
        self.press("ctrl+l");
        let url = self.pages.url_at_localhost("login");
        self.person.type_text(&address, &url).expect("it is typed");
        let from = self.pages.loaded("login");
        self.press("Return");
        self.pages.wait_for_load("login", from, WITHIN).expect("it loads");
    }

    /// The page in the agreed tab gives way to that page.
    fn follow_the_link(&mut self) {
        let link = self.pages.element("vault", "leave", WITHIN).expect("the page shows it");
        let from = self.pages.loaded("login");
        self.person.click(&Target::new("chromium", "", "", link.bounds)).expect("a click");
        self.pages.wait_for_load("login", from, WITHIN).expect("it loads");
    }

    /// They look at what came.
    fn looks(&mut self) {
        self.person.pause(1_500, 1_700);
    }

    fn work(&mut self) {
        self.looks();
        self.fill("vault", "note", OPEN[0].1);
        self.looks();
        self.open_tab();
        self.go_to_login();
        self.fill("login", "user", SECRET[0].1);
        self.press("ctrl+Tab");
        self.looks();
        self.fill("vault", "note", OPEN[1].1);
        self.looks();
        // A glance: what they typed last there has the focus still.
        self.press("ctrl+Tab");
        self.person.pause(250, 350);
        let field = Target::new("chromium", "entry", "User name", BROWSER);
        self.types("login", "user", &field, SECRET[1].1);
        self.press("ctrl+Tab");
        self.looks();
        self.fill("vault", "note", OPEN[2].1);
        self.looks();
        self.follow_the_link();
        self.fill("login", "user", SECRET[2].1);
    }
}

#[test]
fn what_is_done_at_another_site_is_in_nothing_that_was_written() {
    let mut browser = Browser::open();
    let recorder = browser.overt().record().expect("it records");
    browser.work();
    let recorded = browser.overt().stop(recorder).expect("it stops");
    let dir = RecordingDir::local(&recorded.recording).expect("the recording reads");
    let items = opened(&dir, &browser.overt().path("keys"));
    let planted = [SECRET.as_slice(), &SHOWN].concat();
    let (hunt, gate) = (Hunt::for_these(&secrets(&planted)), Hunt::for_these(&secrets(&OPEN)));
    assert_eq!(hunt.in_files(&browser.folder.path().join("overt")), [].into());
    assert_eq!(hunt.in_records(&items), [].into());
    let read = read_pictures(&items);
    assert_eq!(hunt.in_text(&read), [].into(), "in pictures");
    let all = OPEN.map(|(name, _)| name).into();
    assert_eq!(gate.in_records(&items), all, "what is agreed is kept");
    assert!(gate.in_text(&read).contains("before all"), "and seen");
}

/// The same as a live view: what would be recorded of the page in front.
#[test]
fn what_would_be_recorded_of_a_page_is_told_live() {
    let mut browser = Browser::open();
    browser.looks();
    let view = LiveView::open(&browser.desktop, &browser.overt());
    view.wait_for("Recorded as \"chromium\", level full");
    browser.follow_the_link();
    view.wait_for("do not name this site");
}

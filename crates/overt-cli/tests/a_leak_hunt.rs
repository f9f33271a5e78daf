//! A person types and shows planted secrets of every kind, where they may and where they may not. Then
//! everything the recorder wrote is searched.

mod hunt;
mod opened;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use hunt::{Hunt, Secret, read_pictures, read_text};
use opened::opened;
use overt_event::Rect;
use overt_format::RecordingDir;
use overt_sim::apps::{open_chromium, open_mousepad, open_private_chromium};
use overt_sim::desktop::{Desktop, WindowFacts};
use overt_sim::overt::{APPS, Overt, Recorded};
use overt_sim::pages::{PageEvent, Pages};
use overt_sim::person::{Person, Target};
use overt_sim::screen;
use overt_unseal::OpenedItem;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_overt");
const WITHIN: Duration = Duration::from_secs(30);
const SCREEN: (u32, u32) = (1280, 900);
const BROWSER: Rect = Rect { x: 20, y: 40, w: 1200, h: 800 };
/// Over the lower part of the page.
const EDITOR: Rect = Rect { x: 300, y: 560, w: 600, h: 300 };

/// Over the whole page.
const PRIVATE: Rect = Rect { x: 60, y: 60, w: 1100, h: 760 };

/// What no rule finds: it shows that the hunt finds what passes.
const OPEN: &str = "lantern heron seventeen";
const CARD: &str = "4539 1488 0343 6467";
const IBAN: &str = "NL91 ABNA 0417 1643 00";
const MAIL: &str = "quillon.brack7@harbourmail.test";
const PHONE: &str = "+49 30 901820456";
const TOKEN: &str = "AKIAQ7RZ5XT3NLW2VKDM";
const CODE: &str = "493027";
const PASSWORD: &str = "Gull-9-Quay-4471";
const PASTED: &str = "6011 0009 9013 9424";
const PROPOSED: &str = "zora.lindqvist@harbourmail.test";
const SHOWN: &str = "AT61 1904 3002 3457 3201";
const TITLE: &str = "5425 2334 3010 9903";
const PATH: &str = "4485275742308327";
const QUERY: &str = "beacon-81-tidewater";
const FRAGMENT: &str = "mooring-32-windlass";
const PAUSED: &str = "3714 496353 98431";
const FOREIGN_NAME: &str = "salary-of-brannigan-7781";
const FOREIGN_TEXT: &str = "diagnosis of okonkwo 5520";
const FOREIGN_TYPED: &str = "resignation of petrov 9034";
const PRIVATE_TYPED: &str = "clinic near windlass 6043";

const PLANTED: [(&str, &str); 19] = [
    ("typed with a correction", CARD),
    ("typed in groups", IBAN),
    ("an address of a person", MAIL),
    ("a telephone number", PHONE),
    ("a key", TOKEN),
    ("a one-time code", CODE),
    ("a password right after the focus came", PASSWORD),
    ("pasted", PASTED),
    ("chosen from what was proposed", PROPOSED),
    ("shown by the page", SHOWN),
    ("in a title", TITLE),
    ("in a path", PATH),
    ("in a query", QUERY),
    ("in a fragment", FRAGMENT),
    ("half of it before a pause", PAUSED),
    ("in the title of what is not agreed", FOREIGN_NAME),
    ("shown by what is not agreed", FOREIGN_TEXT),
    ("typed into what is not agreed", FOREIGN_TYPED),
    ("typed into a window of private browsing", PRIVATE_TYPED),
];

fn secrets() -> Vec<Secret> {
    PLANTED.map(|(name, text)| Secret { name, text: text.into() }).into()
}

/// Finds what no rule takes out.
fn gate() -> Hunt {
    Hunt::for_these(&[Secret { name: "open", text: OPEN.into() }])
}

/// The desk, the page and the person.
struct Vault {
    // Before the folder: it borrows nothing of it, and goes first.
    desktop: Desktop,
    pages: Pages,
    folder: tempfile::TempDir,
}

impl Vault {
    fn open(level: &str) -> Self {
        let planted = json!({ "pasted": PASTED, "proposed": PROPOSED, "shown": SHOWN, "title": TITLE,
            "path": PATH, "query": QUERY, "fragment": FRAGMENT });
        Self::open_with(level, &planted)
    }

    fn open_with(level: &str, planted: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desktop = Desktop::start(SCREEN).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        let behind: String = planted.to_string().bytes().map(|b| format!("%{b:02X}")).collect();
        let url = format!("{}#{behind}", pages.url("vault"));
        open_chromium(&desktop, &url, BROWSER).expect("Chromium opens");
        pages.view("vault", WITHIN).expect("the page tells where it is");
        let vault = Self { desktop, pages, folder };
        vault.overt().prepare_with("on_change", level, &APPS[..1]).expect("keys, agreement, consent");
        vault
    }

    fn overt(&self) -> Overt<'_> {
        Overt::new(Path::new(PROGRAM), &self.desktop, &self.folder.path().join("overt")).expect("overt")
    }

    fn target(&self, id: &str) -> Target {
        let element = self.pages.element("vault", id, WITHIN).expect("the page shows it");
        Target::new("chromium", "", &element.name, element.bounds)
    }

    /// Clicks there, and waits until the page has heard it.
    fn click(&self, person: &mut Person, id: &str, heard_as: &str) {
        let from = self.pages.heard();
        person.click(&self.target(id)).expect("a click");
        self.hears(from, id, heard_as);
    }

    fn hears(&self, from: usize, id: &str, kind: &str) {
        self.pages.wait_for_event(kind, from, WITHIN, |e| e.id == id && e.kind == kind).expect("it is heard");
    }

    fn fill(&self, person: &mut Person, id: &str, text: &str) {
        self.click(person, id, "click");
        person.type_text(&self.target(id), text).expect("it is typed");
    }

    /// Everything that a person may do with a secret in an application that is agreed.
    fn work(&self, person: &mut Person) {
        self.fill(person, "note", OPEN);
        self.fill(person, "card", &CARD[..12]);
        person.type_text(&self.target("card"), "7").expect("a wrong digit");
        person.chord(None, "BackSpace").expect("taken back");
        person.type_text(&self.target("card"), &CARD[12..]).expect("the rest");
        self.fill(person, "iban", IBAN);
        self.fill(person, "mail", MAIL);
        self.fill(person, "phone", PHONE);
        self.fill(person, "token", TOKEN);
        self.fill(person, "code", CODE);
        // No moment between the key that moves the focus and the first of the password.
        person.chord(None, "Tab").expect("to the password");
        person.type_secret(&self.target("password"), PASSWORD).expect("it is typed");
        self.click(person, "copy", "done");
        self.click(person, "pasted", "click");
        let from = self.pages.heard();
        person.chord(None, "ctrl+v").expect("pasted");
        self.hears(from, "pasted", "input");
        self.fill(person, "proposed", &PROPOSED[..2]);
        let windows = self.desktop.windows().expect("windows");
        let field = self.target("proposed").bounds;
        let below = |w: &WindowFacts| w.bounds.y >= field.y && w.bounds.y < field.y + 2 * field.h;
        windows.wait("the list", WITHIN, |w| Ok(w.popups()?.into_iter().find(below))).expect("it opens");
        // The browser takes no choice that comes within half a second.
        person.pause(800, 1_000);
        let from = self.pages.heard();
        person.chord(None, "Down").expect("the first of the list");
        person.chord(None, "Return").expect("it is taken");
        let whole = |e: &PageEvent| e.id == "proposed" && e.value.as_deref() == Some(PROPOSED);
        self.pages.wait_for_event("the choice", from, WITHIN, whole).expect("it is heard");
        self.click(person, "show", "done");
        // They read it.
        person.pause(700, 900);
    }

    fn go_on(&self, person: &mut Person) {
        self.click(person, "hide", "done");
        self.click(person, "retitle", "done");
        self.click(person, "move", "done");
    }

    /// A window that is not agreed pops over the page, and the person types into it at once.
    fn foreign(&mut self, person: &mut Person) {
        let file = self.folder.path().join(FOREIGN_NAME);
        std::fs::write(&file, FOREIGN_TEXT).expect("a file");
        let (_, window) = open_mousepad(&self.desktop, &file).expect("mousepad opens");
        let windows = self.desktop.windows().expect("windows");
        windows.place(window.id, EDITOR).expect("it is placed");
        let there = |w: &WindowFacts| w.id == window.id && w.bounds.contains(EDITOR.center());
        windows.wait("its place", WITHIN, |w| Ok(w.managed()?.into_iter().find(there))).expect("it is there");
        let inside = Rect { x: EDITOR.x + 60, y: EDITOR.y + 120, w: 400, h: 100 };
        let page = Target::new("mousepad", "text", "", inside);
        person.click(&page).expect("a click");
        person.type_text(&page, FOREIGN_TYPED).expect("it is typed");
        // ... and into the page again, without a moment between.
        person.click(&self.target("note")).expect("a click");
        person.type_text(&self.target("note"), "ok ").expect("it is typed");
    }

    /// A window of private browsing of the same application.
    fn private(&mut self, person: &mut Person) {
        let url = self.pages.url("login");
        let pid = open_private_chromium(&self.desktop, &url, PRIVATE).expect("it opens");
        let user = self.pages.element("login", "user", WITHIN).expect("the page shows it");
        let field = Target::new("chromium", "", &user.name, user.bounds);
        // They look at it first.
        person.pause(900, 1_100);
        person.click(&field).expect("a click");
        let from = self.pages.heard();
        person.type_text(&field, PRIVATE_TYPED).expect("it is typed");
        let whole = |e: &PageEvent| e.id == "user" && e.value.as_deref() == Some(PRIVATE_TYPED);
        self.pages.wait_for_event("the text", from, WITHIN, whole).expect("it is heard");
        person.pause(300, 400);
        self.desktop.end(pid);
    }

    fn pause_within(&self, person: &mut Person) {
        let overt = self.overt();
        self.fill(person, "note", &PAUSED[..8]);
        overt.run("pause", |c| c).expect("it pauses");
        person.type_text(&self.target("note"), &PAUSED[8..]).expect("it is typed");
        overt.run("resume", |c| c).expect("it goes on");
        person.type_text(&self.target("note"), " and on").expect("it is typed");
    }
}

/// What a hunt at one level found, and what the screen itself showed.
struct Catch {
    items: Vec<OpenedItem>,
    files: BTreeSet<&'static str>,
    records: BTreeSet<&'static str>,
    screen: BTreeSet<&'static str>,
    open: bool,
}

fn catch(level: &str) -> Catch {
    let hunt = Hunt::for_these(&secrets());
    let mut vault = Vault::open(level);
    let recorder = vault.overt().record().expect("it records");
    let mut person = Person::sit_down(vault.desktop.display(), 11).expect("a person");
    vault.work(&mut person);
    let screen = screen::grab(vault.desktop.display()).expect("a picture");
    vault.go_on(&mut person);
    vault.foreign(&mut person);
    vault.private(&mut person);
    vault.pause_within(&mut person);
    let recorded = vault.overt().stop(recorder).expect("it stops");
    let dir = RecordingDir::local(&recorded.recording).expect("the recording reads");
    let items = opened(&dir, &vault.overt().path("keys"));
    Catch {
        files: hunt.in_files(&vault.folder.path().join("overt")),
        records: hunt.in_records(&items),
        screen: hunt.in_text(&read_text(&screen)),
        open: gate().in_records(&items).contains("open"),
        items,
    }
}

fn none() -> BTreeSet<&'static str> {
    BTreeSet::new()
}

/// Text of which nothing may be kept, in records and in pictures.
fn check_without_text(catch: &Catch) {
    assert!(!catch.open, "no text is kept at all");
    assert_eq!(Hunt::for_these(&secrets()).in_text(&read_pictures(&catch.items)), none());
}

/// What no rule finds is kept and seen, and shows that the hunt finds what is there.
fn check_full(catch: &Catch) {
    assert!(catch.open, "it is kept");
    let read = read_pictures(&catch.items);
    assert!(gate().in_text(&read).contains("open"), "and seen");
    assert_eq!(Hunt::for_these(&secrets()).in_text(&read), none(), "every one stands where an element tells");
}

#[test]
fn at_no_level_is_a_secret_in_files_in_records_or_in_pictures() {
    // Most of the time the people type, and the desktops wait.
    let [structure, masked, full] = std::thread::scope(|scope| {
        ["structure", "masked", "full"]
            .map(|level| scope.spawn(move || catch(level)))
            .map(|hunt| hunt.join().expect("a hunt ends"))
    });
    for (level, catch) in [("structure", &structure), ("masked", &masked), ("full", &full)] {
        assert_eq!((&catch.files, &catch.records), (&none(), &none()), "at {level}");
        assert!(catch.screen.contains("shown by the page"), "the screen shows it: {:?}", catch.screen);
    }
    check_without_text(&structure);
    check_without_text(&masked);
    check_full(&full);
}

/// The words of an organisation's own list, and how they were planted.
const LISTED: [(&str, &str); 4] = [
    ("typed", "osprey lantern"),
    ("typed as a pattern says", "kite-4471-dusk"),
    ("shown", "project nightjar"),
    ("in the title", "halcyon mandate"),
];

/// Its own words are taken out of typed text, names, titles and pictures; other words stay.
#[test]
fn the_organisations_own_words_are_in_nothing() {
    let planted = json!({ "shown": LISTED[2].1, "title": LISTED[3].1 });
    let vault = Vault::open_with("full", &planted);
    let list = vault.folder.path().join("dictionary.txt");
    let words = "# ours\nOsprey Lantern\nproject nightjar\nHalcyon Mandate\n/kite-[0-9]{4}-dusk/\n";
    std::fs::write(&list, words).expect("a list");
    let recorder = vault.overt().record_with(|c| c.arg("--dictionary").arg(&list)).expect("it records");
    let mut person = Person::sit_down(vault.desktop.display(), 12).expect("a person");
    vault.fill(&mut person, "note", OPEN);
    vault.fill(&mut person, "iban", &format!("the {} is late", LISTED[0].1));
    vault.fill(&mut person, "mail", &format!("fly {} or not", LISTED[1].1));
    vault.click(&mut person, "show", "done");
    person.pause(700, 900);
    vault.click(&mut person, "retitle", "done");
    person.pause(700, 900);
    let recorded = vault.overt().stop(recorder).expect("it stops");
    let dir = RecordingDir::local(&recorded.recording).expect("the recording reads");
    assert!(dir.facts().dictionary.is_some(), "its digest is told");
    let items = opened(&dir, &vault.overt().path("keys"));
    let hunt = Hunt::for_these(&LISTED.map(|(name, text)| Secret { name, text: text.into() }));
    assert_eq!(hunt.in_files(&vault.folder.path().join("overt")), none());
    assert_eq!(hunt.in_records(&items), none());
    let read = read_pictures(&items);
    assert_eq!(hunt.in_text(&read), none(), "in pictures");
    assert!(gate().in_records(&items).contains("open") && gate().in_text(&read).contains("open"));
}

impl Vault {
    /// Types into the note, and does this as soon as the page has heard a part of it.
    fn typing(&self, person: &mut Person, text: &str, deed: impl FnOnce() + Send) {
        self.click(person, "note", "click");
        let from = self.pages.heard();
        let field = self.target("note");
        let part = |e: &PageEvent| {
            e.id == "note" && e.value.as_ref().is_some_and(|v| v.contains(&text[..text.len() / 2]))
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                self.pages.wait_for_event("a part", from, WITHIN, part).expect("it is heard");
                deed();
            });
            person.type_text(&field, text).expect("it is typed");
        });
    }

    /// The person takes back what they took out.
    fn allow_again(&self) {
        std::fs::remove_file(self.overt().path("keys/person.toml")).expect("their own limits");
    }
}

/// What happens in the middle of a secret takes no part of it along, and neither does what happens right after
/// its last character.
#[test]
fn a_secret_that_is_typed_right_at_a_moment_is_in_nothing() {
    const MOMENTS: [(&str, &str); 6] = [
        ("as it is paused", CARD),
        ("as the application is taken out", IBAN),
        ("as it is stopped", TOKEN),
        ("half of it before the stop", PASTED),
        ("right before the stop", SHOWN),
        ("as the focus moves on", TITLE),
    ];
    let hunt = Hunt::for_these(&MOMENTS.map(|(name, text)| Secret { name, text: text.into() }));
    let vault = Vault::open_with("full", &json!({}));
    let overt = vault.overt();
    let mut person = Person::sit_down(vault.desktop.display(), 13).expect("a person");
    let mut recordings = Vec::new();

    let recorder = overt.record().expect("it records");
    vault.fill(&mut person, "note", OPEN);
    vault.typing(&mut person, CARD, || drop(overt.run("pause", |c| c).expect("it pauses")));
    overt.run("resume", |c| c).expect("it goes on");
    vault.fill(&mut person, "card", TITLE);
    person.chord(None, "Tab").expect("on");
    person.type_text(&vault.target("iban"), "and on").expect("it is typed");
    vault.fill(&mut person, "mail", &PASTED[..12]);
    recordings.push(overt.stop(recorder).expect("it stops"));

    let recorder = overt.record().expect("it records");
    let never = || {
        let keys = overt.path("keys");
        overt.run("consent never", |c| c.args(["--app", "chromium", "--keys"]).arg(&keys)).expect("never");
    };
    vault.typing(&mut person, IBAN, never);
    recordings.push(overt.ended(recorder).expect("it ends"));
    vault.allow_again();

    let recorder = overt.record().expect("it records");
    let mut ended = None;
    vault.typing(&mut person, TOKEN, || ended = Some(overt.stop(recorder).expect("it stops")));
    recordings.extend(ended);

    let recorder = overt.record().expect("it records");
    vault.fill(&mut person, "note", SHOWN);
    recordings.push(overt.stop(recorder).expect("it stops"));

    assert_eq!(recordings.len(), 4);
    assert_eq!(hunt.in_files(&vault.folder.path().join("overt")), none());
    let open_it = |recorded: &Recorded| {
        let dir = RecordingDir::local(&recorded.recording).expect("the recording reads");
        opened(&dir, &overt.path("keys"))
    };
    let all: Vec<Vec<OpenedItem>> = recordings.iter().map(open_it).collect();
    // What stood on the page before a recording nobody typed in it, and nobody looks through it.
    let typed: [&[&str]; 4] = [&[CARD, TITLE, PASTED], &[IBAN], &[TOKEN], &[SHOWN]];
    for (items, typed) in all.iter().zip(typed) {
        assert_eq!(hunt.in_records(items), none());
        let own = MOMENTS.iter().filter(|(_, text)| typed.contains(text));
        let own: Vec<Secret> = own.map(|(name, text)| Secret { name, text: (*text).into() }).collect();
        assert_eq!(Hunt::for_these(&own).in_text(&read_pictures(items)), none(), "in pictures");
    }
    assert!(gate().in_records(&all[0]).contains("open"), "what is harmless is kept");
}

/// Numbers and addresses that a page paints; no element tells of them.
const PAINTED: [(&str, &str); 8] = [
    ("a card", "4539 1488 0343 6467"),
    ("another card", "6011 0009 9013 9424"),
    ("an account", "AT61 1904 3002 3457 3201"),
    ("another account", "NL91 ABNA 0417 1643 00"),
    ("an address", "quillon.brack7@harbourmail.test"),
    ("another address", "zora.lindqvist@harbourmail.test"),
    ("a telephone number", "+49 30 901820456"),
    ("a key", "AKIAQ7RZ5XT3NLW2VKDM"),
];

/// What of it can be read in pictures at this level.
fn painted(level: &str) -> BTreeSet<&'static str> {
    let (folder, desktop) =
        (tempfile::tempdir().expect("a folder"), Desktop::start(SCREEN).expect("the desktop starts"));
    let lines: Vec<&str> = PAINTED.iter().map(|(_, text)| *text).collect();
    let page = format!(
        "<!doctype html><title>Painted</title><body style='margin:0'><canvas id=c width=1100 height=680></canvas>\
         <script>const g=c.getContext('2d');g.fillStyle='white';g.fillRect(0,0,1100,680);g.fillStyle='black';\
         g.font='32px sans-serif';{}.forEach((t,i)=>g.fillText(t,60,80+70*i))</script>",
        json!(lines)
    );
    let file = folder.path().join("painted.html");
    std::fs::write(&file, page).expect("a page");
    let (_, window) =
        open_chromium(&desktop, &format!("file://{}", file.display()), BROWSER).expect("it opens");
    let overt = Overt::new(Path::new(PROGRAM), &desktop, &folder.path().join("overt")).expect("overt");
    overt.prepare_with("on_change", level, &APPS[..1]).expect("keys, agreement, consent");
    let recorder = overt.record().expect("it records");
    let mut person = Person::sit_down(desktop.display(), 14).expect("a person");
    person.pause(1_500, 1_700);
    person.click(&Target::new("chromium", "", "", window.bounds)).expect("a click");
    person.pause(1_500, 1_700);
    let recorded = overt.stop(recorder).expect("it stops");
    let dir = RecordingDir::local(&recorded.recording).expect("the recording reads");
    let items = opened(&dir, &overt.path("keys"));
    let hunt = Hunt::for_these(&PAINTED.map(|(name, text)| Secret { name, text: text.into() }));
    assert_eq!(hunt.in_records(&items), none(), "no element tells of it");
    hunt.in_text(&read_pictures(&items))
}

/// The limit that docs/spec/filter.md tells of, with the figure that stands there.
#[test]
fn what_is_painted_is_seen_at_level_full_and_not_at_level_masked() {
    assert_eq!(painted("masked"), none());
    let seen = painted("full");
    println!("painted and read at level full: {} of {}", seen.len(), PAINTED.len());
    assert!(!seen.is_empty(), "pictures of text are not looked through");
}

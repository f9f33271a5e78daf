//! The demo: about a minute of office work in a browser, a text editor and a calculator.

mod desk;
mod web;

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use overt_event::Rect;

use crate::apps::{self, CHROMIUM_BOUNDS};
use crate::desktop::{Desktop, WindowFacts};
use crate::pages::Pages;
use crate::person::{Journal, Person, Target};

/// How long an application may take to answer a deed.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Letters of the planted secret, on every keyboard.
const SECRET_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The order that is placed: what the page must have heard at the end.
pub const ORDER_NAME: &str = "Ada Fisher";
pub const ORDER_EMAIL: &str = "ada@harbour.example";
pub const ORDER_ITEM: &str = "Two brass lamps, 12 V";
pub const ORDER_DELIVERY: &str = "Cargo bike";
pub const LOGIN_USER: &str = "ada";

/// A desktop with the demo's applications on it.
pub struct Stage {
    // Before the pages: the browser goes before its server does.
    pub desktop: Desktop,
    pub pages: Pages,
    /// The file that mousepad has open.
    pub notes: PathBuf,
    chromium: WindowFacts,
    mousepad: WindowFacts,
    galculator: WindowFacts,
}

impl Stage {
    /// Starts a desktop of 1920x1080 and opens the three applications, Chromium last.
    pub fn set() -> Result<Self> {
        Self::set_on(Desktop::start((1920, 1080))?)
    }

    /// Opens the three applications on a desktop of at least 1920x1080.
    pub fn set_on(desktop: Desktop) -> Result<Self> {
        let pages = Pages::start()?;
        let notes = desktop.folder().join("home/notes.txt");
        let (_, galculator) = apps::open_galculator(&desktop)?;
        let (_, mousepad) = apps::open_mousepad(&desktop, &notes)?;
        let (_, chromium) = apps::open_chromium(&desktop, &pages.url("form"), CHROMIUM_BOUNDS)?;
        pages.view("form", apps::APP_WITHIN)?;
        let stage = Self { desktop, pages, notes, chromium, mousepad, galculator };
        stage.wait_for_active("Chromium")?;
        Ok(stage)
    }

    fn wait_for_active(&self, class: &str) -> Result<()> {
        self.desktop.windows()?.wait(&format!("the focus on {class}"), ANSWER_WITHIN, |w| {
            let active = w.managed()?.into_iter().find(|facts| facts.active);
            Ok(active.filter(|facts| facts.class.eq_ignore_ascii_case(class)).map(drop))
        })
    }

    /// Waits until an application has this many popups open; gives their bounds, the newest last.
    fn wait_for_popups(&self, app: &WindowFacts, count: usize) -> Result<Vec<Rect>> {
        self.desktop.windows()?.wait("a menu", ANSWER_WITHIN, |w| {
            // Others have such windows too: a recorder shows its indicator in one.
            let own = w.popups()?.into_iter().filter(|facts| facts.pid == app.pid);
            let bounds: Vec<Rect> = own.map(|facts| facts.bounds).collect();
            Ok((bounds.len() == count).then_some(bounds))
        })
    }

    /// An element of a page as a target, by its own name.
    fn element(&self, page: &str, id: &str, role: &str) -> Result<Target> {
        let element = self.pages.element(page, id, ANSWER_WITHIN)?;
        Ok(Target::new("chromium", role, &element.name, element.bounds))
    }
}

/// Opens a spreadsheet, fills in a table by keyboard, adds it up and looks around in it.
///
/// Errors: the spreadsheet does not open within a minute.
pub fn work_in_spreadsheet(stage: &mut Stage, seed: u64) -> Result<()> {
    let (_, window) = apps::open_calc(&stage.desktop)?;
    stage.wait_for_active("libreoffice-calc")?;
    let mut person = Person::sit_down(stage.desktop.display(), seed)?;
    person.pause(900, 1200);
    let sheet = Target { role: None, name: None, app: "calc".into(), bounds: middle_of(window.bounds) };
    person.click(&sheet)?;
    person.chord(None, "ctrl+Home")?;
    for row in 0..8 {
        for column in 0..3 {
            person.type_text(&sheet, &(row * 37 + column * 11).to_string())?;
            person.chord(None, "Tab")?;
        }
        person.chord(None, "Return")?;
    }
    person.type_text(&sheet, "=SUM(A1:A8)\n")?;
    for notches in [12, -20] {
        person.wheel(&sheet, notches)?;
        person.pause(400, 700);
    }
    Ok(())
}

fn middle_of(bounds: Rect) -> Rect {
    Rect { x: bounds.x + bounds.w / 3, y: bounds.y + bounds.h / 2, w: bounds.w / 4, h: bounds.h / 4 }
}

/// What the script did and what it planted.
pub struct Played {
    pub journal: Journal,
    /// The password that was typed: it must be found nowhere afterwards.
    pub secret: String,
    /// The order's reference, copied from the page into the notes.
    pub reference: String,
}

/// Plays the demo. The seed decides how the person moves and types; the secret is new each time.
///
/// Errors: an application did not answer a deed within 20 s.
pub fn play(stage: &Stage, seed: u64) -> Result<Played> {
    let mut person = Person::sit_down(stage.desktop.display(), seed)?;
    let secret = plant()?;
    person.pause(600, 900);
    let reference = web::order(stage, &mut person)?;
    web::copy_reference(stage, &mut person)?;
    desk::write_notes(stage, &mut person)?;
    desk::show_line_numbers(stage, &mut person)?;
    desk::shout_last_line(stage, &mut person)?;
    desk::calculate(stage, &mut person)?;
    desk::paste_and_save(stage, &mut person)?;
    web::browse(stage, &mut person)?;
    web::sign_in(stage, &mut person, &secret)?;
    person.pause(900, 1200);
    Ok(Played { journal: person.journal().clone(), secret, reference })
}

/// A word that nobody has typed before.
fn plant() -> Result<String> {
    let mut bytes = [0; 16];
    let mut source = File::open("/dev/urandom").context("the system gives no random numbers")?;
    source.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|b| char::from(SECRET_LETTERS[usize::from(b % 32)])).collect())
}

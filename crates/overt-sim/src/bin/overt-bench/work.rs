//! What is done while somebody records: office work, photographs, a film.

use std::time::Duration;

use anyhow::Result;
use overt_event::Rect;
use overt_sim::apps::{self, APP_WITHIN};
use overt_sim::desktop::Desktop;
use overt_sim::pages::Pages;
use overt_sim::person::{Person, Target};
use overt_sim::script::{self, Stage};

/// How long photographs are scrolled through, and a film is watched.
const WATCH_SECS: u64 = 30;
/// Where the browser stands for them.
const BOUNDS: Rect = Rect { x: 30, y: 40, w: 1400, h: 980 };

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// The demo's minute in a browser, a text editor and a calculator, then a spreadsheet.
    Office,
    /// Scrolling through a page of photographs.
    Photos,
    /// A film of 640x360 at 24 pictures a second.
    Film,
}

/// A desktop on which the work can begin.
pub(crate) enum Place {
    Office(Box<Stage>),
    Page(Box<(Desktop, Pages, &'static str)>),
}

impl Work {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Photos => "photographs",
            Self::Film => "film",
        }
    }

    pub(crate) fn prepare(self) -> Result<Place> {
        match self {
            Self::Office => Ok(Place::Office(Box::new(Stage::set()?))),
            Self::Photos => page("photos"),
            Self::Film => page("film"),
        }
    }
}

fn page(name: &'static str) -> Result<Place> {
    let desktop = Desktop::start((1920, 1080))?;
    let pages = Pages::start()?;
    apps::open_chromium(&desktop, &pages.url(name), BOUNDS)?;
    pages.view(name, APP_WITHIN)?;
    Ok(Place::Page(Box::new((desktop, pages, name))))
}

impl Place {
    pub(crate) fn desktop(&self) -> &Desktop {
        match self {
            Self::Office(stage) => &stage.desktop,
            Self::Page(page) => &page.0,
        }
    }

    pub(crate) fn work(&mut self, seed: u64) -> Result<()> {
        match self {
            Self::Office(stage) => {
                script::play(stage, seed)?;
                script::work_in_spreadsheet(stage, seed)
            }
            Self::Page(page) if page.2 == "photos" => scroll(&page.0, &page.1, seed),
            Self::Page(_) => {
                std::thread::sleep(Duration::from_secs(WATCH_SECS));
                Ok(())
            }
        }
    }
}

/// Two notches, a look, and on; back up from the bottom.
fn scroll(desktop: &Desktop, pages: &Pages, seed: u64) -> Result<()> {
    let view = pages.view("photos", APP_WITHIN)?;
    let target = Target::new("chromium", "document web", "", view);
    let mut person = Person::sit_down(desktop.display(), seed)?;
    for n in 0..WATCH_SECS {
        let down = n % 20 < 10;
        person.wheel(&target, if down { 3 } else { -3 })?;
        person.pause(700, 800);
    }
    Ok(())
}

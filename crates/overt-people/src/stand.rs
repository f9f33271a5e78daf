//! A desktop with accessibility as the place for a task's browser.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use overt_act::{Eye, Looked};
use overt_event::{Node, Point, WindowId};
use overt_hands::Hands;
use overt_learn::ground::{self, GroundError, Hand, Venue};
use overt_sim::desktop::{Desktop, Windows};

use crate::person::{PersonsHand, Somebody};

/// Wide enough for a task's window and the recorder's badge.
const SIZE: (u32, u32) = (1_000, 620);
/// Below the badge, which would lie over the window's upper edge.
const CORNER: Point = Point { x: 20, y: 40 };
/// How long a browser may take to show its window.
const WINDOW_WITHIN: Duration = Duration::from_secs(60);

/// Who works at it.
#[derive(Clone)]
pub(crate) enum Who {
    /// A scripted person, to whom the page itself tells what there is.
    Person(Rc<RefCell<Somebody>>),
    /// An agent, which sees what the recorder sees.
    Agent,
}

/// One desktop and who works at it.
#[derive(Clone)]
pub(crate) struct Stand {
    pub(crate) desktop: Rc<Desktop>,
    pub(crate) who: Who,
}

/// Starts a desktop for tasks.
pub(crate) fn desktop() -> anyhow::Result<Rc<Desktop>> {
    Ok(Rc::new(Desktop::start(SIZE)?))
}

impl Venue for Stand {
    fn display(&self) -> &str {
        self.desktop.display()
    }

    fn folder(&self) -> &Path {
        self.desktop.folder()
    }

    fn command(&self, program: &str) -> Command {
        self.desktop.command(program)
    }

    fn corner(&self) -> Point {
        CORNER
    }

    fn is_accessible(&self) -> bool {
        true
    }

    fn hand(&self) -> Result<Box<dyn Hand>, GroundError> {
        Ok(match &self.who {
            Who::Person(person) => Box::new(PersonsHand(Rc::clone(person))),
            Who::Agent => Box::new(Hands::at(self.display())?),
        })
    }

    fn eye(&self, browser: u32) -> Result<Option<Box<dyn ground::Eye>>, GroundError> {
        match self.who {
            Who::Person(_) => Ok(None),
            Who::Agent => Ok(Some(Box::new(BrowsersEye::open(&self.desktop, browser).map_err(failed)?))),
        }
    }
}

/// Looks at a browser's window as the recorder does.
struct BrowsersEye {
    eye: Eye,
    windows: Windows,
    browser: u32,
}

impl BrowsersEye {
    fn open(desktop: &Desktop, browser: u32) -> anyhow::Result<Self> {
        let env = desktop.env();
        let bus = env.iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS");
        let eye = Eye::open(bus.map(|(_, address)| address.as_str()))?;
        Ok(Self { eye, windows: desktop.windows()?, browser })
    }

    fn nodes(&mut self) -> anyhow::Result<Vec<Node>> {
        let browser = Some(self.browser);
        let window = self.windows.wait("the browser's window", WINDOW_WITHIN, |w| {
            Ok(w.managed()?.into_iter().find(|facts| facts.pid == browser))
        })?;
        let looked = Looked { window: WindowId(window.id), pid: self.browser, bounds: window.bounds };
        self.eye.settle();
        self.eye.see(looked).context("the browser tells nothing")
    }
}

impl ground::Eye for BrowsersEye {
    fn see(&mut self) -> Result<Vec<Node>, GroundError> {
        self.nodes().map_err(failed)
    }
}

/// What failed outside of the ground.
pub(crate) fn failed(error: anyhow::Error) -> GroundError {
    GroundError::Venue(error.into())
}

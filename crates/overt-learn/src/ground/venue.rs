//! Where a browser runs, what acts there, and what sees it.

use std::path::Path;
use std::process::Command;

use overt_event::{Node, Point};
use overt_hands::Hands;

use super::error::GroundError;
use crate::deed::Deed;
use crate::scene::Scene;

/// A display for one browser. What runs on it ends with it.
pub trait Venue {
    /// The display's name, such as `:7`.
    fn display(&self) -> &str;

    /// For the browser's own files.
    fn folder(&self) -> &Path;

    /// A command for a program there, which dies with the thread that starts it.
    fn command(&self, program: &str) -> Command;

    /// Where the browser's window begins.
    fn corner(&self) -> Point {
        Point::default()
    }

    /// Whether the browser tells its pages to the accessibility bus.
    fn is_accessible(&self) -> bool {
        false
    }

    /// What moves the pointer and presses the keys.
    fn hand(&self) -> Result<Box<dyn Hand>, GroundError>;

    /// What sees the window of the browser with this process id. `None`: the page is asked.
    fn eye(&self, browser: u32) -> Result<Option<Box<dyn Eye>>, GroundError> {
        let _ = browser;
        Ok(None)
    }
}

/// Input by which an episode is acted. Places are on the display.
pub trait Hand {
    fn move_to(&mut self, to: Point) -> Result<(), GroundError>;

    /// So many times, where the pointer is. 1 is the left button, 3 the right one.
    fn press(&mut self, button: u8, times: u32) -> Result<(), GroundError>;

    /// Types into what has the focus. Gives how many keys that took, those that shift left out.
    fn type_text(&mut self, text: &str) -> Result<u64, GroundError>;

    /// Presses modifiers, then one key.
    fn chord(&mut self, keys: &[String]) -> Result<(), GroundError>;
}

/// Sight that is not the page's own word.
pub trait Eye {
    /// The elements of the browser's window, places on the display, parents before children.
    fn see(&mut self) -> Result<Vec<Node>, GroundError>;
}

/// Hears what happens in an episode, as it happens.
pub trait Witness {
    /// It began.
    fn begins(&mut self, goal: &str) -> Result<(), GroundError>;

    /// This is done next.
    fn does(&mut self, scene: &Scene, deed: &Deed) -> Result<(), GroundError>;

    /// Nothing more is done, and what was worked in closes next; whether that was all that was asked for.
    fn ends(&mut self, solved: bool) -> Result<(), GroundError> {
        let _ = solved;
        Ok(())
    }
}

impl Hand for Hands {
    fn move_to(&mut self, to: Point) -> Result<(), GroundError> {
        Ok(Hands::move_to(self, to)?)
    }

    fn press(&mut self, button: u8, times: u32) -> Result<(), GroundError> {
        Ok(Hands::press(self, button, times)?)
    }

    fn type_text(&mut self, text: &str) -> Result<u64, GroundError> {
        Hands::type_text(self, text)?;
        Ok(text.chars().count() as u64)
    }

    fn chord(&mut self, keys: &[String]) -> Result<(), GroundError> {
        Ok(Hands::chord(self, keys)?)
    }
}

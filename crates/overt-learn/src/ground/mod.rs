//! The ground: MiniWoB++'s pages in a real browser, acted on by real input.

mod browser;
mod cdp;
mod episode;
mod error;
mod pages;
mod popup;
mod screen;
mod stage;
mod venue;

pub use browser::Browser;
pub use episode::{Attempt, Ending, Ground, Limits, Nobody};
pub use error::GroundError;
pub use pages::Pages;
pub use screen::Screen;
pub use stage::Stage;
pub use venue::{Eye, Hand, Venue, Witness};

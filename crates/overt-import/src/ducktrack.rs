//! DuckTrack: a folder of events and facts about the machine (section 3.1).

use std::path::Path;

use overt_format::Unknown;

use crate::error::ImportError;
use crate::pynput::{self, Metadata};
use crate::telling::Telling;

/// What it does not tell.
const UNKNOWN: [Unknown; 8] = [
    Unknown::Arrival,
    Unknown::Elements,
    Unknown::Focus,
    Unknown::Injected,
    Unknown::Pictures,
    Unknown::Scale,
    Unknown::WallClock,
    Unknown::Windows,
];

pub(crate) fn read(folder: &Path) -> Result<Telling, ImportError> {
    let screen = Metadata::read(folder)?.screen()?;
    let mut telling = Telling::without(UNKNOWN);
    pynput::events(folder, &mut telling)?;
    telling.begin_on(screen);
    Ok(telling)
}

//! DuckTrack: a folder of events, facts about the machine and a video (section 3.1).

use std::path::{Path, PathBuf};

use overt_format::Unknown;

use crate::error::ImportError;
use crate::obs;
use crate::pynput::{self, Metadata};
use crate::telling::Telling;

/// What it does not tell.
const UNKNOWN: [Unknown; 7] = [
    Unknown::Arrival,
    Unknown::Elements,
    Unknown::Focus,
    Unknown::Injected,
    Unknown::Scale,
    Unknown::WallClock,
    Unknown::Windows,
];

pub(crate) fn read(folder: &Path, frames: bool) -> Result<Telling, ImportError> {
    let metadata = Metadata::read(folder)?;
    let mut telling = Telling::without(UNKNOWN);
    pynput::events(folder, &mut telling)?;
    obs::video(video(folder)?, &metadata, frames, &mut telling)?;
    telling.begin_on(metadata.screen());
    Ok(telling)
}

/// OBS gives it a name of its own. Of several it is not told which one belongs to the events.
fn video(folder: &Path) -> Result<Option<PathBuf>, ImportError> {
    let unreadable = |source| ImportError::Read { file: "the folder", source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_file = entry.file_type().map_err(unreadable)?.is_file();
        let path = entry.path();
        if is_file && path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("mp4")) {
            found.push(path);
        }
    }
    Ok(found.pop().filter(|_| found.is_empty()))
}

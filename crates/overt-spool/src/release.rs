//! The contributor's approval that a recording may leave.

use std::path::Path;

use overt_event::Day;
use overt_format::{FACTS_VERSION, RELEASE_FILE, RecordingDir, Release, ReleasedRecording, replace_file};

use crate::error::SpoolError;

/// Approves exactly what lies in the folder, after every byte of it was checked, and writes `release.json`.
///
/// Errors: [`SpoolError::NotReleasable`] when the recording is open, or not whole as its facts say.
pub fn release(folder: &Path, day: Day) -> Result<Release, SpoolError> {
    let dir = RecordingDir::local(folder)?;
    let release = Release {
        version: FACTS_VERSION,
        recording: dir.facts().recording,
        recording_digest: dir.facts().digest()?,
        released: day,
    };
    ReleasedRecording::check(dir.with_release(release))?;
    let bytes = release.encode()?;
    replace_file(&folder.join(RELEASE_FILE), &bytes).map_err(SpoolError::writing(bytes.len() as u64))?;
    Ok(release)
}

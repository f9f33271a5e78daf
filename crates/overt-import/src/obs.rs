//! Videos that OBS recorded beside the events, and when each of their pictures was taken (sections 3.1 and 3.4).

use std::path::PathBuf;

use overt_event::{MonoNanos, Span};
use overt_format::Unknown;

use crate::error::ImportError;
use crate::pynput::Metadata;
use crate::telling::{FrameTimes, Pictured, Telling, Video};

const METADATA: &str = "metadata.json";
/// OBS says so when the first picture is taken.
const STARTED: &str = "OBS_WEBSOCKET_OUTPUT_STARTED";
/// What it says around a time of which the video has no pictures.
const PAUSED: &str = "OBS_WEBSOCKET_OUTPUT_PAUSED";
const RESUMED: &str = "OBS_WEBSOCKET_OUTPUT_RESUMED";

/// Takes the video's pictures, where there is one and they are wanted.
pub(crate) fn video(
    path: Option<PathBuf>,
    metadata: &Metadata,
    wanted: bool,
    telling: &mut Telling,
) -> Result<(), ImportError> {
    let Some(path) = path.filter(|_| wanted) else {
        telling.unknown.insert(Unknown::Pictures);
        return Ok(());
    };
    let problem = "does not say when the video started, so its pictures have no time";
    let started = moments(metadata, STARTED).first().copied();
    let first = started.ok_or(ImportError::File { file: METADATA, problem })?;
    let times = FrameTimes::From { first, pauses: pauses(metadata) };
    telling.pictures = Some(Pictured::Video(Video { path, times }));
    Ok(())
}

fn pauses(metadata: &Metadata) -> Vec<Span> {
    let (paused, resumed) = (moments(metadata, PAUSED), moments(metadata, RESUMED));
    paused.into_iter().zip(resumed).map(|(from, to)| Span { from, to }).collect()
}

fn moments(metadata: &Metadata, state: &str) -> Vec<MonoNanos> {
    metadata.obs_record_state_timings.get(state).into_iter().flatten().map(|moment| moment.0).collect()
}

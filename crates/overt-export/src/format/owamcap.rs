//! `owamcap`: an MCAP of the profile `owa` for each recording, with OWA's own types of messages and nothing else.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;

use mcap::records::MessageHeader;
use mcap::{Compression, WriteOptions};
use overt_dataset::{EpisodeRow, StepRow, WindowCell};
use serde::Serialize;

use super::Writer;
use super::owa_events::{Event, Input, events};
use super::owa_schemas::{KEYBOARD, MOUSE, SCREEN, WINDOW, schema};
use crate::deed::Deed;
use crate::error::ExportError;
use crate::export::Told;
use crate::film::{Film, Video};
use crate::folder::{PICTURES, picture_name};
use crate::loss::Loss;

/// What the header says that wrote it. Readers before 0.6 take their own name out of it and fail where it is not
/// there.
const LIBRARY: &str = concat!("mcap-owa-support 0.6.6; mcap 1.3.0; overt-export ", env!("CARGO_PKG_VERSION"));
const NANOS_PER_MILLI: u64 = 1_000_000;
const NANOS_PER_SEC: u64 = 1_000_000_000;
const NANOS_PER_DAY: u64 = 86_400_000_000_000;

#[derive(Serialize)]
struct WindowInfo<'a> {
    title: &'a str,
    rect: [i32; 4],
    #[serde(rename = "hWnd")]
    h_wnd: usize,
}

#[derive(Serialize)]
struct ScreenCaptured {
    utc_ns: u64,
    source_shape: [i32; 2],
    shape: [i32; 2],
    media_ref: MediaRef,
}

#[derive(Serialize)]
struct MediaRef {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pts_ns: Option<u64>,
}

pub(super) struct Owamcap {
    video: Option<Video>,
    open: Option<Recording>,
}

/// One file in the making.
struct Recording {
    id: String,
    split: String,
    mcap: mcap::Writer<BufWriter<File>>,
    film: Option<Film>,
    channels: BTreeMap<&'static str, u16>,
    /// Midnight of its day, nanoseconds since 1970.
    midnight: u64,
    messages: u32,
    window: Option<WindowCell>,
    /// Windows that were told, as far as their application and kind tell them apart.
    handles: Vec<(Option<String>, String)>,
}

impl Writer for Owamcap {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        if self.open.as_ref().is_none_or(|open| open.id != step.recording) {
            self.end()?;
            self.open = Some(Recording::begin(step, self.video, told)?);
        }
        let Some(recording) = &mut self.open else { return Ok(()) };
        recording.window(step, told)?;
        recording.picture(step, told)?;
        let said = Deed::of(step, episode.outcome.as_deref()).and_then(|deed| events(&deed, step));
        let Some(events) = told.or_lost(said) else { return Ok(()) };
        told.losses.count_all(&events.losses);
        told.losses.count(Loss::TimeOfDay);
        if step.monitor != 0 {
            told.losses.count(Loss::MonitorPlace);
        }
        told.exported += 1;
        events.list.iter().try_for_each(|event| recording.input(event))
    }

    fn finish(mut self: Box<Self>, _: &mut Told<'_>) -> Result<(), ExportError> {
        self.end()
    }
}

impl Owamcap {
    pub(super) fn new(video: Option<Video>) -> Self {
        Self { video, open: None }
    }

    fn end(&mut self) -> Result<(), ExportError> {
        if let Some(mut recording) = self.open.take() {
            recording.mcap.finish()?;
            recording.film.map_or(Ok(()), Film::finish)?;
        }
        Ok(())
    }
}

impl Recording {
    fn begin(step: &StepRow, video: Option<Video>, told: &Told<'_>) -> Result<Self, ExportError> {
        let file = told.folder.create(&format!("{}/{}.mcap", step.split, step.recording))?;
        let film = told.folder.path().join(&step.split).join(format!("{}.mkv", step.recording));
        let options = WriteOptions::new()
            .profile("owa")
            .library(LIBRARY)
            .compression(Some(Compression::Zstd))
            .compression_threads(0);
        let mut mcap = options.create(BufWriter::new(file))?;
        let mut channels = BTreeMap::new();
        for (topic, name) in
            [("window", WINDOW), ("screen", SCREEN), ("mouse", MOUSE), ("keyboard", KEYBOARD)]
        {
            let schema = mcap.add_schema(name, "jsonschema", &serde_json::to_vec(&schema(name))?)?;
            channels.insert(topic, mcap.add_channel(schema, topic, "json", &BTreeMap::new())?);
        }
        let day = told.day_of(&step.recording);
        Ok(Self {
            id: step.recording.clone(),
            split: step.split.clone(),
            mcap,
            film: video.map(|video| Film::begin(&film, video)).transpose()?,
            channels,
            midnight: u64::try_from(day).unwrap_or_default() * NANOS_PER_DAY,
            messages: 0,
            window: None,
            handles: Vec::new(),
        })
    }

    fn message(&mut self, topic: &str, at: u64, message: &impl Serialize) -> Result<(), ExportError> {
        let Some(&channel_id) = self.channels.get(topic) else { return Ok(()) };
        self.messages += 1;
        let header = MessageHeader { channel_id, sequence: self.messages, log_time: at, publish_time: at };
        Ok(self.mcap.write_to_known_channel(&header, &serde_json::to_vec(message)?)?)
    }

    /// Milliseconds of the data set as nanoseconds since 1970.
    fn time(&self, millis: f64) -> u64 {
        self.midnight.saturating_add_signed((millis * NANOS_PER_MILLI as f64) as i64)
    }

    /// The window in use, where it is another one or has changed.
    fn window(&mut self, step: &StepRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let Some(window) = step.window_before.as_ref().filter(|w| Some(*w) != self.window.as_ref()) else {
            return Ok(());
        };
        let key = (window.app.clone(), window.kind.clone());
        let place = self.handles.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.handles.push(key);
            self.handles.len() - 1
        });
        told.losses.count(Loss::WindowHandle);
        self.window = Some(window.clone());
        let b = window.bounds;
        let info = WindowInfo {
            title: window.title.as_deref().unwrap_or_default(),
            rect: [b.x, b.y, b.x + b.w, b.y + b.h],
            h_wnd: place + 1,
        };
        self.message("window", self.time(step.t_start_millis as f64), &info)
    }

    /// The observation, at the end of its grab, as a file beside the recording.
    fn picture(&mut self, step: &StepRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let Some(png) = &step.image_before else { return Ok(()) };
        let media_ref = self.media(step.row, png, told)?;
        let at = self.time(step.t_start_millis as f64 - step.frame_margin_millis.unwrap_or_default());
        let size = [step.width, step.height];
        let shot = ScreenCaptured { utc_ns: at, source_shape: size, shape: size, media_ref };
        self.message("screen", at, &shot)
    }

    /// Where the picture lies: a file, or a second of the video.
    fn media(&mut self, row: i64, png: &[u8], told: &mut Told<'_>) -> Result<MediaRef, ExportError> {
        if let Some(film) = &mut self.film {
            told.losses.count(Loss::PictureCompressed);
            let pts_ns = Some(film.push(png)? * NANOS_PER_SEC);
            return Ok(MediaRef { uri: format!("{}.mkv", self.id), pts_ns });
        }
        let uri = format!("{PICTURES}/{}", picture_name(row));
        told.folder.write(&format!("{}/{uri}", self.split), png)?;
        Ok(MediaRef { uri, pts_ns: None })
    }

    fn input(&mut self, event: &Event) -> Result<(), ExportError> {
        let at = self.time(event.millis as f64);
        match &event.input {
            Input::Mouse(mouse) => self.message("mouse", at, mouse),
            Input::Key(key) => self.message("keyboard", at, key),
        }
    }
}

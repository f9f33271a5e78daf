//! OWAMcap: an MCAP of JSON messages, its pictures beside it (section 3.5).

mod beside;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mcap::records::Record;
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
use overt_event::{
    AppIdentity, ClockAnchor, MonoNanos, NANOS_PER_SEC, RawBody, Rect, WallTime, WindowChange, WindowId,
    WindowKind, WindowReport,
};
use overt_format::Unknown;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::ImportError;
use crate::key_codes::of_virtual_key;
use crate::keyboard::Keyboard;
use crate::lines;
use crate::owamcap::beside::{beside, embedded};
use crate::pynput::button_of;
use crate::stills::{Png, Still};
use crate::telling::{FrameTimes, Pictured, Telling, Video, notches, point, size};

const FILE: &str = "the OWAMcap";
/// A record, and what one chunk may inflate to, at most.
const RECORD_BYTES_MAX: usize = 128 << 20;

/// What it does not tell.
const UNKNOWN: [Unknown; 6] =
    [Unknown::Arrival, Unknown::Elements, Unknown::Focus, Unknown::Injected, Unknown::Layout, Unknown::Scale];

pub(crate) fn read(src: &Path, frames: bool) -> Result<Telling, ImportError> {
    let bytes = lines::bytes(src, FILE)?;
    let mut reading =
        Reading { telling: Telling::without(UNKNOWN), folder: folder_of(src), frames, ..Reading::default() };
    let mut container = Container::new(&bytes);
    while let Some((byte, record)) = container.next()? {
        let wrong = |problem| ImportError::Byte { file: FILE, byte, problem };
        reading.record(record, byte, &wrong)?;
    }
    reading.finish()
}

fn folder_of(src: &Path) -> PathBuf {
    src.parent().unwrap_or(Path::new("")).to_owned()
}

/// The records of an MCAP and where in the file each was found: those in a chunk at the chunk's end.
struct Container<'a> {
    bytes: &'a [u8],
    read: usize,
    reader: LinearReader,
}

impl<'a> Container<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let options = LinearReaderOptions::default()
            .with_prevalidate_chunk_crcs(true)
            .with_validate_data_section_crc(true)
            .with_validate_summary_section_crc(true)
            .with_record_length_limit(RECORD_BYTES_MAX);
        Self { bytes, read: 0, reader: LinearReader::new_with_options(options) }
    }

    fn next(&mut self) -> Result<Option<(u64, Record<'static>)>, ImportError> {
        loop {
            let byte = self.read as u64;
            let wrong = |problem| ImportError::Byte { file: FILE, byte, problem };
            let Some(event) = self.reader.next_event() else { return Ok(None) };
            match event.map_err(|_| wrong("the MCAP is damaged"))? {
                LinearReadEvent::ReadRequest(wanted) => {
                    let rest = &self.bytes[self.read..];
                    let len = wanted.min(rest.len());
                    self.reader.insert(wanted)[..len].copy_from_slice(&rest[..len]);
                    self.reader.notify_read(len);
                    self.read += len;
                }
                LinearReadEvent::Record { opcode, data } => {
                    let record =
                        mcap::parse_record(opcode, data).map_err(|_| wrong("a record does not read"))?;
                    return Ok(Some((byte, record.into_owned())));
                }
            }
        }
    }
}

type Wrong<'a> = &'a dyn Fn(&'static str) -> ImportError;

#[derive(Deserialize)]
struct MouseEvent {
    event_type: String,
    x: f64,
    y: f64,
    button: Option<String>,
    pressed: Option<bool>,
    dx: Option<f64>,
    dy: Option<f64>,
}

#[derive(Deserialize)]
struct KeyboardEvent {
    event_type: String,
    vk: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WindowInfo {
    title: String,
    rect: [i32; 4],
    h_wnd: i64,
}

#[derive(Deserialize)]
struct ScreenCaptured {
    utc_ns: Option<u64>,
    original_shape: Option<[f64; 2]>,
    source_shape: Option<[f64; 2]>,
    shape: Option<[f64; 2]>,
    path: Option<String>,
    pts: Option<u64>,
    media_ref: Option<MediaRef>,
}

#[derive(Deserialize)]
struct MediaRef {
    uri: String,
    pts_ns: Option<u64>,
}

/// A schema that has a place with us.
#[derive(Clone, Copy)]
enum Schema {
    Mouse,
    Keyboard,
    Window,
    Screen,
    State,
    Other,
}

impl Schema {
    /// Early files have module paths, later ones `desktop/NAME`.
    fn of(name: &str) -> Self {
        match name.rsplit(['/', '.']).next() {
            Some("MouseEvent") => Self::Mouse,
            Some("KeyboardEvent") => Self::Keyboard,
            Some("WindowInfo") => Self::Window,
            Some("ScreenCaptured") => Self::Screen,
            Some("KeyboardState" | "MouseState") => Self::State,
            _ => Self::Other,
        }
    }
}

#[derive(Default)]
struct Reading {
    telling: Telling,
    folder: PathBuf,
    is_owa: bool,
    /// Pictures are wanted.
    frames: bool,
    schemas: BTreeMap<u16, Schema>,
    channels: BTreeMap<u16, Schema>,
    keyboard: Keyboard,
    window: Option<WindowInfo>,
    /// From when on pictures have which size.
    sizes: Vec<(MonoNanos, (u32, u32))>,
    video: Option<PathBuf>,
    shown: Vec<(u64, MonoNanos)>,
    stills: Vec<Still>,
}

impl Reading {
    fn record(&mut self, record: Record<'static>, byte: u64, wrong: Wrong<'_>) -> Result<(), ImportError> {
        match record {
            Record::Header(header) if header.profile != "owa" => Err(wrong("its profile is not \"owa\"")),
            Record::Header(_) => {
                self.is_owa = true;
                Ok(())
            }
            Record::Schema { header, .. } => {
                self.schemas.insert(header.id, Schema::of(&header.name));
                Ok(())
            }
            Record::Channel(channel) => {
                let schema = self.schemas.get(&channel.schema_id).copied().unwrap_or(Schema::Other);
                self.channels.insert(channel.id, schema);
                Ok(())
            }
            Record::Message { header, data } => {
                let schema = self.channels.get(&header.channel_id).copied();
                let schema = schema.ok_or(wrong("a message is of a channel that was not told"))?;
                self.message(schema, MonoNanos(header.log_time), &data, byte, wrong)
            }
            _ => Ok(()),
        }
    }

    fn message(
        &mut self,
        schema: Schema,
        at: MonoNanos,
        data: &[u8],
        byte: u64,
        wrong: Wrong<'_>,
    ) -> Result<(), ImportError> {
        match schema {
            Schema::Mouse => {
                let body = mouse(json(data, wrong)?).ok_or(wrong("a mouse event does not say what it is"))?;
                self.telling.tell(at, body)
            }
            Schema::Keyboard => self.key(at, &json(data, wrong)?, wrong),
            Schema::Window => self.window(at, json(data, wrong)?),
            Schema::Screen => self.screen(at, json(data, wrong)?, byte, wrong),
            Schema::State => {
                self.telling.drop_one("states that events say");
                Ok(())
            }
            Schema::Other => {
                self.telling.drop_one("messages of another schema");
                Ok(())
            }
        }
    }

    fn key(&mut self, at: MonoNanos, event: &KeyboardEvent, wrong: Wrong<'_>) -> Result<(), ImportError> {
        let down = match event.event_type.as_str() {
            "press" => true,
            "release" => false,
            _ => return Err(wrong("a key event is neither press nor release")),
        };
        let key = of_virtual_key(event.vk, self.keyboard.modifiers().shift);
        let body = self.keyboard.event(&event.vk.to_string(), key, down);
        self.telling.tell(at, body)
    }

    /// The window in use is told again and again; what is new about it is kept.
    fn window(&mut self, at: MonoNanos, info: WindowInfo) -> Result<(), ImportError> {
        let change = match &self.window {
            Some(last) if last.h_wnd != info.h_wnd => Some(WindowChange::Focused),
            Some(last) if last.rect != info.rect => Some(WindowChange::Moved),
            Some(last) if last.title != info.title => Some(WindowChange::Retitled),
            Some(_) => None,
            None => Some(WindowChange::Focused),
        };
        let report = change.map(|change| report(&info, change));
        self.window = Some(info);
        report.map_or(Ok(()), |report| self.telling.tell(at, RawBody::Window(report)))
    }

    fn screen(
        &mut self,
        at: MonoNanos,
        shot: ScreenCaptured,
        byte: u64,
        wrong: Wrong<'_>,
    ) -> Result<(), ImportError> {
        let shape = shot.original_shape.or(shot.source_shape).or(shot.shape);
        if let Some([w, h]) = shape {
            let size = size(w, h).ok_or(wrong("a screen has a size that there cannot be"))?;
            if self.sizes.last().map(|(_, last)| *last) != Some(size) {
                self.sizes.push((at, size));
            }
        }
        let taken = shot.utc_ns.map_or(at, MonoNanos);
        let (uri, pts) = match (shot.media_ref, shot.path) {
            (Some(media), _) => (media.uri, media.pts_ns),
            (None, Some(path)) => (path, shot.pts),
            (None, None) => return Ok(()),
        };
        match (pts, beside(&self.folder, &uri), embedded(&uri)) {
            (Some(pts), Some(path), _) => {
                self.video.get_or_insert(path);
                self.shown.push((pts, taken));
            }
            (None, Some(path), _) => self.still(taken, Png::File(path), byte)?,
            (None, None, Some(bytes)) => self.still(taken, Png::Bytes(bytes), byte)?,
            _ => self.telling.drop_one("pictures that are not beside the file"),
        }
        Ok(())
    }

    fn still(&mut self, at: MonoNanos, png: Png, byte: u64) -> Result<(), ImportError> {
        let told = self.sizes.last().map(|(_, size)| *size);
        let named = (FILE, byte);
        let no_size = ImportError::Byte { file: FILE, byte, problem: "a picture has no size" };
        let still = Still { at, size: told.ok_or(no_size)?, png, named };
        if self.frames {
            still.check()?;
        }
        self.stills.push(still);
        Ok(())
    }

    fn finish(self) -> Result<Telling, ImportError> {
        let Self { mut telling, is_owa, frames, window, sizes, video, shown, stills, .. } = self;
        if !is_owa {
            return Err(ImportError::File { file: FILE, problem: "has no header" });
        }
        if window.is_none() {
            telling.unknown.insert(Unknown::Windows);
        }
        let whole_screen = is_screen(&sizes, telling.smallest_desktop());
        if whole_screen {
            tell_sizes(&mut telling, &sizes)?;
        } else {
            telling.unknown.insert(Unknown::Screen);
            telling.begin_on(telling.smallest_desktop());
            let count = (shown.len() + stills.len()) as u64;
            telling.dropped.insert("pictures of a part of the screen that is not told", count);
        }
        telling.pictures = pictured(video, shown, stills).filter(|_| frames && whole_screen);
        if telling.pictures.is_none() {
            telling.unknown.insert(Unknown::Pictures);
        }
        telling.anchor = telling.events.first().map(|told| anchor(told.at));
        Ok(telling)
    }
}

/// A video's pictures, or those that lie by themselves: no recorder writes both.
fn pictured(
    video: Option<PathBuf>,
    mut shown: Vec<(u64, MonoNanos)>,
    stills: Vec<Still>,
) -> Option<Pictured> {
    match video {
        Some(path) => {
            shown.sort_unstable();
            Some(Pictured::Video(Video { path, times: FrameTimes::Listed(shown) }))
        }
        None => {
            Some(Pictured::Stills(stills)).filter(|p| !matches!(p, Pictured::Stills(all) if all.is_empty()))
        }
    }
}

/// Its times count from 1970, so both clocks are one.
fn anchor(at: MonoNanos) -> ClockAnchor {
    ClockAnchor { mono: at, wall: WallTime((at.0 / NANOS_PER_SEC) as i64) }
}

/// Pictures may be of one window. They are of the whole screen only where no point lies beyond them.
fn is_screen(sizes: &[(MonoNanos, (u32, u32))], points: (u32, u32)) -> bool {
    let largest = sizes.iter().fold((0, 0), |(w, h), (_, size)| (w.max(size.0), h.max(size.1)));
    points.0 <= largest.0 && points.1 <= largest.1
}

/// The screen is first told with its first picture; it was the same a moment before.
fn tell_sizes(telling: &mut Telling, sizes: &[(MonoNanos, (u32, u32))]) -> Result<(), ImportError> {
    let Some(((_, first), later)) = sizes.split_first() else { return Ok(()) };
    telling.begin_on(*first);
    for (at, size) in later {
        let desktop = telling.desktop(*size);
        telling.tell(*at, desktop)?;
    }
    // Whoever sorts by time alone keeps the order of what happened at once.
    telling.events.sort_by_key(|told| told.at);
    Ok(())
}

fn json<T: DeserializeOwned>(data: &[u8], wrong: Wrong<'_>) -> Result<T, ImportError> {
    serde_json::from_slice(data).map_err(|_| wrong("a message is not what its schema says"))
}

fn mouse(event: MouseEvent) -> Option<RawBody> {
    let at = point(event.x, event.y);
    match event.event_type.as_str() {
        "move" => Some(RawBody::PointerMove { at }),
        "click" => Some(RawBody::Button { at, button: button_of(&event.button?), down: event.pressed? }),
        "scroll" => Some(RawBody::Scroll { at, dx_120: notches(event.dx?), dy_120: notches(-event.dy?) }),
        _ => None,
    }
}

fn report(info: &WindowInfo, change: WindowChange) -> WindowReport {
    let [left, top, right, bottom] = info.rect;
    WindowReport {
        change,
        // Windows' handles fit into 32 bits on all of its versions.
        window: WindowId(info.h_wnd as u32),
        app: AppIdentity::default(),
        pid: None,
        kind: WindowKind::Unknown,
        bounds: Rect { x: left, y: top, w: right.saturating_sub(left), h: bottom.saturating_sub(top) },
        title: info.title.clone(),
        own: false,
    }
}

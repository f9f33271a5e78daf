//! The thread that sees pixels, and whose windows they belong to.

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::sync::{Arc, Weak};
use std::time::Duration;

use overt_capture::monotonic_now;
use overt_event::{Frame, FrameId, MonoNanos, RawBody, RawEvent, RawFrame, Rect, Seq, VisibleWindow};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ConnectError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, Damage, ReportLevel};
use x11rb::protocol::shm::{self, ConnectionExt as _, Seg};
use x11rb::protocol::xfixes::{ConnectionExt as _, Region};
use x11rb::protocol::xproto::{
    ConnectionExt as _, ImageFormat, ImageOrder, Screen as ScreenInfo, Setup, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::capture::X11Config;
use crate::error::X11Error;
use crate::pace::Pace;
use crate::shared::{Port, Role, Shared};
use crate::shm::SharedPixels;
use crate::stack::{Effect, Stack};
use crate::tiles::{Canvas, Damaged, PIXEL_BYTES};
use crate::time::widen;
use crate::topology;

/// How often a picture is taken again because windows moved while it was.
const GRABS_MAX: usize = 3;
/// How long the two threads may disagree on the size of the screen before the next look.
const RETRY_MILLIS: u64 = 20;

/// Frames that may be in memory: more than the binder and minimise keep together (64 and 128).
const FRAMES_OUT_MAX: usize = 256;
/// When there are as many, how long to wait for one to be let go.
const FULL_RETRY_MILLIS: u64 = 100;

/// A picture that lies in shared memory, and when it was taken.
struct Shot {
    begin: MonoNanos,
    end: MonoNanos,
    windows: Option<Vec<VisibleWindow>>,
}

/// Memory that the server writes pictures of one size into.
struct Segment {
    id: Seg,
    pixels: SharedPixels,
}

/// The frames that were handed out and that somebody still holds.
#[derive(Default)]
struct FramesOut(VecDeque<Weak<Frame>>);

impl FramesOut {
    fn add(&mut self, frame: &Arc<Frame>) {
        self.0.push_back(Arc::downgrade(frame));
    }

    /// Whether whoever takes them is so far behind that no more may be made.
    fn are_too_many(&mut self) -> bool {
        self.0.retain(|frame| frame.strong_count() > 0);
        self.0.len() >= FRAMES_OUT_MAX
    }
}

/// Everything that the screen thread owns.
pub(crate) struct Screen {
    conn: RustConnection,
    root: Window,
    port: Port,
    pace: Pace,
    damage: Damage,
    /// Where damage is told.
    region: Region,
    /// What no picture has shown yet.
    unseen: Damaged,
    stack: Stack,
    size: (u16, u16),
    segment: Option<Segment>,
    canvas: Canvas,
    frames_out: FramesOut,
    last_id: u32,
    last_windows: Option<Vec<VisibleWindow>>,
    /// Where not, only whose windows can be seen is told.
    reads_pixels: bool,
    /// The next picture is told even if it shows nothing new.
    fresh: bool,
}

pub(crate) fn connect(display: Option<&str>) -> Result<(RustConnection, ScreenInfo), X11Error> {
    let (conn, screen) = x11rb::connect(display).map_err(X11Error::Connect)?;
    let info = conn.setup().roots.get(screen).cloned();
    Ok((conn, info.ok_or(X11Error::Connect(ConnectError::InvalidScreen))?))
}

/// Whether pixels are blue, green, red and a spare byte, which is what we read.
pub(crate) fn check_pixel_format(setup: &Setup, screen: &ScreenInfo) -> Result<(), X11Error> {
    let depth = screen.root_depth;
    let bits = setup.pixmap_formats.iter().find(|f| f.depth == depth).map_or(0, |f| f.bits_per_pixel);
    let visual =
        screen.allowed_depths.iter().flat_map(|d| &d.visuals).find(|v| v.visual_id == screen.root_visual);
    let masks = visual.map(|v| (v.red_mask, v.green_mask, v.blue_mask));
    let bgrx = masks == Some((0xff_0000, 0xff00, 0xff)) && setup.image_byte_order == ImageOrder::LSB_FIRST;
    if matches!(depth, 24 | 32) && usize::from(bits) == PIXEL_BYTES * 8 && bgrx {
        return Ok(());
    }
    Err(X11Error::PixelFormat { depth, bits_per_pixel: bits })
}

impl Screen {
    /// Connects and asks for every change, so that nothing after this is missed.
    pub(crate) fn new(config: &X11Config, shared: Arc<Shared>) -> Result<Self, X11Error> {
        let (conn, info) = connect(config.display.as_deref())?;
        check_pixel_format(conn.setup(), &info)?;
        check_shm(&conn)?;
        let no_damage = |_| X11Error::Missing { extension: "DAMAGE", major: 1, minor: 1 };
        conn.damage_query_version(1, 1).map_err(no_damage)?.reply()?;
        let no_regions = |_| X11Error::Missing { extension: "XFIXES", major: 2, minor: 0 };
        conn.xfixes_query_version(2, 0).map_err(no_regions)?.reply()?;
        let stack = Stack::new(&conn, info.root, config.own_windows.clone(), config.excluded_pid)?;
        topology::select(&conn, info.root)?;
        let damage = conn.generate_id()?;
        conn.damage_create(damage, info.root, ReportLevel::NON_EMPTY)?.check()?;
        let region = conn.generate_id()?;
        conn.xfixes_create_region(region, &[])?.check()?;
        let geometry = conn.get_geometry(info.root)?.reply()?;
        let mut screen = Self {
            conn,
            root: info.root,
            port: Port::new(shared, Role::Screen),
            pace: Pace::new(config.frames_per_sec_max),
            damage,
            region,
            unseen: Damaged::default(),
            stack,
            size: (geometry.width, geometry.height),
            segment: None,
            canvas: Canvas::new(0, 0),
            frames_out: FramesOut::default(),
            last_id: 0,
            last_windows: None,
            reads_pixels: config.frames_per_sec_max > 0,
            fresh: true,
        };
        if screen.reads_pixels {
            screen.fit()?;
        }
        Ok(screen)
    }

    /// Runs until told to stop, or until the display is gone.
    pub(crate) fn run(mut self) -> Result<(), X11Error> {
        while !self.port.shared().stopping() {
            self.follow_rate();
            if self.port.may_reopen() {
                self.drain()?;
                self.port.reopen();
                self.fresh = true;
                self.pace.want_at_once(monotonic_now());
            }
            self.drain()?;
            if self.port.shared().take_grab_wanted() {
                self.pace.want_at_once(monotonic_now());
            }
            let due = self.next_grab();
            let now = monotonic_now();
            if due.is_some_and(|due| due <= now) {
                self.look()?;
            } else {
                self.conn.flush()?;
                let at_most = due.map(|due| Duration::from_nanos(due.since(now)));
                self.port.shared().waker(Role::Screen).sleep(self.conn.stream().as_fd(), at_most);
            }
        }
        Ok(())
    }

    fn next_grab(&self) -> Option<MonoNanos> {
        let stirred_at = self.port.shared().stirred_at(self.pace.is_wanted());
        self.pace.due_at(stirred_at).filter(|_| self.port.is_open())
    }

    fn drain(&mut self) -> Result<(), X11Error> {
        while let Some(event) = self.conn.poll_for_event()? {
            self.on_event(&event);
        }
        Ok(())
    }

    fn on_event(&mut self, event: &Event) {
        let now = monotonic_now();
        match event {
            Event::DamageNotify(e) => {
                if self.reads_pixels {
                    self.pace.want(now);
                }
                let os_time = widen(e.timestamp, now);
                let body = RawBody::Damage;
                self.port.emit(RawEvent {
                    seq: Seq(0),
                    os_time,
                    arrival: now,
                    injected: false,
                    device: 0,
                    body,
                });
            }
            Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => {
                self.port.shared().doubt_topology();
                self.pace.want(now);
            }
            // A monitor that was only declared is told by this event, with the size as before.
            Event::ConfigureNotify(e) if e.window == self.root => {
                self.port.shared().doubt_topology();
                self.size = (e.width, e.height);
                self.pace.want(now);
            }
            other => match self.stack.on_event(other) {
                Effect::None => {}
                Effect::Changed => self.pace.want(now),
                Effect::Uncovered => {
                    self.pace.want(now);
                    self.pace.uncovered(now);
                }
            },
        }
    }

    /// Makes shared memory and a canvas of the screen's size, if they have another.
    fn fit(&mut self) -> Result<(), X11Error> {
        let (width, height) = (u32::from(self.size.0), u32::from(self.size.1));
        if self.segment.is_some() && self.canvas.size() == (width, height) {
            return Ok(());
        }
        if let Some(old) = self.segment.take() {
            self.conn.shm_detach(old.id)?;
        }
        self.canvas = Canvas::new(width, height);
        let (pixels, file) =
            SharedPixels::new(self.canvas.len_bytes().max(1)).map_err(X11Error::SharedMemory)?;
        let id = self.conn.generate_id()?;
        let refused = |_| X11Error::SharedMemory(rustix::io::Errno::OPNOTSUPP);
        self.conn.shm_attach_fd(id, file, false)?.check().map_err(refused)?;
        self.segment = Some(Segment { id, pixels });
        self.fresh = true;
        Ok(())
    }

    fn bounds(&self) -> Rect {
        Rect { x: 0, y: 0, w: self.size.0.into(), h: self.size.1.into() }
    }

    fn follow_rate(&mut self) {
        let rate = self.port.shared().rate();
        if rate > 0 && !self.reads_pixels {
            // What was told of the screen until then was whose windows it shows.
            self.fresh = true;
            self.pace.want_at_once(monotonic_now());
        }
        self.reads_pixels = rate > 0;
        self.pace.set_rate(rate);
    }

    fn look(&mut self) -> Result<(), X11Error> {
        if self.reads_pixels { self.grab() } else { self.tell_windows() }
    }

    /// Tells what can be seen of the windows, where no picture does.
    fn tell_windows(&mut self) -> Result<(), X11Error> {
        let Some(begin) = self.port.begin() else { return Ok(()) };
        self.pace.began(begin);
        self.stack.refresh(&self.conn, self.bounds())?;
        self.port.emit(RawEvent::at(begin, RawBody::Windows(self.stack.visible().to_vec())));
        Ok(())
    }

    /// Takes a picture, again if windows moved meanwhile, and tells it if it shows something new.
    fn grab(&mut self) -> Result<(), X11Error> {
        if self.frames_out.are_too_many() {
            // What changes meanwhile stays damage that nobody saw, and inputs say so.
            self.pace.retry_after(monotonic_now(), FULL_RETRY_MILLIS);
            return Ok(());
        }
        let mut shot = None;
        for _ in 0..GRABS_MAX {
            self.fit()?;
            self.stack.refresh(&self.conn, self.bounds())?;
            let Some(begin) = self.port.begin() else { return Ok(()) };
            self.pace.began(begin);
            if !self.read_pixels()? {
                self.pace.retry_after(begin, RETRY_MILLIS);
                return Ok(());
            }
            let end = monotonic_now();
            // What the server did before its answer has arrived before it.
            self.drain()?;
            let windows = (!self.stack.is_stale()).then(|| self.stack.visible().to_vec());
            let settled = windows.is_some();
            shot = Some(Shot { begin, end, windows });
            if settled {
                break;
            }
        }
        shot.map_or(Ok(()), |shot| self.publish(shot))
    }

    /// Has the server write the screen into the segment. False when the screen changed its size.
    fn read_pixels(&mut self) -> Result<bool, X11Error> {
        let Some(segment) = &self.segment else { return Ok(false) };
        let (width, height) = self.size;
        self.conn.damage_subtract(self.damage, x11rb::NONE, self.region)?;
        let drawn_to = self.conn.xfixes_fetch_region(self.region)?;
        let format = ImageFormat::Z_PIXMAP.into();
        let request =
            shm::get_image(&self.conn, self.root, 0, 0, width, height, u32::MAX, format, segment.id, 0)?;
        let parts = drawn_to.reply()?.rectangles.into_iter();
        self.unseen.add(parts.map(|r| Rect {
            x: r.x.into(),
            y: r.y.into(),
            w: r.width.into(),
            h: r.height.into(),
        }));
        match request.reply() {
            Ok(_) => Ok(true),
            Err(ReplyError::X11Error(_)) => {
                let now = self.conn.get_geometry(self.root)?.reply()?;
                self.size = (now.width, now.height);
                Ok(false)
            }
            Err(ReplyError::ConnectionError(e)) => Err(e.into()),
        }
    }

    fn publish(&mut self, shot: Shot) -> Result<(), X11Error> {
        let Shot { begin, end, windows } = shot;
        let Some(segment) = &mut self.segment else { return Ok(()) };
        let topology = self.port.shared().topology().filter(|t| t.size == self.canvas.size());
        let Some(topology) = topology else {
            // The input thread has yet to announce the screen's size, or to look at it again.
            self.pace.retry_after(end, RETRY_MILLIS);
            return Ok(());
        };
        let changed = self.canvas.update(segment.pixels.bytes(), &std::mem::take(&mut self.unseen));
        if windows.is_none() {
            self.pace.want(end);
        }
        if changed == 0 && windows == self.last_windows && !self.fresh {
            return Ok(());
        }
        let frame = Arc::new(self.canvas.frame());
        self.frames_out.add(&frame);
        let id = FrameId(self.last_id + 1);
        let body = RawBody::Frame(RawFrame {
            id,
            topology: topology.id,
            grab_begin: begin,
            grab_end: end,
            frame,
            windows: windows.clone(),
        });
        if self.port.emit(RawEvent::at(end, body)) {
            self.last_id = id.0;
            self.last_windows = windows;
            self.fresh = false;
        }
        Ok(())
    }
}

fn check_shm(conn: &RustConnection) -> Result<(), X11Error> {
    let missing = || X11Error::Missing { extension: "MIT-SHM", major: 1, minor: 2 };
    conn.extension_information(shm::X11_EXTENSION_NAME)?.ok_or_else(missing)?;
    let version = conn.shm_query_version()?.reply()?;
    if (version.major_version, version.minor_version) < (1, 2) {
        return Err(missing());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_nobody_lets_go_are_bounded() {
        let mut out = FramesOut::default();
        let mut held: Vec<Arc<Frame>> = Vec::new();
        while !out.are_too_many() {
            let frame = Arc::new(Frame { width: 0, height: 0, tiles: Vec::new() });
            out.add(&frame);
            held.push(frame);
        }
        assert_eq!(held.len(), FRAMES_OUT_MAX);
        held.remove(3);
        assert!(!out.are_too_many());
    }
}

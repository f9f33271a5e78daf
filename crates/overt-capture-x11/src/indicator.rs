//! The badge that says, on the screen itself, that recording is on.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use overt_capture::monotonic_now;
use overt_event::MonoNanos;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::shape::{self, SK, SO};
use x11rb::protocol::xproto::{
    Arc as Ellipse, AtomEnum, ChangeGCAux, ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux,
    ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Gcontext, PropMode, Rectangle, Screen,
    StackMode, Visibility, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::error::X11Error;
use crate::screen::connect;
use crate::shared::OwnWindows;
use crate::wake::Waker;

/// What the badge says while recording is paused, and while it is held.
const PAUSED_TEXT: &str = "Overt is paused";
const HELD_TEXT: &str = "Overt is on hold";
/// Beyond this the count is told as "more than".
const COUNT_MAX: u64 = 9_999;
const HEIGHT_PX: u16 = 26;
const DOT_PX: u16 = 12;
const MARGIN_PX: u16 = 8;
/// Two windows that both want to be on top must not fight faster than this.
const RAISE_MILLIS_MIN: u64 = 250;

/// What the badge shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndicatorState {
    Recording = 0,
    /// By the person.
    Paused = 1,
    /// By the agreement's budget.
    Held = 2,
}

impl IndicatorState {
    fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Paused,
            2 => Self::Held,
            _ => Self::Recording,
        }
    }
}

/// A small badge at the top of the screen, above all windows, that clicks pass through.
///
/// It stands still but for the count of what was filtered. Dropping it closes it.
pub struct Indicator {
    link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
    own: OwnWindows,
    window: Window,
}

/// What the badge's thread and its owner tell each other.
struct Link {
    /// An [`IndicatorState`] by its number.
    state: AtomicU8,
    filtered: AtomicU64,
    closing: AtomicBool,
    mapped: AtomicBool,
    unobscured: AtomicBool,
    waker: Waker,
}

impl Link {
    fn state(&self) -> IndicatorState {
        IndicatorState::from_number(self.state.load(Ordering::Acquire))
    }
}

impl Indicator {
    /// Shows the badge with `text` (Latin-1; other characters become `?`) as recording.
    ///
    /// Its window is in `own` before it is on the screen, and it is on the screen when this returns.
    /// Errors: the display cannot be reached or lacks the SHAPE extension.
    pub fn show(display: Option<&str>, own: &OwnWindows, text: &str) -> Result<Self, X11Error> {
        let link = Arc::new(Link {
            state: AtomicU8::new(IndicatorState::Recording as u8),
            filtered: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            mapped: AtomicBool::new(false),
            unobscured: AtomicBool::new(false),
            waker: Waker::new().map_err(X11Error::Wake)?,
        });
        let mut badge = Badge::new(display, text, Arc::clone(&link))?;
        let window = badge.window;
        own.add(window);
        let mut indicator = Self { link, thread: None, own: own.clone(), window };
        badge.map()?;
        let run = move || badge.run();
        let thread = std::thread::Builder::new().name("overt-indicator".to_owned());
        indicator.thread = Some(thread.spawn(run).map_err(X11Error::Thread)?);
        Ok(indicator)
    }

    /// Changes what the badge says.
    pub fn set(&self, state: IndicatorState) {
        self.link.state.store(state as u8, Ordering::Release);
        self.link.waker.wake();
    }

    /// Tells how much was filtered out so far. Nothing is shown of none.
    pub fn set_filtered(&self, count: u64) {
        if self.link.filtered.swap(count, Ordering::AcqRel) != count {
            self.link.waker.wake();
        }
    }

    /// Whether it is mapped, nothing covers it and the display is alive. A moment of `false` is
    /// possible while another window pushes in front of it.
    pub fn visible(&self) -> bool {
        self.link.mapped.load(Ordering::Acquire) && self.link.unobscured.load(Ordering::Acquire)
    }

    /// Takes the badge off the screen.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Indicator {
    fn drop(&mut self) {
        self.link.closing.store(true, Ordering::Release);
        self.link.waker.wake();
        if let Some(thread) = self.thread.take() {
            // However it ended, its window is gone with its connection.
            let _ = thread.join();
        }
        self.own.remove(self.window);
    }
}

/// The badge's colours, as pixels of this display.
struct Paint {
    ground: u32,
    ink: u32,
    red: u32,
    grey: u32,
}

/// Everything that the badge's thread owns.
struct Badge {
    conn: RustConnection,
    root: Window,
    window: Window,
    gc: Gcontext,
    paint: Paint,
    text: Vec<u8>,
    width: u16,
    baseline: i16,
    link: Arc<Link>,
    shown: IndicatorState,
    shown_filtered: u64,
    raise_wanted: bool,
    raised_at: MonoNanos,
}

impl Badge {
    fn new(display: Option<&str>, text: &str, link: Arc<Link>) -> Result<Self, X11Error> {
        let (conn, screen) = connect(display)?;
        let paint = Paint {
            ground: color(&conn, &screen, [0x1c, 0x1c, 0x1e])?,
            ink: color(&conn, &screen, [0xff, 0xff, 0xff])?,
            red: color(&conn, &screen, [0xe5, 0x39, 0x35])?,
            grey: color(&conn, &screen, [0x9e, 0x9e, 0x9e])?,
        };
        let font = conn.generate_id()?;
        conn.open_font(font, b"fixed")?.check()?;
        let text = latin1(text);
        let measured = conn.query_font(font)?.reply()?;
        // Room for the count from the start, so that the badge stands still.
        let recording = text.len() + filtered_text(COUNT_MAX + 1).len();
        let letters = recording.max(PAUSED_TEXT.len()).max(HELD_TEXT.len()) as u16;
        let letter_px = measured.max_bounds.character_width.max(1) as u16;
        let width = 3 * MARGIN_PX + DOT_PX + letters.min(200) * letter_px;
        let baseline = (HEIGHT_PX as i16 + measured.font_ascent - measured.font_descent) / 2;
        let window = create_window(&conn, &screen, width, paint.ground)?;
        let gc = conn.generate_id()?;
        conn.create_gc(gc, window, &CreateGCAux::new().font(font).background(paint.ground))?.check()?;
        let (shown, raise_wanted, raised_at) = (IndicatorState::Recording, false, MonoNanos(0));
        let root = screen.root;
        Ok(Self {
            conn,
            root,
            window,
            gc,
            paint,
            text,
            width,
            baseline,
            link,
            shown,
            shown_filtered: 0,
            raise_wanted,
            raised_at,
        })
    }

    /// Puts the badge on the screen and waits until the server has done so.
    fn map(&mut self) -> Result<(), X11Error> {
        self.conn.map_window(self.window)?.check()?;
        self.draw()?;
        self.conn.sync()?;
        self.link.mapped.store(true, Ordering::Release);
        self.drain()
    }

    fn run(mut self) {
        let outcome = self.follow();
        self.link.mapped.store(false, Ordering::Release);
        if let Err(error) = outcome {
            tracing::warn!(%error, "the indicator is gone");
        }
    }

    fn follow(&mut self) -> Result<(), X11Error> {
        while !self.link.closing.load(Ordering::Acquire) {
            self.drain()?;
            let filtered = self.link.filtered.load(Ordering::Acquire);
            if (self.shown, self.shown_filtered) != (self.link.state(), filtered) {
                (self.shown, self.shown_filtered) = (self.link.state(), filtered);
                self.draw()?;
            }
            let now = monotonic_now();
            let due = self.raised_at.plus_millis(RAISE_MILLIS_MIN);
            if self.raise_wanted && due <= now {
                self.raise(now)?;
            }
            self.conn.flush()?;
            let at_most = self.raise_wanted.then(|| Duration::from_nanos(due.since(now)));
            self.link.waker.sleep(self.conn.stream().as_fd(), at_most);
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<(), X11Error> {
        while let Some(event) = self.conn.poll_for_event()? {
            self.on_event(&event)?;
        }
        Ok(())
    }

    fn on_event(&mut self, event: &Event) -> Result<(), X11Error> {
        match event {
            Event::Expose(e) if e.count == 0 => self.draw()?,
            Event::VisibilityNotify(e) => {
                let unobscured = e.state == Visibility::UNOBSCURED;
                self.link.unobscured.store(unobscured, Ordering::Release);
                self.raise_wanted = !unobscured;
            }
            Event::UnmapNotify(e) if e.window == self.window => {
                self.link.mapped.store(false, Ordering::Release);
                self.raise_wanted = true;
            }
            Event::MapNotify(e) if e.window == self.window => {
                self.link.mapped.store(true, Ordering::Release);
            }
            Event::ConfigureNotify(e) if e.window == self.root => self.center(e.width)?,
            _ => {}
        }
        Ok(())
    }

    fn raise(&mut self, now: MonoNanos) -> Result<(), X11Error> {
        self.raise_wanted = false;
        self.raised_at = now;
        self.conn.map_window(self.window)?;
        let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        self.conn.configure_window(self.window, &above)?;
        Ok(())
    }

    fn center(&self, root_width: u16) -> Result<(), X11Error> {
        let x = i32::from(root_width.saturating_sub(self.width) / 2);
        self.conn.configure_window(self.window, &ConfigureWindowAux::new().x(x))?;
        Ok(())
    }

    fn draw(&self) -> Result<(), X11Error> {
        let (dot, mut text) = match self.shown {
            IndicatorState::Recording => (self.paint.red, self.text.clone()),
            IndicatorState::Paused => (self.paint.grey, PAUSED_TEXT.as_bytes().to_vec()),
            IndicatorState::Held => (self.paint.grey, HELD_TEXT.as_bytes().to_vec()),
        };
        text.extend(filtered_text(self.shown_filtered).bytes());
        let whole = Rectangle { x: 0, y: 0, width: self.width, height: HEIGHT_PX };
        let (x, y) = (MARGIN_PX as i16, ((HEIGHT_PX - DOT_PX) / 2) as i16);
        let circle = Ellipse { x, y, width: DOT_PX, height: DOT_PX, angle1: 0, angle2: 360 * 64 };
        self.use_ink(self.paint.ground)?;
        self.conn.poly_fill_rectangle(self.window, self.gc, &[whole])?;
        self.use_ink(dot)?;
        self.conn.poly_fill_arc(self.window, self.gc, &[circle])?;
        self.use_ink(self.paint.ink)?;
        let x = (2 * MARGIN_PX + DOT_PX) as i16;
        self.conn.image_text8(self.window, self.gc, x, self.baseline, &text[..text.len().min(200)])?;
        Ok(())
    }

    fn use_ink(&self, pixel: u32) -> Result<(), X11Error> {
        self.conn.change_gc(self.gc, &ChangeGCAux::new().foreground(pixel))?;
        Ok(())
    }
}

fn create_window(
    conn: &RustConnection,
    screen: &Screen,
    width: u16,
    ground: u32,
) -> Result<Window, X11Error> {
    let window = conn.generate_id()?;
    let x = (screen.width_in_pixels.saturating_sub(width) / 2) as i16;
    let events = EventMask::EXPOSURE | EventMask::VISIBILITY_CHANGE | EventMask::STRUCTURE_NOTIFY;
    let aux = CreateWindowAux::new().override_redirect(1).background_pixel(ground).event_mask(events);
    let (depth, class, visual) =
        (x11rb::COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT, x11rb::COPY_FROM_PARENT);
    conn.create_window(depth, window, screen.root, x, 0, width, HEIGHT_PX, 0, class, visual, &aux)?
        .check()?;
    let of_root = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
    conn.change_window_attributes(screen.root, &of_root)?.check()?;
    // No input shape at all: what is clicked is what lies below.
    let nothing = [];
    shape::rectangles(conn, SO::SET, SK::INPUT, ClipOrdering::UNSORTED, window, 0, 0, &nothing)?.check()?;
    conn.change_property8(
        PropMode::REPLACE,
        window,
        AtomEnum::WM_CLASS,
        AtomEnum::STRING,
        b"overt\0Overt\0",
    )?;
    conn.change_property8(PropMode::REPLACE, window, AtomEnum::WM_NAME, AtomEnum::STRING, b"Overt")?;
    Ok(window)
}

fn color(conn: &RustConnection, screen: &Screen, rgb: [u8; 3]) -> Result<u32, X11Error> {
    let [r, g, b] = rgb.map(|c| u16::from(c) * 257);
    Ok(conn.alloc_color(screen.default_colormap, r, g, b)?.reply()?.pixel)
}

/// How much was filtered, after the badge's words.
fn filtered_text(count: u64) -> String {
    match count {
        0 => String::new(),
        n if n <= COUNT_MAX => format!(" - {n} filtered"),
        _ => format!(" - >{COUNT_MAX} filtered"),
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

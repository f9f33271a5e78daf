//! A window that shows the session's clock as a bar code: a picture of it tells when it was taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};
use overt_event::{MonoNanos, NANOS_PER_MILLI, Rect};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, Gcontext, Pixmap, PropMode,
    Rectangle, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::barcode;
use crate::person::now;

/// Between two pictures: sixty a second.
const TICK: Duration = Duration::from_millis(16);
const BLOCK_PX: u16 = 32;
const HEIGHT_PX: u16 = 64;
/// White around the blocks.
const MARGIN_PX: u16 = 32;
/// The window's class.
pub const CLASS: &str = "Stopwatch";
/// What can be shown: 16 bits of milliseconds.
const WRAPS_MILLIS: u64 = 1 << 16;

/// The running stopwatch, a window of this process. It ends when dropped.
pub struct Stopwatch {
    stopping: Arc<AtomicBool>,
    longest_still: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Stopwatch {
    /// Shows it with its top left corner at `at`.
    pub fn start(display: &str, at: (i16, i16)) -> Result<Self> {
        let face = Face::new(display, at)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let longest_still = Arc::new(AtomicU64::new(0));
        let longest = Arc::clone(&longest_still);
        let thread = std::thread::spawn(move || {
            let mut shown = now();
            // It ends with the display, too.
            while !seen.load(Ordering::Relaxed) && face.show(now()).is_ok() {
                longest.fetch_max(now().since(shown), Ordering::Relaxed);
                shown = now();
                std::thread::sleep(TICK);
            }
        });
        Ok(Self { stopping, longest_still, thread: Some(thread) })
    }

    /// The longest time that it showed the same, nanoseconds: a machine that has no time for it makes it stand
    /// still, and what it shows old.
    pub fn longest_still(&self) -> u64 {
        self.longest_still.load(Ordering::Relaxed)
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of it has been printed by itself.
            let _ = thread.join();
        }
    }
}

/// The latest time at or before `at_most` that the bar code can stand for. With the picture's own time the wrap
/// after 65 s is no matter, unless the picture shows the future: then it is almost 65 s wrong.
pub fn time_shown(code: u32, at_most: MonoNanos) -> MonoNanos {
    let limit = at_most.0 / NANOS_PER_MILLI;
    let back = (limit % WRAPS_MILLIS + WRAPS_MILLIS - u64::from(code)) % WRAPS_MILLIS;
    MonoNanos((limit - back.min(limit)) * NANOS_PER_MILLI)
}

struct Face {
    conn: RustConnection,
    window: Window,
    picture: Pixmap,
    gc: Gcontext,
    black: u32,
    white: u32,
}

impl Face {
    const WIDTH: u16 = barcode::BLOCKS as u16 * BLOCK_PX + 2 * MARGIN_PX;
    const HEIGHT: u16 = HEIGHT_PX + 2 * MARGIN_PX;

    fn new(display: &str, (x, y): (i16, i16)) -> Result<Self> {
        let (conn, screen) = x11rb::connect(Some(display)).context("the display does not answer")?;
        let screen = conn.setup().roots[screen].clone();
        let (window, picture, gc) = (conn.generate_id()?, conn.generate_id()?, conn.generate_id()?);
        let (depth, visual) = (x11rb::COPY_DEPTH_FROM_PARENT, x11rb::COPY_FROM_PARENT);
        let (w, h) = (Self::WIDTH, Self::HEIGHT);
        let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        conn.create_window(depth, window, screen.root, x, y, w, h, 0, class, visual, &aux)?;
        conn.create_pixmap(screen.root_depth, picture, window, w, h)?;
        conn.create_gc(gc, window, &CreateGCAux::new().graphics_exposures(0))?;
        let (black, white) = (screen.black_pixel, screen.white_pixel);
        let face = Self { conn, window, picture, gc, black, white };
        face.introduce()?;
        face.conn.map_window(window)?;
        face.conn.sync()?;
        Ok(face)
    }

    /// Class, title and process, as any application's window has them.
    fn introduce(&self) -> Result<()> {
        let class = format!("stopwatch\0{CLASS}\0");
        let (replace, string) = (PropMode::REPLACE, AtomEnum::STRING);
        self.conn.change_property8(replace, self.window, AtomEnum::WM_CLASS, string, class.as_bytes())?;
        self.conn.change_property8(replace, self.window, AtomEnum::WM_NAME, string, b"Stopwatch")?;
        let pid = self.conn.intern_atom(false, b"_NET_WM_PID")?.reply()?.atom;
        let own = [std::process::id()];
        self.conn.change_property32(replace, self.window, pid, AtomEnum::CARDINAL, &own)?;
        Ok(())
    }

    /// Drawn aside and shown by one request: no picture of the screen can hold half of it.
    fn show(&self, time: MonoNanos) -> Result<()> {
        let millis = time.0 / NANOS_PER_MILLI;
        let (w, h) = (Self::WIDTH, Self::HEIGHT);
        self.fill(self.white, &[Rectangle { x: 0, y: 0, width: w, height: h }])?;
        let blocks = barcode::blocks((millis % WRAPS_MILLIS) as u16);
        let black = (0..).zip(blocks).filter(|(_, black)| *black).map(|(i, _)| Rectangle {
            x: (MARGIN_PX + i * BLOCK_PX) as i16,
            y: MARGIN_PX as i16,
            width: BLOCK_PX,
            height: HEIGHT_PX,
        });
        self.fill(self.black, &black.collect::<Vec<_>>())?;
        self.conn.copy_area(self.picture, self.window, self.gc, 0, 0, 0, 0, w, h)?;
        self.conn.sync()?;
        Ok(())
    }

    fn fill(&self, pixel: u32, places: &[Rectangle]) -> Result<()> {
        self.conn.change_gc(self.gc, &ChangeGCAux::new().foreground(pixel))?;
        self.conn.poly_fill_rectangle(self.picture, self.gc, places)?;
        Ok(())
    }
}

/// Where the blocks are in a window whose client area is `window`.
pub fn blocks_in(window: Rect) -> Rect {
    let margin = i32::from(MARGIN_PX);
    Rect {
        x: window.x + margin,
        y: window.y + margin,
        w: barcode::BLOCKS as i32 * i32::from(BLOCK_PX),
        h: i32::from(HEIGHT_PX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_for_the_latest_time_that_it_can() {
        let check = |code, at_most, expected| {
            assert_eq!(time_shown(code, MonoNanos::from_millis(at_most)), MonoNanos::from_millis(expected));
        };
        check(5, 5, 5);
        check(5, 9, 5);
        check(6, 65_536 + 6, 65_536 + 6);
        check(7, 65_536 + 6, 7);
        check(65_535, 65_536 + 6, 65_535);
    }
}

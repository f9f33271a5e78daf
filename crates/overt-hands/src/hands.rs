//! Hands that act at once.

use std::time::Duration;

use overt_event::Point;
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::xkb::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT, Window,
};
use x11rb::protocol::xtest::{self, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use crate::locks::Locks;
use crate::{HandsError, Keyboard, Stroke};

/// How long a key or a button stays down, milliseconds: the display server waits, not we.
const HOLD_MILLIS: u32 = 8;

/// Time that programs get to read a changed keyboard map before the key is pressed, milliseconds.
const MAP_SETTLES_MILLIS: u32 = 120;

/// Input by XTEST, without a person's pauses.
pub struct Hands {
    conn: RustConnection,
    root: Window,
    keyboard: Keyboard,
}

impl Hands {
    /// Takes hold of a display's devices.
    ///
    /// Errors: the display does not answer, or has no XTEST or no XKEYBOARD.
    pub fn at(display: &str) -> Result<Self, HandsError> {
        let (conn, screen) = x11rb::connect(Some(display))?;
        conn.extension_information(xtest::X11_EXTENSION_NAME)?.ok_or(HandsError::NoXtest)?;
        conn.extension_information(xkb::X11_EXTENSION_NAME)?.ok_or(HandsError::NoXkb)?;
        conn.xkb_use_extension(1, 0)?.reply()?;
        let root = conn.setup().roots[screen].root;
        Ok(Self { keyboard: Keyboard::read(&conn)?, conn, root })
    }

    /// Moves the pointer to a place on the desktop.
    pub fn move_to(&self, to: Point) -> Result<(), HandsError> {
        let coordinate = |n: i32| i16::try_from(n).map_err(|_| HandsError::Outside);
        let (x, y) = (coordinate(to.x)?, coordinate(to.y)?);
        self.conn.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, self.root, x, y, 0)?;
        self.settle()
    }

    /// Presses and releases a button so many times where the pointer is. 1 is the left one, 3 the right one.
    pub fn press(&self, button: u8, times: u32) -> Result<(), HandsError> {
        for _ in 0..times {
            self.fake(BUTTON_PRESS_EVENT, button, 0)?;
            self.fake(BUTTON_RELEASE_EVENT, button, HOLD_MILLIS)?;
        }
        self.settle()
    }

    /// Lends a key to a character that has none, and waits until programs had the time to read it: [`Hands::type_text`] presses
    /// it at once then. Nothing tells that they did.
    ///
    /// Errors: [`HandsError::NoSpareKey`].
    pub fn lend(&mut self, c: char) -> Result<(), HandsError> {
        let (_, lent) = self.keyboard.typing(&self.conn, c)?;
        if lent {
            std::thread::sleep(Duration::from_millis(MAP_SETTLES_MILLIS.into()));
        }
        Ok(())
    }

    /// The code of a key that [`Hands::chord`] takes.
    ///
    /// Errors: [`HandsError::NoSuchKey`].
    pub fn code(&self, name: &str) -> Result<u8, HandsError> {
        Ok(self.keyboard.key(name)?.code)
    }

    /// Types into whatever has the focus, whatever layout or lock is on.
    ///
    /// Errors: [`HandsError::NoSpareKey`], with what came before it typed.
    pub fn type_text(&mut self, text: &str) -> Result<(), HandsError> {
        let locks = Locks::put_off(&self.conn)?;
        let typed = text.chars().try_for_each(|c| self.type_char(c));
        self.settle()?;
        locks.put_back(&self.conn)?;
        typed
    }

    /// Presses a chord: modifiers, then one key, such as `["ctrl", "a"]` or `["Return"]`.
    ///
    /// Errors: [`HandsError::NoSuchKey`], before anything is pressed.
    pub fn chord(&self, keys: &[String]) -> Result<(), HandsError> {
        let strokes: Vec<Stroke> = keys.iter().map(|k| self.keyboard.key(k)).collect::<Result<_, _>>()?;
        let locks = Locks::put_off(&self.conn)?;
        strokes.iter().try_for_each(|s| self.fake(KEY_PRESS_EVENT, s.code, 0))?;
        strokes.iter().rev().try_for_each(|s| self.fake(KEY_RELEASE_EVENT, s.code, HOLD_MILLIS))?;
        self.settle()?;
        locks.put_back(&self.conn)
    }

    fn type_char(&mut self, c: char) -> Result<(), HandsError> {
        let (stroke, lent) = self.keyboard.typing(&self.conn, c)?;
        self.stroke(stroke, if lent { MAP_SETTLES_MILLIS } else { 0 })
    }

    fn stroke(&self, stroke: Stroke, wait_millis: u32) -> Result<(), HandsError> {
        let shift = self.keyboard.key("shift")?.code;
        if stroke.shift {
            self.fake(KEY_PRESS_EVENT, shift, wait_millis)?;
        }
        self.fake(KEY_PRESS_EVENT, stroke.code, if stroke.shift { 0 } else { wait_millis })?;
        self.fake(KEY_RELEASE_EVENT, stroke.code, HOLD_MILLIS)?;
        if stroke.shift {
            self.fake(KEY_RELEASE_EVENT, shift, 0)?;
        }
        Ok(())
    }

    /// Queues one event; the display server waits `wait_millis` before it happens.
    fn fake(&self, kind: u8, detail: u8, wait_millis: u32) -> Result<(), HandsError> {
        self.conn.xtest_fake_input(kind, detail, wait_millis, self.root, 0, 0, 0)?;
        Ok(())
    }

    /// Returns when the display server has taken everything that was queued.
    fn settle(&self) -> Result<(), HandsError> {
        self.conn.get_input_focus()?.reply()?;
        Ok(())
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        // A display that is gone needs no keys back.
        let _ = self.keyboard.restore(&self.conn);
    }
}

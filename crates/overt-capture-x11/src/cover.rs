//! Whether a screen saver or a lock covers the display, as far as the display itself says.
//!
//! Two signs are read: the server's own saver (MIT-SCREEN-SAVER) and the property by which
//! xscreensaver says that it blanked or locked the screen. A locker that does neither is a popup of an
//! application that nobody agreed to.

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::screensaver::{self, ConnectionExt as _, State};
use x11rb::protocol::xproto::{Atom, ConnectionExt as _, Window};

use crate::error::{X11Error, if_still_there};
use crate::identity::words;

/// The signs, and what they last said.
pub(crate) struct Cover {
    root: Window,
    status: Atom,
    saver: bool,
    locker: bool,
}

impl Cover {
    /// Asks for the saver's events. The root's property events are asked for elsewhere.
    pub(crate) fn new<C: Connection>(conn: &C, root: Window) -> Result<Self, X11Error> {
        let status = conn.intern_atom(false, b"_SCREENSAVER_STATUS")?.reply()?.atom;
        let saver =
            conn.extension_information(screensaver::X11_EXTENSION_NAME)?.is_some() && watch(conn, root)?;
        let mut cover = Self { root, status, saver, locker: false };
        cover.read_status(conn)?;
        Ok(cover)
    }

    /// Takes one of the server's events.
    pub(crate) fn on_event<C: Connection>(&mut self, conn: &C, event: &Event) -> Result<(), X11Error> {
        match event {
            Event::ScreensaverNotify(e) => self.saver = matches!(e.state, State::ON | State::CYCLE),
            Event::PropertyNotify(e) if e.window == self.root && e.atom == self.status => {
                self.read_status(conn)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the desktop cannot be seen.
    pub(crate) fn is_on(&self) -> bool {
        self.saver || self.locker
    }

    /// The first word is 0 while the screen is free (xscreensaver 5 and 6, `XA_SCREENSAVER_STATUS`).
    fn read_status<C: Connection>(&mut self, conn: &C) -> Result<(), X11Error> {
        let words = words(conn, self.root, self.status)?;
        self.locker = words.first().is_some_and(|state| *state != 0);
        Ok(())
    }
}

/// Asks for the saver's events, and says whether it is on.
fn watch<C: Connection>(conn: &C, root: Window) -> Result<bool, X11Error> {
    conn.screensaver_query_version(1, 1)?.reply()?;
    conn.screensaver_select_input(root, screensaver::Event::NOTIFY_MASK)?.check()?;
    let info = if_still_there(conn.screensaver_query_info(root)?.reply())?;
    Ok(info.is_some_and(|i| i.state == u8::from(State::ON)))
}

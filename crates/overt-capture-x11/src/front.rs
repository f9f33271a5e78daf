//! Which window has the focus, for whoever asks "what would be recorded now?".

use overt_event::{AppIdentity, WindowKind};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window};
use x11rb::rust_connection::RustConnection;

use crate::error::X11Error;
use crate::identity::{Atoms, about, words};
use crate::screen::connect;

/// A look at the window that has the focus, by the same facts that capture goes by. Nothing else is
/// looked at: no title, no picture, no key.
pub struct Front {
    conn: RustConnection,
    root: Window,
    atoms: Atoms,
}

impl Front {
    /// Errors: the display (`None`: `$DISPLAY`) cannot be reached.
    pub fn open(display: Option<&str>) -> Result<Self, X11Error> {
        let (conn, screen) = connect(display)?;
        let atoms = Atoms::new(&conn)?.reply()?;
        let mask = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        conn.change_window_attributes(screen.root, &mask)?.check()?;
        Ok(Self { conn, root: screen.root, atoms })
    }

    /// The window's owner and kind; `None` when no window has the focus.
    ///
    /// Errors: the display went away.
    pub fn now(&self) -> Result<Option<(AppIdentity, WindowKind)>, X11Error> {
        let active = words(&self.conn, self.root, self.atoms._NET_ACTIVE_WINDOW)?;
        let Some(window) = active.first().copied().filter(|w| *w != x11rb::NONE) else { return Ok(None) };
        let about = about(&self.conn, &self.atoms, window, false)?;
        Ok(about.kind.map(|kind| (about.app, kind)))
    }

    /// Waits until another window may have the focus.
    ///
    /// Errors: the display went away.
    pub fn wait(&self) -> Result<(), X11Error> {
        loop {
            if let Event::PropertyNotify(e) = self.conn.wait_for_event()?
                && e.atom == self.atoms._NET_ACTIVE_WINDOW
            {
                return Ok(());
            }
        }
    }
}

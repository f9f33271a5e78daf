//! Which window has the focus, for whoever asks "what would be recorded now?".

use std::time::Duration;

use overt_event::{AppIdentity, Rect, WindowId, WindowKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window};
use x11rb::rust_connection::RustConnection;

use crate::error::{X11Error, if_still_there};
use crate::identity::{About, Atoms, about, outer_bounds, title_of, top_level_of, window_id, words};
use crate::screen::connect;

/// The window that has the focus.
pub struct InFront {
    pub id: WindowId,
    pub app: AppIdentity,
    pub kind: WindowKind,
    pub pid: Option<u32>,
    about: About,
}

/// A look at the window that has the focus, by the same facts that capture goes by. Nothing else is
/// looked at: no picture, no key; the title only where [`Front::place`] is asked.
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

    /// `None` when no window has the focus.
    ///
    /// Errors: the display went away.
    pub fn now(&self) -> Result<Option<InFront>, X11Error> {
        let active = words(&self.conn, self.root, self.atoms._NET_ACTIVE_WINDOW)?;
        let Some(window) = active.first().copied().filter(|w| *w != x11rb::NONE) else { return Ok(None) };
        let about = about(&self.conn, &self.atoms, window, false)?;
        let Some(kind) = about.kind else { return Ok(None) };
        let (id, app, pid) = (window_id(window), about.app.clone(), about.pid);
        Ok(Some(InFront { id, app, kind, pid, about }))
    }

    /// What is seen of the window, physical pixels on the desktop, and its title: by these its application finds
    /// it. `None` when it is gone.
    ///
    /// Errors: the display went away.
    pub fn place(&self, window: &InFront) -> Result<Option<(Rect, String)>, X11Error> {
        let Some(top) = top_level_of(&self.conn, window.id.0)? else { return Ok(None) };
        let Some(geometry) = if_still_there(self.conn.get_geometry(top)?.reply())? else { return Ok(None) };
        let bounds = window.about.visible_part(outer_bounds(&geometry));
        Ok(Some((bounds, title_of(&self.conn, &self.atoms, window.id.0)?)))
    }

    /// Waits until another window may have the focus, or for this long.
    ///
    /// Errors: the display went away.
    pub fn wait(&self, at_most: Option<Duration>) -> Result<(), X11Error> {
        loop {
            while let Some(event) = self.conn.poll_for_event()? {
                if matches!(event, Event::PropertyNotify(e) if e.atom == self.atoms._NET_ACTIVE_WINDOW) {
                    return Ok(());
                }
            }
            let mut socket = [PollFd::new(self.conn.stream(), PollFlags::IN)];
            let time = at_most.and_then(|t| Timespec::try_from(t).ok());
            if poll(&mut socket, time.as_ref()) == Ok(0) {
                return Ok(());
            }
        }
    }
}

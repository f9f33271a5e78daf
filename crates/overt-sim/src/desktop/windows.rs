//! Top-level windows, and waiting for them by the display server's own events.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use overt_event::Rect;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, EventMask, MapState,
    Window,
};
use x11rb::rust_connection::RustConnection;

/// How many 32-bit words of a property are read.
const PROPERTY_WORDS_MAX: u32 = 4096;

x11rb::atom_manager! {
    /// The names of the window manager's properties.
    Names: NamesCookie {
        _NET_ACTIVE_WINDOW,
        _NET_CLIENT_LIST,
        _NET_SUPPORTING_WM_CHECK,
        _NET_WM_NAME,
        _NET_WM_PID,
    }
}

/// A top-level window as the window manager lists it, or a popup without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowFacts {
    pub id: u32,
    /// The class part of `WM_CLASS`; empty when the window has none.
    pub class: String,
    pub title: String,
    /// The client's area without the window manager's frame, on the desktop.
    pub bounds: Rect,
    pub pid: Option<u32>,
    /// It has the keyboard focus, says the window manager.
    pub active: bool,
}

/// One look at the windows of a display after the other.
pub struct Windows {
    conn: RustConnection,
    root: Window,
    names: Names,
}

impl Windows {
    /// Connects and asks for the events that tell of windows.
    pub fn connect(display: &str) -> Result<Self> {
        let (conn, screen) = x11rb::connect(Some(display)).context("the display does not answer")?;
        let names = Names::new(&conn)?.reply()?;
        let root = conn.setup().roots[screen].root;
        select(&conn, root, EventMask::SUBSTRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE)?;
        conn.get_input_focus()?.reply()?;
        Ok(Self { conn, root, names })
    }

    /// The managed windows, oldest first.
    pub fn managed(&self) -> Result<Vec<WindowFacts>> {
        let active = self.words(self.root, self.names._NET_ACTIVE_WINDOW, AtomEnum::WINDOW)?;
        let ids = self.words(self.root, self.names._NET_CLIENT_LIST, AtomEnum::WINDOW)?;
        // A window may vanish between the list and the question: then it is not there.
        Ok(ids.into_iter().filter_map(|id| self.facts(id, active.first() == Some(&id)).ok()).collect())
    }

    /// The mapped override-redirect windows, bottom first: menus, dropdowns, tooltips.
    pub fn popups(&self) -> Result<Vec<WindowFacts>> {
        let tree = self.conn.query_tree(self.root)?.reply()?;
        let is_popup = |id: &Window| {
            let attributes = self.conn.get_window_attributes(*id).ok()?.reply().ok()?;
            Some(attributes.override_redirect && attributes.map_state == MapState::VIEWABLE)
        };
        let ids = tree.children.into_iter().filter(|id| is_popup(id) == Some(true));
        let facts = ids.filter_map(|id| self.facts(id, false).ok());
        Ok(facts.filter(|w| w.bounds.x >= 0 && w.bounds.w > 4 && w.bounds.h > 4).collect())
    }

    /// Looks again at each event of the display until `found` answers, or the time is up.
    pub fn wait<T>(
        &self,
        what: &str,
        within: Duration,
        mut found: impl FnMut(&Self) -> Result<Option<T>>,
    ) -> Result<T> {
        let deadline = Instant::now() + within;
        loop {
            while self.conn.poll_for_event()?.is_some() {}
            if let Some(answer) = found(self)? {
                return Ok(answer);
            }
            if !self.await_event(deadline)? {
                bail!(
                    "{what} did not come within {} ms. Look whether its program started.",
                    within.as_millis()
                );
            }
        }
    }

    /// Waits for a managed, mapped window of this class.
    pub fn wait_for_class(&self, class: &str, within: Duration) -> Result<WindowFacts> {
        self.wait(&format!("a window of {class}"), within, |w| {
            Ok(w.managed()?.into_iter().find(|facts| facts.class.eq_ignore_ascii_case(class)))
        })
    }

    /// Waits until the window manager says that it is there.
    pub(super) fn wait_for_manager(&self, within: Duration) -> Result<()> {
        self.wait("the window manager", within, |w| {
            let check = w.words(w.root, w.names._NET_SUPPORTING_WM_CHECK, AtomEnum::WINDOW)?;
            Ok((!check.is_empty()).then_some(()))
        })
    }

    /// Asks the window manager to move and size a window.
    pub fn place(&self, id: u32, bounds: Rect) -> Result<()> {
        let to = ConfigureWindowAux::new()
            .x(bounds.x)
            .y(bounds.y)
            .width(u32::try_from(bounds.w)?)
            .height(u32::try_from(bounds.h)?);
        self.conn.configure_window(id, &to)?;
        self.conn.flush()?;
        Ok(())
    }

    /// Paints the bare desktop in one colour (0xRRGGBB).
    pub(super) fn paint_root(&self, colour: u32) -> Result<()> {
        let to = ChangeWindowAttributesAux::new().background_pixel(colour);
        self.conn.change_window_attributes(self.root, &to)?;
        self.conn.clear_area(false, self.root, 0, 0, 0, 0)?.check()?;
        Ok(())
    }

    fn await_event(&self, deadline: Instant) -> Result<bool> {
        self.conn.flush()?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        // An event may already lie in the connection's own buffer: then the socket stays silent.
        if self.conn.poll_for_event()?.is_some() {
            return Ok(true);
        }
        match poll(&mut [PollFd::new(self.conn.stream(), PollFlags::IN)], Some(&left)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(true),
            Err(e) => Err(e.into()),
        }
    }

    fn facts(&self, id: Window, active: bool) -> Result<WindowFacts> {
        // Titles and sizes change without the root hearing of it.
        select(&self.conn, id, EventMask::PROPERTY_CHANGE | EventMask::STRUCTURE_NOTIFY)?;
        let size = self.conn.get_geometry(id)?.reply()?;
        let at = self.conn.translate_coordinates(id, self.root, 0, 0)?.reply()?;
        let bounds =
            Rect { x: at.dst_x.into(), y: at.dst_y.into(), w: size.width.into(), h: size.height.into() };
        let class = self.bytes(id, AtomEnum::WM_CLASS.into())?;
        let class = class.split(|b| *b == 0).nth(1).unwrap_or_default();
        let mut title = self.bytes(id, self.names._NET_WM_NAME)?;
        if title.is_empty() {
            title = self.bytes(id, AtomEnum::WM_NAME.into())?;
        }
        Ok(WindowFacts {
            id,
            class: String::from_utf8_lossy(class).into_owned(),
            title: String::from_utf8_lossy(&title).into_owned(),
            bounds,
            pid: self.words(id, self.names._NET_WM_PID, AtomEnum::CARDINAL)?.first().copied(),
            active,
        })
    }

    fn bytes(&self, id: Window, name: Atom) -> Result<Vec<u8>> {
        let got = self.conn.get_property(false, id, name, AtomEnum::ANY, 0, PROPERTY_WORDS_MAX)?;
        Ok(got.reply()?.value)
    }

    fn words(&self, id: Window, name: Atom, kind: AtomEnum) -> Result<Vec<u32>> {
        let got = self.conn.get_property(false, id, name, kind, 0, PROPERTY_WORDS_MAX)?.reply()?;
        Ok(got.value32().map(Iterator::collect).unwrap_or_default())
    }
}

fn select(conn: &RustConnection, id: Window, mask: EventMask) -> Result<()> {
    conn.change_window_attributes(id, &ChangeWindowAttributesAux::new().event_mask(mask))?;
    Ok(())
}

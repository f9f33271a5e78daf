//! The windows that applications opened, and what happens to them, as events.

use std::collections::BTreeMap;

use overt_capture::monotonic_now;
use overt_event::{MonoNanos, RawBody, Rect, WindowChange, WindowKind, WindowReport, Workspace};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, MapState, PropertyNotifyEvent,
    Window, WindowClass,
};

use crate::error::{X11Error, if_still_there};
use crate::identity::{
    About, Atoms, Kin, about, is_servers, outer_bounds, outer_rect, title_of, top_level_of, window_id, words,
};
use crate::shared::{OwnWindows, Port};

/// A window that is dragged tells its place ten times a second.
const MOVED_MILLIS_MIN: u64 = 100;

/// What is known of an open window.
#[derive(Clone)]
struct Known {
    about: About,
    title: String,
    /// Its child of the root: a frame, or itself.
    top_level: Window,
    bounds: Rect,
    moved: bool,
    /// Whether its opening left through the port.
    announced: bool,
}

/// Follows the managed windows, the popups and which window is active.
pub(crate) struct Windows {
    root: Window,
    atoms: Atoms,
    own: OwnWindows,
    excluded_pid: Option<u32>,
    clients: BTreeMap<Window, Known>,
    popups: BTreeMap<Window, Known>,
    active: Option<Window>,
    workspace: Option<Workspace>,
    /// Announced, and closed while nothing could leave.
    departed: BTreeMap<Window, Known>,
    moved_told_at: MonoNanos,
}

impl Windows {
    /// Asks for the root's events and learns what is open.
    pub(crate) fn new<C: Connection>(
        conn: &C,
        root: Window,
        own: OwnWindows,
        excluded_pid: Option<u32>,
        port: &Port,
    ) -> Result<Self, X11Error> {
        let atoms = Atoms::new(conn)?.reply()?;
        let mask = EventMask::PROPERTY_CHANGE | EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY;
        conn.change_window_attributes(root, &ChangeWindowAttributesAux::new().event_mask(mask))?.check()?;
        let mut windows = Self {
            root,
            atoms,
            own,
            excluded_pid,
            clients: BTreeMap::new(),
            popups: BTreeMap::new(),
            active: None,
            workspace: None,
            departed: BTreeMap::new(),
            moved_told_at: MonoNanos(0),
        };
        windows.client_list_changed(conn, port)?;
        for window in conn.query_tree(root)?.reply()?.children {
            windows.popup_mapped(conn, port, window)?;
        }
        windows.active = windows.read_active(conn)?;
        windows.workspace = windows.read_workspace(conn)?;
        Ok(windows)
    }

    /// Tells the state of things: what closed unseen, what is open, and what is active.
    pub(crate) fn announce<C: Connection>(&mut self, conn: &C, port: &Port) -> Result<(), X11Error> {
        for (window, known) in std::mem::take(&mut self.departed) {
            let change = if known.about.kind == Some(WindowKind::Popup) {
                WindowChange::PopupClosed
            } else {
                WindowChange::Closed
            };
            port.tell(self.report(change, window, &known));
        }
        let clients: Vec<Window> = self.clients.keys().copied().collect();
        clients.into_iter().for_each(|window| self.tell_client(port, window));
        let popups: Vec<Window> = self.popups.keys().copied().collect();
        for window in popups {
            self.popups.entry(window).and_modify(|p| p.announced = false);
            self.tell_popup(port, window);
        }
        self.workspace = self.read_workspace(conn)?;
        if let Some(workspace) = self.workspace {
            port.tell(RawBody::Workspace(workspace));
        }
        self.active = self.read_active(conn)?.or(self.active);
        self.tell_active(conn, port)
    }

    fn tell_client(&mut self, port: &Port, window: Window) {
        let Some(client) = self.clients.get(&window) else { return };
        let announced = port.tell(self.report(WindowChange::Opened, window, client));
        if let Some(client) = self.clients.get_mut(&window) {
            client.announced = announced;
        }
    }

    /// Takes one of the server's events; those of no interest are passed over.
    pub(crate) fn on_event<C: Connection>(
        &mut self,
        conn: &C,
        port: &Port,
        event: &Event,
    ) -> Result<(), X11Error> {
        match event {
            Event::PropertyNotify(e) => self.property_changed(conn, port, e),
            Event::MapNotify(e) if e.event == self.root && e.override_redirect => {
                self.popup_mapped(conn, port, e.window)
            }
            Event::UnmapNotify(e) if e.event == self.root => {
                self.popup_gone(port, e.window);
                Ok(())
            }
            Event::DestroyNotify(e) if e.event == self.root => {
                self.popup_gone(port, e.window);
                Ok(())
            }
            Event::DestroyNotify(e) => {
                self.client_gone(port, e.window);
                Ok(())
            }
            Event::ReparentNotify(e) if e.event == self.root => self.reparented(conn, e.window),
            Event::ConfigureNotify(e) if e.event == self.root => {
                self.moved(port, e.window, outer_rect(e.x, e.y, e.width, e.height, e.border_width));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn property_changed<C: Connection>(
        &mut self,
        conn: &C,
        port: &Port,
        e: &PropertyNotifyEvent,
    ) -> Result<(), X11Error> {
        if e.window == self.root {
            return match e.atom {
                a if a == self.atoms._NET_CLIENT_LIST => self.client_list_changed(conn, port),
                a if a == self.atoms._NET_ACTIVE_WINDOW => self.active_changed(conn, port),
                a if a == self.atoms._NET_CURRENT_DESKTOP || a == self.atoms._NET_NUMBER_OF_DESKTOPS => {
                    self.workspace_changed(conn, port)
                }
                _ => Ok(()),
            };
        }
        if self.is_identity(e.atom) {
            return self.identity_changed(conn, port, e.window);
        }
        let is_title = e.atom == self.atoms._NET_WM_NAME || e.atom == u32::from(AtomEnum::WM_NAME);
        if is_title && self.active == Some(e.window) {
            return self.title_changed(conn, port, e.window);
        }
        Ok(())
    }

    fn is_identity(&self, atom: Atom) -> bool {
        atom == u32::from(AtomEnum::WM_CLASS)
            || atom == self.atoms._NET_WM_WINDOW_TYPE
            || atom == self.atoms._GTK_FRAME_EXTENTS
    }

    fn client_list_changed<C: Connection>(&mut self, conn: &C, port: &Port) -> Result<(), X11Error> {
        let listed = words(conn, self.root, self.atoms._NET_CLIENT_LIST)?;
        let gone: Vec<Window> = self.clients.keys().copied().filter(|w| !listed.contains(w)).collect();
        gone.into_iter().for_each(|window| self.client_gone(port, window));
        for window in listed {
            if !self.clients.contains_key(&window)
                && let Some(known) = self.learn(conn, window, false)?
            {
                self.clients.insert(window, known);
                self.tell_client(port, window);
                // It may have been named the active one, and told so, before it was told opened.
                if self.active == Some(window) {
                    self.tell_active(conn, port)?;
                }
            }
        }
        Ok(())
    }

    /// The server may give the number of a window that is gone to the next one, which is another: its opening and its focus are
    /// told as any other's.
    fn client_gone(&mut self, port: &Port, window: Window) {
        if let Some(known) = self.clients.remove(&window) {
            self.tell_gone(port, WindowChange::Closed, window, known);
        }
        self.active = self.active.filter(|active| *active != window);
    }

    fn tell_gone(&mut self, port: &Port, change: WindowChange, window: Window, known: Known) {
        if known.announced && !port.tell(self.report(change, window, &known)) {
            self.departed.insert(window, known);
        }
    }

    /// `None` without a window manager that has workspaces.
    fn read_workspace<C: Connection>(&self, conn: &C) -> Result<Option<Workspace>, X11Error> {
        let index = words(conn, self.root, self.atoms._NET_CURRENT_DESKTOP)?.first().copied();
        let count = words(conn, self.root, self.atoms._NET_NUMBER_OF_DESKTOPS)?.first().copied();
        Ok(index.zip(count).map(|(index, count)| Workspace { index, count }))
    }

    fn workspace_changed<C: Connection>(&mut self, conn: &C, port: &Port) -> Result<(), X11Error> {
        let workspace = self.read_workspace(conn)?;
        if let Some(shown) = workspace.filter(|_| workspace != self.workspace) {
            self.workspace = workspace;
            port.tell(RawBody::Workspace(shown));
        }
        Ok(())
    }

    fn read_active<C: Connection>(&self, conn: &C) -> Result<Option<Window>, X11Error> {
        let active = words(conn, self.root, self.atoms._NET_ACTIVE_WINDOW)?;
        // Window managers pass through 0 on the way from one window to the next.
        Ok(active.first().copied().filter(|w| *w != x11rb::NONE))
    }

    fn active_changed<C: Connection>(&mut self, conn: &C, port: &Port) -> Result<(), X11Error> {
        let active = self.read_active(conn)?;
        if active.is_none() || active == self.active {
            return Ok(());
        }
        self.active = active;
        self.tell_active(conn, port)
    }

    /// Tells that the active window has the focus, with its title of this moment; also one that is not listed, for the
    /// keys go there.
    fn tell_active<C: Connection>(&mut self, conn: &C, port: &Port) -> Result<(), X11Error> {
        let Some(window) = self.active else { return Ok(()) };
        let known = match self.clients.get(&window) {
            Some(known) => Some(Known { title: title_of(conn, &self.atoms, window)?, ..known.clone() }),
            None => self.learn(conn, window, false)?,
        };
        let Some(known) = known else {
            // Openbox goes on naming a window that is gone, and the next one may get its number.
            self.active = None;
            return Ok(());
        };
        port.tell(self.report(WindowChange::Focused, window, &known));
        if let Some(client) = self.clients.get_mut(&window) {
            client.title = known.title;
        }
        Ok(())
    }

    fn title_changed<C: Connection>(
        &mut self,
        conn: &C,
        port: &Port,
        window: Window,
    ) -> Result<(), X11Error> {
        let title = title_of(conn, &self.atoms, window)?;
        let Some(client) = self.clients.get_mut(&window).filter(|c| c.title != title) else { return Ok(()) };
        client.title = title;
        let known = client.clone();
        port.tell(self.report(WindowChange::Retitled, window, &known));
        Ok(())
    }

    /// A window that says to be another's after it was told (LibreOffice names its module once it has a window) is
    /// told again: what may be kept of it may be more or less than before.
    fn identity_changed<C: Connection>(
        &mut self,
        conn: &C,
        port: &Port,
        window: Window,
    ) -> Result<(), X11Error> {
        if !self.clients.contains_key(&window) {
            return Ok(());
        }
        let about = self.about(conn, window, false)?;
        let Some(client) = self.clients.get_mut(&window) else { return Ok(()) };
        let before = std::mem::replace(&mut client.about, about);
        if client.about.is_of_the_same(&before) {
            return Ok(());
        }
        self.tell_client(port, window);
        if self.active == Some(window) {
            self.tell_active(conn, port)?;
        }
        Ok(())
    }

    fn reparented<C: Connection>(&mut self, conn: &C, window: Window) -> Result<(), X11Error> {
        if self.clients.contains_key(&window)
            && let Some((top_level, outer)) = place_of(conn, window)?
            && let Some(client) = self.clients.get_mut(&window)
        {
            client.top_level = top_level;
            client.bounds = client.about.visible_part(outer);
        }
        Ok(())
    }

    fn moved(&mut self, port: &Port, top_level: Window, outer: Rect) {
        let moved = |known: &mut Known| {
            let bounds = known.about.visible_part(outer);
            known.moved |= known.bounds != bounds;
            known.bounds = bounds;
        };
        self.clients.values_mut().filter(|k| k.top_level == top_level).for_each(moved);
        if let Some(popup) = self.popups.get_mut(&top_level) {
            popup.bounds = popup.about.visible_part(outer);
            self.tell_popup(port, top_level);
        }
    }

    /// When windows that moved may be told; `None` when none did.
    pub(crate) fn moves_due_at(&self) -> Option<MonoNanos> {
        self.clients.values().any(|k| k.moved).then(|| self.moved_told_at.plus_millis(MOVED_MILLIS_MIN))
    }

    /// Tells where the windows that moved are.
    pub(crate) fn tell_moves(&mut self, port: &Port) {
        self.moved_told_at = monotonic_now();
        let moved: Vec<Window> = self.clients.iter().filter(|(_, k)| k.moved).map(|(w, _)| *w).collect();
        for window in moved {
            if let Some(client) = self.clients.get_mut(&window) {
                client.moved = false;
                let known = client.clone();
                port.tell(self.report(WindowChange::Moved, window, &known));
            }
        }
    }

    fn popup_mapped<C: Connection>(&mut self, conn: &C, port: &Port, window: Window) -> Result<(), X11Error> {
        if is_servers(conn, window) || self.popups.contains_key(&window) || !is_shown_popup(conn, window)? {
            return Ok(());
        }
        if let Some(known) = self.learn(conn, window, true)? {
            self.popups.insert(window, known);
            self.tell_popup(port, window);
        }
        Ok(())
    }

    /// Tells a popup the first time that it is on the screen.
    fn tell_popup(&mut self, port: &Port, window: Window) {
        let Some(popup) = self.popups.get(&window).filter(|p| !p.announced && is_on_screen(p.bounds)) else {
            return;
        };
        let announced = port.tell(self.report(WindowChange::PopupOpened, window, popup));
        if let Some(popup) = self.popups.get_mut(&window) {
            popup.announced = announced;
        }
    }

    fn popup_gone(&mut self, port: &Port, window: Window) {
        if let Some(known) = self.popups.remove(&window) {
            self.tell_gone(port, WindowChange::PopupClosed, window, known);
        }
    }

    fn learn<C: Connection>(&self, conn: &C, window: Window, popup: bool) -> Result<Option<Known>, X11Error> {
        if !popup {
            // Its end, too: the manager's list may name the next window of this number by the time that it is read.
            let mask = EventMask::PROPERTY_CHANGE | EventMask::STRUCTURE_NOTIFY;
            conn.change_window_attributes(window, &ChangeWindowAttributesAux::new().event_mask(mask))?;
        }
        let about = self.about(conn, window, popup)?;
        let title = title_of(conn, &self.atoms, window)?;
        Ok(place_of(conn, window)?.map(|(top_level, outer)| Known {
            bounds: about.visible_part(outer),
            about,
            title,
            top_level,
            moved: false,
            announced: false,
        }))
    }

    fn about<C: Connection>(&self, conn: &C, window: Window, popup: bool) -> Result<About, X11Error> {
        let mut about = about(conn, &self.atoms, window, popup)?;
        if popup {
            let kin = self.clients.iter().map(|(window, known)| Kin {
                window: *window,
                pid: known.about.pid,
                class: known.about.app.class.as_deref(),
            });
            about.adopt_class(window, conn.setup().resource_id_mask, kin);
        }
        Ok(about)
    }

    fn report(&self, change: WindowChange, window: Window, known: &Known) -> RawBody {
        let pid = known.about.pid;
        RawBody::Window(WindowReport {
            change,
            window: window_id(window),
            app: known.about.app.clone(),
            pid,
            kind: known.about.kind.unwrap_or(WindowKind::Unknown),
            bounds: known.bounds,
            title: known.title.clone(),
            own: self.own.contains(window) || (pid.is_some() && pid == self.excluded_pid),
        })
    }
}

/// The child of the root that holds the window, and where that lies.
fn place_of<C: Connection>(conn: &C, window: Window) -> Result<Option<(Window, Rect)>, X11Error> {
    let Some(top_level) = top_level_of(conn, window)? else { return Ok(None) };
    let geometry = if_still_there(conn.get_geometry(top_level)?.reply())?;
    Ok(geometry.map(|g| (top_level, outer_bounds(&g))))
}

/// Programs park windows that nobody shall see above or left of the screen.
fn is_on_screen(bounds: Rect) -> bool {
    !bounds.is_empty() && bounds.x.saturating_add(bounds.w) > 0 && bounds.y.saturating_add(bounds.h) > 0
}

/// Whether a child of the root is a popup that can be seen.
fn is_shown_popup<C: Connection>(conn: &C, window: Window) -> Result<bool, X11Error> {
    let attributes = if_still_there(conn.get_window_attributes(window)?.reply())?;
    Ok(attributes.is_some_and(|a| {
        a.override_redirect && a.class == WindowClass::INPUT_OUTPUT && a.map_state == MapState::VIEWABLE
    }))
}

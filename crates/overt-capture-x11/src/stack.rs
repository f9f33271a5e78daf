//! Which windows can be seen, bottom first, and whether that still holds.

use std::collections::BTreeMap;

use overt_event::{Rect, VisibleWindow, WindowId, WindowKind};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, MapState, Window, WindowClass,
};

use crate::error::{X11Error, if_still_there};
use crate::identity::{About, Atoms, Kin, about, client_in, is_servers, outer_bounds, window_id};
use crate::shared::OwnWindows;

/// What an event of the server does to the picture of the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is about something else.
    None,
    /// The order, the place or the owner of a window changed.
    Changed,
    /// As before, and what lay under a window may show until its owner has painted it.
    Uncovered,
}

/// A child of the root that can be seen.
struct TopLevel {
    window: Window,
    outer: Rect,
    override_redirect: bool,
}

/// The client in a top-level window. `marked` is false while no window manager has said which it is.
struct Resolved {
    client: Window,
    about: About,
    marked: bool,
}

/// The visible top-level windows, kept until an event says that they changed.
pub(crate) struct Stack {
    root: Window,
    atoms: Atoms,
    own: OwnWindows,
    excluded_pid: Option<u32>,
    resolved: BTreeMap<Window, Resolved>,
    visible: Vec<VisibleWindow>,
    stale: bool,
    /// A window without a marked client is on the screen: the mark may come without an event.
    unmarked: bool,
}

impl Stack {
    /// Asks for the events of the root and its children.
    pub(crate) fn new<C: Connection>(
        conn: &C,
        root: Window,
        own: OwnWindows,
        excluded_pid: Option<u32>,
    ) -> Result<Self, X11Error> {
        let atoms = Atoms::new(conn)?.reply()?;
        let mask = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY;
        conn.change_window_attributes(root, &ChangeWindowAttributesAux::new().event_mask(mask))?.check()?;
        let (resolved, visible) = (BTreeMap::new(), Vec::new());
        Ok(Self { root, atoms, own, excluded_pid, resolved, visible, stale: true, unmarked: false })
    }

    /// Takes one of the server's events.
    pub(crate) fn on_event(&mut self, event: &Event) -> Effect {
        let effect = self.effect(event);
        self.stale |= effect != Effect::None;
        effect
    }

    fn effect(&mut self, event: &Event) -> Effect {
        match event {
            Event::MapNotify(e) => self.effect_inside(e.event, Effect::Changed),
            Event::UnmapNotify(e) => self.effect_inside(e.event, Effect::Uncovered),
            Event::DestroyNotify(e) => {
                self.resolved.remove(&e.window);
                self.effect_inside(e.event, Effect::Changed)
            }
            Event::ReparentNotify(e) => {
                self.resolved.remove(&e.window);
                self.effect_inside(e.event, Effect::Uncovered)
            }
            Event::ConfigureNotify(e) if e.event == self.root && e.window != self.root => Effect::Uncovered,
            Event::GravityNotify(e) if e.event == self.root => Effect::Uncovered,
            Event::CirculateNotify(e) if e.event == self.root => Effect::Uncovered,
            Event::PropertyNotify(e) if self.tells_who_it_is(e.atom) => self.forget_client(e.window),
            _ => Effect::None,
        }
    }

    /// An event of the root's children, or of the windows within a frame.
    fn effect_inside(&mut self, parent: Window, at_the_root: Effect) -> Effect {
        if parent == self.root {
            return at_the_root;
        }
        if self.resolved.remove(&parent).is_some() { Effect::Changed } else { Effect::None }
    }

    fn tells_who_it_is(&self, atom: u32) -> bool {
        atom == u32::from(AtomEnum::WM_CLASS)
            || atom == self.atoms.WM_STATE
            || atom == self.atoms._NET_WM_WINDOW_TYPE
            || atom == self.atoms._GTK_FRAME_EXTENTS
    }

    fn forget_client(&mut self, window: Window) -> Effect {
        let before = self.resolved.len();
        self.resolved.retain(|top_level, r| *top_level != window && r.client != window);
        if self.resolved.len() < before { Effect::Changed } else { Effect::None }
    }

    /// Whether the windows may stand otherwise than when they were last read.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// The windows as last read, bottom first.
    pub(crate) fn visible(&self) -> &[VisibleWindow] {
        &self.visible
    }

    /// The client in a child of the root, as last read.
    pub(crate) fn client_of(&self, top_level: Window) -> Option<WindowId> {
        self.resolved.get(&top_level).map(|r| window_id(r.client))
    }

    /// Reads the stack if it may have changed. Events that came meanwhile make it stale again.
    pub(crate) fn refresh<C: Connection>(&mut self, conn: &C, screen: Rect) -> Result<(), X11Error> {
        if !self.stale && !self.unmarked {
            return Ok(());
        }
        self.stale = false;
        let top_levels = self.read_top_levels(conn, screen)?;
        self.resolved.retain(|w, r| r.marked && top_levels.iter().any(|t| t.window == *w));
        for top_level in &top_levels {
            if !self.resolved.contains_key(&top_level.window) {
                let resolved = self.resolve(conn, top_level)?;
                self.resolved.insert(top_level.window, resolved);
            }
        }
        self.unmarked = self.resolved.values().any(|r| !r.marked);
        self.visible = top_levels.iter().filter_map(|t| self.visible_window(conn, t)).collect();
        Ok(())
    }

    fn read_top_levels<C: Connection>(&self, conn: &C, screen: Rect) -> Result<Vec<TopLevel>, X11Error> {
        let children = conn.query_tree(self.root)?.reply()?.children;
        let mut asked = Vec::with_capacity(children.len());
        for window in children.into_iter().filter(|w| !is_servers(conn, *w)) {
            asked.push((window, conn.get_window_attributes(window)?, conn.get_geometry(window)?));
        }
        let mut top_levels = Vec::new();
        for (window, attributes, geometry) in asked {
            let (attributes, geometry) =
                (if_still_there(attributes.reply())?, if_still_there(geometry.reply())?);
            let Some((a, g)) = attributes.zip(geometry) else { continue };
            let outer = outer_bounds(&g);
            let seen = a.map_state == MapState::VIEWABLE && a.class == WindowClass::INPUT_OUTPUT;
            if seen && outer.intersect(screen).is_some() {
                top_levels.push(TopLevel { window, outer, override_redirect: a.override_redirect });
            }
        }
        Ok(top_levels)
    }

    fn resolve<C: Connection>(&self, conn: &C, t: &TopLevel) -> Result<Resolved, X11Error> {
        let client = if t.override_redirect {
            Some(t.window)
        } else {
            self.watch(conn, t.window, EventMask::SUBSTRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE)?;
            client_in(conn, &self.atoms, t.window)?
        };
        let marked = client.is_some();
        let client = client.unwrap_or(t.window);
        // A client in a frame has its own children, which are nobody's business here.
        if client != t.window || t.override_redirect {
            self.watch(conn, client, EventMask::PROPERTY_CHANGE)?;
        }
        let about = about(conn, &self.atoms, client, t.override_redirect)?;
        Ok(Resolved { client, about, marked })
    }

    fn watch<C: Connection>(&self, conn: &C, window: Window, mask: EventMask) -> Result<(), X11Error> {
        conn.change_window_attributes(window, &ChangeWindowAttributesAux::new().event_mask(mask))?;
        Ok(())
    }

    fn visible_window<C: Connection>(&self, conn: &C, t: &TopLevel) -> Option<VisibleWindow> {
        let resolved = self.resolved.get(&t.window)?;
        let mut about = resolved.about.clone();
        if t.override_redirect {
            let kin = self.resolved.values().map(|r| Kin {
                window: r.client,
                pid: r.about.pid,
                class: r.about.app.class.as_deref(),
            });
            about.adopt_class(t.window, conn.setup().resource_id_mask, kin);
        }
        let own =
            self.own.contains(resolved.client) || (about.pid.is_some() && about.pid == self.excluded_pid);
        Some(VisibleWindow {
            id: window_id(resolved.client),
            bounds: about.visible_part(t.outer),
            pid: about.pid,
            kind: about.kind.unwrap_or(WindowKind::Unknown),
            app: about.app,
            own,
        })
    }
}

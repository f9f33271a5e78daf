//! Whose window it is: what the server and the kernel say, beside what the window claims.

use overt_event::{AppIdentity, Rect, WindowId, WindowKind};
use x11rb::connection::Connection;
use x11rb::protocol::res::{ClientIdMask, ClientIdSpec, query_client_ids};
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, GetGeometryReply, GetPropertyReply, Window,
};

use crate::error::{X11Error, if_still_there};

x11rb::atom_manager! {
    /// The names of properties and window types that capture reads.
    pub(crate) Atoms: AtomsCookie {
        UTF8_STRING,
        WM_STATE,
        _GTK_FRAME_EXTENTS,
        _NET_ACTIVE_WINDOW,
        _NET_CLIENT_LIST,
        _NET_CURRENT_DESKTOP,
        _NET_NUMBER_OF_DESKTOPS,
        _NET_SUPPORTING_WM_CHECK,
        _NET_WM_NAME,
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_COMBO,
        _NET_WM_WINDOW_TYPE_DESKTOP,
        _NET_WM_WINDOW_TYPE_DIALOG,
        _NET_WM_WINDOW_TYPE_DOCK,
        _NET_WM_WINDOW_TYPE_DROPDOWN_MENU,
        _NET_WM_WINDOW_TYPE_MENU,
        _NET_WM_WINDOW_TYPE_NORMAL,
        _NET_WM_WINDOW_TYPE_NOTIFICATION,
        _NET_WM_WINDOW_TYPE_POPUP_MENU,
        _NET_WM_WINDOW_TYPE_SPLASH,
        _NET_WM_WINDOW_TYPE_TOOLBAR,
        _NET_WM_WINDOW_TYPE_TOOLTIP,
        _NET_WM_WINDOW_TYPE_UTILITY,
    }
}

/// A property longer than this (in 4-byte units) is cut: no title or list of windows needs more.
const PROPERTY_UNITS_MAX: u32 = 4096;
const TITLE_CHARS_MAX: usize = 1024;
/// How many windows deep a window manager may put a client into its frame.
const FRAME_DEPTH_MAX: usize = 4;

/// What does not change while a window lives, or says so by an event when it does.
#[derive(Clone, Default)]
pub(crate) struct About {
    pub(crate) app: AppIdentity,
    pub(crate) pid: Option<u32>,
    pub(crate) kind: Option<WindowKind>,
    /// The invisible border that a client draws around itself: left, right, top, bottom.
    margins: [i32; 4],
}

/// Another window, to borrow a class from.
pub(crate) struct Kin<'a> {
    pub(crate) window: Window,
    pub(crate) pid: Option<u32>,
    pub(crate) class: Option<&'a str>,
}

/// Whether the server itself made the window (the compositor's overlay, a screen saver's cover).
pub(crate) fn is_servers<C: Connection>(conn: &C, window: Window) -> bool {
    window & !conn.setup().resource_id_mask == 0
}

pub(crate) fn property<C: Connection>(
    conn: &C,
    window: Window,
    name: impl Into<Atom>,
) -> Result<Option<GetPropertyReply>, X11Error> {
    let cookie = conn.get_property(false, window, name, AtomEnum::ANY, 0, PROPERTY_UNITS_MAX)?;
    let reply = if_still_there(cookie.reply())?;
    Ok(reply.filter(|r| r.type_ != u32::from(AtomEnum::NONE)))
}

/// The 32-bit values of a property; empty when there is none.
pub(crate) fn words<C: Connection>(
    conn: &C,
    window: Window,
    name: impl Into<Atom>,
) -> Result<Vec<u32>, X11Error> {
    Ok(property(conn, window, name)?.and_then(|p| p.value32().map(Iterator::collect)).unwrap_or_default())
}

pub(crate) fn about<C: Connection>(
    conn: &C,
    atoms: &Atoms,
    window: Window,
    override_redirect: bool,
) -> Result<About, X11Error> {
    let pid = pid_of(conn, window)?;
    let app = AppIdentity { exe: pid.and_then(exe_of), class: class_of(conn, window)? };
    let kind = Some(kind_of(conn, atoms, window, override_redirect)?);
    let margins = words(conn, window, atoms._GTK_FRAME_EXTENTS)?;
    let margins = <[u32; 4]>::try_from(margins).unwrap_or_default().map(|m| m.min(1024) as i32);
    Ok(About { app, pid, kind, margins })
}

impl About {
    /// Whether both are the same application's, and of the same kind.
    pub(crate) fn is_of_the_same(&self, other: &About) -> bool {
        (&self.app, self.pid, self.kind) == (&other.app, other.pid, other.kind)
    }

    /// What a person sees of a window that lies at `outer` on the desktop.
    pub(crate) fn visible_part(&self, outer: Rect) -> Rect {
        let [left, right, top, bottom] = self.margins;
        Rect { x: outer.x + left, y: outer.y + top, w: outer.w - left - right, h: outer.h - top - bottom }
    }

    /// Fills in a missing class from the one class of the same client's (or process's) other windows.
    pub(crate) fn adopt_class<'a>(
        &mut self,
        window: Window,
        resource_id_mask: u32,
        kin: impl Iterator<Item = Kin<'a>> + Clone,
    ) {
        if self.app.class.is_some() {
            return;
        }
        let client = window & !resource_id_mask;
        let same_client = kin.clone().filter(|k| k.window & !resource_id_mask == client);
        let same_process = kin.filter(|k| self.pid.is_some() && k.pid == self.pid);
        let class = the_one_class(same_client).or_else(|| the_one_class(same_process));
        self.app.class = class.map(str::to_owned);
    }
}

fn the_one_class<'a>(kin: impl Iterator<Item = Kin<'a>>) -> Option<&'a str> {
    let mut classes = kin.filter_map(|k| k.class);
    let first = classes.next()?;
    classes.all(|c| c == first).then_some(first)
}

/// The process at the other end of the client's socket, as the kernel told the server.
fn pid_of<C: Connection>(conn: &C, window: Window) -> Result<Option<u32>, X11Error> {
    let spec = ClientIdSpec { client: window, mask: ClientIdMask::LOCAL_CLIENT_PID };
    let reply = if_still_there(query_client_ids(conn, &[spec])?.reply())?;
    Ok(reply.and_then(|r| r.ids.iter().find_map(|id| id.value.first().copied())).filter(|pid| *pid != 0))
}

fn exe_of(pid: u32) -> Option<String> {
    let exe = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?.into_os_string().into_string().ok()?;
    // An upgrade replaces the file under a running program; it is still the program of that path.
    Some(exe.strip_suffix(" (deleted)").map_or_else(|| exe.clone(), str::to_owned))
}

/// The class half of `WM_CLASS`, which is instance NUL class NUL. The instance is not looked at.
fn class_of<C: Connection>(conn: &C, window: Window) -> Result<Option<String>, X11Error> {
    let reply = property(conn, window, AtomEnum::WM_CLASS)?;
    Ok(reply.and_then(|r| class_half(&r.value)))
}

fn class_half(wm_class: &[u8]) -> Option<String> {
    let class = wm_class.split(|b| *b == 0).nth(1)?;
    (!class.is_empty()).then(|| String::from_utf8_lossy(class).into_owned())
}

fn kind_of<C: Connection>(
    conn: &C,
    atoms: &Atoms,
    window: Window,
    override_redirect: bool,
) -> Result<WindowKind, X11Error> {
    let types = words(conn, window, atoms._NET_WM_WINDOW_TYPE)?;
    match types.into_iter().find_map(|t| kind_of_type(atoms, t)) {
        Some(kind @ (WindowKind::Dock | WindowKind::Desktop)) => Ok(kind),
        _ if override_redirect => Ok(WindowKind::Popup),
        Some(kind) => Ok(kind),
        None if words(conn, window, AtomEnum::WM_TRANSIENT_FOR)?.is_empty() => Ok(WindowKind::Normal),
        None => Ok(WindowKind::Dialog),
    }
}

fn kind_of_type(atoms: &Atoms, t: Atom) -> Option<WindowKind> {
    match t {
        t if t == atoms._NET_WM_WINDOW_TYPE_NORMAL || t == atoms._NET_WM_WINDOW_TYPE_UTILITY => {
            Some(WindowKind::Normal)
        }
        t if t == atoms._NET_WM_WINDOW_TYPE_DIALOG => Some(WindowKind::Dialog),
        t if t == atoms._NET_WM_WINDOW_TYPE_DOCK => Some(WindowKind::Dock),
        t if t == atoms._NET_WM_WINDOW_TYPE_DESKTOP => Some(WindowKind::Desktop),
        t if is_popup_type(atoms, t) => Some(WindowKind::Popup),
        _ => None,
    }
}

fn is_popup_type(atoms: &Atoms, t: Atom) -> bool {
    [
        atoms._NET_WM_WINDOW_TYPE_COMBO,
        atoms._NET_WM_WINDOW_TYPE_DROPDOWN_MENU,
        atoms._NET_WM_WINDOW_TYPE_MENU,
        atoms._NET_WM_WINDOW_TYPE_NOTIFICATION,
        atoms._NET_WM_WINDOW_TYPE_POPUP_MENU,
        atoms._NET_WM_WINDOW_TYPE_SPLASH,
        atoms._NET_WM_WINDOW_TYPE_TOOLBAR,
        atoms._NET_WM_WINDOW_TYPE_TOOLTIP,
    ]
    .contains(&t)
}

pub(crate) fn title_of<C: Connection>(conn: &C, atoms: &Atoms, window: Window) -> Result<String, X11Error> {
    let modern = property(conn, window, atoms._NET_WM_NAME)?;
    let reply = match modern {
        Some(reply) => Some(reply),
        None => property(conn, window, AtomEnum::WM_NAME)?,
    };
    let title = reply.map(|r| text_from_property(&r, atoms)).unwrap_or_default();
    Ok(title.chars().filter(|c| !c.is_control()).take(TITLE_CHARS_MAX).collect())
}

/// `UTF8_STRING` is what it says; the older types are Latin-1, or near enough to be read as UTF-8.
fn text_from_property(reply: &GetPropertyReply, atoms: &Atoms) -> String {
    if reply.type_ == atoms.UTF8_STRING || std::str::from_utf8(&reply.value).is_ok() {
        String::from_utf8_lossy(&reply.value).into_owned()
    } else {
        reply.value.iter().map(|b| char::from(*b)).collect()
    }
}

/// The client inside a top-level window: itself, or the descendant that a window manager marked.
pub(crate) fn client_in<C: Connection>(
    conn: &C,
    atoms: &Atoms,
    top_level: Window,
) -> Result<Option<Window>, X11Error> {
    let mut level = vec![top_level];
    for _ in 0..FRAME_DEPTH_MAX {
        for &window in &level {
            // ICCCM 4.1.3.1: 1 is NormalState; the manager keeps withdrawn and iconic clients too.
            if words(conn, window, atoms.WM_STATE)?.first() == Some(&1) {
                return Ok(Some(window));
            }
        }
        let mut next = Vec::new();
        for window in level {
            if let Some(tree) = if_still_there(conn.query_tree(window)?.reply())? {
                next.extend(tree.children);
            }
        }
        level = next;
    }
    Ok(None)
}

/// The ancestor that is a child of the root: the window manager's frame, or the window itself.
pub(crate) fn top_level_of<C: Connection>(conn: &C, window: Window) -> Result<Option<Window>, X11Error> {
    let mut at = window;
    for _ in 0..=FRAME_DEPTH_MAX {
        let Some(tree) = if_still_there(conn.query_tree(at)?.reply())? else { return Ok(None) };
        if tree.parent == tree.root || tree.parent == x11rb::NONE {
            return Ok(Some(at));
        }
        at = tree.parent;
    }
    Ok(None)
}

/// A child of the root with its border, on the desktop.
pub(crate) fn outer_bounds(g: &GetGeometryReply) -> Rect {
    outer_rect(g.x, g.y, g.width, g.height, g.border_width)
}

pub(crate) fn outer_rect(x: i16, y: i16, width: u16, height: u16, border: u16) -> Rect {
    let border = 2 * i32::from(border);
    Rect { x: x.into(), y: y.into(), w: i32::from(width) + border, h: i32::from(height) + border }
}

pub(crate) fn window_id(window: Window) -> WindowId {
    WindowId(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_is_the_second_half_and_the_instance_stays_out() {
        let check = |raw: &[u8], expected: Option<&str>| assert_eq!(class_half(raw).as_deref(), expected);
        check(b"profile folder\0Chromium\0", Some("Chromium"));
        check(b"only one half", None);
        check(b"instance\0\0", None);
        check(b"", None);
    }

    #[test]
    fn a_popup_takes_the_class_of_its_client_only_when_there_is_one() {
        const MASK: u32 = 0x1f_ffff;
        let check = |kin: &[(u32, u32, &'static str)], expected: Option<&str>| {
            let mut popup = About { pid: Some(7), ..About::default() };
            let kin =
                kin.iter().map(|(w, pid, class)| Kin { window: *w, pid: Some(*pid), class: Some(*class) });
            popup.adopt_class(0x60_0005, MASK, kin);
            assert_eq!(popup.app.class.as_deref(), expected);
        };
        check(&[(0x60_0001, 7, "Editor"), (0x80_0001, 8, "Other")], Some("Editor"));
        check(&[(0x60_0001, 7, "Editor"), (0x60_0002, 7, "Dialog")], None);
        check(&[(0x80_0001, 7, "Editor")], Some("Editor"));
        check(&[(0x80_0001, 8, "Other")], None);
    }

    #[test]
    fn the_margin_a_client_draws_around_itself_is_not_its_visible_part() {
        let about = About { margins: [10, 12, 8, 14], ..About::default() };
        let outer = Rect { x: 100, y: 50, w: 322, h: 222 };
        assert_eq!(about.visible_part(outer), Rect { x: 110, y: 58, w: 300, h: 200 });
    }
}

//! Menus of the browser that are windows of their own, such as the options of a list.

use std::time::{Duration, Instant};

use overt_event::Rect;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::connection::Connection as _;
use x11rb::protocol::shape::{SK, get_rectangles};
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, MapState, Window};
use x11rb::rust_connection::RustConnection;

use super::error::GroundError;

/// Watches a display for windows that no manager handles.
pub(super) struct Popups {
    conn: RustConnection,
    root: Window,
}

impl Popups {
    pub(super) fn on(display: &str) -> Result<Self, GroundError> {
        let (conn, screen) = x11rb::connect(Some(display)).map_err(|_| GroundError::Display)?;
        let root = conn.setup().roots[screen].root;
        let mask = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        let popups = Self { conn, root };
        popups.asked(|c| c.change_window_attributes(root, &mask)?.check())?;
        Ok(popups)
    }

    /// The one on top, where there is one.
    pub(super) fn top(&self) -> Result<Option<Rect>, GroundError> {
        let tree = self.asked(|c| Ok(c.query_tree(self.root)?.reply()?.children))?;
        Ok(tree.into_iter().rev().find_map(|window| self.bounds(window)))
    }

    /// Waits for one to open, as long as that takes a busy browser.
    pub(super) fn wait(&self, within: Duration) -> Result<Option<Rect>, GroundError> {
        let deadline = Instant::now() + within;
        loop {
            while self.asked(|c| Ok(c.poll_for_event()?))?.is_some() {}
            if let Some(found) = self.top()? {
                return Ok(Some(found));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
            // Interrupted or not: it is looked at again.
            let _ = poll(&mut [PollFd::new(self.conn.stream(), PollFlags::IN)], Some(&left));
        }
    }

    /// Where it is shown; `None` for what is hidden, managed, or gone meanwhile, and for what takes no input, as a
    /// recorder's badge.
    fn bounds(&self, window: Window) -> Option<Rect> {
        let seen = self.conn.get_window_attributes(window).ok()?.reply().ok()?;
        let size = self.conn.get_geometry(window).ok()?.reply().ok()?;
        let shown = seen.override_redirect && seen.map_state == MapState::VIEWABLE && size.x >= 0;
        let bounds = Rect { x: size.x.into(), y: size.y.into(), w: size.width.into(), h: size.height.into() };
        let takes_input = || {
            let shape = get_rectangles(&self.conn, window, SK::INPUT).ok()?.reply().ok()?;
            (!shape.rectangles.is_empty()).then_some(bounds)
        };
        if shown && bounds.w > 8 && bounds.h > 8 { takes_input() } else { None }
    }

    fn asked<T>(
        &self,
        ask: impl FnOnce(&RustConnection) -> Result<T, x11rb::errors::ReplyError>,
    ) -> Result<T, GroundError> {
        ask(&self.conn).map_err(|_| GroundError::Display)
    }
}

//! What is in a popup's window that became active.
//!
//! Chromium and LibreOffice say that the window of a menu or a list became active as soon as it opens, long
//! before something in it is chosen. GTK does not.

use std::time::Instant;

use atspi::Role;

use crate::bus::until;
use crate::object::Object;
use crate::see::Seen;
use crate::shared::Shared;
use crate::unfolded::{is_popup, is_popup_window};

/// Levels below the window. In Chromium 156 the menu is the fourth: below a menu bar and two panels.
const LEVELS_MAX: usize = 4;

impl Shared {
    /// The menu or list in a popup's window, or else that window; none if it is no popup.
    ///
    /// Order: innermost first, its ancestors behind it.
    pub(crate) async fn popup_in(&self, window: &Object, deadline: Instant) -> Vec<Seen> {
        let Some(Ok(window)) = until(deadline, self.bus.see(window)).await else { return Vec::new() };
        if !is_popup_window(&window) {
            return Vec::new();
        }
        let mut level = vec![window.clone()];
        for _ in 0..LEVELS_MAX {
            level = self.bus.visible_below(&level, false, deadline).await;
            if let Some(popup) = level.iter().find(|seen| is_popup(seen)) {
                let (ancestors, _) = self.bus.ancestors(popup, &[], deadline).await;
                return std::iter::once(popup.clone()).chain(ancestors).collect();
            }
        }
        if window.role == Role::Window { vec![window] } else { Vec::new() }
    }
}

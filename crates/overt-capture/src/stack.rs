//! Which window is where, as far as the sources have told.

use overt_event::{Point, RawBody, RawEvent, VisibleWindow, WindowChange, WindowId, WindowReport};

/// The visible top-level windows, bottom first, kept current from frames and window reports.
#[derive(Default)]
pub struct WindowStack {
    windows: Vec<VisibleWindow>,
    active: Option<VisibleWindow>,
}

impl WindowStack {
    /// Takes note of what an event says about windows.
    pub fn observe(&mut self, event: &RawEvent) {
        match &event.body {
            RawBody::Frame(frame) => {
                if let Some(windows) = &frame.windows {
                    self.windows.clone_from(windows);
                }
            }
            RawBody::Windows(windows) => self.windows.clone_from(windows),
            RawBody::Window(report) => self.observe_report(report),
            _ => {}
        }
    }

    /// The topmost window that covers the point.
    pub fn at(&self, point: Point) -> Option<&VisibleWindow> {
        self.windows.iter().rev().find(|w| w.bounds.contains(point))
    }

    /// A window that is on the screen.
    pub fn get(&self, id: WindowId) -> Option<&VisibleWindow> {
        self.windows.iter().find(|w| w.id == id)
    }

    /// The window that has the keyboard, as the window manager last told.
    pub fn active(&self) -> Option<&VisibleWindow> {
        self.active.as_ref()
    }

    fn observe_report(&mut self, report: &WindowReport) {
        match report.change {
            WindowChange::Focused => self.active = Some(visible(report)),
            WindowChange::PopupOpened | WindowChange::Opened => {
                self.remove(report.window);
                self.windows.push(visible(report));
            }
            WindowChange::PopupClosed | WindowChange::Closed => self.remove(report.window),
            WindowChange::Moved => self.moved(report),
            WindowChange::Retitled => {}
        }
    }

    fn moved(&mut self, report: &WindowReport) {
        let same = |w: &&mut VisibleWindow| w.id == report.window;
        if let Some(w) = self.windows.iter_mut().find(same) {
            w.bounds = report.bounds;
        }
        if let Some(w) = self.active.as_mut().filter(same) {
            w.bounds = report.bounds;
        }
    }

    fn remove(&mut self, id: WindowId) {
        self.windows.retain(|w| w.id != id);
        if self.active.as_ref().is_some_and(|w| w.id == id) {
            self.active = None;
        }
    }
}

fn visible(report: &WindowReport) -> VisibleWindow {
    VisibleWindow {
        id: report.window,
        bounds: report.bounds,
        app: report.app.clone(),
        pid: report.pid,
        kind: report.kind,
        own: report.own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use overt_event::{AppIdentity, MonoNanos, Rect, WindowKind};

    fn report(change: WindowChange, id: u32, x: i32) -> RawEvent {
        let report = WindowReport {
            change,
            window: WindowId(id),
            app: AppIdentity::default(),
            pid: Some(id),
            kind: WindowKind::Normal,
            bounds: Rect { x, y: 0, w: 100, h: 100 },
            title: String::new(),
            own: false,
        };
        RawEvent::at(MonoNanos(0), RawBody::Window(report))
    }

    #[test]
    fn the_topmost_window_covers_the_point_until_it_goes() {
        let mut stack = WindowStack::default();
        stack.observe(&report(WindowChange::Opened, 1, 0));
        stack.observe(&report(WindowChange::PopupOpened, 2, 50));
        let at = |s: &WindowStack, x| s.at(Point { x, y: 5 }).map(|w| w.id.0);
        assert_eq!((at(&stack, 60), at(&stack, 10), at(&stack, 160)), (Some(2), Some(1), None));
        stack.observe(&report(WindowChange::PopupClosed, 2, 50));
        assert_eq!(at(&stack, 60), Some(1));
        stack.observe(&report(WindowChange::Moved, 1, 200));
        assert_eq!((at(&stack, 60), at(&stack, 210)), (None, Some(1)));
    }

    #[test]
    fn a_closed_window_no_longer_has_the_keyboard() {
        let mut stack = WindowStack::default();
        stack.observe(&report(WindowChange::Focused, 1, 0));
        assert_eq!(stack.active().map(|w| w.id), Some(WindowId(1)));
        stack.observe(&report(WindowChange::Closed, 1, 0));
        assert!(stack.active().is_none());
    }
}

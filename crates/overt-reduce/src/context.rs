//! What surrounds an action: windows, focus, the last snapshot of elements, the document's address.

use std::collections::BTreeMap;
use std::sync::Arc;

use overt_event::{
    AppName, Completeness, Element, MonoNanos, Node, Point, Record, Rect, Seq, SnapshotRecord, WindowChange,
    WindowId, WindowKind,
};

use crate::step::{Target, Window};

/// A value and the segments it came from, so that erasure can follow it. Of a window the second tells its document's address.
#[derive(Clone)]
pub(crate) struct Sourced<T> {
    pub(crate) value: Arc<T>,
    pub(crate) segments: [u32; 2],
}

/// What a window showed, and when it was last seen to show it.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) snapshot: Arc<SnapshotRecord>,
    /// The snapshot's own number.
    seq: Seq,
    /// When the window was asked, and told this.
    pub(crate) asked_at: MonoNanos,
    took_nanos: u64,
    /// Where the snapshot stands, and where it is told that it was so at that time.
    pub(crate) segments: [u32; 2],
}

impl Shown {
    pub(crate) fn first(seq: Seq, snapshot: &SnapshotRecord, segment: u32) -> Self {
        let (asked_at, took_nanos) = (snapshot.asked_at, snapshot.took_nanos);
        Self { snapshot: Arc::new(snapshot.clone()), seq, asked_at, took_nanos, segments: [segment; 2] }
    }

    pub(crate) fn finished(&self) -> MonoNanos {
        MonoNanos(self.asked_at.0.saturating_add(self.took_nanos))
    }
}

/// How many windows are remembered. A desktop has tens; closed ones are forgotten.
const WINDOWS_MAX: usize = 4096;
/// Of how many windows the last snapshot is remembered: it may hold thousands of elements.
const SNAPSHOTS_MAX: usize = 32;

/// The latest known state of everything around the pointer and the keyboard.
#[derive(Default)]
pub(crate) struct Context {
    windows: BTreeMap<u32, Sourced<Window>>,
    opened_at: BTreeMap<u32, MonoNanos>,
    focused: Option<WindowId>,
    pub(crate) focus: Option<(Sourced<Target>, MonoNanos)>,
    /// The last of each window, and the one before it: the last may not be finished yet when something is done.
    snapshots: BTreeMap<u32, (Shown, Option<Shown>)>,
    /// Whose document, its address, and the segment that tells it.
    url: Option<(Option<AppName>, String, u32)>,
    /// Whose page became another one, and when.
    page_changed: Option<(Option<AppName>, MonoNanos)>,
}

/// A change of the focused window.
pub(crate) struct FocusChange {
    pub(crate) from: Option<AppName>,
    pub(crate) to: Option<AppName>,
    pub(crate) window: WindowId,
    /// The segments that tell of the one and of the other.
    pub(crate) segments: [u32; 2],
}

impl Context {
    /// Takes a snapshot as the window's last one. Of very many windows the longest not asked is forgotten.
    pub(crate) fn snapshot(&mut self, seq: Seq, snapshot: &SnapshotRecord, segment: u32) {
        let before = self.snapshots.remove(&snapshot.window.0).map(|(last, _)| last);
        self.snapshots.insert(snapshot.window.0, (Shown::first(seq, snapshot, segment), before));
        if self.snapshots.len() > SNAPSHOTS_MAX {
            let oldest = self.snapshots.iter().min_by_key(|(_, (s, _))| s.asked_at).map(|(id, _)| *id);
            oldest.and_then(|id| self.snapshots.remove(&id));
        }
    }

    /// The window of the snapshot with this number told the same again. Of one that is not the last of its window, or
    /// was erased, it says nothing.
    pub(crate) fn snapshot_again(&mut self, of: Seq, asked_at: MonoNanos, took_nanos: u64, segment: u32) {
        if let Some((last, before)) = self.snapshots.values_mut().find(|(last, _)| last.seq == of) {
            let again = Shown { asked_at, took_nanos, segments: [last.segments[0], segment], ..last.clone() };
            *before = Some(std::mem::replace(last, again));
        }
    }

    /// The last snapshot of this window that was finished then; of a popup that has none, and where it is not known which
    /// window it is, that of the focused one. Of another window's elements none can be what was acted on. Where nobody tells of
    /// windows, as in some imports, it is of the only one.
    pub(crate) fn elements<'a>(&'a self, window: Option<WindowId>, by: MonoNanos) -> Option<Shown> {
        let focused = self.focused_window().map(|w| w.value.id);
        let finished = |s: &&Shown| s.finished() <= by;
        let of_all = |(last, before): &'a (_, Option<_>)| {
            Some(last).filter(finished).or_else(|| before.as_ref().filter(finished))
        };
        let of = |id: WindowId| self.snapshots.get(&id.0).and_then(of_all);
        let found = match (window, focused) {
            (None, None) => self.snapshots.values().filter_map(of_all).max_by_key(|s| s.asked_at),
            (Some(id), _) if !self.is_popup(id) => of(id),
            _ => window.and_then(of).or_else(|| focused.and_then(of)),
        };
        found.cloned()
    }

    pub(crate) fn is_popup(&self, id: WindowId) -> bool {
        self.windows.get(&id.0).is_some_and(|w| w.value.kind == WindowKind::Popup)
    }

    /// Takes a window record; says when another window got the focus.
    pub(crate) fn window(
        &mut self,
        record: &Record,
        segment: u32,
        change: WindowChange,
        facts: (WindowId, WindowKind, Rect, Option<&String>),
    ) -> Option<FocusChange> {
        let (id, kind, bounds, title) = facts;
        let left = self.focused_window().map(|w| (w.value.app.clone(), w.segments[0]));
        if matches!(change, WindowChange::Closed | WindowChange::PopupClosed) {
            self.forget(id);
            return None;
        }
        if matches!(change, WindowChange::Opened | WindowChange::PopupOpened) {
            self.opened_at.insert(id.0, record.time);
        }
        let (url, url_from) = self.url_of(record.app.as_ref(), kind).unzip();
        if change == WindowChange::Retitled && url.is_some() {
            self.page_changed = Some((record.app.clone(), record.time));
        }
        let window = Window { id, kind, bounds, app: record.app.clone(), title: title.cloned(), url };
        let segments = [segment, url_from.unwrap_or(segment)];
        self.windows.insert(id.0, Sourced { value: Arc::new(window), segments });
        if self.windows.len() > WINDOWS_MAX {
            self.windows.pop_first();
        }
        let moved_focus = change == WindowChange::Focused && self.focused != Some(id);
        if moved_focus {
            self.focused = Some(id);
            self.focus = None;
        }
        moved_focus.then(|| {
            let (from, from_segment) = left.unwrap_or((None, segment));
            FocusChange { from, to: record.app.clone(), window: id, segments: [from_segment, segment] }
        })
    }

    fn forget(&mut self, id: WindowId) {
        self.windows.remove(&id.0);
        self.opened_at.remove(&id.0);
        self.snapshots.remove(&id.0);
    }

    fn url_of(&self, app: Option<&AppName>, kind: WindowKind) -> Option<(String, u32)> {
        let (of, url, segment) = self.url.as_ref()?;
        (kind == WindowKind::Normal && of.as_ref() == app).then(|| (url.clone(), *segment))
    }

    /// The document's address, for the focused window of that application.
    pub(crate) fn location(&mut self, app: Option<&AppName>, url: &str, at: MonoNanos, segment: u32) {
        let before = self.url.replace((app.cloned(), url.to_owned(), segment));
        if before.is_some_and(|(of, before, _)| of.as_ref() == app && before != url) {
            self.page_changed = Some((app.cloned(), at));
        }
        let Some(id) = self.focused else { return };
        let Some(window) = self.windows.get_mut(&id.0).filter(|w| w.value.app.as_ref() == app) else {
            return;
        };
        Arc::make_mut(&mut window.value).url = Some(url.to_owned());
        window.segments[1] = segment;
    }

    /// Keyboard focus moved to an element. Says whether it is another one than before.
    pub(crate) fn focus(&mut self, element: Element, at: MonoNanos, segment: u32) -> bool {
        let same = self.focus.as_ref().is_some_and(|(f, _)| is_same(&f.value.element.node, &element.node));
        let target = Target { element, completeness: Completeness::Complete };
        self.focus = Some((Sourced { value: Arc::new(target), segments: [segment; 2] }, at));
        !same
    }

    /// Whether the application's page became another one after `since`, and not after `until`.
    pub(crate) fn page_changed(&self, app: Option<&AppName>, since: MonoNanos, until: MonoNanos) -> bool {
        let changed = self.page_changed.as_ref();
        changed.is_some_and(|(of, at)| of.as_ref() == app && since < *at && *at <= until)
    }

    pub(crate) fn focused_window(&self) -> Option<&Sourced<Window>> {
        self.focused.and_then(|id| self.windows.get(&id.0))
    }

    /// The window a pointer acts on: a popup or dock under it, else the focused window.
    pub(crate) fn window_at(&self, p: Point) -> Option<&Sourced<Window>> {
        let above = self.above(p, WindowKind::Popup).or_else(|| self.above(p, WindowKind::Dock));
        let focused = self.focused_window();
        above.or(focused.filter(|w| w.value.bounds.contains(p))).or_else(|| self.any_at(p)).or(focused)
    }

    fn above(&self, p: Point, kind: WindowKind) -> Option<&Sourced<Window>> {
        self.newest(|w| w.kind == kind && w.bounds.contains(p))
    }

    fn any_at(&self, p: Point) -> Option<&Sourced<Window>> {
        self.newest(|w| w.kind != WindowKind::Desktop && w.bounds.contains(p))
    }

    /// Of several windows at a place the one opened last; the stacking order is not recorded.
    fn newest(&self, wanted: impl Fn(&Window) -> bool) -> Option<&Sourced<Window>> {
        let fitting = self.windows.values().filter(|w| wanted(&w.value));
        fitting.max_by_key(|w| self.opened_at.get(&w.value.id.0).copied().unwrap_or_default())
    }

    pub(crate) fn opened_at(&self, id: WindowId) -> Option<MonoNanos> {
        self.opened_at.get(&id.0).copied()
    }

    pub(crate) fn is_popup_at(&self, p: Point) -> bool {
        self.popup_at(p).is_some()
    }

    /// The popup's window that lies there.
    pub(crate) fn popup_at(&self, p: Point) -> Option<WindowId> {
        self.above(p, WindowKind::Popup).map(|w| w.value.id)
    }

    /// The popup's window that this is what is in it: it takes at least half of it. An item that opens a menu of its
    /// own takes a row.
    pub(crate) fn popup_filled_by(&self, bounds: Rect) -> Option<WindowId> {
        let window = self.above(bounds.center(), WindowKind::Popup)?;
        (bounds.area() * 2 >= window.value.bounds.area()).then_some(window.value.id)
    }

    /// The popup's window that opened last, of those that are open.
    pub(crate) fn open_popup(&self) -> Option<&Sourced<Window>> {
        self.newest(|w| w.kind == WindowKind::Popup)
    }
}

pub(crate) fn is_same(a: &Node, b: &Node) -> bool {
    (&a.role, &a.name, a.bounds) == (&b.role, &b.name, b.bounds)
}

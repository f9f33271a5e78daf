//! Which windows are of private browsing.
//!
//! Firefox says so in the window's title. Chromium says so only to assistive technologies: there the window
//! is called as on the display, with the mode in brackets behind it (seen with Chromium on 2026-11-22:
//! `Form - Chromium` is the frame `Form - Chromium (Incognito)`), whatever the language. A guest's window is
//! told in the same way and counts as well.

use overt_agreement::Browsing;
use overt_event::{
    AppIdentity, AppName, DenyRule, MonoNanos, Node, RawBody, VisibleWindow, WindowChange, WindowId,
    WindowKind, WindowReport,
};

use crate::Minimiser;
use crate::gaps::Lane;
use crate::held::{Held, Slot};
use crate::pixels::Sight;

/// Windows remembered, at most. More are taken as private.
const WINDOWS_MAX: usize = 4_096;
const BRACKETS_END: [char; 2] = [')', '\u{ff09}'];
/// What stands between a document's title and the name of its application.
const SEPARATORS: [&str; 3] = [" \u{2014} ", " \u{2013} ", " - "];
/// Firefox's words for it at the end of a title, in some languages.
const FIREFOX: [&str; 10] = [
    "Private Browsing",
    "Privater Modus",
    "Navigation privée",
    "Navegación privada",
    "Navegação privada",
    "Navegação privativa",
    "Navigazione anonima",
    "Privénavigatie",
    "Tryb prywatny",
    "Privat surfning",
];

struct Known {
    window: WindowId,
    pid: u32,
    app: AppIdentity,
    title: String,
    /// When it was first told of.
    since: MonoNanos,
    private: bool,
}

impl Known {
    fn found(&self) -> FoundPrivate {
        FoundPrivate { pid: self.pid, app: self.app.clone(), since: self.since }
    }
}

/// The windows of which titles were told, the one that was told of last at the end.
#[derive(Default)]
pub(crate) struct PrivateWindows {
    known: Vec<Known>,
    overflowed: bool,
}

/// A window that was found to be private.
pub(crate) struct FoundPrivate {
    pub(crate) pid: u32,
    pub(crate) app: AppIdentity,
    /// Since then nothing of it may be kept.
    pub(crate) since: MonoNanos,
}

impl PrivateWindows {
    /// Takes in a title. Gives the window where it says for the first time that it is private.
    pub(crate) fn report(&mut self, report: &WindowReport, at: MonoNanos) -> Option<FoundPrivate> {
        let before = self.known.iter().position(|k| k.window == report.window);
        let before = before.map(|i| self.known.remove(i));
        if matches!(report.change, WindowChange::Closed | WindowChange::PopupClosed) {
            return None;
        }
        if self.known.len() >= WINDOWS_MAX {
            self.overflowed = true;
            return None;
        }
        let (since, was) = before.map_or((at, false), |k| (k.since, k.private));
        let private = was || says_private(&report.title);
        let known = Known {
            window: report.window,
            pid: report.pid.unwrap_or(0),
            app: report.app.clone(),
            title: report.title.clone(),
            since,
            private,
        };
        let found = (private && !was).then(|| known.found());
        self.known.push(known);
        found
    }

    /// An application calls one of its frames so. Gives the window that this shows to be private.
    pub(crate) fn named(&mut self, pid: u32, frame: &str) -> Option<FoundPrivate> {
        let of_app = |k: &&mut Known| {
            k.pid == pid && application(&k.title).is_some_and(|words| is_in_mode(frame, words))
        };
        let mut candidates: Vec<&mut Known> = self.known.iter_mut().rev().filter(of_app).collect();
        let same = candidates.iter().position(|k| is_in_mode(frame, &k.title)).unwrap_or(0);
        let found = candidates.get_mut(same).filter(|k| !k.private)?;
        found.private = true;
        Some(found.found())
    }

    /// The title that was told of last.
    pub(crate) fn title(&self, window: WindowId) -> Option<&str> {
        self.known.iter().find(|k| k.window == window).map(|k| k.title.as_str())
    }

    /// In which mode a window browses that its application calls as its title does, or otherwise. Firefox calls
    /// it so in every mode.
    pub(crate) fn browsing(&self, window: WindowId, plainly_named: bool) -> Browsing {
        self.title(window).map_or(Browsing::Unknown, |title| browsing(title, plainly_named))
    }

    /// Whether it is private, or a menu or list of a process that has such a window.
    pub(crate) fn has(&self, window: &VisibleWindow) -> bool {
        let private = |k: &&Known| k.private;
        let of_process = |k: &Known| window.kind == WindowKind::Popup && window.pid == Some(k.pid);
        self.overflowed || self.known.iter().filter(private).any(|k| k.window == window.id || of_process(k))
    }
}

/// In which mode a window of this title browses; `plainly_named`: its application calls it so, too.
pub fn browsing(title: &str, plainly_named: bool) -> Browsing {
    match plainly_named && !is_odd_firefox(title) {
        _ if says_private(title) => Browsing::Private,
        true => Browsing::Ordinary,
        false => Browsing::Unknown,
    }
}

/// What a title says of its application: what follows the last separator. Where there is none, it may say
/// nothing of it.
fn application(title: &str) -> Option<&str> {
    let ends = SEPARATORS.iter().filter_map(|s| Some(title.rfind(s)? + s.len()));
    ends.max().map(|end| &title[end..])
}

/// Whether the frame's name ends in this and words in brackets. (A number there counts messages.)
fn is_in_mode(frame: &str, words: &str) -> bool {
    let rest = frame.rfind(words).filter(|_| !words.is_empty()).map(|i| frame[i + words.len()..].trim());
    let mode = rest.and_then(|rest| rest.strip_prefix(['(', '\u{ff08}'])?.strip_suffix(BRACKETS_END));
    mode.is_some_and(|mode| !mode.is_empty() && mode.chars().all(|c| c.is_alphabetic() || c == ' '))
}

fn says_private(title: &str) -> bool {
    let words = application(title).unwrap_or(title);
    words.contains("Firefox") && FIREFOX.iter().any(|mode| words.contains(mode))
}

/// Its own name stands alone at the end of an ordinary title, in every language.
fn is_odd_firefox(title: &str) -> bool {
    let words = application(title).unwrap_or(title);
    words.contains("Firefox") && words != "Mozilla Firefox"
}

/// Whose frames it names, and how, where that can be a mode.
pub(crate) fn frames(body: &RawBody) -> Vec<(u32, String)> {
    let of = |pid: u32, nodes: &mut dyn Iterator<Item = &Node>| {
        let tells = |n: &&Node| n.role == "frame" && n.name.ends_with(BRACKETS_END);
        nodes.filter(tells).map(|n| (pid, n.name.clone())).collect()
    };
    match body {
        RawBody::Accessible { pid, event } => {
            of(*pid, &mut std::iter::once(&event.node).chain(&event.ancestors))
        }
        RawBody::Snapshot(s) => of(s.pid, &mut s.nodes.iter()),
        RawBody::Element(lookup) => {
            let elements = lookup.element.iter();
            of(lookup.pid, &mut elements.flat_map(|e| std::iter::once(&e.node).chain(&e.ancestors)))
        }
        _ => Vec::new(),
    }
}

impl Minimiser {
    /// What is held of the application since its private window opened is denied.
    pub(crate) fn deny_private(&mut self, found: &FoundPrivate) {
        let name = self.desk.name_of(&found.app);
        let mut unsure = std::mem::take(&mut self.queue);
        unsure.retain_mut(|held| {
            if held.origin.happened < found.since {
                return true;
            }
            held.hide(found.pid);
            if name.is_none() || held.app() != name.as_ref() {
                return true;
            }
            self.tally.deny(held.origin.kind, DenyRule::PrivateBrowsing);
            match Lane::of(held.origin.kind) {
                Some(lane) => held.deny(lane, DenyRule::PrivateBrowsing),
                None => return false,
            }
            true
        });
        self.queue = unsure;
    }
}

impl Held {
    /// Whose it is, where it is anyone's.
    fn app(&self) -> Option<&AppName> {
        match &self.slot {
            Slot::Ready { record, .. } | Slot::KeyUp { record, .. } | Slot::Element { record, .. } => {
                record.app.as_ref()
            }
            Slot::Waiting(waiting) => Some(&waiting.allowed.app),
            _ => None,
        }
    }

    /// Of this process nothing is seen in the picture.
    fn hide(&mut self, pid: u32) {
        if let Slot::Picture(picture) = &mut self.slot {
            let own = picture.shown.stands.iter_mut().filter(|s| s.pid == Some(pid));
            own.for_each(|s| s.sight = Sight::Nothing);
        }
    }
}

#[cfg(test)]
mod tests {
    use overt_event::Rect;

    use super::*;

    fn report(change: WindowChange, window: u32, title: &str) -> WindowReport {
        WindowReport {
            change,
            window: WindowId(window),
            app: AppIdentity::default(),
            pid: Some(7),
            kind: WindowKind::Normal,
            bounds: Rect::default(),
            title: title.into(),
            own: false,
        }
    }

    fn window(id: u32, kind: WindowKind) -> VisibleWindow {
        let app = AppIdentity::default();
        VisibleWindow { id: WindowId(id), bounds: Rect::default(), app, pid: Some(7), kind, own: false }
    }

    fn with(titles: &[&str]) -> PrivateWindows {
        let mut windows = PrivateWindows::default();
        for (i, title) in titles.iter().enumerate() {
            let opened = report(WindowChange::Opened, i as u32, title);
            assert!(windows.report(&opened, MonoNanos(i as u64)).is_none());
        }
        windows
    }

    fn check_named(titles: &[&str], frame: &str, expected: Option<u32>) {
        let mut windows = with(titles);
        let found = windows.named(7, frame);
        assert_eq!(found.map(|f| f.since), expected.map(|i| MonoNanos(i.into())), "{frame}");
        let private = (0..titles.len() as u32).find(|i| windows.has(&window(*i, WindowKind::Normal)));
        assert_eq!(private, expected, "{frame}");
        assert!(windows.named(7, frame).is_none(), "it is found once");
        assert!(windows.named(8, frame).is_none(), "of another process");
    }

    #[test]
    fn a_mode_in_brackets_behind_the_title_makes_a_window_private() {
        check_named(&["Form - Chromium"], "Form - Chromium (Incognito)", Some(0));
        check_named(&["Form - Chromium"], "Untitled - Chromium (Inkognito)", Some(0));
        check_named(&["Form - Chromium"], "Form - Chromium\u{ff08}シークレット\u{ff09}", Some(0));
        check_named(&["A - Chromium", "B - Chromium"], "A - Chromium (Incognito)", Some(0));
        check_named(&["A - Chromium", "B - Chromium"], "C - Chromium (Incognito)", Some(1));
        check_named(&["Form - Chromium"], "Form - Chromium", None);
        check_named(&["Form (2) - Chromium"], "Form (2) - Chromium", None);
        check_named(&["a.ods (read-only) - LibreOffice Calc"], "a.ods (read-only) - LibreOffice Calc", None);
        check_named(&["notes"], "notes (old)", None);
        check_named(&["Inbox - Post"], "Inbox - Post (3)", None);
        check_named(&[""], "Form (Incognito)", None);
    }

    #[test]
    fn firefox_says_it_in_its_title() {
        for (title, expected) in [
            ("Mozilla Firefox Private Browsing", true),
            ("News \u{2014} Mozilla Firefox Private Browsing", true),
            ("Nachrichten \u{2014} Mozilla Firefox Privater Modus", true),
            ("Private Browsing explained \u{2014} Mozilla Firefox", false),
            ("Private Browsing - Mousepad", false),
        ] {
            let found =
                PrivateWindows::default().report(&report(WindowChange::Opened, 1, title), MonoNanos(3));
            assert_eq!(found.is_some(), expected, "{title}");
        }
    }

    #[test]
    fn its_menus_are_private_and_all_ends_with_the_window() {
        let mut windows = with(&["A - Chromium", "B - Chromium"]);
        windows.named(7, "A - Chromium (Incognito)").expect("it is found");
        assert!(windows.has(&window(9, WindowKind::Popup)));
        assert!(!windows.has(&window(1, WindowKind::Normal)), "another window of the process");
        let retitled = report(WindowChange::Retitled, 0, "C - Chromium");
        assert!(windows.report(&retitled, MonoNanos(9)).is_none());
        assert!(windows.has(&window(0, WindowKind::Normal)), "it stays what it is");
        windows.report(&report(WindowChange::Closed, 0, ""), MonoNanos(10));
        assert!(!windows.has(&window(0, WindowKind::Normal)) && !windows.has(&window(9, WindowKind::Popup)));
    }
}

//! Which windows are where, and the verdict on each.

use overt_agreement::{Browsing, Import, Question, Terms};
use overt_event::{
    AppIdentity, AppName, DenyRule, Level, MonoNanos, NANOS_PER_MILLI, Point, Rect, Verdict, VisibleWindow,
    WallTime, WindowChange, WindowId, WindowKind, WindowReport,
};

use crate::private::{FoundPrivate, PrivateWindows};

/// For this long after a window came to the front, what lay on top may still be what is seen.
const RAISE_MILLIS: u64 = 250;
/// A popup smaller than this many pixels is a helper window that nobody can type into.
const POPUP_AREA_MIN: i64 = 256;
/// Windows remembered that no picture shows.
const ELSEWHERE_MAX: usize = 4_096;

/// What may be kept, if anything.
pub(crate) type Judged = Result<Allowed, DenyRule>;

/// An application that may be kept, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) app: AppName,
    pub(crate) level: Level,
}

/// Both must allow; the lower level counts, and the first gives the name.
pub(crate) fn stricter(a: Judged, b: &Judged) -> Judged {
    let (a, b) = (a?, b.as_ref().map_err(|rule| *rule)?);
    Ok(Allowed { level: a.level.min(b.level), ..a })
}

/// The same in the shared words.
pub(crate) fn verdict(judged: &Judged) -> Verdict {
    match judged {
        Ok(a) => Verdict::Allow { app: a.app.clone(), level: a.level },
        Err(rule) => Verdict::Deny { rule: *rule },
    }
}

/// A window and the verdict on it.
#[derive(Clone)]
struct Seen {
    window: VisibleWindow,
    judged: Judged,
    /// A report told of it, so that another will tell when it is gone.
    reported: bool,
    raised_at: Option<MonoNanos>,
}

/// The window that has the keyboard.
#[derive(Clone)]
struct Active {
    window: VisibleWindow,
    judged: Judged,
}

/// The windows of the desktop, from reports, pictures and what is told of all windows.
pub(crate) struct Desk {
    terms: Terms,
    /// Why nothing at all may be kept, as of the last look at the clock.
    standing: Option<DenyRule>,
    /// Bottom first.
    order: Vec<Seen>,
    /// Known, and not on the last picture.
    elsewhere: Vec<Seen>,
    active: Option<Active>,
    /// The order was told.
    ordered: bool,
    /// When a report last changed the order: older pictures tell nothing about it.
    changed_at: MonoNanos,
    /// What everything belongs to in a published recording, which tells no windows.
    source: Option<AppIdentity>,
    private: PrivateWindows,
    now: WallTime,
}

impl Desk {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            source: terms.agreement().import().map(Import::identity),
            private: PrivateWindows::default(),
            now: WallTime(0),
            terms,
            standing: None,
            order: Vec::new(),
            elsewhere: Vec::new(),
            active: None,
            ordered: false,
            changed_at: MonoNanos(0),
        }
    }

    /// Why nothing at all may be kept; `None` when something may.
    pub(crate) fn standing(&self) -> Option<DenyRule> {
        self.standing
    }

    /// Lets time pass: at the end of the terms, and at either end of quiet hours, every verdict changes.
    pub(crate) fn tick(&mut self, now: WallTime) {
        self.now = now;
        let standing = self.terms.standing(now);
        if standing == self.standing {
            return;
        }
        self.standing = standing;
        self.judge_again();
    }

    fn judge_again(&mut self) {
        let Self { terms, private, now, order, elsewhere, active, .. } = self;
        for seen in order.iter_mut().chain(elsewhere) {
            seen.judged = judge(terms, private, &seen.window, *now);
        }
        if let Some(active) = active {
            active.judged = judge(terms, private, &active.window, *now);
        }
    }

    /// Takes in a title; gives the window that it shows to be of private browsing.
    pub(crate) fn titled(&mut self, report: &WindowReport, at: MonoNanos) -> Option<FoundPrivate> {
        let found = self.private.report(report, at);
        if found.is_some() {
            self.judge_again();
        }
        found
    }

    /// The same with what an application calls one of its frames.
    pub(crate) fn frame_named(&mut self, pid: u32, frame: &str) -> Option<FoundPrivate> {
        let found = self.private.named(pid, frame)?;
        self.judge_again();
        Some(found)
    }

    /// The agreement's name of the application.
    pub(crate) fn name_of(&self, app: &AppIdentity) -> Option<AppName> {
        judge_app(&self.terms, &Question::of_window(app, WindowKind::Normal, false), self.now)
            .ok()
            .map(|a| a.app)
    }

    /// Takes in a report and answers for its own window.
    pub(crate) fn report(&mut self, report: &WindowReport, at: MonoNanos, now: WallTime) -> Judged {
        let window = visible(report);
        let judged = self.whole_source().unwrap_or_else(|| self.judge(&window, now));
        match report.change {
            WindowChange::Closed | WindowChange::PopupClosed => self.close(report.window, at),
            WindowChange::Focused => {
                self.active = Some(Active { window: window.clone(), judged: judged.clone() });
                self.put_on_top(window, judged.clone(), at);
            }
            WindowChange::Opened | WindowChange::PopupOpened if !self.is_in_order(report.window) => {
                self.put_on_top(window, judged.clone(), at);
            }
            _ => self.update(window, &judged, at),
        }
        judged
    }

    /// The verdict on everything in a published recording; `None` on a desktop of our own.
    pub(crate) fn whole_source(&self) -> Option<Judged> {
        let asked =
            |app| judge_app(&self.terms, &Question::of_window(app, WindowKind::Unknown, false), self.now);
        self.source.as_ref().map(asked)
    }

    /// In a published recording: whether keys are kept while it is unknown what has the focus.
    pub(crate) fn keeps_keys_without_focus(&self) -> Option<bool> {
        self.terms.agreement().import().map(|import| import.keys_without_focus)
    }

    fn seen(&self, id: WindowId) -> Option<&Seen> {
        self.order.iter().chain(&self.elsewhere).find(|s| s.window.id == id)
    }

    /// Where the window stands.
    pub(crate) fn bounds(&self, id: WindowId) -> Option<Rect> {
        self.seen(id).map(|s| s.window.bounds)
    }

    /// The window that has the keyboard.
    pub(crate) fn active_window(&self) -> Option<WindowId> {
        self.active.as_ref().map(|a| a.window.id)
    }

    /// The window under the point and its process.
    pub(crate) fn window_at(&self, point: Point) -> Option<(WindowId, Option<u32>)> {
        let under = self.order.iter().rev().find(|s| s.window.bounds.contains(point))?;
        Some((under.window.id, under.window.pid))
    }

    fn judge(&self, window: &VisibleWindow, now: WallTime) -> Judged {
        judge(&self.terms, &self.private, window, now)
    }

    fn is_in_order(&self, id: WindowId) -> bool {
        self.order.iter().any(|s| s.window.id == id)
    }

    fn close(&mut self, id: WindowId, at: MonoNanos) {
        self.changed_at = at;
        self.order.retain(|s| s.window.id != id);
        self.elsewhere.retain(|s| s.window.id != id);
        if self.active.as_ref().is_some_and(|a| a.window.id == id) {
            self.active = None;
        }
    }

    /// Above its like: panels stay above windows, and popups above both.
    fn put_on_top(&mut self, window: VisibleWindow, judged: Judged, at: MonoNanos) {
        self.order.retain(|s| s.window.id != window.id);
        self.elsewhere.retain(|s| s.window.id != window.id);
        let layer = layer(window.kind);
        let above = self.order.iter().rposition(|s| layer_of(s) <= layer).map_or(0, |i| i + 1);
        self.order.insert(above, Seen { window, judged, reported: true, raised_at: Some(at) });
        self.changed_at = at;
    }

    fn update(&mut self, window: VisibleWindow, judged: &Judged, at: MonoNanos) {
        if let Some(active) = self.active.as_mut().filter(|a| a.window.id == window.id) {
            *active = Active { window: window.clone(), judged: judged.clone() };
        }
        let all = self.order.iter_mut().chain(&mut self.elsewhere);
        for seen in all.filter(|s| s.window.id == window.id) {
            if seen.window.bounds != window.bounds {
                self.changed_at = at;
            }
            seen.window = window.clone();
            seen.judged = judged.clone();
            seen.reported = true;
        }
    }

    /// Takes in all windows as they were at this moment, bottom first, unless a report is newer.
    pub(crate) fn see(&mut self, windows: &[VisibleWindow], at: MonoNanos, now: WallTime) {
        if at < self.changed_at {
            return;
        }
        self.ordered = true;
        let mut known: Vec<Seen> = self.order.drain(..).chain(self.elsewhere.drain(..)).collect();
        for window in windows {
            let before = known.iter().position(|s| s.window.id == window.id).map(|i| known.swap_remove(i));
            let reported = before.as_ref().is_some_and(|s| s.reported);
            let judged = match before {
                Some(s) if same_owner(&s.window, window) => s.judged,
                _ => self.judge(window, now),
            };
            self.order.push(Seen { window: window.clone(), judged, reported, raised_at: None });
        }
        known.retain(|s| s.reported);
        known.drain(..known.len().saturating_sub(ELSEWHERE_MAX));
        self.elsewhere = known;
    }

    /// The verdict on each window of a picture.
    pub(crate) fn judge_all(&self, windows: &[VisibleWindow], now: WallTime) -> Vec<Judged> {
        let known = |w: &VisibleWindow| {
            let seen = self.order.iter().find(|s| s.window.id == w.id && same_owner(&s.window, w));
            seen.map(|s| s.judged.clone())
        };
        windows.iter().map(|w| known(w).unwrap_or_else(|| self.judge(w, now))).collect()
    }

    /// The window under the point. Where it is not sure which of several is seen, all must allow.
    pub(crate) fn at(&self, point: Point, at: MonoNanos) -> Judged {
        if let Some(whole) = self.whole_source() {
            return whole;
        }
        let mut under = self.order.iter().rev().filter(|s| s.window.bounds.contains(point));
        let top = under.next().ok_or(DenyRule::AppUnknown)?;
        let judged = top.judged.clone();
        if top.window.kind == WindowKind::Popup {
            return judged;
        }
        if !self.ordered && !self.is_active(top.window.id) {
            let windows = under.filter(|s| s.window.kind != WindowKind::Desktop);
            return windows.fold(judged, |j, s| stricter(j, &s.judged));
        }
        let fresh = |raised: MonoNanos| at.since(raised) < RAISE_MILLIS * NANOS_PER_MILLI;
        match under.next() {
            // Where nothing ever tells the order the active window is taken to be on top.
            Some(below) if self.ordered && top.raised_at.is_some_and(fresh) => {
                stricter(judged, &below.judged)
            }
            _ => judged,
        }
    }

    fn is_active(&self, id: WindowId) -> bool {
        self.active.as_ref().is_some_and(|a| a.window.id == id)
    }

    /// The window that has the keyboard.
    pub(crate) fn active(&self) -> Judged {
        let active = self.active.as_ref().map(|a| a.judged.clone());
        self.whole_source().or(active).unwrap_or(Err(DenyRule::AppUnknown))
    }

    /// The process of the window that has the keyboard.
    pub(crate) fn active_pid(&self) -> Option<u32> {
        self.active.as_ref().and_then(|a| a.window.pid)
    }

    /// The rule of a popup that may not be recorded and is open: it may have taken the keyboard, as
    /// launchers and screen locks do.
    pub(crate) fn denied_popup(&self) -> Option<DenyRule> {
        let popups = self.order.iter().filter(|s| s.window.kind == WindowKind::Popup && !s.window.own);
        popups
            .filter(|s| s.window.bounds.area() >= POPUP_AREA_MIN)
            .find_map(|s| s.judged.as_ref().err().copied())
    }

    /// A process may be kept if it has windows and all of them may.
    pub(crate) fn process(&self, pid: u32) -> Judged {
        if let Some(whole) = self.whole_source() {
            return whole;
        }
        let active = self.active.iter().filter(|a| a.window.pid == Some(pid)).map(|a| &a.judged);
        let all = self.order.iter().rev().chain(&self.elsewhere);
        let mut judged = active.chain(all.filter(|s| s.window.pid == Some(pid)).map(|s| &s.judged));
        let first = judged.next().ok_or(DenyRule::AppUnknown)?.clone();
        judged.fold(first, stricter)
    }

    /// The window of this id.
    pub(crate) fn window(&self, id: WindowId) -> Judged {
        let known = self.seen(id).map(|s| s.judged.clone());
        self.whole_source().or(known).unwrap_or(Err(DenyRule::AppUnknown))
    }
}

fn judge(terms: &Terms, private: &PrivateWindows, window: &VisibleWindow, now: WallTime) -> Judged {
    // That a browser's window is an ordinary one, nobody says.
    let browsing = if private.has(window) { Browsing::Private } else { Browsing::Unknown };
    let question = Question::of_window(&window.app, window.kind, window.own);
    judge_app(terms, &Question { browsing, ..question }, now)
}

fn judge_app(terms: &Terms, question: &Question<'_>, now: WallTime) -> Judged {
    match terms.decide(question, now) {
        Verdict::Allow { app, level } => Ok(Allowed { app, level }),
        Verdict::Deny { rule } => Err(rule),
    }
}

fn same_owner(a: &VisibleWindow, b: &VisibleWindow) -> bool {
    (&a.app, a.pid, a.kind, a.own) == (&b.app, b.pid, b.kind, b.own)
}

fn layer(kind: WindowKind) -> u8 {
    match kind {
        WindowKind::Desktop => 0,
        WindowKind::Normal | WindowKind::Dialog | WindowKind::Unknown => 1,
        WindowKind::Dock => 2,
        WindowKind::Popup => 3,
    }
}

fn layer_of(seen: &Seen) -> u8 {
    layer(seen.window.kind)
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

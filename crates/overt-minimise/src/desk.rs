//! Which windows are where, and the verdict on each.

use std::collections::BTreeMap;

use overt_agreement::{Import, Lock, Terms};
use overt_event::{
    AppIdentity, AppName, DenyRule, Level, MonoNanos, NANOS_PER_MILLI, Point, Rect, SiteReport, SiteSeen,
    Span, Verdict, VisibleWindow, WallTime, WindowChange, WindowId, WindowKind, WindowReport,
};

use crate::court::Court;
use crate::focus::Judgement;
use crate::private::FoundPrivate;
use crate::sites::{Page, Sited};

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
    /// The windows whose sites decided on it; none where no site matters.
    pub(crate) pages: Vec<WindowId>,
}

impl Allowed {
    /// What later looks must confirm.
    pub(crate) fn sited(&self) -> Option<Sited> {
        (!self.pages.is_empty()).then(|| Sited { pages: self.pages.clone(), level: self.level })
    }

    /// It is as it was when it was last looked at.
    fn unseen(self) -> Self {
        Self { pages: Vec::new(), ..self }
    }
}

/// Both must allow; the lower level counts, and the first gives the name.
pub(crate) fn stricter(a: Judged, b: &Judged) -> Judged {
    let (mut a, b) = (a?, b.as_ref().map_err(|rule| *rule)?);
    a.pages.extend(b.pages.iter().filter(|page| !a.pages.contains(page)).copied().collect::<Vec<_>>());
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
    court: Court,
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
}

impl Desk {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            source: terms.agreement().import().map(Import::identity),
            court: Court::new(terms),
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
        self.court.now = now;
        let standing = self.court.terms.standing(now);
        if standing != self.standing {
            self.standing = standing;
            self.judge_again();
        }
    }

    fn judge_again(&mut self) {
        let all = self.order.iter().chain(&self.elsewhere);
        let judged: Vec<Judged> = all.map(|seen| self.judge(&seen.window)).collect();
        let active = self.active.as_ref().map(|active| self.judge(&active.window));
        for (seen, judged) in self.order.iter_mut().chain(&mut self.elsewhere).zip(judged) {
            seen.judged = judged;
        }
        if let Some((active, judged)) = self.active.as_mut().zip(active) {
            active.judged = judged;
        }
    }

    /// A screen saver or a lock covers the display, or does no longer.
    pub(crate) fn cover(&mut self, covered: bool) {
        self.court.lock = if covered { Lock::Locked } else { Lock::Open };
        self.judge_again();
    }

    /// Takes in a title; gives the window that it shows to be of private browsing.
    pub(crate) fn titled(&mut self, report: &WindowReport, at: MonoNanos) -> Option<FoundPrivate> {
        let found = self.court.private.report(report, at);
        if found.is_some() {
            self.judge_again();
        }
        found
    }

    /// The same with what an application calls one of its frames.
    pub(crate) fn frame_named(&mut self, pid: u32, frame: &str) -> Option<FoundPrivate> {
        let found = self.court.private.named(pid, frame)?;
        self.judge_again();
        Some(found)
    }

    /// The agreement's name of the application.
    pub(crate) fn name_of(&self, app: &AppIdentity) -> Option<AppName> {
        let mut named = self.court.terms.agreement().applications().iter();
        named.find(|a| a.fits(app, WindowKind::Normal)).map(|a| a.name.clone())
    }

    /// Takes in what site a window shows.
    pub(crate) fn looked(&mut self, report: &SiteReport, at: MonoNanos) {
        let known = self.shown(report.window).filter(|w| w.pid == Some(report.pid));
        let Some(window) = known.cloned() else { return };
        if report.site == SiteSeen::Unknown {
            return self.court.sites.looked_in_vain(window.id, report.asked_at, at);
        }
        let browsing = self.court.private.browsing(window.id, report.plainly_named);
        let page = Page { seen: report.site.clone(), browsing };
        let other = self.court.sites.shows(window.id, report.asked_at, page);
        let judged = self.judge(&window).map(|allowed| allowed.level);
        self.court.sites.judged(window.id, report.asked_at, judged);
        if other {
            self.judge_again();
        }
    }

    /// What this process shows may be something else from here on.
    pub(crate) fn doubt_sites_of(&mut self, pid: u32, at: MonoNanos) {
        for seen in self.order.iter().filter(|s| s.window.pid == Some(pid)) {
            self.court.sites.doubt_again(seen.window.id, at);
        }
    }

    /// Nothing holds any longer that was known of sites.
    pub(crate) fn forget_sites(&mut self, at: MonoNanos) {
        if self.court.names_sites {
            self.court.sites.forget(at);
            self.judge_again();
        }
    }

    /// Something was denied for the site of the window in use, where that is why.
    pub(crate) fn denied_for_site(&mut self, rule: DenyRule, at: MonoNanos) {
        let for_site =
            matches!(rule, DenyRule::SiteUnknown | DenyRule::SiteNotAgreed | DenyRule::PrivateBrowsing);
        if let Some(window) = self.active_window().filter(|_| for_site) {
            self.court.sites.denied(window, at);
        }
    }

    /// Something is held until a look at these windows confirms it.
    pub(crate) fn hold_for_site(&mut self, sited: &Sited, until: MonoNanos) {
        self.court.sites.hold(sited, until);
    }

    /// Whether looks confirm what was held.
    pub(crate) fn judge_site(&self, sited: &Sited, span: Span, now: MonoNanos) -> Judgement {
        self.court.sites.judge(sited, span, now)
    }

    /// The windows that should be looked at, and their titles.
    pub(crate) fn unsited(&self, now: MonoNanos) -> BTreeMap<WindowId, String> {
        let due = self.court.sites.due(now).filter_map(|id| self.shown(id));
        let asked = due.filter(|window| self.court.asks_site(window));
        asked.filter_map(|w| Some((w.id, self.court.private.title(w.id)?.to_owned()))).collect()
    }

    /// A window that can be seen or has the keyboard.
    fn shown(&self, id: WindowId) -> Option<&VisibleWindow> {
        let active = self.active.iter().map(|a| &a.window);
        active.chain(self.order.iter().map(|s| &s.window)).find(|w| w.id == id)
    }

    /// Takes in a report and answers for its own window.
    pub(crate) fn report(&mut self, report: &WindowReport, at: MonoNanos) -> Judged {
        let window = visible(report);
        self.doubt_site(&window, report.change, at);
        let judged = self.whole_source().unwrap_or_else(|| self.judge(&window));
        match report.change {
            WindowChange::Closed | WindowChange::PopupClosed => self.close(report.window, at),
            WindowChange::Focused => {
                self.active = Some(Active { window: window.clone(), judged: judged.clone() });
                self.put_on_top(window, judged.clone(), at);
                if self.court.names_sites {
                    // A menu shows what the window in use shows.
                    self.judge_again();
                }
            }
            WindowChange::Opened | WindowChange::PopupOpened if !self.is_in_order(report.window) => {
                self.put_on_top(window, judged.clone(), at);
            }
            _ => self.update(window, &judged, at),
        }
        judged
    }

    /// A window that comes, gets the keyboard or another title may show another site.
    fn doubt_site(&mut self, window: &VisibleWindow, change: WindowChange, at: MonoNanos) {
        let sign = matches!(change, WindowChange::Opened | WindowChange::Focused | WindowChange::Retitled);
        if sign && self.court.names_sites && !window.own {
            self.court.sites.doubt(window.id, at);
        }
    }

    /// The verdict on everything in a published recording; `None` on a desktop of our own.
    pub(crate) fn whole_source(&self) -> Option<Judged> {
        self.source.as_ref().map(|app| self.court.judge_app(app, WindowKind::Unknown))
    }

    /// In a published recording: whether keys are kept while it is unknown what has the focus.
    pub(crate) fn keeps_keys_without_focus(&self) -> Option<bool> {
        self.court.terms.agreement().import().map(|import| import.keys_without_focus)
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

    /// The verdict on a window as it is known at present.
    pub(crate) fn judge(&self, window: &VisibleWindow) -> Judged {
        self.court.judge(window, self.page_of(window))
    }

    /// The window whose document it shows: a menu or a list shows that of its process's front window.
    fn page_of(&self, window: &VisibleWindow) -> WindowId {
        if !self.court.names_sites || window.kind != WindowKind::Popup || window.pid.is_none() {
            return window.id;
        }
        let front_first =
            self.active.iter().map(|a| &a.window).chain(self.order.iter().rev().map(|s| &s.window));
        let mut own = front_first.filter(|w| w.pid == window.pid && w.kind != WindowKind::Popup);
        own.next().map_or(window.id, |w| w.id)
    }

    fn is_in_order(&self, id: WindowId) -> bool {
        self.order.iter().any(|s| s.window.id == id)
    }

    fn close(&mut self, id: WindowId, at: MonoNanos) {
        self.changed_at = at;
        self.order.retain(|s| s.window.id != id);
        self.elsewhere.retain(|s| s.window.id != id);
        self.court.sites.closed(id);
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
    pub(crate) fn see(&mut self, windows: &[VisibleWindow], at: MonoNanos) {
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
                _ => self.judge(window),
            };
            self.order.push(Seen { window: window.clone(), judged, reported, raised_at: None });
        }
        known.retain(|s| s.reported);
        known.drain(..known.len().saturating_sub(ELSEWHERE_MAX));
        self.elsewhere = known;
    }

    /// The verdict on each window of a picture.
    pub(crate) fn judge_all(&self, windows: &[VisibleWindow]) -> Vec<Judged> {
        let known = |w: &VisibleWindow| {
            let seen = self.order.iter().find(|s| s.window.id == w.id && same_owner(&s.window, w));
            seen.map(|s| s.judged.clone())
        };
        windows.iter().map(|w| known(w).unwrap_or_else(|| self.judge(w))).collect()
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
        let active = self.active.iter().filter(|a| a.window.pid == Some(pid)).map(|a| a.judged.clone());
        let of_process = |s: &&Seen| s.window.pid == Some(pid);
        let order = self.order.iter().rev().filter(of_process).map(|s| s.judged.clone());
        let elsewhere = self.elsewhere.iter().filter(of_process);
        let elsewhere = elsewhere.map(|s| s.judged.clone().map(Allowed::unseen));
        let all = active.chain(order).chain(elsewhere);
        all.reduce(|judged, one| stricter(judged, &one)).unwrap_or(Err(DenyRule::AppUnknown))
    }

    /// The window of this id.
    pub(crate) fn window(&self, id: WindowId) -> Judged {
        let known = self.seen(id).map(|s| s.judged.clone());
        self.whole_source().or(known).unwrap_or(Err(DenyRule::AppUnknown))
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

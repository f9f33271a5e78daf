//! What a verdict follows from, besides the window that it is about.

use overt_agreement::{Browsing, Lock, Question, Site, Terms};
use overt_event::{AppIdentity, DenyRule, Verdict, VisibleWindow, WallTime, WindowId, WindowKind};

use crate::desk::{Allowed, Judged};
use crate::private::PrivateWindows;
use crate::sites::{Page, Sites};

/// The terms, and what is known at present of all that they ask about.
pub(crate) struct Court {
    pub(crate) terms: Terms,
    pub(crate) now: WallTime,
    pub(crate) private: PrivateWindows,
    pub(crate) sites: Sites,
    /// Whether any verdict can depend on a site.
    pub(crate) names_sites: bool,
    /// Unknown until the display tells.
    pub(crate) lock: Lock,
}

impl Court {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            names_sites: terms.names_sites(),
            // A published recording has no display that could be locked.
            lock: if terms.agreement().import().is_some() { Lock::Open } else { Lock::Unknown },
            terms,
            now: WallTime(0),
            private: PrivateWindows::default(),
            sites: Sites::default(),
        }
    }

    /// The verdict on a window that shows what `page` shows.
    pub(crate) fn judge(&self, window: &VisibleWindow, page: WindowId) -> Judged {
        let shown = self.sites.page(page);
        let browsing = match self.private.has(window) {
            true => Browsing::Private,
            // That a browser's window is an ordinary one, only a look tells.
            false => shown.map_or(Browsing::Unknown, |page| page.browsing),
        };
        let site = shown.map_or(Site::Unknown, Page::site);
        let mut allowed = self.decide(&Question { site, browsing, ..self.question(window) })?;
        if self.asks_site(window) {
            allowed.pages.push(page);
        }
        Ok(allowed)
    }

    /// The verdict on everything of an application that shows no document.
    pub(crate) fn judge_app(&self, app: &AppIdentity, kind: WindowKind) -> Judged {
        self.decide(&Question { lock: self.lock, ..Question::of_window(app, kind, false) })
    }

    /// Whether it depends on its site what is kept of a window, and on nothing else.
    pub(crate) fn asks_site(&self, window: &VisibleWindow) -> bool {
        let ordinary = || Question { browsing: Browsing::Ordinary, ..self.question(window) };
        self.names_sites && self.decide(&ordinary()) == Err(DenyRule::SiteUnknown)
    }

    fn question<'a>(&self, window: &'a VisibleWindow) -> Question<'a> {
        Question { lock: self.lock, ..Question::of_window(&window.app, window.kind, window.own) }
    }

    fn decide(&self, question: &Question<'_>) -> Judged {
        match self.terms.decide(question, self.now) {
            Verdict::Allow { app, level } => Ok(Allowed { app, level, pages: Vec::new() }),
            Verdict::Deny { rule } => Err(rule),
        }
    }
}

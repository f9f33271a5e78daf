//! Which site each window shows, as far as looks at it told. docs/spec/agreement.md, section 6.
//!
//! A look says nothing of any moment before its question. What a window did or showed stands between two
//! looks: the last one before it, and the first one when what followed it had settled. It is kept where both
//! of them, and all between them, allow it.

use std::collections::{BTreeMap, VecDeque};

use overt_agreement::{Browsing, Site};
use overt_event::{DenyRule, Level, MonoNanos, SiteSeen, Span, WindowId};

use crate::focus::Judgement;
use crate::naming::SETTLED_MILLIS;

/// What no look confirmed so long after it is dropped.
const SITE_WITHIN_MILLIS: u64 = 3_000;
/// Whoever works in a window that is denied for its site may have gone elsewhere: it is looked at again this
/// long after.
const DENIED_MILLIS: u64 = 1_000;
/// After a look that could not tell the next one waits this long, and twice as long after each more.
const IN_VAIN_MILLIS: u64 = 250;
const IN_VAIN_DOUBLINGS_MAX: u32 = 5;
/// Looks remembered of a window: what waits is at most some seconds old, and a window is looked at a few
/// times a second.
const LOOKS_MAX: usize = 128;
/// Windows remembered, at most. More are not looked at, so that nothing is kept of them.
const WINDOWS_MAX: usize = 1_024;

/// The windows whose sites must stay as they were for something to be kept, and the level it is cut to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sited {
    pub(crate) pages: Vec<WindowId>,
    pub(crate) level: Level,
}

/// What a window shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) seen: SiteSeen,
    pub(crate) browsing: Browsing,
}

impl Page {
    /// The same in the words of a question.
    pub(crate) fn site(&self) -> Site<'_> {
        match &self.seen {
            SiteSeen::Unknown => Site::Unknown,
            SiteSeen::NoDocument => Site::NoDocument,
            SiteSeen::Host(host) => Site::Host(host),
        }
    }
}

struct Look {
    asked: MonoNanos,
    judged: Result<Level, DenyRule>,
}

#[derive(Default)]
struct Known {
    page: Option<Page>,
    /// Those that could tell, by the time of their questions.
    looks: VecDeque<Look>,
    /// Something may have changed; a look that is asked for from then on tells.
    due: Option<MonoNanos>,
    /// Looks in a row that could not tell.
    in_vain: u32,
    /// What is held of it ended between these moments, and no look was asked for late enough after.
    unconfirmed: Option<Span>,
}

/// The windows whose sites matter.
#[derive(Default)]
pub(crate) struct Sites {
    windows: BTreeMap<WindowId, Known>,
}

impl Sites {
    /// What the window showed when it was last looked at.
    pub(crate) fn page(&self, window: WindowId) -> Option<&Page> {
        self.windows.get(&window)?.page.as_ref()
    }

    /// It matters what this window shows, and it may be something else from here on.
    pub(crate) fn doubt(&mut self, window: WindowId, at: MonoNanos) {
        if self.windows.len() < WINDOWS_MAX || self.windows.contains_key(&window) {
            let known = self.windows.entry(window).or_default();
            known.due = Some(known.due.map_or(at, |due| due.min(at)));
        }
    }

    /// The same of a window of which that is known.
    pub(crate) fn doubt_again(&mut self, window: WindowId, at: MonoNanos) {
        if self.windows.contains_key(&window) {
            self.doubt(window, at);
        }
    }

    /// Something was denied for the site of this window.
    pub(crate) fn denied(&mut self, window: WindowId, at: MonoNanos) {
        if let Some(known) = self.windows.get_mut(&window) {
            known.due.get_or_insert(at.plus_millis(DENIED_MILLIS));
        }
    }

    /// A look could not tell.
    pub(crate) fn looked_in_vain(&mut self, window: WindowId, asked: MonoNanos, at: MonoNanos) {
        let Some(known) = self.windows.get_mut(&window) else { return };
        if known.due.is_some_and(|due| due <= asked) || known.page.is_none() {
            known.due = Some(at.plus_millis(IN_VAIN_MILLIS << known.in_vain));
            known.in_vain = (known.in_vain + 1).min(IN_VAIN_DOUBLINGS_MAX);
        }
    }

    /// A look told. True when the window shows something else than before.
    pub(crate) fn shows(&mut self, window: WindowId, asked: MonoNanos, page: Page) -> bool {
        let Some(known) = self.windows.get_mut(&window) else { return false };
        known.in_vain = 0;
        known.due = known.due.filter(|due| *due > asked);
        let confirmed = asked.minus_millis(SETTLED_MILLIS);
        known.unconfirmed = known.unconfirmed.filter(|span| span.to > confirmed);
        if let Some(span) = &mut known.unconfirmed {
            span.from = span.from.max(confirmed);
        }
        let other = known.page.as_ref() != Some(&page);
        known.page = Some(page);
        other
    }

    /// What is kept of the window as that look showed it.
    pub(crate) fn judged(&mut self, window: WindowId, asked: MonoNanos, judged: Result<Level, DenyRule>) {
        let Some(known) = self.windows.get_mut(&window) else { return };
        if known.looks.len() == LOOKS_MAX {
            known.looks.pop_front();
        }
        let later = known.looks.iter().rev().take_while(|l| l.asked > asked).count();
        known.looks.insert(known.looks.len() - later, Look { asked, judged });
    }

    /// Something is held that a look must confirm.
    pub(crate) fn hold(&mut self, sited: &Sited, until: MonoNanos) {
        for page in &sited.pages {
            let Some(known) = self.windows.get_mut(page) else { continue };
            let span = known.unconfirmed.get_or_insert(Span { from: until, to: until });
            *span = Span { from: span.from.min(until), to: span.to.max(until) };
        }
    }

    /// Whether later looks confirm that it may be kept.
    pub(crate) fn judge(&self, sited: &Sited, span: Span, now: MonoNanos) -> Judgement {
        let mut waits = false;
        for page in &sited.pages {
            let known = self.windows.get(page);
            match known.map_or(Judgement::Drop(DenyRule::SiteUnknown), |k| k.judge(sited.level, span, now)) {
                Judgement::Keep => {}
                Judgement::Wait => waits = true,
                Judgement::Drop(rule) => return Judgement::Drop(rule),
            }
        }
        if waits { Judgement::Wait } else { Judgement::Keep }
    }

    /// The windows that should be looked at.
    pub(crate) fn due(&self, now: MonoNanos) -> impl Iterator<Item = WindowId> {
        let is_due = move |known: &Known| known.due_at(now).is_some_and(|due| due <= now);
        self.windows.iter().filter(move |(_, known)| is_due(known)).map(|(id, _)| *id)
    }

    pub(crate) fn closed(&mut self, window: WindowId) {
        self.windows.remove(&window);
    }

    /// Nothing of it holds any longer.
    pub(crate) fn forget(&mut self, at: MonoNanos) {
        for known in self.windows.values_mut() {
            *known = Known { due: Some(at), ..Known::default() };
        }
    }
}

impl Known {
    fn judge(&self, level: Level, span: Span, now: MonoNanos) -> Judgement {
        let Some(before) = self.looks.iter().rposition(|l| l.asked <= span.from) else {
            return Judgement::Drop(DenyRule::SiteUnknown);
        };
        let settled = span.to.plus_millis(SETTLED_MILLIS);
        for look in self.looks.iter().skip(before) {
            match look.judged {
                Err(rule) => return Judgement::Drop(rule),
                Ok(most) if most < level => return Judgement::Drop(DenyRule::SiteNotAgreed),
                Ok(_) if look.asked >= settled => return Judgement::Keep,
                Ok(_) => {}
            }
        }
        let in_time = now < span.to.plus_millis(SITE_WITHIN_MILLIS);
        if in_time { Judgement::Wait } else { Judgement::Drop(DenyRule::SiteUnknown) }
    }

    /// Since when it should be looked at.
    fn due_at(&self, now: MonoNanos) -> Option<MonoNanos> {
        let waits = |span: &Span| now < span.to.plus_millis(SITE_WITHIN_MILLIS);
        let unconfirmed = self.unconfirmed.filter(waits).map(|span| span.from.plus_millis(SETTLED_MILLIS));
        [self.due, unconfirmed].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: WindowId = WindowId(1);

    fn at(millis: u64) -> MonoNanos {
        MonoNanos::from_millis(millis)
    }

    fn host(name: &str) -> Page {
        Page { seen: SiteSeen::Host(name.into()), browsing: Browsing::Ordinary }
    }

    fn look(sites: &mut Sites, asked: u64, judged: Result<Level, DenyRule>) {
        sites.shows(WINDOW, at(asked), host(if judged.is_ok() { "a" } else { "b" }));
        sites.judged(WINDOW, at(asked), judged);
    }

    /// What becomes of something from 1,000 to 1,010 ms at level full.
    fn check(looks: &[(u64, Result<Level, DenyRule>)], now: u64, expected: Judgement) {
        let mut sites = Sites::default();
        sites.doubt(WINDOW, at(0));
        looks.iter().for_each(|(asked, judged)| look(&mut sites, *asked, *judged));
        let sited = Sited { pages: vec![WINDOW], level: Level::Full };
        assert_eq!(sites.judge(&sited, Span { from: at(1_000), to: at(1_010) }, at(now)), expected);
    }

    const GOOD: Result<Level, DenyRule> = Ok(Level::Full);
    const BAD: Result<Level, DenyRule> = Err(DenyRule::SiteNotAgreed);
    const UNKNOWN: Judgement = Judgement::Drop(DenyRule::SiteUnknown);
    const DROPPED: Judgement = Judgement::Drop(DenyRule::SiteNotAgreed);

    #[test]
    fn it_is_kept_between_two_looks_that_allow_it() {
        check(&[(900, GOOD), (1_210, GOOD)], 1_211, Judgement::Keep);
        check(&[(900, GOOD), (1_209, GOOD)], 1_211, Judgement::Wait);
        check(&[(900, GOOD), (1_209, GOOD)], 4_010, UNKNOWN);
        check(&[(1_001, GOOD), (1_210, GOOD)], 1_211, UNKNOWN);
        check(&[], 1_000, UNKNOWN);
    }

    #[test]
    fn one_look_that_does_not_allow_it_drops_it() {
        check(&[(900, GOOD), (1_100, BAD), (1_210, GOOD)], 1_211, DROPPED);
        check(&[(900, BAD), (1_210, GOOD)], 1_211, DROPPED);
        check(&[(900, GOOD), (1_210, Ok(Level::Masked))], 1_211, DROPPED);
        check(&[(500, BAD), (900, GOOD), (1_210, GOOD), (1_300, BAD)], 1_400, Judgement::Keep);
    }

    #[test]
    fn a_look_is_due_after_a_sign_and_for_what_waits_and_else_not() {
        let mut sites = Sites::default();
        let due = |sites: &Sites, millis| sites.due(at(millis)).count();
        sites.doubt_again(WINDOW, at(10));
        assert_eq!(due(&sites, 9_999), 0, "its site does not matter");
        sites.doubt(WINDOW, at(10));
        assert_eq!(due(&sites, 10), 1);
        look(&mut sites, 20, GOOD);
        assert_eq!(due(&sites, 9_999), 0);
        let sited = Sited { pages: vec![WINDOW], level: Level::Full };
        sites.hold(&sited, at(100));
        sites.hold(&sited, at(150));
        assert_eq!((due(&sites, 299), due(&sites, 300)), (0, 1));
        look(&mut sites, 310, GOOD);
        assert_eq!((due(&sites, 309), due(&sites, 310)), (0, 1), "the second waits for another");
        assert_eq!(due(&sites, 3_150), 0, "and not for ever");
        look(&mut sites, 400, GOOD);
        assert_eq!(due(&sites, 500), 0);
        sites.denied(WINDOW, at(600));
        assert_eq!((due(&sites, 1_599), due(&sites, 1_600)), (0, 1));
    }

    #[test]
    fn looks_in_vain_become_rare_and_memory_is_bounded() {
        let mut sites = Sites::default();
        sites.doubt(WINDOW, at(0));
        let mut now = 0;
        for wait in [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000] {
            sites.looked_in_vain(WINDOW, at(now), at(now));
            now += wait;
            assert_eq!(sites.due(at(now)).count(), 1);
            assert_eq!(sites.due(at(now - 1)).count(), 0);
        }
        (0..1_000).for_each(|i| look(&mut sites, 100_000 + i, GOOD));
        assert_eq!(sites.windows[&WINDOW].looks.len(), LOOKS_MAX);
        (0..5_000).for_each(|i| sites.doubt(WindowId(i), at(0)));
        assert_eq!(sites.windows.len(), WINDOWS_MAX);
    }
}

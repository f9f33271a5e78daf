//! What has to hold at every moment in which an agent looks or acts: nobody stopped it, the terms cover what the chosen
//! window shows, and the window is in front.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use overt_agreement::Lock;
use overt_capture_x11::{OwnWindows, Pointed, Sight, StopKey};
use overt_event::{Level, Point, VisibleWindow, WindowId, WindowKind};

use crate::act::{Ended, Order};
use crate::error::ActError;
use crate::frame::Frame;
use crate::permit::{Permit, Shown};

/// What the frame says.
const WORDS: &str = "Overt acts here";

/// The chosen window, and who watches over it.
pub(crate) struct Ward<'a> {
    /// As it was seen last.
    chosen: VisibleWindow,
    permit: &'a Permit,
    sight: Sight,
    frame: Frame,
    stop: Arc<AtomicBool>,
    stop_key: StopKey,
    interrupted: &'a dyn Fn() -> bool,
    /// What the window showed when it was asked last.
    shown: Option<Shown>,
    level: Level,
    /// Why nothing more is done.
    ended: Option<Ended>,
}

impl<'a> Ward<'a> {
    /// The verdict first, then the stop key and the frame, and only then the window comes in front.
    pub(crate) fn over(order: &Order<'a>, permit: &'a Permit) -> Result<Self, ActError> {
        let (display, own) = (order.display, OwnWindows::default());
        let mut sight = Sight::open(display, own.clone())?;
        let chosen = find(sight.windows()?, order.window).ok_or(ActError::NoWindow)?;
        permit.may_look(&chosen, lock_of(&mut sight)?)?;
        let stop = Arc::new(AtomicBool::new(false));
        let pressed = Arc::clone(&stop);
        let stop_key = StopKey::grab(display, move || pressed.store(true, Ordering::Release))?;
        let words = format!("{WORDS} - {} stops", StopKey::NAME);
        let frame = Frame::show(display, &own, chosen.bounds, &words)?;
        let in_front = sight.activate(chosen.id)?;
        Ok(Self {
            chosen,
            permit,
            sight,
            frame,
            stop,
            stop_key,
            interrupted: order.interrupted,
            shown: None,
            level: Level::Structure,
            ended: (!in_front).then_some(Ended::NotInFront),
        })
    }

    pub(crate) fn chosen(&self) -> &VisibleWindow {
        &self.chosen
    }

    /// How much may be kept of what it shows. Before it was asked: the least.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    pub(crate) fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Nothing more is done. The first reason stands.
    pub(crate) fn end(&mut self, why: Ended) {
        self.ended.get_or_insert(why);
    }

    /// The windows that may be acted in, the chosen one first, then menus and lists of its application in front of it.
    /// None of them where nothing more may be done.
    pub(crate) fn front(&mut self) -> Result<Vec<VisibleWindow>, ActError> {
        if self.ended.is_none() {
            self.ended = self.reason_to_end()?;
        }
        if self.ended.is_some() {
            return Ok(Vec::new());
        }
        let windows = self.sight.windows()?.iter();
        let menus = windows.filter(|w| belongs(w, &self.chosen));
        Ok(std::iter::once(&self.chosen).chain(menus).cloned().collect())
    }

    fn reason_to_end(&mut self) -> Result<Option<Ended>, ActError> {
        if (self.interrupted)() {
            return Ok(Some(Ended::Interrupted));
        }
        if self.stop.load(Ordering::Acquire) {
            return Ok(Some(Ended::StopKey));
        }
        if !self.stop_key.is_heard() {
            return Err(ActError::StopKey);
        }
        if !self.permit.stands() {
            return Ok(Some(Ended::TermsChanged));
        }
        let Some(now) = find(self.sight.windows()?, self.chosen.id).filter(|w| is_the_same(w, &self.chosen))
        else {
            return Ok(Some(Ended::WindowGone));
        };
        self.chosen = now;
        if !self.is_allowed()? {
            return Ok(Some(Ended::NotAllowed));
        }
        self.frame.place(self.chosen.bounds)?;
        Ok((self.sight.active()? != Some(self.chosen.id)).then_some(Ended::NotInFront))
    }

    fn is_allowed(&mut self) -> Result<bool, ActError> {
        let lock = lock_of(&mut self.sight)?;
        let Some(shown) = &self.shown else { return Ok(self.permit.may_look(&self.chosen, lock).is_ok()) };
        let level = self.permit.may_act(&self.chosen, lock, shown).ok();
        self.level = level.unwrap_or(Level::Structure);
        Ok(level.is_some())
    }

    /// From now on it is judged by what it shows.
    pub(crate) fn judge_by(&mut self, shown: Shown) {
        self.shown = Some(shown);
    }

    /// What the display calls the chosen window.
    pub(crate) fn title(&self) -> Result<String, ActError> {
        Ok(self.sight.title(self.chosen.id)?)
    }

    /// Where the pointer is, and what a press would reach there.
    pub(crate) fn pointed(&mut self) -> Result<Pointed, ActError> {
        Ok(self.sight.pointed()?)
    }

    /// The window that a press would reach at a place.
    pub(crate) fn under(&mut self, at: Point) -> Result<Option<WindowId>, ActError> {
        Ok(self.sight.under(at)?)
    }

    /// Whether a key would reach the chosen window now. `in_menu`: an open menu of it has grabbed the keyboard.
    pub(crate) fn hears_keys(&mut self, in_menu: bool) -> Result<bool, ActError> {
        Ok(self.sight.focused()? == Some(self.chosen.id) && (in_menu || self.sight.keyboard_is_free()?))
    }

    /// Whether another application's window lies over a window, or over a part of it.
    pub(crate) fn is_covered(&mut self, window: &VisibleWindow) -> Result<bool, ActError> {
        let top_first = self.sight.windows()?.iter().rev();
        let mut over = top_first.take_while(|w| w.id != window.id).filter(|w| !w.own && w.pid != window.pid);
        Ok(over.any(|w| w.bounds.intersect(window.bounds).is_some()))
    }
}

fn lock_of(sight: &mut Sight) -> Result<Lock, ActError> {
    Ok(if sight.is_covered()? { Lock::Locked } else { Lock::Open })
}

fn find(windows: &[VisibleWindow], id: WindowId) -> Option<VisibleWindow> {
    windows.iter().find(|w| w.id == id).cloned()
}

/// A window of another process can have got the number of one that is gone.
fn is_the_same(window: &VisibleWindow, chosen: &VisibleWindow) -> bool {
    window.pid == chosen.pid && window.app == chosen.app
}

/// A menu or list of the same process.
fn belongs(window: &VisibleWindow, chosen: &VisibleWindow) -> bool {
    window.kind == WindowKind::Popup && !window.own && window.pid.is_some() && window.pid == chosen.pid
}

//! What has to hold at every moment in which an agent looks or acts: nobody stopped it, the terms cover what the chosen
//! window shows, and the window is in front.

use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use overt_agreement::Lock;
use overt_capture_system::{SystemConfig, SystemWatch};
use overt_capture_x11::{OwnWindows, Pointed, Sight, StopKey};
use overt_event::{Level, Point, Rect, VisibleWindow, WindowId, WindowKind};
use x11rb::protocol::xproto::ModMask;

use crate::act::{Ended, Order};
use crate::error::ActError;
use crate::frame::Frame;
use crate::permit::{Permit, Shown};

/// What the frame says.
const WORDS: &str = "Overt acts here";
/// Fingers that are at a chord finish it within this.
const CHORD_WITHIN: Duration = Duration::from_millis(500);

/// The chosen window, and who watches over it.
pub(crate) struct Ward<'a> {
    /// As it was seen last.
    chosen: VisibleWindow,
    permit: &'a Permit,
    sight: Sight,
    /// Without it only the display tells of a lock.
    system: Option<SystemWatch>,
    frame: Frame,
    /// Holds something once the stop key was pressed.
    stop: Receiver<()>,
    stop_key: StopKey,
    interrupted: &'a dyn Fn() -> bool,
    /// What the window showed when it was asked last, and what the display called it then.
    shown: Option<(Shown, String)>,
    level: Level,
    /// Why nothing more is done.
    ended: Option<Ended>,
}

impl<'a> Ward<'a> {
    /// The verdict first, then the stop key and the frame, and only then the window comes in front.
    pub(crate) fn over(order: &Order<'a>, permit: &'a Permit) -> Result<Self, ActError> {
        let (display, own) = (order.display, OwnWindows::default());
        let mut sight = Sight::open(display, own.clone())?;
        let bus = order.system_bus.map(str::to_owned);
        let system = overt_capture_system::start(SystemConfig { bus, ..SystemConfig::default() }).ok();
        let chosen = find(sight.windows()?, order.window).ok_or(ActError::NoWindow)?;
        permit.may_look(&chosen, lock_of(&mut sight, system.as_ref())?)?;
        let (pressed, stop) = bounded(1);
        // Pressed once, it is pressed for good.
        let stop_key = StopKey::grab(display, move || _ = pressed.try_send(()))?;
        let words = format!("{WORDS} - {} stops", StopKey::NAME);
        let frame = Frame::show(display, &own, chosen.bounds, &words)?;
        let in_front = sight.activate(chosen.id)?;
        Ok(Self {
            chosen,
            permit,
            sight,
            system,
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
        if !self.stop.is_empty() {
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
        let lock = lock_of(&mut self.sight, self.system.as_ref())?;
        let Some((shown, _)) = &self.shown else {
            return Ok(self.permit.may_look(&self.chosen, lock).is_ok());
        };
        let level = self.permit.may_act(&self.chosen, lock, shown).ok();
        self.level = level.unwrap_or(Level::Structure);
        Ok(level.is_some())
    }

    /// From now on it is judged by what it shows under this title.
    pub(crate) fn judge_by(&mut self, shown: Shown, title: String) {
        self.shown = Some((shown, title));
    }

    /// Whether it may show something else by now than what it is judged by.
    pub(crate) fn is_renamed(&self) -> Result<bool, ActError> {
        let title = self.title()?;
        Ok(self.shown.as_ref().is_none_or(|(_, called)| *called != title))
    }

    /// Whether it would be denied only because its application has not told enough.
    pub(crate) fn is_in_doubt(&mut self, shown: &Shown) -> Result<bool, ActError> {
        let lock = lock_of(&mut self.sight, self.system.as_ref())?;
        Ok(self.permit.is_in_doubt(&self.chosen, lock, shown))
    }

    /// A person's fingers are at a chord: nothing is done until it is known whether it is the stop key, which only we hear.
    pub(crate) fn end_by_chord(&mut self) {
        let stopped = self.stop.recv_timeout(CHORD_WITHIN).is_ok();
        self.end(if stopped { Ended::StopKey } else { Ended::PersonActs });
    }

    /// What the display calls the chosen window.
    pub(crate) fn title(&self) -> Result<String, ActError> {
        Ok(self.sight.title(self.chosen.id)?)
    }

    /// Where the pointer is, and what a press would reach there.
    pub(crate) fn pointed(&mut self) -> Result<Pointed, ActError> {
        Ok(self.sight.pointed()?)
    }

    /// The part of a window where the pointer can go.
    pub(crate) fn on_screen(&self, bounds: Rect) -> Option<Rect> {
        bounds.intersect(self.sight.screen())
    }

    /// The window that a press would reach at a place.
    pub(crate) fn under(&mut self, at: Point) -> Result<Option<WindowId>, ActError> {
        Ok(self.sight.under(at)?)
    }

    /// Whether keys go to the chosen window, unless a program has grabbed the keyboard.
    pub(crate) fn has_focus(&mut self) -> Result<bool, ActError> {
        Ok(self.sight.focused()? == Some(self.chosen.id))
    }

    /// Whether no program has grabbed the keyboard.
    pub(crate) fn keyboard_is_free(&self) -> Result<bool, ActError> {
        Ok(self.sight.keyboard_is_free()?)
    }

    /// Whether no program has grabbed the pointer.
    pub(crate) fn pointer_is_free(&self) -> Result<bool, ActError> {
        Ok(self.sight.pointer_is_free()?)
    }

    /// Whether a chord goes to the window that has the focus, and to no program that takes it from all of them.
    pub(crate) fn chord_is_free(&self, (modifiers, key): (ModMask, u8)) -> Result<bool, ActError> {
        Ok(self.sight.chord_is_free(modifiers, key)?)
    }

    /// Whether another application's window lies over a window, or over a part of it.
    pub(crate) fn is_covered(&mut self, window: &VisibleWindow) -> Result<bool, ActError> {
        let top_first = self.sight.windows()?.iter().rev();
        let mut over = top_first.take_while(|w| w.id != window.id).filter(|w| !w.own && w.pid != window.pid);
        Ok(over.any(|w| w.bounds.intersect(window.bounds).is_some()))
    }
}

/// As recording has it: by the display itself and by the login service. What nobody tells is no lock.
fn lock_of(sight: &mut Sight, system: Option<&SystemWatch>) -> Result<Lock, ActError> {
    let is_locked = system.is_some_and(|system| system.signs().locked == Some(true));
    Ok(if sight.is_covered()? || is_locked { Lock::Locked } else { Lock::Open })
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

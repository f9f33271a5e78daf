//! The chosen window as a world to act in: eyes, hands, and the ward that lets them.

use std::time::{Duration, Instant};

use overt_capture_x11::Held;
use overt_event::{Level, Node, Point, VisibleWindow, WindowKind};
use overt_hands::Hands;
use overt_learn::ground::Screen;
use overt_learn::{Deed, Manner, Picture, Scene, Sight as Seen, World};

use crate::act::{Ended, Order};
use crate::chord::{strokes, works_beyond_the_window};
use crate::error::ActError;
use crate::eye::{Eye, Looked, TOLD_WITHIN, silent};
use crate::permit::Permit;
use crate::ward::Ward;

/// What a menu or a list offers.
const CHOICES: [&str; 5] = ["menu item", "check menu item", "radio menu item", "list item", "table cell"];
/// A page whose title just changes is called otherwise by its application for a moment.
const ASKED_TIMES_MAX: usize = 4;
/// Somebody who rests on a key for longer is not waited for.
const LEAVES_WITHIN: Duration = Duration::from_secs(2);
/// A window may move while it is decided what to do there, but not each time.
const SKIPPED_MAX: usize = 5;

/// The chosen window, and everything that sees and acts in it.
pub(crate) struct Desk<'a> {
    ward: Ward<'a>,
    /// Of a policy that goes by what elements look like.
    screen: Option<Screen>,
    eye: Eye,
    hands: Hands,
    /// The window that was looked at last: places of its elements are places in it.
    looked: VisibleWindow,
    /// It is a menu that had the keyboard then.
    had_keyboard: bool,
    /// Where the pointer was put last: elsewhere somebody else has moved it.
    put: Option<Point>,
    /// Deeds that were done, the pointer's rests among them.
    deeds: usize,
    /// Deeds that could not be done since the last that was.
    skipped: usize,
}

impl<'a> Desk<'a> {
    pub(crate) fn sit_down(order: &Order<'a>, permit: &'a Permit, pictures: bool) -> Result<Self, ActError> {
        let ward = Ward::over(order, permit)?;
        let display = order.display.map(str::to_owned).or_else(|| std::env::var("DISPLAY").ok());
        let screen = pictures.then(|| Screen::open(display.as_deref()).map_err(|_| ActError::Screen));
        Ok(Self {
            screen: screen.transpose()?,
            eye: Eye::open(order.session_bus)?,
            hands: Hands::at(&display.unwrap_or_default())?,
            looked: ward.chosen().clone(),
            had_keyboard: false,
            put: None,
            ward,
            deeds: 0,
            skipped: 0,
        })
    }

    /// Why nothing more was done, where that was not for the policy to say; and how many deeds were. The application is left once no
    /// key is down: who goes while it is told of a key makes Chromium crash in its bridge to the accessibility bus (6 of 30 times, 2026-11-30).
    pub(crate) fn leave(mut self) -> Result<(Option<Ended>, usize), ActError> {
        let until = Instant::now() + LEAVES_WITHIN;
        while self.ward.pointed()?.held != Held::Nothing && Instant::now() < until {
            // Two seconds at most are not worth one more who listens to all keys.
            std::thread::sleep(Duration::from_millis(20));
        }
        self.eye.settle();
        Ok((self.ward.ended(), self.deeds))
    }

    /// Asks the application what the window shows, by which it is judged from now on. False where nothing more may be done.
    fn ask(&mut self) -> Result<bool, ActError> {
        let until = Instant::now() + TOLD_WITHIN;
        for times in 1.. {
            if self.ward.front()?.is_empty() {
                return Ok(false);
            }
            let title = self.ward.title()?;
            let told = self.eye.shown(looked(self.ward.chosen())?, title.clone());
            let settled = told.is_answer() && times >= ASKED_TIMES_MAX;
            if settled || !self.ward.is_in_doubt(&told)? {
                self.ward.judge_by(told, title);
                break;
            }
            if Instant::now() >= until {
                self.fall_silent()?;
            }
            self.eye.settle();
        }
        Ok(!self.ward.front()?.is_empty())
    }

    /// Asks again where the window is called otherwise than when it was asked: another site or another mode has another title.
    fn ask_if_renamed(&mut self) -> Result<bool, ActError> {
        if self.ward.is_renamed()? { self.ask() } else { Ok(true) }
    }

    /// What was done before is still told.
    ///
    /// Errors: [`ActError::Silent`] where there is nothing of that kind.
    fn fall_silent(&mut self) -> Result<(), ActError> {
        if self.deeds == 0 {
            return Err(silent());
        }
        self.ward.end(Ended::Silent);
        Ok(())
    }

    /// Moves the pointer there, where that is still in the window that was looked at.
    fn reach(&mut self, scene: &Scene, on: usize) -> Result<bool, ActError> {
        let seen = self.ward.on_screen(self.looked.bounds).unwrap_or_default();
        let at = scene.aim(on, seen);
        let is_there = self.stands_as_looked_at()? && seen.contains(at);
        if !is_there || !self.ask_if_renamed()? || !self.is_left_alone()? {
            return Ok(false);
        }
        if self.ward.under(at)? != Some(self.looked.id) {
            self.ward.end(Ended::NotInFront);
            return Ok(false);
        }
        self.hands.move_to(at)?;
        self.put = Some(at);
        self.eye.settle();
        Ok(self.ask()? && self.stands_as_looked_at()? && self.is_left_alone()? && self.points_at_it()?)
    }

    /// Whether a press would reach the window that was looked at.
    fn points_at_it(&mut self) -> Result<bool, ActError> {
        if self.ward.pointed()?.window != Some(self.looked.id) {
            self.ward.end(Ended::NotInFront);
        }
        Ok(self.ward.ended().is_none())
    }

    /// Whether nobody's hands are on the keyboard or the pointer.
    fn is_left_alone(&mut self) -> Result<bool, ActError> {
        let pointed = self.ward.pointed()?;
        match pointed.held {
            Held::ChordBegins => self.ward.end_by_chord(),
            Held::Nothing if self.put.is_none_or(|at| at == pointed.at) => {}
            Held::Nothing | Held::Other => self.ward.end(Ended::PersonActs),
        }
        Ok(self.ward.ended().is_none())
    }

    /// Whether the window that was looked at may be acted in and lies where it lay: otherwise its elements are elsewhere.
    fn stands_as_looked_at(&mut self) -> Result<bool, ActError> {
        let front = self.ward.front()?;
        Ok(front.iter().any(|w| (w.id, w.bounds) == (self.looked.id, self.looked.bounds)))
    }

    /// An open menu has the pointer itself; from another window nobody may have taken it.
    fn press(&mut self, manner: &Manner) -> Result<bool, ActError> {
        let (button, times) = match manner {
            Manner::Click => (1, 1),
            Manner::DoubleClick => (1, 2),
            Manner::TripleClick => (1, 3),
            Manner::RightClick => (3, 1),
            Manner::Hover | Manner::Type | Manner::Key(_) => return Ok(true),
        };
        if self.looked.kind != WindowKind::Popup && !self.ward.pointer_is_free()? {
            self.ward.end(Ended::NotInFront);
            return Ok(false);
        }
        self.hands.press(button, times)?;
        Ok(true)
    }

    /// Whether keys would reach the window, and nobody's hands are on them.
    fn may_type(&mut self) -> Result<bool, ActError> {
        if self.ward.front()?.is_empty() || !self.ask_if_renamed()? {
            return Ok(false);
        }
        let is_gone = self.looked.kind == WindowKind::Popup && !self.stands_as_looked_at()?;
        if is_gone || !self.is_left_alone()? {
            return Ok(false);
        }
        if !self.hears_keys()? {
            self.ward.end(Ended::NotInFront);
        }
        Ok(self.ward.ended().is_none())
    }

    /// An open menu may have the keyboard. Who took it later is somebody else.
    fn hears_keys(&mut self) -> Result<bool, ActError> {
        Ok(self.ward.has_focus()? && (self.had_keyboard || self.ward.keyboard_is_free()?))
    }

    /// Types a text a character at a time: who stops it in the middle is not heard at its end only. A key that has to be lent
    /// is there before it is asked whether it may be pressed.
    fn write(&mut self, text: &str) -> Result<bool, ActError> {
        let mut begun = self.ask()? && text.is_empty();
        for c in text.chars() {
            if self.ward.ended().is_some() {
                break;
            }
            self.hands.lend(c)?;
            if !self.may_type()? {
                break;
            }
            self.hands.type_text(c.encode_utf8(&mut [0; 4]))?;
            begun = true;
        }
        Ok(begun)
    }

    fn strike(&mut self, keys: &[String]) -> Result<bool, ActError> {
        if works_beyond_the_window(keys) || self.is_taken(keys)? {
            self.ward.end(Ended::BeyondTheWindow);
        }
        let may = self.ask()? && self.may_type()?;
        if may {
            self.hands.chord(keys)?;
        }
        Ok(may)
    }

    /// Whether a program takes the chord from whatever window has the focus.
    fn is_taken(&self, keys: &[String]) -> Result<bool, ActError> {
        for (held, key) in strokes(keys) {
            if !self.ward.chord_is_free((held, self.hands.code(key)?))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What cannot be done again and again ends it.
    fn count(&mut self, done: bool) {
        self.deeds += usize::from(done);
        self.skipped = if done { 0 } else { self.skipped + 1 };
        if self.skipped >= SKIPPED_MAX {
            self.ward.end(Ended::OutOfReach);
        }
    }

    /// What the screen shows where a window lies; nothing where less than everything may be kept, or while another
    /// application's window lies over it.
    fn picture(&mut self, window: &VisibleWindow) -> Result<Option<Picture>, ActError> {
        let is_hidden = self.ward.level() < Level::Full || self.ward.is_covered(window)?;
        match self.screen.as_ref().filter(|_| !is_hidden) {
            Some(screen) => screen.picture(window.bounds).map_err(|_| ActError::Screen),
            None => Ok(None),
        }
    }

    /// Of a menu that is just going nothing is told.
    fn see(&mut self, window: &VisibleWindow) -> Result<Vec<Node>, ActError> {
        match window.kind {
            WindowKind::Popup => Ok(self.eye.glance(looked(window)?).unwrap_or_default()),
            _ => self.eye.see(looked(window)?),
        }
    }

    /// The scene in the foremost window that has one. A menu takes all input while it is open; a tooltip is none.
    fn scene(&mut self, front: Vec<VisibleWindow>, pictures: bool) -> Result<Option<Scene>, ActError> {
        for window in front.into_iter().rev() {
            let nodes = self.see(&window)?;
            if window.kind != WindowKind::Popup || nodes.iter().any(|n| CHOICES.contains(&n.role.as_str())) {
                let picture = if pictures { self.picture(&window)? } else { None };
                self.had_keyboard = window.kind == WindowKind::Popup && !self.ward.keyboard_is_free()?;
                self.looked = window;
                return Ok(Some(Scene::new(nodes).seen_in(picture.as_ref())));
            }
        }
        Ok(None)
    }
}

impl World for Desk<'_> {
    type Error = ActError;

    fn look(&mut self, pictures: bool) -> Result<Seen, ActError> {
        self.eye.settle();
        if !self.ask()? {
            return Ok(Seen::Over);
        }
        let front = self.ward.front()?;
        match self.scene(front, pictures) {
            Ok(scene) => Ok(scene.map_or(Seen::Over, Seen::Scene)),
            Err(ActError::Silent { .. }) => self.fall_silent().map(|()| Seen::Over),
            Err(error) => Err(error),
        }
    }

    fn perform(&mut self, scene: &Scene, deed: &Deed) -> Result<Option<Scene>, ActError> {
        let done = match (deed.on.filter(|_| deed.manner.points()), &deed.manner) {
            (Some(on), manner) => self.reach(scene, on)? && self.press(manner)?,
            (None, Manner::Key(keys)) => self.strike(keys)?,
            (None, _) => self.write(deed.text.as_deref().unwrap_or_default())?,
        };
        self.count(done);
        Ok(None)
    }

    fn rest(&mut self, scene: &Scene, on: usize) -> Result<(), ActError> {
        let done = self.reach(scene, on)?;
        self.count(done);
        Ok(())
    }

    fn has_done_it(&self) -> bool {
        self.skipped == 0
    }
}

fn looked(window: &VisibleWindow) -> Result<Looked, ActError> {
    Ok(Looked { window: window.id, pid: window.pid.ok_or(ActError::NoWindow)?, bounds: window.bounds })
}

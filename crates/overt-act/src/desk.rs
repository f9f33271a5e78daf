//! The chosen window as a world to act in: eyes, hands, and the ward that lets them.

use overt_event::{Level, Node, VisibleWindow, WindowKind};
use overt_hands::Hands;
use overt_learn::ground::Screen;
use overt_learn::{Deed, Manner, Picture, Scene, Sight as Seen, World};

use crate::act::{Ended, Order};
use crate::error::ActError;
use crate::eye::{Eye, Looked};
use crate::permit::{Permit, Shown};
use crate::ward::Ward;

/// What a menu or a list offers.
const CHOICES: [&str; 5] = ["menu item", "check menu item", "radio menu item", "list item", "table cell"];
/// A page whose title just changes is called otherwise by its application for a moment.
const ASKED_TIMES_MAX: usize = 4;

/// The chosen window, and everything that sees and acts in it.
pub(crate) struct Desk<'a> {
    ward: Ward<'a>,
    /// Of a policy that goes by what elements look like.
    screen: Option<Screen>,
    eye: Eye,
    hands: Hands,
    /// The window that was looked at last: places of its elements are places in it.
    looked: VisibleWindow,
    /// Deeds that were done, the pointer's rests among them.
    deeds: usize,
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
            ward,
            deeds: 0,
        })
    }

    /// Why nothing more was done, where that was not for the policy to say; and how many deeds were.
    pub(crate) fn outcome(&self) -> (Option<Ended>, usize) {
        (self.ward.ended(), self.deeds)
    }

    /// Asks the application what the window shows. `None` where nothing more may be done.
    fn shown(&mut self) -> Result<Option<Shown>, ActError> {
        let mut shown = None;
        for _ in 0..ASKED_TIMES_MAX {
            if self.ward.front()?.is_empty() {
                return Ok(None);
            }
            let told = self.eye.shown(looked(self.ward.chosen())?, self.ward.title()?);
            let sure = told.is_sure();
            shown = Some(told);
            if sure {
                break;
            }
            self.eye.settle();
        }
        Ok(shown)
    }

    /// Moves the pointer there, where that is still in the window that was looked at.
    fn reach(&mut self, scene: &Scene, on: usize) -> Result<bool, ActError> {
        let at = scene.aim(on, self.looked.bounds);
        if !self.stands_as_looked_at()? || !self.looked.bounds.contains(at) {
            return Ok(false);
        }
        if self.ward.under(at)? != Some(self.looked.id) {
            self.ward.end(Ended::NotInFront);
            return Ok(false);
        }
        self.hands.move_to(at)?;
        self.eye.settle();
        if !self.stands_as_looked_at()? {
            return Ok(false);
        }
        let pointed = self.ward.pointed()?;
        if pointed.held || pointed.at != at {
            self.ward.end(Ended::PersonActs);
        } else if pointed.window != Some(self.looked.id) {
            self.ward.end(Ended::NotInFront);
        }
        Ok(self.ward.ended().is_none())
    }

    /// Whether the window that was looked at may be acted in and lies where it lay: otherwise its elements are elsewhere.
    fn stands_as_looked_at(&mut self) -> Result<bool, ActError> {
        let front = self.ward.front()?;
        Ok(front.iter().any(|w| (w.id, w.bounds) == (self.looked.id, self.looked.bounds)))
    }

    fn press(&mut self, manner: &Manner) -> Result<(), ActError> {
        let (button, times) = match manner {
            Manner::Click => (1, 1),
            Manner::DoubleClick => (1, 2),
            Manner::TripleClick => (1, 3),
            Manner::RightClick => (3, 1),
            Manner::Hover | Manner::Type | Manner::Key(_) => return Ok(()),
        };
        Ok(self.hands.press(button, times)?)
    }

    /// Whether keys would reach the window, and nobody's hands are on them.
    fn may_type(&mut self) -> Result<bool, ActError> {
        if self.ward.front()?.is_empty() {
            return Ok(false);
        }
        if self.ward.pointed()?.held {
            self.ward.end(Ended::PersonActs);
        } else if !self.ward.hears_keys(self.looked.kind == WindowKind::Popup)? {
            self.ward.end(Ended::NotInFront);
        }
        Ok(self.ward.ended().is_none())
    }

    /// Types a text a character at a time: who stops it in the middle is not heard at its end only.
    fn write(&mut self, text: &str) -> Result<bool, ActError> {
        let mut begun = false;
        for c in text.chars() {
            if !self.may_type()? {
                break;
            }
            self.hands.type_text(c.encode_utf8(&mut [0; 4]))?;
            begun = true;
        }
        Ok(begun)
    }

    fn strike(&mut self, keys: &[String]) -> Result<bool, ActError> {
        if works_beyond_the_window(keys) {
            self.ward.end(Ended::BeyondTheWindow);
        }
        let may = self.may_type()?;
        if may {
            self.hands.chord(keys)?;
        }
        Ok(may)
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
        let Some(shown) = self.shown()? else { return Ok(Seen::Over) };
        self.ward.judge_by(shown);
        let front = self.ward.front()?;
        match self.scene(front, pictures) {
            Ok(scene) => Ok(scene.map_or(Seen::Over, Seen::Scene)),
            // What was done before is still told.
            Err(ActError::Silent { .. }) if self.deeds > 0 => {
                self.ward.end(Ended::Silent);
                Ok(Seen::Over)
            }
            Err(error) => Err(error),
        }
    }

    fn perform(&mut self, scene: &Scene, deed: &Deed) -> Result<Option<Scene>, ActError> {
        let done = match (deed.on.filter(|_| deed.manner.points()), &deed.manner) {
            (Some(on), manner) => {
                let reached = self.reach(scene, on)?;
                if reached {
                    self.press(manner)?;
                }
                reached
            }
            (None, Manner::Key(keys)) => self.strike(keys)?,
            (None, _) => self.write(deed.text.as_deref().unwrap_or_default())?,
        };
        self.deeds += usize::from(done);
        Ok(None)
    }

    fn rest(&mut self, scene: &Scene, on: usize) -> Result<(), ActError> {
        self.deeds += usize::from(self.reach(scene, on)?);
        Ok(())
    }
}

fn looked(window: &VisibleWindow) -> Result<Looked, ActError> {
    Ok(Looked { window: window.id, pid: window.pid.ok_or(ActError::NoWindow)?, bounds: window.bounds })
}

/// Chords that window managers take by custom: with Super, with Ctrl and Alt, and with Alt what switches, moves or closes
/// windows.
fn works_beyond_the_window(keys: &[String]) -> bool {
    let has = |name: &str| keys.iter().any(|k| k == name);
    let of_windows = |k: &String| {
        let is_function = k.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok());
        is_function || ["Tab", "ISO_Left_Tab", "Escape", "space"].contains(&k.as_str())
    };
    has("super") || (has("ctrl") && has("alt")) || (has("alt") && keys.iter().any(of_windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_switches_or_closes_windows_is_not_the_windows() {
        let beyond = |keys: &[&str]| {
            works_beyond_the_window(&keys.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>())
        };
        let windows: [&[&str]; 6] = [
            &["alt", "Tab"],
            &["alt", "F4"],
            &["super", "l"],
            &["ctrl", "alt", "t"],
            &["super"],
            &["alt", "shift", "Tab"],
        ];
        let own: [&[&str]; 6] =
            [&["ctrl", "s"], &["alt", "f"], &["F10"], &["Tab"], &["ctrl", "Tab"], &["ctrl", "shift", "t"]];
        assert!(windows.iter().all(|keys| beyond(keys)) && !own.iter().any(|keys| beyond(keys)));
    }
}

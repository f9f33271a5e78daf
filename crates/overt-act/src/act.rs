//! Acting: a model decides in what the window shows, and hands do it there and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use overt_capture_x11::{OwnWindows, Sight, StopKey};
use overt_event::{Node, Point, VisibleWindow, WindowId, WindowKind};
use overt_hands::Hands;
use overt_learn::ground::Screen;
use overt_learn::{
    Agent, Decision, Deed, Goal, Manner, Picture, Policy, Scene, Sight as Seen, Stopped, World,
};
use serde::Serialize;

use crate::error::ActError;
use crate::eye::{Eye, Looked};
use crate::frame::Frame;
use crate::permit::Permit;

/// What a menu or a list offers.
const CHOICES: [&str; 5] = ["menu item", "check menu item", "radio menu item", "list item", "table cell"];
/// What the frame says.
const WORDS: &str = "Overt acts here";

/// Where and how an agent acts.
pub struct Order<'a> {
    /// `None`: as the environment says.
    pub display: Option<&'a str>,
    /// The session bus that leads to the accessibility bus; `None`: as the environment says.
    pub session_bus: Option<&'a str>,
    pub window: WindowId,
    pub goal: &'a str,
    /// At most so many deeds.
    pub steps_max: usize,
    /// Say what would be done first, and do nothing.
    pub dry_run: bool,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// As far as the model knows, it is done.
    Done,
    /// The model knew nothing more to do.
    NothingToDo,
    StepLimit,
    /// The person pressed the stop key.
    StopKey,
    /// Nothing was done, as was asked.
    DryRun,
    /// The window is gone.
    WindowGone,
    /// Another window came in front: whoever works there is not disturbed.
    NotInFront,
}

/// What an agent did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Acted {
    pub ended: Ended,
    pub steps: usize,
}

/// Lets a policy act in one window. `told` hears of each decision before it is carried out.
///
/// Errors: what keeps the window from being seen or acted in; [`ActError::Denied`] before anything is looked at,
/// where the terms do not cover it, and whenever they no longer do.
pub fn act(
    order: &Order<'_>,
    permit: &Permit,
    policy: &dyn Policy,
    told: &mut dyn FnMut(&Scene, &Decision),
) -> Result<Acted, ActError> {
    let mut desk = Desk::sit_down(order, permit, policy.looks_at_pictures())?;
    let goal = Goal::new(order.goal);
    let agent = Agent { policy, goal: &goal, steps_max: order.steps_max, ends_itself: true };
    let mut decided = false;
    let (stopped, steps) = agent.run(&mut desk, &mut |scene, decision| {
        told(scene, decision);
        decided = true;
        !order.dry_run
    })?;
    let ended = match (desk.ended, stopped) {
        (Some(ended), _) => ended,
        (None, Stopped::StepLimit) => Ended::StepLimit,
        (None, Stopped::Done) => Ended::Done,
        (None, _) if order.dry_run && decided => Ended::DryRun,
        (None, _) => Ended::NothingToDo,
    };
    Ok(Acted { ended, steps })
}

/// The chosen window, and everything that sees and acts in it.
struct Desk<'a> {
    window: WindowId,
    permit: &'a Permit,
    sight: Sight,
    /// Of a policy that goes by what elements look like.
    screen: Option<Screen>,
    eye: Eye,
    hands: Hands,
    frame: Frame,
    stop: Arc<AtomicBool>,
    _stop_key: StopKey,
    /// The window that was looked at last: places of its elements are places in it.
    looked: VisibleWindow,
    /// Why nothing more is done.
    ended: Option<Ended>,
}

impl<'a> Desk<'a> {
    /// The verdict first, then the frame and the stop key, and only then anything that could see or act.
    fn sit_down(order: &Order<'_>, permit: &'a Permit, pictures: bool) -> Result<Self, ActError> {
        let (display, own) = (order.display, OwnWindows::default());
        let mut sight = Sight::open(display, own.clone())?;
        let chosen = find(sight.windows()?, order.window).ok_or(ActError::NoWindow)?;
        permit.allows(&chosen)?;
        let stop = Arc::new(AtomicBool::new(false));
        let pressed = Arc::clone(&stop);
        let stop_key = StopKey::grab(display, move || pressed.store(true, Ordering::Release))?;
        let words = format!("{WORDS} - {} stops", StopKey::NAME);
        let frame = Frame::show(display, &own, chosen.bounds, &words)?;
        let in_front = sight.activate(chosen.id)?;
        let display = display.map(str::to_owned).or_else(|| std::env::var("DISPLAY").ok());
        let screen = pictures.then(|| Screen::open(display.as_deref()).map_err(|_| ActError::Screen));
        Ok(Self {
            window: order.window,
            permit,
            sight,
            screen: screen.transpose()?,
            eye: Eye::open(order.session_bus)?,
            hands: Hands::at(&display.unwrap_or_default())?,
            frame,
            stop,
            _stop_key: stop_key,
            looked: chosen,
            ended: (!in_front).then_some(Ended::NotInFront),
        })
    }

    /// The windows that may be acted in, the chosen one first, then menus and lists of its application in front of it.
    /// None of them where nothing more may be done.
    fn front(&mut self) -> Result<Vec<VisibleWindow>, ActError> {
        if self.stop.load(Ordering::Acquire) {
            self.ended = Some(Ended::StopKey);
        }
        if self.ended.is_some() {
            return Ok(Vec::new());
        }
        let windows = self.sight.windows()?.to_vec();
        let Some(chosen) = find(&windows, self.window) else {
            self.ended = Some(Ended::WindowGone);
            return Ok(Vec::new());
        };
        self.permit.allows(&chosen)?;
        self.frame.place(chosen.bounds)?;
        let mut front: Vec<_> = windows.into_iter().filter(|w| belongs(w, &chosen)).collect();
        if front.is_empty() && self.sight.active()? != Some(self.window) {
            self.ended = Some(Ended::NotInFront);
            return Ok(Vec::new());
        }
        front.insert(0, chosen);
        Ok(front)
    }

    /// Moves the pointer there, where that is still in the window that was looked at; a tooltip over it goes by that.
    fn reach(&mut self, scene: &Scene, on: usize) -> Result<bool, ActError> {
        let front = self.front()?;
        let at = scene.aim(on, self.looked.bounds);
        let top = self.top(at)?;
        let within = self.looked.bounds.contains(at) && front.iter().any(|w| Some(w.id) == top);
        if within {
            self.hands.move_to(at)?;
            self.eye.settle();
        }
        let reached = within && self.top(at)? == Some(self.looked.id);
        if !reached {
            self.ended.get_or_insert(Ended::NotInFront);
        }
        Ok(reached)
    }

    /// The window at a place.
    fn top(&mut self, at: Point) -> Result<Option<WindowId>, ActError> {
        let mut top_first = self.sight.windows()?.iter().rev();
        Ok(top_first.find(|w| !w.own && w.bounds.contains(at)).map(|w| w.id))
    }

    /// What the screen shows where a window lies; nothing while another application's window lies over it.
    fn picture(&mut self, window: &VisibleWindow) -> Result<Option<Picture>, ActError> {
        let top_first = self.sight.windows()?.iter().rev();
        let mut over = top_first.take_while(|w| w.id != window.id).filter(|w| !w.own && w.pid != window.pid);
        let is_covered = over.any(|w| w.bounds.intersect(window.bounds).is_some());
        match self.screen.as_ref().filter(|_| !is_covered) {
            Some(screen) => screen.picture(window.bounds).map_err(|_| ActError::Screen),
            None => Ok(None),
        }
    }

    /// Of a menu that is just going nothing is told.
    fn see(&mut self, window: &VisibleWindow) -> Result<Vec<Node>, ActError> {
        let pid = window.pid.ok_or(ActError::NoWindow)?;
        let looked = Looked { window: window.id, pid, bounds: window.bounds };
        match window.kind {
            WindowKind::Popup => Ok(self.eye.glance(looked).unwrap_or_default()),
            _ => self.eye.see(looked),
        }
    }
}

fn find(windows: &[VisibleWindow], id: WindowId) -> Option<VisibleWindow> {
    windows.iter().find(|w| w.id == id).cloned()
}

/// A menu or list of the same process.
fn belongs(window: &VisibleWindow, chosen: &VisibleWindow) -> bool {
    window.kind == WindowKind::Popup && !window.own && window.pid.is_some() && window.pid == chosen.pid
}

impl World for Desk<'_> {
    type Error = ActError;

    fn look(&mut self, pictures: bool) -> Result<Seen, ActError> {
        self.eye.settle();
        // A menu takes all input while it is open; a tooltip is none.
        for window in self.front()?.into_iter().rev() {
            let nodes = self.see(&window)?;
            if window.kind != WindowKind::Popup || nodes.iter().any(|n| CHOICES.contains(&n.role.as_str())) {
                let picture = if pictures { self.picture(&window)? } else { None };
                self.looked = window;
                return Ok(Seen::Scene(Scene::new(nodes).seen_in(picture.as_ref())));
            }
        }
        Ok(Seen::Over)
    }

    fn perform(&mut self, scene: &Scene, deed: &Deed) -> Result<Option<Scene>, ActError> {
        if let Some(on) = deed.on.filter(|_| deed.manner.points()) {
            if self.reach(scene, on)? {
                self.press(&deed.manner)?;
            }
        } else if !self.front()?.is_empty() {
            match &deed.manner {
                Manner::Key(keys) => self.hands.chord(keys)?,
                _ => self.hands.type_text(deed.text.as_deref().unwrap_or_default())?,
            }
        }
        Ok(None)
    }

    fn rest(&mut self, scene: &Scene, on: usize) -> Result<(), ActError> {
        self.reach(scene, on).map(drop)
    }
}

impl Desk<'_> {
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
}

//! Episodes: a task's page, a seed, and an agent that acts until it is over.

use std::path::{Path, PathBuf};
use std::time::Duration;

use overt_event::{Node, Point, Rect};
use serde::{Deserialize, Serialize};

use super::browser::{Browser, Look};
use super::error::GroundError;
use super::stage::Stage;
use super::venue::{Venue, Witness};
use crate::agent::{Agent, Policy, Sight, Stopped, World};
use crate::deed::{Deed, Manner};
use crate::goal::Goal;
use crate::scene::Scene;

/// What a task shows lies in here; what is beside it cannot be pressed.
const TASK: Rect = Rect { x: 0, y: 0, w: 160, h: 210 };
/// The reward for all of a task. Part of it is none.
const WHOLE_REWARD: f64 = 0.999;
/// The wheel is turned by so many notches at most, some 50 px each, until an element is in sight.
const NOTCHES_MAX: usize = 20;
/// A menu's row is about so high, px (Chromium's own style).
const ROW_PX_MIN: i32 = 12;
/// One browser that does not come up may have had bad luck; so many in a row have not.
const STARTS_MAX: u32 = 3;

/// How far an episode may go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    pub steps_max: usize,
    /// The page's own where there is none, milliseconds.
    pub time_millis: Option<u64>,
    /// A browser that takes longer to answer counts as hung, milliseconds.
    pub answer_millis: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps_max: 40, time_millis: None, answer_millis: 15_000 }
    }
}

/// How an episode ended. Everything but `Solved` is a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The page gave the whole reward.
    Solved,
    /// It gave less.
    Wrong,
    /// The page's time ran out.
    TimedOut,
    StepLimit,
    /// The policy knew nothing to do.
    NoDecision,
    /// The page said no goal.
    NoGoal,
    /// The policy chose a key, or a character, that the keyboard does not have.
    CannotPress,
    PageCrashed,
    BrowserHung,
    BrowserEnded,
    /// The page or the input did not work as they should.
    Broken,
    /// Nobody tried: the data held nothing that a model could have learned.
    Untaught,
}

/// One episode that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub ending: Ending,
    /// The page's raw reward, where it gave one.
    pub reward: f64,
    /// Also of those that broke: the last is what it broke in.
    pub steps: usize,
    /// Whether it came so far that the page was asked for a goal.
    pub begun: bool,
}

impl Attempt {
    /// Whether it tells of the ground alone: the browser ended before anything was asked, or the page or the input did not work
    /// as they should. A browser that ends, hangs or crashes in the middle may have been brought to it.
    pub fn is_lost(&self) -> bool {
        self.ending == Ending::Broken || (self.ending == Ending::BrowserEnded && !self.begun)
    }
}

/// Makes the display for the next browser.
type Venues = Box<dyn Fn() -> Result<Box<dyn Venue>, GroundError>>;

/// Tries tasks, one browser after the other: whatever breaks one is a failure of its episode alone.
pub struct Ground {
    html: PathBuf,
    venues: Venues,
    limits: Limits,
    browser: Option<Browser>,
    task: Option<String>,
    restarts: u32,
}

impl Ground {
    /// `html` is the folder of that name in MiniWoB++'s package, with `miniwob/TASK.html` in it.
    ///
    /// Errors: [`GroundError::NoTask`] where it is not one.
    pub fn new(html: &Path, limits: Limits) -> Result<Self, GroundError> {
        Self::at(html, limits, Box::new(|| Ok(Box::new(Stage::start()?))))
    }

    /// The same, each browser on a display that `venues` makes.
    ///
    /// Errors: as [`Ground::new`].
    pub fn at(html: &Path, limits: Limits, venues: Venues) -> Result<Self, GroundError> {
        let html = html.canonicalize().map_err(|_| GroundError::NoTask)?;
        if !html.join("core/core.js").is_file() {
            return Err(GroundError::NoTask);
        }
        Ok(Self { html, venues, limits, browser: None, task: None, restarts: 0 })
    }

    /// How often a browser had to be started again.
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// The browser, once an episode began.
    pub fn browser(&self) -> Option<&Browser> {
        self.browser.as_ref()
    }

    /// Tries a task once. `watch` is told when the episode began.
    ///
    /// Errors: that no browser comes up, and what no other one would cure; all else is an ending.
    pub fn attempt(
        &mut self,
        task: &str,
        seed: u64,
        policy: &dyn Policy,
        watch: &mut dyn FnMut(&Browser),
    ) -> Result<Attempt, GroundError> {
        self.try_one(task, seed, policy, (watch, &mut Nobody))
    }

    /// The same before a witness.
    ///
    /// Errors: as [`Ground::attempt`], and what fails there.
    pub fn attempt_before(
        &mut self,
        task: &str,
        seed: u64,
        policy: &dyn Policy,
        witness: &mut dyn Witness,
    ) -> Result<Attempt, GroundError> {
        self.try_one(task, seed, policy, (&mut |_| (), witness))
    }

    /// What breaks is an ending.
    fn try_one(
        &mut self,
        task: &str,
        seed: u64,
        policy: &dyn Policy,
        heard_by: HeardBy<'_>,
    ) -> Result<Attempt, GroundError> {
        let url = self.url(task)?;
        self.ready()?;
        let mut steps = None;
        match self.try_once((task, &url), seed, policy, heard_by, &mut steps) {
            Ok(attempt) => Ok(attempt),
            Err(error) if error.is_permanent() => Err(error),
            Err(error) => {
                if !error.is_missing_key() {
                    self.give_up_browser();
                }
                let (begun, steps) = (steps.is_some(), steps.unwrap_or(0));
                Ok(Attempt { ending: ending(&error), reward: 0.0, steps, begun })
            }
        }
    }

    /// `steps`: told as they are taken, once it has begun.
    fn try_once(
        &mut self,
        (task, url): (&str, &str),
        seed: u64,
        policy: &dyn Policy,
        (watch, witness): HeardBy<'_>,
        steps: &mut Option<usize>,
    ) -> Result<Attempt, GroundError> {
        let browser = self.browser.as_mut().ok_or(GroundError::Closed)?;
        if self.task.as_deref() != Some(task) {
            self.task = None;
            browser.open(url)?;
            self.task = Some(task.to_owned());
        }
        let goal = Goal::new(&browser.begin(seed, self.limits.time_millis)?);
        let steps = steps.insert(0);
        watch(browser);
        witness.begins(goal.text())?;
        Playing { browser, witness, last: None, steps }.play(&goal, policy, self.limits.steps_max)
    }

    /// What is left of it is not to be trusted.
    fn give_up_browser(&mut self) {
        self.browser = None;
        self.task = None;
        self.restarts += 1;
    }

    fn url(&self, task: &str) -> Result<String, GroundError> {
        let plain = !task.is_empty() && task.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let page = self.html.join("miniwob").join(format!("{task}.html"));
        if plain && page.is_file() {
            Ok(format!("file://{}", page.display()))
        } else {
            Err(GroundError::NoTask)
        }
    }

    /// Opens a task's page, so that the next episode of it begins at once.
    ///
    /// Errors: what keeps the page from being reached.
    pub fn open(&mut self, task: &str) -> Result<(), GroundError> {
        let url = self.url(task)?;
        self.ready()?;
        self.browser.as_mut().ok_or(GroundError::Closed)?.open(&url)?;
        self.task = Some(task.to_owned());
        Ok(())
    }

    /// Starts a browser where there is none.
    fn ready(&mut self) -> Result<(), GroundError> {
        let mut failed = 0;
        while self.browser.is_none() {
            match self.start() {
                Ok(browser) => self.browser = Some(browser),
                Err(error) if failed + 1 == STARTS_MAX => return Err(error),
                Err(_) => failed += 1,
            }
        }
        self.restarts += failed;
        Ok(())
    }

    fn start(&self) -> Result<Browser, GroundError> {
        Browser::start((self.venues)()?, Duration::from_millis(self.limits.answer_millis))
    }
}

fn ending(error: &GroundError) -> Ending {
    match error {
        GroundError::Crashed => Ending::PageCrashed,
        GroundError::Hung { .. } => Ending::BrowserHung,
        GroundError::Closed => Ending::BrowserEnded,
        error if error.is_missing_key() => Ending::CannotPress,
        _ => Ending::Broken,
    }
}

/// Whoever hears that an episode began, and whoever hears of all that happens.
type HeardBy<'a> = (&'a mut dyn FnMut(&Browser), &'a mut dyn Witness);

/// Hears nothing.
pub struct Nobody;

impl Witness for Nobody {
    fn begins(&mut self, _: &str) -> Result<(), GroundError> {
        Ok(())
    }

    fn does(&mut self, _: &Scene, _: &Deed) -> Result<(), GroundError> {
        Ok(())
    }
}

/// One episode as it is played.
struct Playing<'a> {
    browser: &'a mut Browser,
    witness: &'a mut dyn Witness,
    last: Option<Look>,
    /// For whoever has to tell of an episode that broke.
    steps: &'a mut usize,
}

impl Playing<'_> {
    fn play(&mut self, goal: &Goal, policy: &dyn Policy, steps_max: usize) -> Result<Attempt, GroundError> {
        let begun = true;
        if goal.words().is_empty() {
            return Ok(Attempt { ending: Ending::NoGoal, reward: 0.0, steps: 0, begun });
        }
        let agent = Agent { policy, goal, steps_max, ends_itself: false };
        let (stopped, steps) = agent.run(self, &mut |_, _| true)?;
        let reward = self.last.as_ref().map_or(0.0, |l| l.reward);
        let late = self.last.as_ref().and_then(|l| l.reason.as_deref()) == Some("timed out");
        let ending = match stopped {
            Stopped::Over if reward >= WHOLE_REWARD => Ending::Solved,
            Stopped::Over if late => Ending::TimedOut,
            Stopped::Over => Ending::Wrong,
            Stopped::StepLimit => Ending::StepLimit,
            Stopped::NoDecision | Stopped::Done => Ending::NoDecision,
        };
        Ok(Attempt { ending, reward, steps, begun })
    }

    fn seen(&mut self, look: &Look, pictures: bool) -> Result<Scene, GroundError> {
        let scene = self.scene(look)?;
        let picture = if pictures { self.browser.picture(scene.extent())? } else { None };
        Ok(scene.seen_in(picture.as_ref()))
    }

    /// While a menu is open it takes all input: nothing else can be acted on.
    fn scene(&mut self, look: &Look) -> Result<Scene, GroundError> {
        let nodes = self.browser.see()?.unwrap_or_else(|| look.dom.nodes());
        let popup = if look.options.is_empty() { None } else { self.browser.popup()? };
        Ok(Scene::new(match popup {
            Some(bounds) => menu(nodes, &look.options, bounds),
            None => nodes,
        }))
    }
}

/// The list with the focus, and the options of its menu that are shown.
fn menu(nodes: Vec<Node>, options: &[String], bounds: Rect) -> Vec<Node> {
    let focused = |n: &Node| n.states.iter().any(|s| s == "focused");
    let list = nodes.into_iter().rev().find(focused).unwrap_or_default();
    let height = (bounds.h / options.len().max(1) as i32).max(ROW_PX_MIN);
    let row = |(i, name): (usize, &String)| Node {
        role: "menu item".to_owned(),
        name: name.trim().to_owned(),
        states: Vec::new(),
        bounds: Rect { x: bounds.x, y: bounds.y + height * i as i32, w: bounds.w, h: height },
        parent: Some(0),
    };
    let rows = options.iter().enumerate().map(row).filter(|n| bounds.covers(n.bounds));
    std::iter::once(Node { parent: None, ..list }).chain(rows).collect()
}

impl World for Playing<'_> {
    type Error = GroundError;

    fn look(&mut self, pictures: bool) -> Result<Sight, GroundError> {
        let look = self.browser.look()?;
        let sight = if look.done { Sight::Over } else { Sight::Scene(self.seen(&look, pictures)?) };
        self.last = Some(look);
        Ok(sight)
    }

    fn perform(&mut self, scene: &Scene, deed: &Deed) -> Result<Option<Scene>, GroundError> {
        *self.steps += 1;
        self.witness.does(scene, deed)?;
        let (Some(i), true) = (deed.on, deed.manner.points()) else {
            self.keys(deed)?;
            return Ok(None);
        };
        let scrolled = self.bring_into_sight(scene, i)?;
        self.point(scrolled.as_ref().unwrap_or(scene), i, &deed.manner)?;
        Ok(scrolled)
    }

    fn rest(&mut self, scene: &Scene, on: usize) -> Result<(), GroundError> {
        *self.steps += 1;
        self.witness.does(scene, &Deed { manner: Manner::Hover, on: Some(on), text: None })?;
        self.browser.rest(place(scene, on))
    }
}

impl Playing<'_> {
    /// Turns the wheel, as people do, until an element that lies beyond the task's area is within it. Gives what is seen then;
    /// `None` where nothing had to be done, or nothing came of it.
    fn bring_into_sight(&mut self, scene: &Scene, i: usize) -> Result<Option<Scene>, GroundError> {
        let mut seen: Option<Scene> = None;
        for _ in 0..NOTCHES_MAX {
            let now = seen.as_ref().unwrap_or(scene);
            let Some((at, down)) = wheel(now, i).filter(|_| now.nodes()[i].role != "menu item") else {
                break;
            };
            self.browser.scroll(at, down)?;
            let look = self.browser.look()?;
            if look.done {
                break;
            }
            let next = self.scene(&look)?;
            let same = next.nodes().len() == now.nodes().len() && next.nodes()[i].role == now.nodes()[i].role;
            if !same || next.nodes()[i].bounds == now.nodes()[i].bounds {
                break;
            }
            seen = Some(next);
        }
        Ok(seen)
    }

    fn point(&mut self, scene: &Scene, i: usize, manner: &Manner) -> Result<(), GroundError> {
        let role = scene.nodes()[i].role.as_str();
        let at = place(scene, i);
        match manner {
            Manner::Click if role == "menu item" && self.browser.popup()?.is_some() => {
                self.browser.press_popup(at)
            }
            Manner::Click if role == "combo box" => self.browser.press_list(at),
            Manner::Click => self.browser.press(at, 1, 1),
            Manner::DoubleClick => self.browser.press(at, 1, 2),
            Manner::TripleClick => self.browser.press(at, 1, 3),
            Manner::RightClick => self.browser.press(at, 3, 1),
            Manner::Hover | Manner::Type | Manner::Key(_) => self.browser.rest(at),
        }
    }

    fn keys(&mut self, deed: &Deed) -> Result<(), GroundError> {
        match &deed.manner {
            Manner::Key(keys) => self.browser.chord(keys),
            _ => self.browser.type_text(deed.text.as_deref().unwrap_or_default()),
        }
    }
}

/// Where to turn the wheel so that an element comes into the task's area, and whether down: over the innermost of what it lies in
/// that can be seen. `None` where it is there already, or lies beside.
fn wheel(scene: &Scene, i: usize) -> Option<(Point, bool)> {
    let bounds = scene.nodes()[i].bounds;
    if bounds.is_empty() || bounds.intersect(TASK).is_some() || bounds.x >= TASK.x + TASK.w {
        return None;
    }
    let around = std::iter::successors(scene.parent(i), |p| scene.parent(*p));
    let seen = around.filter_map(|p| scene.nodes()[p].bounds.intersect(TASK)).next()?;
    Some((seen.center(), bounds.y >= TASK.y + TASK.h))
}

/// A menu may reach beyond the task's own area, and only then may a press.
fn place(scene: &Scene, i: usize) -> Point {
    let inside = scene.nodes()[i].bounds.intersect(TASK).is_some();
    let within = if inside { TASK } else { scene.nodes()[i].bounds };
    scene.aim(i, within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheel_turns_over_what_holds_what_is_out_of_sight() {
        let node = |y, h, parent| Node { bounds: Rect { x: 0, y, w: 100, h }, parent, ..Node::default() };
        let nodes = vec![
            node(0, 210, None),
            node(50, 150, Some(0)),
            node(-80, 40, Some(1)),
            node(60, 40, Some(1)),
            node(260, 40, Some(1)),
            node(270, 10, Some(4)),
        ];
        let scene = Scene::new(nodes);
        let list = Rect { x: 0, y: 50, w: 100, h: 150 }.center();
        let turned: Vec<_> = (1..6).map(|i| wheel(&scene, i)).collect();
        assert_eq!(turned, [None, Some((list, false)), None, Some((list, true)), Some((list, true))]);
    }

    #[test]
    fn an_open_menu_is_all_there_is() {
        let list = Node { role: "combo box".into(), states: vec!["focused".into()], ..Node::default() };
        let options = ["One".to_owned(), "Two".to_owned()];
        let nodes = menu(vec![Node::default(), list], &options, Rect { x: 2, y: 50, w: 80, h: 40 });
        let told: Vec<_> = nodes.iter().map(|n| (n.role.as_str(), n.name.as_str(), n.bounds.y)).collect();
        assert_eq!(told, [("combo box", "", 0), ("menu item", "One", 50), ("menu item", "Two", 70)]);
    }
}

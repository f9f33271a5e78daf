//! Chromium with one page, seen by its own protocol and acted on by the display's input.

use std::process::Stdio;
use std::time::{Duration, Instant};

use overt_event::{Node, Point, Rect};
use overt_page::{CHROMIUM_ACCESSIBLE, CHROMIUM_AS_ROOT, CHROMIUM_SWITCHES};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::cdp::Cdp;
use super::error::GroundError;
use super::popup::Popups;
use super::screen::Screen;
use super::stage::Mortal;
use super::venue::{Eye, Hand, Venue};
use crate::appearance::Picture;

/// The smallest window that Chromium makes holds a task's 160x210 pixels.
const WINDOW_SIZE: (i32, i32) = (520, 460);
/// Where the pointer waits: in the window, beside the task.
const ASIDE: Point = Point { x: 400, y: 400 };
/// Chromium drops what the pointer does before a page is first painted: it is moved again after this time.
const PAINTED_MILLIS: u64 = 100;
/// How long a page may take to be painted.
const PAINTED_WITHIN: Duration = Duration::from_secs(10);
/// How long input may take to arrive in the page on a busy machine.
const INPUT_WITHIN_MILLIS: u64 = 1_500;
/// How long a list's menu may take to open.
const POPUP_WITHIN: Duration = Duration::from_millis(1_500);
/// How long a menu needs to open under a resting pointer: jQuery UI waits 300 ms.
const REST_MILLIS: u64 = 700;
/// What a page unfolds once something was typed comes after this time at most: jQuery UI waits 300 ms.
const TYPED_MILLIS: u64 = 350;
/// A page that does not change for so long has come to rest, and one that never does is looked at after this time. Between two
/// pictures of an animation lie 17 ms.
const STILL_MILLIS: u64 = 40;
const STILL_WITHIN_MILLIS: u64 = 700;
/// How long a page may take to scroll once the wheel turned.
const SCROLLED_MILLIS: u64 = 300;
/// The buttons that are the wheel.
const WHEEL_UP: u8 = 4;
const WHEEL_DOWN: u8 = 5;
/// Counts the input, and calls the page's own functions.
const SCRIPT: &str = include_str!("page.js");

/// One browser on a display of its own.
pub struct Browser {
    cdp: Cdp,
    hand: Box<dyn Hand>,
    /// What sees it instead of the page itself.
    eye: Option<Box<dyn Eye>>,
    popups: Popups,
    screen: Screen,
    /// Where the pointer waits on the display.
    aside: Point,
    /// Where the page's upper left corner is on the display.
    origin: Point,
    /// Input that the page has seen, by the last look.
    seen: Seen,
    // Last: the others talk to them.
    chromium: Mortal,
    _venue: Box<dyn Venue>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) struct Seen {
    mousedown: u64,
    mouseup: u64,
    keyup: u64,
    scroll: u64,
}

#[derive(Deserialize)]
struct Place {
    x: f64,
    y: f64,
}

/// One look into the page.
#[derive(Deserialize)]
pub(super) struct Look {
    pub(super) done: bool,
    pub(super) reward: f64,
    pub(super) reason: Option<String>,
    pub(super) dom: overt_page::Dom,
    /// Of the list that has the focus.
    pub(super) options: Vec<String>,
    seen: Seen,
}

impl Browser {
    /// Starts a browser; every answer of its is awaited `within` this time.
    ///
    /// Errors: [`GroundError::Start`] where it is missing, ends at once or never answers, or what keeps its display from
    /// being reached.
    pub fn start(venue: Box<dyn Venue>, within: Duration) -> Result<Self, GroundError> {
        // The shell gives the pipes the numbers 3 and 4, where the browser looks for them.
        let mut command = venue.command("sh");
        command.args(["-c", "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]);
        command.args(CHROMIUM_SWITCHES).args(["--remote-debugging-pipe", "--app=data:text/html,"]);
        command.args(venue.is_accessible().then_some(CHROMIUM_ACCESSIBLE));
        let corner = venue.corner();
        command.arg(format!("--window-position={},{}", corner.x, corner.y));
        command.arg(format!("--window-size={},{}", WINDOW_SIZE.0, WINDOW_SIZE.1));
        command.arg(format!("--user-data-dir={}", venue.folder().join("chromium").display()));
        if rustix::process::geteuid().is_root() {
            command.args(CHROMIUM_AS_ROOT);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut chromium = Mortal::start(&mut command, "chromium")?;
        let pipes = chromium.child().stdin.take().zip(chromium.child().stdout.take());
        let (to, from) = pipes.ok_or(GroundError::Closed)?;
        let mut cdp = Cdp::over(to, from, within);
        // A shell that finds no Chromium ends as one that crashed does.
        cdp.attach().map_err(|_| GroundError::Start { program: "chromium" })?;
        cdp.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": SCRIPT}))?;
        let (hand, popups) = (venue.hand()?, Popups::on(venue.display())?);
        let screen = Screen::open(Some(venue.display()))?;
        let eye = venue.eye(chromium.id())?;
        let aside = Point { x: corner.x + ASIDE.x, y: corner.y + ASIDE.y };
        let (origin, seen) = (Point::default(), Seen::default());
        Ok(Self { cdp, hand, eye, popups, screen, aside, origin, seen, chromium, _venue: venue })
    }

    /// The browser's process, for tests that end it.
    pub fn pid(&self) -> u32 {
        self.chromium.id()
    }

    /// Goes to a page and finds out where on the display it lies.
    pub(super) fn open(&mut self, url: &str) -> Result<(), GroundError> {
        self.cdp.call("Page.navigate", json!({"url": url}))?;
        let ready = "new Promise((done) => document.readyState === 'complete' \
                     ? done(true) : addEventListener('load', () => done(true)))";
        self.cdp.evaluate(ready)?;
        if self.ask::<bool>("typeof core !== 'undefined' && typeof overt !== 'undefined'")? {
            self.calibrate()
        } else {
            Err(GroundError::Page)
        }
    }

    /// Finds out where the page lies, and leaves the pointer where it waits: it goes to two places, and the page says where they
    /// are. A move that comes late is not taken for the
    /// next: the two have to be as far apart as the pointer went.
    fn calibrate(&mut self) -> Result<(), GroundError> {
        let deadline = Instant::now() + PAINTED_WITHIN;
        let aside = self.aside;
        let near = Point { x: aside.x - 20, y: aside.y - 20 };
        while Instant::now() < deadline {
            let (Some(first), Some(second)) = (self.heard(near)?, self.heard(aside)?) else { continue };
            if (second.x - first.x, second.y - first.y) == (aside.x - near.x, aside.y - near.y) {
                self.origin = Point { x: aside.x - second.x, y: aside.y - second.y };
                return Ok(());
            }
        }
        Err(GroundError::Page)
    }

    /// Where the page says the pointer is once it went to a place of the display; `None` when it hears nothing.
    fn heard(&mut self, at: Point) -> Result<Option<Point>, GroundError> {
        let before: u64 = self.ask("overt.look().seen.mousemove")?;
        self.hand.move_to(at)?;
        if !self.reached("mousemove", before + 1, PAINTED_MILLIS)? {
            return Ok(None);
        }
        let place: Place = self.ask("overt.look().at")?;
        Ok(Some(Point { x: place.x.round() as i32, y: place.y.round() as i32 }))
    }

    /// Begins an episode; gives the goal as the page says it.
    pub(super) fn begin(&mut self, seed: u64, limit_millis: Option<u64>) -> Result<String, GroundError> {
        self.close_popup()?;
        // A window that is placed late takes its page along, and all that is pressed after that would lie beside.
        self.calibrate()?;
        self.ask(&format!("overt.begin({seed}, {})", limit_millis.unwrap_or(0)))
    }

    /// What the page shows once it has come to rest.
    pub(super) fn look(&mut self) -> Result<Look, GroundError> {
        let quiet = format!("overt.quiet({STILL_MILLIS}, {STILL_WITHIN_MILLIS})");
        let look: Look = self.ask(&format!("{quiet}.then(() => overt.look())"))?;
        self.seen = look.seen;
        Ok(look)
    }

    /// What the eye sees of the page, in the page's own coordinates; `None` where the page itself is asked.
    pub(super) fn see(&mut self) -> Result<Option<Vec<Node>>, GroundError> {
        let (Some(eye), origin) = (&mut self.eye, self.origin) else { return Ok(None) };
        let of_page = |r: Rect| Rect { x: r.x - origin.x, y: r.y - origin.y, ..r };
        let nodes = eye.see()?.into_iter().map(|n| Node { bounds: of_page(n.bounds), ..n });
        Ok(Some(nodes.collect()))
    }

    /// What the display shows in a part of the page, or beside it, in the page's own coordinates.
    pub(super) fn picture(&self, part: Rect) -> Result<Option<Picture>, GroundError> {
        let origin = self.origin;
        let on_display = Rect { x: part.x + origin.x, y: part.y + origin.y, ..part };
        Ok(self.screen.picture(on_display)?.map(|p| p.told_from(origin)))
    }

    /// Where an open menu lies, in the page's own coordinates.
    pub(super) fn popup(&self) -> Result<Option<Rect>, GroundError> {
        let of_page = |r: Rect| Rect { x: r.x - self.origin.x, y: r.y - self.origin.y, ..r };
        Ok(self.popups.top()?.map(of_page))
    }

    /// Presses at a place of the page, and returns when the page knows.
    pub(super) fn press(&mut self, at: Point, button: u8, times: u32) -> Result<(), GroundError> {
        self.hand.move_to(self.on_display(at))?;
        self.hand.press(button, times)?;
        let count = self.seen.mouseup + u64::from(times);
        self.arrived("mouseup", count)
    }

    /// Presses on a list, whose menu opens, and which hears nothing of the release.
    pub(super) fn press_list(&mut self, at: Point) -> Result<(), GroundError> {
        self.hand.move_to(self.on_display(at))?;
        self.hand.press(1, 1)?;
        self.arrived("mousedown", self.seen.mousedown + 1)?;
        self.popups.wait(POPUP_WITHIN).map(drop)
    }

    /// Presses in an open menu, which is no part of the page.
    pub(super) fn press_popup(&mut self, at: Point) -> Result<(), GroundError> {
        self.hand.move_to(self.on_display(at))?;
        self.hand.press(1, 1)?;
        self.cdp.evaluate("overt.reached('mousedown', 0, 0)").map(drop)
    }

    /// Rests at a place until more or fewer elements are shown. (A menu's item is lit at once, and unfolds later.)
    pub(super) fn rest(&mut self, at: Point) -> Result<(), GroundError> {
        let before: u64 = self.ask("overt.shown()")?;
        self.hand.move_to(self.on_display(at))?;
        self.cdp.evaluate(&format!("overt.changed({before}, {REST_MILLIS})")).map(drop)
    }

    /// Turns the wheel by one notch at a place, and returns when the page has scrolled.
    pub(super) fn scroll(&mut self, at: Point, down: bool) -> Result<(), GroundError> {
        self.hand.move_to(self.on_display(at))?;
        self.hand.press(if down { WHEEL_DOWN } else { WHEEL_UP }, 1)?;
        self.reached("scroll", self.seen.scroll + 1, SCROLLED_MILLIS).map(drop)
    }

    /// Types into what has the focus, and waits for what the page unfolds then.
    pub(super) fn type_text(&mut self, text: &str) -> Result<(), GroundError> {
        let before: u64 = self.ask("overt.shown()")?;
        let keys = self.hand.type_text(text)?;
        self.arrived("keyup", self.seen.keyup + keys)?;
        self.cdp.evaluate(&format!("overt.changed({before}, {TYPED_MILLIS})")).map(drop)
    }

    /// Presses a chord in what has the focus.
    pub(super) fn chord(&mut self, keys: &[String]) -> Result<(), GroundError> {
        self.hand.chord(keys)?;
        self.arrived("keyup", self.seen.keyup + keys.len() as u64)
    }

    fn close_popup(&mut self) -> Result<(), GroundError> {
        if self.popups.top()?.is_some() {
            self.hand.chord(&["Escape".to_owned()])?;
        }
        Ok(())
    }

    fn on_display(&self, at: Point) -> Point {
        Point { x: at.x + self.origin.x, y: at.y + self.origin.y }
    }

    /// Waits until so much input arrived. That it did not is no fault: an open menu takes it all.
    fn arrived(&mut self, kind: &str, count: u64) -> Result<(), GroundError> {
        self.reached(kind, count, INPUT_WITHIN_MILLIS).map(drop)
    }

    fn reached(&mut self, kind: &str, count: u64, within_millis: u64) -> Result<bool, GroundError> {
        self.ask(&format!("overt.reached('{kind}', {count}, {within_millis})"))
    }

    fn ask<T: DeserializeOwned>(&mut self, expression: &str) -> Result<T, GroundError> {
        serde_json::from_value(self.cdp.evaluate(expression)?).map_err(|_| GroundError::Page)
    }
}

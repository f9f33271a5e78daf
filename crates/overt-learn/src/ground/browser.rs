//! Chromium with one page, seen by its own protocol and acted on by the display's input.

use std::process::Stdio;
use std::time::{Duration, Instant};

use overt_event::{Point, Rect};
use overt_hands::Hands;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::cdp::Cdp;
use super::error::GroundError;
use super::popup::Popups;
use super::stage::{Mortal, Stage};

/// The smallest window that Chromium makes holds a task's 160x210 pixels.
const WINDOW: Rect = Rect { x: 0, y: 0, w: 520, h: 460 };
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
/// Counts the input, and calls the page's own functions.
const SCRIPT: &str = include_str!("page.js");

const SWITCHES: [&str; 15] = [
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-features=Translate,PasswordManagerOnboarding,AutofillServerCommunication,MediaRouter",
    "--disable-gpu",
    "--disable-quic",
    "--disable-renderer-backgrounding",
    "--disable-save-password-bubble",
    "--disable-session-crashed-bubble",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--no-first-run",
    "--ozone-platform=x11",
    "--password-store=basic",
    "--remote-debugging-pipe",
];

/// One browser on a stage of its own.
pub struct Browser {
    cdp: Cdp,
    hands: Hands,
    popups: Popups,
    /// Where the page's upper left corner is on the display.
    origin: Point,
    /// Input that the page has seen, by the last look.
    seen: Seen,
    // Last: the others talk to them.
    chromium: Mortal,
    _stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) struct Seen {
    mousedown: u64,
    mouseup: u64,
    keyup: u64,
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
    /// Errors: [`GroundError::Start`], or what keeps the page from being reached.
    pub fn start(stage: Stage, within: Duration) -> Result<Self, GroundError> {
        // The shell gives the pipes the numbers 3 and 4, where the browser looks for them.
        let mut command = stage.command("sh");
        command.args(["-c", "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]);
        command.args(SWITCHES).arg("--app=data:text/html,");
        command.arg(format!("--window-position={},{}", WINDOW.x, WINDOW.y));
        command.arg(format!("--window-size={},{}", WINDOW.w, WINDOW.h));
        command.arg(format!("--user-data-dir={}", stage.folder().join("chromium").display()));
        if rustix::process::geteuid().is_root() {
            // Chromium's sandbox refuses root; the test type keeps it from complaining on the screen.
            command.args(["--no-sandbox", "--test-type"]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut chromium = Mortal::start(&mut command, "chromium")?;
        let pipes = chromium.child().stdin.take().zip(chromium.child().stdout.take());
        let (to, from) = pipes.ok_or(GroundError::Closed)?;
        let mut cdp = Cdp::over(to, from, within);
        cdp.attach()?;
        cdp.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": SCRIPT}))?;
        let (hands, popups) = (Hands::at(stage.display())?, Popups::on(stage.display())?);
        let (origin, seen) = (Point::default(), Seen::default());
        Ok(Self { cdp, hands, popups, origin, seen, chromium, _stage: stage })
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

    /// The pointer goes to two places, and the page says where they are. A move that comes late is not taken for the
    /// next: the two have to be as far apart as the pointer went.
    fn calibrate(&mut self) -> Result<(), GroundError> {
        let deadline = Instant::now() + PAINTED_WITHIN;
        let near = Point { x: ASIDE.x - 20, y: ASIDE.y - 20 };
        while Instant::now() < deadline {
            let (Some(first), Some(second)) = (self.heard(near)?, self.heard(ASIDE)?) else { continue };
            if (second.x - first.x, second.y - first.y) == (ASIDE.x - near.x, ASIDE.y - near.y) {
                self.origin = Point { x: ASIDE.x - second.x, y: ASIDE.y - second.y };
                return Ok(());
            }
        }
        Err(GroundError::Page)
    }

    /// Where the page says the pointer is once it went to a place of the display; `None` when it hears nothing.
    fn heard(&mut self, at: Point) -> Result<Option<Point>, GroundError> {
        let before: u64 = self.ask("overt.look().seen.mousemove")?;
        self.hands.move_to(at)?;
        if !self.reached("mousemove", before + 1, PAINTED_MILLIS)? {
            return Ok(None);
        }
        let place: Place = self.ask("overt.look().at")?;
        Ok(Some(Point { x: place.x.round() as i32, y: place.y.round() as i32 }))
    }

    /// Begins an episode; gives the goal as the page says it.
    pub(super) fn begin(&mut self, seed: u64, limit_millis: Option<u64>) -> Result<String, GroundError> {
        self.close_popup()?;
        self.hands.move_to(ASIDE)?;
        self.ask(&format!("overt.begin({seed}, {})", limit_millis.unwrap_or(0)))
    }

    /// What the page shows.
    pub(super) fn look(&mut self) -> Result<Look, GroundError> {
        let look: Look = self.ask("overt.look()")?;
        self.seen = look.seen;
        Ok(look)
    }

    /// Where an open menu lies, in the page's own coordinates.
    pub(super) fn popup(&self) -> Result<Option<Rect>, GroundError> {
        let of_page = |r: Rect| Rect { x: r.x - self.origin.x, y: r.y - self.origin.y, ..r };
        Ok(self.popups.top()?.map(of_page))
    }

    /// Presses at a place of the page, and returns when the page knows.
    pub(super) fn press(&mut self, at: Point, button: u8, times: u32) -> Result<(), GroundError> {
        self.hands.move_to(self.on_display(at))?;
        self.hands.press(button, times)?;
        let count = self.seen.mouseup + u64::from(times);
        self.arrived("mouseup", count)
    }

    /// Presses on a list, whose menu opens, and which hears nothing of the release.
    pub(super) fn press_list(&mut self, at: Point) -> Result<(), GroundError> {
        self.hands.move_to(self.on_display(at))?;
        self.hands.press(1, 1)?;
        self.arrived("mousedown", self.seen.mousedown + 1)?;
        self.popups.wait(POPUP_WITHIN).map(drop)
    }

    /// Presses in an open menu, which is no part of the page.
    pub(super) fn press_popup(&mut self, at: Point) -> Result<(), GroundError> {
        self.hands.move_to(self.on_display(at))?;
        self.hands.press(1, 1)?;
        self.cdp.evaluate("overt.reached('mousedown', 0, 0)").map(drop)
    }

    /// Rests at a place until more or fewer elements are shown. (A menu's item is lit at once, and unfolds later.)
    pub(super) fn rest(&mut self, at: Point) -> Result<(), GroundError> {
        let before: u64 = self.ask("overt.shown()")?;
        self.hands.move_to(self.on_display(at))?;
        self.cdp.evaluate(&format!("overt.changed({before}, {REST_MILLIS})")).map(drop)
    }

    /// Types into what has the focus.
    pub(super) fn type_text(&mut self, text: &str) -> Result<(), GroundError> {
        self.hands.type_text(text)?;
        let count = self.seen.keyup + text.chars().count() as u64;
        self.arrived("keyup", count)
    }

    /// Presses a chord in what has the focus.
    pub(super) fn chord(&mut self, keys: &[String]) -> Result<(), GroundError> {
        self.hands.chord(keys)?;
        self.arrived("keyup", self.seen.keyup + keys.len() as u64)
    }

    fn close_popup(&mut self) -> Result<(), GroundError> {
        if self.popups.top()?.is_some() {
            self.hands.chord(&["Escape".to_owned()])?;
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

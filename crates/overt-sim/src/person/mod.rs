//! A scripted person: real input through XTEST, at a person's pace, with a journal of what was done.

mod journal;
mod path;
mod rng;

use std::time::Duration;

use anyhow::{Context as _, Result};
use overt_event::{Button, MonoNanos, NANOS_PER_SEC, Point, Rect};
use overt_hands::{Keyboard, Stroke};
use rustix::time::{ClockId, clock_gettime};
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT, Window,
};
use x11rb::protocol::xtest::{self, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

pub use journal::{Deed, DeedKind, Intent, Journal, Target};
use rng::Rng;

/// How long a key stays down, milliseconds.
const KEY_HOLD_MILLIS: (u32, u32) = (35, 75);

/// From key to key while typing: about 45 words a minute, faster in this script than in life.
const KEY_GAP_MILLIS: (u32, u32) = (45, 120);

/// How long a button stays down, milliseconds.
const BUTTON_HOLD_MILLIS: (u32, u32) = (55, 95);

/// Time that programs get to read a changed keyboard map before the key is pressed.
const MAP_SETTLES_MILLIS: u32 = 120;

/// Somebody at the desktop, with a way of moving that the seed decides.
///
/// Holding times are kept by the display server itself, so that a busy machine does not turn a press
/// into a repeat.
pub struct Person {
    conn: RustConnection,
    root: Window,
    keyboard: Keyboard,
    rng: Rng,
    at: Point,
    /// When the pointer was last moved.
    rests_since: MonoNanos,
    expects: Option<Intent>,
    journal: Journal,
}

impl Person {
    /// Sits down at a display.
    ///
    /// Errors: the display does not answer, or has no XTEST.
    pub fn sit_down(display: &str, seed: u64) -> Result<Self> {
        let (conn, screen) = x11rb::connect(Some(display)).context("the display does not answer")?;
        conn.extension_information(xtest::X11_EXTENSION_NAME)?.context("the display has no XTEST")?;
        let root = conn.setup().roots[screen].root;
        let pointer = conn.query_pointer(root)?.reply()?;
        Ok(Self {
            keyboard: Keyboard::read(&conn)?,
            rng: Rng::new(seed),
            at: Point { x: pointer.root_x.into(), y: pointer.root_y.into() },
            rests_since: now(),
            expects: None,
            journal: Journal { seed, deeds: Vec::new() },
            conn,
            root,
        })
    }

    /// Says what the next deed is for.
    pub fn expecting(&mut self, intent: Intent) -> &mut Self {
        self.expects = Some(intent);
        self
    }

    /// What was done so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Thinks for a while: part of the script, not a wait for anything.
    pub fn pause(&mut self, low_millis: u32, high_millis: u32) {
        let millis = self.rng.millis(low_millis, high_millis);
        std::thread::sleep(Duration::from_millis(millis.into()));
    }

    /// Clicks with the left button.
    pub fn click(&mut self, target: &Target) -> Result<()> {
        self.click_with(target, Button::Left)
    }

    /// Clicks with any button.
    pub fn click_with(&mut self, target: &Target, button: Button) -> Result<()> {
        self.travel(target.bounds)?;
        self.pause(60, 160);
        let hold = self.rng.millis(BUTTON_HOLD_MILLIS.0, BUTTON_HOLD_MILLIS.1);
        let number = number(button);
        self.done(DeedKind::Click { button }, Some(target), |p| p.tap_button(number, 0, hold))
    }

    /// Clicks twice in the same place, fast.
    pub fn double_click(&mut self, target: &Target) -> Result<()> {
        self.travel(target.bounds)?;
        self.pause(60, 160);
        let between = self.rng.millis(70, 130);
        self.done(DeedKind::DoubleClick, Some(target), |p| {
            p.tap_button(1, 0, 60)?;
            p.tap_button(1, between, 60)
        })
    }

    /// Presses in `target`, moves to `to` and lets go.
    pub fn drag(&mut self, target: &Target, to: Point) -> Result<()> {
        self.travel(target.bounds)?;
        self.pause(80, 180);
        self.done(DeedKind::Drag { to }, Some(target), |p| {
            p.fake(BUTTON_PRESS_EVENT, 1, 0)?;
            p.settle()?;
            p.pause(120, 200);
            p.travel(Rect { x: to.x, y: to.y, w: 1, h: 1 })?;
            p.pause(90, 150);
            p.fake(BUTTON_RELEASE_EVENT, 1, 0)
        })
    }

    /// Turns the wheel over `target`; down is positive.
    pub fn wheel(&mut self, target: &Target, notches: i32) -> Result<()> {
        if !target.bounds.contains(self.at) {
            self.travel(target.bounds)?;
            self.pause(120, 260);
        }
        let button = if notches > 0 { 5 } else { 4 };
        self.done(DeedKind::Scroll { dx: 0, dy: notches }, Some(target), |p| {
            (0..notches.abs()).try_for_each(|_| {
                let gap = p.rng.millis(40, 110);
                p.tap_button(button, gap, 8)
            })
        })
    }

    /// Goes to `target` and rests there.
    pub fn hover(&mut self, target: &Target) -> Result<()> {
        let begin = self.travel(target.bounds)?;
        self.note(begin, DeedKind::Hover, Some(target));
        Ok(())
    }

    /// Moves there without meaning anything by it.
    pub fn wander(&mut self, to: Rect) -> Result<()> {
        self.travel(to).map(drop)
    }

    /// Types into whatever has the focus.
    pub fn type_text(&mut self, target: &Target, text: &str) -> Result<()> {
        let kind = DeedKind::Type { text: Some(text.to_owned()) };
        self.done(kind, Some(target), |p| p.type_chars(text))
    }

    /// Types what must not be written down, not even in the journal.
    pub fn type_secret(&mut self, target: &Target, secret: &str) -> Result<()> {
        self.done(DeedKind::Type { text: None }, Some(target), |p| p.type_chars(secret))
    }

    /// Presses a key or a chord, such as `Return` or `ctrl+shift+t`.
    pub fn chord(&mut self, target: Option<&Target>, chord: &str) -> Result<()> {
        let keys: Vec<String> = chord.split('+').map(str::to_owned).collect();
        let strokes = keys.iter().map(|k| self.keyboard.key(k)).collect::<Result<Vec<Stroke>, _>>()?;
        self.done(DeedKind::Key { keys }, target, |p| {
            for stroke in &strokes {
                let gap = p.rng.millis(25, 55);
                p.fake(KEY_PRESS_EVENT, stroke.code, gap)?;
            }
            for stroke in strokes.iter().rev() {
                let gap = p.rng.millis(25, 55);
                p.fake(KEY_RELEASE_EVENT, stroke.code, gap)?;
            }
            Ok(())
        })
    }

    fn done(
        &mut self,
        kind: DeedKind,
        target: Option<&Target>,
        deed: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let (begin, from) = (now(), (self.at, self.rests_since));
        deed(self)?;
        self.settle()?;
        self.note_at(begin, from, kind, target);
        Ok(())
    }

    fn note(&mut self, begin: MonoNanos, kind: DeedKind, target: Option<&Target>) {
        self.note_at(begin, (self.at, self.rests_since), kind, target);
    }

    /// `from`: where the pointer was, and since when.
    fn note_at(
        &mut self,
        begin: MonoNanos,
        from: (Point, MonoNanos),
        kind: DeedKind,
        target: Option<&Target>,
    ) {
        let ((at, rests_since), expects) = (from, self.expects.take());
        let (end, target) = (now(), target.cloned());
        self.journal.deeds.push(Deed { begin, end, kind, at, rests_since, target, expects });
    }

    /// Moves to somewhere inside; gives when the pointer entered it.
    fn travel(&mut self, bounds: Rect) -> Result<MonoNanos> {
        let to = self.aim(bounds);
        let width = f64::from(bounds.w.min(bounds.h));
        let mut entered = None;
        for motion in path::motions(&mut self.rng, self.at, to, width) {
            std::thread::sleep(Duration::from_millis(motion.wait_millis.into()));
            if bounds.contains(motion.to) {
                entered.get_or_insert_with(now);
            }
            self.move_pointer(motion.to)?;
        }
        self.settle()?;
        Ok(entered.unwrap_or_else(now))
    }

    /// A place in the middle half of a rectangle.
    fn aim(&mut self, bounds: Rect) -> Point {
        let within = |rng: &mut Rng, low: i32, len: i32| {
            let len = f64::from(len.max(1));
            low + (len * rng.between(0.3, 0.7)) as i32
        };
        Point { x: within(&mut self.rng, bounds.x, bounds.w), y: within(&mut self.rng, bounds.y, bounds.h) }
    }

    fn type_chars(&mut self, text: &str) -> Result<()> {
        let shift = self.keyboard.key("shift")?.code;
        for c in text.chars() {
            let (stroke, lent) = self.keyboard.typing(&self.conn, c)?;
            let gap = self.rng.millis(KEY_GAP_MILLIS.0, KEY_GAP_MILLIS.1);
            let gap = if lent { gap + MAP_SETTLES_MILLIS } else { gap };
            let hold = self.rng.millis(KEY_HOLD_MILLIS.0, KEY_HOLD_MILLIS.1);
            if stroke.shift {
                self.fake(KEY_PRESS_EVENT, shift, gap)?;
                self.tap_key(stroke.code, 20, hold)?;
                self.fake(KEY_RELEASE_EVENT, shift, 15)?;
            } else {
                self.tap_key(stroke.code, gap, hold)?;
            }
            self.settle()?;
        }
        Ok(())
    }

    fn tap_key(&self, code: u8, gap_millis: u32, hold_millis: u32) -> Result<()> {
        self.fake(KEY_PRESS_EVENT, code, gap_millis)?;
        self.fake(KEY_RELEASE_EVENT, code, hold_millis)
    }

    fn tap_button(&self, button: u8, gap_millis: u32, hold_millis: u32) -> Result<()> {
        self.fake(BUTTON_PRESS_EVENT, button, gap_millis)?;
        self.fake(BUTTON_RELEASE_EVENT, button, hold_millis)
    }

    fn move_pointer(&mut self, to: Point) -> Result<()> {
        let (x, y) = (i16::try_from(to.x)?, i16::try_from(to.y)?);
        self.conn.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, self.root, x, y, 0)?;
        self.conn.flush()?;
        (self.at, self.rests_since) = (to, now());
        Ok(())
    }

    /// Queues one event; the display server waits `gap_millis` before it happens.
    fn fake(&self, kind: u8, detail: u8, gap_millis: u32) -> Result<()> {
        self.conn.xtest_fake_input(kind, detail, gap_millis, self.root, 0, 0, 0)?;
        Ok(())
    }

    /// Returns when the display server has taken everything that was queued.
    fn settle(&self) -> Result<()> {
        self.conn.get_input_focus()?.reply()?;
        Ok(())
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // A display that is gone needs no keys back.
        let _ = self.keyboard.restore(&self.conn);
    }
}

/// `CLOCK_MONOTONIC`, the clock of recordings.
pub fn now() -> MonoNanos {
    let t = clock_gettime(ClockId::Monotonic);
    MonoNanos(t.tv_sec as u64 * NANOS_PER_SEC + t.tv_nsec as u64)
}

fn number(button: Button) -> u8 {
    match button {
        Button::Left => 1,
        Button::Middle => 2,
        Button::Right => 3,
        Button::Back => 8,
        Button::Forward => 9,
        Button::Other(n) => n,
    }
}

//! The windows that can be seen, for whoever looks without recording.

use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use overt_event::{Point, Rect, VisibleWindow, WindowId};
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ButtonPressEvent, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, CreateWindowAux,
    Cursor, EventMask, GrabMode, GrabStatus, KeyButMask, Keycode, ModMask, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use crate::chord::{chord_keys, down};
use crate::cover::Cover;
use crate::error::X11Error;
use crate::identity::{Atoms, title_of, top_level_of, words};
use crate::screen::connect;
use crate::shared::OwnWindows;
use crate::stack::Stack;
use crate::wake::Waker;

/// A pager's word counts where an application's would be held back (EWMH, _NET_ACTIVE_WINDOW).
const SOURCE_PAGER: u32 = 2;
/// How long a window manager may take to put a window in front.
const ACTIVE_WITHIN: Duration = Duration::from_secs(5);

/// XC_crosshair of X's cursor font; the glyph after each is its mask (cursorfont.h).
const CROSSHAIR: u16 = 34;

/// The button that chooses a window; another one leaves it, but for the wheel, whose turns are the next four.
const CHOOSES: u8 = 1;
const WHEEL: std::ops::RangeInclusive<u8> = 4..=7;
/// What a chord such as the one that stops acting begins with.
const OF_CHORDS: [KeyButMask; 3] = [KeyButMask::SHIFT, KeyButMask::CONTROL, KeyButMask::MOD1];
/// What else a person holds while they do something themselves. A lock is not held.
const OF_OTHERS: [KeyButMask; 7] = [
    KeyButMask::MOD4,
    KeyButMask::MOD5,
    KeyButMask::BUTTON1,
    KeyButMask::BUTTON2,
    KeyButMask::BUTTON3,
    KeyButMask::BUTTON4,
    KeyButMask::BUTTON5,
];
/// Num lock by custom: whoever takes a chord takes it with this lock, too.
const NUM_LOCK: ModMask = ModMask::M2;

/// Where the pointer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointed {
    pub at: Point,
    /// The window that a press there would reach.
    pub window: Option<WindowId>,
    pub held: Held,
}

/// What is down at the keyboard and the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Nothing,
    /// Shift, Ctrl or Alt, with whatever else: it may become a chord.
    ChordBegins,
    Other,
}

/// What a person who was asked to click a window did.
#[derive(Clone, PartialEq, Eq)]
pub enum Choice {
    Window(VisibleWindow),
    /// They clicked where none is.
    Nowhere,
    /// They pressed another button.
    Left,
}

/// One look at a display's windows after the other, by the same facts that capture goes by. No picture and no key is
/// looked at; a title only where [`Sight::title`] is asked.
pub struct Sight {
    conn: RustConnection,
    root: Window,
    atoms: Atoms,
    stack: Stack,
    cover: Cover,
    screen: Rect,
    /// A window that is never mapped, so that no grab of ours can succeed in it.
    probe: Window,
    waker: Waker,
}

impl Sight {
    /// Windows in `own` are told to be our own.
    ///
    /// Errors: the display (`None`: `$DISPLAY`) cannot be reached.
    pub fn open(display: Option<&str>, own: OwnWindows) -> Result<Self, X11Error> {
        let (conn, screen) = connect(display)?;
        let atoms = Atoms::new(&conn)?.reply()?;
        let stack = Stack::new(&conn, screen.root, own, None)?;
        // What the stack asked for, and the window manager's word besides.
        let mask = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE;
        let of_root = ChangeWindowAttributesAux::new().event_mask(mask);
        conn.change_window_attributes(screen.root, &of_root)?.check()?;
        let (w, h) = (screen.width_in_pixels.into(), screen.height_in_pixels.into());
        let waker = Waker::new().map_err(X11Error::Wake)?;
        let cover = Cover::new(&conn, screen.root)?;
        let probe = never_mapped(&conn, screen.root)?;
        let (root, screen) = (screen.root, Rect { x: 0, y: 0, w, h });
        Ok(Self { conn, root, atoms, stack, cover, screen, probe, waker })
    }

    /// The windows that can be seen, bottom first.
    ///
    /// Errors: the display went away.
    pub fn windows(&mut self) -> Result<&[VisibleWindow], X11Error> {
        self.take_what_happened()?;
        self.stack.refresh(&self.conn, self.screen)?;
        Ok(self.stack.visible())
    }

    /// Where windows can be seen and the pointer can go.
    pub fn screen(&self) -> Rect {
        self.screen
    }

    /// Whether a screen saver or a lock covers the display, as far as the display itself says.
    ///
    /// Errors: the display went away.
    pub fn is_covered(&mut self) -> Result<bool, X11Error> {
        self.take_what_happened()?;
        Ok(self.cover.is_on())
    }

    fn take_what_happened(&mut self) -> Result<(), X11Error> {
        while let Some(event) = self.conn.poll_for_event()? {
            self.take(&event)?;
        }
        Ok(())
    }

    fn take(&mut self, event: &Event) -> Result<(), X11Error> {
        self.stack.on_event(event);
        self.cover.on_event(&self.conn, event)
    }

    /// What the display calls a window: by it its application finds it.
    ///
    /// Errors: the display went away.
    pub fn title(&self, window: WindowId) -> Result<String, X11Error> {
        title_of(&self.conn, &self.atoms, window.0)
    }

    /// The window that a press would reach at a place: the server's own answer, which passes over windows that take no input.
    ///
    /// Errors: the display went away.
    pub fn under(&mut self, at: Point) -> Result<Option<WindowId>, X11Error> {
        let (Ok(x), Ok(y)) = (i16::try_from(at.x), i16::try_from(at.y)) else { return Ok(None) };
        self.windows()?;
        let child = self.conn.translate_coordinates(self.root, self.root, x, y)?.reply()?.child;
        Ok(self.stack.client_of(child))
    }

    /// Where the pointer is, and what would be pressed there, by the same answer.
    ///
    /// Errors: the display went away.
    pub fn pointed(&mut self) -> Result<Pointed, X11Error> {
        self.windows()?;
        let told = self.conn.query_pointer(self.root)?.reply()?;
        let at = Point { x: told.root_x.into(), y: told.root_y.into() };
        Ok(Pointed { at, window: self.stack.client_of(told.child), held: self.held(told.mask)? })
    }

    /// By the modifiers and buttons that are told, which a program can latch, and by the keys themselves.
    fn held(&self, told: KeyButMask) -> Result<Held, X11Error> {
        let keys = down(&self.conn)?;
        let has = |of: &[KeyButMask]| of.iter().any(|key| told.contains(*key));
        if keys.is_empty() && !has(&OF_CHORDS) && !has(&OF_OTHERS) {
            return Ok(Held::Nothing);
        }
        let begins = has(&OF_CHORDS) || chord_keys(&self.conn)?.iter().any(|key| keys.contains(key));
        Ok(if begins { Held::ChordBegins } else { Held::Other })
    }

    /// The window that keys go to, unless a grab takes them.
    ///
    /// Errors: the display went away.
    pub fn focused(&mut self) -> Result<Option<WindowId>, X11Error> {
        self.windows()?;
        let focus = self.conn.get_input_focus()?.reply()?.focus;
        Ok(top_level_of(&self.conn, focus)?.and_then(|top| self.stack.client_of(top)))
    }

    /// Whether no program has grabbed the keyboard, as lockers, launchers and open menus do.
    ///
    /// Errors: the display went away.
    pub fn keyboard_is_free(&self) -> Result<bool, X11Error> {
        let (mode, now) = (GrabMode::ASYNC, x11rb::CURRENT_TIME);
        let grab = self.conn.grab_keyboard(true, self.probe, now, mode, mode)?.reply()?;
        Ok(nobody_has_it(grab.status))
    }

    /// Whether no program has grabbed the pointer, as open menus, drags and whoever asks for a window do.
    ///
    /// Errors: the display went away.
    pub fn pointer_is_free(&self) -> Result<bool, X11Error> {
        let (mask, mode, now) = (EventMask::NO_EVENT, GrabMode::ASYNC, x11rb::CURRENT_TIME);
        let grab =
            self.conn.grab_pointer(true, self.probe, mask, mode, mode, x11rb::NONE, x11rb::NONE, now)?;
        Ok(nobody_has_it(grab.reply()?.status))
    }

    /// Whether no program takes a key with these modifiers from whatever window has the focus. It is taken for a moment to know.
    ///
    /// Errors: the display went away.
    pub fn chord_is_free(&self, modifiers: ModMask, key: Keycode) -> Result<bool, X11Error> {
        let mode = GrabMode::ASYNC;
        for modifiers in [modifiers, modifiers | NUM_LOCK] {
            let grab = self.conn.grab_key(false, self.root, modifiers, key, mode, mode)?;
            match grab.check() {
                Err(ReplyError::X11Error(_)) => return Ok(false),
                other => other?,
            }
            self.conn.ungrab_key(key, self.root, modifiers)?.check()?;
        }
        Ok(true)
    }

    /// The window that has the focus, says the window manager.
    ///
    /// Errors: the display went away.
    pub fn active(&self) -> Result<Option<WindowId>, X11Error> {
        let active = words(&self.conn, self.root, self.atoms._NET_ACTIVE_WINDOW)?;
        Ok(active.first().copied().filter(|w| *w != x11rb::NONE).map(WindowId))
    }

    /// Asks the window manager to give a window the focus and to put it in front, and waits until it does; false
    /// where it does not within 5 s.
    ///
    /// Errors: the display went away.
    pub fn activate(&mut self, window: WindowId) -> Result<bool, X11Error> {
        let until = Instant::now() + ACTIVE_WITHIN;
        let data = [SOURCE_PAGER, x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window.0, self.atoms._NET_ACTIVE_WINDOW, data);
        let to = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.conn.send_event(false, self.root, to, message)?;
        self.conn.flush()?;
        while self.active()? != Some(window) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            // An event that came with an answer lies in the connection's own buffer, where no socket tells of it.
            match self.conn.poll_for_event()? {
                Some(event) => self.take(&event)?,
                None => self.waker.sleep(self.conn.stream().as_fd(), Some(left)),
            }
        }
        Ok(true)
    }

    /// Waits until the person clicks a window, which hears nothing of it. `ready` is called once a click counts; until then the
    /// pointer is another's.
    ///
    /// Errors: the display went away, or another program has the pointer.
    pub fn choose(&mut self, ready: impl FnOnce()) -> Result<Choice, X11Error> {
        let cursor = self.crosshair()?;
        let (mask, mode) = (EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE, GrabMode::ASYNC);
        let (none, now) = (x11rb::NONE, x11rb::CURRENT_TIME);
        let grab = self.conn.grab_pointer(false, self.root, mask, mode, mode, none, cursor, now)?.reply()?;
        if grab.status != GrabStatus::SUCCESS {
            return Err(X11Error::PointerTaken);
        }
        ready();
        let at = self.click()?;
        self.conn.ungrab_pointer(now)?;
        self.conn.free_cursor(cursor)?;
        let Some(at) = at else { return Ok(Choice::Left) };
        let mut top_first = self.windows()?.iter().rev();
        let clicked = top_first.find(|w| !w.own && w.bounds.contains(at)).cloned();
        Ok(clicked.map_or(Choice::Nowhere, Choice::Window))
    }

    /// Where the button that chooses is pressed. Its release is awaited, too, lest the window below hears that one.
    fn click(&mut self) -> Result<Option<Point>, X11Error> {
        let mut pressed: Option<ButtonPressEvent> = None;
        loop {
            match (self.conn.wait_for_event()?, &pressed) {
                (Event::ButtonPress(e), None) if !WHEEL.contains(&e.detail) => pressed = Some(e),
                (Event::ButtonRelease(e), Some(down)) if e.detail == down.detail => {
                    let at = Point { x: down.root_x.into(), y: down.root_y.into() };
                    return Ok((down.detail == CHOOSES).then_some(at));
                }
                (event, _) => self.take(&event)?,
            }
        }
    }

    /// What shows that a window is asked for.
    fn crosshair(&self) -> Result<Cursor, X11Error> {
        let (font, cursor) = (self.conn.generate_id()?, self.conn.generate_id()?);
        self.conn.open_font(font, b"cursor")?;
        let (shape, mask) = (CROSSHAIR, CROSSHAIR + 1);
        self.conn.create_glyph_cursor(
            cursor,
            font,
            font,
            shape,
            mask,
            0,
            0,
            0,
            u16::MAX,
            u16::MAX,
            u16::MAX,
        )?;
        self.conn.close_font(font)?;
        Ok(cursor)
    }
}

fn never_mapped(conn: &RustConnection, root: Window) -> Result<Window, X11Error> {
    let (window, aux) = (conn.generate_id()?, CreateWindowAux::new().override_redirect(1));
    let (class, same) = (WindowClass::INPUT_ONLY, x11rb::COPY_FROM_PARENT);
    conn.create_window(0, window, root, 0, 0, 1, 1, 0, class, same, &aux)?.check()?;
    Ok(window)
}

/// Another's grab is answered for before the window is looked at (dix, GrabDevice). Where there is none, the window is refused,
/// so that nothing is ever grabbed and no application hears of it.
fn nobody_has_it(status: GrabStatus) -> bool {
    status != GrabStatus::ALREADY_GRABBED
}

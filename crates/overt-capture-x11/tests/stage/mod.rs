//! A virtual desktop of our own: an X server, a window manager if asked for, and somebody who acts.
#![allow(dead_code, unreachable_pub, reason = "every capability uses its own part of the stage")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use overt_capture::{Outlet, queue};
use overt_capture_x11::{OwnWindows, X11Capture, X11Config, start};
use overt_event::{Frame, Point, RawBody, RawEvent, RawFrame, RawKey, WindowChange, WindowReport};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::*;
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A window that is mapped while the window manager starts may be forgotten; then another one is tried.
const MANAGED_WITHIN: Duration = Duration::from_millis(200);

pub struct Stage {
    pub display: String,
    children: Vec<Child>,
}

impl Stage {
    pub fn bare() -> Self {
        Self::of_size(1280, 800)
    }

    /// So many pixels wide and high.
    pub fn of_size(width: u16, height: u16) -> Self {
        let size = format!("{width}x{height}x24");
        let mut xvfb = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        let stdout = xvfb.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut number).expect("Xvfb tells its display");
        Self { display: format!(":{}", number.trim()), children: vec![xvfb] }
    }

    pub fn with_openbox() -> Self {
        let mut stage = Self::bare();
        let openbox = Command::new("openbox")
            .env("DISPLAY", &stage.display)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox is installed");
        stage.children.push(openbox);
        Actor::new(&stage).wait_for_window_manager();
        stage
    }

    pub fn kill_display(&mut self) {
        self.children[0].kill().expect("it is our child");
        self.children[0].wait().expect("it ends");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A running capture and what it tells.
pub struct Watch {
    pub capture: X11Capture,
    pub events: Receiver<RawEvent>,
    pub own: OwnWindows,
    pub outlet: Outlet,
}

impl Watch {
    pub fn start(stage: &Stage, frames_per_sec_max: u32) -> Self {
        Self::start_with(stage, frames_per_sec_max, 100_000)
    }

    /// With a queue for so many events.
    pub fn start_with(stage: &Stage, frames_per_sec_max: u32, events_max: usize) -> Self {
        let (outlet, events) = queue(events_max);
        let own = OwnWindows::default();
        let config = X11Config {
            display: Some(stage.display.clone()),
            frames_per_sec_max,
            own_windows: own.clone(),
            excluded_pid: None,
        };
        let capture = start(config, outlet.clone()).expect("capture starts");
        Self { capture, events, own, outlet }
    }

    /// The next event that `pick` wants; what comes before it is passed over.
    pub fn next<T>(&self, what: &str, mut pick: impl FnMut(RawEvent) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Ok(event) = self.events.recv_deadline(deadline) else { panic!("{what} never came") };
            if let Some(found) = pick(event) {
                return found;
            }
        }
    }

    pub fn next_key(&self) -> (RawEvent, RawKeyParts) {
        self.next("a key", |e| {
            let RawBody::Key(k) = &e.body else { return None };
            let parts = RawKeyParts::from(k);
            Some((e, parts))
        })
    }

    pub fn next_window(&self, change: WindowChange) -> WindowReport {
        self.next(&format!("{change:?}"), |e| match e.body {
            RawBody::Window(w) if w.change == change => Some(w),
            _ => None,
        })
    }

    pub fn next_frame(&self, mut wanted: impl FnMut(&RawFrame) -> bool) -> RawFrame {
        self.next("a frame", |e| match e.body {
            RawBody::Frame(f) if wanted(&f) => Some(f),
            _ => None,
        })
    }

    /// Waits for a picture that `wanted` accepts, unless `already` is one.
    pub fn next_frame_or(&self, already: Arc<Frame>, wanted: impl Fn(&Frame) -> bool) -> Arc<Frame> {
        if wanted(&already) { already } else { self.next_frame(|f| wanted(&f.frame)).frame }
    }

    /// Waits until the first picture and the pointer's first place were told.
    pub fn settle(&self) {
        let (mut frame, mut pointer) = (false, false);
        self.next("the first state", |e| {
            frame |= matches!(e.body, RawBody::Frame(_));
            pointer |= matches!(e.body, RawBody::PointerMove { .. });
            (frame && pointer).then_some(())
        });
    }
}

/// A key's facts in a form that a test can compare and print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawKeyParts {
    pub name: String,
    pub text: Option<String>,
    pub down: bool,
    pub repeat: bool,
    pub modifiers: overt_event::Modifiers,
}

impl From<&RawKey> for RawKeyParts {
    fn from(k: &RawKey) -> Self {
        Self {
            name: k.name.clone(),
            text: k.text.clone(),
            down: k.down,
            repeat: k.repeat,
            modifiers: k.modifiers,
        }
    }
}

/// A client of the display that opens windows and makes XTEST input.
pub struct Actor {
    pub conn: RustConnection,
    pub root: Window,
    pub gc: Gcontext,
}

impl Actor {
    pub fn new(stage: &Stage) -> Self {
        let (conn, screen) = x11rb::connect(Some(&stage.display)).expect("the display is up");
        let root = conn.setup().roots[screen].root;
        let gc = conn.generate_id().expect("an id");
        conn.create_gc(gc, root, &CreateGCAux::new()).expect("sent").check().expect("a context");
        Self { conn, root, gc }
    }

    pub fn sync(&self) {
        self.conn.sync().expect("the display lives");
    }

    /// As an open menu does, until this actor goes.
    pub fn grab_keyboard(&self) {
        let grab = self.conn.grab_keyboard(true, self.root, 0_u32, GrabMode::ASYNC, GrabMode::ASYNC);
        assert_eq!(grab.expect("sent").reply().expect("an answer").status, GrabStatus::SUCCESS);
    }

    pub fn atom(&self, name: &str) -> Atom {
        self.conn.intern_atom(false, name.as_bytes()).expect("sent").reply().expect("an atom").atom
    }

    pub fn window(&self, place: (i16, i16, u16, u16), override_redirect: bool) -> Window {
        let window = self.conn.generate_id().expect("an id");
        self.window_again(window, place, override_redirect);
        window
    }

    /// Makes a window with a number that no living window has.
    pub fn window_again(&self, window: Window, place: (i16, i16, u16, u16), override_redirect: bool) {
        let aux = CreateWindowAux::new()
            .override_redirect(u32::from(override_redirect))
            .background_pixel(0x20_4060)
            .event_mask(EventMask::EXPOSURE | EventMask::STRUCTURE_NOTIFY);
        let (x, y, w, h) = place;
        let class = WindowClass::INPUT_OUTPUT;
        self.conn
            .create_window(x11rb::COPY_DEPTH_FROM_PARENT, window, self.root, x, y, w, h, 0, class, 0, &aux)
            .expect("sent")
            .check()
            .expect("a window");
    }

    pub fn name(&self, window: Window, class: &str, title: &str) {
        let wm_class = format!("secret instance\0{class}\0");
        let set = |property: Atom, type_: Atom, value: &[u8]| {
            self.conn.change_property8(PropMode::REPLACE, window, property, type_, value).expect("sent");
        };
        set(AtomEnum::WM_CLASS.into(), AtomEnum::STRING.into(), wm_class.as_bytes());
        set(self.atom("_NET_WM_NAME"), self.atom("UTF8_STRING"), title.as_bytes());
        self.sync();
    }

    /// Openbox says that it manages before it does, and forgets what is mapped in between: so a
    /// window is mapped until one of them is told to be managed.
    fn wait_for_window_manager(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "the window manager never managed");
            let window = self.window((0, 0, 10, 10), false);
            let changes = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
            self.conn.change_window_attributes(window, &changes).expect("sent");
            self.conn.map_window(window).expect("sent");
            self.sync();
            let managed = self.is_managed_within(window, MANAGED_WITHIN);
            self.conn.destroy_window(window).expect("sent");
            self.sync();
            if managed {
                return self.wait_for_clients(0);
            }
        }
    }

    /// Whether the window manager marks the window as its own within the time.
    fn is_managed_within(&self, window: Window, within: Duration) -> bool {
        let (state, deadline) = (self.atom("WM_STATE"), Instant::now() + within);
        loop {
            match self.conn.poll_for_event().expect("the display lives") {
                Some(Event::PropertyNotify(e)) if (e.window, e.atom) == (window, state) => return true,
                Some(_) => {}
                None => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    let timeout = Timespec::try_from(left).expect("it is short");
                    let mut fds = [PollFd::new(self.conn.stream(), PollFlags::IN)];
                    if left.is_zero() || poll(&mut fds, Some(&timeout)).is_ok_and(|ready| ready == 0) {
                        return false;
                    }
                }
            }
        }
    }

    /// Waits until the window manager lists so many windows.
    pub fn wait_for_clients(&self, count: u32) {
        let aux = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        self.conn.change_window_attributes(self.root, &aux).expect("sent").check().expect("asked for");
        let list = self.atom("_NET_CLIENT_LIST");
        loop {
            let property =
                self.conn.get_property(false, self.root, list, AtomEnum::ANY, 0, 99).expect("sent");
            if property.reply().expect("an answer").value_len == count {
                return;
            }
            self.conn.wait_for_event().expect("the display lives");
        }
    }

    /// Maps the window and waits until it can be painted on.
    pub fn show(&self, window: Window) {
        self.conn.map_window(window).expect("sent");
        self.sync();
        loop {
            match self.conn.wait_for_event().expect("the display lives") {
                Event::Expose(e) if e.window == window && e.count == 0 => return,
                _ => {}
            }
        }
    }

    pub fn unmap(&self, window: Window) {
        self.conn.unmap_window(window).expect("sent");
        self.sync();
    }

    pub fn fill(&self, window: Window, place: (i16, i16, u16, u16), pixel: u32) {
        let (x, y, width, height) = place;
        self.conn.change_gc(self.gc, &ChangeGCAux::new().foreground(pixel)).expect("sent");
        let rectangle = Rectangle { x, y, width, height };
        self.conn.poly_fill_rectangle(window, self.gc, &[rectangle]).expect("sent");
        self.sync();
    }

    pub fn fake(&self, kind: u8, detail: u8, delay_millis: u32, at: Point) {
        let (x, y) = (at.x as i16, at.y as i16);
        self.conn.xtest_fake_input(kind, detail, delay_millis, self.root, x, y, 0).expect("sent");
    }

    pub fn key(&self, keycode: u8, down: bool) {
        let kind = if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT };
        self.fake(kind, keycode, 0, Point::default());
    }

    pub fn tap(&self, keycode: u8) {
        self.key(keycode, true);
        self.key(keycode, false);
        self.sync();
    }

    pub fn button(&self, number: u8, down: bool) {
        let kind = if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT };
        self.fake(kind, number, 0, Point::default());
    }

    pub fn move_to(&self, at: Point) {
        self.fake(MOTION_NOTIFY_EVENT, 0, 0, at);
        self.sync();
    }

    /// The keycode that types a Latin character without a modifier on this server.
    pub fn keycode(&self, keysym: u32) -> u8 {
        let setup = self.conn.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map =
            self.conn.get_keyboard_mapping(first, last - first + 1).expect("sent").reply().expect("a map");
        let columns = usize::from(map.keysyms_per_keycode);
        let row = map.keysyms.chunks(columns).position(|row| row[0] == keysym).expect("a key for it");
        first + row as u8
    }

    /// Makes a key stand for another symbol, as programs that type text do.
    pub fn remap(&self, keycode: u8, keysym: u32) {
        self.conn.change_keyboard_mapping(1, keycode, 2, &[keysym, keysym]).expect("sent");
        self.sync();
    }
}

//! A desktop with an order form in a browser, agreed terms, and what agents of the tests decide.

#![allow(dead_code, unreachable_pub, reason = "every capability uses its own part of the stage")]

use std::sync::Arc;
use std::time::Duration;

use overt_act::{ActError, Acted, FRAME_COLOUR, Order, Permit, act};
use overt_agreement::{Consent, ConsentedApp, PartyKey, Terms, verify};
use overt_event::{AppName, KeyId, Level, Rect, WallTime, WindowId};
use overt_learn::{Decision, Deed, Manner, Moment, Policy, Scene};
use overt_sim::apps::{open_browser, open_chromium, open_private_chromium};
use overt_sim::desktop::{Desktop, WindowFacts};
use overt_sim::overt::date_in;
use overt_sim::pages::Pages;
use overt_sim::screen;
use rustix::process::{Pid, Signal, kill_process};
use x11rb::connection::Connection as _;
use x11rb::protocol::xkb::{ConnectionExt as _, ID};
use x11rb::protocol::xproto::{
    AtomEnum, ConnectionExt as _, EventMask, GrabMode, GrabStatus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT, ModMask, PropMode, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub const WITHIN: Duration = Duration::from_secs(20);
pub const BOUNDS: Rect = Rect { x: 60, y: 80, w: 1_000, h: 780 };
pub const TIDES: &str = "Send me the tide table";

pub const MAY_ACT: &str = "\"train-agents\", \"evaluate-agents\"";

/// An application as an agreement names it: its name, its program and its window's class.
pub type App = [&'static str; 3];

pub const CHROMIUM: App = ["chromium", "/usr/lib/chromium/chromium", "Chromium"];
pub const MOUSEPAD: App = ["mousepad", "/usr/bin/mousepad", "Mousepad"];
pub const GALCULATOR: App = ["galculator", "/usr/bin/galculator", "Galculator"];

/// Terms that name Chromium alone, as [`terms_of`].
pub fn terms(purposes: &str, level_and_more: (&str, &str)) -> Terms {
    terms_of(CHROMIUM, purposes, level_and_more)
}

/// Terms that name one application, at a level and on certain sites (`more` of its table), from yesterday to tomorrow.
pub fn terms_of([name, exe, class]: App, purposes: &str, (level, more): (&str, &str)) -> Terms {
    let key = PartyKey::generate("council").expect("random bytes");
    let (starts, ends) = (date_in(-1), date_in(1));
    let text = format!(
        "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"consent\"\nassessment = \"1\"\n\
         starts = {starts}\nends = {ends}\npurposes = [{purposes}]\ncadence = \"none\"\n\
         [[parties]]\nname = \"P\"\nkey = \"{}\"\n\
         [[applications]]\nname = \"{name}\"\nexe = [\"{exe}\"]\nclass = [\"{class}\"]\n\
         level = \"{level}\"\n{more}",
        key.public()
    );
    let agreement = verify(&key.sign(&text).expect("it signs"), &[key.public()]).expect("it counts");
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    let now = WallTime(i64::try_from(since_1970.as_secs()).expect("a time"));
    let consent = Consent {
        agreement: agreement.digest(),
        contributor: KeyId([1; 16]),
        given: now.day(),
        withdrawn: false,
        applications: vec![ConsentedApp { name: AppName(name.into()), level: Level::Full }],
    };
    Terms::new(agreement, consent, now).expect("they are in force")
}

/// Under papers that stay as they are.
pub fn permit(terms: Terms) -> Permit {
    Permit::new(terms, Arc::new(|| true)).expect("the purpose is named")
}

/// Chromium, whatever it shows.
pub fn any_site() -> Permit {
    permit(terms(MAY_ACT, ("full", "")))
}

/// How an agent is let act, where a test asks for something else than usual.
pub struct Run<'a> {
    pub window: u32,
    pub permit: Permit,
    pub system_bus: Option<&'a str>,
    pub steps_max: usize,
    pub dry_run: bool,
    pub interrupted: &'a dyn Fn() -> bool,
}

/// A desktop with an order form in a browser.
pub struct Stage {
    pub pages: Pages,
    pub window: WindowFacts,
    pub desktop: Desktop,
}

impl Stage {
    pub fn set() -> Self {
        let desktop = Desktop::start((1_280, 900)).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        let (_, window) = open_chromium(&desktop, &pages.url("form"), BOUNDS).expect("Chromium opens");
        pages.view("form", WITHIN).expect("the page tells where it is");
        Self { pages, window, desktop }
    }

    /// The same in a window of private browsing.
    pub fn private() -> Self {
        let desktop = Desktop::start((1_280, 900)).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        open_private_chromium(&desktop, &pages.url("form"), BOUNDS).expect("Chromium opens");
        pages.view("form", WITHIN).expect("the page tells where it is");
        let window =
            desktop.windows().expect("windows").wait_for_class("Chromium", WITHIN).expect("a window");
        Self { pages, window, desktop }
    }

    /// The same in a window with tabs.
    pub fn with_tabs() -> Self {
        let desktop = Desktop::start((1_280, 900)).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        let (_, window) = open_browser(&desktop, &pages.url("form"), BOUNDS).expect("Chromium opens");
        pages.view("form", WITHIN).expect("the page tells where it is");
        Self { pages, window, desktop }
    }

    /// Shows a page of another site in one more tab, in front of the others.
    pub fn go_elsewhere(&self) {
        let elsewhere = self.pages.url_at_localhost("menu");
        open_browser(&self.desktop, &elsewhere, BOUNDS).expect("it has the window");
        self.pages.view("menu", WITHIN).expect("the page tells where it is");
    }

    /// Twenty steps in the form under terms that allow it.
    pub fn run(&self) -> Run<'static> {
        let window = self.window.id;
        let (permit, interrupted) = (any_site(), &|| false);
        Run { window, permit, system_bus: None, steps_max: 20, dry_run: false, interrupted }
    }

    pub fn act(
        &self,
        run: &Run<'_>,
        policy: &dyn Policy,
        told: &mut dyn FnMut(&Scene, &Decision),
    ) -> Result<Acted, ActError> {
        let env = self.desktop.env();
        let bus = env.iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS").expect("a session bus");
        let order = Order {
            display: Some(self.desktop.display()),
            session_bus: Some(&bus.1),
            system_bus: run.system_bus,
            window: WindowId(run.window),
            goal: "Send me the tide table",
            steps_max: run.steps_max,
            dry_run: run.dry_run,
            interrupted: run.interrupted,
        };
        act(&order, &run.permit, policy, told)
    }

    /// What the page heard of an element since an event.
    pub fn values(&self, since: usize, id: &str, kind: &str) -> Vec<String> {
        let events = self.pages.events().into_iter().skip(since);
        events.filter(|e| e.id == id && e.kind == kind).filter_map(|e| e.value).collect()
    }

    /// The frame's colour left of the window, and right of it.
    pub fn is_framed(&self) -> bool {
        let picture = screen::grab(self.desktop.display()).expect("a picture");
        let middle = self.window.bounds.y + self.window.bounds.h / 2;
        let row =
            |x: i32| picture.pixel(x as u32, middle as u32).map(|[b, g, r]| u32::from_be_bytes([0, r, g, b]));
        let any = |mut xs: std::ops::Range<i32>| xs.any(|x| row(x) == Some(FRAME_COLOUR));
        let right = self.window.bounds.x + self.window.bounds.w;
        any(self.window.bounds.x - 12..self.window.bounds.x) && any(right..right + 12)
    }
}

pub fn element(scene: &Scene, role: &str, name: &str) -> Option<usize> {
    (0..scene.nodes().len()).find(|i| scene.nodes()[*i].role == role && scene.text(*i) == name)
}

pub fn sure(manner: Manner, on: usize, text: Option<&str>) -> Option<Decision> {
    Some(Decision { deed: Deed { manner, on: Some(on), text: text.map(str::to_owned) }, chance: 1.0 })
}

/// Writes a name, wants the tide table, and has no more to do.
pub struct Orders;

impl Policy for Orders {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let (scene, name) = (moment.scene, element(moment.scene, "entry", "Full name")?);
        let typed = moment.past.iter().any(|p| p.manner == Manner::Type);
        let tides = element(scene, "check box", TIDES)?;
        match (typed, scene.focused() == Some(name)) {
            (false, false) => sure(Manner::Click, name, None),
            (false, true) => sure(Manner::Type, name, Some("Ada Quay")),
            (true, _) if moment.past.iter().any(|p| p.role == "check box") => None,
            (true, _) => sure(Manner::Click, tides, None),
        }
    }
}

/// Changes its mind for ever.
pub struct Wavers;

impl Policy for Wavers {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        sure(Manner::Click, element(moment.scene, "check box", TIDES)?, None)
    }
}

/// A process that is held until this goes.
pub struct HeldProcess(Pid);

impl HeldProcess {
    pub fn of(window: &WindowFacts) -> Self {
        let pid = window.pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).expect("a process");
        kill_process(pid, Signal::STOP).expect("it runs");
        Self(pid)
    }
}

impl Drop for HeldProcess {
    fn drop(&mut self) {
        // Where it is gone, there is nothing to let go.
        let _ = kill_process(self.0, Signal::CONT);
    }
}

/// XK_Control_L, XK_Caps_Lock, XK_F2 and XK_F9.
pub const CONTROL: u32 = 0xffe3;
pub const CAPS_LOCK: u32 = 0xffe5;
pub const F2: u32 = 0xffbf;
pub const F9: u32 = 0xffc6;

/// Somebody else at the same display.
pub struct Other {
    pub conn: RustConnection,
    pub root: Window,
}

impl Other {
    pub fn at(stage: &Stage) -> Self {
        let (conn, screen) = x11rb::connect(Some(stage.desktop.display())).expect("the display is up");
        let root = conn.setup().roots[screen].root;
        Self { conn, root }
    }

    pub fn key(&self, symbol: u32, down: bool) {
        let kind = if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT };
        let code = self.code(symbol).expect("a key");
        self.conn.xtest_fake_input(kind, code, 0, self.root, 0, 0, 0).expect("sent");
        self.conn.sync().expect("it was taken");
    }

    /// The key that has a symbol, if any has.
    pub fn code(&self, symbol: u32) -> Option<u8> {
        let setup = self.conn.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map =
            self.conn.get_keyboard_mapping(first, last - first + 1).expect("sent").reply().expect("keys");
        let of_each = map.keysyms.chunks(usize::from(map.keysyms_per_keycode));
        (first..=last).zip(of_each).find(|(_, of)| of.contains(&symbol)).map(|(code, _)| code)
    }

    pub fn move_pointer(&self, x: i16, y: i16) {
        self.conn.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, self.root, x, y, 0).expect("sent");
        self.conn.sync().expect("it was taken");
    }

    pub fn grab_keyboard(&self) {
        let grab = self.conn.grab_keyboard(false, self.root, 0_u32, GrabMode::ASYNC, GrabMode::ASYNC);
        assert_eq!(grab.expect("sent").reply().expect("an answer").status, GrabStatus::SUCCESS);
    }

    pub fn grab_pointer(&self) {
        let (mask, mode) = (EventMask::BUTTON_PRESS, GrabMode::ASYNC);
        let grab = self.conn.grab_pointer(false, self.root, mask, mode, mode, 0_u32, 0_u32, 0_u32);
        assert_eq!(grab.expect("sent").reply().expect("an answer").status, GrabStatus::SUCCESS);
    }

    pub fn grab_chord(&self, held: ModMask, symbol: u32) {
        let (code, mode) = (self.code(symbol).expect("a key"), GrabMode::ASYNC);
        let grab = self.conn.grab_key(false, self.root, held, code, mode, mode);
        grab.expect("sent").check().expect("nobody else has it");
    }

    pub fn has_caps_lock(&self) -> bool {
        self.conn.xkb_use_extension(1, 0).expect("sent").reply().expect("there is XKEYBOARD");
        let state = self.conn.xkb_get_state(ID::USE_CORE_KBD.into()).expect("sent").reply();
        state.expect("a state").locked_mods.contains(ModMask::LOCK)
    }

    /// As xscreensaver does.
    pub fn say_locked(&self) {
        let atom = self.conn.intern_atom(false, b"_SCREENSAVER_STATUS").expect("sent").reply();
        let (status, kind) = (atom.expect("a name").atom, AtomEnum::INTEGER);
        let words = self.conn.change_property32(PropMode::REPLACE, self.root, status, kind, &[1, 0]);
        words.expect("sent").check().expect("it is said");
    }

    /// Takes the frame away.
    pub fn unmap_frame(&self) {
        let children = self.conn.query_tree(self.root).expect("sent").reply().expect("windows").children;
        let class = |w: Window| {
            let asked = self.conn.get_property(false, w, AtomEnum::WM_CLASS, AtomEnum::STRING, 0, 64);
            asked.expect("sent").reply().map(|told| told.value).unwrap_or_default()
        };
        let sides: Vec<Window> = children.into_iter().filter(|w| class(*w) == b"overt\0Overt\0").collect();
        assert_eq!(sides.len(), 4, "a frame has four sides");
        sides.iter().for_each(|w| drop(self.conn.unmap_window(*w).expect("sent")));
        self.conn.sync().expect("it was taken");
    }
}

//! A desktop with an order form in a browser, agreed terms, and what agents of the tests decide.

#![allow(dead_code, unreachable_pub, reason = "every capability uses its own part of the stage")]

use std::sync::Arc;
use std::time::Duration;

use overt_act::{ActError, Acted, FRAME_COLOUR, Order, Permit, act};
use overt_agreement::{Consent, ConsentedApp, PartyKey, Terms, verify};
use overt_event::{AppName, KeyId, Level, Rect, WallTime, WindowId};
use overt_learn::{Decision, Deed, Manner, Moment, Policy, Scene};
use overt_sim::apps::{open_chromium, open_private_chromium};
use overt_sim::desktop::{Desktop, WindowFacts};
use overt_sim::overt::date_in;
use overt_sim::pages::Pages;
use overt_sim::screen;

pub const WITHIN: Duration = Duration::from_secs(20);
pub const BOUNDS: Rect = Rect { x: 60, y: 80, w: 1_000, h: 780 };
pub const TIDES: &str = "Send me the tide table";

pub const MAY_ACT: &str = "\"train-agents\", \"evaluate-agents\"";

/// Terms that name Chromium alone, at a level and on certain sites (`more` of its table), from yesterday to tomorrow.
pub fn terms(purposes: &str, (level, more): (&str, &str)) -> Terms {
    let key = PartyKey::generate("council").expect("random bytes");
    let (starts, ends) = (date_in(-1), date_in(1));
    let text = format!(
        "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"consent\"\nassessment = \"1\"\n\
         starts = {starts}\nends = {ends}\npurposes = [{purposes}]\ncadence = \"none\"\n\
         [[parties]]\nname = \"P\"\nkey = \"{}\"\n\
         [[applications]]\nname = \"chromium\"\nexe = [\"/usr/lib/chromium/chromium\"]\nclass = [\"Chromium\"]\n\
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
        applications: vec![ConsentedApp { name: AppName("chromium".into()), level: Level::Full }],
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

    /// Twenty steps in the form under terms that allow it.
    pub fn run(&self) -> Run<'static> {
        let window = self.window.id;
        Run { window, permit: any_site(), steps_max: 20, dry_run: false, interrupted: &|| false }
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

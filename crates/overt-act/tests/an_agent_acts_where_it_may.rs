//! An agent acts in the window that was agreed and nowhere else, within a frame, and stops when it is told to.

use std::cell::{Cell, RefCell};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overt_act::{ActError, Acted, Ended, FRAME_COLOUR, Order, Permit, act};
use overt_agreement::{Consent, ConsentedApp, PartyKey, Terms, verify};
use overt_capture_x11::{OwnWindows, Sight};
use overt_event::{AppName, DenyRule, KeyId, Level, Rect, WallTime, WindowId};
use overt_learn::{Decision, Deed, Manner, Moment, Policy, Scene};
use overt_sim::apps::{open_chromium, open_mousepad};
use overt_sim::desktop::{Desktop, WindowFacts};
use overt_sim::overt::date_in;
use overt_sim::pages::Pages;
use overt_sim::person::{Person, Target};
use overt_sim::screen;
use rustix::process::{Pid, Signal, kill_process};

const WITHIN: Duration = Duration::from_secs(20);
const BOUNDS: Rect = Rect { x: 60, y: 80, w: 1_000, h: 780 };
const TIDES: &str = "Send me the tide table";

/// Terms that name Chromium alone, from yesterday to tomorrow.
fn terms(purposes: &str) -> Terms {
    let key = PartyKey::generate("council").expect("random bytes");
    let (starts, ends) = (date_in(-1), date_in(1));
    let text = format!(
        "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"consent\"\nassessment = \"1\"\n\
         starts = {starts}\nends = {ends}\npurposes = [{purposes}]\ncadence = \"none\"\n\
         [[parties]]\nname = \"P\"\nkey = \"{}\"\n\
         [[applications]]\nname = \"chromium\"\nexe = [\"/usr/lib/chromium/chromium\"]\nclass = [\"Chromium\"]\n\
         level = \"full\"\n",
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

fn permit() -> Permit {
    Permit::new(terms("\"train-agents\", \"evaluate-agents\"")).expect("the purpose is named")
}

/// A desktop with an order form in a browser.
struct Stage {
    pages: Pages,
    window: WindowFacts,
    desktop: Desktop,
}

impl Stage {
    fn set() -> Self {
        let desktop = Desktop::start((1_280, 900)).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        let (_, window) = open_chromium(&desktop, &pages.url("form"), BOUNDS).expect("Chromium opens");
        pages.view("form", WITHIN).expect("the page tells where it is");
        Self { pages, window, desktop }
    }

    fn act(
        &self,
        window: u32,
        policy: &dyn Policy,
        (steps_max, dry_run): (usize, bool),
        told: &mut dyn FnMut(&Scene, &Decision),
    ) -> Result<Acted, ActError> {
        let env = self.desktop.env();
        let bus = env.iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS").expect("a session bus");
        let order = Order {
            display: Some(self.desktop.display()),
            session_bus: Some(&bus.1),
            window: WindowId(window),
            goal: "Send me the tide table",
            steps_max,
            dry_run,
        };
        act(&order, &permit(), policy, told)
    }

    /// What the page heard of an element since an event.
    fn values(&self, since: usize, id: &str, kind: &str) -> Vec<String> {
        let events = self.pages.events().into_iter().skip(since);
        events.filter(|e| e.id == id && e.kind == kind).filter_map(|e| e.value).collect()
    }

    /// The frame's colour left of the window, and right of it.
    fn is_framed(&self) -> bool {
        let picture = screen::grab(self.desktop.display()).expect("a picture");
        let middle = self.window.bounds.y + self.window.bounds.h / 2;
        let row =
            |x: i32| picture.pixel(x as u32, middle as u32).map(|[b, g, r]| u32::from_be_bytes([0, r, g, b]));
        let any = |mut xs: std::ops::Range<i32>| xs.any(|x| row(x) == Some(FRAME_COLOUR));
        let right = self.window.bounds.x + self.window.bounds.w;
        any(self.window.bounds.x - 12..self.window.bounds.x) && any(right..right + 12)
    }
}

fn element(scene: &Scene, role: &str, name: &str) -> Option<usize> {
    (0..scene.nodes().len()).find(|i| scene.nodes()[*i].role == role && scene.text(*i) == name)
}

fn sure(manner: Manner, on: usize, text: Option<&str>) -> Option<Decision> {
    Some(Decision { deed: Deed { manner, on: Some(on), text: text.map(str::to_owned) }, chance: 1.0 })
}

/// Writes a name, wants the tide table, and has no more to do.
struct Orders;

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
struct Wavers;

impl Policy for Wavers {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        sure(Manner::Click, element(moment.scene, "check box", TIDES)?, None)
    }
}

#[test]
fn it_acts_in_the_agreed_window_within_a_frame() {
    let stage = Stage::set();
    let framed = Cell::new(true);
    assert!(!stage.is_framed(), "no frame before");
    let acted = stage.act(stage.window.id, &Orders, (20, false), &mut |_, _| {
        framed.set(framed.get() && stage.is_framed());
    });
    assert_eq!(acted.expect("it acts"), Acted { ended: Ended::NothingToDo, steps: 3 });
    assert!(framed.get(), "the frame is there at every deed");
    assert!(!stage.is_framed(), "and goes with the agent");
    let heard = stage.pages.wait_for_event("the tick", 0, WITHIN, |e| e.id == "tides" && e.kind == "change");
    assert_eq!(heard.expect("it is ticked").value.as_deref(), Some("true"));
    assert_eq!(stage.values(0, "name", "input").last().map(String::as_str), Some("Ada Quay"));
}

#[test]
fn a_window_that_is_not_agreed_is_neither_looked_at_nor_touched() {
    let stage = Stage::set();
    let file = stage.desktop.folder().join("note.txt");
    let (_, editor) = open_mousepad(&stage.desktop, &file).expect("mousepad opens");
    let asked = Cell::new(false);
    let refused = stage.act(editor.id, &Wavers, (20, false), &mut |_, _| asked.set(true));
    assert!(matches!(refused, Err(ActError::Denied { rule: DenyRule::AppNotAgreed })), "{refused:?}");
    assert!(!asked.get());
    let nowhere = stage.act(1, &Wavers, (20, false), &mut |_, _| asked.set(true));
    assert!(matches!(nowhere, Err(ActError::NoWindow)), "{nowhere:?}");
    let purpose = Permit::new(terms("\"train-agents\""));
    assert!(matches!(purpose, Err(ActError::Purpose)));
}

#[test]
fn the_stop_key_stops_it_and_so_do_the_limit_and_another_window() {
    let stage = Stage::set();
    let limited = stage.act(stage.window.id, &Wavers, (3, false), &mut |_, _| ()).expect("it acts");
    assert_eq!(limited, Acted { ended: Ended::StepLimit, steps: 3 });
    assert_eq!(stage.values(0, "tides", "change"), ["true", "false", "true"]);
    let person = RefCell::new(Person::sit_down(stage.desktop.display(), 3).expect("a person"));
    let stopped = stage.act(stage.window.id, &Wavers, (40, false), &mut |_, _| {
        person.borrow_mut().chord(None, "ctrl+alt+s").expect("the stop key");
    });
    let stopped = stopped.expect("it acts");
    assert!(stopped.ended == Ended::StopKey && stopped.steps <= 2, "{stopped:?}");
    let file = stage.desktop.folder().join("note.txt");
    open_mousepad(&stage.desktop, &file).expect("mousepad opens");
    let since = stage.pages.heard();
    let editor = stage.desktop.windows().expect("windows").managed().expect("a list");
    let editor = editor.iter().find(|w| w.class == "Mousepad").expect("mousepad").id;
    let other = stage.act(stage.window.id, &Wavers, (40, false), &mut |_, _| {
        let mut sight = Sight::open(Some(stage.desktop.display()), OwnWindows::default());
        sight.as_mut().expect("the display").activate(WindowId(editor)).expect("it comes in front");
    });
    assert_eq!(other.expect("it acts").ended, Ended::NotInFront);
    assert!(stage.values(since, "tides", "change").len() <= 1);
}

/// A process that is held until this goes.
struct Held(Pid);

impl Held {
    fn of(pid: u32) -> Self {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(pid, Signal::STOP).expect("it runs");
        Self(pid)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Where it is gone, there is nothing to let go.
        let _ = kill_process(self.0, Signal::CONT);
    }
}

#[test]
fn an_application_that_hangs_is_said_to_be_silent_and_can_be_acted_in_later() {
    let stage = Stage::set();
    let held = Held::of(stage.window.pid.expect("the window tells its process"));
    let asked = Cell::new(false);
    let hung = stage.act(stage.window.id, &Wavers, (1, false), &mut |_, _| asked.set(true));
    assert!(matches!(hung, Err(ActError::Silent { .. })), "{hung:?}");
    assert!(!asked.get() && !stage.is_framed(), "nothing is decided of what is not seen");
    drop(held);
    let acted = stage.act(stage.window.id, &Wavers, (1, false), &mut |_, _| ()).expect("it acts again");
    assert_eq!(acted, Acted { ended: Ended::StepLimit, steps: 1 });
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let stage = Stage::set();
    let (heard, told) = (stage.pages.heard(), RefCell::new(Vec::new()));
    let acted = stage.act(stage.window.id, &Wavers, (20, true), &mut |scene, decision| {
        let on = decision.deed.on.expect("an element");
        told.borrow_mut().push((decision.deed.manner.clone(), scene.text(on).to_owned()));
    });
    assert_eq!(acted.expect("it decides"), Acted { ended: Ended::DryRun, steps: 0 });
    assert_eq!(told.take(), [(Manner::Click, TIDES.to_owned())]);
    assert_eq!(stage.pages.heard(), heard, "the page heard nothing");
}

#[test]
fn a_window_is_chosen_by_a_click_that_it_does_not_hear() {
    let stage = Stage::set();
    let tides = stage.pages.element("form", "tides", WITHIN).expect("the page tells where it is");
    let target = Target::new("chromium", "check box", TIDES, tides.bounds);
    let mut person = Person::sit_down(stage.desktop.display(), 5).expect("a person");
    let mut sight = Sight::open(Some(stage.desktop.display()), OwnWindows::default()).expect("the display");
    let (ready, asked) = mpsc::channel();
    let chosen = thread::scope(|s| {
        let choice = s.spawn(|| sight.choose(|| ready.send(()).expect("somebody waits")));
        asked.recv_timeout(WITHIN).expect("a click is asked for");
        person.click(&target).expect("a click");
        choice.join().expect("no panic").expect("the display stays")
    });
    assert_eq!(chosen.map(|w| w.id), Some(WindowId(stage.window.id)));
    person.click(&target).expect("a click that is heard");
    let heard = stage.pages.wait_for_event("the tick", 0, WITHIN, |e| e.id == "tides" && e.kind == "change");
    assert_eq!(heard.expect("it is ticked").value.as_deref(), Some("true"));
}

/// As [`Wavers`], and looks at the window.
struct Looks;

impl Policy for Looks {
    fn looks_at_pictures(&self) -> bool {
        true
    }

    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        Wavers.decide(moment, barred)
    }
}

#[test]
fn who_goes_by_pictures_is_shown_the_window_and_others_are_not() {
    let stage = Stage::set();
    let seen = |policy: &dyn Policy| {
        let seen = Cell::new(false);
        let acted = stage.act(stage.window.id, policy, (20, true), &mut |scene, decision| {
            seen.set(decision.deed.on.and_then(|i| scene.appearance(i)).is_some());
        });
        assert_eq!(acted.expect("it decides").ended, Ended::DryRun);
        seen.get()
    };
    assert!(seen(&Looks) && !seen(&Wavers));
}

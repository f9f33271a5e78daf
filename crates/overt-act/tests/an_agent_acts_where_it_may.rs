//! An agent acts in the window that was agreed and nowhere else, within a frame, and stops when it is told to.

mod stage;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use overt_act::{ActError, Acted, Ended, Permit};
use overt_capture_x11::{Choice, OwnWindows, Sight};
use overt_event::{DenyRule, WindowId};
use overt_learn::{Decision, Deed, Manner, Moment, Policy};
use overt_sim::apps::{open_galculator, open_mousepad};
use overt_sim::person::{Person, Target};

use stage::{
    GALCULATOR, HeldProcess, MAY_ACT, MOUSEPAD, Orders, Other, Run, Stage, TIDES, WITHIN, Wavers, element,
    permit, sure, terms, terms_of,
};

#[test]
fn it_acts_in_the_agreed_window_within_a_frame() {
    let stage = Stage::set();
    let framed = Cell::new(true);
    assert!(!stage.is_framed(), "no frame before");
    let acted = stage.act(&stage.run(), &Orders, &mut |_, _| {
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
fn a_frame_that_somebody_takes_away_is_there_again_before_anything_is_done() {
    let stage = Stage::set();
    let (other, framed) = (Other::at(&stage), Cell::new(0));
    let acted = stage.act(&Run { steps_max: 2, ..stage.run() }, &Wavers, &mut |_, _| {
        framed.set(framed.get() + usize::from(stage.is_framed()));
        other.unmap_frame();
    });
    assert_eq!(acted.expect("it acts"), Acted { ended: Ended::StepLimit, steps: 2 });
    assert_eq!(framed.get(), 2);
}

#[test]
fn a_lock_is_noticed_while_the_window_comes_in_front() {
    let stage = Stage::set();
    let (other, file) = (Other::at(&stage), stage.desktop.folder().join("note.txt"));
    open_mousepad(&stage.desktop, &file).expect("mousepad opens and is in front");
    let mut sight = Sight::open(Some(stage.desktop.display()), OwnWindows::default()).expect("the display");
    assert!(!sight.is_covered().expect("the display stays"));
    other.say_locked();
    assert!(sight.activate(WindowId(stage.window.id)).expect("the display stays"));
    assert!(sight.is_covered().expect("the display stays"));
}

/// Opens the menu of a text, goes down in it by a key, and chooses from it.
struct Chooses;

impl Policy for Chooses {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let with_key = moment.past.iter().any(|p| matches!(p.manner, Manner::Key(_)));
        match element(moment.scene, "menu item", "Select All") {
            None => sure(Manner::RightClick, element(moment.scene, "text", "")?, None),
            Some(all) if with_key => sure(Manner::Click, all, None),
            Some(_) => {
                let deed = Deed { manner: Manner::Key(vec!["Down".into()]), on: None, text: None };
                Some(Decision { deed, chance: 1.0 })
            }
        }
    }
}

/// Presses a key of a calculator.
struct PressesFive;

impl Policy for PressesFive {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let scene = moment.scene;
        sure(Manner::Click, (0..scene.nodes().len()).find(|i| scene.text(*i) == "5")?, None)
    }
}

#[test]
fn an_application_without_documents_is_acted_in_and_so_are_its_menus() {
    let stage = Stage::set();
    let file = stage.desktop.folder().join("note.txt");
    let (_, editor) = open_mousepad(&stage.desktop, &file).expect("mousepad opens");
    let permit_for = |app| permit(terms_of(app, MAY_ACT, ("full", "")));
    let run = Run { window: editor.id, permit: permit_for(MOUSEPAD), steps_max: 3, ..stage.run() };
    let acted = stage.act(&run, &Chooses, &mut |_, _| ()).expect("it acts");
    assert_eq!(acted, Acted { ended: Ended::StepLimit, steps: 3 });
    // Its window lies partly beyond the screen.
    let (_, calculator) = open_galculator(&stage.desktop).expect("galculator opens");
    let run = Run { window: calculator.id, permit: permit_for(GALCULATOR), steps_max: 1, ..stage.run() };
    let acted = stage.act(&run, &PressesFive, &mut |_, _| ()).expect("it acts");
    assert_eq!(acted, Acted { ended: Ended::StepLimit, steps: 1 });
}

#[test]
fn a_window_that_is_not_agreed_is_neither_looked_at_nor_touched() {
    let stage = Stage::set();
    let file = stage.desktop.folder().join("note.txt");
    let (_, editor) = open_mousepad(&stage.desktop, &file).expect("mousepad opens");
    let asked = Cell::new(false);
    let refused = stage.act(&Run { window: editor.id, ..stage.run() }, &Wavers, &mut |_, _| asked.set(true));
    assert!(matches!(refused, Err(ActError::Denied { rule: DenyRule::AppNotAgreed })), "{refused:?}");
    assert!(!asked.get());
    let nowhere = stage.act(&Run { window: 1, ..stage.run() }, &Wavers, &mut |_, _| asked.set(true));
    assert!(matches!(nowhere, Err(ActError::NoWindow)), "{nowhere:?}");
    let purpose = Permit::new(terms("\"train-agents\"", ("full", "")), Arc::new(|| true));
    assert!(matches!(purpose, Err(ActError::Purpose)));
}

#[test]
fn the_stop_key_stops_it_and_so_do_the_limit_and_another_window() {
    let stage = Stage::set();
    let limited = stage.act(&Run { steps_max: 3, ..stage.run() }, &Wavers, &mut |_, _| ()).expect("it acts");
    assert_eq!(limited, Acted { ended: Ended::StepLimit, steps: 3 });
    assert_eq!(stage.values(0, "tides", "change"), ["true", "false", "true"]);
    let person = RefCell::new(Person::sit_down(stage.desktop.display(), 3).expect("a person"));
    let since = stage.pages.heard();
    let stopped = stage.act(&stage.run(), &Wavers, &mut |_, _| {
        person.borrow_mut().chord(None, "ctrl+alt+s").expect("the stop key");
    });
    assert_eq!(stopped.expect("it acts"), Acted { ended: Ended::StopKey, steps: 0 });
    assert!(stage.values(since, "tides", "change").is_empty(), "what was decided is not done any more");
    let file = stage.desktop.folder().join("note.txt");
    open_mousepad(&stage.desktop, &file).expect("mousepad opens");
    let since = stage.pages.heard();
    let editor = stage.desktop.windows().expect("windows").managed().expect("a list");
    let editor = editor.iter().find(|w| w.class == "Mousepad").expect("mousepad").id;
    let other = stage.act(&stage.run(), &Wavers, &mut |_, _| {
        let mut sight = Sight::open(Some(stage.desktop.display()), OwnWindows::default());
        sight.as_mut().expect("the display").activate(WindowId(editor)).expect("it comes in front");
    });
    assert_eq!(other.expect("it acts").ended, Ended::NotInFront);
    assert!(stage.values(since, "tides", "change").len() <= 1);
}

#[test]
fn an_application_that_hangs_is_said_to_be_silent_and_can_be_acted_in_later() {
    let stage = Stage::set();
    let held = HeldProcess::of(&stage.window);
    let asked = Cell::new(false);
    let hung = stage.act(&Run { steps_max: 1, ..stage.run() }, &Wavers, &mut |_, _| asked.set(true));
    assert!(matches!(hung, Err(ActError::Silent { .. })), "{hung:?}");
    assert!(!asked.get() && !stage.is_framed(), "nothing is decided of what is not seen");
    drop(held);
    let acted =
        stage.act(&Run { steps_max: 1, ..stage.run() }, &Wavers, &mut |_, _| ()).expect("it acts again");
    assert_eq!(acted, Acted { ended: Ended::StepLimit, steps: 1 });
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let stage = Stage::set();
    let (heard, told) = (stage.pages.heard(), RefCell::new(Vec::new()));
    let acted = stage.act(&Run { dry_run: true, ..stage.run() }, &Wavers, &mut |scene, decision| {
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
    assert!(matches!(chosen, Choice::Window(w) if w.id == WindowId(stage.window.id)));
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
        let acted = stage.act(&Run { dry_run: true, ..stage.run() }, policy, &mut |scene, decision| {
            seen.set(decision.deed.on.and_then(|i| scene.appearance(i)).is_some());
        });
        assert_eq!(acted.expect("it decides").ended, Ended::DryRun);
        seen.get()
    };
    assert!(seen(&Looks) && !seen(&Wavers));
}

#[test]
fn below_full_nobody_is_shown_the_window() {
    let stage = Stage::set();
    let masked = permit(terms(MAY_ACT, ("masked", "")));
    let seen = Cell::new(None);
    let run = Run { dry_run: true, permit: masked, ..stage.run() };
    let acted = stage.act(&run, &Looks, &mut |scene, decision| {
        seen.set(decision.deed.on.map(|i| scene.appearance(i).is_some()));
    });
    assert_eq!((acted.expect("it decides").ended, seen.get()), (Ended::DryRun, Some(false)));
}

//! Tasks across applications, by keys alone and through a menu bar are done by real input in what the accessibility
//! bus tells, and judged by the applications' own state.

use overt_learn::{Decision, Deed, Manner, Moment, Policy};
use overt_people::{Desk, DeskTask, Tried};

fn press(moment: &Moment<'_>, roles: &[&str], name: &str) -> Option<Decision> {
    let scene = moment.scene;
    let found = |i: &usize| roles.contains(&scene.nodes()[*i].role.as_str()) && scene.text(*i) == name;
    let on = (0..scene.nodes().len()).rev().find(found)?;
    sure(Deed { manner: Manner::Click, on: Some(on), text: None })
}

fn keys(names: &[&str]) -> Option<Decision> {
    let names = names.iter().map(|n| (*n).to_owned()).collect();
    sure(Deed { manner: Manner::Key(names), on: None, text: None })
}

fn sure(deed: Deed) -> Option<Decision> {
    Some(Decision { deed, chance: 1.0 })
}

fn phrase(moment: &Moment<'_>) -> String {
    moment.goal.phrases().next().expect("the goal says it").to_owned()
}

struct CopiesAcross;

impl Policy for CopiesAcross {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        match moment.past.len() {
            0 => keys(&["ctrl", "a"]),
            1 => keys(&["ctrl", "c"]),
            2 => press(moment, &["entry"], &phrase(moment)),
            3 => keys(&["ctrl", "v"]),
            _ => None,
        }
    }
}

/// Replaces the text; by a press first, where it has to be by keys alone.
struct Edits {
    pressing: bool,
}

impl Policy for Edits {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let done = moment.past.len();
        if self.pressing && done == 0 {
            let on = (0..moment.scene.nodes().len()).find(|i| moment.scene.nodes()[*i].role == "text")?;
            return sure(Deed { manner: Manner::Click, on: Some(on), text: None });
        }
        match done - usize::from(self.pressing) {
            0 => keys(&["ctrl", "a"]),
            1 => sure(Deed { manner: Manner::Type, on: None, text: Some(phrase(moment)) }),
            2 => keys(&["ctrl", "s"]),
            _ => None,
        }
    }
}

/// Goes the way that the goal tells, or another one.
struct GoesThroughMenus {
    astray: bool,
}

impl Policy for GoesThroughMenus {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let upper = moment.goal.text().contains("Uppercase") != self.astray;
        let item = if upper { "To Uppercase" } else { "To Lowercase" };
        let chosen = moment.past.iter().any(|p| p.name == item && p.manner == Manner::Click);
        let saved =
            moment.past.last().is_some_and(|p| p.manner == Manner::Key(vec!["ctrl".into(), "s".into()]));
        if moment.past.is_empty() {
            return keys(&["ctrl", "a"]);
        }
        if chosen {
            return if saved { None } else { keys(&["ctrl", "s"]) };
        }
        let menus = ["menu", "menu item"];
        ["Edit", "Convert", item].iter().rev().find_map(|name| press(moment, &menus, name))
    }
}

#[test]
fn a_value_is_copied_from_one_application_to_another() {
    let mut desk = Desk::start().expect("a desktop");
    for seed in 0..2 {
        let tried = desk.attempt(DeskTask::CopyAcross, seed, &CopiesAcross, 12).expect("it is tried");
        assert_eq!(tried, Tried { solved: true, steps: 4 }, "seed {seed}");
    }
    let idle = desk.attempt(DeskTask::CopyAcross, 0, &Edits { pressing: false }, 12).expect("it is tried");
    assert!(!idle.solved, "what is typed into the editor is not in the form");
}

#[test]
fn a_file_is_changed_by_keys_alone() {
    let mut desk = Desk::start().expect("a desktop");
    let mut tried = |pressing| {
        desk.attempt(DeskTask::EditByKeys, 5, &Edits { pressing }, 12).expect("it is tried").solved
    };
    assert!(tried(false));
    assert!(!tried(true), "a press is not what was asked for");
}

#[test]
fn a_way_through_a_menu_bar_is_gone() {
    let mut desk = Desk::start().expect("a desktop");
    for seed in 0..3 {
        let policy = GoesThroughMenus { astray: false };
        assert!(desk.attempt(DeskTask::MenuPath, seed, &policy, 16).expect("it is tried").solved, "{seed}");
    }
    let astray = GoesThroughMenus { astray: true };
    assert!(!desk.attempt(DeskTask::MenuPath, 0, &astray, 16).expect("it is tried").solved);
}

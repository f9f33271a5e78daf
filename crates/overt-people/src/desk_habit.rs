//! What people do at our own tasks, step by step: they know how.

use overt_learn::{Decision, Deed, Manner, Moment, Policy};

use crate::desk::DeskTask;

/// Somebody who knows a task of ours, and does it right.
pub struct DeskHabit {
    task: DeskTask,
}

impl DeskHabit {
    pub fn new(task: DeskTask) -> Self {
        Self { task }
    }
}

impl Policy for DeskHabit {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let deed = match self.task {
            DeskTask::CopyAcross => copy_across(moment),
            DeskTask::EditByKeys => edit_by_keys(moment),
            DeskTask::MenuPath => go_through_menus(moment),
        };
        Some(Decision { deed: deed?, chance: 1.0 })
    }
}

fn copy_across(moment: &Moment<'_>) -> Option<Deed> {
    match moment.past.len() {
        0 => Some(keys(&["ctrl", "a"])),
        1 => Some(keys(&["ctrl", "c"])),
        2 => press(moment, &["entry"], &phrase(moment)?),
        3 => Some(keys(&["ctrl", "v"])),
        _ => None,
    }
}

fn edit_by_keys(moment: &Moment<'_>) -> Option<Deed> {
    match moment.past.len() {
        0 => Some(keys(&["ctrl", "a"])),
        1 => Some(Deed { manner: Manner::Type, on: None, text: Some(phrase(moment)?) }),
        2 => Some(keys(&["ctrl", "s"])),
        _ => None,
    }
}

/// The goal names the way: `Edit>Convert>To Uppercase`.
fn go_through_menus(moment: &Moment<'_>) -> Option<Deed> {
    let way = moment.goal.text().split(" choose ").nth(1)?.split(',').next()?;
    let way: Vec<&str> = way.split('>').collect();
    let chosen = |name: &&str| moment.past.iter().any(|p| p.name == *name && p.manner == Manner::Click);
    match moment.past.last() {
        None => Some(keys(&["ctrl", "a"])),
        Some(last) if last.manner == save() => None,
        Some(_) if way.last().is_some_and(chosen) => Some(keys(&["ctrl", "s"])),
        Some(_) => way.iter().rev().find_map(|name| press(moment, &["menu", "menu item"], name)),
    }
}

fn press(moment: &Moment<'_>, roles: &[&str], name: &str) -> Option<Deed> {
    let scene = moment.scene;
    let found = |i: &usize| roles.contains(&scene.nodes()[*i].role.as_str()) && scene.text(*i) == name;
    let on = (0..scene.nodes().len()).rev().find(found)?;
    Some(Deed { manner: Manner::Click, on: Some(on), text: None })
}

fn keys(names: &[&str]) -> Deed {
    let names = names.iter().map(|n| (*n).to_owned()).collect();
    Deed { manner: Manner::Key(names), on: None, text: None }
}

fn save() -> Manner {
    keys(&["ctrl", "s"]).manner
}

fn phrase(moment: &Moment<'_>) -> Option<String> {
    moment.goal.phrases().next().map(str::to_owned)
}

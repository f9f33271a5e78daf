//! Which windows may be recorded, compared by asking both versions about each of them.

use std::collections::BTreeSet;

use overt_event::{AppIdentity, WindowKind};

use super::{Changes, Direction};
use crate::{Agreement, Most};

/// A host that no rule covers.
const ELSEWHERE: &str = "";
/// All others are judged as an ordinary window is.
const KINDS: [WindowKind; 3] = [WindowKind::Normal, WindowKind::Desktop, WindowKind::Dock];

/// One window that both versions are asked about. `class` is missing for a menu that names none.
struct Asked<'a> {
    exe: &'a str,
    class: Option<&'a str>,
    kind: WindowKind,
}

/// Every window that either version names, on every site that either names. A site stands for all
/// below it that are not named themselves, so no answer is left out.
pub(crate) fn compare(old: &Agreement, new: &Agreement, out: &mut Changes) {
    let both = || old.applications().iter().chain(new.applications());
    let exes: BTreeSet<&str> = both().flat_map(|a| a.exe.iter().map(String::as_str)).collect();
    let classes: BTreeSet<&str> = both().flat_map(|a| a.class.iter().map(String::as_str)).collect();
    let mut hosts: BTreeSet<&str> = both().flat_map(|a| a.sites.iter().map(|s| s.host.as_str())).collect();
    hosts.insert(ELSEWHERE);
    for exe in exes {
        for class in &classes {
            for kind in KINDS {
                compare_one(&Asked { exe, class: Some(class), kind }, &hosts, old, new, out);
            }
        }
        compare_one(&Asked { exe, class: None, kind: WindowKind::Popup }, &hosts, old, new, out);
    }
}

fn compare_one(
    asked: &Asked<'_>,
    hosts: &BTreeSet<&str>,
    old: &Agreement,
    new: &Agreement,
    out: &mut Changes,
) {
    let app = AppIdentity { exe: Some(asked.exe.to_owned()), class: asked.class.map(str::to_owned) };
    let answer = |a: &Agreement, host: &str| a.most_of(&app, asked.kind, host);
    let answers: Vec<(&str, Most, Most)> =
        hosts.iter().map(|h| (*h, answer(old, h), answer(new, h))).collect();
    let same_everywhere = answers.iter().all(|a| (a.1, a.2) == (answers[0].1, answers[0].2));
    for (host, before, after) in answers {
        let direction = if after > before { Direction::Wider } else { Direction::Narrower };
        let menu_of_a_told_one = asked.class.is_none() && out.said(direction, asked.exe);
        if before == after || menu_of_a_told_one {
            continue;
        }
        let site = match host {
            _ if same_everywhere => String::new(),
            ELSEWHERE => ", any other site".to_owned(),
            host => format!(", {host}"),
        };
        let what = format!("{}{site}", asked.words(old, new));
        out.say(direction, format!("{what}: {}; before, {}", most_words(after), most_words(before)));
        if same_everywhere {
            return;
        }
    }
}

impl Asked<'_> {
    fn words(&self, old: &Agreement, new: &Agreement) -> String {
        let Some(class) = self.class else { return format!("menus of {} that name no class", self.exe) };
        let named = |a: &&crate::Application| {
            a.exe.iter().any(|e| e == self.exe) && a.class.iter().any(|c| c == class)
        };
        let name = new.applications().iter().chain(old.applications()).find(named).map_or("", |a| &*a.name.0);
        let part = match self.kind {
            WindowKind::Desktop => ", its desktop background",
            WindowKind::Dock => ", its panels",
            _ => "",
        };
        format!("\"{name}\" ({}, class {class}){part}", self.exe)
    }
}

/// How much is kept, in words.
pub(crate) fn most_words(most: Most) -> &'static str {
    match most {
        Most::None => "nothing",
        Most::Structure => "structure (no pictures, no characters)",
        Most::Masked => "masked (pictures with all filled in but plain areas and labels of controls)",
        Most::Full => "full (pictures and text, never passwords)",
    }
}

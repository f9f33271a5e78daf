//! Rule 12: what was copied at one place is pasted at another. The places are told, never what it was.

use std::collections::VecDeque;

use overt_event::{AppName, MonoNanos};

use crate::action::{Action, Intent};
use crate::step::Step;

/// The last copy, as long as nothing unseen can have replaced it.
#[derive(Default)]
pub(crate) struct Clipboard {
    copied: Option<Copied>,
    /// From when to when something may have been copied that nobody saw, ascending.
    unseen: VecDeque<(MonoNanos, MonoNanos)>,
}

/// More than these between two steps count as one that lasts.
const UNSEEN_MAX: usize = 64;

struct Copied {
    at: MonoNanos,
    app: Option<AppName>,
    element: String,
    segments: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Copies,
    Pastes,
}

impl Clipboard {
    /// Around this moment nobody looked.
    pub(crate) fn unseen(&mut self, t: MonoNanos) {
        if self.unseen.len() < UNSEEN_MAX {
            self.unseen.push_back((t, t));
        } else if let Some((_, until)) = self.unseen.back_mut() {
            *until = t;
        }
    }

    /// Takes the next step; a paste is told where it comes from.
    pub(crate) fn take(&mut self, step: &mut Step) {
        self.forget_unseen(step.t_start);
        let Some((used, element)) = use_of(step) else { return };
        match (used, &self.copied) {
            (Use::Copies, _) => self.copy(step, element),
            (Use::Pastes, Some(copied)) => copied.paste(step, element),
            (Use::Pastes, None) => {}
        }
    }

    fn copy(&mut self, step: &Step, element: String) {
        let (app, segments) = (step.app.clone(), step.segments.clone());
        self.copied = Some(Copied { at: step.t_start, app, element, segments });
    }

    fn forget_unseen(&mut self, now: MonoNanos) {
        while let Some((_, until)) = self.unseen.pop_front_if(|(from, _)| *from <= now) {
            self.copied.take_if(|c| c.at <= until);
        }
    }
}

impl Copied {
    fn paste(&self, step: &mut Step, element: String) {
        let elements = [self.element.clone(), element];
        step.intents.push(Intent::Pastes { from: self.app.clone(), to: step.app.clone(), elements });
        step.draw_on(&self.segments);
    }
}

/// What the step does to the clipboard, and the name of the element it does it at. Chosen from a menu, the
/// step's own element is the menu's item.
fn use_of(step: &Step) -> Option<(Use, String)> {
    let focus = || step.element.as_ref().map(|t| t.element.node.name.clone()).unwrap_or_default();
    match &step.action {
        Action::Key { keys, .. } => by_keys(keys).map(|used| (used, focus())),
        _ => None,
    }
    .or_else(|| step.intents.iter().find_map(by_choice).map(|used| (used, String::new())))
}

fn by_choice(intent: &Intent) -> Option<Use> {
    if let Intent::ChoosesFromPopup { option, .. } = intent { by_option(option.as_deref()?) } else { None }
}

fn by_keys(keys: &[String]) -> Option<Use> {
    match keys.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ctrl", "c" | "x" | "Insert"] | ["ctrl", "shift", "c"] | ["shift", "Delete"] => Some(Use::Copies),
        ["ctrl", "v"] | ["ctrl", "shift", "v"] | ["shift", "Insert"] => Some(Use::Pastes),
        _ => None,
    }
}

/// Menus name it in many languages; the English names are known.
fn by_option(option: &str) -> Option<Use> {
    match option.trim_end_matches(['.', '…']).replace('_', "").to_lowercase().as_str() {
        "copy" | "cut" => Some(Use::Copies),
        "paste" => Some(Use::Pastes),
        _ => None,
    }
}

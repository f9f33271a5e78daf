//! What a key stands for, and which modifiers are down.

use std::collections::BTreeMap;

use overt_event::{Modifiers, RawKey, Seq};

/// Keys that can be down at once, at most; what is beyond has its key-up passed over.
const DOWN_MAX: usize = 256;

/// What a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyClass {
    /// It types characters.
    Text(String),
    /// It is part of text without typing any itself: a dead key, a step of a composition.
    Composing,
    /// It has a name that is no character, or is a shortcut.
    Named,
}

/// Keys that type nothing, by X keysym. A name that is in neither list may be a step of composed text,
/// and is not kept.
const NAMED: [&str; 45] = [
    "BackSpace",
    "Begin",
    "Break",
    "Cancel",
    "Caps_Lock",
    "Clear",
    "Delete",
    "Down",
    "End",
    "Escape",
    "Execute",
    "Find",
    "Help",
    "Home",
    "ISO_Enter",
    "ISO_Left_Tab",
    "ISO_Level3_Shift",
    "ISO_Level5_Shift",
    "Insert",
    "KP_Begin",
    "KP_Delete",
    "KP_Down",
    "KP_End",
    "KP_Enter",
    "KP_Home",
    "KP_Insert",
    "KP_Left",
    "KP_Next",
    "KP_Page_Down",
    "KP_Page_Up",
    "KP_Prior",
    "KP_Right",
    "KP_Tab",
    "KP_Up",
    "Left",
    "Menu",
    "Next",
    "Num_Lock",
    "Page_Down",
    "Page_Up",
    "Prior",
    "Return",
    "Right",
    "Tab",
    "Up",
];
const NAMED_TOO: [&str; 7] = ["Pause", "Print", "Redo", "Scroll_Lock", "Select", "Sys_Req", "Undo"];
const MODIFIERS: [&str; 6] = ["Alt", "Control", "Hyper", "Meta", "Shift", "Super"];

/// What the key stands for as it goes down.
pub(crate) fn classify(key: &RawKey) -> KeyClass {
    let typed = key.text.as_deref().map(|t| t.chars().filter(|c| !c.is_control()).collect::<String>());
    match typed.filter(|t| !t.is_empty()) {
        _ if key.modifiers.makes_chord() => KeyClass::Named,
        Some(text) => KeyClass::Text(text),
        None if is_named(&key.name) => KeyClass::Named,
        None => KeyClass::Composing,
    }
}

fn is_named(name: &str) -> bool {
    let function =
        name.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok_and(|n| (1..=35).contains(&n)));
    let media = name.starts_with("XF86");
    function || media || NAMED.contains(&name) || NAMED_TOO.contains(&name) || modifier_stem(name).is_some()
}

fn modifier_stem(name: &str) -> Option<&'static str> {
    let stem = name.strip_suffix("_L").or_else(|| name.strip_suffix("_R"))?;
    MODIFIERS.into_iter().find(|m| *m == stem)
}

/// Whether the key belongs to switching windows, which it does on the way into or out of one.
pub(crate) fn switches_windows(key: &RawKey) -> bool {
    modifier_stem(&key.name).is_some() || key.modifiers.alt || key.modifiers.super_key
}

/// A key that went down and not yet up.
#[derive(Clone, Debug)]
pub(crate) struct DownKey {
    pub(crate) seq: Seq,
    pub(crate) name: String,
    pub(crate) named: bool,
}

/// The keys that are down.
#[derive(Default)]
pub(crate) struct Keyboard {
    down: BTreeMap<u32, DownKey>,
    modifiers: Modifiers,
}

impl Keyboard {
    /// Takes in a key; what went down with it, when it goes up.
    pub(crate) fn take(&mut self, key: &RawKey, seq: Seq, class: &KeyClass) -> Option<DownKey> {
        self.modifiers = with(key.modifiers, &key.name, key.down);
        if !key.down {
            return self.down.remove(&key.scancode);
        }
        if self.down.len() < DOWN_MAX {
            let named = *class == KeyClass::Named;
            self.down.insert(key.scancode, DownKey { seq, name: key.name.clone(), named });
        }
        None
    }

    /// The modifiers that are down.
    pub(crate) fn modifiers(&self) -> Modifiers {
        self.modifiers
    }
}

fn with(mut held: Modifiers, name: &str, down: bool) -> Modifiers {
    match modifier_stem(name) {
        Some("Control") => held.ctrl = down,
        Some("Alt" | "Meta") => held.alt = down,
        Some("Shift") => held.shift = down,
        Some("Super" | "Hyper") => held.super_key = down,
        _ => {}
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, text: Option<&str>, ctrl: bool) -> RawKey {
        RawKey {
            scancode: 1,
            name: name.into(),
            text: text.map(Into::into),
            down: true,
            repeat: false,
            modifiers: Modifiers { ctrl, ..Modifiers::default() },
        }
    }

    fn check(name: &str, text: Option<&str>, ctrl: bool, expected: KeyClass) {
        assert_eq!(classify(&key(name, text, ctrl)), expected, "{name}");
    }

    #[test]
    fn only_keys_that_are_no_characters_have_names() {
        check("a", Some("a"), false, KeyClass::Text("a".into()));
        check("Return", Some("\r"), false, KeyClass::Named);
        check("c", Some("c"), true, KeyClass::Named);
        check("c", None, true, KeyClass::Named);
        check("dead_acute", None, false, KeyClass::Composing);
        check("e", None, false, KeyClass::Composing);
        check("F12", None, false, KeyClass::Named);
        check("F", None, false, KeyClass::Composing);
        check("Shift_L", None, false, KeyClass::Named);
        check("XF86AudioMute", None, false, KeyClass::Named);
    }

    #[test]
    fn a_modifier_is_down_until_it_is_up() {
        let mut board = Keyboard::default();
        let mut control = key("Control_L", None, false);
        board.take(&control, Seq(1), &KeyClass::Named);
        assert!(board.modifiers().ctrl);
        control.down = false;
        control.modifiers.ctrl = true;
        assert_eq!(board.take(&control, Seq(2), &KeyClass::Named).map(|d| d.seq), Some(Seq(1)));
        assert!(!board.modifiers().ctrl);
    }
}

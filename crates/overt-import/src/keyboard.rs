//! Which keys are down: repeats and modifiers that the sources do not tell themselves.

use std::collections::BTreeMap;

use overt_event::{Modifiers, RawBody, RawKey, is_modifier};

use crate::key_codes::Key;

/// The keys of one recording. The source's own name of a key stands for its scancode.
#[derive(Default)]
pub(crate) struct Keyboard {
    codes: BTreeMap<String, u32>,
    down: BTreeMap<u32, String>,
}

impl Keyboard {
    /// A key went down or up.
    pub(crate) fn event(&mut self, theirs: &str, key: Key, down: bool) -> RawBody {
        let next = self.codes.len() as u32;
        let scancode = *self.codes.entry(theirs.to_lowercase()).or_insert(next);
        let was_down = self.down.remove(&scancode).is_some();
        let modifiers = self.modifiers();
        if down {
            self.down.insert(scancode, key.name.clone());
        }
        let Key { name, text } = key;
        RawBody::Key(RawKey { scancode, name, text, down, repeat: down && was_down, modifiers })
    }

    /// The modifiers that are down.
    pub(crate) fn modifiers(&self) -> Modifiers {
        let held = |stem: &str| self.down.values().any(|name| is_modifier(name) && name.starts_with(stem));
        Modifiers { ctrl: held("Control"), alt: held("Alt"), shift: held("Shift"), super_key: held("Super") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_codes::of_pynput;

    fn check(keyboard: &mut Keyboard, name: &str, down: bool) -> (bool, bool, u32) {
        let RawBody::Key(key) = keyboard.event(name, of_pynput(name), down) else { panic!("it is a key") };
        (key.repeat, key.modifiers.ctrl, key.scancode)
    }

    #[test]
    fn a_key_that_is_down_repeats_and_a_modifier_is_held_until_it_goes_up() {
        let mut keyboard = Keyboard::default();
        assert_eq!(check(&mut keyboard, "ctrl_l", true), (false, false, 0));
        assert_eq!(check(&mut keyboard, "ctrl_l", true), (true, false, 0));
        assert_eq!(check(&mut keyboard, "T", true), (false, true, 1));
        assert_eq!(check(&mut keyboard, "t", false), (false, true, 1));
        assert_eq!(check(&mut keyboard, "ctrl_l", false), (false, false, 0));
        assert_eq!(check(&mut keyboard, "t", true), (false, false, 1));
    }
}

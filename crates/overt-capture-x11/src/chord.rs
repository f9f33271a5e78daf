//! Ctrl, Alt and a letter, heard by the devices' own events: these come even while a menu has grabbed the keyboard. Of the other
//! keys nothing is kept but whether they are down.

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xinput::{
    ConnectionExt as _, Device, EventMask, RawKeyPressEvent, RawKeyReleaseEvent, XIEventMask,
};
use x11rb::protocol::xproto::{ConnectionExt as _, Keycode, Window};
use x11rb::rust_connection::RustConnection;

use crate::error::X11Error;

/// Rows of the modifier mapping (X protocol, GetModifierMapping): Shift, Lock, Control, Mod1 to Mod5.
const MODIFIERS: usize = 8;
const SHIFT: usize = 0;
const CONTROL: usize = 2;
/// By custom Alt, as the grab of the chord takes it to be.
const ALT: usize = 3;
/// By custom Super.
const SUPER: usize = 6;

/// One chord, and which keys are down.
pub(crate) struct Chord {
    letter_symbol: u32,
    letter: Keycode,
    /// Shift and Super spoil it.
    alone: bool,
    /// The keys of each modifier.
    modifiers: Vec<Vec<Keycode>>,
    down: [bool; 256],
}

impl Chord {
    /// Asks for the keys of all devices. `of`: the letter's symbol, and whether nothing else may be held.
    ///
    /// Errors: [`X11Error::Keyboard`] when no key types the letter.
    pub(crate) fn watch(conn: &RustConnection, root: Window, of: (u32, bool)) -> Result<Self, X11Error> {
        // Only a client of at least 2.1 hears during another's grab (XI2proto, section 4).
        conn.xinput_xi_query_version(2, 2)?.reply()?;
        let mask = vec![XIEventMask::RAW_KEY_PRESS | XIEventMask::RAW_KEY_RELEASE];
        let of_all = EventMask { deviceid: Device::ALL_MASTER.into(), mask };
        conn.xinput_xi_select_events(root, &[of_all])?.check()?;
        let (letter_symbol, alone) = of;
        let letter = key_of(conn, letter_symbol)?.ok_or(X11Error::Keyboard)?;
        let mut chord = Self { letter_symbol, letter, alone, modifiers: Vec::new(), down: [false; 256] };
        chord.read_layout(conn)?;
        for code in down(conn)? {
            chord.down[usize::from(code)] = true;
        }
        Ok(chord)
    }

    pub(crate) fn letter(&self) -> Keycode {
        self.letter
    }

    /// Reads the keys anew. A layout without the letter leaves it on the key where it was.
    pub(crate) fn read_layout(&mut self, conn: &RustConnection) -> Result<(), X11Error> {
        self.letter = key_of(conn, self.letter_symbol)?.unwrap_or(self.letter);
        self.modifiers = keys_of_modifiers(conn)?;
        Ok(())
    }

    /// Takes an event; true where it completes the chord. A key that repeats does not press it again.
    pub(crate) fn is_pressed_by(&mut self, event: &Event) -> bool {
        match event {
            Event::XinputRawKeyPress(RawKeyPressEvent { detail, .. }) => self.press(*detail),
            Event::XinputRawKeyRelease(RawKeyReleaseEvent { detail, .. }) => {
                self.set(*detail, false);
                false
            }
            _ => false,
        }
    }

    fn press(&mut self, code: u32) -> bool {
        let repeats = self.set(code, true);
        let others = self.alone && (self.holds(SHIFT) || self.holds(SUPER));
        code == u32::from(self.letter) && !repeats && self.holds(CONTROL) && self.holds(ALT) && !others
    }

    /// Gives whether it was down before.
    fn set(&mut self, code: u32, down: bool) -> bool {
        let key = usize::try_from(code).ok().and_then(|code| self.down.get_mut(code));
        key.is_some_and(|key| std::mem::replace(key, down))
    }

    fn holds(&self, modifier: usize) -> bool {
        let keys = self.modifiers.get(modifier);
        keys.is_some_and(|keys| keys.iter().any(|key| self.down[usize::from(*key)]))
    }
}

/// The keys that are down.
pub(crate) fn down(conn: &RustConnection) -> Result<Vec<Keycode>, X11Error> {
    let keys = conn.query_keymap()?.reply()?.keys;
    let is_down = |code: &Keycode| keys[usize::from(code / 8)] & (1 << (code % 8)) != 0;
    Ok((0..=Keycode::MAX).filter(is_down).collect())
}

/// The keys of Shift, Ctrl and Alt.
pub(crate) fn chord_keys(conn: &RustConnection) -> Result<Vec<Keycode>, X11Error> {
    let of_each = keys_of_modifiers(conn)?;
    Ok([SHIFT, CONTROL, ALT].into_iter().filter_map(|row| of_each.get(row)).flatten().copied().collect())
}

fn keys_of_modifiers(conn: &RustConnection) -> Result<Vec<Vec<Keycode>>, X11Error> {
    let map = conn.get_modifier_mapping()?.reply()?;
    let keys_of_each = map.keycodes.chunks((map.keycodes.len() / MODIFIERS).max(1));
    Ok(keys_of_each.map(|keys| keys.iter().copied().filter(|k| *k != 0).collect()).collect())
}

fn key_of(conn: &RustConnection, symbol: u32) -> Result<Option<Keycode>, X11Error> {
    let (first, last) = (conn.setup().min_keycode, conn.setup().max_keycode);
    let map = conn.get_keyboard_mapping(first, last - first + 1)?.reply()?;
    let of_each_key = map.keysyms.chunks(usize::from(map.keysyms_per_keycode.max(1)));
    Ok((first..=last).zip(of_each_key).find(|(_, symbols)| symbols.contains(&symbol)).map(|(key, _)| key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Control is 37, Alt 64, Shift 50 and the letter 39.
    fn chord(alone: bool) -> Chord {
        let modifiers = vec![vec![50], vec![66], vec![37, 105], vec![64], vec![], vec![], vec![133], vec![]];
        Chord { letter_symbol: 0x73, letter: 39, alone, modifiers, down: [false; 256] }
    }

    fn pressed(alone: bool, codes: &[u32]) -> bool {
        let mut chord = chord(alone);
        codes.iter().fold(false, |_, code| chord.press(*code))
    }

    #[test]
    fn it_is_the_letter_while_both_are_held_and_once() {
        assert!(pressed(true, &[37, 64, 39]) && pressed(true, &[64, 105, 39]));
        assert!(!pressed(true, &[37, 39]) && !pressed(true, &[64, 39]) && !pressed(true, &[39, 37, 64]));
        assert!(!pressed(true, &[37, 64, 39, 39]), "a key that repeats");
        let mut again = chord(true);
        assert!([37, 64, 39].map(|code| again.press(code))[2]);
        again.set(39, false);
        assert!(again.press(39));
        again.set(39, false);
        again.set(37, false);
        assert!(!again.press(39), "Control was let go");
    }

    #[test]
    fn what_else_is_held_spoils_one_and_not_the_other() {
        assert!(!pressed(true, &[37, 64, 50, 39]) && !pressed(true, &[133, 37, 64, 39]));
        assert!(pressed(false, &[37, 64, 50, 39]) && pressed(false, &[133, 37, 64, 39]));
    }
}

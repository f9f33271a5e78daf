//! From characters and key names to key codes, lending spare codes to characters no key has.

use std::collections::HashMap;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use xkbcommon::xkb::{KEYSYM_NO_FLAGS, Keysym, keysym_from_name};

use crate::HandsError;

/// Keysyms of Unicode characters beyond Latin-1 begin here (X11 protocol, appendix A).
const UNICODE: u32 = 0x0100_0000;

/// The keys that are called otherwise than their symbol: the left one of each pair.
const MODIFIERS: [(&str, Keysym); 4] = [
    ("shift", Keysym::Shift_L),
    ("ctrl", Keysym::Control_L),
    ("alt", Keysym::Alt_L),
    ("super", Keysym::Super_L),
];

/// A key to press, with or without Shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    /// The device's code.
    pub code: u8,
    pub shift: bool,
}

/// The keyboard of one display, as it was when the person sat down.
pub struct Keyboard {
    strokes: HashMap<u32, Stroke>,
    syms_per_code: u8,
    /// Codes without a symbol, with what was lent to them; the front one is lent next.
    spare: Vec<(u8, Option<u32>)>,
}

impl Keyboard {
    /// Asks the display for its keys.
    pub fn read(conn: &RustConnection) -> Result<Self, HandsError> {
        let (first, last) = (conn.setup().min_keycode, conn.setup().max_keycode);
        let map = conn.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let per_code = usize::from(map.keysyms_per_keycode);
        let mut keyboard =
            Self { strokes: HashMap::new(), syms_per_code: map.keysyms_per_keycode, spare: Vec::new() };
        for (code, syms) in (first..=last).zip(map.keysyms.chunks(per_code)) {
            if syms.iter().all(|s| *s == 0) {
                keyboard.spare.push((code, None));
            }
            for (sym, shift) in syms.iter().zip([false, true]).filter(|(sym, _)| **sym != 0) {
                keyboard.strokes.entry(*sym).or_insert(Stroke { code, shift });
            }
        }
        Ok(keyboard)
    }

    /// The key of a name: one character, or a name such as `Return` or `ctrl`. Symbols have the names that recordings
    /// give them.
    pub fn key(&self, name: &str) -> Result<Stroke, HandsError> {
        let mut chars = name.chars();
        let sym = match (chars.next(), chars.next()) {
            (Some(c), None) => keysym(c),
            _ => named(name).ok_or(HandsError::NoSuchKey)?.raw(),
        };
        self.strokes.get(&sym).copied().ok_or(HandsError::NoSuchKey)
    }

    /// The key that types a character; `true` when a spare code was lent to it just before.
    pub fn typing(&mut self, conn: &RustConnection, c: char) -> Result<(Stroke, bool), HandsError> {
        let sym = keysym(c);
        if let Some(stroke) = self.strokes.get(&sym) {
            return Ok((*stroke, false));
        }
        if self.spare.is_empty() {
            return Err(HandsError::NoSpareKey);
        }
        let (code, old) = self.spare.remove(0);
        self.spare.push((code, Some(sym)));
        if let Some(old) = old {
            self.strokes.remove(&old);
        }
        self.assign(conn, code, sym)?;
        let stroke = Stroke { code, shift: false };
        self.strokes.insert(sym, stroke);
        Ok((stroke, true))
    }

    /// Takes back what was lent.
    pub fn restore(&mut self, conn: &RustConnection) -> Result<(), HandsError> {
        for (code, lent) in std::mem::take(&mut self.spare) {
            if lent.is_some() {
                self.assign(conn, code, 0)?;
            }
        }
        Ok(())
    }

    fn assign(&self, conn: &RustConnection, code: u8, sym: u32) -> Result<(), HandsError> {
        let syms = vec![sym; usize::from(self.syms_per_code)];
        conn.change_keyboard_mapping(1, code, self.syms_per_code, &syms)?.check()?;
        Ok(())
    }
}

/// The symbol of a key's name.
fn named(name: &str) -> Option<Keysym> {
    if let Some((_, modifier)) = MODIFIERS.iter().find(|(n, _)| *n == name) {
        return Some(*modifier);
    }
    // No symbol has a name with a NUL, and the library does not take one.
    let told = (!name.contains('\0')).then(|| keysym_from_name(name, KEYSYM_NO_FLAGS));
    told.filter(|symbol| *symbol != Keysym::NoSymbol)
}

/// The symbol of a character.
fn keysym(c: char) -> u32 {
    match u32::from(c) {
        0x0a => 0xff0d,
        0x09 => 0xff09,
        latin @ (0x20..=0x7e | 0xa0..=0xff) => latin,
        other => UNICODE | other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_the_symbols_of_the_protocol() {
        for (c, expected) in
            [('a', 0x61), ('\n', 0xff0d), ('ö', 0xf6), ('€', 0x0100_20ac), ('日', 0x0100_65e5)]
        {
            assert_eq!(keysym(c), expected);
        }
    }

    #[test]
    fn keys_are_called_as_recordings_call_them() {
        for (name, expected) in [
            ("ctrl", 0xffe3),
            ("Insert", 0xff63),
            ("Next", 0xff56),
            ("F12", 0xffc9),
            ("KP_Enter", 0xff8d),
            ("comma", 0x2c),
        ] {
            assert_eq!(named(name).map(Keysym::raw), Some(expected), "{name}");
        }
        assert!(named("NoSuchKey").is_none() && named("").is_none() && named("a\0").is_none());
    }
}

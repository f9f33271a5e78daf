//! Keys in Windows' virtual key codes, characters on the US layout.

/// A key to press, and whether Shift is held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) vk: u32,
    pub(super) shift: bool,
}

/// The left Shift.
pub(super) const SHIFT: u32 = 160;
/// Backspace.
pub(super) const BACKSPACE: u32 = 8;

/// Keys that type nothing, and modifiers by the words of the data set.
const NAMED: [(&str, u32); 40] = [
    ("Alt_L", 164),
    ("Alt_R", 165),
    ("BackSpace", BACKSPACE),
    ("Caps_Lock", 20),
    ("Clear", 12),
    ("Control_L", 162),
    ("Control_R", 163),
    ("Delete", 46),
    ("Down", 40),
    ("End", 35),
    ("Escape", 27),
    ("Home", 36),
    ("Insert", 45),
    ("KP_Enter", 13),
    ("Left", 37),
    ("Menu", 93),
    ("Next", 34),
    ("Num_Lock", 144),
    ("Pause", 19),
    ("Print", 44),
    ("Prior", 33),
    ("Return", 13),
    ("Right", 39),
    ("Scroll_Lock", 145),
    ("Shift_L", SHIFT),
    ("Shift_R", 161),
    ("Super_L", 91),
    ("Super_R", 92),
    ("Tab", 9),
    ("Up", 38),
    ("XF86AudioLowerVolume", 174),
    ("XF86AudioMute", 173),
    ("XF86AudioNext", 176),
    ("XF86AudioPlay", 179),
    ("XF86AudioPrev", 177),
    ("XF86AudioRaiseVolume", 175),
    ("alt", 164),
    ("ctrl", 162),
    ("shift", SHIFT),
    ("super", 91),
];

/// Signs of the US layout: plain, and with Shift.
const SIGNS: [(char, char, u32); 21] = [
    ('0', ')', 48),
    ('1', '!', 49),
    ('2', '@', 50),
    ('3', '#', 51),
    ('4', '$', 52),
    ('5', '%', 53),
    ('6', '^', 54),
    ('7', '&', 55),
    ('8', '*', 56),
    ('9', '(', 57),
    (';', ':', 186),
    ('=', '+', 187),
    (',', '<', 188),
    ('-', '_', 189),
    ('.', '>', 190),
    ('/', '?', 191),
    ('`', '~', 192),
    ('[', '{', 219),
    ('\\', '|', 220),
    (']', '}', 221),
    ('\'', '"', 222),
];

/// The key that types a character.
pub(super) fn of_character(c: char) -> Option<Stroke> {
    let plain = |vk| Some(Stroke { vk, shift: false });
    match c {
        ' ' => plain(32),
        'a'..='z' => plain(u32::from(c.to_ascii_uppercase())),
        'A'..='Z' => Some(Stroke { vk: u32::from(c), shift: true }),
        _ => SIGNS.iter().find_map(|&(low, high, vk)| {
            [(low, false), (high, true)]
                .into_iter()
                .find(|(sign, _)| *sign == c)
                .map(|(_, shift)| Stroke { vk, shift })
        }),
    }
}

/// The key of a keysym.
pub(super) fn of_keysym(keysym: &str) -> Option<u32> {
    if let Some((_, vk)) = NAMED.iter().find(|(name, _)| *name == keysym) {
        return Some(*vk);
    }
    let function =
        keysym.strip_prefix('F').and_then(|n| n.parse::<u32>().ok()).filter(|n| (1..=24).contains(n));
    if let Some(n) = function {
        return Some(111 + n);
    }
    let mut sign = if keysym == "space" { " " } else { crate::space::sign(keysym)? }.chars();
    sign.next().filter(|_| sign.next().is_none()).and_then(of_character).map(|stroke| stroke.vk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_keysyms_have_keys() {
        assert_eq!(of_character('a'), Some(Stroke { vk: 65, shift: false }));
        assert_eq!(of_character('?'), Some(Stroke { vk: 191, shift: true }));
        assert_eq!(of_character('\u{e4}'), None);
        assert_eq!(
            (of_keysym("Return"), of_keysym("F5"), of_keysym("comma")),
            (Some(13), Some(116), Some(188))
        );
        assert_eq!((of_keysym("s"), of_keysym("space"), of_keysym("")), (Some(83), Some(32), None));
    }
}

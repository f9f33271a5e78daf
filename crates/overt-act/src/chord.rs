//! Chords that reach others than the window that has the focus.

use x11rb::protocol::xproto::ModMask;

/// The modifiers by the names that chords give them. Alt and Super are the first and the fourth by custom.
const MODIFIERS: [(&str, ModMask); 4] =
    [("shift", ModMask::SHIFT), ("ctrl", ModMask::CONTROL), ("alt", ModMask::M1), ("super", ModMask::M4)];

/// Chords that window managers take by custom: with Super, with Ctrl and Alt, and with Alt what switches, moves or closes
/// windows.
pub(crate) fn works_beyond_the_window(keys: &[String]) -> bool {
    let has = |name: &str| keys.iter().any(|k| plain(k) == name);
    let of_windows = |k: &String| {
        let is_function = k.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok());
        is_function || ["Tab", "ISO_Left_Tab", "Escape", "space"].contains(&k.as_str())
    };
    has("super") || (has("ctrl") && has("alt")) || (has("alt") && keys.iter().any(of_windows))
}

/// What is held at each of its keys that is more than a modifier of the next ones.
pub(crate) fn strokes(keys: &[String]) -> Vec<(ModMask, &str)> {
    let (mut held, mut strokes) = (ModMask::from(0_u16), Vec::new());
    for (i, key) in keys.iter().enumerate() {
        let modifier = MODIFIERS.iter().find(|(name, _)| *name == plain(key));
        match modifier.filter(|_| i + 1 < keys.len()) {
            Some((_, mask)) => held |= *mask,
            None => strokes.push((held, key.as_str())),
        }
    }
    strokes
}

/// A modifier is the same one on both sides of the keyboard.
fn plain(key: &str) -> &str {
    match key {
        "Shift_L" | "Shift_R" => "shift",
        "Control_L" | "Control_R" => "ctrl",
        "Alt_L" | "Alt_R" | "Meta_L" | "Meta_R" => "alt",
        "Super_L" | "Super_R" | "Hyper_L" | "Hyper_R" => "super",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|k| (*k).to_owned()).collect()
    }

    #[test]
    fn what_switches_or_closes_windows_is_not_the_windows() {
        let beyond = |keys: &[&str]| works_beyond_the_window(&named(keys));
        let windows: [&[&str]; 9] = [
            &["alt", "Tab"],
            &["alt", "F4"],
            &["super", "l"],
            &["ctrl", "alt", "t"],
            &["super"],
            &["alt", "shift", "Tab"],
            &["Alt_R", "F4"],
            &["Super_L", "l"],
            &["Control_L", "Meta_L", "t"],
        ];
        let own: [&[&str]; 7] = [
            &["ctrl", "s"],
            &["alt", "f"],
            &["F10"],
            &["Tab"],
            &["ctrl", "Tab"],
            &["ctrl", "shift", "t"],
            &["Control_R", "Tab"],
        ];
        assert!(windows.iter().all(|keys| beyond(keys)) && !own.iter().any(|keys| beyond(keys)));
    }

    #[test]
    fn a_chord_is_its_last_key_with_what_is_held_then() {
        let check = |keys: &[&str], expected: &[(ModMask, &str)]| assert_eq!(strokes(&named(keys)), expected);
        let none = ModMask::from(0_u16);
        check(&["F2"], &[(none, "F2")]);
        check(&["Control_L", "shift", "F2"], &[(ModMask::CONTROL | ModMask::SHIFT, "F2")]);
        check(&["alt"], &[(none, "alt")]);
        check(&["ctrl", "k", "c"], &[(ModMask::CONTROL, "k"), (ModMask::CONTROL, "c")]);
        check(&[], &[]);
    }
}

//! Other people's names of keys, in X keysyms.

/// A key: its X keysym and the characters it types without Ctrl, Alt and Super.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) text: Option<String>,
}

impl Key {
    fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), text: None }
    }

    fn typing(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: Some(text.to_owned()) }
    }
}

/// pynput's names against X keysyms.
const PYNPUT: [(&str, &str); 36] = [
    ("alt", "Alt_L"),
    ("alt_gr", "ISO_Level3_Shift"),
    ("alt_l", "Alt_L"),
    ("alt_r", "Alt_R"),
    ("backspace", "BackSpace"),
    ("caps_lock", "Caps_Lock"),
    ("cmd", "Super_L"),
    ("cmd_l", "Super_L"),
    ("cmd_r", "Super_R"),
    ("ctrl", "Control_L"),
    ("ctrl_l", "Control_L"),
    ("ctrl_r", "Control_R"),
    ("delete", "Delete"),
    ("down", "Down"),
    ("end", "End"),
    ("enter", "Return"),
    ("esc", "Escape"),
    ("home", "Home"),
    ("insert", "Insert"),
    ("left", "Left"),
    ("media_next", "XF86AudioNext"),
    ("media_play_pause", "XF86AudioPlay"),
    ("media_previous", "XF86AudioPrev"),
    ("media_volume_down", "XF86AudioLowerVolume"),
    ("media_volume_mute", "XF86AudioMute"),
    ("media_volume_up", "XF86AudioRaiseVolume"),
    ("menu", "Menu"),
    ("num_lock", "Num_Lock"),
    ("page_down", "Next"),
    ("page_up", "Prior"),
    ("pause", "Pause"),
    ("print_screen", "Print"),
    ("right", "Right"),
    ("scroll_lock", "Scroll_Lock"),
    ("shift_r", "Shift_R"),
    ("up", "Up"),
];

/// A key by pynput's name. One character is its own text; a name that is not known keeps none.
pub(crate) fn of_pynput(name: &str) -> Key {
    match name {
        "space" => return Key::typing("space", " "),
        "tab" => return Key::named("Tab"),
        "shift" | "shift_l" => return Key::named("Shift_L"),
        _ => {}
    }
    if name.chars().count() == 1 {
        return Key::typing(name, name);
    }
    if let Some((_, keysym)) = PYNPUT.iter().find(|(theirs, _)| *theirs == name) {
        return Key::named(*keysym);
    }
    let function = name.strip_prefix('f').filter(|n| n.parse::<u8>().is_ok_and(|n| (1..=35).contains(&n)));
    Key::named(function.map_or(String::new(), |n| format!("F{n}")))
}

/// Keys that type nothing, by the code that Windows and browsers share.
const CODES: [(u32, &str); 36] = [
    (8, "BackSpace"),
    (9, "Tab"),
    (12, "Clear"),
    (13, "Return"),
    (16, "Shift_L"),
    (17, "Control_L"),
    (18, "Alt_L"),
    (19, "Pause"),
    (20, "Caps_Lock"),
    (27, "Escape"),
    (33, "Prior"),
    (34, "Next"),
    (35, "End"),
    (36, "Home"),
    (37, "Left"),
    (38, "Up"),
    (39, "Right"),
    (40, "Down"),
    (44, "Print"),
    (45, "Insert"),
    (46, "Delete"),
    (91, "Super_L"),
    (92, "Super_R"),
    (93, "Menu"),
    (144, "Num_Lock"),
    (145, "Scroll_Lock"),
    (160, "Shift_L"),
    (161, "Shift_R"),
    (162, "Control_L"),
    (163, "Control_R"),
    (164, "Alt_L"),
    (165, "Alt_R"),
    (173, "XF86AudioMute"),
    (174, "XF86AudioLowerVolume"),
    (175, "XF86AudioRaiseVolume"),
    (179, "XF86AudioPlay"),
];

/// The key of a code without what it types. Letters and digits have their own name, what is not known none.
pub(crate) fn of_code(code: u32) -> Key {
    if let Some((_, keysym)) = CODES.iter().find(|(theirs, _)| *theirs == code) {
        return Key::named(*keysym);
    }
    match code {
        32 => Key::named("space"),
        48..=57 | 65..=90 => Key::named(char::from(code as u8).to_ascii_lowercase().to_string()),
        112..=135 => Key::named(format!("F{}", code - 111)),
        _ => Key::named(""),
    }
}

/// Signs of the US layout by Windows' virtual key: plain, and with Shift.
const SIGNS: [(u32, &str, &str); 22] = [
    (48, "0", ")"),
    (49, "1", "!"),
    (50, "2", "@"),
    (51, "3", "#"),
    (52, "4", "$"),
    (53, "5", "%"),
    (54, "6", "^"),
    (55, "7", "&"),
    (56, "8", "*"),
    (57, "9", "("),
    (186, ";", ":"),
    (187, "=", "+"),
    (188, ",", "<"),
    (189, "-", "_"),
    (190, ".", ">"),
    (191, "/", "?"),
    (192, "`", "~"),
    (219, "[", "{"),
    (220, "\\", "|"),
    (221, "]", "}"),
    (222, "'", "\""),
    (226, "\\", "|"),
];

/// Keys of the number pad that type, from virtual key 96.
const NUMBER_PAD: [&str; 16] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "+", "", "-", ".", "/"];

/// A key by Windows' virtual key, with what it types on the US layout.
pub(crate) fn of_virtual_key(vk: u32, shift: bool) -> Key {
    if let Some((_, plain, shifted)) = SIGNS.iter().find(|(theirs, _, _)| *theirs == vk) {
        return Key::typing(plain, if shift { shifted } else { plain });
    }
    let pad = vk.checked_sub(96).and_then(|i| NUMBER_PAD.get(i as usize)).filter(|t| !t.is_empty());
    if let Some(text) = pad {
        return Key::typing(text, text);
    }
    let key = of_code(vk);
    match vk {
        32 => Key::typing("space", " "),
        65..=90 if shift => Key { text: Some(key.name.to_ascii_uppercase()), ..key },
        65..=90 => Key { text: Some(key.name.clone()), ..key },
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: Key, name: &str, text: Option<&str>) {
        assert_eq!((key.name.as_str(), key.text.as_deref()), (name, text));
    }

    #[test]
    fn keys_have_one_name_whoever_names_them() {
        check(of_pynput("ctrl_l"), "Control_L", None);
        check(of_pynput("f5"), "F5", None);
        check(of_pynput("f"), "f", Some("f"));
        check(of_pynput("\u{e4}"), "\u{e4}", Some("\u{e4}"));
        check(of_pynput("f99"), "", None);
        check(of_code(13), "Return", None);
        check(of_code(65), "a", None);
        check(of_virtual_key(65, true), "a", Some("A"));
        check(of_virtual_key(49, true), "1", Some("!"));
        check(of_virtual_key(97, false), "1", Some("1"));
        check(of_virtual_key(108, false), "", None);
        check(of_virtual_key(115, false), "F4", None);
        check(of_virtual_key(255, false), "", None);
    }
}

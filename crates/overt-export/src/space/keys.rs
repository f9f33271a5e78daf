//! X keysym names in the words of other people's action spaces.

/// Signs by their keysym, and keys of the number pad that type.
const SIGNS: [(&str, &str); 43] = [
    ("ampersand", "&"),
    ("apostrophe", "'"),
    ("asciicircum", "^"),
    ("asciitilde", "~"),
    ("asterisk", "*"),
    ("at", "@"),
    ("backslash", "\\"),
    ("bar", "|"),
    ("braceleft", "{"),
    ("braceright", "}"),
    ("bracketleft", "["),
    ("bracketright", "]"),
    ("colon", ":"),
    ("comma", ","),
    ("dollar", "$"),
    ("equal", "="),
    ("exclam", "!"),
    ("grave", "`"),
    ("greater", ">"),
    ("less", "<"),
    ("minus", "-"),
    ("numbersign", "#"),
    ("parenleft", "("),
    ("parenright", ")"),
    ("percent", "%"),
    ("period", "."),
    ("plus", "+"),
    ("question", "?"),
    ("quotedbl", "\""),
    ("semicolon", ";"),
    ("slash", "/"),
    ("underscore", "_"),
    ("KP_0", "0"),
    ("KP_1", "1"),
    ("KP_2", "2"),
    ("KP_3", "3"),
    ("KP_4", "4"),
    ("KP_5", "5"),
    ("KP_6", "6"),
    ("KP_7", "7"),
    ("KP_8", "8"),
    ("KP_9", "9"),
    ("KP_Decimal", "."),
];

/// Keysym, pyautogui's word, OpenAI's word.
const NAMED: [(&str, &str, &str); 36] = [
    ("BackSpace", "backspace", "BACKSPACE"),
    ("Caps_Lock", "capslock", "CAPSLOCK"),
    ("Delete", "delete", "DELETE"),
    ("Down", "down", "ARROWDOWN"),
    ("End", "end", "END"),
    ("Escape", "esc", "ESC"),
    ("Home", "home", "HOME"),
    ("Insert", "insert", "INSERT"),
    ("KP_Add", "add", "+"),
    ("KP_Delete", "delete", "DELETE"),
    ("KP_Divide", "divide", "/"),
    ("KP_Down", "down", "ARROWDOWN"),
    ("KP_End", "end", "END"),
    ("KP_Enter", "enter", "ENTER"),
    ("KP_Home", "home", "HOME"),
    ("KP_Left", "left", "ARROWLEFT"),
    ("KP_Multiply", "multiply", "*"),
    ("KP_Next", "pagedown", "PAGEDOWN"),
    ("KP_Prior", "pageup", "PAGEUP"),
    ("KP_Right", "right", "ARROWRIGHT"),
    ("KP_Subtract", "subtract", "-"),
    ("KP_Up", "up", "ARROWUP"),
    ("Left", "left", "ARROWLEFT"),
    ("Menu", "apps", "CONTEXTMENU"),
    ("Next", "pagedown", "PAGEDOWN"),
    ("Num_Lock", "numlock", "NUMLOCK"),
    ("Pause", "pause", "PAUSE"),
    ("Print", "printscreen", "PRINTSCREEN"),
    ("Prior", "pageup", "PAGEUP"),
    ("Return", "enter", "ENTER"),
    ("Right", "right", "ARROWRIGHT"),
    ("Scroll_Lock", "scrolllock", "SCROLLLOCK"),
    ("Tab", "tab", "TAB"),
    ("Up", "up", "ARROWUP"),
    ("space", "space", "SPACE"),
    ("super", "win", "SUPER"),
];

const MODIFIERS: [&str; 4] = ["ctrl", "alt", "shift", "super"];

/// The sign that a keysym stands for, where it stands for one.
pub(crate) fn sign(keysym: &str) -> Option<&str> {
    if keysym.chars().count() == 1 {
        return Some(keysym);
    }
    SIGNS.iter().find(|(name, _)| *name == keysym).map(|(_, sign)| *sign)
}

fn is_function(keysym: &str) -> bool {
    keysym.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok_and(|n| (1..=24).contains(&n)))
}

/// pyautogui's word, which OSWorld, OpenCUA, Qwen and UI-TARS use too.
pub(crate) fn pyautogui(keysym: &str) -> Option<String> {
    if let Some((_, theirs, _)) = NAMED.iter().find(|(name, _, _)| *name == keysym) {
        return Some((*theirs).to_owned());
    }
    if MODIFIERS.contains(&keysym) || is_function(keysym) {
        return Some(keysym.to_lowercase());
    }
    // It has no names for what a US keyboard does not type.
    sign(keysym).filter(|s| s.is_ascii()).map(str::to_owned)
}

/// OpenAI's word.
pub(crate) fn openai(keysym: &str) -> Option<String> {
    if let Some((_, _, theirs)) = NAMED.iter().find(|(name, _, _)| *name == keysym) {
        return Some((*theirs).to_owned());
    }
    if MODIFIERS.contains(&keysym) || is_function(keysym) {
        return Some(keysym.to_uppercase());
    }
    sign(keysym).map(str::to_uppercase)
}

/// xdotool's word, which Anthropic uses: the keysym itself, a page's direction by its newer name.
pub(crate) fn xdotool(keysym: &str) -> Option<String> {
    let word = match keysym {
        "" => return None,
        "Prior" => "Page_Up",
        "Next" => "Page_Down",
        other => SIGNS.iter().find(|(_, sign)| *sign == other).map_or(other, |(name, _)| name),
    };
    Some(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keysym: &str, expected: [Option<&str>; 3]) {
        let got = [pyautogui(keysym), openai(keysym), xdotool(keysym)];
        assert_eq!(got.each_ref().map(|w| w.as_deref()), expected, "{keysym}");
    }

    #[test]
    fn keys_have_the_words_of_each_space() {
        check("Return", [Some("enter"), Some("ENTER"), Some("Return")]);
        check("Next", [Some("pagedown"), Some("PAGEDOWN"), Some("Page_Down")]);
        check("super", [Some("win"), Some("SUPER"), Some("super")]);
        check("F5", [Some("f5"), Some("F5"), Some("F5")]);
        check("a", [Some("a"), Some("A"), Some("a")]);
        check("comma", [Some(","), Some(","), Some("comma")]);
        check(",", [Some(","), Some(","), Some("comma")]);
        check("\u{e4}", [None, Some("\u{c4}"), Some("\u{e4}")]);
        check("XF86AudioPlay", [None, None, Some("XF86AudioPlay")]);
        check("", [None, None, None]);
    }
}

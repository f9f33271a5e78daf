//! How roles, states and names are written.

use atspi::{Role, State};

/// Most characters of an accessible name that are kept.
pub(crate) const NAME_CHARS_MAX: usize = 200;

/// The states that matter to an agent, in the order of their names.
const KEPT_STATES: [State; 7] = [
    State::Checked,
    State::Editable,
    State::Enabled,
    State::Expanded,
    State::Focusable,
    State::Focused,
    State::Selected,
];

/// An object's states: bit n is state number n of AT-SPI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct States(pub(crate) u64);

impl States {
    /// From the two halves in which AT-SPI sends them, the low half first.
    pub(crate) fn from_halves(halves: &[u32]) -> Self {
        let half = |i: usize| u64::from(halves.get(i).copied().unwrap_or(0));
        Self(half(0) | half(1) << 32)
    }

    pub(crate) fn has(self, state: State) -> bool {
        self.0 & state as u64 != 0
    }

    /// Neither hidden nor in a hidden container.
    pub(crate) fn on_screen(self) -> bool {
        self.has(State::Showing) && self.has(State::Visible)
    }

    /// The names of the kept states, sorted.
    pub(crate) fn names(self) -> Vec<String> {
        KEPT_STATES.into_iter().filter(|s| self.has(*s)).map(|s| s.to_static_str().to_owned()).collect()
    }
}

/// The role's name as AT-SPI spells it. A button is `push button` under every version of AT-SPI:
/// versions from 2.53 on spell it `button`.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Button => "push button",
        other => other.name(),
    }
}

/// The role behind a number; a number of a newer version is `Unknown`.
pub(crate) fn role_from_number(number: u32) -> Role {
    Role::try_from(number).unwrap_or(Role::Unknown)
}

/// Whether its children must never be listed: there can be a thousand million of them, and listing a
/// spreadsheet's took 21 GB. A table of a web page is a table of elements and counts like any other.
pub(crate) fn holds_too_many(role: Role, states: States, in_page: bool) -> bool {
    let table = matches!(role, Role::Table | Role::TreeTable | Role::DocumentSpreadsheet);
    states.has(State::ManagesDescendants) || (table && !in_page)
}

/// Without white space around it, at most 200 characters.
pub(crate) fn trim_name(name: &str) -> String {
    name.trim().chars().take(NAME_CHARS_MAX).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_to_200_characters_not_bytes() {
        let check = |input: &str, expected: &str| assert_eq!(trim_name(input), expected);
        check("  Save as…\n", "Save as…");
        check("", "");
        check(&"ä".repeat(300), &"ä".repeat(200));
        check(&format!("{} tail", "x".repeat(199)), &"x".repeat(199));
    }

    #[test]
    fn roles_are_spelled_as_by_at_spi() {
        let check = |number: u32, expected: &str| assert_eq!(role_name(role_from_number(number)), expected);
        check(43, "push button");
        check(40, "password text");
        check(11, "combo box");
        check(35, "menu item");
        check(79, "entry");
        check(88, "link");
        check(95, "document web");
        check(9_999, "unknown");
    }

    #[test]
    fn states_come_sorted_and_only_the_kept_ones() {
        let bits = State::Showing as u64
            | State::Focused as u64
            | State::Checked as u64
            | State::Enabled as u64
            | State::ReadOnly as u64;
        let states = States::from_halves(&[bits as u32, (bits >> 32) as u32]);
        assert_eq!(states.names(), ["checked", "enabled", "focused"]);
        assert!(states.has(State::ReadOnly), "the upper half counts");
        assert!(!states.on_screen());
        assert_eq!(States::from_halves(&[]).names(), Vec::<String>::new());
    }

    #[test]
    fn spreadsheets_are_never_listed() {
        let managing = States(State::ManagesDescendants as u64);
        let check = |role, states, in_page, expected| {
            assert_eq!(holds_too_many(role, states, in_page), expected);
        };
        check(Role::Table, States::default(), false, true);
        check(Role::Table, States::default(), true, false);
        check(Role::Table, managing, true, true);
        check(Role::Panel, managing, false, true);
        check(Role::Panel, States::default(), false, false);
    }
}

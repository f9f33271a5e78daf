//! The four signs, and who tells them.

/// What is known of the machine; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    pub on_battery: Option<bool>,
    /// The network that is in use costs by the byte, or is taken to.
    pub metered: Option<bool>,
    /// The session's screen is locked.
    pub locked: Option<bool>,
    /// The machine is about to sleep, or has not woken up yet.
    pub falling_asleep: Option<bool>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Battery,
    Metered,
    Locked,
    Sleep,
}

pub(crate) const SIGNS: [Sign; 4] = [Sign::Battery, Sign::Metered, Sign::Locked, Sign::Sleep];

pub(crate) const UPOWER: &str = "org.freedesktop.UPower";
pub(crate) const UPOWER_PATH: &str = "/org/freedesktop/UPower";
pub(crate) const NETWORK: &str = "org.freedesktop.NetworkManager";
pub(crate) const NETWORK_PATH: &str = "/org/freedesktop/NetworkManager";
pub(crate) const LOGIN: &str = "org.freedesktop.login1";
pub(crate) const LOGIN_PATH: &str = "/org/freedesktop/login1";
pub(crate) const LOGIN_MANAGER: &str = "org.freedesktop.login1.Manager";
pub(crate) const LOGIN_SESSION: &str = "org.freedesktop.login1.Session";
/// Below it every session has its object.
pub(crate) const SESSIONS_PATH: &str = "/org/freedesktop/login1/session";

impl Sign {
    /// The name on the bus of the service that tells it.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Battery => UPOWER,
            Self::Metered => NETWORK,
            Self::Locked | Self::Sleep => LOGIN,
        }
    }

    pub(crate) fn set(self, signs: &mut Signs, known: Option<bool>) {
        let place = match self {
            Self::Battery => &mut signs.on_battery,
            Self::Metered => &mut signs.metered,
            Self::Locked => &mut signs.locked,
            Self::Sleep => &mut signs.falling_asleep,
        };
        *place = known;
    }

    /// The signs that a signal is a reason to ask for: by the object that sent it and its name, and for
    /// a name on the bus that changed hands by that name.
    pub(crate) fn of_signal(path: &str, member: &str, name: Option<&str>) -> &'static [Sign] {
        match (member, name) {
            ("NameOwnerChanged", Some(UPOWER)) => &[Self::Battery],
            ("NameOwnerChanged", Some(NETWORK)) => &[Self::Metered],
            ("NameOwnerChanged", Some(LOGIN)) => &[Self::Locked, Self::Sleep],
            ("PrepareForSleep", _) => &[Self::Sleep],
            ("PropertiesChanged", _) if path == UPOWER_PATH => &[Self::Battery],
            ("PropertiesChanged", _) if path == NETWORK_PATH => &[Self::Metered],
            ("PropertiesChanged", _) if path.starts_with(SESSIONS_PATH) => &[Self::Locked],
            _ => &[],
        }
    }
}

/// NetworkManager's `NMMetered`: 1 is yes and 3 a guess that it is; 0, 2 and 4 are unknown, no, and a guess
/// that it is not (networkmanager.dev, libnm, `NMMetered`).
pub(crate) fn metered_from_number(number: u32) -> Option<bool> {
    match number {
        1 | 3 => Some(true),
        2 | 4 => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_a_reason_to_ask_only_for_what_it_is_about() {
        let check = |path, member, name, expected: &[Sign]| {
            assert_eq!(Sign::of_signal(path, member, name), expected, "{path} {member}");
        };
        check(UPOWER_PATH, "PropertiesChanged", Some("org.freedesktop.UPower"), &[Sign::Battery]);
        check("/org/freedesktop/UPower/devices/x", "PropertiesChanged", None, &[]);
        check(NETWORK_PATH, "PropertiesChanged", None, &[Sign::Metered]);
        check("/org/freedesktop/login1/session/_32", "PropertiesChanged", None, &[Sign::Locked]);
        check(LOGIN_PATH, "PrepareForSleep", None, &[Sign::Sleep]);
        check("/org/freedesktop/DBus", "NameOwnerChanged", Some(LOGIN), &[Sign::Locked, Sign::Sleep]);
        check("/org/freedesktop/DBus", "NameOwnerChanged", Some("org.example"), &[]);
    }

    #[test]
    fn a_guess_counts_and_the_unknown_does_not() {
        let known = [None, Some(true), Some(false), Some(true), Some(false), None];
        for (number, expected) in known.into_iter().enumerate() {
            assert_eq!(metered_from_number(number as u32), expected);
        }
    }
}

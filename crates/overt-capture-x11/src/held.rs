//! Which keys are down, and which presses are repeats.

use std::collections::BTreeMap;

use overt_event::Modifiers;

/// Nobody sets the delay before the first repeat shorter than this (the default is 660 ms).
const REPEAT_DELAY_MILLIS_MIN: u32 = 100;

/// A modifier that a key sets while it is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modifier {
    Ctrl,
    Alt,
    Shift,
    Super,
}

impl Modifier {
    pub(crate) fn field(self, modifiers: &mut Modifiers) -> &mut bool {
        match self {
            Self::Ctrl => &mut modifiers.ctrl,
            Self::Alt => &mut modifiers.alt,
            Self::Shift => &mut modifiers.shift,
            Self::Super => &mut modifiers.super_key,
        }
    }
}

/// A key from its press to its release, in the server's milliseconds.
struct Hold {
    modifier: Option<Modifier>,
    /// The press, or the repeat that was told last.
    pressed: u32,
    released: Option<u32>,
    repeated: bool,
}

impl Hold {
    /// The server's milliseconds wrap, so that only differences can be compared.
    fn repeats_at(&self, server_millis: u32) -> bool {
        let is_after = |later: u32, earlier: u32| (later.wrapping_sub(earlier) as i32) > 0;
        // In the millisecond of the release it is rather the next press, whose raw event is to come.
        is_after(server_millis, self.pressed) && self.released.is_none_or(|r| is_after(r, server_millis))
    }
}

/// The last hold of each key of each device.
#[derive(Default)]
pub(crate) struct HeldKeys(BTreeMap<(u16, u32), Hold>);

impl HeldKeys {
    /// A raw press. Returns whether the key was down already, which makes it a repeat.
    pub(crate) fn press(&mut self, device: u16, scancode: u32, modifier: Option<Modifier>, at: u32) -> bool {
        let before = self
            .0
            .insert((device, scancode), Hold { modifier, pressed: at, released: None, repeated: false });
        before.is_some_and(|hold| hold.released.is_none())
    }

    /// A raw release.
    pub(crate) fn release(&mut self, device: u16, scancode: u32, at: u32) {
        if let Some(hold) = self.0.get_mut(&(device, scancode)) {
            hold.released = Some(at);
        }
    }

    /// Whether a key that goes up now was down long enough to repeat (no server begins sooner).
    pub(crate) fn may_have_repeated(&self, device: u16, scancode: u32, at: u32) -> bool {
        let hold = self.0.get(&(device, scancode)).filter(|hold| hold.released.is_none());
        hold.is_some_and(|hold| hold.repeated || at.wrapping_sub(hold.pressed) >= REPEAT_DELAY_MILLIS_MIN)
    }

    /// Whether a press that applications got was a repeat, and of which device's key. It is told once.
    pub(crate) fn repeat(&mut self, scancode: u32, at: u32) -> Option<u16> {
        let same_key = self.0.iter_mut().filter(|((_, code), _)| *code == scancode);
        let mut holding = same_key.filter(|(_, hold)| hold.repeats_at(at));
        let ((device, _), hold) = holding.next()?;
        hold.pressed = at;
        hold.repeated = true;
        Some(*device)
    }

    pub(crate) fn holds(&self, modifier: Modifier) -> bool {
        self.0.values().any(|hold| hold.released.is_none() && hold.modifier == Some(modifier))
    }

    /// Forgets the keys of a device that went away: nobody will release them.
    pub(crate) fn forget_device(&mut self, device: u16) {
        self.0.retain(|(d, _), _| *d != device);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_press_without_a_release_before_it_is_a_repeat() {
        let mut held = HeldKeys::default();
        assert!(!held.press(1, 38, None, 10));
        assert!(held.press(1, 38, None, 20));
        assert!(!held.press(2, 38, None, 30), "another keyboard's key is another key");
        held.release(1, 38, 40);
        assert!(!held.press(1, 38, None, 50));
        held.forget_device(2);
        assert!(!held.press(2, 38, None, 60));
    }

    #[test]
    fn a_core_press_is_a_repeat_only_between_the_press_and_the_release() {
        let mut held = HeldKeys::default();
        let start = u32::MAX - 100;
        let at = |millis: u32| start.wrapping_add(millis);
        assert_eq!(held.repeat(38, at(0)), None, "its raw press is yet to come");
        held.press(4, 38, None, at(0));
        assert_eq!(held.repeat(38, at(0)), None, "it is the press itself");
        assert_eq!(held.repeat(38, at(660)), Some(4));
        assert_eq!(held.repeat(38, at(660)), None, "told by a second keyboard");
        assert_eq!(held.repeat(39, at(700)), None, "another key");
        held.release(4, 38, at(705));
        assert_eq!(held.repeat(38, at(700)), Some(4), "it was on its way when the key went up");
        assert_eq!(held.repeat(38, at(705)), None, "the next press in the millisecond of the release");
        assert_eq!(held.repeat(38, at(900)), None, "the next press, whose raw event is yet to come");
    }

    #[test]
    fn only_a_key_that_was_held_for_a_while_may_have_repeated() {
        let mut held = HeldKeys::default();
        held.press(4, 38, None, 1_000);
        assert!(!held.may_have_repeated(4, 38, 1_040));
        assert!(held.may_have_repeated(4, 38, 1_700) && !held.may_have_repeated(4, 39, 1_700));
        held.repeat(38, 1_660);
        assert!(held.may_have_repeated(4, 38, 1_670));
        held.release(4, 38, 1_670);
        assert!(!held.may_have_repeated(4, 38, 9_999));
    }

    #[test]
    fn a_modifier_is_held_until_its_last_key_goes_up() {
        let mut held = HeldKeys::default();
        held.press(1, 50, Some(Modifier::Shift), 1);
        held.press(1, 62, Some(Modifier::Shift), 2);
        held.release(1, 50, 3);
        assert!(held.holds(Modifier::Shift) && !held.holds(Modifier::Ctrl));
        held.release(1, 62, 4);
        assert!(!held.holds(Modifier::Shift));
    }
}

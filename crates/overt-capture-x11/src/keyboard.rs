//! Which symbol a key stands for under the layout, and what it types.

use std::ffi::OsString;

use overt_event::{Modifiers, RawKey};
use x11rb::protocol::xkb::{self, ConnectionExt as _, EventType, MapPart, NKNDetail, StatePart};
use x11rb::xcb_ffi::XCBConnection;
use xkbcommon::xkb::{
    self as xkbc, CONTEXT_NO_FLAGS, Context, KEYMAP_COMPILE_NO_FLAGS, Keycode, Keymap, Keysym,
    STATE_MODS_EFFECTIVE, State, compose, x11,
};

use crate::error::X11Error;
use crate::held::{HeldKeys, Modifier};

/// The core keyboard's layout and state, kept in step with the server's events in their order.
pub(crate) struct Keyboard {
    context: Context,
    device: i32,
    keymap: Keymap,
    state: State,
    compose: Option<compose::State>,
    masks: Masks,
    held: HeldKeys,
    stale: bool,
}

/// The parts of the state that a StateNotify carries.
#[derive(Clone, Copy, Default)]
struct Masks {
    mods: [u32; 3],
    groups: [u32; 3],
}

impl Keyboard {
    /// Reads the layout and asks for an event at each change of it.
    pub(crate) fn new(conn: &XCBConnection) -> Result<Self, X11Error> {
        let (mut major, mut minor, mut event, mut error) = (0, 0, 0, 0);
        let no_flags = x11::SetupXkbExtensionFlags::NoFlags;
        if !x11::setup_xkb_extension(conn, 1, 0, no_flags, &mut major, &mut minor, &mut event, &mut error) {
            return Err(X11Error::Missing { extension: "XKEYBOARD", major: 1, minor: 0 });
        }
        let device = x11::get_core_keyboard_device_id(conn);
        let device_spec = u16::try_from(device).map_err(|_| X11Error::Keyboard)?;
        select_changes(conn, device_spec)?;
        let context = Context::new(CONTEXT_NO_FLAGS);
        // Its complaints about layouts go to standard error otherwise.
        context_quietly(&context);
        let keymap = read_keymap(&context, conn, device).ok_or(X11Error::Keyboard)?;
        let state = State::new(&keymap);
        let compose = compose_state(&context);
        let (masks, held) = (Masks::default(), HeldKeys::default());
        let mut keyboard = Self { context, device, keymap, state, compose, masks, held, stale: false };
        keyboard.read_state(conn, device_spec)?;
        Ok(keyboard)
    }

    /// The first layout's name, such as `English (US)`.
    pub(crate) fn layout_name(&self) -> String {
        self.keymap.layouts().next().unwrap_or_default().to_owned()
    }

    fn read_state(&mut self, conn: &XCBConnection, device_spec: u16) -> Result<(), X11Error> {
        let s = conn.xkb_get_state(device_spec)?.reply()?;
        self.masks = Masks {
            mods: [s.base_mods.into(), s.latched_mods.into(), s.locked_mods.into()],
            groups: [s.base_group as u32, s.latched_group as u32, u8::from(s.locked_group).into()],
        };
        self.apply_masks();
        Ok(())
    }

    /// Takes the state from the event, which stands in order between the keys before and after it.
    pub(crate) fn state_changed(&mut self, e: &xkb::StateNotifyEvent) {
        self.masks = Masks {
            mods: [e.base_mods.into(), e.latched_mods.into(), e.locked_mods.into()],
            groups: [
                i32::from(e.base_group) as u32,
                i32::from(e.latched_group) as u32,
                u8::from(e.locked_group).into(),
            ],
        };
        self.apply_masks();
    }

    fn apply_masks(&mut self) {
        let Masks { mods: [m0, m1, m2], groups: [g0, g1, g2] } = self.masks;
        self.state.update_mask(m0, m1, m2, g0, g1, g2);
    }

    /// The layout changed; it is read again when it is next needed, once for a run of changes.
    pub(crate) fn layout_changed(&mut self) {
        self.stale = true;
    }

    /// Reads the layout again if it changed. A display that is going away leaves the old one.
    pub(crate) fn refresh(&mut self, conn: &XCBConnection) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        if let Some(keymap) = read_keymap(&self.context, conn, self.device) {
            self.state = State::new(&keymap);
            self.keymap = keymap;
            self.apply_masks();
        }
    }

    /// Forgets a half-finished compose sequence.
    pub(crate) fn reset_compose(&mut self) {
        if let Some(compose) = &mut self.compose {
            compose.reset();
        }
    }

    /// Forgets the keys held on a device that went away.
    pub(crate) fn forget_device(&mut self, device: u16) {
        self.held.forget_device(device);
    }

    /// A raw press at the server's time `at`.
    pub(crate) fn pressed(&mut self, device: u16, scancode: u32, at: u32, flagged_repeat: bool) -> RawKey {
        let modifier = modifier_of(self.symbol(scancode));
        let repeat = self.held.press(device, scancode, modifier, at) || flagged_repeat;
        self.down(scancode, repeat)
    }

    /// A press that applications got: the device and the key if it was a repeat of a held one.
    pub(crate) fn repeated(&mut self, scancode: u32, at: u32) -> Option<(u16, RawKey)> {
        let device = self.held.repeat(scancode, at)?;
        Some((device, self.down(scancode, true)))
    }

    /// Whether repeats of the key that goes up may still be on their way.
    pub(crate) fn may_have_repeated(&self, device: u16, scancode: u32, at: u32) -> bool {
        self.held.may_have_repeated(device, scancode, at)
    }

    fn down(&mut self, scancode: u32, repeat: bool) -> RawKey {
        let symbol = self.symbol(scancode);
        let modifiers = self.modifiers();
        let text = if modifiers.makes_chord() { None } else { self.typed(scancode, symbol) };
        let name = xkbc::keysym_get_name(symbol);
        RawKey { scancode, name, text, down: true, repeat, modifiers }
    }

    /// A raw release at the server's time `at`.
    pub(crate) fn released(&mut self, device: u16, scancode: u32, at: u32) -> RawKey {
        let symbol = self.symbol(scancode);
        self.held.release(device, scancode, at);
        let own = modifier_of(symbol);
        let mut modifiers = self.modifiers();
        if let Some(own) = own.filter(|own| !self.held.holds(*own)) {
            *own.field(&mut modifiers) = false;
        }
        let name = xkbc::keysym_get_name(symbol);
        RawKey { scancode, name, text: None, down: false, repeat: false, modifiers }
    }

    fn symbol(&self, scancode: u32) -> Keysym {
        self.state.key_get_one_sym(Keycode::new(scancode))
    }

    fn modifiers(&self) -> Modifiers {
        let active = |name| self.state.mod_name_is_active(name, STATE_MODS_EFFECTIVE);
        Modifiers {
            ctrl: active(xkbc::MOD_NAME_CTRL),
            alt: active(xkbc::MOD_NAME_ALT),
            shift: active(xkbc::MOD_NAME_SHIFT),
            super_key: active(xkbc::MOD_NAME_LOGO),
        }
    }

    /// The characters that a press types, after dead keys and the compose key.
    fn typed(&mut self, scancode: u32, symbol: Keysym) -> Option<String> {
        let plain = || printable(&self.state.key_get_utf8(Keycode::new(scancode)));
        let Some(compose) = &mut self.compose else { return plain() };
        if matches!(compose.feed(symbol), compose::FeedResult::Ignored) {
            return plain();
        }
        match compose.status() {
            compose::Status::Nothing => plain(),
            compose::Status::Composing => None,
            compose::Status::Composed => {
                let text = compose.utf8().and_then(|t| printable(&t));
                compose.reset();
                text
            }
            compose::Status::Cancelled => {
                compose.reset();
                None
            }
        }
    }
}

fn select_changes(conn: &XCBConnection, device_spec: u16) -> Result<(), X11Error> {
    let new_keyboard = NKNDetail::KEYCODES | NKNDetail::GEOMETRY | NKNDetail::DEVICE_ID;
    let state = StatePart::MODIFIER_BASE
        | StatePart::MODIFIER_LATCH
        | StatePart::MODIFIER_LOCK
        | StatePart::GROUP_BASE
        | StatePart::GROUP_LATCH
        | StatePart::GROUP_LOCK;
    let details = xkb::SelectEventsAux::new()
        .new_keyboard_notify(xkb::SelectEventsAuxNewKeyboardNotify {
            affect_new_keyboard: new_keyboard,
            new_keyboard_details: new_keyboard,
        })
        .state_notify(xkb::SelectEventsAuxStateNotify { affect_state: state, state_details: state });
    let map = MapPart::KEY_TYPES
        | MapPart::KEY_SYMS
        | MapPart::MODIFIER_MAP
        | MapPart::EXPLICIT_COMPONENTS
        | MapPart::KEY_ACTIONS
        | MapPart::VIRTUAL_MODS
        | MapPart::VIRTUAL_MOD_MAP;
    let (none, whole) = (EventType::from(0_u16), EventType::MAP_NOTIFY);
    // Opens the extension on this connection for x11rb as well, so that it reads the events.
    conn.xkb_use_extension(1, 0)?.reply()?;
    conn.xkb_select_events(device_spec, none, whole, map, map, &details)?.check()?;
    Ok(())
}

fn context_quietly(context: &Context) {
    context.clone().set_log_level(xkbc::LogLevel::Critical);
}

fn read_keymap(context: &Context, conn: &XCBConnection, device: i32) -> Option<Keymap> {
    let keymap = x11::keymap_new_from_device(context, conn, device, KEYMAP_COMPILE_NO_FLAGS);
    (!keymap.get_raw_ptr().is_null()).then_some(keymap)
}

fn compose_state(context: &Context) -> Option<compose::State> {
    let set = |name| std::env::var_os(name).filter(|v: &OsString| !v.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let table = ["", "C.UTF-8", "en_US.UTF-8"].iter().find_map(|fallback| {
        let locale = if fallback.is_empty() { locale.clone()? } else { OsString::from(fallback) };
        compose::Table::new_from_locale(context, &locale, compose::COMPILE_NO_FLAGS).ok()
    })?;
    Some(compose::State::new(&table, compose::STATE_NO_FLAGS))
}

/// The text without control characters; `None` when nothing is left.
fn printable(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    (!text.is_empty()).then_some(text)
}

fn modifier_of(symbol: Keysym) -> Option<Modifier> {
    match symbol {
        Keysym::Control_L | Keysym::Control_R => Some(Modifier::Ctrl),
        Keysym::Alt_L | Keysym::Alt_R | Keysym::Meta_L | Keysym::Meta_R => Some(Modifier::Alt),
        Keysym::Shift_L | Keysym::Shift_R => Some(Modifier::Shift),
        Keysym::Super_L | Keysym::Super_R => Some(Modifier::Super),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_no_text() {
        let check = |raw, expected: Option<&str>| assert_eq!(printable(raw).as_deref(), expected);
        check("é", Some("é"));
        check("\r", None);
        check("\u{7f}", None);
        check("", None);
    }
}

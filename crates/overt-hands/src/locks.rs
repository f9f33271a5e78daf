//! Caps lock and the other layouts of a keyboard, put off while something is typed.

use x11rb::protocol::xkb::{ConnectionExt as _, Group, ID};
use x11rb::protocol::xproto::ModMask;
use x11rb::rust_connection::RustConnection;

use crate::HandsError;

/// The core keyboard (X Keyboard Extension, section 5.3).
const CORE_KEYBOARD: ID = ID::USE_CORE_KBD;

/// What was locked: by it the same key types something else than the first layout says.
pub(crate) struct Locks {
    caps: bool,
    group: Group,
}

impl Locks {
    /// Lets the keyboard type as its first layout does, until [`Locks::put_back`].
    pub(crate) fn put_off(conn: &RustConnection) -> Result<Self, HandsError> {
        let state = conn.xkb_get_state(CORE_KEYBOARD.into())?.reply()?;
        let locks = Self { caps: state.locked_mods.contains(ModMask::LOCK), group: state.locked_group };
        locks.set(conn, false, Group::M1)?;
        Ok(locks)
    }

    /// Locks again what was locked.
    pub(crate) fn put_back(self, conn: &RustConnection) -> Result<(), HandsError> {
        self.set(conn, self.caps, self.group)
    }

    /// Says nothing to a keyboard on which nothing is locked.
    fn set(&self, conn: &RustConnection, caps: bool, group: Group) -> Result<(), HandsError> {
        if !self.caps && self.group == Group::M1 {
            return Ok(());
        }
        let (core, lock, none) = (CORE_KEYBOARD.into(), ModMask::LOCK, ModMask::from(0_u16));
        let locked = if caps { lock } else { none };
        conn.xkb_latch_lock_state(core, lock, locked, true, group, none, false, 0)?.check()?;
        Ok(())
    }
}

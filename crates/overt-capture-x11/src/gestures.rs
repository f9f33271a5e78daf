//! By what the desktop tells a double click and a drag: its XSETTINGS (freedesktop.org, XSETTINGS 0.5), where somebody
//! manages them.

use overt_event::Gestures;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{Atom, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window};

use crate::error::{X11Error, if_still_there};
use crate::identity::property;

/// What a desktop can mean, milliseconds and pixels: anything else is a mistake, and not believed.
const GAP_MILLIS: std::ops::RangeInclusive<i32> = 50..=5_000;
const PX: std::ops::RangeInclusive<i32> = 0..=100;

/// The names under which settings are found.
pub(crate) struct GestureSettings {
    /// Owned by who manages the settings of this screen.
    manager: Atom,
    settings: Atom,
    /// Told to the root window when somebody begins to manage.
    begins: Atom,
}

impl GestureSettings {
    pub(crate) fn new<C: Connection>(conn: &C, root: Window) -> Result<Self, X11Error> {
        let screen = conn.setup().roots.iter().position(|s| s.root == root).unwrap_or_default();
        let atom = |name: &str| -> Result<Atom, X11Error> {
            Ok(conn.intern_atom(false, name.as_bytes())?.reply()?.atom)
        };
        Ok(Self {
            manager: atom(&format!("_XSETTINGS_S{screen}"))?,
            settings: atom("_XSETTINGS_SETTINGS")?,
            begins: atom("MANAGER")?,
        })
    }

    /// Whether the settings may be others after this event.
    pub(crate) fn may_change(&self, event: &Event) -> bool {
        match event {
            Event::PropertyNotify(e) => e.atom == self.settings,
            Event::ClientMessage(e) => e.type_ == self.begins && e.data.as_data32()[1] == self.manager,
            _ => false,
        }
    }

    /// What they are, and asks for an event when they change.
    pub(crate) fn read<C: Connection>(&self, conn: &C) -> Result<Gestures, X11Error> {
        let owner = conn.get_selection_owner(self.manager)?.reply()?.owner;
        if owner == x11rb::NONE {
            return Ok(Gestures::default());
        }
        let events = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        if if_still_there(conn.change_window_attributes(owner, &events)?.check())?.is_none() {
            return Ok(Gestures::default());
        }
        Ok(property(conn, owner, self.settings)?.map(|p| gestures_of(&p.value)).unwrap_or_default())
    }
}

/// Of settings that do not read, those before the fault count.
fn gestures_of(settings: &[u8]) -> Gestures {
    let mut found = Gestures::default();
    let Some(mut rest) = Settings::begin(settings) else { return found };
    while let Some((name, value)) = rest.next() {
        let within = |range: std::ops::RangeInclusive<i32>| {
            value.filter(|v| range.contains(v)).and_then(|v| u32::try_from(v).ok())
        };
        match name {
            b"Net/DoubleClickTime" => found.click_gap_millis = within(GAP_MILLIS),
            b"Net/DoubleClickDistance" => found.click_slip_px = within(PX),
            b"Net/DndDragThreshold" => found.drag_px = within(PX),
            _ => {}
        }
    }
    found
}

/// The settings that are still to be read.
struct Settings<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    left: u32,
}

impl<'a> Settings<'a> {
    fn begin(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = *bytes.first()? == 1;
        let mut settings = Self { bytes, big_endian, left: 0 };
        // The order of bytes, three unused, and a serial.
        settings.take(8)?;
        settings.left = settings.number32()?;
        Some(settings)
    }

    /// The next one's name, and its value where that is a whole number. `None` after the last one.
    fn next(&mut self) -> Option<(&'a [u8], Option<i32>)> {
        self.left = self.left.checked_sub(1)?;
        let kind = self.take(2)?[0];
        let len = self.take(2)?;
        let len = [len[0], len[1]];
        let len = if self.big_endian { u16::from_be_bytes(len) } else { u16::from_le_bytes(len) };
        let name = self.padded(len.into())?;
        // When it last changed.
        self.take(4)?;
        let value = match kind {
            0 => Some(self.number32()?.cast_signed()),
            1 => {
                let len = self.number32()?;
                self.padded(len as usize)?;
                None
            }
            2 => self.take(8).map(|_| None)?,
            _ => return None,
        };
        Some((name, value))
    }

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(taken)
    }

    /// So many bytes, and those up to the next multiple of four.
    fn padded(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.take(len.checked_next_multiple_of(4)?)?;
        taken.get(..len)
    }

    fn number32(&mut self) -> Option<u32> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole number, a text and a colour among which the ones that count stand.
    fn settings(big_endian: bool, gap: i32) -> Vec<u8> {
        let n16 = |n: u16| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        let n32 = |n: u32| if big_endian { n.to_be_bytes() } else { n.to_le_bytes() };
        let mut bytes = vec![u8::from(big_endian), 0, 0, 0];
        bytes.extend([n32(7), n32(5)].concat());
        let mut setting = |kind: u8, name: &str, value: &[u8]| {
            bytes.extend([kind, 0]);
            bytes.extend(n16(name.len() as u16));
            bytes.extend(name.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            bytes.extend(n32(3));
            bytes.extend(value);
        };
        setting(0, "Net/DoubleClickTime", &n32(gap.cast_unsigned()));
        setting(1, "Net/ThemeName", &[n32(5).as_slice(), b"Paper\0\0\0"].concat());
        setting(2, "Gtk/Tint", &[0; 8]);
        setting(0, "Net/DoubleClickDistance", &n32(9));
        setting(0, "Net/DndDragThreshold", &n32(8));
        bytes
    }

    #[test]
    fn what_counts_is_found_in_either_order_of_bytes() {
        let all = Gestures { click_gap_millis: Some(250), click_slip_px: Some(9), drag_px: Some(8) };
        assert_eq!(gestures_of(&settings(false, 250)), all);
        assert_eq!(gestures_of(&settings(true, 250)), all);
    }

    #[test]
    fn what_no_desktop_can_mean_is_not_believed() {
        assert_eq!(gestures_of(&settings(false, -1)).click_gap_millis, None);
        assert_eq!(gestures_of(&settings(false, i32::MAX)).click_gap_millis, None);
    }

    #[test]
    fn settings_that_are_cut_anywhere_read_as_far_as_they_go() {
        let whole = settings(false, 250);
        for len in 0..whole.len() {
            let found = gestures_of(&whole[..len]);
            assert!(found.drag_px.is_none(), "the last one is not whole");
        }
    }
}

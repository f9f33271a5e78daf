//! Which input devices are programs, and which pointers there are.

use std::collections::BTreeSet;

use x11rb::connection::Connection;
use x11rb::protocol::xinput::{ConnectionExt as _, Device, DeviceType, EventMask, XIDeviceInfo, XIEventMask};
use x11rb::protocol::xproto::Window;

use crate::error::X11Error;

/// The devices through which XTEST makes input, and the masters that are pointers on the screen.
pub(crate) struct Devices {
    xtest: BTreeSet<u16>,
    pointers: Vec<u16>,
}

impl Devices {
    /// Asks for the raw events of all devices, also while a menu holds a grab (that takes XI 2.1).
    pub(crate) fn new<C: Connection>(conn: &C, root: Window) -> Result<Self, X11Error> {
        let missing = X11Error::Missing { extension: "XInputExtension", major: 2, minor: 2 };
        let version = conn.xinput_xi_query_version(2, 2)?.reply().map_err(|_| missing)?;
        if (version.major_version, version.minor_version) < (2, 2) {
            return Err(X11Error::Missing { extension: "XInputExtension", major: 2, minor: 2 });
        }
        let raw = XIEventMask::RAW_MOTION
            | XIEventMask::RAW_BUTTON_PRESS
            | XIEventMask::RAW_BUTTON_RELEASE
            | XIEventMask::RAW_KEY_PRESS
            | XIEventMask::RAW_KEY_RELEASE;
        let masks = [
            EventMask { deviceid: Device::ALL_MASTER.into(), mask: vec![raw] },
            EventMask { deviceid: Device::ALL.into(), mask: vec![XIEventMask::HIERARCHY] },
        ];
        conn.xinput_xi_select_events(root, &masks)?.check()?;
        let mut devices = Self { xtest: BTreeSet::new(), pointers: Vec::new() };
        devices.refresh(conn)?;
        Ok(devices)
    }

    /// Reads the list again after a device came or went.
    pub(crate) fn refresh<C: Connection>(&mut self, conn: &C) -> Result<(), X11Error> {
        let listed = conn.xinput_xi_query_device(Device::ALL)?.reply()?;
        let is_xtest = |name: &[u8]| name.windows(5).any(|part| part == b"XTEST");
        self.xtest = listed.infos.iter().filter(|d| is_xtest(&d.name)).map(|d| d.deviceid).collect();
        let is_pointer = |d: &&XIDeviceInfo| d.type_ == DeviceType::MASTER_POINTER;
        self.pointers = listed.infos.iter().filter(is_pointer).map(|d| d.deviceid).collect();
        Ok(())
    }

    /// The master devices of the pointers on the screen, most often one.
    pub(crate) fn pointers(&self) -> &[u16] {
        &self.pointers
    }

    /// Whether what the device says was made by a program.
    pub(crate) fn is_injected(&self, device: u16) -> bool {
        self.xtest.contains(&device)
    }
}

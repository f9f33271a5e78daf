//! The thread that sees pointer, keys and windows.

use std::ffi::CString;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use overt_capture::{SleepWatch, monotonic_now, read_clocks};
use overt_event::{MonoNanos, NANOS_PER_MILLI, Point, RawBody, RawEvent, Seq, Topology, TopologyId};
use x11rb::connection::Connection;
use x11rb::errors::{ConnectError, DisplayParsingError};
use x11rb::protocol::Event;
use x11rb::protocol::res::query_version;
use x11rb::protocol::xinput::{
    ConnectionExt as _, HierarchyMask, KeyEventFlags, RawButtonPressEvent, RawKeyPressEvent,
};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, Mapping, Window};
use x11rb::xcb_ffi::XCBConnection;

use crate::capture::X11Config;
use crate::cover::Cover;
use crate::cursor::Cursor;
use crate::devices::Devices;
use crate::error::{X11Error, if_still_there};
use crate::gestures::GestureSettings;
use crate::keyboard::Keyboard;
use crate::pointer::{Meaning, Mover, Pointers, meaning};
use crate::repeats::{CoreKey, CoreKeys};
use crate::shared::{CoverSign, Port, Role, Shared};
use crate::time::widen;
use crate::topology;
use crate::windows::Windows;

/// How often the pointer is looked at although no device moved it: warps make no raw events.
const WARP_LOOK_MILLIS: u64 = 50;
/// The same while the display has been silent for [`SILENCE_MILLIS`]: whoever warps the pointer then
/// does it for nobody, and twenty questions a second are all that a silent desktop costs.
const WARP_LOOK_SILENT_MILLIS: u64 = 500;
const SILENCE_MILLIS: u64 = 1_000;

/// How long the release of a held key waits for the repeats before it (measured: 4 ms in 99 of 100).
const REPEATS_WAIT_MAX: Duration = Duration::from_millis(100);

/// Everything that the input thread owns.
pub(crate) struct Input {
    conn: XCBConnection,
    root: Window,
    port: Port,
    devices: Devices,
    keyboard: Keyboard,
    /// `None` on a display without RECORD: held keys do not repeat there.
    core_keys: Option<CoreKeys>,
    windows: Windows,
    cursor: Cursor,
    cover: Cover,
    sleep_watch: SleepWatch,
    pointers: Pointers,
    button_map: Vec<u8>,
    gestures: GestureSettings,
    topology: Topology,
    topology_told: Option<TopologyId>,
    topology_stale: bool,
    looked_at: MonoNanos,
    /// When the display last said something.
    stirred_at: MonoNanos,
    /// No event is told with an earlier time than one before it.
    latest_os_time: MonoNanos,
}

pub(crate) fn connect_xcb(display: Option<&str>) -> Result<(XCBConnection, Window), X11Error> {
    let malformed = |_| X11Error::Connect(ConnectError::DisplayParsingError(DisplayParsingError::Unknown));
    let name = display.map(CString::new).transpose().map_err(malformed)?;
    let (conn, screen) = XCBConnection::connect(name.as_deref()).map_err(X11Error::Connect)?;
    let root = conn.setup().roots.get(screen).map(|s| s.root);
    let root = root.ok_or(X11Error::Connect(ConnectError::InvalidScreen))?;
    Ok((conn, root))
}

/// A display without RECORD is captured without repeats; `probe` says so.
fn record_keys(config: &X11Config, shared: Arc<Shared>) -> Result<Option<CoreKeys>, X11Error> {
    match CoreKeys::new(config.display.as_deref(), shared) {
        Ok(keys) => Ok(Some(keys)),
        Err(error @ X11Error::Missing { .. }) => {
            tracing::warn!(%error, "the repeats of held keys will not be seen");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Input {
    /// Connects and asks for every event, so that nothing after this is missed.
    pub(crate) fn new(config: &X11Config, shared: Arc<Shared>) -> Result<Self, X11Error> {
        let (conn, root) = connect_xcb(config.display.as_deref())?;
        let no_identity = |_| X11Error::Missing { extension: "X-Resource", major: 1, minor: 2 };
        query_version(&conn, 1, 2).map_err(no_identity)?.reply()?;
        let keyboard = Keyboard::new(&conn)?;
        let core_keys = record_keys(config, Arc::clone(&shared))?;
        topology::select(&conn, root)?;
        let gestures = GestureSettings::new(&conn, root)?;
        let topology = topology::read(&conn, root, &gestures, TopologyId(0))?;
        let port = Port::new(shared, Role::Input);
        let own = config.own_windows.clone();
        let windows = Windows::new(&conn, root, own, config.excluded_pid, &port)?;
        let button_map = conn.get_pointer_mapping()?.reply()?.map;
        let devices = Devices::new(&conn, root)?;
        let cursor = Cursor::new(&conn, root)?;
        let cover = Cover::new(&conn, root)?;
        Ok(Self {
            conn,
            root,
            port,
            devices,
            keyboard,
            core_keys,
            windows,
            cursor,
            cover,
            sleep_watch: SleepWatch::default(),
            pointers: Pointers::default(),
            button_map,
            gestures,
            topology,
            topology_told: None,
            topology_stale: false,
            looked_at: MonoNanos(0),
            stirred_at: MonoNanos(0),
            latest_os_time: MonoNanos(0),
        })
    }

    /// Runs until told to stop, or until the display is gone.
    pub(crate) fn run(mut self) -> Result<(), X11Error> {
        while !self.port.shared().stopping() {
            self.look_for_sleep();
            self.port.shared().set_covered(CoverSign::Display, self.cover.is_on());
            if self.port.may_reopen() {
                self.reopen()?;
            }
            self.drain()?;
            self.settle()?;
            self.conn.flush()?;
            // The replies of the lines above may have brought events along.
            match self.conn.poll_for_event()? {
                Some(event) => self.on_event(&event)?,
                None => self.sleep(),
            }
        }
        self.tell_the_rest()
    }

    /// What happened before it was told to stop is still told.
    fn tell_the_rest(&mut self) -> Result<(), X11Error> {
        self.take_what_happened()?;
        if self.pointers.is_pending() && self.port.is_open() {
            self.look_at_pointers()?;
        }
        Ok(())
    }

    fn take_what_happened(&mut self) -> Result<(), X11Error> {
        // What happened before this question has arrived before its answer.
        self.conn.get_input_focus()?.reply()?;
        self.drain()
    }

    fn drain(&mut self) -> Result<(), X11Error> {
        while let Some(event) = self.conn.poll_for_event()? {
            self.on_event(&event)?;
        }
        self.tell_repeats();
        Ok(())
    }

    /// Passes over what happened in a pause and tells the state of things, as at the start.
    fn reopen(&mut self) -> Result<(), X11Error> {
        self.take_what_happened()?;
        self.keyboard.reset_compose();
        self.pointers = Pointers::default();
        self.cursor.forget_told();
        self.port.reopen();
        self.tell_topology();
        self.windows.announce(&self.conn, &self.port)?;
        self.look_at_pointers()?;
        self.look_at_cursor()
    }

    /// Looked for at each turn: a machine that wakes up wakes this thread.
    fn look_for_sleep(&mut self) {
        if let Some((gap, span)) = self.sleep_watch.look(read_clocks()) {
            self.port.shared().tell_gap_unless_paused(gap, span);
        }
    }

    fn tell_topology(&mut self) {
        if self.topology_told == Some(self.topology.id) {
            return;
        }
        if self.port.tell(RawBody::Topology(self.topology.clone())) {
            self.topology_told = Some(self.topology.id);
            // Frames may name it from here on, and not before.
            self.port.shared().set_topology(self.topology.clone());
        } else {
            self.port.shared().forget_topology();
        }
    }

    fn on_event(&mut self, event: &Event) -> Result<(), X11Error> {
        self.stirred_at = monotonic_now();
        match event {
            Event::XinputRawMotion(e) => self.moved(e),
            Event::XinputRawButtonPress(e) => self.button(e, true)?,
            Event::XinputRawButtonRelease(e) => self.button(e, false)?,
            Event::XinputRawKeyPress(e) => self.key(e, true)?,
            Event::XinputRawKeyRelease(e) => self.key(e, false)?,
            Event::XkbStateNotify(e) => self.keyboard.state_changed(e),
            Event::XkbMapNotify(_) | Event::XkbNewKeyboardNotify(_) => self.keyboard.layout_changed(),
            Event::MappingNotify(e) => self.mapping_changed(e.request)?,
            Event::XinputHierarchy(e) => self.devices_changed(e)?,
            Event::XfixesCursorNotify(_) => self.cursor.changed(),
            Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => self.topology_stale = true,
            // A monitor that was only declared is told by this event and by no other.
            Event::ConfigureNotify(e) if e.window == self.root => self.topology_stale = true,
            Event::PropertyNotify(e) if e.atom == u32::from(AtomEnum::RESOURCE_MANAGER) => {
                self.topology_stale = true;
            }
            other if self.gestures.may_change(other) => self.topology_stale = true,
            other => {
                self.cover.on_event(&self.conn, other)?;
                self.port.shared().set_covered(CoverSign::Display, self.cover.is_on());
                self.windows.on_event(&self.conn, &self.port, other)?;
            }
        }
        Ok(())
    }

    fn mapping_changed(&mut self, what: Mapping) -> Result<(), X11Error> {
        if what == Mapping::POINTER {
            self.button_map = self.conn.get_pointer_mapping()?.reply()?.map;
        } else {
            self.keyboard.layout_changed();
        }
        Ok(())
    }

    fn devices_changed(&mut self, e: &x11rb::protocol::xinput::HierarchyEvent) -> Result<(), X11Error> {
        let gone = HierarchyMask::SLAVE_REMOVED | HierarchyMask::DEVICE_DISABLED;
        for info in e.infos.iter().filter(|i| u32::from(i.flags) & u32::from(gone) != 0) {
            self.keyboard.forget_device(info.deviceid);
        }
        self.devices.refresh(&self.conn)
    }

    /// The server's time of an event that arrives at `arrival`.
    fn os_time(&mut self, server_millis: u32, arrival: MonoNanos) -> Option<MonoNanos> {
        let time = widen(server_millis, arrival)?.max(self.latest_os_time).min(arrival);
        self.latest_os_time = time;
        Some(time)
    }

    fn moved(&mut self, e: &RawButtonPressEvent) {
        let arrival = self.stirred();
        let os_time = self.os_time(e.time, arrival);
        let injected = self.devices.is_injected(e.sourceid);
        self.pointers.of(e.deviceid).note(Mover { device: e.sourceid, injected, os_time });
    }

    /// The arrival of an input.
    fn stirred(&self) -> MonoNanos {
        let arrival = monotonic_now();
        self.port.shared().stir(arrival);
        arrival
    }

    fn button(&mut self, e: &RawButtonPressEvent, down: bool) -> Result<(), X11Error> {
        let arrival = self.stirred();
        let os_time = self.os_time(e.time, arrival);
        if !self.port.is_open() {
            return Ok(());
        }
        let at = self.query_pointer(e.deviceid)?;
        self.arrived(e.deviceid, at);
        let number = u8::try_from(e.detail).unwrap_or(u8::MAX);
        let mapped = number.checked_sub(1).and_then(|i| self.button_map.get(usize::from(i)).copied());
        let body = match meaning(mapped.unwrap_or(number)) {
            Meaning::Button(button) => RawBody::Button { at, button, down },
            Meaning::Scroll { dx_120, dy_120 } if down => RawBody::Scroll { at, dx_120, dy_120 },
            Meaning::Scroll { .. } | Meaning::Nothing => return Ok(()),
        };
        self.emit_from(e.sourceid, os_time, arrival, body);
        Ok(())
    }

    fn key(&mut self, e: &RawKeyPressEvent, down: bool) -> Result<(), X11Error> {
        if !down {
            self.tell_repeats_before(e);
        }
        let arrival = self.stirred();
        let os_time = self.os_time(e.time, arrival);
        if self.pointers.due_at().is_some_and(|due| due <= arrival) {
            self.look_at_pointers()?;
        }
        self.keyboard.refresh(&self.conn);
        let repeat = u32::from(e.flags) & u32::from(KeyEventFlags::KEY_REPEAT) != 0;
        let key = if down {
            self.keyboard.pressed(e.sourceid, e.detail, e.time, repeat)
        } else {
            self.keyboard.released(e.sourceid, e.detail, e.time)
        };
        self.emit_from(e.sourceid, os_time, arrival, RawBody::Key(key));
        Ok(())
    }

    /// Tells the repeats that the server made since this was last done.
    fn tell_repeats(&mut self) {
        while let Some(key) = self.core_keys.as_ref().and_then(CoreKeys::next) {
            self.tell_repeat(key);
        }
    }

    /// Tells the repeats of a key that goes up, before that is told. They come by another road, on
    /// which the release itself is the mark that none is left.
    fn tell_repeats_before(&mut self, release: &RawKeyPressEvent) {
        if !self.keyboard.may_have_repeated(release.sourceid, release.detail, release.time) {
            return;
        }
        let deadline = Instant::now() + REPEATS_WAIT_MAX;
        while let Some(key) = self.core_keys.as_ref().and_then(|keys| keys.next_until(deadline)) {
            self.tell_repeat(key);
            if (key.down, key.scancode, key.server_millis) == (false, release.detail, release.time) {
                return;
            }
        }
    }

    fn tell_repeat(&mut self, key: CoreKey) {
        if !key.down {
            return;
        }
        if let Some((device, repeat)) = self.keyboard.repeated(key.scancode, key.server_millis) {
            let os_time = self.os_time(key.server_millis, key.arrival);
            self.emit_from(device, os_time, key.arrival, RawBody::Key(repeat));
        }
    }

    fn emit_from(&self, device: u16, os_time: Option<MonoNanos>, arrival: MonoNanos, body: RawBody) {
        let injected = self.devices.is_injected(device);
        self.port.emit(RawEvent { seq: Seq(0), os_time, arrival, injected, device, body });
    }

    /// Where the pointer of this master device is. (One that is gone is where the first one is.)
    fn query_pointer(&mut self, master: u16) -> Result<Point, X11Error> {
        let asked = self.conn.xinput_xi_query_pointer(self.root, master)?;
        let at = match if_still_there(asked.reply())? {
            // Places come in 65,536ths of a pixel.
            Some(reply) => Point { x: reply.root_x >> 16, y: reply.root_y >> 16 },
            None => {
                let reply = self.conn.query_pointer(self.root)?.reply()?;
                Point { x: reply.root_x.into(), y: reply.root_y.into() }
            }
        };
        self.looked_at = monotonic_now();
        Ok(at)
    }

    /// Tells where the pointers are, if that is news.
    fn look_at_pointers(&mut self) -> Result<(), X11Error> {
        // A last move of a pointer that is gone would wait for ever.
        self.pointers.keep(self.devices.pointers());
        for master in self.devices.pointers().to_vec() {
            let at = self.query_pointer(master)?;
            self.arrived(master, at);
        }
        Ok(())
    }

    fn arrived(&mut self, master: u16, at: Point) {
        let now = monotonic_now();
        let Some(mover) = self.pointers.of(master).arrived(at, now) else { return };
        let os_time = mover.os_time.map(|t| t.max(self.latest_os_time).min(now));
        let body = RawBody::PointerMove { at };
        let Mover { device, injected, .. } = mover;
        self.port.emit(RawEvent { seq: Seq(0), os_time, arrival: now, injected, device, body });
    }

    /// Does what was put off while events were there: the layout, the pointer's place, the monitors.
    fn settle(&mut self) -> Result<(), X11Error> {
        self.keyboard.refresh(&self.conn);
        self.look_at_topology()?;
        let now = monotonic_now();
        if self.windows.moves_due_at().is_some_and(|due| due <= now) {
            self.windows.tell_moves(&self.port);
        }
        if self.cursor.due_at().is_some_and(|due| due <= now) && self.port.is_open() {
            self.look_at_cursor()?;
        }
        if self.pointers.due_at().is_some_and(|due| due <= now) {
            self.look_at_pointers()?;
        } else if !self.pointers.is_pending() && self.port.is_open() && now >= self.next_look() {
            self.look_for_warp()?;
        }
        Ok(())
    }

    fn next_look(&self) -> MonoNanos {
        let silent = self.looked_at.since(self.stirred_at) >= SILENCE_MILLIS * NANOS_PER_MILLI;
        self.looked_at.plus_millis(if silent { WARP_LOOK_SILENT_MILLIS } else { WARP_LOOK_MILLIS })
    }

    fn look_at_cursor(&mut self) -> Result<(), X11Error> {
        if let Some(cursor) = self.cursor.look(&self.conn, monotonic_now())? {
            self.port.tell(RawBody::Cursor(cursor));
        }
        Ok(())
    }

    /// A move whose raw event came before the reply is that device's, not a warp.
    fn look_for_warp(&mut self) -> Result<(), X11Error> {
        for master in self.devices.pointers().to_vec() {
            let at = self.query_pointer(master)?;
            self.drain()?;
            if !self.pointers.of(master).is_pending() {
                self.arrived(master, at);
            }
        }
        Ok(())
    }

    /// Reads the arrangement of monitors again when it may have changed, and says that it was looked at.
    fn look_at_topology(&mut self) -> Result<(), X11Error> {
        let doubts = self.port.shared().topology_doubts();
        if std::mem::take(&mut self.topology_stale) || doubts.is_some() {
            self.read_topology()?;
        }
        if let Some(doubts) = doubts {
            self.port.shared().settle_doubts(doubts);
        }
        Ok(())
    }

    fn read_topology(&mut self) -> Result<(), X11Error> {
        let next = TopologyId(self.topology.id.0 + 1);
        let topology = topology::read(&self.conn, self.root, &self.gestures, next)?;
        if !topology::same(&topology, &self.topology) {
            self.topology = topology;
            self.tell_topology();
        }
        Ok(())
    }

    fn sleep(&self) {
        let now = monotonic_now();
        let look = self.port.is_open().then(|| self.next_look());
        let cursor = self.cursor.due_at().filter(|_| self.port.is_open());
        let due = [self.pointers.due_at(), self.windows.moves_due_at(), look, cursor];
        let due = due.into_iter().flatten().min();
        let at_most = due.map(|due| Duration::from_nanos(due.since(now)));
        self.port.shared().waker(Role::Input).sleep(self.conn.as_fd(), at_most);
    }
}

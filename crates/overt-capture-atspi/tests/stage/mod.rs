//! A desktop of its own: X server, window manager, session bus and accessibility bus.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of the stage")]

pub mod follow;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use overt_capture::queue;
use overt_capture_atspi::{AtspiCapture, AtspiConfig, LookupRequest, SnapshotRequest, start};
use overt_event::{
    ElementLookup, FocusKind, FocusReport, Node, Point, RawBody, RawEvent, RawSnapshot, Rect, Seq, WindowId,
};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, EventMask, WindowClass,
};

pub const SCREEN: Rect = Rect { x: 0, y: 0, w: 1280, h: 900 };
/// Longest wait for anything that must come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What Chromium needs to run as root, alone and with its tree shown.
const CHROMIUM_FLAGS: [&str; 11] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=Translate",
    "--password-store=basic",
    "--force-renderer-accessibility",
    "--window-position=0,0",
];

/// The page, which gets its title when it has been drawn: input that comes earlier is dropped by Chromium.
fn titled_when_drawn(page: &str) -> String {
    let (before, rest) = page.split_once("<title>").expect("the page has a title");
    let (title, after) = rest.split_once("</title>").expect("the title ends");
    let told = format!("requestAnimationFrame(()=>requestAnimationFrame(()=>{{document.title='{title}'}}))");
    format!("{before}<title>Loading</title>{after}<script>{told}</script>")
}

pub struct Stage {
    home: TempDir,
    pub display: String,
    pub bus: String,
    children: Vec<Child>,
}

/// A top-level window as the X server knows it.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub id: u32,
    pub bounds: Rect,
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            if let Some(group) = Pid::from_raw(child.id() as i32) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            let _ = child.wait();
        }
    }
}

impl Stage {
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder for the stage");
        let mut stage = Self { home, display: String::new(), bus: String::new(), children: Vec::new() };
        let size = format!("{}x{}x24", SCREEN.w, SCREEN.h);
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset"]);
        stage.display = format!(":{}", stage.spawn_and_read_line(server));
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--print-address=1", "--nofork"]);
        stage.bus = stage.spawn_and_read_line(bus);
        stage.spawn("/usr/libexec/at-spi-bus-launcher", &["--launch-immediately"]);
        stage.switch_accessibility_on();
        stage.spawn("openbox", &[]);
        stage.wait_for_window_manager();
        stage
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    fn prepare(&self, command: &mut Command) {
        let home = self.home.path();
        command.env("HOME", home).env("XDG_RUNTIME_DIR", home).env("XDG_CONFIG_HOME", home);
        command.env("XDG_CACHE_HOME", home).env("XDG_DATA_HOME", home).env("GSETTINGS_BACKEND", "memory");
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        command.env_remove("WAYLAND_DISPLAY").env("LC_ALL", "C.UTF-8").env_remove("AT_SPI_BUS_ADDRESS");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    }

    fn spawn_and_read_line(&mut self, mut command: Command) -> String {
        self.prepare(&mut command);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the program says a line");
        self.children.push(child);
        line.trim().to_owned()
    }

    /// A window that opens before the manager is there may never get the focus.
    fn wait_for_window_manager(&self) {
        let (connection, screen) = x11rb::connect(Some(&self.display)).expect("the X server answers");
        let root = connection.setup().roots[screen].root;
        let changes = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        let atom = connection.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK").expect("the server takes it");
        let atom = atom.reply().expect("the server answers").atom;
        let checked = connection.change_window_attributes(root, &changes).expect("the server takes it");
        checked.check().expect("the server answers");
        let is_there = || {
            let asked = connection.get_property(false, root, atom, AtomEnum::WINDOW, 0, 1);
            asked.expect("the server takes it").reply().is_ok_and(|property| property.value_len == 1)
        };
        while !is_there() {
            connection.wait_for_event().expect("the manager comes");
        }
    }

    /// The switch that `toolkit-accessibility` of the desktop's settings stands for.
    fn switch_accessibility_on(&self) {
        self.run("gdbus", &["wait", "--session", "--timeout", "20", "org.a11y.Bus"]);
        let set = "org.freedesktop.DBus.Properties.Set";
        let to = ["--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus", "--method", set];
        let call = ["call", "--session"].iter().chain(&to).chain(&["org.a11y.Status", "IsEnabled", "<true>"]);
        self.run("gdbus", &call.copied().collect::<Vec<_>>());
    }

    /// Runs a program to its end and returns what it said.
    pub fn run(&self, program: &str, args: &[&str]) -> String {
        let mut command = Command::new(program);
        self.prepare(&mut command);
        let output = command.stdout(Stdio::piped()).args(args).output().expect("the program runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Starts a program and returns its process.
    pub fn spawn(&mut self, program: &str, args: &[&str]) -> u32 {
        let mut command = Command::new(program);
        self.prepare(&mut command);
        let child = command.args(args).spawn().expect("the program starts");
        let pid = child.id();
        self.children.push(child);
        pid
    }

    pub fn chromium(&mut self, page: &str) -> u32 {
        self.chromium_with(page, &[])
    }

    /// Starts Chromium with a page from corner to corner of the screen.
    pub fn chromium_with(&mut self, page: &str, flags: &[&str]) -> u32 {
        self.browser(page, &[flags, &["--kiosk"]].concat())
    }

    /// The same in a window with all that the browser draws around the page. Without its warning of the
    /// flags, which would take the focus.
    pub fn chromium_in_a_window(&mut self, page: &str) -> u32 {
        self.browser(page, &["--test-type"])
    }

    fn browser(&mut self, page: &str, flags: &[&str]) -> u32 {
        let file = self.home().join("page.html");
        std::fs::write(&file, titled_when_drawn(page)).expect("the page is written");
        let profile = format!("--user-data-dir={}", self.home().join("profile").display());
        let url = format!("file://{}", file.display());
        let size = format!("--window-size={},{}", SCREEN.w, SCREEN.h);
        let own = [profile.as_str(), size.as_str(), url.as_str()];
        let all: Vec<&str> = CHROMIUM_FLAGS.iter().chain(flags).chain(&own).copied().collect();
        self.spawn("chromium", &all)
    }

    /// Starts LibreOffice with a module or a document; its window belongs to a process of its own, see [`Self::pid_of`].
    pub fn libreoffice(&mut self, module: &str) {
        let quiet = ["--norestore", "--nologo", "--nofirststartwizard", "--nolockcheck"];
        let args: Vec<&str> =
            ["SAL_USE_VCLPLUGIN=gtk3", "soffice", module].into_iter().chain(quiet).collect();
        self.spawn("env", &args);
    }

    /// The process that says to own the window.
    pub fn pid_of(&self, window: Window) -> u32 {
        self.xdotool(&["getwindowpid", &window.id.to_string()]).parse().expect("the window names its process")
    }

    pub fn xdotool(&self, args: &[&str]) -> String {
        self.run("xdotool", args)
    }

    /// Waits for a visible window whose title matches.
    pub fn window(&self, title: &str) -> Window {
        let deadline = Instant::now() + PATIENCE;
        let patience = PATIENCE.as_secs().to_string();
        let search = [&patience, "xdotool", "search", "--sync", "--onlyvisible", "--name", title];
        loop {
            // A window that goes away during the search ends xdotool early; one that never comes, never.
            let ids = self.run("timeout", &search);
            if let Some(id) = ids.lines().next().and_then(|line| line.parse().ok())
                && let Some(bounds) = self.bounds(id)
            {
                return Window { id, bounds };
            }
            assert!(Instant::now() < deadline, "no window has the title");
        }
    }

    /// The popups of the stage from here on.
    pub fn popups(&self) -> Popups {
        let (connection, screen) = x11rb::connect(Some(&self.display)).expect("the X server answers");
        let root = connection.setup().roots[screen].root;
        let changes = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        let asked = connection.change_window_attributes(root, &changes).expect("the server takes it");
        asked.check().expect("the server answers");
        Popups(connection)
    }

    /// The window's place on the screen without its decorations. (xdotool adds them twice.)
    fn bounds(&self, id: u32) -> Option<Rect> {
        let (connection, screen) = x11rb::connect(Some(&self.display)).ok()?;
        let root = connection.setup().roots[screen].root;
        let size = connection.get_geometry(id).ok()?.reply().ok()?;
        let place = connection.translate_coordinates(id, root, 0, 0).ok()?.reply().ok()?;
        let (x, y) = (i32::from(place.dst_x), i32::from(place.dst_y));
        Some(Rect { x, y, w: i32::from(size.width), h: i32::from(size.height) })
    }

    pub fn move_to(&self, at: Point) {
        self.xdotool(&["mousemove", &at.x.to_string(), &at.y.to_string()]);
    }

    pub fn click(&self, at: Point) {
        self.xdotool(&["mousemove", &at.x.to_string(), &at.y.to_string(), "click", "1"]);
    }

    pub fn key(&self, name: &str) {
        self.xdotool(&["key", name]);
    }

    /// Watches the stage; the recorder under test. Its deadlines are long: what is found must not
    /// depend on how busy the machine is.
    pub fn watch(&self) -> Watch {
        self.watch_with(AtspiConfig {
            lookup_deadline: PATIENCE / 6,
            snapshot_deadline: PATIENCE / 6,
            event_deadline: PATIENCE / 6,
            ..AtspiConfig::default()
        })
    }

    pub fn watch_with(&self, config: AtspiConfig) -> Watch {
        let (outlet, events) = queue(100_000);
        let config = AtspiConfig { session_bus: Some(self.bus.clone()), ..config };
        let deadline = Instant::now() + PATIENCE;
        loop {
            match start(config.clone(), outlet.clone()) {
                Ok(capture) => return Watch { capture, events, asked: 0.into() },
                // The launcher may still be on its way to the bus.
                Err(error) => assert!(Instant::now() < deadline, "no accessibility bus: {error}"),
            }
        }
    }

    /// Opens a window of a program that knows nothing of accessibility and gives it the focus. It is
    /// there as long as what is returned.
    pub fn mute_window(&self) -> impl Sized + use<> {
        let (connection, screen) = x11rb::connect(Some(&self.display)).expect("the X server answers");
        let root = &connection.setup().roots[screen];
        let (window, size) = (connection.generate_id().expect("an id"), 200);
        let events = CreateWindowAux::new().event_mask(EventMask::FOCUS_CHANGE);
        let (kind, visual) = (WindowClass::INPUT_OUTPUT, root.root_visual);
        let made = connection
            .create_window(0, window, root.root, 900, 600, size, size, 0, kind, visual, &events)
            .and_then(|_| connection.map_window(window));
        made.expect("the server takes it").check().expect("the window is made");
        self.run("xdotool", &["windowfocus", "--sync", &window.to_string()]);
        connection
    }

    /// Stops or continues a process of the stage.
    pub fn signal(&self, pid: u32, signal: Signal) {
        kill_process(Pid::from_raw(pid as i32).expect("a process"), signal).expect("the process is there");
    }

    /// The address of the accessibility bus.
    pub fn accessibility_bus(&self) -> String {
        let to = ["--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus"];
        let call = ["call", "--session"].iter().chain(&to).chain(&["--method", "org.a11y.Bus.GetAddress"]);
        let said = self.run("gdbus", &call.copied().collect::<Vec<_>>());
        said.split('\'').nth(1).expect("the launcher tells the address").to_owned()
    }

    /// The process of the accessibility bus: the launcher's child.
    pub fn accessibility_daemon(&self) -> u32 {
        let launcher = self.children[2].id();
        let children = std::fs::read_to_string(format!("/proc/{launcher}/task/{launcher}/children"));
        let children = children.expect("Linux tells the children of a thread");
        children.split_whitespace().next().and_then(|pid| pid.parse().ok()).expect("the launcher has a child")
    }

    /// Kills the accessibility bus, which the launcher started in its own process group.
    pub fn kill_bus(&mut self) {
        let launcher = &mut self.children[2];
        let group = Pid::from_raw(launcher.id() as i32).expect("a process");
        kill_process_group(group, Signal::KILL).expect("the launcher runs");
        let _ = launcher.wait();
    }
}

/// Hears of windows that no manager manages.
pub struct Popups(x11rb::rust_connection::RustConnection);

impl Popups {
    /// Waits for the next that shows on the screen and returns its place. Menus of GTK map one beside the
    /// screen as well, to hold the pointer.
    pub fn next(&self) -> Rect {
        loop {
            let Event::MapNotify(mapped) = self.0.wait_for_event().expect("the server is there") else {
                continue;
            };
            let asked = self.0.get_geometry(mapped.window).expect("the server takes it").reply();
            let Some(at) = asked.ok().filter(|at| mapped.override_redirect && at.x >= 0) else { continue };
            return Rect { x: at.x.into(), y: at.y.into(), w: at.width.into(), h: at.height.into() };
        }
    }
}

/// A running source and what it said.
pub struct Watch {
    pub capture: AtspiCapture,
    pub events: Receiver<RawEvent>,
    asked: std::cell::Cell<u64>,
}

impl Watch {
    /// The next event that the question finds something in; what it does not is dropped.
    pub fn wait<T>(&self, for_time: Duration, mut find: impl FnMut(RawBody) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + for_time;
        loop {
            match self.events.recv_deadline(deadline) {
                Ok(event) => {
                    if let Some(found) = find(event.body) {
                        return Some(found);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    pub fn lookup(&self, pid: u32, at: Point, window_bounds: Rect, popup: bool) -> ElementLookup {
        self.asked.set(self.asked.get() + 1);
        let for_seq = Seq(self.asked.get());
        self.capture.lookup(LookupRequest { for_seq, at, pid, window_bounds, popup });
        self.wait(PATIENCE, |body| match body {
            RawBody::Element(answer) if answer.for_seq == for_seq => Some(answer),
            _ => None,
        })
        .expect("every look-up is answered")
    }

    /// Asks until the answer has the role.
    pub fn lookup_role(&self, pid: u32, at: Point, bounds: Rect, role: &str) -> ElementLookup {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.lookup(pid, at, bounds, false);
            if answer.element.as_ref().is_some_and(|e| e.node.role == role) {
                return answer;
            }
            let got = answer.element.map(|e| e.node);
            assert!(Instant::now() < deadline, "no {role}: {got:?}, {:?}", answer.completeness);
            self.wait(Duration::from_millis(50), |_| None::<()>);
        }
    }

    pub fn snapshot(&self, pid: u32, window: Window) -> RawSnapshot {
        let request = SnapshotRequest { window: WindowId(window.id), pid, window_bounds: window.bounds };
        self.capture.snapshot(request);
        self.wait(PATIENCE, |body| match body {
            RawBody::Snapshot(snapshot) => Some(snapshot),
            _ => None,
        })
        .expect("every snapshot is answered")
    }

    /// Snapshots until it holds an element of this name.
    pub fn snapshot_with(&self, pid: u32, window: Window, name: &str) -> RawSnapshot {
        self.snapshot_until(pid, window, name, |n| n.name == name)
    }

    /// The element of this role and name, once there is one: what a page calls it may come before what it is.
    pub fn control(&self, pid: u32, window: Window, role: &str, name: &str) -> Node {
        let is_it = |n: &Node| n.role == role && n.name == name;
        let nodes = self.snapshot_until(pid, window, name, is_it).nodes;
        nodes.into_iter().find(is_it).expect("it was found")
    }

    fn snapshot_until(
        &self,
        pid: u32,
        window: Window,
        name: &str,
        is_it: impl Fn(&Node) -> bool,
    ) -> RawSnapshot {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let snapshot = self.snapshot(pid, window);
            if snapshot.nodes.iter().any(&is_it) {
                return snapshot;
            }
            let (count, why) = (snapshot.nodes.len(), snapshot.completeness);
            assert!(Instant::now() < deadline, "no {name} among {count} nodes, {why:?}");
            self.wait(Duration::from_millis(50), |_| None::<()>);
        }
    }

    /// Takes snapshots until a new address is told.
    pub fn location_by_snapshots(&self, pid: u32, window: Window) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "no address is told");
            let request = SnapshotRequest { window: WindowId(window.id), pid, window_bounds: window.bounds };
            self.capture.snapshot(request);
            let told = self.wait(PATIENCE, |body| match body {
                RawBody::Location { url, .. } => Some(Some(url)),
                RawBody::Snapshot(_) => Some(None),
                _ => None,
            });
            if let Some(url) = told.expect("every snapshot is answered") {
                return url;
            }
        }
    }

    pub fn focus(&self, mut fits: impl FnMut(&FocusReport) -> bool) -> FocusReport {
        self.wait(PATIENCE, |body| match body {
            RawBody::Focus(report) if fits(&report) => Some(report),
            _ => None,
        })
        .expect("the focus is reported")
    }

    /// Probes, and waits for the answer to the probe.
    pub fn probe(&self) -> FocusReport {
        let asked = overt_capture::monotonic_now();
        self.capture.probe_focus();
        self.focus(|report| report.asked_at >= asked)
    }

    /// Probes until the kind fits.
    pub fn probe_until(&self, fits: impl Fn(&FocusKind) -> bool) -> FocusReport {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let report = self.probe();
            if fits(&report.kind) {
                return report;
            }
            assert!(Instant::now() < deadline, "the focus stays {:?}", report.kind);
            self.wait(Duration::from_millis(50), |_| None::<()>);
        }
    }
}

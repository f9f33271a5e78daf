//! A desktop of its own: display, window manager, session bus, accessibility bus and, where a test asks for
//! it, a system bus.

mod children;
mod home;
mod system_bus;
mod windows;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use overt_event::Rect;

use home::Home;
pub use system_bus::{Login, Network, Power, Silent, SystemBus};
pub use windows::{WindowFacts, Windows};

/// How long a program may take to show its window; Chromium on a busy machine of two cores needs seconds.
const WINDOW_WITHIN: Duration = Duration::from_secs(60);

/// How long a part of the desktop itself may take.
const PART_WITHIN: Duration = Duration::from_secs(20);

/// The colour of the bare desktop, 0xRRGGBB.
const BACKGROUND: u32 = 0x0028_3a4a;

/// A virtual desktop on which accessibility is on before any application starts.
///
/// It owns every process started on it; dropping it ends them all, and so does the death of the
/// process that holds it.
pub struct Desktop {
    display: String,
    bus_address: String,
    system_bus_address: String,
    size: (u32, u32),
    x: Option<Child>,
    bus: Option<Child>,
    manager: Option<Child>,
    programs: Mutex<Vec<Child>>,
    // Last: its folder goes when nobody is left to write into it.
    home: Home,
}

impl Desktop {
    /// Starts a desktop of `size` physical pixels at 96 dpi on a free display.
    ///
    /// Errors: a program that is not installed, or does not come up within 20 s.
    pub fn start(size: (u32, u32)) -> Result<Self> {
        let home = Home::make().context("cannot make the desktop's folders")?;
        let (x, display) = start_display(size)?;
        let mut desktop = Self {
            display,
            bus_address: String::new(),
            // Nobody is there: what the machine under the desktop is on does not matter to it.
            system_bus_address: format!("unix:path={}/no-system-bus", home.path("run").display()),
            size,
            x: Some(x),
            bus: None,
            manager: None,
            programs: Mutex::default(),
            home,
        };
        desktop.start_bus()?;
        desktop.start_accessibility()?;
        desktop.start_manager()?;
        Ok(desktop)
    }

    /// The variables that lead a program to this desktop: `DISPLAY`, `DBUS_SESSION_BUS_ADDRESS`,
    /// `DBUS_SYSTEM_BUS_ADDRESS`, `HOME`, `XDG_RUNTIME_DIR` and their like.
    pub fn env(&self) -> Vec<(String, String)> {
        let mut env = self.home.env();
        env.push(("DISPLAY".into(), self.display.clone()));
        env.push(("DBUS_SESSION_BUS_ADDRESS".into(), self.bus_address.clone()));
        env.push(("DBUS_SYSTEM_BUS_ADDRESS".into(), self.system_bus_address.clone()));
        env
    }

    /// Programs that are started from here on find this system bus.
    pub fn use_system_bus(&mut self, bus: &SystemBus) {
        bus.address().clone_into(&mut self.system_bus_address);
    }

    /// The display's name, such as `:7`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Width and height in physical pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// The display server's process.
    ///
    /// Errors: it was ended by [`Desktop::kill_x`].
    pub fn display_pid(&self) -> Result<u32> {
        self.x.as_ref().map(Child::id).context("the display server was ended")
    }

    /// A folder that lives as long as the desktop.
    pub fn folder(&self) -> &std::path::Path {
        self.home.root()
    }

    /// A command for `program` with [`Desktop::env`], which dies with the thread that starts it.
    ///
    /// It runs through `setpriv`, which becomes the program; arguments are added as usual.
    pub fn command(&self, program: &str) -> Command {
        let mut command = children::mortal_command(program);
        command.envs(self.env()).stdin(Stdio::null());
        for foreign in ["AT_SPI_BUS_ADDRESS", "WAYLAND_DISPLAY", "XAUTHORITY", "SESSION_MANAGER"] {
            command.env_remove(foreign);
        }
        command
    }

    /// Starts a command made by [`Desktop::command`], which lives until the desktop ends; gives its process id.
    pub fn spawn(&self, command: Command) -> Result<u32> {
        let child = children::start(command).context("a program on the desktop does not start")?;
        let id = child.id();
        self.programs().push(child);
        Ok(id)
    }

    /// Ends one program that [`Desktop::spawn`] started, with everything below it.
    pub fn end(&self, id: u32) {
        let mut ending: Vec<Child> = self.programs().extract_if(.., |c| c.id() == id).collect();
        children::end(&mut ending);
    }

    fn programs(&self) -> MutexGuard<'_, Vec<Child>> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh look at the windows, with its own connection to the display.
    pub fn windows(&self) -> Result<Windows> {
        Windows::connect(&self.display)
    }

    /// Waits for a managed window whose class is `class` (case ignored) and gives its client area on the
    /// desktop.
    ///
    /// Errors: none within 60 s.
    pub fn wait_for_window(&self, class: &str) -> Result<Rect> {
        Ok(self.windows()?.wait_for_class(class, WINDOW_WITHIN)?.bounds)
    }

    /// Ends the display server as a crash would.
    pub fn kill_x(&mut self) {
        children::end(self.x.take().as_mut_slice());
    }

    /// Ends the accessibility bus as a crash would: launcher, bus and registry.
    ///
    /// The session bus would start another at the next question; whoever was connected has lost it.
    pub fn kill_accessibility_bus(&mut self) {
        if let Ok(id) = self.owner_of("org.a11y.Bus") {
            children::end_with_descendants(id);
        }
    }

    /// Stops the accessibility bus, its launcher and its registry, without ending them: nobody there answers
    /// any more.
    pub fn hang_accessibility_bus(&self) -> Result<()> {
        children::stop_with_descendants(self.owner_of("org.a11y.Bus")?);
        Ok(())
    }

    /// The accessibility bus's address, as its launcher tells it.
    pub fn accessibility_bus(&self) -> Result<String> {
        let said = self.ask("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress", &[])?;
        let address = said.split('"').nth(1).context("the launcher tells no address")?;
        Ok(address.to_owned())
    }

    fn start_bus(&mut self) -> Result<()> {
        let run = self.home.path("run");
        let mut command = self.command("dbus-daemon");
        command
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--address=unix:path={}/bus", run.display()))
            .env("DISPLAY", &self.display)
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        let (child, address) = start_and_read_line(command, "dbus-daemon")?;
        self.bus = Some(child);
        self.bus_address = address;
        Ok(())
    }

    /// Asking for its address starts it, with the settings that turn accessibility on.
    fn start_accessibility(&self) -> Result<()> {
        self.ask("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress", &[])?;
        for name in ["IsEnabled", "ScreenReaderEnabled"] {
            let property = [
                "string:org.a11y.Status".to_owned(),
                format!("string:{name}"),
                "variant:boolean:true".to_owned(),
            ];
            self.ask("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties.Set", &property)?;
        }
        Ok(())
    }

    fn start_manager(&mut self) -> Result<()> {
        let windows = self.windows()?;
        windows.paint_root(BACKGROUND)?;
        let mut command = self.command("openbox");
        // A window that is mapped before it runs is never managed: it says itself that it does.
        command.args(["--sm-disable", "--startup", "echo ready"]);
        self.manager = Some(start_and_read_line(command, "openbox")?.0);
        windows.wait_for_manager(PART_WITHIN)
    }

    /// The process that owns a name on the session bus.
    fn owner_of(&self, name: &str) -> Result<u32> {
        let bus = "org.freedesktop.DBus";
        let method = "org.freedesktop.DBus.GetConnectionUnixProcessID";
        let answer = self.ask(bus, "/org/freedesktop/DBus", method, &[format!("string:{name}")])?;
        let id = answer.split_whitespace().next_back().and_then(|word| word.parse().ok());
        id.context("the session bus does not know the process")
    }

    fn ask(&self, dest: &str, path: &str, method: &str, args: &[String]) -> Result<String> {
        let mut command = self.command("dbus-send");
        command.args(["--session", "--print-reply", "--reply-timeout=20000"]);
        command.arg(format!("--dest={dest}")).args([path, method]).args(args);
        let output = command.output().context("dbus-send does not start")?;
        if !output.status.success() {
            bail!("{dest} does not answer. Is at-spi2-core installed?");
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let parts = [self.manager.take(), self.bus.take(), self.x.take()];
        let mut all: Vec<Child> =
            std::mem::take(&mut *self.programs()).into_iter().chain(parts.into_iter().flatten()).collect();
        children::end(&mut all);
    }
}

fn start_display((width, height): (u32, u32)) -> Result<(Child, String)> {
    let mut command = children::mortal_command("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", &format!("{width}x{height}x24")]);
    command.args(["-dpi", "96", "-nolisten", "tcp", "-noreset"]).stdin(Stdio::null());
    let (child, number) = start_and_read_line(command, "Xvfb")?;
    Ok((child, format!(":{number}")))
}

/// Starts a program that says one line when it is ready.
fn start_and_read_line(mut command: Command, name: &str) -> Result<(Child, String)> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = children::start(command).with_context(|| format!("{name} does not start"))?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    if line.trim().is_empty() {
        children::end(std::slice::from_mut(&mut child));
        bail!("{name} ended before it was ready. Install it, or look whether the machine is out of memory.");
    }
    Ok((child, line.trim().to_owned()))
}

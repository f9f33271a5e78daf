//! A display of its own with a window manager: nobody's desktop is acted on.

use std::io::{self, BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use overt_hands::Hands;
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use super::error::GroundError;
use super::venue::{Hand, Venue};

/// Wide enough for Chromium's smallest window.
const SIZE: (u32, u32) = (800, 600);

/// A virtual display and what runs on it. Dropping it ends all of it; so does the death of the thread that made it.
pub struct Stage {
    display: String,
    // Their order is the one in which they end.
    _manager: Mortal,
    _x: Mortal,
    // Last: the others have their files in it.
    folder: TempDir,
}

/// A process that ends with its owner, and its group with it.
pub(super) struct Mortal(Child);

impl Stage {
    /// Starts Xvfb on a free display, and openbox, without which no window gets the keyboard.
    ///
    /// Errors: [`GroundError::Start`] names what does not come up.
    pub fn start() -> Result<Self, GroundError> {
        let folder = tempfile::Builder::new().prefix("overt-ground-").tempdir()?;
        let mut x = mortal("Xvfb");
        x.args(["-displayfd", "1", "-screen", "0", &format!("{}x{}x24", SIZE.0, SIZE.1)]);
        x.args(["-dpi", "96", "-nolisten", "tcp", "-noreset"]);
        let (x, number) = ready(x, "Xvfb")?;
        let display = format!(":{number}");
        let mut manager = mortal("openbox");
        at_home(&mut manager, &display, folder.path());
        manager.args(["--sm-disable", "--startup", "echo ready"]);
        let (manager, _) = ready(manager, "openbox")?;
        Ok(Self { display, _manager: manager, _x: x, folder })
    }
}

impl Venue for Stage {
    fn display(&self) -> &str {
        &self.display
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = mortal(program);
        at_home(&mut command, &self.display, self.folder());
        command
    }

    fn hand(&self) -> Result<Box<dyn Hand>, GroundError> {
        Ok(Box::new(Hands::at(&self.display)?))
    }
}

impl Mortal {
    pub(super) fn start(command: &mut Command, program: &'static str) -> Result<Self, GroundError> {
        let child = command.process_group(0).spawn();
        child.map(Self).map_err(|_| GroundError::Start { program })
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // Already gone is what we want.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

/// `setpriv` asks the kernel for the death and then becomes the program.
fn mortal(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", program]).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Nothing is read from or left in a person's own folders, and no bus of theirs is asked.
fn at_home(command: &mut Command, display: &str, folder: &Path) {
    command.env("DISPLAY", display).env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    for variable in ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        command.env(variable, folder);
    }
    let no_bus = format!("unix:path={}", folder.join("no-bus").display());
    command.env("DBUS_SESSION_BUS_ADDRESS", &no_bus).env("DBUS_SYSTEM_BUS_ADDRESS", no_bus);
    for foreign in ["AT_SPI_BUS_ADDRESS", "WAYLAND_DISPLAY", "XAUTHORITY", "SESSION_MANAGER"] {
        command.env_remove(foreign);
    }
}

/// Starts a program that says one line when it is ready.
fn ready(mut command: Command, program: &'static str) -> Result<(Mortal, String), GroundError> {
    command.stdout(Stdio::piped());
    let mut started = Mortal::start(&mut command, program)?;
    let out = started.child().stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    if line.trim().is_empty() {
        Err(GroundError::Start { program })
    } else {
        Ok((started, line.trim().to_owned()))
    }
}

//! A display of its own with a window manager: nobody's desktop is acted on.

use std::io::{self, BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use crossbeam_channel::bounded;
use overt_hands::Hands;
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use super::error::GroundError;
use super::venue::{Hand, Venue};

/// Wide enough for Chromium's smallest window.
const SIZE: (u32, u32) = (800, 600);
/// How long a display or a window manager may take to say that it is ready: on a busy machine a second or two.
const READY_WITHIN: Duration = Duration::from_secs(30);

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
    /// Errors: [`GroundError::Start`] names what does not come up; [`GroundError::Folder`].
    pub fn start() -> Result<Self, GroundError> {
        let folder = tempfile::Builder::new().prefix("overt-ground-").tempdir();
        let folder = folder.map_err(GroundError::Folder)?;
        let mut x = mortal("Xvfb");
        x.args(["-displayfd", "1", "-screen", "0", &format!("{}x{}x24", SIZE.0, SIZE.1)]);
        x.args(["-dpi", "96", "-nolisten", "tcp", "-noreset"]);
        let (x, number) = ready(x, "Xvfb", READY_WITHIN)?;
        let display = format!(":{number}");
        let mut manager = mortal("openbox");
        at_home(&mut manager, &display, folder.path());
        manager.args(["--sm-disable", "--startup", "echo ready"]);
        let (manager, _) = ready(manager, "openbox", READY_WITHIN)?;
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
    // Chromium leaves a folder among the temporary files each time that it is killed.
    let homes = ["HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"];
    for variable in homes {
        command.env(variable, folder);
    }
    let no_bus = format!("unix:path={}", folder.join("no-bus").display());
    command.env("DBUS_SESSION_BUS_ADDRESS", &no_bus).env("DBUS_SYSTEM_BUS_ADDRESS", no_bus);
    for foreign in ["AT_SPI_BUS_ADDRESS", "WAYLAND_DISPLAY", "XAUTHORITY", "SESSION_MANAGER"] {
        command.env_remove(foreign);
    }
}

/// Starts a program that says one line when it is ready, which it has to be `within` this time.
fn ready(
    mut command: Command,
    program: &'static str,
    within: Duration,
) -> Result<(Mortal, String), GroundError> {
    command.stdout(Stdio::piped());
    let mut started = Mortal::start(&mut command, program)?;
    let out = started.child().stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let line = first_line(out, within).filter(|line| !line.is_empty());
    line.map(|line| (started, line)).ok_or(GroundError::Start { program })
}

/// Who reads it ends with the program, if that never says anything.
fn first_line(out: ChildStdout, within: Duration) -> Option<String> {
    let (teller, told) = bounded(1);
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(out).read_line(&mut line);
        // Who does not listen any more has given it up.
        let _ = teller.send(read.map(|_| line.trim().to_owned()));
    });
    told.recv_timeout(within).ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_never_says_that_it_is_ready_does_not_come_up() {
        let mut silent = mortal("tail");
        silent.args(["-f", "/dev/null"]);
        let told = ready(silent, "tail", Duration::from_millis(50));
        assert!(matches!(told, Err(GroundError::Start { program: "tail" })));
        let mut ready_at_once = mortal("echo");
        ready_at_once.arg("7");
        assert!(matches!(ready(ready_at_once, "echo", READY_WITHIN), Ok((_, line)) if line == "7"));
    }
}

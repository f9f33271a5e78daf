//! A desktop starts, shows applications with their trees, and leaves nothing behind.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use overt_sim::desktop::Desktop;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

fn alive(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

#[test]
fn a_window_is_awaited_and_everything_ends_with_the_desktop() {
    let desktop = Desktop::start((1280, 800)).expect("the desktop starts");
    let folder = desktop.folder().to_owned();
    let mut mousepad = desktop.command("mousepad");
    mousepad.stderr(Stdio::null());
    let pid = desktop.spawn(mousepad).expect("mousepad starts");
    let bounds = desktop.wait_for_window("Mousepad").expect("a window");
    assert!(bounds.w > 300 && bounds.h > 200);
    let facts = desktop.windows().and_then(|w| w.managed()).expect("the windows are listed");
    assert_eq!(facts.iter().map(|w| w.pid).collect::<Vec<_>>(), [Some(pid)]);
    drop(desktop);
    assert!(!alive(pid));
    assert!(!folder.exists());
}

#[test]
fn the_display_and_the_accessibility_bus_can_fail() {
    let mut desktop = Desktop::start((800, 600)).expect("the desktop starts");
    let bus = accessibility_bus(&desktop);
    assert!(ask(&desktop, &[&bus, NAMES, LIST]).is_some());
    desktop.kill_accessibility_bus();
    assert!(ask(&desktop, &[&bus, NAMES, LIST]).is_none());
    assert!(desktop.windows().is_ok());
    desktop.kill_x();
    assert!(desktop.windows().is_err());
}

#[test]
fn two_desktops_do_not_meet() {
    let one = Desktop::start((640, 480)).expect("the first starts");
    let two = Desktop::start((640, 480)).expect("the second starts");
    assert_ne!(one.display(), two.display());
    assert_ne!(one.env(), two.env());
}

const PRINT: &str = "--print-reply=literal";
const NAMES: &str = "--dest=org.freedesktop.DBus";
const LIST: &str = "/org/freedesktop/DBus";

/// What a bus answers; `None` when it does not.
fn ask(desktop: &Desktop, args: &[&str]) -> Option<String> {
    let mut command = desktop.command("dbus-send");
    command.arg(PRINT).args(args);
    if args.contains(&LIST) {
        command.arg("org.freedesktop.DBus.ListNames");
    }
    let output = command.stderr(Stdio::null()).output().expect("dbus-send runs");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn accessibility_bus(desktop: &Desktop) -> String {
    let asked = ["--session", "--dest=org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress"];
    format!("--bus={}", ask(desktop, &asked).expect("the address").trim())
}

#[test]
fn applications_show_their_trees_from_their_start() {
    let desktop = Desktop::start((1024, 768)).expect("the desktop starts");
    let mut mousepad = desktop.command("mousepad");
    mousepad.stderr(Stdio::null());
    desktop.spawn(mousepad).expect("mousepad starts");
    desktop.wait_for_window("Mousepad").expect("a window");
    let root = ["/org/a11y/atspi/accessible/root", "org.a11y.atspi.Accessible.GetChildren"];
    let bus = accessibility_bus(&desktop);
    let children = ask(&desktop, &[&bus, "--dest=org.a11y.atspi.Registry", root[0], root[1]]);
    assert_eq!(children.expect("the applications").matches(root[0]).count(), 1);
}

/// Set for the process that is killed while it holds a desktop.
const HOLD: &str = "OVERT_SIM_HOLDS_A_DESKTOP";

#[test]
fn a_desktop_dies_with_its_process() {
    if std::env::var_os(HOLD).is_some() {
        let desktop = Desktop::start((640, 480)).expect("the desktop starts");
        println!("\nholds {} {}", desktop.display_pid().expect("it runs"), desktop.folder().display());
        // Held until the other process ends us.
        let _ = std::io::stdin().read_line(&mut String::new());
        return;
    }
    let mut holder = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "a_desktop_dies_with_its_process", "--nocapture"])
        .env(HOLD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the holder starts");
    let said = BufReader::new(holder.stdout.take().expect("piped"));
    let line = said.lines().map_while(Result::ok).find(|l| l.starts_with("holds ")).expect("it holds one");
    let (pid, folder) = line["holds ".len()..].split_once(' ').expect("its process and folder");
    let pid = Pid::from_raw(pid.parse().expect("a number")).expect("not zero");
    let display = pidfd_open(pid, PidfdFlags::empty()).expect("the display runs");
    holder.kill().expect("it is killed");
    holder.wait().expect("and collected");
    let limit = Timespec { tv_sec: 20, tv_nsec: 0 };
    assert_eq!(poll(&mut [PollFd::new(&display, PollFlags::IN)], Some(&limit)), Ok(1));
    std::fs::remove_dir_all(folder).expect("what it could not tidy up");
}

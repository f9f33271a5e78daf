//! A desktop starts, shows applications with their trees, and leaves nothing behind.

use std::process::Stdio;

use overt_sim::desktop::Desktop;

fn alive(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

#[test]
fn a_window_is_awaited_and_everything_ends_with_the_desktop() {
    let mut desktop = Desktop::start((1280, 800)).expect("the desktop starts");
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
    desktop.kill_accessibility_bus();
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

fn ask(desktop: &Desktop, args: &[&str]) -> String {
    let output = desktop.command("dbus-send").args(args).output().expect("dbus-send runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn applications_show_their_trees_from_their_start() {
    let mut desktop = Desktop::start((1024, 768)).expect("the desktop starts");
    let mut mousepad = desktop.command("mousepad");
    mousepad.stderr(Stdio::null());
    desktop.spawn(mousepad).expect("mousepad starts");
    desktop.wait_for_window("Mousepad").expect("a window");
    let print = "--print-reply=literal";
    let asked = ["--session", print, "--dest=org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress"];
    let address = format!("--bus={}", ask(&desktop, &asked).trim());
    let root = ["/org/a11y/atspi/accessible/root", "org.a11y.atspi.Accessible.GetChildren"];
    let children = ask(&desktop, &[&[&address, print, "--dest=org.a11y.atspi.Registry"][..], &root].concat());
    assert_eq!(children.matches("/org/a11y/atspi/accessible/root").count(), 1);
}

//! The applications that the scripted person works in, placed where the script finds them.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Result;
use overt_event::Rect;
use overt_page::{CHROMIUM_ACCESSIBLE, CHROMIUM_AS_ROOT, CHROMIUM_SWITCHES};

use crate::desktop::{Desktop, WindowFacts};

/// How long an application may take to show its window.
pub const APP_WITHIN: Duration = Duration::from_secs(60);

/// Where Chromium's window stands when nobody says otherwise.
pub const CHROMIUM_BOUNDS: Rect = Rect { x: 30, y: 40, w: 1110, h: 980 };

/// Opens an address in a Chromium window of its own, without tabs, and waits for the window.
pub fn open_chromium(desktop: &Desktop, url: &str, bounds: Rect) -> Result<(u32, WindowFacts)> {
    let pid = start_chromium(desktop, "chromium", &[&format!("--app={url}")], bounds)?;
    let window = desktop.windows()?.wait_for_class("Chromium", APP_WITHIN)?;
    Ok((pid, window))
}

/// Opens an address in a Chromium window with tabs and a field for addresses, and waits for the window.
pub fn open_browser(desktop: &Desktop, url: &str, bounds: Rect) -> Result<(u32, WindowFacts)> {
    let pid = start_chromium(desktop, "chromium", &[url], bounds)?;
    let window = desktop.windows()?.wait_for_class("Chromium", APP_WITHIN)?;
    Ok((pid, window))
}

/// Opens an address in a window of private browsing, of a Chromium of its own. The page tells when it is there.
pub fn open_private_chromium(desktop: &Desktop, url: &str, bounds: Rect) -> Result<u32> {
    start_chromium(desktop, "chromium-private", &["--incognito", url], bounds)
}

fn start_chromium(desktop: &Desktop, profile: &str, what: &[&str], bounds: Rect) -> Result<u32> {
    let mut command = desktop.command("chromium");
    command.args(CHROMIUM_SWITCHES).arg(CHROMIUM_ACCESSIBLE).args(what);
    command.arg(format!("--user-data-dir={}", desktop.folder().join(profile).display()));
    command.arg(format!("--window-position={},{}", bounds.x, bounds.y));
    command.arg(format!("--window-size={},{}", bounds.w, bounds.h));
    if rustix::process::geteuid().is_root() {
        command.args(CHROMIUM_AS_ROOT);
    }
    desktop.spawn(quiet(command))
}

/// Opens a text file, which need not exist yet, in mousepad.
pub fn open_mousepad(desktop: &Desktop, file: &Path) -> Result<(u32, WindowFacts)> {
    let mut command = desktop.command("mousepad");
    command.arg("--disable-server").arg(file);
    let pid = desktop.spawn(quiet(command))?;
    Ok((pid, desktop.windows()?.wait_for_class("Mousepad", APP_WITHIN)?))
}

/// Opens galculator in its basic view.
pub fn open_galculator(desktop: &Desktop) -> Result<(u32, WindowFacts)> {
    let command = desktop.command("galculator");
    let pid = desktop.spawn(quiet(command))?;
    Ok((pid, desktop.windows()?.wait_for_class("Galculator", APP_WITHIN)?))
}

/// Opens an empty spreadsheet in LibreOffice Calc, without its tips and its recovery.
pub fn open_calc(desktop: &Desktop) -> Result<(u32, WindowFacts)> {
    let mut command = desktop.command("soffice");
    let profile = desktop.folder().join("libreoffice");
    command.arg(format!("-env:UserInstallation=file://{}", profile.display()));
    command.args(["--calc", "--norestore", "--nofirststartwizard", "--nologo"]);
    let pid = desktop.spawn(quiet(command))?;
    Ok((pid, desktop.windows()?.wait_for_class("libreoffice-calc", APP_WITHIN)?))
}

fn quiet(mut command: std::process::Command) -> std::process::Command {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

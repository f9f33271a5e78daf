//! The Debian packages that the chores need, and getting those that are missing.

use std::process::{Command, Stdio};

use crate::Failed;

/// To build: a linker, and the keyboard library that recorders share with the desktop.
const BUILD: &[&str] = &["gcc", "libc6-dev", "libxkbcommon-x11-dev"];

/// The virtual desktop and the applications on it.
const DESKTOP: &[&str] = &[
    "at-spi2-core",
    "chromium",
    "dbus",
    "fonts-dejavu-core",
    "galculator",
    "mousepad",
    "openbox",
    "util-linux",
    "xvfb",
];

/// What only the live tests use.
const TESTS: &[&str] = &[
    "faketime",
    "ffmpeg",
    "gtk-3-examples",
    "ibus",
    "ibus-gtk3",
    "ibus-m17n",
    "libreoffice-calc",
    "libreoffice-gtk3",
    "python3",
    "python3-venv",
    "tesseract-ocr",
    "tint2",
    "xdotool",
];

/// What only the comparison uses.
const BENCH: &[&str] = &["ffmpeg", "libreoffice-calc", "libreoffice-gtk3", "python3", "python3-venv"];

/// For `demo`.
pub(crate) fn demo() -> Vec<&'static str> {
    [BUILD, DESKTOP].concat()
}

/// For `test`.
pub(crate) fn test() -> Vec<&'static str> {
    [BUILD, DESKTOP, TESTS].concat()
}

/// For `bench`.
pub(crate) fn bench() -> Vec<&'static str> {
    [BUILD, DESKTOP, BENCH].concat()
}

/// For everything.
pub(crate) fn all() -> Vec<&'static str> {
    [BUILD, DESKTOP, TESTS, BENCH].concat()
}

/// Installs what is missing, after saying so; as root, or by `sudo` where it asks for no password.
pub(crate) fn install(needed: &[&str]) -> Result<(), Failed> {
    let Some(missing) = missing(needed) else {
        eprintln!("This is not Debian. The programs of these packages are needed: {}", needed.join(" "));
        return Ok(());
    };
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("These Debian packages are missing and are installed: {}", missing.join(" "));
    let sudo: &[&str] = match (is_root(), may_sudo()) {
        (true, _) => &[],
        (false, true) => &["sudo", "-n"],
        (false, false) => return Err(by_hand(&missing)),
    };
    // An old list is better than none: the installation says whether it was good enough.
    let _ = apt(sudo, &["update", "--quiet"]);
    let mut words = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    words.extend(&missing);
    if apt(sudo, &words) { Ok(()) } else { Err(by_hand(&missing)) }
}

fn by_hand(missing: &[&str]) -> Failed {
    let packages = missing.join(" ");
    Failed(format!(
        "The packages could not be installed from here. Run this, then try again:\n  \
         sudo apt-get update && sudo apt-get install --no-install-recommends {packages}"
    ))
}

/// The packages that are not installed; `None` where there is no `dpkg-query`.
fn missing<'a>(needed: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut missing = Vec::new();
    for package in needed {
        let mut query = Command::new("dpkg-query");
        query.args(["--show", "--showformat=${db:Status-Status}", package]).stderr(Stdio::null());
        let answer = query.output().ok()?;
        if answer.stdout != b"installed" {
            missing.push(*package);
        }
    }
    Some(missing)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

fn may_sudo() -> bool {
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    sudo.status().is_ok_and(|status| status.success())
}

fn apt(sudo: &[&str], words: &[&str]) -> bool {
    // `env` carries the setting through sudo, which would drop it.
    let before = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let line: Vec<&str> = sudo.iter().chain(&before).chain(words).copied().collect();
    Command::new(line[0]).args(&line[1..]).stdin(Stdio::null()).status().is_ok_and(|s| s.success())
}

//! The folders and settings that a desktop's applications find.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Keys, mouse and the places of windows, small enough to read.
const OPENBOX: &str = include_str!("openbox.xml");

/// Accessibility on, in the form that GLib's key file backend reads.
const SETTINGS: &str = "[org/gnome/desktop/interface]\ntoolkit-accessibility=true\nenable-animations=false\n";

/// GTK 3 without blinking or animation, so that a still screen is still.
const GTK3: &str =
    "[Settings]\ngtk-enable-animations=false\ngtk-cursor-blink=false\ngtk-font-name=DejaVu Sans 10\n";

/// A home of its own: nothing is read from or left in the person's.
pub(super) struct Home {
    root: TempDir,
}

impl Home {
    pub(super) fn make() -> io::Result<Self> {
        let home = Self { root: tempfile::Builder::new().prefix("overt-sim-").tempdir()? };
        for name in ["home", "run", "config", "cache", "data"] {
            fs::create_dir(home.path(name))?;
        }
        fs::set_permissions(home.path("run"), fs::Permissions::from_mode(0o700))?;
        home.write("config/glib-2.0/settings/keyfile", SETTINGS)?;
        home.write("config/gtk-3.0/settings.ini", GTK3)?;
        home.write("config/openbox/rc.xml", OPENBOX)?;
        Ok(home)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(super) fn root(&self) -> &Path {
        self.root.path()
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.path(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)
    }

    /// The variables that lead a program here.
    pub(super) fn env(&self) -> Vec<(String, String)> {
        let place = |variable: &str, name: &str| {
            (variable.to_owned(), self.path(name).to_string_lossy().into_owned())
        };
        let fixed = |variable: &str, value: &str| (variable.to_owned(), value.to_owned());
        vec![
            place("HOME", "home"),
            place("XDG_RUNTIME_DIR", "run"),
            place("XDG_CONFIG_HOME", "config"),
            place("XDG_CACHE_HOME", "cache"),
            place("XDG_DATA_HOME", "data"),
            fixed("GSETTINGS_BACKEND", "keyfile"),
            fixed("GDK_BACKEND", "x11"),
            fixed("XDG_SESSION_TYPE", "x11"),
            fixed("LC_ALL", "C.UTF-8"),
        ]
    }
}

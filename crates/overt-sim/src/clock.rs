//! A wall clock that a test sets, for the programs that it starts. The monotonic clock goes on as it is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

/// Where Debian's package `libfaketime` puts it.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// The wall clock of some programs, set by a file.
pub struct SetClock {
    file: PathBuf,
    library: PathBuf,
}

impl SetClock {
    /// A clock that is right, until it is set; `file` is where it is set from then on.
    ///
    /// Errors: the package `libfaketime` is not installed.
    pub fn right(file: &Path) -> Result<Self> {
        let library =
            Path::new("/usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH)).join(LIBRARY);
        ensure!(library.exists(), "libfaketime is missing. Install the Debian package faketime.");
        let clock = Self { file: file.to_owned(), library };
        clock.set_ahead(0)?;
        Ok(clock)
    }

    /// Sets it so many seconds ahead of the right time; behind it, where they are negative.
    pub fn set_ahead(&self, secs: i64) -> Result<()> {
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{secs:+}\n"))?;
        Ok(fs::rename(&new, &self.file)?)
    }

    /// The variables that give this clock to a program.
    pub fn env(&self) -> Vec<(String, String)> {
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            set("LD_PRELOAD", &self.library.to_string_lossy()),
            set("FAKETIME_TIMESTAMP_FILE", &self.file.to_string_lossy()),
            set("FAKETIME_NO_CACHE", "1"),
            set("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }
}

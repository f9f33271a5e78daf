//! Files a person names: read with a clear error, written once and durably.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context as _, Result};
use overt_filter::Dictionary;

/// Reads a text file that the person named as `what`.
pub fn read(path: &Path, what: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| {
        format!("The {what} could not be read. Check that the file exists and that you may read it.")
    })
}

/// The organisation's dictionary, where there is one.
pub fn dictionary(path: Option<&Path>) -> Result<Option<Dictionary>> {
    path.map(|p| Ok(Dictionary::parse(&read(p, "dictionary")?)?)).transpose()
}

/// Writes a file that must not exist yet, readable by its owner alone when it is secret.
pub fn write_new(path: &Path, text: &[u8], what: &str, secret: bool) -> Result<()> {
    let mode = if secret { 0o600 } else { 0o644 };
    let fail = || {
        format!(
            "The {what} could not be written. Check that the folder is writable and that the file is not there yet."
        )
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).with_context(fail)?;
    file.write_all(text).and_then(|()| file.sync_all()).with_context(fail)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    overt_format::sync_dir(folder).with_context(fail)
}

/// Replaces a file so that a crash leaves the old one or the new one.
pub fn replace(path: &Path, text: &[u8], what: &str) -> Result<()> {
    overt_format::replace_file(path, text)
        .with_context(|| format!("The {what} could not be written. Check that its folder is writable."))
}

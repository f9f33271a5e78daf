//! Which pages are acted on: what other pages led to cannot be compared.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::error::GroundError;

/// What all tasks' pages are made with.
const SHARED: [&str; 2] = ["core", "common"];

/// MiniWoB++'s folder `html`, and a digest of what its pages share.
pub struct Pages {
    html: PathBuf,
    shared: Sha256,
}

impl Pages {
    /// Reads what they share.
    ///
    /// Errors: [`GroundError::Io`].
    pub fn read(html: &Path) -> Result<Self, GroundError> {
        let mut files = Vec::new();
        for folder in SHARED.map(|name| html.join(name)).iter().filter(|f| f.is_dir()) {
            list(folder, &mut files)?;
        }
        files.sort();
        let mut shared = Sha256::new();
        for file in &files {
            add(&mut shared, html, file)?;
        }
        Ok(Self { html: html.to_owned(), shared })
    }

    /// SHA-256 of a task's page together with what it is made with, hexadecimal.
    ///
    /// Errors: [`GroundError::NoTask`] where there is no such page.
    pub fn digest(&self, task: &str) -> Result<String, GroundError> {
        let mut all = self.shared.clone();
        let page = self.html.join("miniwob").join(format!("{task}.html"));
        add(&mut all, &self.html, &page).map_err(|_| GroundError::NoTask)?;
        Ok(overt_event::hex_from_bytes(&all.finalize()))
    }
}

fn list(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, into)? } else { into.push(path) }
    }
    Ok(())
}

/// A file's name and content, each with its length before it: no two folders give the same bytes.
fn add(sum: &mut Sha256, html: &Path, file: &Path) -> io::Result<()> {
    let name = file.strip_prefix(html).unwrap_or(file).to_string_lossy().into_owned();
    for part in [name.as_bytes(), &fs::read(file)?] {
        sum.update((part.len() as u64).to_le_bytes());
        sum.update(part);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A task's page says one thing, and what it shares with others another.
    fn digest(page: &str, shared: &str) -> String {
        let home = tempfile::tempdir().expect("a folder");
        for (name, text) in
            [("core/deep/core.js", shared), ("miniwob/a-task.html", page), ("miniwob/b.html", "")]
        {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
            fs::write(path, text).expect("it is written");
        }
        Pages::read(home.path()).and_then(|pages| pages.digest("a-task")).expect("they read")
    }

    #[test]
    fn a_changed_page_has_another_digest_wherever_it_lies_and_so_has_a_changed_script() {
        assert_eq!(digest("page", "script"), digest("page", "script"));
        assert_ne!(digest("page", "script"), digest("other", "script"));
        assert_ne!(digest("page", "script"), digest("page", "other"));
        assert_ne!(digest("pages", "cript"), digest("page", "scripts"));
    }
}

//! Published demonstrations, and the data set that they become.

use std::path::{Path, PathBuf};

use crate::place::Place;

impl Place {
    /// Keys, and an agreement to import demonstrations of MiniWoB++.
    pub(crate) fn prepared() -> Self {
        let place = Self::new();
        place.done_words(&["keys", "init", "--keys", "keys"]);
        let new = ["agreement", "new", "--keys", "keys", "--out", "a.toml", "--ends", "2099-12-31"];
        let import =
            ["--cadence", "none", "--import", "miniwob", "--licence", "MIT, somebody", "--unfiltered"];
        place.done_words(&[&new[..], &import].concat());
        place.done_words(&["agreement", "sign", "a.toml", "--keys", "keys"]);
        place
    }

    /// The files become the data set `set`.
    pub(crate) fn dataset(&self, files: &[PathBuf]) {
        let files: Vec<&str> = files.iter().map(|f| f.to_str().expect("UTF-8")).collect();
        let terms = ["--agreement", "a.toml", "--keys", "keys", "--out", "spool"];
        self.done_words(&[&["import", "miniwob"][..], &files, &terms].concat());
        let all = self.recordings();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.done_words(&[&["release"][..], &all].concat());
        self.done_words(&[&["collect"][..], &all, &["--into", "store"]].concat());
        self.done_words(&["build", "store", "--purpose", "train-agents", "--keys", "keys", "--out", "set"]);
    }
}

/// The files of a task; `None` where there are none at hand.
pub(crate) fn demonstrations(task: &str) -> Option<Vec<PathBuf>> {
    let Some(data) = std::env::var_os("OVERT_DATA") else {
        assert!(std::env::var_os("CI").is_none(), "OVERT_DATA must name the folder of published recordings");
        eprintln!("SKIPPED: no demonstrations, because OVERT_DATA names no folder of them");
        return None;
    };
    let folder = Path::new(&data).join("miniwob-demos").join(task);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("demonstrations").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    Some(files)
}

//! A small desktop to be recorded, and the command that records it.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use overt_event::Rect;
use overt_sim::apps;
use overt_sim::desktop::Desktop;
use overt_sim::overt::Overt;
use overt_sim::pages::Pages;
use overt_sim::person::{Deed, Person, Target};
use serde_json::Value;

/// A desktop with the counter page on it, and terms to record it.
pub(crate) struct Scene {
    // Before the folder and the desktop's pages: it borrows neither, and goes first.
    pub(crate) folder: tempfile::TempDir,
    pub(crate) desktop: Desktop,
    _pages: Pages,
    pub(crate) page: Target,
}

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_overt");

impl Scene {
    pub(crate) fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let desktop = Desktop::start((1280, 900)).expect("the desktop starts");
        let pages = Pages::start().expect("the pages are served");
        let bounds = Rect { x: 20, y: 40, w: 1200, h: 800 };
        apps::open_chromium(&desktop, &pages.url("counter"), bounds).expect("Chromium opens");
        let view = pages.view("counter", Duration::from_secs(30)).expect("the page tells where it is");
        let page = Target::new("chromium", "document web", "", view);
        let scene = Self { folder, desktop, _pages: pages, page };
        scene.overt().prepare("on_change").expect("keys, agreement, consent");
        scene
    }

    pub(crate) fn overt(&self) -> Overt<'_> {
        Overt::new(Path::new(PROGRAM), &self.desktop, self.folder.path()).expect("overt")
    }

    pub(crate) fn click(&self, times: usize) -> Vec<Deed> {
        let mut person = Person::sit_down(self.desktop.display(), 3).expect("a person");
        for _ in 0..times {
            person.click(&self.page).expect("a click");
        }
        person.journal().deeds.clone()
    }

    /// `overt record` in the foreground.
    pub(crate) fn record(&self, more: &[&str]) -> Output {
        self.recorder_command(more).output().expect("overt runs")
    }

    pub(crate) fn recorder_command(&self, more: &[&str]) -> Command {
        let mut command = self.desktop.command(PROGRAM);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.args(["record", "--agreement", "agreement.toml", "--consent", "consent.toml"]);
        command.args(["--keys", "keys", "--out", "spool", "--json"]).args(more);
        command
    }

    pub(crate) fn verb(&self, words: &[&str], recording: &Path) -> (Option<i32>, Value) {
        let mut command = self.desktop.command(PROGRAM);
        command.current_dir(self.folder.path()).args(words).arg(recording).args(["--keys", "keys", "--json"]);
        let output = command.output().expect("overt runs");
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }
}

/// The next version of the terms, with this budget, signed and consented to.
pub(crate) fn agree_to(overt: &Overt<'_>, budget: &str) {
    let (agreement, consent) = (overt.path("agreement.toml"), overt.path("consent.toml"));
    let signed = std::fs::read_to_string(&agreement).expect("it is there");
    let (text, _) = signed.split_once("\n\n\u{2014} ").expect("a text and its signatures");
    let lines = text.lines().map(|line| match line {
        "version = 1" => "version = 2\n".to_owned(),
        line if line.starts_with("budget = ") => format!("budget = {budget}\n"),
        line => format!("{line}\n"),
    });
    std::fs::write(&agreement, lines.collect::<String>()).expect("it is written");
    std::fs::remove_file(&consent).expect("it was to other terms");
    let keys = overt.path("keys");
    overt.run("agreement sign", |c| c.arg(&agreement).arg("--keys").arg(&keys)).expect("it is signed");
    overt
        .run("consent give", |c| {
            c.arg("--agreement").arg(&agreement).arg("--keys").arg(&keys);
            c.args(["--app", "chromium"]).arg("--out").arg(&consent)
        })
        .expect("consent is given");
}

/// What `overt status` says, for programs.
pub(crate) fn status(overt: &Overt<'_>) -> Value {
    let said = overt.run("status", |c| c.arg("--json")).expect("it answers");
    serde_json::from_str(&said).expect("JSON")
}

/// Waits until the recorder says that it is in this state; nothing tells when but asking.
pub(crate) fn wait_for_state(overt: &Overt<'_>, wanted: &str) -> Value {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let status = status(overt);
        if status["state"] == wanted {
            return status;
        }
        assert!(Instant::now() < until, "it never is {wanted}");
    }
}

/// Waits until so many bytes of segments are on disk: the recorder synced something.
pub(crate) fn wait_for_bytes(recording: &Path, bytes: u64) {
    let until = Instant::now() + Duration::from_secs(30);
    let size = || -> u64 {
        let entries = std::fs::read_dir(recording.join("segments")).into_iter().flatten().flatten();
        entries.filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum()
    };
    while size() < bytes {
        assert!(Instant::now() < until, "the recorder writes nothing");
        std::thread::yield_now();
    }
}

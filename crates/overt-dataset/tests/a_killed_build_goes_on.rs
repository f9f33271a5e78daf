//! A build is killed again and again, as a process and at any moment, and begun again: it comes to the same bytes.

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use overt_dataset::build;
use support::{OPENINGS_FILE, Take};

/// The folder of a build that this program shall make instead of testing.
const FOLDER_VARIABLE: &str = "OVERT_TEST_BUILDS_IN";
const RECORDINGS: u8 = 6;
const SEEDS: u64 = 6;
const KILLS: u64 = 5;

/// Every step that a build tells is a line of this.
const TOLD: &str = "told";

fn takes() -> impl Iterator<Item = Take> {
    (1..=RECORDINGS).map(|n| Take::new(n, 1 + u32::from(n % 3)))
}

#[test]
fn a_process_of_its_own() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else { return };
    let folder = Path::new(&folder);
    let inputs = takes().map(|take| support::found(folder, take)).collect();
    let mut settings = support::settings(&folder.join("ds"));
    settings.workers = 2.try_into().expect("two");
    build(inputs, &support::opener(folder), &settings, &mut |_| println!("\n{TOLD}")).expect("it is built");
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_process_of_its_own", "--nocapture"])
        .env(FOLDER_VARIABLE, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// Kills the process once it has told so many times; says whether it had not ended before.
fn kill_after(mut child: Child, told: u64) -> bool {
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let heard = lines.filter(|line| line == TOLD).take(told as usize).count() as u64;
    child.kill().expect("it is killed or ended");
    child.wait().expect("it is gone");
    heard == told
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[test]
fn killed_at_any_moment_it_comes_to_the_same_bytes() {
    let sealed = tempfile::tempdir().expect("a folder");
    let inputs: Vec<_> = takes().map(|take| support::take(sealed.path(), take)).collect();
    let undisturbed = sealed.path().join("undisturbed");
    let (mut told, mut settings) = (0, support::settings(&undisturbed));
    settings.workers = 1.try_into().expect("one");
    build(inputs, &support::opener(sealed.path()), &settings, &mut |_| told += 1).expect("it is built");
    for seed in 0..SEEDS {
        let killed = killed(sealed.path(), told, &mut Dice(seed));
        support::assert_same(&undisturbed, &killed.path().join("ds"));
        assert!(!killed.path().join("ds.work").exists(), "what it worked with is gone");
        let log = std::fs::read_to_string(killed.path().join(OPENINGS_FILE)).expect("a log");
        for n in 1..=RECORDINGS {
            let name = overt_event::RecordingId([n; 16]).to_string();
            assert!(log.matches(&name).count() >= 1, "an opening is not in the log");
        }
    }
}

/// Builds in a folder of its own and is killed on the way, some times among them while nothing is left but the last
/// stage.
fn killed(sealed: &Path, told: u64, dice: &mut Dice) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for take in takes() {
        for n in 0..take.segments {
            std::fs::copy(
                support::path(sealed, take.recording, n),
                support::path(folder.path(), take.recording, n),
            )
            .expect("it is copied");
        }
    }
    let out = folder.path().join("ds");
    for _ in 0..KILLS {
        if out.exists() {
            break;
        }
        kill_after(start(folder.path()), 1 + dice.below(told));
        assert!(!out.exists() || overt_dataset::verify(&out).is_ok(), "a version is whole or not there");
    }
    if !out.exists() {
        let ended = start(folder.path()).wait_with_output().expect("it ends");
        assert!(ended.status.success());
    }
    folder
}

//! A build is killed again and again, as a process and at any moment, and begun again: it comes to the same bytes.

mod support;

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use overt_dataset::{STEPS_FILE, build};
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};
use support::{OPENINGS_FILE, Take};

/// The folder of a build that this program shall make instead of testing.
const FOLDER_VARIABLE: &str = "OVERT_TEST_BUILDS_IN";
/// Once it has told so many times, it kills itself.
const DIES_VARIABLE: &str = "OVERT_TEST_DIES_AT";
/// The kernel kills it when it makes a file longer than so many bytes.
const LIMIT_VARIABLE: &str = "OVERT_TEST_FILE_BYTES_MAX";
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
    if let Some(bytes_max) = number(LIMIT_VARIABLE) {
        let limit = |n| Rlimit { current: Some(n), maximum: Some(n) };
        setrlimit(Resource::Core, limit(0)).expect("it leaves no core");
        setrlimit(Resource::Fsize, limit(bytes_max)).expect("it is limited");
    }
    let (dies_at, mut told) = (number(DIES_VARIABLE), 0);
    let mut tell = |_| {
        println!("\n{TOLD}");
        told += 1;
        if dies_at == Some(told) {
            kill_process(getpid(), Signal::KILL).expect("it may");
        }
    };
    build(inputs, &support::opener(folder), &settings, &mut tell).expect("it is built");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "a_process_of_its_own", "--nocapture"])
        .env(FOLDER_VARIABLE, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Kills the process once it has told so many times.
fn kill_after(mut child: Child, told: u64) {
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let _ = lines.filter(|line| line == TOLD).take(told as usize).count();
    child.kill().expect("it is killed or ended");
    child.wait().expect("it is gone");
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Built by one worker that nobody kills, and how often it told.
fn undisturbed(sealed: &Path) -> (PathBuf, u64) {
    let inputs = takes().map(|take| support::take(sealed, take)).collect();
    let out = sealed.join("undisturbed");
    let (mut told, mut settings) = (0, support::settings(&out));
    settings.workers = 1.try_into().expect("one");
    build(inputs, &support::opener(sealed), &settings, &mut |_| told += 1).expect("it is built");
    (out, told)
}

/// A folder of its own with the same recordings.
fn copied(sealed: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for take in takes() {
        for n in 0..take.segments {
            let [from, to] = [sealed, folder.path()].map(|f| support::path(f, take.recording, n));
            std::fs::copy(from, to).expect("it is copied");
        }
    }
    folder
}

/// Goes on with the build, if it is not done, and compares.
fn check_ends_as(undisturbed: &Path, folder: &Path) {
    let out = folder.join("ds");
    if !out.exists() {
        let ended = command(folder).output().expect("it ends");
        assert!(ended.status.success());
    }
    support::assert_same(undisturbed, &out);
    assert!(!folder.join("ds.work").exists(), "what it worked with is gone");
}

#[test]
fn killed_at_any_moment_it_comes_to_the_same_bytes() {
    let sealed = tempfile::tempdir().expect("a folder");
    let (undisturbed, told) = undisturbed(sealed.path());
    let mut hits = 0;
    for seed in 0..SEEDS {
        let folder = copied(sealed.path());
        hits += kills(folder.path(), told, &mut Dice(seed));
        check_ends_as(&undisturbed, folder.path());
        let log = std::fs::read_to_string(folder.path().join(OPENINGS_FILE)).expect("a log");
        for n in 1..=RECORDINGS {
            let name = overt_event::RecordingId([n; 16]).to_string();
            assert!(log.matches(&name).count() >= 1, "an opening is not in the log");
        }
    }
    assert!(hits >= SEEDS, "of each build the first kill comes before its end: {hits}");
}

/// Begins a build and kills it on the way, several times, unless it is done before; says how many kills came before its
/// end. The first one does, as the process kills itself, and so do some of the others; the rest come at any moment.
fn kills(folder: &Path, told: u64, dice: &mut Dice) -> u64 {
    let (out, mut hits) = (folder.join("ds"), 0);
    for kill in 0..KILLS {
        let (mut command, at) = (command(folder), 1 + dice.below(told / 4));
        if kill == 0 || dice.below(2) == 0 {
            command.env(DIES_VARIABLE, at.to_string());
        }
        kill_after(command.spawn().expect("it starts"), at);
        if out.exists() {
            overt_dataset::verify(&out).expect("a version is whole or not there");
            break;
        }
        hits += 1;
    }
    hits
}

#[test]
fn killed_while_the_last_stage_writes_it_comes_to_the_same_bytes() {
    let sealed = tempfile::tempdir().expect("a folder");
    let (undisturbed, _) = undisturbed(sealed.path());
    let folder = copied(sealed.path());
    // The longest part is about half as long.
    let len = std::fs::metadata(undisturbed.join(STEPS_FILE)).expect("a file").len();
    for bytes_max in [len * 3 / 4, len - 1] {
        let ended =
            command(folder.path()).env(LIMIT_VARIABLE, bytes_max.to_string()).output().expect("it ends");
        assert_eq!(ended.status.signal(), Some(Signal::XFSZ.as_raw()));
        let left = std::fs::read_dir(folder.path().join("ds.work")).expect("what it worked with");
        let is_part = |name: &str| name != "lock" && !name.starts_with("unfinished");
        let names = left.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned());
        assert_eq!(
            names.filter(|name| is_part(name)).count(),
            usize::from(RECORDINGS),
            "nothing else is left"
        );
        assert!(!folder.path().join("ds").exists(), "half a version is none");
    }
    check_ends_as(&undisturbed, folder.path());
}

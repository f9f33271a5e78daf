//! A recording sixteen times as long takes no more memory to build.

mod support;

use std::path::Path;
use std::process::Command;

use support::Take;

/// The folder of a build that this program shall make instead of testing.
const FOLDER_VARIABLE: &str = "OVERT_TEST_MEASURES_IN";
const SEGMENTS: [u32; 2] = [12, 192];
/// The frames of the longer one's work alone, if they were kept, are 80 MB.
const GROWTH_BYTES_MAX: u64 = 32 << 20;

fn take(segments: u32) -> Take {
    Take::new(7, segments)
}

#[test]
fn a_process_of_its_own() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else { return };
    let folder = Path::new(&folder);
    let segments = std::fs::read_dir(folder).expect("a folder").filter(|e| {
        e.as_ref().is_ok_and(|e| e.path().extension().is_some_and(|extension| extension == "seg"))
    });
    let input = support::found(folder, take(segments.count() as u32));
    support::make(folder, &folder.join("ds"), vec![input]).expect("it is built");
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    println!("\npeak {}", peak.trim().trim_end_matches(" kB"));
}

/// The most memory that building a recording of so many segments took, bytes.
fn peak(segments: u32) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    support::take(folder.path(), take(segments));
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_process_of_its_own", "--nocapture"])
        .env(FOLDER_VARIABLE, folder.path())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let kilobytes = said.lines().find_map(|line| line.strip_prefix("peak ")).expect("it tells");
    kilobytes.parse::<u64>().expect("a number") * 1024
}

#[test]
fn sixteen_times_as_long_takes_no_more() {
    let [short, long] = SEGMENTS.map(peak);
    assert!(long < short + GROWTH_BYTES_MAX, "{short} bytes for the short one, {long} for the long one");
}

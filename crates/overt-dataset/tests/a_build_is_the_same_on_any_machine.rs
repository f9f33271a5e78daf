//! One sealed recording that lies here, and the digest of each file of the version that is built of it. A machine on which the
//! same recording gave other bytes would contradict it.
//!
//! What changes a version's bytes on purpose (a rule of reduction, a column, how pictures are encoded) changes the digests too:
//! `UPDATE=1` writes them anew.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use overt_dataset::{MANIFEST_FILE, file_note};
use support::Take;

const RECORDING: u8 = 7;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn is_to_be_written() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// The sealed segment; its ids and its key were drawn once.
fn sealed() -> PathBuf {
    let file = fixture("one-task-with-pictures.segment");
    if is_to_be_written() && !file.exists() {
        let folder = tempfile::tempdir().expect("a folder");
        support::take(folder.path(), Take::new(RECORDING, 1));
        fs::copy(support::path(folder.path(), RECORDING, 0), &file).expect("it is written");
    }
    file
}

/// The digests of all files of the version, by name.
fn built() -> BTreeMap<String, String> {
    let place = tempfile::tempdir().expect("a folder");
    fs::copy(sealed(), support::path(place.path(), RECORDING, 0)).expect("the recording lies here");
    let out = place.path().join("ds");
    let input = support::found(place.path(), Take::new(RECORDING, 1));
    let made = support::make(place.path(), &out, vec![input]).expect("it is built");
    let names = made.manifest.files.iter().map(|f| f.name.as_str()).chain([MANIFEST_FILE]);
    let digest = |name: &str| file_note(&out, name).expect("it is there").sha256.to_string();
    names.map(|name| (name.to_owned(), digest(name))).collect()
}

#[test]
fn the_recording_that_lies_here_gives_the_bytes_that_are_written_down() {
    let file = fixture("one-task-with-pictures.json");
    let built = built();
    if is_to_be_written() {
        let text = serde_json::to_string_pretty(&built).expect("JSON");
        fs::write(&file, format!("{text}\n")).expect("it is written");
    }
    let written = fs::read_to_string(&file).expect("the digests lie here");
    let written: BTreeMap<String, String> = serde_json::from_str(&written).expect("digests by name");
    assert_eq!(built, written, "if that is meant, write them anew with UPDATE=1");
}

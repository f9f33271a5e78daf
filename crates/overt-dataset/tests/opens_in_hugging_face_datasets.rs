//! Hugging Face's own `datasets` opens a data set, sees its pictures as pictures and its values as they are.
//!
//! The Python environment lies under the target folder and is made once, from `requirements.txt`.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use overt_dataset::build;

#[test]
fn pictures_are_pictures_and_values_are_values() {
    let python = python();
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    build(vec![support::opened(sealed.path(), 7, 1)], &support::settings(&out), &mut |_| ())
        .expect("it is built");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    run(Command::new(python)
        .arg(tests.join("opens_in_hugging_face_datasets.py"))
        .arg(&out)
        .arg(tests.join("opens_in_hugging_face_datasets.json"))
        .env("HF_HOME", place.path().join("cache"))
        .env("HF_HUB_OFFLINE", "1")
        .env("HF_DATASETS_OFFLINE", "1"));
}

/// The environment's interpreter, once its packages are there.
fn python() -> PathBuf {
    let folder = target_folder().join("python-datasets");
    let python = folder.join("bin/python3");
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).expect("the requirements");
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements));
    std::fs::write(stamp, wanted).expect("the stamp is written");
    python
}

/// Cargo puts this test into `TARGET/PROFILE/deps`.
fn target_folder() -> PathBuf {
    let this = std::env::current_exe().expect("this test has a path");
    this.ancestors().nth(3).expect("it lies in a target folder").to_owned()
}

fn run(command: &mut Command) {
    let output = command.output().expect("the command starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

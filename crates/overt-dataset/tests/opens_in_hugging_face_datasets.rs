//! Hugging Face's own `datasets` opens a data set, sees its pictures as pictures and its values as they are.

mod support;

use std::path::Path;
use std::process::Command;

#[test]
fn pictures_are_pictures_and_values_are_values() {
    let python = overt_sim::python::with_datasets().expect("datasets from PyPI");
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    let input = support::input(sealed.path(), 7, 1);
    support::make(sealed.path(), &out, vec![input]).expect("it is built");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    run(Command::new(python)
        .arg(tests.join("opens_in_hugging_face_datasets.py"))
        .arg(&out)
        .arg(tests.join("opens_in_hugging_face_datasets.json"))
        .env("HF_HOME", place.path().join("cache"))
        .env("HF_HUB_OFFLINE", "1")
        .env("HF_DATASETS_OFFLINE", "1"));
}

fn run(command: &mut Command) {
    let output = command.output().expect("the command starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

//! The laws of the house, over the real dependency graph and the real sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every package that `package` is built from, in any feature combination, tests left out.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["tree", "--offline", "--locked", "--package", package, "--all-features"])
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let names: BTreeSet<String> =
        text.lines().filter_map(|l| l.split_whitespace().next()).map(str::to_owned).collect();
    assert!(names.contains(package), "the tree begins with the package itself");
    names
}

fn assert_free_of(package: &str, forbidden: &[&str]) {
    let tree = dependencies(package);
    for name in forbidden {
        assert!(!tree.contains(*name), "{package} must not be built from {name}");
    }
}

#[test]
fn the_collector_is_built_without_anything_that_opens() {
    assert_free_of(
        "overt-collector",
        &["overt-unseal", "overt-seal", "overt-minimise", "overt-capture", "hpke", "chacha20poly1305"],
    );
}

#[test]
fn what_records_cannot_open() {
    for package in [
        "overt-recorder",
        "overt-spool",
        "overt-seal",
        "overt-minimise",
        "overt-capture-x11",
        "overt-pen",
        "overt-import",
    ] {
        assert_free_of(package, &["overt-unseal", "overt-reduce", "overt-dataset", "overt-collector"]);
    }
}

#[test]
fn what_imports_cannot_see_a_desktop() {
    assert_free_of(
        "overt-import",
        &["overt-recorder", "overt-capture-x11", "overt-capture-atspi", "x11rb", "zbus"],
    );
}

#[test]
fn what_opens_cannot_record() {
    for package in ["overt-unseal", "overt-reduce", "overt-dataset", "overt-export"] {
        assert_free_of(
            package,
            &["overt-capture", "overt-capture-x11", "overt-capture-atspi", "x11rb", "zbus"],
        );
    }
}

#[test]
fn a_room_never_knows_the_room_it_feeds() {
    assert_free_of("overt-minimise", &["overt-seal", "overt-spool"]);
    assert_free_of("overt-seal", &["overt-spool", "overt-collector"]);
    assert_free_of("overt-unseal", &["overt-reduce", "overt-dataset"]);
    assert_free_of("overt-reduce", &["overt-dataset"]);
    assert_free_of("overt-dataset", &["overt-export"]);
}

#[test]
fn the_words_do_no_io() {
    for package in ["overt-event", "overt-agreement"] {
        assert_free_of(package, &["rustix", "tempfile", "x11rb", "zbus", "overt-format"]);
    }
}

#[test]
fn the_recorder_needs_no_table_engine_and_no_picture_codec() {
    assert_free_of("overt-recorder", &["arrow", "parquet", "png", "tiny-skia"]);
}

/// The bodies of the sources of a crate, by file, without comments.
fn sources(package: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![workspace().join("crates").join(package).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("it can be read");
                let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
                found.push((path, code.join("\n")));
            }
        }
    }
    found
}

#[test]
fn what_is_raw_can_be_neither_serialised_nor_printed() {
    let raw = sources("overt-event").into_iter().find(|(path, _)| path.ends_with("raw.rs"));
    let (_, code) = raw.expect("overt-event has raw.rs");
    for word in ["Serialize", "Deserialize", "Debug", "Display", "derive"] {
        assert!(!code.contains(word), "raw.rs must not say {word}");
    }
}

/// Files in which a door's type is built by a struct literal.
fn makers(type_name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(workspace().join("crates")).expect("the crates") {
        let package = entry.expect("it can be listed").file_name().into_string().expect("UTF-8");
        for (_, code) in sources(&package) {
            let literal = format!(" {type_name} {{");
            let built = code.lines().any(|l| {
                l.contains(&literal) && !l.contains("struct ") && !l.contains("impl") && !l.contains("-> ")
            });
            if built {
                found.insert(package.clone());
            }
        }
    }
    found
}

#[test]
fn each_door_has_one_maker() {
    for (type_name, room) in
        [("Minimised", "overt-minimise"), ("Sealed", "overt-seal"), ("Opened", "overt-unseal")]
    {
        let makers = makers(type_name);
        assert!(makers.iter().all(|m| m == room), "{type_name} is made in {makers:?}");
    }
}

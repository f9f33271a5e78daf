//! What comes out of an OWAMcap is what others read there: of the published files, and of one that OWA's own writer of a
//! later version wrote.

mod support;

use std::path::Path;
use std::process::Command;

use overt_event::{Button, Record, RecordBody};
use overt_import::{Format, Imported};
use serde_json::{Value, json};
use support::{Desk, Wanted, data};

/// What the script beside this file prints.
fn theirs(verb: &str, file: &Path) -> Value {
    let python = overt_sim::python::with_owa().expect("mcap-owa-support from PyPI");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tell_owamcap.py");
    let output = Command::new(python).arg(script).arg(verb).arg(file).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The same of our records.
fn ours(records: &[Record]) -> Value {
    let (mut buttons, mut right, mut down, mut keys) = (Vec::new(), 0, 0, Vec::new());
    for record in records {
        match &record.body {
            RecordBody::Button { at, button, down, .. } => {
                buttons.push(json!([record.time.0, name(*button), [at.x, at.y], down]));
            }
            RecordBody::Scroll { dx_120, dy_120, .. } => (right, down) = (right + dx_120, down + dy_120),
            RecordBody::Key(key) if key.down => keys.push(key.name.clone()),
            RecordBody::Text { text } => keys.extend(text.chars().map(keysym)),
            _ => {}
        }
    }
    json!({"buttons": buttons, "notches": [right / 120, down / 120], "keys": keys})
}

fn name(button: Button) -> Value {
    match button {
        Button::Back => json!("x1"),
        Button::Forward => json!("x2"),
        other => serde_json::to_value(other).expect("a name"),
    }
}

fn keysym(character: char) -> String {
    if character == ' ' { "space".to_owned() } else { character.to_lowercase().to_string() }
}

fn check(file: &Path, theirs: &Value, wanted: Wanted) -> (Desk, Imported) {
    let desk = Desk::new();
    let imported = desk.import(Format::Owamcap, file, wanted).expect("it imports");
    assert_eq!(&ours(&desk.records(&imported.path)), theirs, "{}", file.display());
    (desk, imported)
}

#[test]
fn each_button_and_key_of_the_published_files_is_there_at_its_time() {
    let Some(data) = data(2) else { return };
    for (name, presses, keys) in [("0.4.2.mcap", 2, 13), ("0.5.1.mcap", 1, 11)] {
        let file = data.join("owamcap").join(name);
        let theirs = theirs("tell", &file);
        let len = |what: &str| theirs[what].as_array().map_or(0, Vec::len);
        assert_eq!((len("buttons"), len("keys")), (2 * presses, keys), "{name}");
        check(&file, &theirs, Wanted::default());
    }
}

#[test]
fn a_file_by_the_writer_of_a_later_version_comes_in_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("later.mcap");
    let theirs = theirs("write", &file);
    assert_eq!(theirs["notches"], json!([2, 2]), "of both wheels");
    let (desk, imported) = check(&file, &theirs, Wanted { frames: true, ..Wanted::default() });
    let dropped = |why| imported.dropped.get(why).copied();
    assert_eq!(
        (dropped("states that events say"), dropped("messages of another schema")),
        (Some(1), Some(1))
    );
    let steps = desk.actions(&imported.path);
    let told: Vec<&str> = steps.iter().map(|s| s.action.kind()).collect();
    assert_eq!(told[..5], ["click"; 5]);
    assert!(steps[1..].iter().all(|s| s.before.shot().is_some()), "its picture is seen");
}

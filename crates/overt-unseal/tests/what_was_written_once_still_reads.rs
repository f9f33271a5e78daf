//! Fixtures: segments that an earlier build wrote, with what they mean beside them.

mod support;

use std::fs;
use std::path::Path;

use overt_event::hex_from_bytes;
use overt_format::sha256;
use overt_unseal::{Grant, TrainAgents, open};
use support::{Draft, Folder, Item, RECORDING, STUDY, fixture, keys, moved, pictured, typed};

/// Everything that opening gives, as lines of text.
fn meaning(segment: &[u8], torn: bool) -> String {
    let folder = Folder::of(&[segment.to_vec()]);
    let mut facts = folder.facts();
    facts.segments[0].torn = torn;
    folder.put_facts(&facts);
    let grant = Grant::<TrainAgents>::new("a test", "a fixture");
    let mut opened = open(&folder.dir(), &grant, &keys(STUDY), &mut folder.log()).expect("opens");
    let mut lines = Vec::new();
    for item in opened.by_ref() {
        let stored = item.expect("reads").stored;
        lines.push(serde_json::to_string(&stored.record).expect("serialises"));
        if let Some(pixels) = stored.pixels {
            lines.push(format!("\"pixels {}\"", hex_from_bytes(&sha256(&pixels.to_rgb()).0)));
        }
    }
    lines.extend(opened.trailers().iter().map(|t| serde_json::to_string(t).expect("serialises")));
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn check(name: &str, items: &[Item], cut: Option<usize>) {
    let fresh = || {
        let whole = Draft::new(RECORDING, 0, items).seal();
        let torn = cut.map(|n| overt_format::scan(&whole[..whole.len() - n]).expect("scans").good_len);
        whole[..torn.map_or(whole.len(), |len| len as usize)].to_vec()
    };
    let segment = fixture(&format!("{name}.segment"), fresh);
    let read = meaning(&segment, cut.is_some());
    let expected = fixture(&format!("{name}.json"), || read.clone().into_bytes());
    assert_eq!(read.as_bytes(), expected, "{name}");
}

#[test]
fn segments_of_this_version_read_as_they_did() {
    check("empty", &[], None);
    check("one-text", &[typed(1, "Hello, Wörld! 日本")], None);
    let pictures = [moved(1), pictured(2, 10), pictured(3, 10), pictured(4, 20), pictured(5, 10), moved(6)];
    check("four-pictures-of-two-colours", &pictures, None);
    check("three-records-without-a-trailer", &[moved(1), typed(2, "ab"), moved(3)], Some(1));
    check(
        "a-run-of-three-moves-and-one-alone",
        &[moved(1), moved(2), moved(3), typed(4, "ab"), moved(5)],
        None,
    );
}

/// Before there were runs of moves.
#[test]
fn segments_of_version_1_read_as_they_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let names = ["empty", "one-text", "four-pictures-of-two-colours", "three-records-without-a-trailer"];
    for (name, torn) in names.into_iter().zip([false, false, false, true]) {
        let read =
            |kind: &str| fs::read(folder.join(format!("version-1-{name}.{kind}"))).expect("it is there");
        let segment = read("segment");
        assert_eq!(segment[8], 1, "{name}");
        assert_eq!(meaning(&segment, torn).as_bytes(), read("json"), "{name}");
    }
}

//! A collector admits exactly what was released, exactly once.

mod support;

use std::fs;

use overt_collector::{AdmitError, Store};
use overt_event::{Level, RecordingId};
use overt_format::{
    FormatError, Incomplete, Losses, NotReleased, RecordingFacts, RecordingState, ReleasedRecording,
};
use support::{Folder, RECORDING, facts, files_under, segment, store};

#[test]
fn a_released_recording_is_admitted_once_and_reads_back() {
    let (folder, (root, mut store)) = (Folder::new(), store());
    let released = ReleasedRecording::open(&folder.path).expect("is released");
    let receipt = store.admit(&released).expect("admits");
    assert_eq!(receipt.recording_digest, folder.facts().digest().expect("hashes"));
    let before = files_under(root.path());
    assert_eq!(before.len(), 3, "two blobs and a manifest");
    assert_eq!(store.admit(&released).expect("admits again"), receipt);
    assert_eq!(files_under(root.path()), before);
    assert_eq!(store.recordings().expect("lists"), [RECORDING]);
    let kept = store.recording(RECORDING).expect("is there");
    assert_eq!(kept.facts(), &folder.facts());
    for segment in kept.segments() {
        let original = fs::read(folder.segment(segment.facts.sequence)).expect("reads");
        assert_eq!(fs::read(&segment.path).expect("reads"), original);
    }
    assert!(matches!(store.recording(RecordingId([9; 16])), Err(AdmitError::Unknown)));
}

#[test]
fn each_refusal_has_its_own_reason() {
    let check = |spoil: fn(&Folder), expected: fn(&NotReleased) -> bool| {
        let folder = Folder::new();
        spoil(&folder);
        let refused = ReleasedRecording::open(&folder.path).err().expect("is refused");
        assert!(expected(&refused), "{refused:?}");
    };
    check(
        |f| fs::remove_file(f.path.join("release.json")).expect("removes"),
        |e| matches!(e, NotReleased::Unreleased),
    );
    check(
        |f| {
            f.put_facts(&RecordingFacts { state: RecordingState::Open, ..f.facts() });
            f.put_release();
        },
        |e| matches!(e, NotReleased::Open),
    );
    check(
        |f| f.put_facts(&RecordingFacts { level: Level::Structure, ..f.facts() }),
        |e| matches!(e, NotReleased::AlteredFacts),
    );
    check(
        |f| {
            let why = Incomplete::DiskFull;
            f.put_facts(&RecordingFacts { state: RecordingState::Incomplete { why }, ..f.facts() });
        },
        |e| matches!(e, NotReleased::AlteredFacts),
    );
    check(
        |f| fs::remove_file(f.segment(1)).expect("removes"),
        |e| matches!(e, NotReleased::MissingSegment { sequence: 1 }),
    );
    check(
        |f| {
            let mut bytes = fs::read(f.segment(0)).expect("reads");
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            f.put_segment(0, &bytes);
        },
        |e| matches!(e, NotReleased::AlteredSegment { sequence: 0 }),
    );
    check(
        |f| {
            let foreign = segment(1, RecordingId([2; 16]));
            f.put_segment(1, &foreign.1);
            f.put_facts(&facts(vec![f.facts().segments[0], foreign.0]));
            f.put_release();
        },
        |e| matches!(e, NotReleased::ForeignSegment { sequence: 1 }),
    );
    check(
        |f| {
            let mut segments = f.facts().segments;
            segments[1].torn = true;
            f.put_facts(&facts(segments));
            f.put_release();
        },
        |e| matches!(e, NotReleased::CutSegment { sequence: 1 }),
    );
    check(
        |f| {
            let json = fs::read_to_string(f.path.join("recording.json")).expect("reads");
            fs::write(f.path.join("recording.json"), json.replacen(":1,", ":2,", 1)).expect("writes");
        },
        |e| matches!(e, NotReleased::Format(FormatError::Version { expected: 1, got: 2 })),
    );
    check(
        |f| {
            let mut segments = f.facts().segments;
            segments.remove(0);
            f.put_facts(&facts(segments));
        },
        |e| matches!(e, NotReleased::Format(FormatError::Sequence { expected: 0, got: 1 })),
    );
}

#[test]
fn a_segment_that_changes_while_it_is_admitted_is_refused_and_nothing_is_kept() {
    let (folder, (_root, mut store)) = (Folder::new(), store());
    let released = ReleasedRecording::open(&folder.path).expect("is released");
    folder.put_segment(1, b"something else");
    let refused = store.admit(&released).expect_err("is refused");
    assert!(matches!(refused, AdmitError::NotReleased(NotReleased::AlteredSegment { sequence: 1 })));
    assert!(store.recordings().expect("lists").is_empty());
}

#[test]
fn another_state_of_a_kept_recording_is_a_conflict() {
    let (folder, (_root, mut store)) = (Folder::new(), store());
    store.admit(&ReleasedRecording::open(&folder.path).expect("is released")).expect("admits");
    folder.put_facts(&RecordingFacts { losses: Losses { events: 4, ..Losses::default() }, ..folder.facts() });
    folder.put_release();
    let again = ReleasedRecording::open(&folder.path).expect("is released");
    assert!(matches!(store.admit(&again), Err(AdmitError::Conflict)));
}

#[test]
fn an_admission_that_was_interrupted_is_done_again_and_leaves_nothing_behind() {
    let (folder, (root, mut store)) = (Folder::new(), store());
    let released = ReleasedRecording::open(&folder.path).expect("is released");
    let receipt = store.admit(&released).expect("admits");
    let whole = files_under(root.path());
    // As after a crash: a blob is missing, the manifest is not there, a half copy lies about.
    fs::remove_file(&whole[0]).expect("removes");
    fs::remove_file(root.path().join(format!("recordings/{RECORDING}.json"))).expect("removes");
    fs::write(root.path().join("incoming/half"), b"half").expect("writes");
    let mut store = Store::open(root.path()).expect("opens");
    assert!(store.recordings().expect("lists").is_empty());
    assert_eq!(store.admit(&released).expect("admits"), receipt);
    assert_eq!(files_under(root.path()), whole);
}

//! A collector admits exactly what was released, exactly once.

use std::fs;
use std::path::{Path, PathBuf};

use overt_collector::{AdmitError, Store};
use overt_event::{Day, KeyId, Level, Purpose, RecordingId, SegmentId};
use overt_format::{
    FACTS_VERSION, FormatError, FrameKind, Hex, Incomplete, Losses, NotReleased, RecordingFacts,
    RecordingState, Release, ReleasedRecording, SegmentFacts, SegmentHeader, frame_bytes, segment_file_name,
    sha256,
};

const RECORDING: RecordingId = RecordingId([1; 16]);

fn segment(sequence: u32, recording: RecordingId) -> (SegmentFacts, Vec<u8>) {
    let header = SegmentHeader {
        recording,
        segment: SegmentId([sequence as u8 + 10; 16]),
        sequence,
        agreement: sha256(b"agreement"),
        consent: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![Purpose::TrainAgents],
        day: Day(20_778),
        nonce_prefix: Hex([3; 7]),
        recipients: Vec::new(),
    };
    let mut bytes = header.encode().expect("encodes");
    bytes.extend(frame_bytes(FrameKind::More, &[sequence as u8; 300]).expect("fits"));
    bytes.extend(frame_bytes(FrameKind::Last, &[7; 40]).expect("fits"));
    let (sha256, len_bytes) = (sha256(&bytes), bytes.len() as u64);
    (SegmentFacts { sequence, segment: header.segment, sha256, len_bytes, torn: false }, bytes)
}

fn facts(segments: Vec<SegmentFacts>) -> RecordingFacts {
    RecordingFacts {
        version: FACTS_VERSION,
        recording: RECORDING,
        state: RecordingState::Complete,
        agreement: sha256(b"agreement"),
        consent: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![Purpose::TrainAgents],
        cadence: "on_change".into(),
        day: Day(20_778),
        last_day: Day(30_000),
        dictionary: None,
        contributor_key: KeyId([5; 16]),
        study_key: Some(KeyId([6; 16])),
        segments,
        losses: Losses::default(),
        imported: None,
    }
}

/// A released recording of two segments.
struct Folder {
    _temporary: tempfile::TempDir,
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        let path = temporary.path().join("work.overt");
        fs::create_dir_all(path.join("segments")).expect("makes");
        let folder = Self { _temporary: temporary, path };
        let (a, b) = (segment(0, RECORDING), segment(1, RECORDING));
        folder.put_segment(0, &a.1);
        folder.put_segment(1, &b.1);
        folder.put_facts(&facts(vec![a.0, b.0]));
        folder.put_release();
        folder
    }

    fn segment(&self, sequence: u32) -> PathBuf {
        self.path.join("segments").join(segment_file_name(sequence))
    }

    fn put_segment(&self, sequence: u32, bytes: &[u8]) {
        fs::write(self.segment(sequence), bytes).expect("writes");
    }

    fn facts(&self) -> RecordingFacts {
        RecordingFacts::decode(&fs::read(self.path.join("recording.json")).expect("reads")).expect("decodes")
    }

    fn put_facts(&self, facts: &RecordingFacts) {
        fs::write(self.path.join("recording.json"), facts.encode().expect("encodes")).expect("writes");
    }

    fn put_release(&self) {
        let recording_digest = self.facts().digest().expect("hashes");
        let release =
            Release { version: FACTS_VERSION, recording: RECORDING, recording_digest, released: Day(20_780) };
        fs::write(self.path.join("release.json"), release.encode().expect("encodes")).expect("writes");
    }
}

fn store() -> (tempfile::TempDir, Store) {
    let root = tempfile::tempdir().expect("a folder");
    let store = Store::open(root.path()).expect("opens");
    (root, store)
}

fn files_under(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("reads") {
        let path = entry.expect("reads").path();
        if path.is_dir() { found.extend(files_under(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

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

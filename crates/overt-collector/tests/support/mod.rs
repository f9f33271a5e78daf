//! Released recordings to admit, made up of bytes that nobody can open.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};

use overt_collector::Store;
use overt_event::{Day, KeyId, Level, Purpose, RecordingId, SegmentId};
use overt_format::{
    FACTS_VERSION, FrameKind, Hex, Losses, RecordingFacts, RecordingState, Release, SEGMENT_VERSION,
    SegmentFacts, SegmentHeader, frame_bytes, segment_file_name, sha256,
};

pub(crate) const RECORDING: RecordingId = RecordingId([1; 16]);

pub(crate) fn segment(sequence: u32, recording: RecordingId) -> (SegmentFacts, Vec<u8>) {
    let header = SegmentHeader {
        version: SEGMENT_VERSION,
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

pub(crate) fn facts(segments: Vec<SegmentFacts>) -> RecordingFacts {
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
pub(crate) struct Folder {
    _temporary: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Self {
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

    pub(crate) fn segment(&self, sequence: u32) -> PathBuf {
        self.path.join("segments").join(segment_file_name(sequence))
    }

    pub(crate) fn put_segment(&self, sequence: u32, bytes: &[u8]) {
        fs::write(self.segment(sequence), bytes).expect("writes");
    }

    pub(crate) fn facts(&self) -> RecordingFacts {
        RecordingFacts::decode(&fs::read(self.path.join("recording.json")).expect("reads")).expect("decodes")
    }

    pub(crate) fn put_facts(&self, facts: &RecordingFacts) {
        fs::write(self.path.join("recording.json"), facts.encode().expect("encodes")).expect("writes");
    }

    pub(crate) fn put_release(&self) {
        let recording_digest = self.facts().digest().expect("hashes");
        let release =
            Release { version: FACTS_VERSION, recording: RECORDING, recording_digest, released: Day(20_780) };
        fs::write(self.path.join("release.json"), release.encode().expect("encodes")).expect("writes");
    }
}

pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let root = tempfile::tempdir().expect("a folder");
    let store = Store::open(root.path()).expect("opens");
    (root, store)
}

pub(crate) fn files_under(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("reads") {
        let path = entry.expect("reads").path();
        if path.is_dir() { found.extend(files_under(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

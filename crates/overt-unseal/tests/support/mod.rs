//! A second writer of the form, straight from docs/spec/segment.md: it makes recordings whose keys
//! and chance are known, so that tests can spoil them and fixtures stay the same.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use hpke::aead::ChaCha20Poly1305 as HpkeCipher;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeS, Serializable, single_shot_seal_with_rng};
use overt_event::{
    Day, Frame, FrameId, FrameRecord, Level, MonoNanos, Point, Purpose, Record, RecordBody, RecordingId,
    SegmentId, Seq, TopologyId,
};
use overt_format::{
    Counter, FACTS_VERSION, FRAME_PLAIN_BYTES_MAX, FrameKind, Hex, Losses, RecipientEntry, RecipientKind,
    RecordingDir, RecordingFacts, RecordingState, SEGMENT_VERSION, SegmentEncoder, SegmentFacts,
    SegmentHeader, Trailer, frame_bytes, key_id, segment_file_name, sha256,
};
use overt_unseal::keyfile::SecretKey;
use overt_unseal::{AccessLog, OwnKeys};

pub(crate) const RECORDING: RecordingId = RecordingId([0x11; 16]);
pub(crate) const CONTRIBUTOR: u8 = 1;
pub(crate) const STUDY: u8 = 2;

pub(crate) type Item = (Record, Option<Arc<Frame>>);

pub(crate) fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

pub(crate) fn keys(seed: u8) -> OwnKeys {
    let mut keys = OwnKeys::new();
    keys.add(secret(seed));
    keys
}

/// Counts: chance for tests only.
pub(crate) struct Counting(u64);

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|n| n as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let n = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&n[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting {}

pub(crate) fn moved(n: u64) -> Item {
    (record(n, RecordBody::PointerMove { at: Point { x: n as i32, y: 2 } }), None)
}

pub(crate) fn typed(n: u64, text: &str) -> Item {
    (record(n, RecordBody::Text { text: text.to_owned() }), None)
}

/// A frame of 70x3 pixels, two tiles, of one colour.
pub(crate) fn pictured(n: u64, colour: u8) -> Item {
    let body = RecordBody::Frame(FrameRecord {
        id: FrameId(n as u32),
        topology: TopologyId(0),
        grab_begin: MonoNanos(n * 1000),
        grab_end: MonoNanos(n * 1000 + 500),
        width: 70,
        height: 3,
        filled_permille: 0,
    });
    let frame = Frame::from_rgb(70, 3, &[colour; 70 * 3 * 3]).expect("the length fits");
    (record(n, body), Some(Arc::new(frame)))
}

fn record(n: u64, body: RecordBody) -> Record {
    let time = MonoNanos(n * 1_000_000);
    Record { seq: Seq(n), time, arrival: time, injected: false, repeated: false, device: 0, app: None, body }
}

/// One segment to be written.
pub(crate) struct Draft {
    pub(crate) header: SegmentHeader,
    data_key: [u8; 32],
    pub(crate) plaintext: Vec<u8>,
    pub(crate) trailer: Vec<u8>,
}

impl Draft {
    pub(crate) fn new(recording: RecordingId, sequence: u32, items: &[Item]) -> Self {
        let made = sequence as u8 + 0x21;
        let data_key = [made ^ 0x55; 32];
        let mut header = SegmentHeader {
            version: SEGMENT_VERSION,
            recording,
            segment: SegmentId([made; 16]),
            sequence,
            agreement: sha256(b"agreement"),
            consent: sha256(b"consent"),
            level: Level::Full,
            purposes: vec![Purpose::TrainAgents],
            day: Day(20_778),
            nonce_prefix: Hex([made; 7]),
            recipients: Vec::new(),
        };
        header.recipients = wrapped(&header, &data_key);
        let (plaintext, trailer) = plain(items);
        Self { header, data_key, plaintext, trailer: serde_json::to_vec(&trailer).expect("serialises") }
    }

    /// The file's bytes: `frames` plaintext frames at most, then the trailer.
    pub(crate) fn seal(&self) -> Vec<u8> {
        let cipher = ChaCha20Poly1305::new((&self.data_key).into());
        let aad = self.header.digest().expect("hashes").0;
        let frame = |counter: u32, kind: FrameKind, msg: &[u8]| {
            let mut nonce = [0; 12];
            nonce[..7].copy_from_slice(&self.header.nonce_prefix.0);
            nonce[7..11].copy_from_slice(&counter.to_be_bytes());
            nonce[11] = u8::from(kind == FrameKind::Last);
            let sealed = cipher.encrypt((&nonce).into(), Payload { msg, aad: &aad }).expect("encrypts");
            frame_bytes(kind, &sealed).expect("fits")
        };
        let mut out = self.header.encode().expect("encodes");
        let pieces: Vec<_> = self.plaintext.chunks(FRAME_PLAIN_BYTES_MAX.min(512)).collect();
        for (counter, piece) in (0..).zip(&pieces) {
            out.extend(frame(counter, FrameKind::More, piece));
        }
        out.extend(frame(pieces.len() as u32, FrameKind::Last, &self.trailer));
        out
    }
}

fn plain(items: &[Item]) -> (Vec<u8>, Trailer) {
    let mut encoder = SegmentEncoder::new().expect("begins");
    let (mut plaintext, mut counter) = (Vec::new(), Counter::default());
    for (record, pixels) in items {
        encoder.push(record, pixels.as_ref()).expect("takes it");
        counter.count(record, pixels.is_some());
        // Moves that follow one another make a run, which a flush would end.
        if !matches!(record.body, RecordBody::PointerMove { .. }) {
            plaintext.extend(encoder.take_flushed().expect("flushes"));
        }
    }
    plaintext.extend(encoder.finish().expect("finishes"));
    (plaintext, counter.trailer())
}

fn wrapped(header: &SegmentHeader, data_key: &[u8; 32]) -> Vec<RecipientEntry> {
    let info = header.key_context().expect("hashes");
    let entry = |kind, seed: u8| {
        let public = secret(seed).public();
        let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&public).expect("a key");
        let (encapsulated, sealed) = single_shot_seal_with_rng::<HpkeCipher, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient,
            &info,
            data_key,
            &[],
            &mut Counting(u64::from(seed) << 8 | u64::from(header.sequence)),
        )
        .expect("wraps");
        let wrapped_key = [&encapsulated.to_bytes()[..], &sealed].concat().try_into().expect("80 bytes");
        RecipientEntry {
            kind,
            key_id: key_id(&public),
            epoch: "2026-11".into(),
            wrapped_key: Hex(wrapped_key),
        }
    };
    vec![entry(RecipientKind::Contributor, CONTRIBUTOR), entry(RecipientKind::Study, STUDY)]
}

/// A recording in a folder of its own.
pub(crate) struct Folder {
    _temporary: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Folder {
    /// A complete recording of these segments.
    pub(crate) fn of(segments: &[Vec<u8>]) -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        let path = temporary.path().join("work.overt");
        fs::create_dir_all(path.join("segments")).expect("makes");
        let folder = Self { _temporary: temporary, path };
        let facts = (0..).zip(segments).map(|(n, bytes)| segment_facts(n, bytes)).collect();
        folder.put_facts(&recording_facts(facts));
        for (n, bytes) in (0..).zip(segments) {
            folder.put_segment(n, bytes);
        }
        folder
    }

    /// Two small segments.
    pub(crate) fn usual() -> Self {
        let first = Draft::new(RECORDING, 0, &[moved(1), pictured(2, 30), typed(3, "hello")]);
        let second = Draft::new(RECORDING, 1, &[pictured(4, 30), moved(5)]);
        Self::of(&[first.seal(), second.seal()])
    }

    pub(crate) fn segment(&self, sequence: u32) -> PathBuf {
        self.path.join("segments").join(segment_file_name(sequence))
    }

    pub(crate) fn put_segment(&self, sequence: u32, bytes: &[u8]) {
        fs::write(self.segment(sequence), bytes).expect("writes");
    }

    pub(crate) fn read_segment(&self, sequence: u32) -> Vec<u8> {
        fs::read(self.segment(sequence)).expect("reads")
    }

    pub(crate) fn facts(&self) -> RecordingFacts {
        RecordingFacts::decode(&fs::read(self.path.join("recording.json")).expect("reads")).expect("decodes")
    }

    pub(crate) fn put_facts(&self, facts: &RecordingFacts) {
        fs::write(self.path.join("recording.json"), facts.encode().expect("encodes")).expect("writes");
    }

    /// Makes the facts fit the segments again, as one who alters both would.
    pub(crate) fn refit(&self) {
        let mut facts = self.facts();
        for segment in &mut facts.segments {
            let bytes = self.read_segment(segment.sequence);
            (segment.sha256, segment.len_bytes) = (sha256(&bytes), bytes.len() as u64);
        }
        self.put_facts(&facts);
    }

    pub(crate) fn dir(&self) -> RecordingDir {
        RecordingDir::local(&self.path).expect("reads")
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.path.with_file_name("openings.jsonl")
    }

    pub(crate) fn log(&self) -> AccessLog {
        AccessLog::open(&self.log_path()).expect("opens")
    }
}

pub(crate) fn segment_facts(sequence: u32, bytes: &[u8]) -> SegmentFacts {
    let (header, _) = SegmentHeader::read(bytes).expect("a header");
    let (sha256, len_bytes) = (sha256(bytes), bytes.len() as u64);
    SegmentFacts { sequence, segment: header.segment, sha256, len_bytes, torn: false }
}

pub(crate) fn recording_facts(segments: Vec<SegmentFacts>) -> RecordingFacts {
    RecordingFacts {
        version: FACTS_VERSION,
        recording: RECORDING,
        state: RecordingState::Complete,
        agreement: sha256(b"agreement"),
        consent: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![Purpose::TrainAgents],
        cadence: "on_action".into(),
        day: Day(20_778),
        last_day: Day(21_000),
        dictionary: None,
        contributor_key: key_id(&secret(CONTRIBUTOR).public()),
        study_key: Some(key_id(&secret(STUDY).public())),
        segments,
        losses: Losses::default(),
        imported: None,
    }
}

/// A committed file, or, with `UPDATE=1`, a new one.
pub(crate) fn fixture(name: &str, fresh: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, fresh()).expect("writes");
    }
    fs::read(path).expect("the fixture is there; UPDATE=1 makes it")
}

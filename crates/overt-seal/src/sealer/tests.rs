use std::fs;
use std::path::Path;

use overt_event::{Day, FrameId, FrameRecord, Level, MonoNanos, Point, Purpose, RecordBody, Seq, TopologyId};
use overt_format::{
    FACTS_VERSION, Flow, Losses, RecipientKind, RecordingDir, RecordingFacts, RecordingState, SegmentFacts,
    SegmentHeader, sha256,
};
use overt_unseal::keyfile::SecretKey;
use overt_unseal::{AccessLog, Grant, OwnKeys, SubjectAccess, TrainAgents, UnsealError, open};
use proptest::prelude::*;

use super::*;
use crate::plan::Recipient;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

fn recipient(kind: RecipientKind, seed: u8) -> Recipient {
    Recipient::new(kind, "2026-11", key(seed).public())
}

fn plan() -> SegmentPlan {
    SegmentPlan {
        recording: RecordingId([1; 16]),
        sequence: 0,
        agreement_digest: sha256(b"agreement"),
        consent_digest: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![Purpose::TrainAgents, Purpose::EvaluateAgents, Purpose::TrainAgents],
        day: Day(20_778),
        recipients: vec![recipient(RecipientKind::Contributor, 1), recipient(RecipientKind::Study, 2)],
    }
}

fn pointer(n: u64) -> Record {
    Record {
        seq: Seq(n),
        time: MonoNanos(n * 1000),
        arrival: MonoNanos(n * 1000 + 5),
        injected: false,
        repeated: false,
        device: 2,
        app: None,
        body: RecordBody::PointerMove { at: Point { x: n as i32, y: -3 } },
    }
}

fn picture(n: u64, rgb: &[u8]) -> (Record, Arc<Frame>) {
    let body = RecordBody::Frame(FrameRecord {
        id: FrameId(n as u32),
        topology: TopologyId(0),
        grab_begin: MonoNanos(n * 1000 - 10),
        grab_end: MonoNanos(n * 1000),
        width: 70,
        height: 3,
        filled_permille: 0,
    });
    let frame = Frame::from_rgb(70, 3, rgb).expect("the length fits");
    (Record { body, ..pointer(n) }, Arc::new(frame))
}

/// Puts pieces into a recording of one segment, as a spool would.
fn folder_of(pieces: &[Sealed]) -> (tempfile::TempDir, RecordingDir) {
    let bytes: Vec<u8> = pieces.iter().flat_map(|p| p.bytes().to_vec()).collect();
    let (header, _) = SegmentHeader::read(&bytes[..]).expect("a header");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("000000.seg");
    fs::write(&path, &bytes).expect("writes");
    let segment = SegmentFacts {
        sequence: 0,
        segment: header.segment,
        sha256: sha256(&bytes),
        len_bytes: bytes.len() as u64,
        torn: false,
    };
    let facts = RecordingFacts {
        version: FACTS_VERSION,
        recording: header.recording,
        state: RecordingState::Complete,
        agreement: header.agreement,
        consent: header.consent,
        level: header.level,
        purposes: header.purposes.clone(),
        cadence: "on_action".into(),
        day: header.day,
        last_day: Day(30_000),
        dictionary: None,
        contributor_key: header.recipients[0].key_id,
        study_key: None,
        segments: vec![segment],
        losses: Losses::default(),
        imported: None,
    };
    (folder, RecordingDir::placed(facts, None, |_| path.clone()))
}

fn log_in(folder: &Path) -> AccessLog {
    AccessLog::open(&folder.join("openings.jsonl")).expect("opens")
}

fn keys(seed: u8) -> OwnKeys {
    let mut keys = OwnKeys::new();
    keys.add(key(seed));
    keys
}

#[test]
fn each_recipient_opens_what_was_sealed_and_nobody_else() {
    let (mut sealer, header) = Sealer::begin(plan()).expect("begins");
    let (record, frame) = picture(7, &[9; 70 * 3 * 3]);
    sealer.push_parts(&pointer(3), None).expect("takes it");
    let first = sealer.flush().expect("flushes").expect("something");
    assert!(sealer.flush().expect("flushes").is_none());
    sealer.push_parts(&record, Some(&frame)).expect("takes it");
    assert_eq!(sealer.len_bytes(), (header.bytes().len() + first.bytes().len()) as u64);
    let flow = Flow { received: 9, kept: 2, ..Flow::default() };
    let last = sealer.close(Trailer { flow: flow.clone(), ..Trailer::default() }).expect("closes");
    let (folder, dir) = folder_of(&[header, first, last]);
    let mut log = log_in(folder.path());

    let grant = Grant::<SubjectAccess>::new("ada", "to look");
    let mut opened = open(&dir, &grant, &keys(1), &mut log).expect("the contributor opens");
    let items: Vec<_> = opened.by_ref().collect::<Result<_, _>>().expect("reads");
    assert_eq!(items.iter().map(|i| i.stored.record.seq.0).collect::<Vec<_>>(), [3, 7]);
    assert_eq!(items[1].stored.pixels.as_ref().map(|p| p.to_rgb()), Some(frame.to_rgb()));
    let trailer = &opened.trailers()[0];
    assert_eq!((trailer.begin, trailer.end, &trailer.flow), (MonoNanos(3000), MonoNanos(7000), &flow));

    let grant = Grant::<TrainAgents>::new("job 1", "a test");
    assert_eq!(open(&dir, &grant, &keys(2), &mut log).expect("the study opens").count(), 2);
    for seed in [1, 3] {
        let refused = open(&dir, &grant, &keys(seed), &mut log).err();
        assert!(matches!(refused, Some(UnsealError::Key { sequence: 0, .. })));
    }
}

#[test]
fn a_segment_that_nobody_could_open_is_not_begun() {
    let nobody = SegmentPlan { recipients: Vec::new(), ..plan() };
    assert!(matches!(Sealer::begin(nobody).err(), Some(SealError::NoRecipient)));
    let mut wrong = plan();
    wrong.recipients[1].public = key(9).public();
    assert!(matches!(Sealer::begin(wrong).err(), Some(SealError::KeyId { index: 1 })));
    let mut weak = plan();
    weak.recipients[0] = Recipient::new(RecipientKind::Contributor, "", [0; 32]);
    assert!(matches!(Sealer::begin(weak).err(), Some(SealError::PublicKey { index: 0 })));
}

#[test]
fn two_segments_share_neither_id_nor_nonce_nor_wrapped_key() {
    let headers = [(); 2].map(|()| {
        let (_, piece) = Sealer::begin(plan()).expect("begins");
        SegmentHeader::read(piece.bytes()).expect("a header").0
    });
    let [a, b] = headers;
    assert_ne!(a.segment, b.segment);
    assert_ne!(a.nonce_prefix, b.nonce_prefix);
    assert_ne!(a.recipients[0].wrapped_key, b.recipients[0].wrapped_key);
    assert_eq!(a.purposes, [Purpose::TrainAgents, Purpose::EvaluateAgents]);
}

#[test]
fn no_piece_holds_plaintext() {
    let (mut sealer, header) = Sealer::begin(plan()).expect("begins");
    let body = RecordBody::Text { text: "canary-7f3a".repeat(20) };
    sealer.push_parts(&Record { body, ..pointer(1) }, None).expect("takes it");
    let pieces = [Some(header), sealer.flush().expect("flushes"), sealer.close(Trailer::default()).ok()];
    for piece in pieces.into_iter().flatten() {
        let found = |needle: &[u8]| piece.bytes().windows(needle.len()).any(|w| w == needle);
        assert!(!found(b"canary") && !found(b"MCAP") && !found(b"records"), "{:?}", piece.kind());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_goes_in_comes_out_in_order_however_it_was_flushed(
        steps in prop::collection::vec((any::<bool>(), any::<u8>(), any::<bool>()), 1..24),
    ) {
        let (mut sealer, header) = Sealer::begin(plan()).expect("begins");
        let mut pieces = vec![header];
        let mut expected = Vec::new();
        for (n, (with_picture, colour, flush)) in (1..).zip(steps) {
            let (record, frame) = picture(n, &[colour; 70 * 3 * 3]);
            let (record, pixels) = if with_picture { (record, Some(&frame)) } else { (pointer(n), None) };
            sealer.push_parts(&record, pixels).expect("takes it");
            expected.push((record, pixels.map(|p| p.to_rgb())));
            if flush {
                pieces.extend(sealer.flush().expect("flushes"));
            }
        }
        pieces.push(sealer.close(Trailer::default()).expect("closes"));
        let (folder, dir) = folder_of(&pieces);
        let grant = Grant::<TrainAgents>::new("job 1", "a test");
        let opened = open(&dir, &grant, &keys(2), &mut log_in(folder.path())).expect("opens");
        let items: Vec<_> = opened
            .map(|i| i.map(|i| (*i.stored.record, i.stored.pixels.map(|p| p.to_rgb()))))
            .collect::<Result<_, _>>()
            .expect("reads");
        prop_assert_eq!(items, expected);
    }
}

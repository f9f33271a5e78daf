//! The life of a recording on the operating system's file system: written, killed, recovered,
//! released, deleted.

use std::fs;
use std::path::Path;

use overt_event::{Day, KeyId, Level, Purpose, RecordingId};
use overt_format::{
    FACTS_VERSION, Incomplete, Losses, NotReleased, Receipt, RecipientKind, RecordingFacts, RecordingState,
    ReleasedRecording, Trailer, scan, sha256,
};
use overt_seal::{Recipient, Sealed, Sealer, SegmentPlan};
use overt_spool::{Limits, RecordingWriter, Spool, SpoolError, release};

const ROOM: Limits = Limits { bytes_max: 1 << 30, free_bytes_min: 0 };

fn facts(seed: u8, day: i32) -> RecordingFacts {
    RecordingFacts {
        version: FACTS_VERSION,
        recording: RecordingId([seed; 16]),
        state: RecordingState::Complete,
        agreement: sha256(b"agreement"),
        consent: sha256(b"consent"),
        level: Level::Masked,
        purposes: vec![Purpose::TrainAgents],
        cadence: "on_action".into(),
        day: Day(day),
        last_day: Day(day + 90),
        dictionary: None,
        contributor_key: KeyId([1; 16]),
        study_key: None,
        segments: Vec::new(),
        losses: Losses::default(),
        imported: None,
    }
}

fn begin_segment(writer: &RecordingWriter) -> (Sealer, Sealed) {
    let facts = writer.facts();
    // The base point of the curve: any public key will do, nobody opens this.
    let mut public = [0; 32];
    public[0] = 9;
    Sealer::begin(SegmentPlan {
        recording: facts.recording,
        sequence: writer.next_sequence(),
        agreement_digest: facts.agreement,
        consent_digest: facts.consent,
        level: facts.level,
        purposes: facts.purposes.clone(),
        day: facts.day,
        recipients: vec![Recipient::new(RecipientKind::Contributor, "", public)],
    })
    .expect("begins")
}

fn write_segment(writer: &mut RecordingWriter) {
    let (sealer, header) = begin_segment(writer);
    writer.append(header).expect("takes the header");
    writer.append(sealer.close(Trailer::default()).expect("closes")).expect("takes the rest");
}

fn spool(root: &Path) -> Spool {
    Spool::open(root, ROOM).expect("opens")
}

#[test]
fn a_recording_is_written_released_and_deleted_on_its_receipt() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = spool(root.path());
    let mut writer = spool.begin(facts(1, 10)).expect("begins");
    write_segment(&mut writer);
    write_segment(&mut writer);
    let folder = writer.folder().to_owned();
    let open = release(&folder, Day(11));
    assert!(matches!(open, Err(SpoolError::NotReleasable(NotReleased::Open))));
    assert!(matches!(spool.forget(RecordingId([1; 16])), Err(SpoolError::InUse)));
    let done = writer.finish(RecordingState::Complete, Losses::default()).expect("finishes");
    assert_eq!(done.segments.len(), 2);

    let approved = release(&folder, Day(11)).expect("releases");
    let released = ReleasedRecording::open(&folder).expect("is released");
    assert_eq!((released.release(), released.facts()), (&approved, &done));

    let receipt = Receipt {
        version: FACTS_VERSION,
        recording: done.recording,
        recording_digest: sha256(b"another state"),
        len_bytes: 0,
    };
    assert!(matches!(spool.delete_on_receipt(&receipt), Err(SpoolError::ReceiptDoesNotFit)));
    let receipt = Receipt { recording_digest: approved.recording_digest, ..receipt };
    spool.delete_on_receipt(&receipt).expect("deletes");
    assert!(matches!(spool.delete_on_receipt(&receipt), Err(SpoolError::Unknown)));
    assert_eq!(fs::read_dir(root.path()).expect("reads").count(), 0);
    assert_eq!(spool.used_bytes(), 0);
}

#[test]
fn a_dead_writers_recording_is_recovered_and_a_living_ones_left_alone() {
    let root = tempfile::tempdir().expect("a folder");
    let first = spool(root.path());
    let mut dead = first.begin(facts(1, 10)).expect("begins");
    write_segment(&mut dead);
    let (sealer, header) = begin_segment(&dead);
    dead.append(header).expect("takes it");
    let dead_folder = dead.folder().to_owned();
    let mut alive = first.begin(facts(2, 10)).expect("begins");
    write_segment(&mut alive);
    drop(dead);
    // Half of a last piece, as a kill leaves it.
    let last = sealer.close(Trailer::default()).expect("closes");
    let part = dead_folder.join("segments/000001.seg.part");
    let mut bytes = fs::read(&part).expect("reads");
    bytes.extend(&last.bytes()[..last.bytes().len() - 20]);
    fs::write(&part, &bytes).expect("writes");

    let recovery = spool(root.path()).recover().expect("recovers");
    assert_eq!(recovery.recovered, [RecordingId([1; 16])]);
    assert!(matches!(alive.facts().state, RecordingState::Open));
    write_segment(&mut alive);

    let found = first.recordings().expect("lists");
    let killed = found.iter().find(|r| r.folder == dead_folder).expect("is there");
    assert_eq!(killed.facts.state, RecordingState::Incomplete { why: Incomplete::Killed });
    assert_eq!(killed.facts.segments.iter().map(|s| s.torn).collect::<Vec<_>>(), [false, true]);
    assert_eq!(killed.facts.losses.segments_torn, 1);
    let torn = fs::read(dead_folder.join("segments/000001.seg")).expect("reads");
    assert_eq!(scan(&torn[..]).expect("scans").good_len, torn.len() as u64);
    release(&dead_folder, Day(12)).expect("what is left may be released");
}

#[test]
fn what_is_forgotten_leaves_no_hole_and_no_file() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = spool(root.path());
    let mut writer = spool.begin(facts(1, 10)).expect("begins");
    for _ in 0..3 {
        write_segment(&mut writer);
    }
    let (_, header) = begin_segment(&writer);
    writer.append(header).expect("takes it");
    writer.forget_from(1).expect("forgets");
    assert_eq!(writer.next_sequence(), 1);
    write_segment(&mut writer);
    let folder = writer.folder().to_owned();
    let done = writer.finish(RecordingState::Complete, Losses::default()).expect("finishes");
    assert_eq!(done.segments.iter().map(|s| s.sequence).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(fs::read_dir(folder.join("segments")).expect("reads").count(), 2);
    release(&folder, Day(11)).expect("releases");
    spool.forget(done.recording).expect("forgets");
    assert!(!folder.exists());
}

#[test]
fn recordings_are_listed_oldest_first() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = spool(root.path());
    for (seed, day) in [(3, 12), (1, 11), (2, 13)] {
        let writer = spool.begin(facts(seed, day)).expect("begins");
        writer.finish(RecordingState::Complete, Losses::default()).expect("finishes");
    }
    let days: Vec<i32> = spool.recordings().expect("lists").iter().map(|r| r.facts.day.0).collect();
    assert_eq!(days, [11, 12, 13]);
}

#[test]
fn a_withdrawn_consent_and_an_ended_agreement_hold_a_recording_back() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = spool(root.path());
    let facts = facts(1, 10);
    spool.check_may_leave(&facts, Day(100)).expect("the last day still counts");
    let late = spool.check_may_leave(&facts, Day(101));
    assert!(matches!(late, Err(SpoolError::AgreementEnded { days: 1 })));
    spool.withdraw(facts.consent).expect("notes it");
    spool.withdraw(facts.consent).expect("notes it again");
    assert!(matches!(spool.check_may_leave(&facts, Day(11)), Err(SpoolError::Withdrawn)));
    assert!(!spool.is_withdrawn(sha256(b"another consent")));
}

#[test]
fn a_piece_out_of_order_is_refused() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = spool(root.path());
    let mut writer = spool.begin(facts(1, 10)).expect("begins");
    let (sealer, _header) = begin_segment(&writer);
    let last = sealer.close(Trailer::default()).expect("closes");
    assert!(matches!(writer.append(last), Err(SpoolError::ForeignPiece)), "a segment begins with its header");
    let other = spool.begin(facts(2, 10)).expect("begins");
    let (_, foreign) = begin_segment(&other);
    assert!(matches!(writer.append(foreign), Err(SpoolError::ForeignPiece)));
    let (_, early) = begin_segment(&writer);
    write_segment(&mut writer);
    assert!(matches!(writer.append(early), Err(SpoolError::Order { expected: 1, got: 0 })));
}

#[test]
fn what_is_older_than_agreed_is_deleted_and_nothing_else() {
    let root = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(root.path(), ROOM).expect("opens");
    let mut other = facts(3, 20_700);
    other.agreement = sha256(b"another agreement");
    for facts in [facts(1, 20_700), facts(2, 20_710), other] {
        let mut writer = spool.begin(facts).expect("begins");
        write_segment(&mut writer);
        writer.finish(RecordingState::Complete, Losses::default()).expect("finishes");
    }
    let writing = spool.begin(facts(4, 20_700)).expect("begins");
    let agreement = sha256(b"agreement");
    assert_eq!(spool.forget_overdue(agreement, Day(20_710)).expect("deletes"), 1);
    let left: Vec<u8> = spool.recordings().expect("lists").iter().map(|r| r.facts.recording.0[0]).collect();
    assert_eq!(left, [3, 4, 2], "another agreement's, one that is being written, one in time");
    drop(writing);
    assert_eq!(spool.forget_overdue(agreement, Day(20_710)).expect("deletes"), 1);
}

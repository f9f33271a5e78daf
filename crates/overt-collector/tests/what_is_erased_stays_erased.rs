//! What is erased is gone, is told by a tombstone, and does not come back.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use overt_collector::{AdmitError, Store};
use overt_event::{Day, RecordingId, SegmentId};
use overt_format::ReleasedRecording;
use support::{Folder, RECORDING, files_under, store};

const TODAY: Day = Day(20_779);

/// A recording of two segments, admitted; its segments' ids.
fn admitted() -> (Folder, tempfile::TempDir, Store, [SegmentId; 2]) {
    let (folder, (root, mut store)) = (Folder::new(), store());
    store.admit(&ReleasedRecording::open(&folder.path).expect("is released")).expect("admits");
    let segments = folder.facts().segments;
    let ids = [segments[0].segment, segments[1].segment];
    (folder, root, store, ids)
}

fn blobs(root: &tempfile::TempDir) -> Vec<PathBuf> {
    files_under(&root.path().join("blobs"))
}

#[test]
fn an_erased_recording_leaves_its_tombstone_alone() {
    let (folder, root, mut store, ids) = admitted();
    let tombstone = store.erase(RECORDING, None, TODAY).expect("is erased");
    assert!(tombstone.whole);
    assert_eq!(tombstone.segments.keys().copied().collect::<Vec<_>>(), ids);
    assert_eq!(files_under(root.path()), [root.path().join(format!("erased/{RECORDING}.json"))]);
    assert!(store.recordings().expect("lists").is_empty());
    assert!(matches!(store.recording(RECORDING), Err(AdmitError::Unknown)));
    assert_eq!(store.erased(RECORDING).expect("is known"), BTreeSet::from(ids));
    let again = ReleasedRecording::open(&folder.path).expect("is released");
    assert!(matches!(store.admit(&again), Err(AdmitError::Erased)));
    assert_eq!(store.erase(RECORDING, None, Day(20_790)).expect("again"), tombstone);
}

#[test]
fn of_a_recording_one_segment_is_erased_and_then_the_other() {
    let (folder, root, mut store, [first, second]) = admitted();
    let tombstone = store.erase(RECORDING, Some(&BTreeSet::from([first])), TODAY).expect("is erased");
    assert!(!tombstone.whole);
    assert_eq!(store.erased(RECORDING).expect("is known"), BTreeSet::from([first]));
    assert_eq!(store.recordings().expect("lists"), [RECORDING]);
    let kept = store.recording(RECORDING).expect("is there");
    let there: Vec<bool> = kept.segments().iter().map(|s| s.path.exists()).collect();
    assert_eq!(there, [false, true]);
    assert_eq!(blobs(&root).len(), 1);
    let again = ReleasedRecording::open(&folder.path).expect("is released");
    assert!(matches!(store.admit(&again), Err(AdmitError::Erased)));
    assert!(store.erase(RECORDING, Some(&BTreeSet::from([second])), TODAY).expect("is erased").whole);
    assert!(blobs(&root).is_empty());
    assert!(store.recordings().expect("lists").is_empty());
}

#[test]
fn what_is_not_there_is_not_erased() {
    let (_folder, root, mut store, _) = admitted();
    let before = files_under(root.path());
    let foreign = BTreeSet::from([SegmentId([99; 16])]);
    assert!(matches!(store.erase(RECORDING, Some(&foreign), TODAY), Err(AdmitError::UnknownSegment)));
    assert!(matches!(store.erase(RecordingId([9; 16]), None, TODAY), Err(AdmitError::Unknown)));
    assert_eq!(files_under(root.path()), before);
}

#[test]
fn an_erasing_that_was_interrupted_counts_and_is_finished_by_asking_again() {
    let (folder, root, mut store, ids) = admitted();
    let whole = files_under(root.path()).into_iter().map(|p| (fs::read(&p).expect("reads"), p));
    let whole: Vec<_> = whole.collect();
    store.erase(RECORDING, None, TODAY).expect("is erased");
    // As after a crash: the tombstone is there, and so is all that it names.
    whole.iter().for_each(|(bytes, path)| fs::write(path, bytes).expect("writes"));
    let mut store = Store::open(root.path()).expect("opens");
    assert!(store.recordings().expect("lists").is_empty());
    assert!(matches!(store.recording(RECORDING), Err(AdmitError::Unknown)));
    assert_eq!(store.erased(RECORDING).expect("is known"), BTreeSet::from(ids));
    let again = ReleasedRecording::open(&folder.path).expect("is released");
    assert!(matches!(store.admit(&again), Err(AdmitError::Erased)));
    store.erase(RECORDING, None, TODAY).expect("is finished");
    assert_eq!(files_under(root.path()).len(), 1, "the tombstone");
}

#[test]
fn what_is_kept_longer_than_agreed_is_overdue_and_nothing_else() {
    let (folder, _root, mut store, _) = admitted();
    let facts = folder.facts();
    let overdue = |store: &Store, agreement, day| store.overdue(agreement, Day(day)).expect("it reads");
    assert_eq!(overdue(&store, facts.agreement, facts.day.0 + 1), [RECORDING]);
    assert!(overdue(&store, facts.agreement, facts.day.0).is_empty(), "its own day is kept");
    assert!(overdue(&store, facts.consent, facts.day.0 + 1).is_empty(), "of another agreement");
    store.erase(RECORDING, None, TODAY).expect("is erased");
    assert!(overdue(&store, facts.agreement, facts.day.0 + 1).is_empty(), "it is gone");
}

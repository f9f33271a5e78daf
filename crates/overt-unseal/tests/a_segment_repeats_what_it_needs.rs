//! A segment says again what it needs of those before it; who opens both gets it once.

mod support;

use overt_event::Record;
use overt_format::{RecordingDir, RecordingFacts};
use overt_unseal::{Grant, TrainAgents, open, verify_sealed};
use support::{Draft, Folder, Item, RECORDING, STUDY, keys, moved, pictured, typed};

fn again((record, pixels): Item) -> Item {
    (Record { repeated: true, ..record }, pixels)
}

fn two_segments() -> Folder {
    let first = Draft::new(RECORDING, 0, &[moved(1), pictured(2, 30), typed(3, "hello")]);
    let second = Draft::new(RECORDING, 1, &[again(moved(1)), moved(4), again(pictured(2, 30))]);
    Folder::of(&[first.seal(), second.seal()])
}

/// Number of each record that is given, and whether it comes with a picture.
fn given(dir: &RecordingDir, folder: &Folder) -> Vec<(u64, bool)> {
    let grant = Grant::<TrainAgents>::new("a test", "repetitions");
    let opened = open(dir, &grant, &keys(STUDY), &mut folder.log()).expect("opens");
    opened.map(|item| item.expect("reads").stored).map(|s| (s.record.seq.0, s.pixels.is_some())).collect()
}

#[test]
fn who_opens_both_segments_gets_everything_once() {
    let folder = two_segments();
    assert_eq!(given(&folder.dir(), &folder), [(1, false), (2, true), (3, false), (4, false)]);
}

#[test]
fn the_second_segment_alone_gives_what_it_repeats() {
    let folder = two_segments();
    let dir = folder.dir();
    let facts = RecordingFacts { segments: vec![dir.facts().segments[1]], ..dir.facts().clone() };
    let alone = RecordingDir::placed(facts, None, |s| folder.segment(s.sequence));
    assert_eq!(given(&alone, &folder), [(1, false), (4, false), (2, true)]);
}

#[test]
fn what_is_repeated_is_counted_once() {
    let folder = two_segments();
    let grant = Grant::<TrainAgents>::new("a test", "counts");
    let report = verify_sealed(&folder.dir(), &grant, &keys(STUDY), &mut folder.log()).expect("opens");
    assert!(report.problems.is_empty());
    assert_eq!((report.records, report.pictures), (4, 1));
    let by_trailers: u64 = report.trailers.iter().flat_map(|t| t.records.values()).sum();
    assert_eq!(by_trailers, 4);
}

//! Whatever happens when, each segment of a recording can be read alone.

use std::collections::BTreeSet;
use std::path::Path;

use overt_event::{Binding, MonoNanos, RecordBody};
use overt_format::{RecordingDir, RecordingFacts};
use overt_unseal::keyfile::SecretKey;
use overt_unseal::{AccessLog, Grant, OwnKeys, TrainAgents, open};
use proptest::prelude::*;

use crate::staged::{Desk, STUDY, deeds, records};

/// Reads one segment as if the others were gone; the number of pictures that its bindings name.
fn check_alone(dir: &RecordingDir, index: usize, log: &Path) -> usize {
    let segment = &dir.segments()[index];
    let facts = RecordingFacts { segments: vec![segment.facts], ..dir.facts().clone() };
    let alone = RecordingDir::placed(facts, None, |_| segment.path.clone());
    let mut keys = OwnKeys::new();
    keys.add(SecretKey::from_bytes(&STUDY));
    let grant = Grant::<TrainAgents>::new("a test", "to read a segment alone");
    let mut log = AccessLog::open(log).expect("a log");
    let (mut known, mut kinds, mut named) = (BTreeSet::new(), BTreeSet::new(), 0);
    for item in open(&alone, &grant, &keys, &mut log).expect("it opens") {
        let body = item.expect("it reads").stored.record.body;
        kinds.insert(overt_format::record_kind(&body));
        match body {
            RecordBody::Frame(frame) => drop(known.insert(frame.id)),
            RecordBody::Binding(Binding::Before { frame, .. } | Binding::After { frame, .. }) => {
                assert!(known.contains(&frame), "segment {index} names a picture it does not hold");
                named += 1;
            }
            _ => {}
        }
    }
    assert!(["clock", "topology", "window"].iter().all(|kind| kinds.contains(kind)), "{index}: {kinds:?}");
    named
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_segment_can_be_read_alone(
        deeds in deeds(250..300),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = Desk::new(&folder.path().join("spool"));
        desk.work(&deeds);
        let dir = desk.ends();
        prop_assert!(dir.segments().len() > 1, "it is longer than a segment");
        let log = folder.path().join("openings.jsonl");
        let named: usize = (0..dir.segments().len()).map(|i| check_alone(&dir, i, &log)).sum();
        prop_assert!(named > 100, "most presses have a picture");
    }

    #[test]
    fn what_is_forgotten_is_in_no_segment(before in deeds(100..300), secs in 1_u64..90, after in deeds(10..100)) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = Desk::new(&folder.path().join("spool"));
        desk.work(&before);
        // What the verdict is from then on is told with a time rounded down.
        let (erased_from, to) = (desk.forget(secs), desk.now.floor_to_millis(100));
        desk.work(&after);
        let dir = desk.ends();
        let told = records(&dir).into_iter().filter(|r| !matches!(r.body, RecordBody::Gap { .. }));
        let times: Vec<MonoNanos> = told.map(|r| r.time).collect();
        prop_assert!(!times.iter().any(|t| (erased_from..to).contains(t)), "nothing of that time is left");
        prop_assert!(times.iter().any(|t| *t >= to), "what came after is kept");
    }
}

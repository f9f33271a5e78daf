//! From any row one can name its segments; from an erased segment, every version that must be rebuilt.

mod support;

use std::collections::BTreeSet;

use overt_dataset::{build, read_lineage, read_steps};
use overt_event::SegmentId;

#[test]
fn every_row_names_its_segments_and_every_segment_its_versions() {
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let make = |name: &str, recording: u8| {
        let out = place.path().join(name);
        let inputs = vec![support::opened(sealed.path(), recording, 2)];
        let report = build(inputs, &support::settings(&out), &mut |_| ()).expect("it is built");
        (out, report.manifest)
    };
    let (one, of_one) = make("one", 7);
    let (_, of_other) = make("other", 9);

    let lineage = read_lineage(&one).expect("it reads");
    let known: BTreeSet<SegmentId> =
        of_one.recordings.iter().flat_map(|r| &r.segments).map(|s| s.segment).collect();
    let rows = read_steps(&one).expect("it opens").map(|r| r.expect("it reads").row);
    for row in rows.filter(|row| *row < i64::try_from(of_one.rows).expect("few rows")) {
        let segments: Vec<_> = lineage.iter().filter(|d| d.table == "steps" && d.row == row).collect();
        assert!(!segments.is_empty(), "row {row} names no segment");
        assert!(segments.iter().all(|d| known.contains(&d.segment)));
    }
    for segment in known {
        let erased = BTreeSet::from([segment]);
        assert!(of_one.must_rebuild(&erased));
        assert!(!of_other.must_rebuild(&erased), "the other version never saw it");
    }
    assert!(!of_one.must_rebuild(&BTreeSet::new()));
}

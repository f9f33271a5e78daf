//! From any row one can name its segments; from an erased segment, every version that must be rebuilt; and the
//! version that replaces it holds nothing of what was erased.

mod support;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use overt_dataset::{
    BuildSettings, DatasetError, Input, Manifest, Parent, SegmentNote, Standing, build, mark_must_rebuild,
    read_lineage, read_steps, standing, usable,
};
use overt_event::SegmentId;
use overt_format::sha256;
use support::Take;

fn without(manifest: &Manifest, erased: &[SegmentId]) -> Standing {
    let keeps = |s: &SegmentNote| Ok::<_, Infallible>(!erased.contains(&s.segment));
    standing(manifest, |_, s| keeps(s)).expect("it is known")
}

fn segments(manifest: &Manifest) -> BTreeSet<SegmentId> {
    manifest.recordings.iter().flat_map(|r| &r.segments).map(|s| s.segment).collect()
}

#[test]
fn every_row_names_its_segments_and_every_segment_its_versions() {
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let make = |name: &str, recording: u8| {
        let out = place.path().join(name);
        let input = support::input(sealed.path(), recording, 2);
        let report = support::make(sealed.path(), &out, vec![input]).expect("it is built");
        (out, report.manifest)
    };
    let (one, of_one) = make("one", 7);
    let (_, of_other) = make("other", 9);

    let lineage = read_lineage(&one).expect("it reads");
    let known = segments(&of_one);
    let rows = read_steps(&one).expect("it opens").map(|r| r.expect("it reads").row);
    for row in rows.filter(|row| *row < i64::try_from(of_one.rows).expect("few rows")) {
        let segments: Vec<_> = lineage.iter().filter(|d| d.table == "steps" && d.row == row).collect();
        assert!(!segments.is_empty(), "row {row} names no segment");
        assert!(segments.iter().all(|d| known.contains(&d.segment)));
    }
    for segment in known {
        assert!(without(&of_one, &[segment]).must_rebuild());
        assert!(!without(&of_other, &[segment]).must_rebuild(), "the other version never saw it");
    }
    assert!(!without(&of_one, &[]).must_rebuild());
}

/// A version of two recordings, of three segments and one.
fn first_version(place: &Path, sealed: &Path) -> (PathBuf, Manifest) {
    let out = place.join("first");
    let inputs = vec![support::input(sealed, 7, 3), support::input(sealed, 9, 1)];
    let report = support::make(sealed, &out, inputs).expect("it is built");
    (out, report.manifest)
}

#[test]
fn a_version_that_must_be_rebuilt_is_refused() {
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let (out, manifest) = first_version(place.path(), sealed.path());
    assert_eq!(usable(&out, "2026-11-22").expect("it is usable"), manifest);
    let standing = without(&manifest, &[manifest.recordings[0].segments[1].segment]);
    assert!(matches!(standing.check(), Err(DatasetError::MustRebuild { segments: 1 })));
    mark_must_rebuild(&out, &standing).expect("it is marked");
    assert!(matches!(usable(&out, "2026-11-22"), Err(DatasetError::MustRebuild { segments: 1 })));
    std::fs::write(out.join(overt_dataset::MUST_REBUILD_FILE), b"").expect("the mark is altered");
    assert!(
        matches!(usable(&out, "2026-11-22"), Err(DatasetError::MustRebuild { .. })),
        "that it is there counts"
    );
}

#[test]
fn the_next_version_holds_nothing_of_what_was_erased() {
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let (out, manifest) = first_version(place.path(), sealed.path());
    let erased = manifest.recordings[0].segments[1].segment;
    let parent = Parent::read(&out, without(&manifest, &[erased])).expect("it must be rebuilt");
    let left =
        |recording: u8, segments| support::found(sealed.path(), Take::new(recording, segments)).recording;
    let inputs = vec![parent.input(left(7, 3)), parent.input(left(9, 1))];
    std::fs::remove_file(support::path(sealed.path(), 7, 1)).expect("it is erased");

    let next = place.path().join("next");
    let grant = support::settings(&next).grant;
    let settings = BuildSettings::next_of(&parent, &next, grant);
    let made = build(inputs, &support::opener(sealed.path()), &settings, &mut |_| ()).expect("it is built");
    let note = &made.manifest.recordings[0];
    assert!(!segments(&made.manifest).contains(&erased));
    assert_eq!(note.erased, BTreeSet::from([erased]));
    assert_eq!(note.segments.iter().map(|s| s.sequence).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(note.ledger.gaps.get("erased"), Some(&1));
    assert_eq!((made.manifest.rows, manifest.rows), (12, 16));
    let splits = |m: &Manifest| m.recordings.iter().map(|r| r.split.clone()).collect::<Vec<_>>();
    assert_eq!(splits(&made.manifest), splits(&manifest));
    assert!(read_lineage(&next).expect("it reads").iter().all(|d| d.segment != erased));
    let named = made.manifest.parent.expect("it names its parent");
    let bytes = std::fs::read(out.join(overt_dataset::MANIFEST_FILE)).expect("a manifest");
    assert_eq!((named.sha256, named.erased), (sha256(&bytes), BTreeSet::from([erased])));
}

#[test]
fn what_was_erased_twice_stays_erased_and_nothing_left_is_no_version() {
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let (out, manifest) = first_version(place.path(), sealed.path());
    let found = || support::found(sealed.path(), Take::new(7, 3)).recording;
    let ids: Vec<_> = manifest.recordings[0].segments.iter().map(|s| s.segment).collect();
    let only = ids.iter().chain([&manifest.recordings[1].segments[0].segment]).copied().collect::<Vec<_>>();

    let parent = Parent::read(&out, without(&manifest, &[ids[1], only[3]])).expect("it must be rebuilt");
    assert_eq!(parent.recordings_left().count(), 1);
    let second = place.path().join("second");
    let settings = BuildSettings::next_of(&parent, &second, support::settings(&second).grant);
    let open = support::opener(sealed.path());
    let made = build(vec![parent.input(found())], &open, &settings, &mut |_| ()).expect("it is built");

    let parent = Parent::read(&second, without(&made.manifest, &[ids[2]])).expect("it must be rebuilt");
    let Input { erased, .. } = parent.input(found());
    assert_eq!(erased, BTreeSet::from([ids[1], ids[2]]));
    assert!(matches!(Parent::read(&second, without(&made.manifest, &[])), Err(DatasetError::Current)));

    let parent = Parent::read(&out, without(&manifest, &only)).expect("it must be rebuilt");
    let third = place.path().join("third");
    let settings = BuildSettings::next_of(&parent, &third, support::settings(&third).grant);
    let nothing = build(vec![parent.input(found())], &open, &settings, &mut |_| ());
    assert!(matches!(nothing, Err(DatasetError::NoInputs)));
}

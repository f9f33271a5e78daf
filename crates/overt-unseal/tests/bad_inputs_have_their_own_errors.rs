//! Recordings that were cut, altered, swapped or forged, each with the error that names it.

mod support;

use std::fs;

use overt_event::RecordingId;
use overt_format::{FormatError, PlainFault, RecordingDir, RecordingState, Release, SegmentHeader};
use overt_unseal::{
    Grant, KeyError, Problem, SegmentFault, TrainAgents, UnsealError, open, verify_public, verify_sealed,
};
use support::{Draft, Folder, RECORDING, STUDY, keys, moved, pictured, typed};

fn grant() -> Grant<TrainAgents> {
    Grant::new("a test", "to see it fail")
}

/// The items that can be read, and what then goes wrong.
fn read(folder: &Folder) -> (usize, Option<UnsealError>) {
    let opened = match open(&folder.dir(), &grant(), &keys(STUDY), &mut folder.log()) {
        Err(error) => return (0, Some(error)),
        Ok(opened) => opened,
    };
    let (mut items, mut error) = (0, None);
    for item in opened {
        match item {
            Ok(_) => items += 1,
            Err(e) => error = Some(e),
        }
    }
    (items, error)
}

fn fault(error: Option<UnsealError>) -> (u32, SegmentFault) {
    match error {
        Some(UnsealError::Segment { sequence, fault }) => (sequence, fault),
        other => panic!("{other:?}"),
    }
}

fn header_len(bytes: &[u8]) -> usize {
    SegmentHeader::read(bytes).expect("a header").1 as usize
}

#[test]
fn a_segment_cut_at_any_byte_is_an_error_and_never_a_short_recording() {
    let folder = Folder::of(&[Draft::new(RECORDING, 0, &[moved(1), typed(2, "ab"), moved(3)]).seal()]);
    let whole = folder.read_segment(0);
    let (all, error) = read(&folder);
    assert!(all == 3 && error.is_none(), "{error:?}");
    let header = header_len(&whole);
    // The header's own tests cut it at every byte.
    for len in (0..header).step_by(61).chain(header..whole.len()) {
        folder.put_segment(0, &whole[..len]);
        let (items, error) = read(&folder);
        assert!(items <= all, "cut at {len}");
        match fault(error).1 {
            SegmentFault::Format(FormatError::HeaderCut { .. }) if len < header => {}
            SegmentFault::Digest | SegmentFault::Cut if len >= header => {}
            other => panic!("cut at {len}: {other:?}"),
        }
    }
}

#[test]
fn a_bit_flipped_anywhere_is_an_error() {
    let folder = Folder::of(&[Draft::new(RECORDING, 0, &[moved(1), typed(2, "ab")]).seal()]);
    let whole = folder.read_segment(0);
    let header = header_len(&whole);
    for at in (0..20).chain((20..header).step_by(61)).chain(header..whole.len()) {
        let mut bad = whole.clone();
        bad[at] ^= 1 << (at % 8);
        folder.put_segment(0, &bad);
        let (_, error) = read(&folder);
        let expected = match (&error, at) {
            (Some(UnsealError::Segment { fault: SegmentFault::Format(f), .. }), 0..8) => {
                matches!(f, FormatError::Magic)
            }
            (Some(UnsealError::Segment { fault: SegmentFault::Format(f), .. }), 8..10) => {
                matches!(f, FormatError::Version { .. })
            }
            (Some(UnsealError::Segment { fault: SegmentFault::Format(f), .. }), 10..12) => {
                matches!(f, FormatError::Suite { .. })
            }
            (Some(UnsealError::Segment { fault: SegmentFault::Format(f), .. }), 12..16) => matches!(
                f,
                FormatError::Limit { .. } | FormatError::Checksum { .. } | FormatError::HeaderCut { .. }
            ),
            (Some(UnsealError::Segment { fault: SegmentFault::Format(f), .. }), _) if at < header => {
                matches!(f, FormatError::Checksum { offset: 16 })
            }
            (Some(UnsealError::Segment { fault: SegmentFault::Format(f), .. }), _) => {
                matches!(f, FormatError::Checksum { .. } | FormatError::Limit { .. })
            }
            (Some(UnsealError::Segment { fault: SegmentFault::Cut, .. }), _) => at >= header,
            _ => false,
        };
        assert!(expected, "byte {at}: {error:?}");
    }
}

#[test]
fn ciphertext_that_was_altered_with_its_checksums_does_not_decrypt() {
    let folder = Folder::usual();
    let mut bytes = folder.read_segment(0);
    let start = header_len(&bytes);
    let len = u32::from_le_bytes(bytes[start..start + 4].try_into().expect("four bytes")) as usize;
    let end = start + 8 + len;
    bytes[start + 20] ^= 1;
    let frame =
        overt_format::frame_bytes(overt_format::FrameKind::More, &bytes[start + 8..end]).expect("fits");
    bytes[start..end].copy_from_slice(&frame);
    folder.put_segment(0, &bytes);
    folder.refit();
    assert!(
        verify_public(&folder.dir()).expect("checks").problems.is_empty(),
        "without a key it looks sound"
    );
    let (items, error) = read(&folder);
    assert_eq!(items, 0);
    assert!(matches!(fault(error), (0, SegmentFault::Altered { offset }) if offset == start as u64));
}

#[test]
fn frames_cannot_change_places_or_segments() {
    let folder = Folder::usual();
    let whole = folder.read_segment(0);
    let start = header_len(&whole);
    let frame_len = |at: usize| {
        8 + (u32::from_le_bytes(whole[at..at + 4].try_into().expect("four bytes")) & 0x7fff_ffff) as usize
    };
    let (a, b) = (frame_len(start), frame_len(start + frame_len(start)));
    let (first, second) = (&whole[start..start + a], &whole[start + a..start + a + b]);
    let swapped = [&whole[..start], second, first, &whole[start + a + b..]].concat();
    let missing = [&whole[..start], second, &whole[start + a + b..]].concat();
    for bad in [swapped, missing] {
        folder.put_segment(0, &bad);
        folder.refit();
        assert!(
            matches!(fault(read(&folder).1), (0, SegmentFault::Altered { offset }) if offset == start as u64)
        );
    }
}

#[test]
fn a_header_that_was_rewritten_unwraps_no_key() {
    let folder = Folder::usual();
    let whole = folder.read_segment(0);
    let (mut header, len) = SegmentHeader::read(&whole[..]).expect("a header");
    header.purposes.push(overt_event::Purpose::EvaluateAgents);
    let mut bad = header.encode().expect("encodes");
    bad.extend(&whole[len as usize..]);
    folder.put_segment(0, &bad);
    folder.refit();
    let (_, error) = read(&folder);
    assert!(matches!(error, Some(UnsealError::Key { sequence: 0, source: KeyError::Unwrap })), "{error:?}");
}

#[test]
fn segments_of_another_recording_or_place_are_foreign() {
    let folder = Folder::usual();
    let other = Draft::new(RecordingId([0x99; 16]), 1, &[moved(4)]).seal();
    folder.put_segment(1, &other);
    assert!(matches!(fault(read(&folder).1), (1, SegmentFault::Foreign)));
    let folder = Folder::usual();
    let (a, b) = (folder.read_segment(0), folder.read_segment(1));
    folder.put_segment(0, &b);
    folder.put_segment(1, &a);
    assert!(matches!(fault(read(&folder).1), (0, SegmentFault::Foreign)));
}

#[test]
fn a_missing_segment_opens_nothing() {
    let folder = Folder::usual();
    fs::remove_file(folder.segment(1)).expect("removes");
    let (items, error) = read(&folder);
    assert_eq!(items, 0);
    assert!(matches!(fault(error), (1, SegmentFault::Missing)));
    assert!(!folder.log_path().exists() || fs::read(folder.log_path()).expect("reads").is_empty());
}

#[test]
fn facts_that_were_altered_do_not_fit() {
    let folder = Folder::usual();
    let mut facts = folder.facts();
    facts.segments[0].sha256.0[0] ^= 1;
    folder.put_facts(&facts);
    let (items, error) = read(&folder);
    assert_eq!(items, 3, "what was read was read; the digest is known at the end");
    assert!(matches!(fault(error), (0, SegmentFault::Digest)));

    let folder = Folder::usual();
    let json = fs::read_to_string(folder.path.join("recording.json")).expect("reads");
    let check = |text: String, expected: fn(&FormatError) -> bool| {
        fs::write(folder.path.join("recording.json"), text).expect("writes");
        let error = RecordingDir::local(&folder.path).err().expect("is refused");
        assert!(expected(&error), "{error:?}");
    };
    check(json.replacen("\"version\":1", "\"version\":2", 1), |e| {
        matches!(e, FormatError::Version { got: 2, .. })
    });
    check(json.replacen(':', ": ", 1), |e| matches!(e, FormatError::Json));
    check(json.replacen("\"version\":1", "\"version\":1,\"extra\":0", 1), |e| matches!(e, FormatError::Json));
    check(json.replacen("\"sequence\":0", "\"sequence\":1", 1), |e| {
        matches!(e, FormatError::Sequence { expected: 0, got: 1 })
    });
    check(String::new(), |e| matches!(e, FormatError::Json));
}

#[test]
fn a_torn_segment_reads_to_its_end_only_where_the_facts_say_that_it_is_torn() {
    let folder = Folder::of(&[Draft::new(RECORDING, 0, &[moved(1), typed(2, "ab"), moved(3)]).seal()]);
    let whole = folder.read_segment(0);
    let scan = overt_format::scan(&whole[..whole.len() - 1]).expect("scans");
    folder.put_segment(0, &whole[..scan.good_len as usize]);
    folder.refit();
    assert!(matches!(fault(read(&folder).1), (0, SegmentFault::Cut)));
    let mut facts = folder.facts();
    facts.segments[0].torn = true;
    folder.put_facts(&facts);
    let (items, error) = read(&folder);
    assert!(items == 3 && error.is_none(), "{error:?}");
    folder.put_segment(0, &whole);
    folder.refit();
    assert!(matches!(fault(read(&folder).1), (0, SegmentFault::NotCut)));
}

#[test]
fn a_trailer_that_counts_otherwise_is_found() {
    let mut draft = Draft::new(RECORDING, 0, &[moved(1), pictured(2, 9)]);
    let trailer = String::from_utf8(draft.trailer.clone()).expect("is text");
    draft.trailer = trailer.replace("\"pictures\":1", "\"pictures\":2").into_bytes();
    let folder = Folder::of(&[draft.seal()]);
    assert!(matches!(fault(read(&folder).1), (0, SegmentFault::Counts)));
    draft.trailer = b"{}".to_vec();
    let folder = Folder::of(&[draft.seal()]);
    assert!(matches!(fault(read(&folder).1), (0, SegmentFault::Trailer)));
}

#[test]
fn plaintext_that_is_no_container_is_an_error_with_a_place() {
    let mut draft = Draft::new(RECORDING, 0, &[moved(1)]);
    draft.plaintext[3] ^= 1;
    let folder = Folder::of(&[draft.seal()]);
    let (_, found) = fault(read(&folder).1);
    let expected = PlainFault::Container;
    assert!(
        matches!(found, SegmentFault::Format(FormatError::Plain { offset: 0, fault }) if fault == expected),
        "{found:?}"
    );
    let mut draft = Draft::new(RECORDING, 0, &[moved(1)]);
    draft.plaintext.truncate(draft.plaintext.len() - 4);
    let folder = Folder::of(&[draft.seal()]);
    assert!(matches!(fault(read(&folder).1), (0, SegmentFault::Cut)));
}

#[test]
fn verify_without_a_key_names_what_is_wrong() {
    let problems = |folder: &Folder| verify_public(&folder.dir()).expect("checks").problems;
    let folder = Folder::usual();
    assert!(problems(&folder).is_empty());

    let mut facts = folder.facts();
    let recording_digest = facts.digest().expect("hashes");
    facts.state = RecordingState::Open;
    folder.put_facts(&facts);
    assert!(matches!(problems(&folder)[..], [Problem::Open]));
    let release = Release { version: 1, recording: RECORDING, recording_digest, released: facts.day };
    fs::write(folder.path.join("release.json"), release.encode().expect("encodes")).expect("writes");
    assert!(matches!(problems(&folder)[..], [Problem::Open, Problem::ReleaseDoesNotFit]));

    let folder = Folder::usual();
    let whole = folder.read_segment(1);
    folder.put_segment(1, &whole[..whole.len() - 9]);
    fs::remove_file(folder.segment(0)).expect("removes");
    let found = problems(&folder);
    let [Problem::Segment { sequence: 0, fault: a }, Problem::Segment { sequence: 1, fault: b }] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert!(matches!((a, b), (SegmentFault::Missing, SegmentFault::Cut)));
}

#[test]
fn verify_with_a_key_looks_at_every_segment() {
    let folder = Folder::usual();
    let report = verify_sealed(&folder.dir(), &grant(), &keys(STUDY), &mut folder.log()).expect("opens");
    assert!(report.problems.is_empty());
    assert_eq!((report.records, report.pictures, report.trailers.len()), (5, 2, 2));
    let mut bytes = folder.read_segment(0);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    folder.put_segment(0, &bytes);
    let report = verify_sealed(&folder.dir(), &grant(), &keys(STUDY), &mut folder.log()).expect("opens");
    assert!(matches!(report.problems[..], [Problem::Segment { sequence: 0, .. }]));
    assert_eq!(report.trailers.len(), 1, "the second segment is sound");
}

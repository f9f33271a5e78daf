//! Records and pixels come back from the plaintext of a segment exactly as they went in, and no
//! input makes the decoder panic.

use std::sync::Arc;

use overt_event::{
    CursorId, CursorShape, Frame, FrameId, FrameRecord, MonoNanos, Point, Record, RecordBody, Seq, TILE_PX,
    Tile, TopologyId,
};
use overt_format::{FormatError, PlainFault, SegmentDecoder, SegmentEncoder, Stored, TILE_WINDOW};
use proptest::prelude::*;

fn record(n: u64, body: RecordBody) -> Record {
    let time = MonoNanos(n * 1_000_000);
    Record {
        seq: Seq(n),
        time,
        arrival: time,
        injected: n.is_multiple_of(3),
        repeated: false,
        device: 4,
        app: None,
        body,
    }
}

fn frame_record(n: u64, width: u32, height: u32) -> Record {
    let body = RecordBody::Frame(FrameRecord {
        id: FrameId(n as u32),
        topology: TopologyId(0),
        grab_begin: MonoNanos(n),
        grab_end: MonoNanos(n + 1),
        width,
        height,
        filled_permille: 17,
    });
    record(n, body)
}

/// A frame of whole tiles, each filled by a number.
fn frame_of(columns: u32, rows: u32, colours: impl IntoIterator<Item = u32>) -> Arc<Frame> {
    let tile = |c: u32| Arc::new(Tile::solid([c as u8, (c >> 8) as u8, (c >> 16) as u8]));
    let tiles: Vec<_> = colours.into_iter().take((columns * rows) as usize).map(tile).collect();
    let side = TILE_PX as u32;
    Arc::new(Frame { width: columns * side, height: rows * side, tiles })
}

/// What was pushed: everything that can be compared.
type Seen = (Record, Option<Vec<u8>>);

fn seen(stored: &Stored) -> Seen {
    ((*stored.record).clone(), stored.pixels.as_ref().map(|p| p.to_rgb()))
}

fn decode(plaintext: &[u8], step: usize) -> (Vec<Stored>, Option<FormatError>, bool) {
    let mut decoder = SegmentDecoder::new().expect("begins");
    let (mut items, mut error) = (Vec::new(), None);
    let mut take = |decoder: &mut SegmentDecoder| {
        for item in decoder {
            match item {
                Ok(piece) => items.extend(piece),
                Err(e) => error = Some(e),
            }
        }
    };
    for piece in plaintext.chunks(step) {
        decoder.feed(piece);
        take(&mut decoder);
    }
    decoder.end();
    take(&mut decoder);
    let truncated = decoder.truncated();
    (items, error, truncated)
}

#[derive(Clone, Debug)]
enum Step {
    Move(i32, i32),
    /// Moves of one mouse: what each is late by, and where it leads to.
    Moves(Vec<(u64, i32, i32)>),
    Text(String),
    /// Columns, rows, and the numbers that the tiles are filled by.
    Picture(u32, u32, Vec<u32>),
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (any::<i32>(), any::<i32>()).prop_map(|(x, y)| Step::Move(x, y)),
        prop::collection::vec((0..40_u64, any::<i32>(), any::<i32>()), 0..9).prop_map(Step::Moves),
        prop::collection::vec((0..3_u64, 0..2000, 0..2000), 500..540).prop_map(Step::Moves),
        ".{0,40}".prop_map(Step::Text),
        (1..4_u32, 1..3_u32, prop::collection::vec(0..5_u32, 12))
            .prop_map(|(c, r, n)| Step::Picture(c, r, n)),
        Just(Step::Flush),
    ]
}

/// The plaintext, what went into it, and how many items each flush had made safe at what length.
fn encode(steps: &[Step]) -> (Vec<u8>, Vec<Seen>, Vec<(usize, usize)>) {
    let mut encoder = SegmentEncoder::new().expect("begins");
    let (mut plaintext, mut expected, mut safe) = (Vec::new(), Vec::new(), vec![(0, 0)]);
    let mut n = 0;
    for step in steps {
        n += 1;
        let (record, pixels) = match step {
            Step::Moves(moves) => {
                for (late, x, y) in moves {
                    n += 1;
                    let mut record = record(n, RecordBody::PointerMove { at: Point { x: *x, y: *y } });
                    // Not in order: what came late may have happened before.
                    record.time = MonoNanos((n * 1_000_000).saturating_sub(late * 300_000));
                    record.injected = false;
                    encoder.push(&record, None).expect("takes it");
                    expected.push((record, None));
                }
                continue;
            }
            Step::Move(x, y) => (record(n, RecordBody::PointerMove { at: Point { x: *x, y: *y } }), None),
            Step::Text(text) => (record(n, RecordBody::Text { text: text.clone() }), None),
            Step::Picture(c, r, colours) => {
                let frame = frame_of(*c, *r, colours.iter().copied());
                (frame_record(n, frame.width, frame.height), Some(frame))
            }
            Step::Flush => {
                plaintext.extend(encoder.take_flushed().expect("flushes"));
                safe.push((plaintext.len(), expected.len()));
                continue;
            }
        };
        encoder.push(&record, pixels.as_ref()).expect("takes it");
        expected.push((record, pixels.map(|p| p.to_rgb())));
    }
    plaintext.extend(encoder.finish().expect("finishes"));
    (plaintext, expected, safe)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_segment_reads_back_in_pieces_of_any_size(
        steps in prop::collection::vec(step(), 0..20),
        size in 1..5000_usize,
    ) {
        let (plaintext, expected, _) = encode(&steps);
        let (items, error, truncated) = decode(&plaintext, size);
        prop_assert!(error.is_none(), "{error:?}");
        prop_assert!(!truncated);
        prop_assert_eq!(items.iter().map(seen).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_torn_segment_gives_all_that_was_flushed_and_says_that_it_is_torn(
        steps in prop::collection::vec(step(), 1..16),
        cut in any::<prop::sample::Index>(),
    ) {
        let (plaintext, expected, safe) = encode(&steps);
        let cut = cut.index(plaintext.len());
        let (items, error, truncated) = decode(&plaintext[..cut], 1024);
        prop_assert!(error.is_none(), "{error:?}");
        prop_assert!(truncated);
        let items: Vec<_> = items.iter().map(seen).collect();
        prop_assert_eq!(&items[..], &expected[..items.len()]);
        let safe = safe.iter().filter(|(len, _)| *len <= cut).map(|(_, n)| *n).max().unwrap_or(0);
        prop_assert!(items.len() >= safe, "{} of {safe}", items.len());
    }

    #[test]
    fn a_changed_byte_is_an_error_or_changes_nothing_that_is_read(
        steps in prop::collection::vec(step(), 1..10),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let (mut plaintext, expected, _) = encode(&steps);
        let at = at.index(plaintext.len());
        plaintext[at] ^= 1 << bit;
        let (items, error, truncated) = decode(&plaintext, 4096);
        let items: Vec<_> = items.iter().map(seen).collect();
        let same = items == expected;
        prop_assert!(error.is_some() || truncated || same, "byte {at} bit {bit}");
    }

    #[test]
    fn foreign_bytes_are_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut plaintext = b"\x89MCAP0\r\n".to_vec();
        plaintext.extend(bytes);
        let (items, ..) = decode(&plaintext, 64);
        prop_assert!(items.is_empty());
    }

    #[test]
    fn foreign_container_records_are_an_error_and_never_a_panic(
        records in prop::collection::vec((0..20_u8, prop::collection::vec(any::<u8>(), 0..80)), 1..8),
    ) {
        let mut plaintext = b"\x89MCAP0\r\n".to_vec();
        for (opcode, body) in records {
            plaintext.push(opcode);
            plaintext.extend((body.len() as u64).to_le_bytes());
            plaintext.extend(body);
        }
        decode(&plaintext, 64);
    }
}

#[test]
fn frames_that_are_read_share_their_unchanged_tiles() {
    let mut encoder = SegmentEncoder::new().expect("begins");
    for (n, last) in [(1, 7), (2, 8), (3, 7)] {
        let frame = frame_of(3, 1, [1, 2, last]);
        encoder.push(&frame_record(n, frame.width, frame.height), Some(&frame)).expect("takes it");
    }
    let (items, ..) = decode(&encoder.finish().expect("finishes"), 4096);
    let tiles: Vec<_> = items.iter().map(|i| &i.pixels.as_ref().expect("a picture").tiles).collect();
    assert!(Arc::ptr_eq(&tiles[0][0], &tiles[1][0]));
    assert!(!Arc::ptr_eq(&tiles[0][2], &tiles[1][2]));
    assert!(Arc::ptr_eq(&tiles[0][2], &tiles[2][2]), "a tile that was seen before is a reference");
}

#[test]
fn more_tiles_than_the_window_holds_read_back() {
    let mut encoder = SegmentEncoder::new().expect("begins");
    let per_frame = TILE_WINDOW as u32 / 4;
    let first = |n: u32| (n % 6) * per_frame;
    let frames: Vec<_> = (0..8).map(|n| frame_of(per_frame / 8, 8, first(n)..first(n) + per_frame)).collect();
    for (n, frame) in (1..).zip(&frames) {
        encoder.push(&frame_record(n, frame.width, frame.height), Some(frame)).expect("takes it");
    }
    let (items, error, truncated) = decode(&encoder.finish().expect("finishes"), 1 << 16);
    assert!(error.is_none() && !truncated);
    for (item, frame) in items.iter().zip(&frames) {
        let back = item.pixels.as_ref().expect("a picture");
        assert!(back.tiles.iter().zip(&frame.tiles).all(|(a, b)| a.bgr() == b.bgr()));
    }
    assert_eq!(items.len(), frames.len());
}

#[test]
fn pixels_that_are_not_the_records_are_refused() {
    let frame = frame_of(2, 1, [1, 2]);
    let check = |record: Record, pixels: &Arc<Frame>| {
        let refused = SegmentEncoder::new().expect("begins").push(&record, Some(pixels));
        assert!(matches!(refused, Err(FormatError::Unfit { .. })));
    };
    check(record(1, RecordBody::Text { text: String::new() }), &frame);
    check(frame_record(1, frame.width, frame.height + 1), &frame);
    let missing = Arc::new(Frame { tiles: frame.tiles[..1].to_vec(), ..*frame });
    check(frame_record(1, frame.width, frame.height), &missing);
    let huge = Arc::new(Frame { width: 20_000, height: 1, tiles: Vec::new() });
    check(frame_record(1, 20_000, 1), &huge);
}

#[test]
fn bytes_after_the_end_and_a_picture_alone_are_errors() {
    let mut encoder = SegmentEncoder::new().expect("begins");
    let frame = frame_of(1, 1, [1]);
    encoder.push(&frame_record(1, frame.width, frame.height), Some(&frame)).expect("takes it");
    let whole = encoder.finish().expect("finishes");
    let (_, error, _) = decode(&[&whole[..], b"x"].concat(), 4096);
    let Some(FormatError::Plain { offset, fault: PlainFault::AfterEnd }) = error else { panic!("{error:?}") };
    assert_eq!(offset, whole.len() as u64);
}

#[test]
fn a_claim_of_many_bytes_is_refused_before_they_are_waited_for() {
    let mut plaintext = b"\x89MCAP0\r\n\x09".to_vec();
    plaintext.extend((1_u64 << 40).to_le_bytes());
    let (_, error, _) = decode(&plaintext, 4096);
    assert!(matches!(error, Some(FormatError::Plain { offset: 8, fault: PlainFault::TooLong })));
}

#[test]
fn an_attachment_without_room_for_its_checksum_is_an_error() {
    let check = |body: &[u8]| {
        let mut plaintext = b"\x89MCAP0\r\n\x09".to_vec();
        plaintext.extend((body.len() as u64).to_le_bytes());
        plaintext.extend(body);
        let (_, error, _) = decode(&plaintext, 4096);
        assert!(matches!(error, Some(FormatError::Plain { offset: 8, fault: PlainFault::Container })));
    };
    for len in 0..36 {
        check(&[0; 36][..len]);
    }
    let mut long_name = [0; 40];
    long_name[16..20].fill(0xff);
    check(&long_name);
}

#[test]
fn a_shape_of_the_pointer_stands_once_in_each_segment() {
    let shape = |n: u8| CursorShape::new((0, 0), (1, 1), [n; 4].into()).expect("it fits");
    let looks =
        |at, n: u8| record(at, RecordBody::Cursor { id: Some(CursorId(n.into())), shape: Some(shape(n)) });
    for _segment in 0..2 {
        let mut encoder = SegmentEncoder::new().expect("begins");
        for (at, n) in [(1, 7), (2, 8), (3, 7)] {
            encoder.push(&looks(at, n), None).expect("it takes it");
        }
        let (items, error, _) = decode(&encoder.finish().expect("it ends"), 100);
        assert!(error.is_none());
        let told = |stored: &Stored| match &stored.record.body {
            RecordBody::Cursor { id, shape } => (id.map(|id| id.0), shape.clone()),
            _ => panic!("there is no other record"),
        };
        let expected = [(Some(7), Some(shape(7))), (Some(8), Some(shape(8))), (Some(7), None)];
        assert_eq!(items.iter().map(told).collect::<Vec<_>>(), expected);
    }
}

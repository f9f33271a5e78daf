//! Looking at a segment's structure without a key (section 3.3).

use std::io::Read;

use crate::error::FormatError;
use crate::framing::{FrameKind, FrameRead, FrameReader};
use crate::header::SegmentHeader;

/// What a segment is, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentScan {
    pub header: SegmentHeader,
    /// Sound frames, the last one included.
    pub frames: u32,
    /// Whether its last frame is there. A sealed segment is whole and its `tail` is `Clean`.
    pub whole: bool,
    /// Bytes from the start that are sound: cut there, the segment ends between two frames.
    pub good_len: u64,
    pub tail: Tail,
}

/// What stands at `good_len`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// The end of the file.
    Clean,
    /// A frame that the end of the file cuts.
    Torn,
    /// Bytes that are no frame: damage, or what a crash left of writes that were never synced.
    Damaged,
    /// Bytes after the last frame.
    AfterLast,
}

/// Reads a segment to its end, or to the first bytes that are no frame.
///
/// Errors: those of [`SegmentHeader::read`]; [`FormatError::Io`] from the reader.
pub fn scan(mut reader: impl Read) -> Result<SegmentScan, FormatError> {
    let (header, header_len) = SegmentHeader::read(&mut reader)?;
    let mut scan = SegmentScan { header, frames: 0, whole: false, good_len: header_len, tail: Tail::Clean };
    let mut frames = FrameReader::new(reader, header_len);
    loop {
        let tail = match frames.next_frame() {
            Ok(FrameRead::End) => Tail::Clean,
            Err(FormatError::Io(error)) => return Err(error.into()),
            _ if scan.whole => Tail::AfterLast,
            Ok(FrameRead::Torn) => Tail::Torn,
            Err(_) => Tail::Damaged,
            Ok(FrameRead::Frame(frame)) => {
                scan.frames += 1;
                scan.whole = frame.kind == FrameKind::Last;
                scan.good_len = frames.offset();
                continue;
            }
        };
        return Ok(SegmentScan { tail, ..scan });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::frame_bytes;
    use crate::header::tests::sample;

    fn segment() -> (Vec<u8>, Vec<u64>) {
        let mut bytes = sample().encode().expect("encodes");
        let mut ends = vec![bytes.len() as u64];
        for (kind, sealed) in [
            (FrameKind::More, &b"sixteen bytes or"[..]),
            (FrameKind::More, b"more"),
            (FrameKind::Last, b"end"),
        ] {
            bytes.extend(frame_bytes(kind, sealed).expect("fits"));
            ends.push(bytes.len() as u64);
        }
        (bytes, ends)
    }

    #[test]
    fn a_cut_anywhere_is_found_at_the_end_of_the_last_sound_frame() {
        let (bytes, ends) = segment();
        for len in ends[0] as usize..=bytes.len() {
            let found = scan(&bytes[..len]).expect("the header is whole");
            let good = ends.iter().copied().filter(|e| *e <= len as u64).max().expect("the header");
            assert_eq!((found.good_len, found.whole), (good, len == bytes.len()), "cut at {len}");
            assert_eq!(found.tail == Tail::Clean, good == len as u64, "cut at {len}");
        }
    }

    #[test]
    fn damage_is_told_from_a_cut() {
        let (bytes, ends) = segment();
        for at in ends[0] as usize..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0x04;
            let found = scan(&bad[..]).expect("the header is whole");
            assert!(!found.whole, "flip at {at}");
            assert!(matches!(found.tail, Tail::Damaged | Tail::Torn), "flip at {at}: {:?}", found.tail);
            assert!(found.good_len <= at as u64);
        }
    }

    #[test]
    fn zeros_that_a_crash_left_are_no_frame_and_nothing_may_follow_the_last() {
        let (bytes, ends) = segment();
        let zeros = [&bytes[..ends[1] as usize], &[0; 64]].concat();
        let found = scan(&zeros[..]).expect("the header is whole");
        assert_eq!((found.good_len, found.tail), (ends[1], Tail::Damaged));
        let longer = [&bytes[..], b"x"].concat();
        assert_eq!(scan(&longer[..]).expect("the header is whole").tail, Tail::AfterLast);
    }
}

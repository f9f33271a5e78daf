//! Is a recording whole and unaltered? For anyone, and for those who hold a key.

use std::fs::File;
use std::io::{self, BufReader};

use overt_format::{
    FormatError, HashingReader, Piece, RecordingDir, RecordingState, SegmentHeader, SegmentScan,
    SegmentSource, Tail, Trailer, scan,
};

use crate::access_log::AccessLog;
use crate::error::{SegmentFault, UnsealError};
use crate::grant::{Grant, PurposeMarker};
use crate::key_service::KeyService;
use crate::open::keyed_segments;
use crate::segment_reader::{KeyedSegment, SegmentReader};

/// One thing that is wrong.
#[derive(Debug)]
pub enum Problem {
    /// The release approves another state of the recording, or another recording.
    ReleaseDoesNotFit,
    /// The recording is open: its writer is at work, or died and was not recovered.
    Open,
    Segment {
        sequence: u32,
        fault: SegmentFault,
    },
}

/// What anyone can check: form, checksums, digests, sequence, state.
#[derive(Debug)]
pub struct PublicReport {
    /// Empty when everything is as it should be.
    pub problems: Vec<Problem>,
    pub segments: u32,
    pub frames: u64,
    pub len_bytes: u64,
    /// Whether a release approves exactly this.
    pub released: bool,
}

/// What those who hold a key can check besides: that everything decrypts, decodes and adds up.
#[derive(Debug)]
pub struct SealedReport {
    /// Empty when everything is as it should be.
    pub problems: Vec<Problem>,
    pub records: u64,
    pub pictures: u64,
    /// Of the segments without a fault, by sequence; a torn segment has none.
    pub trailers: Vec<Trailer>,
}

/// Checks a recording without any key.
///
/// Errors: [`FormatError`] when the facts cannot be hashed; everything about segments is a [`Problem`].
pub fn verify_public(dir: &RecordingDir) -> Result<PublicReport, FormatError> {
    let mut report =
        PublicReport { problems: Vec::new(), segments: 0, frames: 0, len_bytes: 0, released: false };
    if dir.facts().state == RecordingState::Open {
        report.problems.push(Problem::Open);
    }
    if let Some(release) = dir.release() {
        report.released =
            (release.recording, release.recording_digest) == (dir.facts().recording, dir.facts().digest()?);
        if !report.released {
            report.problems.push(Problem::ReleaseDoesNotFit);
        }
    }
    for segment in dir.segments() {
        match scan_segment(dir, segment) {
            Ok(scan) => report.frames += u64::from(scan.frames),
            Err(fault) => {
                report.problems.push(Problem::Segment { sequence: segment.facts.sequence, fault });
            }
        }
        report.segments += 1;
        report.len_bytes += segment.facts.len_bytes;
    }
    Ok(report)
}

fn scan_segment(dir: &RecordingDir, segment: &SegmentSource) -> Result<SegmentScan, SegmentFault> {
    let file = match File::open(&segment.path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(SegmentFault::Missing),
        file => file.map_err(FormatError::Io)?,
    };
    let mut reader = HashingReader::new(BufReader::new(file));
    let scan = scan(&mut reader)?;
    let (digest, len) = reader.finish().map_err(FormatError::Io)?;
    check_tail(&scan, segment.facts.torn)?;
    if !belongs(dir, segment, &scan.header) {
        return Err(SegmentFault::Foreign);
    }
    if (digest, len) != (segment.facts.sha256, segment.facts.len_bytes) {
        return Err(SegmentFault::Digest);
    }
    Ok(scan)
}

fn check_tail(scan: &SegmentScan, torn: bool) -> Result<(), SegmentFault> {
    let offset = scan.good_len;
    match (scan.tail, scan.whole) {
        (Tail::Damaged, _) => Err(FormatError::Checksum { offset }.into()),
        (Tail::AfterLast, _) => Err(FormatError::AfterLast { offset }.into()),
        (Tail::Torn, _) => Err(SegmentFault::Cut),
        (Tail::Clean, false) if !torn => Err(SegmentFault::Cut),
        (Tail::Clean, true) if torn => Err(SegmentFault::NotCut),
        (Tail::Clean, _) => Ok(()),
    }
}

fn belongs(dir: &RecordingDir, segment: &SegmentSource, header: &SegmentHeader) -> bool {
    let facts = dir.facts();
    let named = (header.recording, header.segment, header.sequence, header.agreement, header.consent);
    named == (facts.recording, segment.facts.segment, segment.facts.sequence, facts.agreement, facts.consent)
}

/// Decrypts and decodes everything and compares the counts with the trailers. It is an opening like
/// any other and stands in the log.
///
/// Errors: as [`crate::open`]; what is wrong inside a segment is a [`Problem`], and the next one is looked at.
pub fn verify_sealed<P: PurposeMarker>(
    dir: &RecordingDir,
    grant: &Grant<P>,
    keys: &dyn KeyService,
    log: &mut AccessLog,
) -> Result<SealedReport, UnsealError> {
    let mut report = SealedReport { problems: Vec::new(), records: 0, pictures: 0, trailers: Vec::new() };
    for segment in keyed_segments(dir, grant, keys, log)? {
        let sequence = segment.header.sequence;
        if let Err(fault) = read_through(segment, &mut report) {
            report.problems.push(Problem::Segment { sequence, fault });
        }
    }
    Ok(report)
}

fn read_through(segment: KeyedSegment, report: &mut SealedReport) -> Result<(), SegmentFault> {
    let mut reader = SegmentReader::new(segment)?;
    while let Some(piece) = reader.next_piece()? {
        match piece {
            Piece::Moves(moves) => report.records += moves.len() as u64,
            Piece::One(stored) if stored.record.repeated => {}
            Piece::One(stored) => {
                report.records += 1;
                report.pictures += u64::from(stored.pixels.is_some());
            }
        }
    }
    report.trailers.extend(reader.finish()?);
    Ok(())
}

//! The proof that a recording may leave: nothing else is admitted by a collector.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::error::FormatError;
use crate::facts::{RecordingFacts, RecordingState, Release};
use crate::folder::{RecordingDir, SegmentSource};
use crate::hex::{Digest, Hex};
use crate::scan::{Tail, scan};

/// Why a recording may not leave as it is.
#[derive(Debug, Error)]
pub enum NotReleased {
    #[error("nobody released this recording. Look at it with `overt review`, then `overt release` it")]
    Unreleased,
    #[error("the recording is still open. Stop it first, then release it")]
    Open,
    #[error("the recording was altered after its release. Review it and release it again")]
    AlteredFacts,
    #[error("segment {sequence} is missing. Take a whole copy of the recording")]
    MissingSegment { sequence: u32 },
    #[error("segment {sequence} was altered after its release. Take another copy of the recording")]
    AlteredSegment { sequence: u32 },
    #[error(
        "segment {sequence} belongs to another place: its header does not fit the recording. Take another copy"
    )]
    ForeignSegment { sequence: u32 },
    #[error(
        "segment {sequence} is not whole, and the recording does not say that it was cut. Take another copy"
    )]
    CutSegment { sequence: u32 },
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// A recording that its contributor released, every byte of it checked against the release.
///
/// There is no other way to make one than [`check`](Self::check), which [`open`](Self::open) calls.
pub struct ReleasedRecording {
    dir: RecordingDir,
    release: Release,
}

impl ReleasedRecording {
    /// Reads and checks a local folder `NAME.overt/`. Errors as [`check`](Self::check).
    pub fn open(folder: &Path) -> Result<Self, NotReleased> {
        Self::check(RecordingDir::local(folder)?)
    }

    /// Checks release, facts, headers and digests; reads every segment once.
    ///
    /// Errors: the first [`NotReleased`] found, in the order of its variants.
    pub fn check(dir: RecordingDir) -> Result<Self, NotReleased> {
        let release = *dir.release().ok_or(NotReleased::Unreleased)?;
        if dir.facts().state == RecordingState::Open {
            return Err(NotReleased::Open);
        }
        let approved = (release.recording, release.recording_digest);
        if approved != (dir.facts().recording, dir.facts().digest()?) {
            return Err(NotReleased::AlteredFacts);
        }
        for segment in dir.segments() {
            check_segment(dir.facts(), segment)?;
        }
        Ok(Self { dir, release })
    }

    /// What `recording.json` says.
    pub fn facts(&self) -> &RecordingFacts {
        self.dir.facts()
    }

    /// The approval.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// The segments by sequence.
    pub fn segments(&self) -> &[SegmentSource] {
        self.dir.segments()
    }
}

/// Checks one segment's digest, header and wholeness.
fn check_segment(facts: &RecordingFacts, segment: &SegmentSource) -> Result<(), NotReleased> {
    let sequence = segment.facts.sequence;
    let mut reader = open_hashing(segment, sequence)?;
    let scanned = scan(&mut reader);
    let (digest, len) = reader.finish().map_err(FormatError::Io)?;
    if (digest, len) != (segment.facts.sha256, segment.facts.len_bytes) {
        return Err(NotReleased::AlteredSegment { sequence });
    }
    let scanned = scanned?;
    let header = &scanned.header;
    let named = (header.recording, header.segment, header.sequence, header.agreement, header.consent);
    let meant = (facts.recording, segment.facts.segment, sequence, facts.agreement, facts.consent);
    if named != meant {
        return Err(NotReleased::ForeignSegment { sequence });
    }
    if scanned.tail != Tail::Clean || scanned.whole == segment.facts.torn {
        return Err(NotReleased::CutSegment { sequence });
    }
    Ok(())
}

fn open_hashing(segment: &SegmentSource, sequence: u32) -> Result<HashingReader<File>, NotReleased> {
    match File::open(&segment.path) {
        Ok(file) => Ok(HashingReader::new(file)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(NotReleased::MissingSegment { sequence }),
        Err(e) => Err(FormatError::Io(e).into()),
    }
}

/// Counts and hashes (SHA-256) what is read through it.
pub struct HashingReader<R> {
    reader: R,
    hasher: Sha256,
    len: u64,
}

impl<R: Read> HashingReader<R> {
    /// Nothing read yet.
    pub fn new(reader: R) -> Self {
        Self { reader, hasher: Sha256::new(), len: 0 }
    }

    /// Reads the rest; the digest and length of everything.
    pub fn finish(mut self) -> io::Result<(Digest, u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((Hex(self.hasher.finalize().into()), self.len))
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buf)?;
        self.hasher.update(&buf[..n]);
        self.len += n as u64;
        Ok(n)
    }
}

//! The files of a recording: their names, how they are read, how they are replaced (section 2).

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::FormatError;
use crate::facts::{RecordingFacts, Release, SegmentFacts};

/// The public facts.
pub const RECORDING_FILE: &str = "recording.json";
/// The approval to leave.
pub const RELEASE_FILE: &str = "release.json";
/// The folder of the segments.
pub const SEGMENTS_DIR: &str = "segments";

/// The longest public file: some 200,000 segments.
const PUBLIC_FILE_BYTES_MAX: u64 = 64 << 20;

/// A segment's file name, such as `000012.seg`.
pub fn segment_file_name(sequence: u32) -> String {
    format!("{sequence:06}.seg")
}

/// A segment and where its bytes lie.
#[derive(Clone)]
pub struct SegmentSource {
    pub facts: SegmentFacts,
    pub path: PathBuf,
}

/// A recording that can be read: a local folder, or the same thing inside a collector's store.
#[derive(Clone)]
pub struct RecordingDir {
    facts: RecordingFacts,
    release: Option<Release>,
    segments: Vec<SegmentSource>,
}

impl RecordingDir {
    /// Reads the public files of a folder `NAME.overt/`.
    ///
    /// Errors: [`FormatError::Io`] when they cannot be read, and those of [`RecordingFacts::decode`].
    pub fn local(folder: &Path) -> Result<Self, FormatError> {
        let facts = RecordingFacts::decode(&read_public(&folder.join(RECORDING_FILE))?)?;
        let release = match read_public(&folder.join(RELEASE_FILE)) {
            Ok(bytes) => Some(Release::decode(&bytes)?),
            Err(FormatError::Io(e)) if e.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let segments = folder.join(SEGMENTS_DIR);
        Ok(Self::placed(facts, release, |s| segments.join(segment_file_name(s.sequence))))
    }

    /// A recording whose segments lie where `place` says.
    pub fn placed(
        facts: RecordingFacts,
        release: Option<Release>,
        place: impl Fn(&SegmentFacts) -> PathBuf,
    ) -> Self {
        let segments = facts.segments.iter().map(|s| SegmentSource { facts: *s, path: place(s) }).collect();
        Self { facts, release, segments }
    }

    /// The same recording as it would be with that release.
    pub fn with_release(self, release: Release) -> Self {
        Self { release: Some(release), ..self }
    }

    /// What `recording.json` says.
    pub fn facts(&self) -> &RecordingFacts {
        &self.facts
    }

    /// What `release.json` says, where there is one. It may approve something else than these facts.
    pub fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// The segments by sequence. They may be missing or altered: nothing was looked at yet.
    pub fn segments(&self) -> &[SegmentSource] {
        &self.segments
    }
}

/// Reads a public file whole.
pub(crate) fn read_public(path: &Path) -> Result<Vec<u8>, FormatError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(PUBLIC_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > PUBLIC_FILE_BYTES_MAX {
        let (got, limit) = (bytes.len() as u64, PUBLIC_FILE_BYTES_MAX);
        return Err(FormatError::Limit { what: "a public file's length", offset: 0, got, limit });
    }
    Ok(bytes)
}

/// Writes a file so that after a crash it is the old one or the new one: temporary file, fsync,
/// rename, fsync of the folder.
///
/// One writer at a time; a temporary file left by a crash is overwritten by the next.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // A bare file name lies in the folder that the process is in.
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    sync_dir(folder.unwrap_or(Path::new(".")))
}

fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".tmp");
    Ok(path.with_file_name(hidden))
}

/// Makes a folder's entries durable.
pub fn sync_dir(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

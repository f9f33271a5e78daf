//! Who opened what, when, for what: one line each, on the disk before anything opens.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use overt_event::{Purpose, RecordingId, SegmentId, WallTime};
use overt_format::{Digest, sync_dir};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An opening could not be written down.
#[derive(Debug, Error)]
#[error("the access log could not be written. Check its disk and its permissions")]
pub struct AccessLogError(#[from] io::Error);

/// One line of the log (section 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    pub version: u16,
    /// Seconds since 1970, UTC: when it was asked for.
    pub at: WallTime,
    pub who: String,
    pub reason: String,
    pub purpose: Purpose,
    pub recording: RecordingId,
    /// Which state of the recording.
    pub recording_digest: Digest,
    pub segments: Vec<SegmentId>,
}

/// An append-only file of [`Opening`]s, one JSON object a line, oldest first.
pub struct AccessLog {
    file: File,
    /// The file ends within a line, left by a crash; the next entry begins a line of its own.
    torn: bool,
}

impl AccessLog {
    /// Opens the log, or begins it for this user alone (mode 0600).
    pub fn open(path: &Path) -> Result<Self, AccessLogError> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            sync_dir(folder)?;
        }
        let torn = !ends_with_newline(&mut file)?;
        Ok(Self { file, torn })
    }

    /// Writes the line and waits until it is on the disk.
    pub fn record(&mut self, opening: &Opening) -> Result<(), AccessLogError> {
        let mut line = if self.torn { vec![b'\n'] } else { Vec::new() };
        serde_json::to_writer(&mut line, opening).map_err(io::Error::from)?;
        line.push(b'\n');
        // Until all of it is on the disk the line counts as torn.
        self.torn = true;
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.torn = false;
        Ok(())
    }
}

/// The wall clock, in whole seconds.
pub(crate) fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    WallTime(i64::try_from(since).unwrap_or(i64::MAX))
}

fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(who: &str) -> Opening {
        Opening {
            version: 1,
            at: WallTime(1_800_000_000),
            who: who.into(),
            reason: "a test".into(),
            purpose: Purpose::TrainAgents,
            recording: RecordingId([1; 16]),
            recording_digest: overt_format::sha256(b""),
            segments: vec![SegmentId([2; 16])],
        }
    }

    #[test]
    fn a_line_that_a_crash_cut_does_not_swallow_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("openings.jsonl");
        AccessLog::open(&path).expect("opens").record(&opening("ada")).expect("writes");
        let whole = std::fs::read(&path).expect("reads");
        std::fs::write(&path, [&whole[..], &whole[..20]].concat()).expect("writes");
        AccessLog::open(&path).expect("opens").record(&opening("bob")).expect("writes");
        let text = std::fs::read_to_string(&path).expect("reads");
        let read: Vec<_> = text.lines().filter_map(|l| serde_json::from_str::<Opening>(l).ok()).collect();
        assert_eq!(read, [opening("ada"), opening("bob")]);
    }
}

//! The store on a local disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use overt_event::{Day, RecordingId, SegmentId};
use overt_format::{
    Digest, FACTS_VERSION, HashingReader, NotReleased, Receipt, RecordingDir, ReleasedRecording,
    SegmentSource, replace_file, sync_dir,
};
use tempfile::NamedTempFile;

use crate::error::AdmitError;
use crate::manifest::Manifest;
use crate::tombstone::Tombstone;

const MANIFEST_BYTES_MAX: u64 = 64 << 20;

/// A content-addressed store of released recordings.
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens the store, or begins it for this user alone. What an interrupted admission left is removed.
    pub fn open(root: &Path) -> Result<Self, AdmitError> {
        fs::create_dir_all(root)?;
        let store = Self { root: root.to_owned() };
        let incoming = store.incoming();
        if incoming.exists() {
            fs::remove_dir_all(&incoming)?;
        }
        for folder in [incoming, root.join("blobs"), root.join("recordings"), root.join("erased")] {
            make_dir(&folder)?;
        }
        sync_dir(root)?;
        Ok(store)
    }

    /// Keeps a recording and gives the word that it does. Everything is durable when this returns.
    ///
    /// Errors: [`AdmitError::NotReleased`] when a segment changed since it was checked;
    /// [`AdmitError::Conflict`] when another state of the same recording is kept; [`AdmitError::Erased`];
    /// [`AdmitError::Full`].
    pub fn admit(&mut self, recording: &ReleasedRecording) -> Result<Receipt, AdmitError> {
        let manifest = Manifest {
            version: FACTS_VERSION,
            facts: recording.facts().clone(),
            release: *recording.release(),
        };
        if self.tombstone(manifest.facts.recording)?.is_some() {
            return Err(AdmitError::Erased);
        }
        match self.manifest(manifest.facts.recording) {
            Ok(kept) if kept == manifest => return Ok(kept.receipt()),
            Ok(_) => return Err(AdmitError::Conflict),
            Err(AdmitError::Unknown) => {}
            Err(error) => return Err(error),
        }
        for segment in recording.segments() {
            self.keep_blob(segment)?;
        }
        let bytes = manifest.encode().map_err(AdmitError::Manifest)?;
        replace_file(&self.manifest_path(manifest.facts.recording), &bytes)?;
        Ok(manifest.receipt())
    }

    /// A recording as unseal reads it. Its segments are looked at only when they are read.
    ///
    /// Errors: [`AdmitError::Unknown`], [`AdmitError::Manifest`].
    pub fn recording(&self, id: RecordingId) -> Result<RecordingDir, AdmitError> {
        let Manifest { facts, release, .. } = self.manifest(id)?;
        Ok(RecordingDir::placed(facts, Some(release), |s| self.blob_path(s.sha256)))
    }

    /// Erases a recording, or of it only the segments `only`. It is gone, and the tombstone durable, when this returns;
    /// when it was interrupted, it is finished by asking again.
    ///
    /// Errors: [`AdmitError::Unknown`], [`AdmitError::UnknownSegment`], and then nothing was erased.
    pub fn erase(
        &mut self,
        id: RecordingId,
        only: Option<&BTreeSet<SegmentId>>,
        today: Day,
    ) -> Result<Tombstone, AdmitError> {
        let before = self.tombstone(id)?;
        if let Some(whole) = before.as_ref().filter(|t| t.whole) {
            self.remove(whole)?;
            return Ok(whole.clone());
        }
        let facts = self.manifest(id)?.facts;
        let all: BTreeMap<SegmentId, Digest> = facts.segments.iter().map(|s| (s.segment, s.sha256)).collect();
        if only.is_some_and(|only| only.iter().any(|s| !all.contains_key(s))) {
            return Err(AdmitError::UnknownSegment);
        }
        let mut segments = before.map(|t| t.segments).unwrap_or_default();
        segments.extend(all.iter().filter(|(s, _)| only.is_none_or(|only| only.contains(s))));
        let whole = segments.len() == all.len();
        let tombstone = Tombstone { version: FACTS_VERSION, recording: id, whole, day: today, segments };
        let bytes = tombstone.encode().map_err(AdmitError::Manifest)?;
        replace_file(&self.tombstone_path(id), &bytes)?;
        self.remove(&tombstone)?;
        Ok(tombstone)
    }

    /// Recordings made under this agreement before that day, by id.
    ///
    /// Errors: as [`Store::recordings`].
    pub fn overdue(&self, agreement: Digest, first_kept: Day) -> Result<Vec<RecordingId>, AdmitError> {
        let mut overdue = Vec::new();
        for id in self.recordings()? {
            let facts = self.manifest(id)?.facts;
            if facts.agreement == agreement && facts.day < first_kept {
                overdue.push(id);
            }
        }
        Ok(overdue)
    }

    /// The segments of a recording that were erased; of an erased recording, all.
    ///
    /// Errors: [`AdmitError::Manifest`].
    pub fn erased(&self, id: RecordingId) -> Result<BTreeSet<SegmentId>, AdmitError> {
        Ok(self.tombstone(id)?.map(|t| t.segments.into_keys().collect()).unwrap_or_default())
    }

    /// The recordings of which something is kept, by id.
    pub fn recordings(&self) -> Result<Vec<RecordingId>, AdmitError> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(self.root.join("recordings"))? {
            let name = entry?.file_name();
            let id = name
                .to_str()
                .and_then(|n| n.strip_suffix(".json"))
                .and_then(|n| n.parse::<RecordingId>().ok());
            if let Some(id) = id
                && self.tombstone(id)?.is_none_or(|t| !t.whole)
            {
                ids.push(id);
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// What is known of one recording.
    ///
    /// Errors: [`AdmitError::Unknown`], [`AdmitError::Manifest`].
    pub fn manifest(&self, id: RecordingId) -> Result<Manifest, AdmitError> {
        if self.tombstone(id)?.is_some_and(|t| t.whole) {
            return Err(AdmitError::Unknown);
        }
        let bytes = read_if_there(&self.manifest_path(id))?.ok_or(AdmitError::Unknown)?;
        Manifest::decode(&bytes).map_err(AdmitError::Manifest)
    }

    fn tombstone(&self, id: RecordingId) -> Result<Option<Tombstone>, AdmitError> {
        let bytes = read_if_there(&self.tombstone_path(id))?;
        bytes.map(|b| Tombstone::decode(&b).map_err(AdmitError::Manifest)).transpose()
    }

    /// Removes what a tombstone names, where it is still there.
    fn remove(&self, tombstone: &Tombstone) -> Result<(), AdmitError> {
        if tombstone.whole {
            remove_if_there(&self.manifest_path(tombstone.recording))?;
        }
        tombstone.segments.values().try_for_each(|digest| remove_if_there(&self.blob_path(*digest)))?;
        Ok(())
    }

    /// Copies a segment to its place, unless it is there already.
    fn keep_blob(&self, segment: &SegmentSource) -> Result<(), AdmitError> {
        let sequence = segment.facts.sequence;
        let place = self.blob_path(segment.facts.sha256);
        if place.exists() {
            return Ok(());
        }
        let source = match File::open(&segment.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(NotReleased::MissingSegment { sequence }.into());
            }
            file => file?,
        };
        let mut copy = NamedTempFile::new_in(self.incoming())?;
        let mut reader = HashingReader::new(source.take(segment.facts.len_bytes.saturating_add(1)));
        io::copy(&mut reader, &mut copy)?;
        if reader.finish()? != (segment.facts.sha256, segment.facts.len_bytes) {
            return Err(NotReleased::AlteredSegment { sequence }.into());
        }
        copy.as_file().sync_all()?;
        self.move_in(copy, &place)
    }

    fn move_in(&self, copy: NamedTempFile, place: &Path) -> Result<(), AdmitError> {
        let folder = place.parent().unwrap_or(&self.root);
        if !folder.exists() {
            make_dir(folder)?;
            sync_dir(&self.root.join("blobs"))?;
        }
        copy.persist(place).map_err(|e| AdmitError::from(e.error))?;
        Ok(sync_dir(folder)?)
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn manifest_path(&self, id: RecordingId) -> PathBuf {
        self.root.join("recordings").join(format!("{id}.json"))
    }

    fn tombstone_path(&self, id: RecordingId) -> PathBuf {
        self.root.join("erased").join(format!("{id}.json"))
    }

    fn blob_path(&self, digest: Digest) -> PathBuf {
        let digits = digest.to_string();
        self.root.join("blobs").join(&digits[..2]).join(digits)
    }
}

/// `None` where there is no such file.
fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(MANIFEST_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Removes a file durably.
fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        removed => removed?,
    }
    path.parent().map_or(Ok(()), sync_dir)
}

fn make_dir(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

//! The store on a local disk.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use overt_event::RecordingId;
use overt_format::{
    Digest, FACTS_VERSION, HashingReader, NotReleased, Receipt, RecordingDir, ReleasedRecording,
    SegmentSource, replace_file, sync_dir,
};
use tempfile::NamedTempFile;

use crate::error::AdmitError;
use crate::manifest::Manifest;

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
        for folder in [incoming, root.join("blobs"), root.join("recordings")] {
            make_dir(&folder)?;
        }
        sync_dir(root)?;
        Ok(store)
    }

    /// Keeps a recording and gives the word that it does. Everything is durable when this returns.
    ///
    /// Errors: [`AdmitError::NotReleased`] when a segment changed since it was checked;
    /// [`AdmitError::Conflict`] when another state of the same recording is kept; [`AdmitError::Full`].
    pub fn admit(&mut self, recording: &ReleasedRecording) -> Result<Receipt, AdmitError> {
        let manifest = Manifest {
            version: FACTS_VERSION,
            facts: recording.facts().clone(),
            release: *recording.release(),
        };
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

    /// The recordings that are kept, by id.
    pub fn recordings(&self) -> Result<Vec<RecordingId>, AdmitError> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(self.root.join("recordings"))? {
            let name = entry?.file_name();
            let id = name
                .to_str()
                .and_then(|n| n.strip_suffix(".json"))
                .and_then(|n| n.parse::<RecordingId>().ok());
            ids.extend(id);
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// What is known of one recording.
    ///
    /// Errors: [`AdmitError::Unknown`], [`AdmitError::Manifest`].
    pub fn manifest(&self, id: RecordingId) -> Result<Manifest, AdmitError> {
        let file = match File::open(self.manifest_path(id)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(AdmitError::Unknown),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(MANIFEST_BYTES_MAX).read_to_end(&mut bytes)?;
        Manifest::decode(&bytes).map_err(AdmitError::Manifest)
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

    fn blob_path(&self, digest: Digest) -> PathBuf {
        let digits = digest.to_string();
        self.root.join("blobs").join(&digits[..2]).join(digits)
    }
}

fn make_dir(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

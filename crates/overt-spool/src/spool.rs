//! The store of recordings under one folder.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use overt_event::{Day, RecordingId};
use overt_format::{Digest, RECORDING_FILE, Receipt, RecordingFacts, RecordingState, SEGMENTS_DIR};

use crate::disk::{Disk, OsDisk, Places, replace};
use crate::error::SpoolError;
use crate::writer::RecordingWriter;

const FOLDER_SUFFIX: &str = ".overt";
/// A folder that is being deleted: hidden first, in one step, so that half of it is never seen.
const DELETED_SUFFIX: &str = ".deleted";

/// How much the spool may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All segments together, bytes.
    pub bytes_max: u64,
    /// What must stay free on the disk, bytes.
    pub free_bytes_min: u64,
}

impl Limits {
    pub(crate) fn leave_room(&self, used: u64, free: u64, needed: u64) -> bool {
        used.saturating_add(needed) <= self.bytes_max
            && free.saturating_sub(needed) >= self.free_bytes_min
            && free >= needed
    }
}

/// A recording in the spool.
#[derive(Clone, Debug)]
pub struct SpooledRecording {
    pub folder: PathBuf,
    pub facts: RecordingFacts,
}

/// The store: a folder that holds folders `recording_….overt`.
pub struct Spool<D: Disk = OsDisk> {
    pub(crate) disk: Arc<D>,
    pub(crate) root: PathBuf,
    limits: Limits,
    pub(crate) used_bytes: Arc<AtomicU64>,
}

impl Spool {
    /// Opens the store under `root`, which is made if it is not there.
    pub fn open(root: &Path, limits: Limits) -> Result<Self, SpoolError> {
        std::fs::create_dir_all(root).map_err(SpoolError::Io)?;
        Self::open_on(Arc::new(OsDisk), root, limits)
    }
}

impl<D: Disk> Spool<D> {
    pub(crate) fn open_on(disk: Arc<D>, root: &Path, limits: Limits) -> Result<Self, SpoolError> {
        let spool = Self { disk, root: root.to_owned(), limits, used_bytes: Arc::default() };
        spool.recount()?;
        Ok(spool)
    }

    /// Begins a recording. Its state is `open` and it has no segments, whatever `facts` say.
    ///
    /// Errors: [`SpoolError::Full`], [`SpoolError::Io`].
    pub fn begin(&self, facts: RecordingFacts) -> Result<RecordingWriter<D>, SpoolError> {
        let facts = RecordingFacts { state: RecordingState::Open, segments: Vec::new(), ..facts };
        let bytes = facts.encode()?;
        self.check_room(bytes.len() as u64)?;
        let places = self.places(facts.recording);
        self.disk.create_dir(&places.folder).map_err(SpoolError::writing(0))?;
        let lock = self.disk.lock(&places.folder).map_err(SpoolError::Io)?.ok_or(SpoolError::InUse)?;
        self.disk.create_dir(&places.segments).map_err(SpoolError::writing(0))?;
        replace(&*self.disk, &places.folder, RECORDING_FILE, &bytes)
            .map_err(SpoolError::writing(bytes.len() as u64))?;
        self.disk.sync_dir(&self.root).map_err(SpoolError::Io)?;
        let (disk, used) = (Arc::clone(&self.disk), Arc::clone(&self.used_bytes));
        Ok(RecordingWriter::new(disk, self.limits, used, places, facts, lock))
    }

    /// The recordings, oldest first: by day, then by their last change. Folders that do not read are left out;
    /// [`recover`](Self::recover) counts them.
    pub fn recordings(&self) -> Result<Vec<SpooledRecording>, SpoolError> {
        let mut found = Vec::new();
        for folder in self.folders()? {
            let places = Places::of(folder);
            if let Ok(facts) = self.read_facts(&places) {
                let (_, changed) = self.disk.stat(&places.facts()).map_err(SpoolError::Io)?;
                found.push((facts.day, changed, SpooledRecording { folder: places.folder, facts }));
            }
        }
        found.sort_by_key(|(day, changed, r)| (*day, *changed, r.facts.recording));
        Ok(found.into_iter().map(|(_, _, recording)| recording).collect())
    }

    /// Deletes a recording that a collector keeps.
    ///
    /// Errors: [`SpoolError::ReceiptDoesNotFit`] when the receipt is for another state of it, [`SpoolError::Unknown`],
    /// [`SpoolError::InUse`].
    pub fn delete_on_receipt(&self, receipt: &Receipt) -> Result<(), SpoolError> {
        let places = self.places(receipt.recording);
        let facts = self.read_facts(&places)?;
        if facts.digest()? != receipt.recording_digest {
            return Err(SpoolError::ReceiptDoesNotFit);
        }
        self.delete(&places)
    }

    /// Deletes a recording because its owner wants it gone.
    ///
    /// Errors: [`SpoolError::Unknown`], [`SpoolError::InUse`] while it is being written.
    pub fn forget(&self, recording: RecordingId) -> Result<(), SpoolError> {
        let places = self.places(recording);
        self.read_facts(&places)?;
        self.delete(&places)
    }

    /// Deletes what was recorded under this agreement before that day, and gives how many recordings it were.
    /// What is being written is left alone.
    ///
    /// Errors: [`SpoolError::Io`].
    pub fn forget_overdue(&self, agreement: Digest, first_kept: Day) -> Result<u32, SpoolError> {
        let mut forgotten = 0;
        for recording in self.recordings()? {
            let facts = recording.facts;
            if facts.agreement != agreement || facts.day >= first_kept {
                continue;
            }
            match self.forget(facts.recording) {
                Ok(()) => forgotten += 1,
                Err(SpoolError::InUse) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(forgotten)
    }

    /// Bytes of all segments.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes.load(Ordering::Relaxed)
    }

    fn delete(&self, places: &Places) -> Result<(), SpoolError> {
        let _lock = self.disk.lock(&places.folder).map_err(SpoolError::Io)?.ok_or(SpoolError::InUse)?;
        let mut hidden = places.folder.clone().into_os_string();
        hidden.push(DELETED_SUFFIX);
        self.disk.rename(&places.folder, Path::new(&hidden)).map_err(SpoolError::Io)?;
        self.disk.sync_dir(&self.root).map_err(SpoolError::Io)?;
        self.disk.remove_dir_all(Path::new(&hidden)).map_err(SpoolError::Io)?;
        self.recount()
    }

    /// Removes what a crash left of deletions.
    pub(crate) fn finish_deletions(&self) -> Result<(), SpoolError> {
        for name in self.disk.names(&self.root).map_err(SpoolError::Io)? {
            if name.ends_with(&format!("{FOLDER_SUFFIX}{DELETED_SUFFIX}")) {
                self.disk.remove_dir_all(&self.root.join(name)).map_err(SpoolError::Io)?;
            }
        }
        Ok(())
    }

    pub(crate) fn folders(&self) -> Result<Vec<PathBuf>, SpoolError> {
        let names = self.disk.names(&self.root).map_err(SpoolError::Io)?;
        let ours = names.into_iter().filter(|n| n.ends_with(FOLDER_SUFFIX) && !n.starts_with('.'));
        Ok(ours.map(|n| self.root.join(n)).collect())
    }

    /// Errors: [`SpoolError::Unknown`] when there is no such file.
    pub(crate) fn read_facts(&self, places: &Places) -> Result<RecordingFacts, SpoolError> {
        let mut bytes = Vec::new();
        match self.disk.read(&places.facts()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(SpoolError::Unknown),
            read => read.and_then(|mut r| r.read_to_end(&mut bytes)).map_err(SpoolError::Io)?,
        };
        Ok(RecordingFacts::decode(&bytes)?)
    }

    fn places(&self, recording: RecordingId) -> Places {
        Places::of(self.root.join(format!("{recording}{FOLDER_SUFFIX}")))
    }

    fn check_room(&self, needed_bytes: u64) -> Result<(), SpoolError> {
        let free = self.disk.free_bytes(&self.root).map_err(SpoolError::Io)?;
        if self.limits.leave_room(self.used_bytes(), free, needed_bytes) {
            return Ok(());
        }
        Err(SpoolError::Full { needed_bytes })
    }

    /// Counts the segment files anew.
    pub(crate) fn recount(&self) -> Result<(), SpoolError> {
        let mut total = 0;
        for folder in self.folders()? {
            let segments = folder.join(SEGMENTS_DIR);
            for name in self.disk.names(&segments).unwrap_or_default() {
                total += self.disk.stat(&segments.join(name)).map_or(0, |(len, _)| len);
            }
        }
        self.used_bytes.store(total, Ordering::Relaxed);
        Ok(())
    }
}

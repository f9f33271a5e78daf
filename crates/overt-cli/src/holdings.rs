//! What the stores still keep, and which consents were withdrawn: by this a recording may be opened, and a data set
//! stays as it is or must be rebuilt.

use std::path::PathBuf;

use anyhow::Result;
use overt_collector::{AdmitError, Store};
use overt_dataset::{Input, RecordingNote, SegmentNote};
use overt_event::RecordingId;
use overt_format::{Digest, RecordingDir};
use overt_spool::{Limits, Spool};

/// Stores, and the spools that tell of withdrawals.
pub struct Holdings {
    stores: Vec<Store>,
    spools: Vec<Spool>,
}

impl Holdings {
    /// Errors: there is no such store or spool, or it cannot be read.
    pub fn open(stores: &[PathBuf], spools: &[PathBuf]) -> Result<Self> {
        let open_store = |root: &PathBuf| {
            anyhow::ensure!(
                root.is_dir(),
                "There is no such store. Collect recordings first: `overt collect`."
            );
            Ok(Store::open(root)?)
        };
        let open_spool = |root: &PathBuf| {
            anyhow::ensure!(root.is_dir(), "There is no such spool. Check its name.");
            // Nothing is written there, so no limit applies.
            Ok(Spool::open(root, Limits { bytes_max: u64::MAX, free_bytes_min: 0 })?)
        };
        Ok(Self {
            stores: stores.iter().map(open_store).collect::<Result<_>>()?,
            spools: spools.iter().map(open_spool).collect::<Result<_>>()?,
        })
    }

    /// What is left of every recording whose consent stands.
    pub fn recordings(&self) -> Result<Vec<Input>> {
        let mut found = Vec::new();
        for store in &self.stores {
            for id in store.recordings()? {
                let (recording, erased) = (store.recording(id)?, store.erased(id)?);
                if !self.is_withdrawn(recording.facts().consent) {
                    found.push(Input { recording, erased });
                }
            }
        }
        Ok(found)
    }

    /// A recording, if a store keeps it.
    pub fn recording(&self, id: RecordingId) -> Result<Option<RecordingDir>> {
        for store in &self.stores {
            match store.recording(id) {
                Err(AdmitError::Unknown) => {}
                found => return Ok(Some(found?)),
            }
        }
        Ok(None)
    }

    /// Whether a store keeps anything of a recording, or tells that it was erased.
    pub fn knows(&self, id: RecordingId) -> Result<bool> {
        for store in &self.stores {
            if !store.erased(id)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(self.recording(id)?.is_some())
    }

    /// Whether a segment that a data set was made of is still kept, and its consent stands.
    pub fn keeps(&self, recording: &RecordingNote, segment: &SegmentNote) -> Result<bool> {
        if self.is_withdrawn(recording.consent) {
            return Ok(false);
        }
        for store in &self.stores {
            if store.erased(recording.recording)?.contains(&segment.segment) {
                return Ok(false);
            }
        }
        let dir = self.recording(recording.recording)?;
        let kept = dir.iter().flat_map(RecordingDir::segments).find(|s| s.facts.segment == segment.segment);
        Ok(kept.is_some_and(|s| s.facts.sha256 == segment.sha256 && s.path.exists()))
    }

    fn is_withdrawn(&self, consent: Digest) -> bool {
        self.spools.iter().any(|spool| spool.is_withdrawn(consent))
    }
}

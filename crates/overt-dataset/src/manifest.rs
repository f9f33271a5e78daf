//! `manifest.json` (docs/spec/dataset.md, section 6).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use overt_event::{DenyRule, KeyId, Level, Purpose, RecordingId, SegmentId};
use overt_format::{Digest, Imported, RecordingState};
use overt_reduce::{Closing, Ledger, Settings};
use serde::{Deserialize, Serialize};

use crate::error::DatasetError;

/// The version of the data set's form.
pub const DATASET_VERSION: u32 = 1;
/// Its file's name.
pub const MANIFEST_FILE: &str = "manifest.json";

/// What a data set is and what it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `overt-dataset`.
    pub format: String,
    pub version: u32,
    pub purpose: Purpose,
    pub grant: GrantNote,
    /// Crate and version that wrote it.
    pub builder: String,
    pub reducer: ReducerNote,
    /// `png`.
    pub codec: String,
    pub rows: u64,
    pub episodes: u64,
    /// Steps by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Rows by split.
    pub splits: BTreeMap<String, u64>,
    /// By id.
    pub recordings: Vec<RecordingNote>,
    /// All files but this one, by name.
    pub files: Vec<FileNote>,
}

/// Under what right it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantNote {
    pub who: String,
    pub reason: String,
    /// The last day it may be kept, `YYYY-MM-DD`.
    pub expires: Option<String>,
}

/// By which rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReducerNote {
    pub version: String,
    pub settings: Settings,
}

/// One recording in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingNote {
    pub recording: RecordingId,
    /// Of its public facts, which through the segments' digests covers every byte.
    pub sha256: Digest,
    pub agreement: Digest,
    pub consent: Digest,
    pub level: Level,
    pub purposes: Vec<Purpose>,
    /// Whole days since 1970-01-01 (UTC).
    pub day: i32,
    pub contributor_key: KeyId,
    pub split: String,
    pub rows: u64,
    pub episodes: u64,
    /// It ended early, or a segment was cut.
    pub incomplete: bool,
    /// By sequence.
    pub segments: Vec<SegmentNote>,
    pub ledger: LedgerNote,
    /// It is somebody else's recording, brought into this form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
}

/// One segment that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentNote {
    pub segment: SegmentId,
    pub sha256: Digest,
    pub torn: bool,
}

/// Where the input events of a recording went, and what it lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerNote {
    pub inputs: u64,
    pub in_steps: u64,
    pub ignored: BTreeMap<String, u64>,
    pub errors: BTreeMap<String, u64>,
    pub gaps: BTreeMap<String, u64>,
    pub lost_events: u64,
    pub frames: u64,
    pub frames_filled: u64,
    /// As the segments' own ends count them.
    pub denied: BTreeMap<DenyRule, u64>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileNote {
    pub name: String,
    pub sha256: Digest,
    pub len_bytes: u64,
}

impl Manifest {
    /// Whether any of these segments is in it: then this version, its exports and the models made
    /// from it must be rebuilt without them.
    pub fn must_rebuild(&self, erased: &BTreeSet<SegmentId>) -> bool {
        self.recordings.iter().flat_map(|r| &r.segments).any(|s| erased.contains(&s.segment))
    }

    /// The bytes of the file: indented JSON in field order and a newline.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, DatasetError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(DatasetError::Manifest)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the manifest of a data set.
    ///
    /// Errors: [`DatasetError::Io`] where there is none, [`DatasetError::Manifest`] for another form.
    pub fn read(dataset: &Path) -> Result<Self, DatasetError> {
        let bytes = std::fs::read(dataset.join(MANIFEST_FILE))?;
        serde_json::from_slice(&bytes).map_err(DatasetError::Manifest)
    }
}

impl RecordingNote {
    pub(crate) fn new(closing: &Closing, split: &str, rows: u64) -> Result<Self, DatasetError> {
        let facts = &closing.facts;
        let torn = closing.lineage.iter().any(|s| s.torn);
        Ok(Self {
            recording: facts.recording,
            sha256: facts.digest().map_err(std::io::Error::other)?,
            agreement: facts.agreement,
            consent: facts.consent,
            level: facts.level,
            purposes: facts.purposes.clone(),
            day: facts.day.0,
            contributor_key: facts.contributor_key,
            split: split.to_owned(),
            rows,
            episodes: closing.episodes.len() as u64,
            incomplete: torn || facts.state != RecordingState::Complete,
            segments: closing
                .lineage
                .iter()
                .map(|s| SegmentNote { segment: s.segment, sha256: s.sha256, torn: s.torn })
                .collect(),
            ledger: LedgerNote::new(&closing.ledger, closing),
            imported: facts.imported.clone(),
        })
    }
}

impl LedgerNote {
    fn new(ledger: &Ledger, closing: &Closing) -> Self {
        let mut denied = BTreeMap::new();
        for (rule, count) in closing.trailers.iter().flat_map(|t| &t.flow.denied) {
            *denied.entry(*rule).or_default() += count;
        }
        Self {
            inputs: ledger.inputs,
            in_steps: ledger.in_actions,
            ignored: ledger.ignored.iter().map(|(why, n)| (why.name().to_owned(), *n)).collect(),
            errors: ledger.errors.iter().map(|(why, n)| (why.name().to_owned(), *n)).collect(),
            gaps: ledger.gaps.clone(),
            lost_events: ledger.lost_events,
            frames: ledger.frames,
            frames_filled: ledger.frames_filled,
            denied,
        }
    }
}

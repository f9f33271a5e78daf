//! `manifest.json` (docs/spec/dataset.md, section 6).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use overt_event::{DenyRule, KeyId, Level, Purpose, RecordingId, SegmentId};
use overt_format::{Digest, Imported, RecordingState};
use overt_reduce::{Closing, Ledger, Settings};
use overt_unseal::SegmentLineage;
use serde::{Deserialize, Serialize};

use crate::error::DatasetError;
use crate::plan::Job;
use crate::split::SplitBy;

/// The version of the data set's form.
pub const DATASET_VERSION: u32 = 3;
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
    /// The version that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ParentNote>,
    pub rows: u64,
    pub episodes: u64,
    /// Steps by kind.
    pub kinds: BTreeMap<String, u64>,
    pub split_by: SplitBy,
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

/// Which version it was built again from, and without what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentNote {
    /// Of the other version's `manifest.json`.
    pub sha256: Digest,
    /// What had been erased of it by then.
    pub erased: BTreeSet<SegmentId>,
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
    /// Other recordings of the same person made at the same time, directly or through one another, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlaps: Vec<RecordingId>,
    /// Those that were opened, by sequence.
    pub segments: Vec<SegmentNote>,
    /// Segments that were erased before this version was made.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub erased: BTreeSet<SegmentId>,
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
    /// Its place in the recording.
    pub sequence: u32,
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
    /// How often the wall clock was set, or the machine slept, meanwhile.
    pub clock_jumps: u64,
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
    /// The bytes of the file: indented JSON in field order and a newline.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, DatasetError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(DatasetError::Manifest)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the manifest of a data set.
    ///
    /// Errors: [`DatasetError::Io`] where there is none, [`DatasetError::Version`] for another version,
    /// [`DatasetError::Manifest`] for what is no manifest.
    pub fn read(dataset: &Path) -> Result<Self, DatasetError> {
        Self::decode(&std::fs::read(dataset.join(MANIFEST_FILE))?)
    }

    /// Who was recorded, by the recording's id in words; imported ones are not among them: those were published by others.
    pub fn people_recorded(&self) -> BTreeMap<String, KeyId> {
        let recorded = self.recordings.iter().filter(|r| r.imported.is_none());
        recorded.map(|r| (r.recording.to_string(), r.contributor_key)).collect()
    }

    /// The version is looked at first: of another one nothing else is known.
    fn decode(bytes: &[u8]) -> Result<Self, DatasetError> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let Head { version } = serde_json::from_slice(bytes).map_err(DatasetError::Manifest)?;
        if version != DATASET_VERSION {
            return Err(DatasetError::Version { expected: DATASET_VERSION, got: version });
        }
        serde_json::from_slice(bytes).map_err(DatasetError::Manifest)
    }
}

impl RecordingNote {
    /// What one job tells of its recording. Its split and its overlaps are found when all are known.
    pub(crate) fn new(closing: &Closing, job: &Job, rows: u64) -> Self {
        let facts = &closing.facts;
        let torn = closing.lineage.iter().any(|s| s.torn);
        Self {
            recording: facts.recording,
            sha256: job.sha256,
            agreement: facts.agreement,
            consent: facts.consent,
            level: facts.level,
            purposes: facts.purposes.clone(),
            day: facts.day.0,
            contributor_key: facts.contributor_key,
            split: String::new(),
            rows,
            episodes: closing.episodes.len() as u64,
            incomplete: torn || facts.state != RecordingState::Complete,
            overlaps: Vec::new(),
            segments: closing.lineage.iter().map(SegmentNote::new).collect(),
            erased: job.erased.clone(),
            ledger: LedgerNote::new(&closing.ledger, closing),
            imported: facts.imported.clone(),
        }
    }

    /// A recording of which nothing is known but its id.
    #[cfg(test)]
    pub(crate) fn blank(recording: RecordingId) -> Self {
        let digest = overt_format::sha256(b"");
        Self {
            recording,
            sha256: digest,
            agreement: digest,
            consent: digest,
            level: Level::Full,
            purposes: Vec::new(),
            day: 0,
            contributor_key: KeyId([0; 16]),
            split: String::new(),
            rows: 0,
            episodes: 0,
            incomplete: false,
            overlaps: Vec::new(),
            segments: Vec::new(),
            erased: BTreeSet::new(),
            ledger: LedgerNote::default(),
            imported: None,
        }
    }
}

impl SegmentNote {
    fn new(lineage: &SegmentLineage) -> Self {
        let SegmentLineage { segment, sequence, sha256, torn } = *lineage;
        Self { segment, sequence, sha256, torn }
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
            clock_jumps: ledger.clock_jumps,
            lost_events: ledger.lost_events,
            frames: ledger.frames,
            frames_filled: ledger.frames_filled,
            denied,
        }
    }
}

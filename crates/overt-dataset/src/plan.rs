//! What a build will do, as data, before anything is opened: one job for each recording, and one stage over all.
//!
//! A job is a pure function of a recording's digest, of what was erased of it, and of the configuration: whoever
//! runs it, wherever and how often, makes the same bytes. Its key names all three.

use std::collections::{BTreeMap, BTreeSet};

use overt_event::{Purpose, RecordingId, SegmentId};
use overt_format::{Digest, RecordingDir, RecordingFacts, RecordingState, sha256};
use overt_reduce::{REDUCER_VERSION, Settings};
use serde::Serialize;

use crate::error::DatasetError;
use crate::manifest::DATASET_VERSION;

/// A recording that a version is made of.
pub struct Input {
    pub recording: RecordingDir,
    /// Its segments that were erased. They are not opened.
    pub erased: BTreeSet<SegmentId>,
}

impl Input {
    /// All of a recording.
    pub fn whole(recording: RecordingDir) -> Self {
        Self { recording, erased: BTreeSet::new() }
    }

    /// Whether any of it is.
    pub fn is_left(&self) -> bool {
        self.recording.facts().segments.iter().any(|s| !self.erased.contains(&s.segment))
    }

    /// The recording without what was erased.
    pub(crate) fn left(&self) -> RecordingDir {
        let facts = self.recording.facts();
        let segments: Vec<_> =
            facts.segments.iter().copied().filter(|s| !self.erased.contains(&s.segment)).collect();
        let paths: BTreeMap<SegmentId, _> =
            self.recording.segments().iter().map(|s| (s.facts.segment, s.path.clone())).collect();
        let release = self.recording.release().copied();
        let facts = RecordingFacts { segments, ..facts.clone() };
        RecordingDir::placed(facts, release, |s| paths.get(&s.segment).cloned().unwrap_or_default())
    }
}

/// What every job of a build works by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// The data set's form, and crate and version that write it.
    pub version: u32,
    pub builder: &'static str,
    pub reducer: &'static str,
    pub purpose: Purpose,
    pub codec: &'static str,
    pub reduce: Settings,
}

impl Config {
    /// Whether this program, asked for that purpose, works by just these rules.
    pub(crate) fn is_of_this_program(&self, purpose: Purpose) -> bool {
        *self == Self::new(purpose, self.codec, self.reduce.clone())
    }

    pub(crate) fn new(purpose: Purpose, codec: &'static str, reduce: Settings) -> Self {
        let builder = concat!("overt-dataset ", env!("CARGO_PKG_VERSION"));
        Self { version: DATASET_VERSION, builder, reducer: REDUCER_VERSION, purpose, codec, reduce }
    }
}

/// One recording to reduce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    pub recording: RecordingId,
    /// Of its public facts, which through the segments' digests covers every byte.
    pub sha256: Digest,
    /// Segments that are left out.
    pub erased: BTreeSet<SegmentId>,
    /// Bytes of the others.
    pub len_bytes: u64,
    /// The name of its result.
    pub key: Digest,
}

/// All jobs of a build, by recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    pub config: Config,
    pub jobs: Vec<Job>,
}

impl Plan {
    /// Plans a version. The order of the inputs changes nothing.
    ///
    /// Errors: [`DatasetError::NoInputs`], `Twice`, `SegmentTwice`, `StillOpen`.
    pub(crate) fn of(inputs: &mut Vec<Input>, config: Config) -> Result<Self, DatasetError> {
        inputs.retain(Input::is_left);
        inputs.sort_by_key(|i| i.recording.facts().recording);
        check(inputs)?;
        let jobs = inputs.iter().map(|input| Job::of(input, &config)).collect::<Result<_, _>>()?;
        Ok(Self { config, jobs })
    }
}

impl Job {
    pub(crate) fn of(input: &Input, config: &Config) -> Result<Self, DatasetError> {
        let facts = input.recording.facts();
        let digest = facts.digest().map_err(std::io::Error::other)?;
        let erased: BTreeSet<SegmentId> =
            facts.segments.iter().map(|s| s.segment).filter(|s| input.erased.contains(s)).collect();
        let left = facts.segments.iter().filter(|s| !erased.contains(&s.segment));
        let name = serde_json::to_vec(&("overt job v1", config, digest, &erased));
        Ok(Self {
            recording: facts.recording,
            sha256: digest,
            len_bytes: left.map(|s| s.len_bytes).sum(),
            key: sha256(&name.map_err(DatasetError::Manifest)?),
            erased,
        })
    }
}

/// Looks for what could only give silently wrong rows.
fn check(inputs: &[Input]) -> Result<(), DatasetError> {
    if inputs.is_empty() {
        return Err(DatasetError::NoInputs);
    }
    let mut seen: BTreeMap<SegmentId, RecordingId> = BTreeMap::new();
    for pair in inputs.windows(2) {
        let (one, next) = (pair[0].recording.facts().recording, pair[1].recording.facts().recording);
        if one == next {
            return Err(DatasetError::Twice { recording: one });
        }
    }
    for facts in inputs.iter().map(|i| i.recording.facts()) {
        if facts.state == RecordingState::Open {
            return Err(DatasetError::StillOpen { recording: facts.recording });
        }
        for segment in &facts.segments {
            if let Some(first) = seen.insert(segment.segment, facts.recording) {
                return Err(DatasetError::SegmentTwice { first, second: facts.recording });
            }
        }
    }
    Ok(())
}

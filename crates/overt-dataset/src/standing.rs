//! Whether a version may still be used: when anything it was made of is erased, it must be rebuilt without it.

use std::collections::BTreeSet;
use std::path::Path;

use overt_event::{RecordingId, SegmentId};
use overt_format::{Digest, RecordingDir, RecordingFacts, replace_file, sha256};
use serde::Serialize;

use crate::error::DatasetError;
use crate::manifest::{MANIFEST_FILE, Manifest, RecordingNote, SegmentNote};
use crate::plan::Input;
use crate::read::verify;

/// The mark in the folder of a version that must be rebuilt. That it is there is what counts, whatever it holds.
pub const MUST_REBUILD_FILE: &str = "must-rebuild.json";

/// How a version stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// What it was made of and is kept no longer.
    pub erased: BTreeSet<SegmentId>,
}

impl Standing {
    /// Whether this version, its exports and the models made from it must be made again.
    pub fn must_rebuild(&self) -> bool {
        !self.erased.is_empty()
    }

    /// Errors: [`DatasetError::MustRebuild`].
    pub fn check(&self) -> Result<(), DatasetError> {
        match self.erased.len() {
            0 => Ok(()),
            segments => Err(DatasetError::MustRebuild { segments }),
        }
    }
}

/// How a version stands. `keeps` says whether a segment is still kept and its consent not withdrawn: those who hold
/// the recordings know.
///
/// Errors: those of `keeps`.
pub fn standing<E>(
    manifest: &Manifest,
    keeps: impl Fn(&RecordingNote, &SegmentNote) -> Result<bool, E>,
) -> Result<Standing, E> {
    let mut standing = Standing::default();
    for recording in &manifest.recordings {
        for segment in &recording.segments {
            if !keeps(recording, segment)? {
                standing.erased.insert(segment.segment);
            }
        }
    }
    Ok(standing)
}

/// Looks whether the manifest tells of a recording what its own public facts do: the digest of them all, and so the
/// consent and the agreement that it was collected under, its level, its purposes and whose it is.
///
/// Errors: [`DatasetError::OtherTerms`].
pub fn same_terms(note: &RecordingNote, facts: &RecordingFacts) -> Result<(), DatasetError> {
    let told = (note.agreement, note.consent, note.level, &note.purposes, note.contributor_key);
    let known = (facts.agreement, facts.consent, facts.level, &facts.purposes, facts.contributor_key);
    let digest = facts.digest().map_err(std::io::Error::other)?;
    let is_same = told == known && note.sha256 == digest && note.imported == facts.imported;
    if is_same { Ok(()) } else { Err(DatasetError::OtherTerms { recording: note.recording }) }
}

/// Marks a version that must be rebuilt, so that whoever wants to read it without knowing the store learns it too.
/// Its files stay as they are.
///
/// Errors: [`DatasetError::Io`].
pub fn mark_must_rebuild(dataset: &Path, standing: &Standing) -> Result<(), DatasetError> {
    let bytes = serde_json::to_vec(standing).map_err(DatasetError::Manifest)?;
    Ok(replace_file(&dataset.join(MUST_REBUILD_FILE), &bytes)?)
}

/// The check before a version is exported, trained on or acted by: every file is as the manifest says, nobody marked it as
/// one that must be rebuilt, and its grant has not ended. `today`: `YYYY-MM-DD`.
///
/// Errors: [`DatasetError::MustRebuild`], [`DatasetError::Ended`]; those of [`verify`].
pub fn usable(dataset: &Path, today: &str) -> Result<Manifest, DatasetError> {
    let manifest = match std::fs::read(dataset.join(MUST_REBUILD_FILE)) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => verify(dataset)?,
        Err(error) => return Err(error.into()),
        Ok(bytes) => return Err(DatasetError::MustRebuild { segments: marked(&bytes) }),
    };
    // Days written so stand in the order of time.
    match &manifest.grant.expires {
        Some(last) if last.as_str() < today => {
            Err(DatasetError::Ended { expires: last.clone(), today: today.to_owned() })
        }
        _ => Ok(manifest),
    }
}

/// How many segments a mark names; at least one.
fn marked(bytes: &[u8]) -> usize {
    let mark: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    mark["erased"].as_array().map_or(1, |all| all.len().max(1))
}

/// A version that must be rebuilt.
#[derive(Clone, Debug)]
pub struct Parent {
    pub manifest: Manifest,
    /// Of its `manifest.json`.
    pub sha256: Digest,
    pub erased: BTreeSet<SegmentId>,
}

impl Parent {
    /// Reads a version that must be rebuilt. Its tables are not looked at: they may be gone.
    ///
    /// Errors: [`DatasetError::Current`] when nothing of it was erased; those of [`Manifest::read`].
    pub fn read(dataset: &Path, standing: Standing) -> Result<Self, DatasetError> {
        if !standing.must_rebuild() {
            return Err(DatasetError::Current);
        }
        let manifest = Manifest::read(dataset)?;
        let sha256 = sha256(&std::fs::read(dataset.join(MANIFEST_FILE))?);
        Ok(Self { manifest, sha256, erased: standing.erased })
    }

    /// The recordings of which something is left.
    pub fn recordings_left(&self) -> impl Iterator<Item = RecordingId> + '_ {
        let left = |r: &&RecordingNote| r.segments.iter().any(|s| !self.erased.contains(&s.segment));
        self.manifest.recordings.iter().filter(left).map(|r| r.recording)
    }

    /// What is left of one of them: without what was erased since, and before.
    pub fn input(&self, recording: RecordingDir) -> Input {
        let id = recording.facts().recording;
        let before = self.manifest.recordings.iter().filter(|r| r.recording == id).flat_map(|r| &r.erased);
        let erased = before.chain(&self.erased).copied().collect();
        Input { recording, erased }
    }
}

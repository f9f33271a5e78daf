//! The one place that decides whether a data set may be exported.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use overt_dataset::{Manifest, RecordingNote, StepRow, read_lineage, usable};
use overt_event::{Purpose, SegmentId};
use overt_format::{Digest, sha256};

use crate::error::{ExportError, Refusal};

/// A data set whose terms cover it; [`covers`](Self::covers) says so of each row. Only [`admit`] makes it.
#[derive(Debug)]
pub struct Admitted {
    manifest: Manifest,
    sha256: Digest,
    /// Rows that come from segments, all of them released.
    released: BTreeSet<i64>,
    /// Places of recordings in the manifest, by the name that rows have for them.
    places: BTreeMap<String, usize>,
}

impl Admitted {
    /// What it is and what it was made of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Of its manifest: the version's name.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// What the manifest says of a recording.
    pub fn note(&self, recording: &str) -> Option<&RecordingNote> {
        self.places.get(recording).and_then(|place| self.manifest.recordings.get(*place))
    }

    /// Looks at one row: it is of a recording of the manifest, and comes from segments of it. The end of a recording
    /// comes from none and holds nothing.
    ///
    /// Errors: [`Refusal::NotReleased`].
    pub fn covers(&self, step: &StepRow) -> Result<(), Refusal> {
        let is_known = self.note(&step.recording).is_some();
        if is_known && (self.released.contains(&step.row) || is_bare_end(step)) {
            return Ok(());
        }
        Err(Refusal::NotReleased { row: step.row })
    }

    /// Looks at the number of rows.
    ///
    /// Errors: [`Refusal::Rows`] where the manifest speaks of others.
    pub fn covers_all(&self, rows: u64) -> Result<(), Refusal> {
        let expected = self.manifest.rows;
        if rows == expected { Ok(()) } else { Err(Refusal::Rows { expected, got: rows }) }
    }
}

#[cfg(test)]
impl Admitted {
    /// One without recordings, for tests of what writes.
    pub(crate) fn blank() -> Self {
        let manifest = serde_json::json!({
            "format": "overt-dataset", "version": overt_dataset::DATASET_VERSION,
            "purpose": "train-agents", "builder": "", "codec": "png",
            "grant": {"who": "a test", "reason": "to write", "expires": null},
            "reducer": {"version": "", "settings": overt_reduce::Settings::default()},
            "rows": 0, "episodes": 0, "kinds": {}, "split_by": "person", "splits": {}, "recordings": [], "files": [],
        });
        let manifest: Manifest = serde_json::from_value(manifest).expect("a manifest");
        Self { manifest, sha256: sha256(b""), released: BTreeSet::new(), places: BTreeMap::new() }
    }
}

/// Looks at a data set as a whole: unaltered, not marked as one that must be rebuilt, made for a purpose of data sets under a grant that has not ended, of
/// recordings that were agreed and consented to for that purpose, from segments that were released.
///
/// `today`: `YYYY-MM-DD`.
///
/// Errors: [`ExportError::Refused`] says what is not covered; [`ExportError::Dataset`] for a data set that must be
/// rebuilt, does not read or is not as its manifest says.
pub fn admit(dataset: &Path, today: &str) -> Result<Admitted, ExportError> {
    let manifest = usable(dataset, today)?;
    check_purpose(manifest.purpose)?;
    manifest.recordings.iter().try_for_each(|r| check_terms(r, manifest.purpose))?;
    let released = released_rows(dataset, &manifest)?;
    let bytes = std::fs::read(dataset.join(overt_dataset::MANIFEST_FILE))?;
    let names = manifest.recordings.iter().map(|r| r.recording.to_string());
    let places = names.zip(0..).collect();
    Ok(Admitted { manifest, sha256: sha256(&bytes), released, places })
}

fn check_purpose(purpose: Purpose) -> Result<(), Refusal> {
    match purpose {
        Purpose::TrainAgents | Purpose::EvaluateAgents => Ok(()),
        Purpose::SubjectAccess => Err(Refusal::Purpose { purpose }),
    }
}

fn check_terms(recording: &RecordingNote, purpose: Purpose) -> Result<(), Refusal> {
    let id = recording.recording;
    if !recording.purposes.contains(&purpose) {
        return Err(Refusal::NotAgreed { recording: id, purpose });
    }
    let nothing = overt_format::Hex([0; 32]);
    if recording.agreement == nothing || recording.consent == nothing {
        return Err(Refusal::NoConsent { recording: id });
    }
    Ok(())
}

/// The rows that come from segments which the manifest lists. A segment that a build opened had been admitted, and
/// it was admitted because its owner released it.
fn released_rows(dataset: &Path, manifest: &Manifest) -> Result<BTreeSet<i64>, ExportError> {
    let known: BTreeSet<SegmentId> =
        manifest.recordings.iter().flat_map(|r| &r.segments).map(|s| s.segment).collect();
    let mut rows = BTreeSet::new();
    for descent in read_lineage(dataset)?.into_iter().filter(|d| d.table == "steps") {
        if !known.contains(&descent.segment) {
            return Err(Refusal::NotReleased { row: descent.row }.into());
        }
        rows.insert(descent.row);
    }
    Ok(rows)
}

/// The end of a recording that nothing was seen of: no event, no picture, no element, no window.
fn is_bare_end(step: &StepRow) -> bool {
    let seen = [step.image_before.is_some(), step.image_after.is_some(), step.element.is_some()];
    let windows = [step.window_before.is_some(), step.window_after.is_some()];
    step.kind == "finish"
        && !seen.contains(&true)
        && !windows.contains(&true)
        && step.elements_before.is_empty()
        && step.events.is_empty()
}

//! What the store knows of one recording.

use overt_format::{FACTS_VERSION, FormatError, Receipt, RecordingFacts, Release};
use serde::{Deserialize, Serialize};

/// A recording's public facts and the approval it was admitted under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub version: u16,
    pub facts: RecordingFacts,
    pub release: Release,
}

impl Manifest {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, FormatError> {
        let mut bytes = serde_json::to_vec(self).map_err(|_| FormatError::Json)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a manifest and checks that its release approves its facts.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|_| FormatError::Json)?;
        if manifest.version != FACTS_VERSION {
            return Err(FormatError::Version { expected: FACTS_VERSION, got: manifest.version });
        }
        let fits = manifest.release.recording_digest == manifest.facts.digest()?;
        if fits && manifest.encode()? == bytes { Ok(manifest) } else { Err(FormatError::Json) }
    }

    /// The word that this recording is kept. It is the same whenever it is asked for.
    pub fn receipt(&self) -> Receipt {
        Receipt {
            version: FACTS_VERSION,
            recording: self.facts.recording,
            recording_digest: self.release.recording_digest,
            len_bytes: self.facts.segments.iter().map(|s| s.len_bytes).sum(),
        }
    }
}

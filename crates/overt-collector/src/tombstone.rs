//! The word that something was erased. It stays when what it names is gone.

use std::collections::BTreeMap;

use overt_event::{Day, RecordingId, SegmentId};
use overt_format::{Digest, FACTS_VERSION, FormatError};
use serde::{Deserialize, Serialize};

/// What was erased of one recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    pub version: u16,
    pub recording: RecordingId,
    /// Nothing of it is left.
    pub whole: bool,
    /// When something of it was erased last.
    pub day: Day,
    /// Its segments that were erased, with the digests that they had.
    pub segments: BTreeMap<SegmentId, Digest>,
}

impl Tombstone {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, FormatError> {
        let mut bytes = serde_json::to_vec(self).map_err(|_| FormatError::Json)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let tombstone: Self = serde_json::from_slice(bytes).map_err(|_| FormatError::Json)?;
        if tombstone.version == FACTS_VERSION {
            return Ok(tombstone);
        }
        Err(FormatError::Version { expected: FACTS_VERSION, got: tombstone.version })
    }
}

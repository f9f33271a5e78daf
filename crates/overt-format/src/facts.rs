//! The public files beside the segments: `recording.json` and `release.json` (section 2).

use overt_event::{Day, KeyId, Level, Purpose, RecordingId, SegmentId};
use serde::{Deserialize, Serialize};

use crate::error::FormatError;
use crate::hex::{Digest, sha256};

/// The version of `recording.json` and `release.json` that this crate writes and reads.
pub const FACTS_VERSION: u16 = 1;

/// What anyone may know of a recording: `recording.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingFacts {
    pub version: u16,
    pub recording: RecordingId,
    pub state: RecordingState,
    /// SHA-256 of the agreement's signed text.
    pub agreement: Digest,
    /// SHA-256 of the consent receipt.
    pub consent: Digest,
    /// The highest level that any application of the recording was kept at.
    pub level: Level,
    /// Sorted, each once.
    pub purposes: Vec<Purpose>,
    /// The agreement's cadence of pictures, in its own words, such as `on_action`.
    pub cadence: String,
    /// The UTC day it began on.
    pub day: Day,
    /// The agreement's last day, UTC: after it nothing of this leaves the spool any more.
    pub last_day: Day,
    /// SHA-256 of the organisation's dictionary, where one was used (docs/spec/filter.md, section 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dictionary: Option<Digest>,
    pub contributor_key: KeyId,
    /// `None` when nobody but the contributor can open it.
    pub study_key: Option<KeyId>,
    /// Closed segments, by sequence, without holes.
    pub segments: Vec<SegmentFacts>,
    pub losses: Losses,
    /// Somebody else's recording, brought into this form; `None` for one of our own recorder's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
}

/// Where an imported recording comes from, by what right, and what nobody knows about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The format it had, such as `agentnet`.
    pub source: String,
    /// As the import agreement names it.
    pub licence: String,
    /// What the source does not tell, sorted, each once (docs/spec/import.md, section 2).
    pub unknown: Vec<Unknown>,
}

/// What a source may not tell of its recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// When an event reached the recorder: arrival is the time of the event.
    Arrival,
    /// Which button was pressed, for some presses.
    Button,
    /// Accessibility elements.
    Elements,
    /// What had the keyboard's focus, so that a password may be among the keys, where keys were kept at all.
    Focus,
    /// Whether input was made by a program.
    Injected,
    /// The keyboard's layout: characters are those of the US layout.
    Layout,
    /// What the screen showed.
    Pictures,
    /// Where elements lie: their bounds are empty.
    Places,
    /// When and where the button was let go of whose press ended the work: at the end, where it was pressed.
    Release,
    /// Physical pixels per unit of its coordinates.
    Scale,
    /// The size of the screen: the topology is the smallest desktop that holds every point.
    Screen,
    /// The time of day of its clock.
    WallClock,
    /// Which windows were where.
    Windows,
}

/// How a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecordingState {
    /// Its writer is still at work, or died and was not yet recovered.
    Open,
    Complete,
    Incomplete {
        why: Incomplete,
    },
}

/// Why a recording ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Incomplete {
    /// The recorder died; the last segment may be torn.
    Killed,
    DiskFull,
    /// A source failed for good: the display, the accessibility bus.
    SourceLost,
    /// The recorder met an error that it could not go on from.
    Failed,
    /// It ended, and the counts of what was seen, judged and written do not agree.
    Unreconciled,
}

/// One closed segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentFacts {
    /// From 0; also the file's name.
    pub sequence: u32,
    pub segment: SegmentId,
    /// Of the whole file.
    pub sha256: Digest,
    pub len_bytes: u64,
    /// Cut after a crash: it has no trailer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub torn: bool,
}

/// What is known to be missing, over the whole recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Losses {
    /// Events that a full queue could not take.
    pub events: u64,
    /// Segments that were cut after a crash.
    pub segments_torn: u64,
    /// Bytes of torn tails that were cut off.
    pub bytes_cut: u64,
}

impl RecordingFacts {
    /// The exact bytes of `recording.json`: compact JSON in field order and a newline.
    pub fn encode(&self) -> Result<Vec<u8>, FormatError> {
        encode_public(self)
    }

    /// Reads `recording.json`.
    ///
    /// Errors: [`FormatError::Version`] for another version, [`FormatError::Json`] for anything but the exact form,
    /// [`FormatError::Sequence`] when segments have holes or are out of order.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let facts: Self = decode_public(bytes)?;
        for (expected, segment) in (0..).zip(&facts.segments) {
            if segment.sequence != expected {
                return Err(FormatError::Sequence { expected, got: segment.sequence });
            }
        }
        Ok(facts)
    }

    /// The SHA-256 of [`encode`](Self::encode): what a release approves.
    pub fn digest(&self) -> Result<Digest, FormatError> {
        Ok(sha256(&self.encode()?))
    }
}

/// The contributor's approval that exactly this recording may leave: `release.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub version: u16,
    pub recording: RecordingId,
    /// [`RecordingFacts::digest`]; through the segments' digests it covers every byte.
    pub recording_digest: Digest,
    pub released: Day,
}

impl Release {
    /// The exact bytes of `release.json`.
    pub fn encode(&self) -> Result<Vec<u8>, FormatError> {
        encode_public(self)
    }

    /// Reads `release.json`. Errors as [`RecordingFacts::decode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        decode_public(bytes)
    }
}

/// A collector's word that it keeps a recording: the spool may then delete its own copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub version: u16,
    pub recording: RecordingId,
    /// [`RecordingFacts::digest`] of what is kept.
    pub recording_digest: Digest,
    /// Bytes of all its segments.
    pub len_bytes: u64,
}

impl Receipt {
    /// The exact bytes of a receipt.
    pub fn encode(&self) -> Result<Vec<u8>, FormatError> {
        encode_public(self)
    }

    /// Reads a receipt. Errors as [`RecordingFacts::decode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        decode_public(bytes)
    }
}

fn encode_public<T: Serialize>(value: &T) -> Result<Vec<u8>, FormatError> {
    let mut bytes = serde_json::to_vec(value).map_err(|_| FormatError::Json)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The version is looked at before anything else, so that a later form is named as such.
fn decode_public<T: Serialize + for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, FormatError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u16,
    }
    let Versioned { version } = serde_json::from_slice(bytes).map_err(|_| FormatError::Json)?;
    if version != FACTS_VERSION {
        return Err(FormatError::Version { expected: FACTS_VERSION, got: version });
    }
    let value: T = serde_json::from_slice(bytes).map_err(|_| FormatError::Json)?;
    if encode_public(&value)? != bytes {
        return Err(FormatError::Json);
    }
    Ok(value)
}

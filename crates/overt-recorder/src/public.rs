//! What a recording says of itself in public: no times of day, nothing captured.

use overt_agreement::Terms;
use overt_event::{ClockAnchor, RecordingId};
use overt_format::{FACTS_VERSION, Hex, Losses, RecordingFacts, RecordingState};
use overt_pen::SegmentTerms;

use crate::run::RecordConfig;

/// The facts of a recording that has just begun.
pub(crate) fn facts(
    config: &RecordConfig,
    terms: &Terms,
    recording: RecordingId,
    anchor: ClockAnchor,
    dictionary: Option<[u8; 32]>,
) -> RecordingFacts {
    RecordingFacts {
        version: FACTS_VERSION,
        recording,
        state: RecordingState::Open,
        agreement: Hex(terms.digest()),
        consent: Hex(terms.consent_digest()),
        level: terms.highest_level(),
        purposes: terms.purposes().iter().copied().collect(),
        cadence: terms.cadence().to_string(),
        day: anchor.wall.day(),
        last_day: terms.agreed_until(),
        dictionary: dictionary.map(Hex),
        contributor_key: config.contributor.key_id,
        study_key: config.study.as_ref().map(|r| r.key_id),
        segments: Vec::new(),
        losses: Losses::default(),
        imported: None,
    }
}

/// What all its segments have in common.
pub(crate) fn segment_terms(
    config: &RecordConfig,
    terms: &Terms,
    recording: RecordingId,
    anchor: ClockAnchor,
) -> SegmentTerms {
    SegmentTerms {
        recording,
        agreement: Hex(terms.digest()),
        consent: Hex(terms.consent_digest()),
        level: terms.highest_level(),
        purposes: terms.purposes().iter().copied().collect(),
        day: anchor.wall.day(),
        recipients: [Some(config.contributor.clone()), config.study.clone()].into_iter().flatten().collect(),
    }
}

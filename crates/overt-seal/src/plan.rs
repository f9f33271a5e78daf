//! What a segment will be, and for whom it is sealed.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeS, Serializable, single_shot_seal};
use overt_event::{Day, KeyId, Level, Purpose, RecordingId, SegmentId};
use overt_format::{
    Digest, FormatError, Hex, RecipientEntry, RecipientKind, SEGMENT_VERSION, SegmentHeader, key_id,
};
use thiserror::Error;

const ENCAPSULATED_BYTES: usize = 32;

/// Why something was not sealed.
#[derive(Debug, Error)]
pub enum SealError {
    #[error("the segment has no recipient, so nobody could ever open it. Make keys with `overt keys init`")]
    NoRecipient,
    #[error("recipient {index} has a key id that is not its key's. Take its public key from its file again")]
    KeyId { index: usize },
    #[error(
        "recipient {index} has a public key that cannot be sealed to. Take its public key from its file again"
    )]
    PublicKey { index: usize },
    #[error("no random bytes could be had from the system. Nothing was sealed; try again")]
    Random,
    #[error("the segment holds too many frames. Close it and begin the next one")]
    TooLong,
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Someone who will be able to open the segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub kind: RecipientKind,
    /// First 16 bytes of the SHA-256 of `public`.
    pub key_id: KeyId,
    /// Which of the recipient's keys, such as `2026-11`; empty when it has one for all time.
    pub epoch: String,
    /// X25519.
    pub public: [u8; 32],
}

impl Recipient {
    /// A recipient by its public key.
    pub fn new(kind: RecipientKind, epoch: impl Into<String>, public: [u8; 32]) -> Self {
        Self { kind, key_id: key_id(&public), epoch: epoch.into(), public }
    }
}

/// What is known of a segment before its first record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentPlan {
    pub recording: RecordingId,
    /// From 0, without holes.
    pub sequence: u32,
    pub agreement_digest: Digest,
    pub consent_digest: Digest,
    /// The highest level that any application is kept at.
    pub level: Level,
    /// In any order; the header lists each once.
    pub purposes: Vec<Purpose>,
    pub day: Day,
    pub recipients: Vec<Recipient>,
}

impl SegmentPlan {
    /// The segment's header, with the data key wrapped for each recipient.
    pub(crate) fn header(self, random: &SegmentRandom) -> Result<SegmentHeader, SealError> {
        if self.recipients.is_empty() {
            return Err(SealError::NoRecipient);
        }
        let mut purposes = self.purposes;
        purposes.sort_unstable();
        purposes.dedup();
        let mut header = SegmentHeader {
            version: SEGMENT_VERSION,
            recording: self.recording,
            segment: SegmentId(random.segment),
            sequence: self.sequence,
            agreement: self.agreement_digest,
            consent: self.consent_digest,
            level: self.level,
            purposes,
            day: self.day,
            nonce_prefix: Hex(random.nonce_prefix),
            recipients: Vec::new(),
        };
        let info = header.key_context()?;
        let wrap = |(index, recipient)| wrap_key(index, recipient, &info, &random.data_key);
        header.recipients = self.recipients.into_iter().enumerate().map(wrap).collect::<Result<_, _>>()?;
        Ok(header)
    }
}

/// What chance gives to a segment.
#[derive(zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub(crate) struct SegmentRandom {
    pub(crate) segment: [u8; 16],
    pub(crate) nonce_prefix: [u8; 7],
    pub(crate) data_key: [u8; 32],
}

impl SegmentRandom {
    pub(crate) fn draw() -> Result<Self, SealError> {
        let mut random = Self { segment: [0; 16], nonce_prefix: [0; 7], data_key: [0; 32] };
        for part in [&mut random.segment[..], &mut random.nonce_prefix, &mut random.data_key] {
            getrandom::fill(part).map_err(|_| SealError::Random)?;
        }
        Ok(random)
    }
}

fn wrap_key(
    index: usize,
    recipient: Recipient,
    info: &[u8],
    data_key: &[u8; 32],
) -> Result<RecipientEntry, SealError> {
    let Recipient { kind, key_id: id, epoch, public } = recipient;
    if id != key_id(&public) {
        return Err(SealError::KeyId { index });
    }
    let bad = |_| SealError::PublicKey { index };
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&public).map_err(bad)?;
    let (encapsulated, wrapped) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        data_key,
        &[],
    )
    .map_err(bad)?;
    let mut wrapped_key = [0; 80];
    wrapped_key[..ENCAPSULATED_BYTES].copy_from_slice(&encapsulated.to_bytes());
    wrapped_key[ENCAPSULATED_BYTES..].copy_from_slice(&wrapped);
    Ok(RecipientEntry { kind, key_id: id, epoch, wrapped_key: Hex(wrapped_key) })
}

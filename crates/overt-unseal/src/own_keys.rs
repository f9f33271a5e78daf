//! The owner's own keys as a key service.

use std::path::Path;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, single_shot_open};
use overt_event::{KeyId, Purpose};
use overt_format::{RecipientEntry, RecipientKind, SegmentHeader, key_id};
use zeroize::Zeroizing;

use crate::grant::recipient_kind;
use crate::key_service::{DataKey, KeyError, KeyRequest, KeyService};
use crate::keyfile::{KeyFileError, SecretKey, read_secret};

const ENCAPSULATED_BYTES: usize = 32;

/// Private keys that lie on this machine: the contributor's, or those of a study of one person.
#[derive(Default)]
pub struct OwnKeys {
    keys: Vec<(KeyId, SecretKey)>,
}

impl OwnKeys {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    pub fn add(&mut self, key: SecretKey) -> KeyId {
        let id = key_id(&key.public());
        self.keys.push((id, key));
        id
    }

    /// Adds the key of a file. Errors as [`read_secret`].
    pub fn add_file(&mut self, path: &Path) -> Result<KeyId, KeyFileError> {
        Ok(self.add(read_secret(path)?))
    }

    /// The recipient entry that one of these keys opens, and that key.
    fn find<'h>(
        &self,
        header: &'h SegmentHeader,
        kind: RecipientKind,
    ) -> Option<(&'h RecipientEntry, &SecretKey)> {
        header.recipients.iter().filter(|r| r.kind == kind).find_map(|entry| {
            self.keys.iter().find(|(id, _)| *id == entry.key_id).map(|(_, key)| (entry, key))
        })
    }
}

impl KeyService for OwnKeys {
    fn data_key(&self, request: KeyRequest<'_>) -> Result<DataKey, KeyError> {
        let KeyRequest { purpose, header, .. } = request;
        if purpose != Purpose::SubjectAccess && !header.purposes.contains(&purpose) {
            return Err(KeyError::Refused);
        }
        let (entry, key) = self.find(header, recipient_kind(purpose)).ok_or(KeyError::NoKey { purpose })?;
        unwrap_key(header, entry, key)
    }
}

fn unwrap_key(header: &SegmentHeader, entry: &RecipientEntry, key: &SecretKey) -> Result<DataKey, KeyError> {
    let info = header.key_context().map_err(|_| KeyError::Unwrap)?;
    let (encapsulated, wrapped) = entry.wrapped_key.0.split_at(ENCAPSULATED_BYTES);
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| KeyError::Unwrap)?;
    let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key.hpke(),
        &encapsulated,
        &info,
        wrapped,
        &[],
    );
    let bytes = Zeroizing::new(opened.map_err(|_| KeyError::Unwrap)?);
    let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError::Unwrap)?;
    Ok(DataKey::new(bytes))
}

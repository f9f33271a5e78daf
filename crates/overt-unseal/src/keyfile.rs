//! Keys in files (section 8): one line of text each.
//!
//! ```text
//! overt-secret-key-v1 x25519 <64 hexadecimal digits>
//! overt-public-key-v1 x25519 contributor <64 hexadecimal digits>
//! ```

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use overt_event::KeyId;
use overt_format::{Hex, RecipientKind, key_id, replace_file, sync_dir};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

const SECRET_PREFIX: &str = "overt-secret-key-v1 x25519 ";
const PUBLIC_PREFIX: &str = "overt-public-key-v1 x25519 ";
/// Both lines are shorter.
const LINE_BYTES_MAX: u64 = 256;

/// Why a key file was not used.
#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error(
        "the secret key can be read by others (mode {mode:o}). Set it to 600, and make new keys if others may have read it"
    )]
    TooOpen { mode: u32 },
    #[error("there is a key already. Move it away first: without it what was sealed to it is lost")]
    Exists,
    #[error("this is not a key file of the known form. Check which file was named")]
    Form,
    #[error("no random bytes could be had from the system. Try again")]
    Random,
    #[error("the key file could not be read or written. Check its folder and its permissions")]
    Io(#[from] io::Error),
}

/// A private key. Wiped when dropped.
pub struct SecretKey(Zeroizing<[u8; 32]>);

/// A public key and in whose name it is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey {
    pub kind: RecipientKind,
    pub bytes: [u8; 32],
}

impl PublicKey {
    /// Its name.
    pub fn id(&self) -> KeyId {
        key_id(&self.bytes)
    }
}

impl SecretKey {
    /// A new key from the system's random bytes.
    pub fn generate() -> Result<Self, KeyFileError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| KeyFileError::Random)?;
        Ok(Self(bytes))
    }

    /// From its 32 bytes; the caller's copy is the caller's to wipe.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        X25519HkdfSha256::sk_to_pk(&self.hpke()).to_bytes().into()
    }

    pub(crate) fn hpke(&self) -> <X25519HkdfSha256 as Kem>::PrivateKey {
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(self.0.as_ref())
            .expect("32 bytes are always an X25519 private key")
    }
}

/// Makes a key pair and writes both files: the secret one for this user alone (mode 0600).
///
/// Errors: [`KeyFileError::Exists`] when there is a secret key already.
pub fn generate(kind: RecipientKind, secret: &Path, public: &Path) -> Result<PublicKey, KeyFileError> {
    let key = SecretKey::generate()?;
    write_secret(secret, &key)?;
    let half = PublicKey { kind, bytes: key.public() };
    write_public(public, &half)?;
    Ok(half)
}

/// Writes a secret key that no file holds yet.
pub fn write_secret(path: &Path, key: &SecretKey) -> Result<(), KeyFileError> {
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_BYTES_MAX as usize));
    line.extend_from_slice(SECRET_PREFIX.as_bytes());
    let mut digits = Zeroizing::new([0; 64]);
    hex::encode_to_slice(*key.0, digits.as_mut()).map_err(|_| KeyFileError::Form)?;
    line.extend_from_slice(digits.as_ref());
    line.push(b'\n');
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(KeyFileError::Exists),
        file => file?,
    };
    file.write_all(&line)?;
    file.sync_all()?;
    match path.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(folder) => Ok(sync_dir(folder)?),
        None => Ok(()),
    }
}

/// Writes a public key, over an older one if there is one.
pub fn write_public(path: &Path, key: &PublicKey) -> Result<(), KeyFileError> {
    let line = format!("{PUBLIC_PREFIX}{} {}\n", kind_word(key.kind), Hex(key.bytes));
    Ok(replace_file(path, line.as_bytes())?)
}

/// Reads a secret key.
///
/// Errors: [`KeyFileError::TooOpen`] when group or others have any right to the file.
pub fn read_secret(path: &Path) -> Result<SecretKey, KeyFileError> {
    let file = fs::File::open(path)?;
    let mode = file.metadata()?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::TooOpen { mode });
    }
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_BYTES_MAX as usize));
    file.take(LINE_BYTES_MAX).read_to_end(&mut line)?;
    let digits = line.strip_suffix(b"\n").and_then(|l| l.strip_prefix(SECRET_PREFIX.as_bytes()));
    let mut bytes = [0; 32];
    let read = hex::decode_to_slice(digits.ok_or(KeyFileError::Form)?, &mut bytes);
    let key = SecretKey::from_bytes(&bytes);
    bytes.zeroize();
    read.map(|()| key).map_err(|_| KeyFileError::Form)
}

/// Reads a public key.
pub fn read_public(path: &Path) -> Result<PublicKey, KeyFileError> {
    let mut line = String::new();
    match fs::File::open(path)?.take(LINE_BYTES_MAX).read_to_string(&mut line) {
        Err(e) if e.kind() == io::ErrorKind::InvalidData => return Err(KeyFileError::Form),
        read => read?,
    };
    parse_public(&line).ok_or(KeyFileError::Form)
}

fn parse_public(line: &str) -> Option<PublicKey> {
    let (word, digits) = line.strip_suffix('\n')?.strip_prefix(PUBLIC_PREFIX)?.split_once(' ')?;
    let kinds = [RecipientKind::Contributor, RecipientKind::Study];
    let kind = kinds.into_iter().find(|k| kind_word(*k) == word)?;
    let Hex(bytes) = digits.parse().ok()?;
    Some(PublicKey { kind, bytes })
}

fn kind_word(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::Contributor => "contributor",
        RecipientKind::Study => "study",
    }
}

//! Fixed-length bytes that are written as lower-case hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use overt_event::{KeyId, hex_from_bytes};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Text that is not the expected number of lower-case hexadecimal digits.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "expected {expected} lower-case hexadecimal digits and got {got} characters; the file is altered or foreign"
)]
pub struct HexError {
    pub expected: usize,
    pub got: usize,
}

/// `N` public bytes; in JSON a string of `2 N` lower-case hexadecimal digits, the only spelling accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hex<const N: usize>(pub [u8; N]);

/// A SHA-256.
pub type Digest = Hex<32>;

/// The SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    Hex(Sha256::digest(bytes).into())
}

/// A public key's name: the first 16 bytes of the SHA-256 of its bytes.
pub fn key_id(public: &[u8; 32]) -> KeyId {
    let mut id = [0; 16];
    id.copy_from_slice(&sha256(public).0[..16]);
    KeyId(id)
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex_from_bytes(&self.0))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> FromStr for Hex<N> {
    type Err = HexError;
    fn from_str(text: &str) -> Result<Self, HexError> {
        let bad = HexError { expected: 2 * N, got: text.chars().count() };
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(bad);
        }
        let mut bytes = [0; N];
        ::hex::decode_to_slice(text, &mut bytes).map_err(|_| bad)?;
        Ok(Self(bytes))
    }
}

impl<const N: usize> From<Hex<N>> for String {
    fn from(hex: Hex<N>) -> String {
        hex.to_string()
    }
}

impl<const N: usize> TryFrom<String> for Hex<N> {
    type Error = HexError;
    fn try_from(text: String) -> Result<Self, HexError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_spelling_is_read() {
        let check = |text: &str, expected: Result<Hex<2>, HexError>| assert_eq!(text.parse(), expected);
        check("0aff", Ok(Hex([0x0a, 0xff])));
        check("0AFF", Err(HexError { expected: 4, got: 4 }));
        check("0af", Err(HexError { expected: 4, got: 3 }));
        check("0afg", Err(HexError { expected: 4, got: 4 }));
    }
}

//! Names of things. They are random, not time-ordered: a public name must not tell a time of day.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An id that does not read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum IdError {
    #[error("an id must begin with \"{expected}\"")]
    Prefix { expected: &'static str },
    #[error("an id must end in 32 lower-case hexadecimal digits, not {got} characters of another kind")]
    Digits { got: usize },
}

/// Lower-case hexadecimal digits, two a byte.
pub fn hex_from_bytes(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 0xf)]).collect()
}

fn parse_hex16(s: &str, prefix: &'static str) -> Result<[u8; 16], IdError> {
    let digits = s.strip_prefix(prefix).ok_or(IdError::Prefix { expected: prefix })?;
    let bad = IdError::Digits { got: digits.len() };
    let lower_hex = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if digits.len() != 32 || !lower_hex {
        return Err(bad);
    }
    let n = u128::from_str_radix(digits, 16).map_err(|_| bad)?;
    Ok(n.to_be_bytes())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(pub [u8; 16]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), hex_from_bytes(&self.0))
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                parse_hex16(s, $prefix).map(Self)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(s: String) -> Result<Self, IdError> {
                s.parse()
            }
        }
    };
}

id!(
    /// One session: a folder `NAME.overt`.
    RecordingId, "recording_"
);
id!(
    /// One stored piece of a recording.
    SegmentId, "segment_"
);
id!(
    /// A public key, by the first 16 bytes of the SHA-256 of its bytes.
    KeyId, "key_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_a_foreign_prefix_does_not() {
        let id = SegmentId([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().parse::<RecordingId>(), Err(IdError::Prefix { expected: "recording_" }));
        assert_eq!("segment_AB".parse::<SegmentId>(), Err(IdError::Digits { got: 2 }));
    }
}

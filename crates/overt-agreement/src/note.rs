//! The C2SP signed note: a text, an empty line, signature lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::AgreementError;

/// More lines than this are not read (docs/spec/agreement.md, section 1).
pub(crate) const SIGNATURES_MAX: usize = 16;
/// The signed note's number for Ed25519.
const ED25519: u8 = 1;

/// A note taken apart. The text ends in its line feed.
pub(crate) struct Note<'a> {
    pub(crate) text: &'a str,
    pub(crate) signatures: Vec<NoteSignature<'a>>,
}

/// One signature line.
pub(crate) struct NoteSignature<'a> {
    pub(crate) name: &'a str,
    pub(crate) hash: [u8; 4],
    pub(crate) signature: [u8; 64],
}

impl<'a> Note<'a> {
    /// Splits at the last empty line that only signature lines follow; without one, all is text.
    pub(crate) fn parse(whole: &'a str) -> Result<Self, AgreementError> {
        check_characters(whole)?;
        let Some((text, lines)) = split(whole) else {
            return Ok(Self { text: whole, signatures: Vec::new() });
        };
        let got = lines.lines().count();
        if got > SIGNATURES_MAX {
            return Err(AgreementError::TooManySignatures { got, max: SIGNATURES_MAX });
        }
        let first = text.lines().count() + 2;
        let signatures = lines
            .lines()
            .enumerate()
            .map(|(i, l)| read_line(l).ok_or(AgreementError::SignatureLine { line: first + i }))
            .collect::<Result<_, _>>()?;
        Ok(Self { text, signatures })
    }
}

fn split(whole: &str) -> Option<(&str, &str)> {
    let at = whole.rfind("\n\n")?;
    let lines = &whole[at + 2..];
    (!lines.is_empty() && lines.lines().all(|l| l.starts_with("— "))).then_some((&whole[..=at], lines))
}

fn check_characters(text: &str) -> Result<(), AgreementError> {
    match text.lines().position(|l| l.chars().any(char::is_control)) {
        Some(i) => Err(AgreementError::ControlCharacter { line: i + 1 }),
        // `lines` also ends a line at a carriage return with a line feed.
        None if text.contains('\r') => Err(AgreementError::ControlCharacter { line: 1 }),
        None => Ok(()),
    }
}

fn read_line(line: &str) -> Option<NoteSignature<'_>> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (hash, signature) = bytes.split_first_chunk::<4>()?;
    name_fits(name).then_some(NoteSignature { name, hash: *hash, signature: signature.try_into().ok()? })
}

/// The line for a signature, with its line feed.
pub(crate) fn write_line(name: &str, hash: [u8; 4], signature: &[u8; 64]) -> String {
    let mut bytes = hash.to_vec();
    bytes.extend_from_slice(signature);
    format!("— {name} {}\n", STANDARD.encode(bytes))
}

/// The first 4 bytes of SHA-256 over name, line feed, algorithm, public key.
pub(crate) fn key_hash(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', ED25519]);
    hasher.update(public);
    let digest: [u8; 32] = hasher.finalize().into();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Whether a key can have this name.
pub(crate) fn name_fits(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// `NAME+HASH+BASE64` for the 32 bytes of a key.
pub(crate) fn write_key(name: &str, hash: [u8; 4], key: &[u8; 32]) -> String {
    // Built in one allocation of known size, so that no copy of a secret is left behind.
    let mut bytes = zeroize::Zeroizing::new([ED25519; 33]);
    bytes[1..].copy_from_slice(key);
    let encoded = zeroize::Zeroizing::new(STANDARD.encode(*bytes));
    format!("{name}+{}+{}", overt_event::hex_from_bytes(&hash), *encoded)
}

/// Name, hash and 32 bytes of a written key.
type KeyParts<'a> = (&'a str, [u8; 4], zeroize::Zeroizing<[u8; 32]>);

/// Takes a written key apart; whether the hash belongs to it is for the caller to check.
pub(crate) fn read_key(text: &str) -> Result<KeyParts<'_>, AgreementError> {
    let bad = |problem| AgreementError::Key { problem };
    let mut parts = text.trim().splitn(3, '+');
    let (Some(name), Some(hash), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad("it has not the form NAME+HASH+BASE64"));
    };
    if !name_fits(name) {
        return Err(bad("its name is empty or has white space"));
    }
    let hash = hex::decode(hash).ok().and_then(|h| h.try_into().ok());
    let bytes = zeroize::Zeroizing::new(STANDARD.decode(encoded).map_err(|_| bad("its end is not base64"))?);
    let key = bytes.strip_prefix(&[ED25519]).and_then(|k| <[u8; 32]>::try_from(k).ok());
    match (hash, key) {
        (Some(hash), Some(key)) => Ok((name, hash, key.into())),
        (None, _) => Err(bad("its hash is not 8 hexadecimal digits")),
        (_, None) => Err(bad("it is not an Ed25519 key")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(whole: &str, expected: Result<(&str, usize), AgreementError>) {
        assert_eq!(Note::parse(whole).map(|n| (n.text, n.signatures.len())), expected);
    }

    #[test]
    fn a_note_is_text_empty_line_signatures() {
        let line = write_line("a", [1; 4], &[2; 64]);
        check("t\n", Ok(("t\n", 0)));
        check(&format!("t\n\n{line}"), Ok(("t\n", 1)));
        check(&format!("t\n\nu\n\n{line}{line}"), Ok(("t\n\nu\n", 2)));
        check(&format!("t\n\n{line}u\n"), Ok((&format!("t\n\n{line}u\n"), 0)));
        check("t\n\n— a b\n", Err(AgreementError::SignatureLine { line: 3 }));
        check("t\tu\n", Err(AgreementError::ControlCharacter { line: 1 }));
        check("t\r\n", Err(AgreementError::ControlCharacter { line: 1 }));
        let many = format!("t\n\n{}", line.repeat(17));
        check(&many, Err(AgreementError::TooManySignatures { got: 17, max: 16 }));
    }

    #[test]
    fn a_published_key_has_the_hash_it_states() {
        // The example key of golang.org/x/mod/sumdb/note.
        let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let (name, hash, key) = read_key(vkey).expect("it reads");
        assert_eq!((name, key_hash(name, &key)), ("PeterNeumann", hash));
        assert_eq!(write_key(name, hash, &key), vkey);
    }
}

//! The keys parties sign with.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::note::{self, Note};
use crate::{Agreement, AgreementError};

const SECRET_PREFIX: &str = "PRIVATE+KEY+";

/// A party's secret key. It cannot be printed or copied, and is wiped when dropped.
pub struct PartyKey {
    name: String,
    secret: SigningKey,
}

impl PartyKey {
    /// A fresh key under a name without white space or plus signs.
    ///
    /// Errors: [`AgreementError::Key`] for a name that cannot be written, [`AgreementError::Random`].
    pub fn generate(name: &str) -> Result<Self, AgreementError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(|_| AgreementError::Random)?;
        Self::from_seed(name, &seed)
    }

    fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, AgreementError> {
        if !note::name_fits(name) {
            return Err(AgreementError::Key {
                problem: "its name is empty or has white space or a plus sign",
            });
        }
        Ok(Self { name: name.to_owned(), secret: SigningKey::from_bytes(seed) })
    }

    /// Reads what [`PartyKey::to_text`] wrote.
    ///
    /// Errors: [`AgreementError::Key`].
    pub fn from_text(text: &str) -> Result<Self, AgreementError> {
        let rest = text
            .trim()
            .strip_prefix(SECRET_PREFIX)
            .ok_or(AgreementError::Key { problem: "a secret key begins with PRIVATE+KEY+" })?;
        let (name, hash, seed) = note::read_key(rest)?;
        let key = Self::from_seed(name, &seed)?;
        if key.public().hash != hash {
            return Err(AgreementError::Key { problem: "its hash belongs to another key" });
        }
        Ok(key)
    }

    /// The text of the secret key file, one line. Whoever holds it can sign as the party.
    pub fn to_text(&self) -> Zeroizing<String> {
        let line = Zeroizing::new(note::write_key(&self.name, self.public().hash, self.secret.as_bytes()));
        let mut text = Zeroizing::new(String::with_capacity(SECRET_PREFIX.len() + line.len() + 1));
        text.push_str(SECRET_PREFIX);
        text.push_str(&line);
        text.push('\n');
        text
    }

    /// What others need to check this key's signatures.
    pub fn public(&self) -> PartyPublic {
        PartyPublic::new(self.name.clone(), self.secret.verifying_key())
    }

    /// Adds this key's signature line under an agreement, which may already have others.
    ///
    /// The text itself is not changed, but for a line feed at its end where that is missing. A second
    /// signature by the same key replaces the first.
    /// Errors: those of [`Agreement::parse_unsigned`]; [`AgreementError::SignerNotParty`] when the text
    /// does not name this key.
    pub fn sign(&self, text: &str) -> Result<String, AgreementError> {
        let whole = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
        let public = self.public();
        if !Agreement::parse_unsigned(&whole)?.parties().iter().any(|p| p.key() == &public) {
            return Err(AgreementError::SignerNotParty { name: self.name.clone() });
        }
        self.sign_note(&whole)
    }

    /// The same for any text that ends in a line feed, whatever it says.
    pub(crate) fn sign_note(&self, whole: &str) -> Result<String, AgreementError> {
        let (note, hash) = (Note::parse(whole)?, self.public().hash);
        let mut out = format!("{}\n", note.text);
        for s in note.signatures.iter().filter(|s| !(s.name == self.name && s.hash == hash)) {
            out.push_str(&note::write_line(s.name, s.hash, &s.signature));
        }
        let signature = self.secret.sign(note.text.as_bytes()).to_bytes();
        out.push_str(&note::write_line(&self.name, hash, &signature));
        Ok(out)
    }
}

/// A party's public key, written `NAME+HASH+BASE64`.
#[derive(Clone, PartialEq, Eq)]
pub struct PartyPublic {
    name: String,
    hash: [u8; 4],
    key: VerifyingKey,
}

impl PartyPublic {
    fn new(name: String, key: VerifyingKey) -> Self {
        let hash = note::key_hash(&name, key.as_bytes());
        Self { name, hash, key }
    }

    /// The name signature lines of this key carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the same key, under whatever name.
    pub(crate) fn is_key_of(&self, other: &Self) -> bool {
        self.key == other.key
    }

    pub(crate) fn made(&self, signature: &note::NoteSignature<'_>) -> bool {
        self.name == signature.name && self.hash == signature.hash
    }

    pub(crate) fn verifies(&self, text: &str, signature: &[u8; 64]) -> bool {
        self.key.verify_strict(text.as_bytes(), &Signature::from_bytes(signature)).is_ok()
    }
}

impl FromStr for PartyPublic {
    type Err = AgreementError;

    fn from_str(text: &str) -> Result<Self, AgreementError> {
        let (name, hash, bytes) = note::read_key(text)?;
        let key = VerifyingKey::from_bytes(&bytes)
            .ok()
            .filter(|k| !k.is_weak())
            .ok_or(AgreementError::Key { problem: "it is not a point that can verify" })?;
        let public = Self::new(name.to_owned(), key);
        if public.hash != hash {
            return Err(AgreementError::Key { problem: "its hash belongs to another key" });
        }
        Ok(public)
    }
}

impl fmt::Display for PartyPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&note::write_key(&self.name, self.hash, self.key.as_bytes()))
    }
}

impl fmt::Debug for PartyPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartyPublic({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_and_damaged_ones_do_not() {
        let key = PartyKey::generate("works-council").expect("random bytes");
        let again = PartyKey::from_text(&key.to_text()).expect("it reads");
        assert_eq!(again.public(), key.public());
        let vkey = key.public().to_string();
        assert_eq!(vkey.parse(), Ok(key.public()));
        assert!(vkey.replace("works", "other").parse::<PartyPublic>().is_err());
        assert!(vkey[..vkey.len() - 4].parse::<PartyPublic>().is_err());
        assert!(PartyKey::from_text(&vkey).is_err());
        assert!(PartyKey::generate("works council").is_err());
    }
}

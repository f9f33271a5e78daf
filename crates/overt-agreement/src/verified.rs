//! The one door from a text to an agreement that counts.

use crate::agreement::digest;
use crate::note::{Note, NoteSignature};
use crate::{Agreement, AgreementError, PartyPublic};

/// An agreement that a trusted party signed. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAgreement {
    agreement: Agreement,
    digest: [u8; 32],
    signers: Vec<Signer>,
}

/// A party that signed, by a key the reader trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The party's name for people.
    pub party: String,
    /// The key's name on the signature line.
    pub key_name: String,
}

impl VerifiedAgreement {
    /// What it says.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// SHA-256 of the signed text, signatures not included.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Who signed, of those the reader trusts; never empty, in the order of the lines.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }
}

/// Checks that at least one party whose key is in `trusted` signed exactly this text.
///
/// Errors: [`AgreementError::NotSigned`], [`AgreementError::WrongSignature`] when a trusted key's line
/// does not fit the text, [`AgreementError::NotTrusted`], [`AgreementError::SignerNotParty`], and those
/// of [`Agreement::parse_unsigned`].
pub fn verify(signed_text: &str, trusted: &[PartyPublic]) -> Result<VerifiedAgreement, AgreementError> {
    let note = Note::parse(signed_text)?;
    let agreement = Agreement::parse_unsigned(note.text)?;
    if note.signatures.is_empty() {
        return Err(AgreementError::NotSigned);
    }
    let keys = note.signatures.iter().filter_map(|s| signed_by(note.text, s, trusted));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = keys.first() else {
        return Err(AgreementError::NotTrusted { signatures: note.signatures.len() });
    };
    let signers = signers(&agreement, &keys);
    if signers.is_empty() {
        return Err(AgreementError::SignerNotParty { name: first.name().to_owned() });
    }
    Ok(VerifiedAgreement { agreement, digest: digest(note.text), signers })
}

/// The trusted key that made the signature; `None` when the line is of none of them.
fn signed_by<'k>(
    text: &str,
    signature: &NoteSignature<'_>,
    trusted: &'k [PartyPublic],
) -> Option<Result<&'k PartyPublic, AgreementError>> {
    let mut claimed = trusted.iter().filter(|k| k.made(signature)).peekable();
    claimed.peek()?;
    // Two keys can share a name and 4 bytes of hash; the signature is of one of them.
    let wrong = || AgreementError::WrongSignature { name: signature.name.to_owned() };
    Some(claimed.find(|k| k.verifies(text, &signature.signature)).ok_or_else(wrong))
}

fn signers(agreement: &Agreement, keys: &[&PartyPublic]) -> Vec<Signer> {
    let mut out: Vec<Signer> = Vec::new();
    for party in keys.iter().filter_map(|k| agreement.parties().iter().find(|p| p.key() == *k)) {
        let signer = Signer { party: party.name().to_owned(), key_name: party.key().name().to_owned() };
        if !out.contains(&signer) {
            out.push(signer);
        }
    }
    out
}

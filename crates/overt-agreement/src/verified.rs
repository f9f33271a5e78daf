//! The one door from a text to an agreement that counts.

use overt_event::Day;

use crate::agreement::digest;
use crate::note::{Note, NoteSignature};
use crate::{Agreement, AgreementError, Party, PartyPublic};

/// An agreement that enough of its parties signed, one of them trusted. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAgreement {
    agreement: Agreement,
    digest: [u8; 32],
    signers: Vec<Party>,
    counts_from: Day,
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

    /// Who signed; never empty, in the order of the lines.
    pub fn signers(&self) -> &[Party] {
        &self.signers
    }

    /// The first day on which it counts: its own first day, or later where it widens an earlier
    /// version and has to wait.
    pub fn counts_from(&self) -> Day {
        self.counts_from
    }

    pub(crate) fn wait_until(&mut self, day: Day) {
        self.counts_from = self.counts_from.max(day);
    }
}

/// An agreement and those of its parties whose signatures fit its text. Whether they are enough is
/// not asked here.
///
/// Errors: [`AgreementError::WrongSignature`] when a party's line does not fit the text, and those of
/// [`Agreement::parse_unsigned`].
pub fn who_signed(signed_text: &str) -> Result<(Agreement, Vec<Party>), AgreementError> {
    let note = Note::parse(signed_text)?;
    let agreement = Agreement::parse_unsigned(note.text)?;
    let mut signers: Vec<Party> = Vec::new();
    for line in &note.signatures {
        let by = signed_by(note.text, line, agreement.parties(), Party::key)?;
        if let Some(party) = by.filter(|p| !signers.contains(p)) {
            signers.push(party.clone());
        }
    }
    Ok((agreement, signers))
}

/// Checks that enough parties signed exactly this text, one of them by a key in `trusted`, and that
/// it meets what the law of its jurisdiction asks of a text.
///
/// The keys of the other parties need not be trusted one by one: the text names them, and a party
/// who is trusted signed it. Lines of keys that are neither trusted nor a party's are passed over.
///
/// Errors: [`AgreementError::NotSigned`], [`AgreementError::WrongSignature`],
/// [`AgreementError::NotTrusted`], [`AgreementError::SignerNotParty`],
/// [`AgreementError::TooFewSigned`], [`AgreementError::Law`], and those of
/// [`Agreement::parse_unsigned`].
pub fn verify(signed_text: &str, trusted: &[PartyPublic]) -> Result<VerifiedAgreement, AgreementError> {
    let note = Note::parse(signed_text)?;
    let (agreement, signers) = who_signed(signed_text)?;
    if note.signatures.is_empty() {
        return Err(AgreementError::NotSigned);
    }
    check_trust(&note, &signers, trusted)?;
    let (got, needed) = (signers.len(), agreement.threshold());
    if got < needed {
        return Err(AgreementError::TooFewSigned { got, needed, missing: missing(&agreement, &signers) });
    }
    agreement.jurisdiction().check(&agreement, &signers)?;
    let counts_from = agreement.starts();
    Ok(VerifiedAgreement { agreement, digest: digest(note.text), signers, counts_from })
}

/// The names of the parties that are not among the signers.
pub(crate) fn missing(agreement: &Agreement, signers: &[Party]) -> Vec<String> {
    let absent = agreement.parties().iter().filter(|p| !signers.iter().any(|s| s.key() == p.key()));
    absent.map(|p| p.name().to_owned()).collect()
}

fn check_trust(note: &Note<'_>, signers: &[Party], trusted: &[PartyPublic]) -> Result<(), AgreementError> {
    let lines = note.signatures.iter();
    let by_trusted = lines.filter_map(|s| signed_by(note.text, s, trusted, |k| k).transpose());
    let by_trusted = by_trusted.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = by_trusted.first() else {
        return Err(AgreementError::NotTrusted { signatures: note.signatures.len() });
    };
    if by_trusted.iter().any(|k| signers.iter().any(|s| s.key() == *k)) {
        return Ok(());
    }
    Err(AgreementError::SignerNotParty { name: first.name().to_owned() })
}

/// Whoever of `all` made the signature; `None` when the line is of none of them.
pub(crate) fn signed_by<'k, T>(
    text: &str,
    signature: &NoteSignature<'_>,
    all: &'k [T],
    key: impl Fn(&T) -> &PartyPublic,
) -> Result<Option<&'k T>, AgreementError> {
    let mut claimed = all.iter().filter(|t| key(t).made(signature)).peekable();
    if claimed.peek().is_none() {
        return Ok(None);
    }
    // Two keys can share a name and 4 bytes of hash; the signature is of one of them.
    let wrong = || AgreementError::WrongSignature { name: signature.name.to_owned() };
    claimed.find(|t| key(t).verifies(text, &signature.signature)).map(Some).ok_or_else(wrong)
}

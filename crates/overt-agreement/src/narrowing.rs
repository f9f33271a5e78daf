//! A restriction that one party signs, and that counts at once.

use serde::Deserialize;

use crate::agreement::syntax;
use crate::consent::hex_digest;
use crate::note::Note;
use crate::verified::signed_by;
use crate::{AgreementError, Layer, LayerOf, Limits, Party, PartyKey, VerifiedAgreement};

/// A narrowing that a party to the agreement signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// What it takes away.
    pub layer: Layer,
    /// Who did so; never empty.
    pub by: Vec<Party>,
}

impl Narrowing {
    /// Writes and signs one.
    ///
    /// Errors: [`AgreementError::SignerNotParty`] when the key is of no party to the agreement,
    /// [`AgreementError::Field`] for limits that do not hold together.
    pub fn sign(
        agreement: &VerifiedAgreement,
        limits: Limits,
        key: &PartyKey,
    ) -> Result<String, AgreementError> {
        let public = key.public();
        if !agreement.agreement().parties().iter().any(|p| p.key() == &public) {
            return Err(AgreementError::SignerNotParty { name: public.name().to_owned() });
        }
        let layer = Layer::new(LayerOf::Party, limits)?;
        let digest = overt_event::hex_from_bytes(&agreement.digest());
        key.sign_note(&format!("narrows = \"{digest}\"\n{}", layer.to_toml()?))
    }

    /// Reads one that belongs to this agreement. The signature of any one party is enough.
    ///
    /// Errors: [`AgreementError::Syntax`], [`AgreementError::NarrowsOther`],
    /// [`AgreementError::WrongSignature`], [`AgreementError::NotSigned`] when no party signed it.
    pub fn read(signed_text: &str, agreement: &VerifiedAgreement) -> Result<Self, AgreementError> {
        let note = Note::parse(signed_text)?;
        let (narrows, limits) = parse(note.text)?;
        if narrows != agreement.digest() {
            return Err(AgreementError::NarrowsOther);
        }
        let parties = agreement.agreement().parties();
        let lines = note.signatures.iter();
        let by = lines.filter_map(|s| signed_by(note.text, s, parties, Party::key).transpose());
        let by: Vec<Party> = by.map(|p| p.cloned()).collect::<Result<_, _>>()?;
        if by.is_empty() {
            return Err(AgreementError::NotSigned);
        }
        Ok(Self { layer: Layer::new(LayerOf::Party, limits)?, by })
    }

    /// The digest of the agreement that a narrowing names, whoever signed it.
    ///
    /// Errors: as [`Narrowing::read`], but for signatures.
    pub fn narrows(signed_text: &str) -> Result<[u8; 32], AgreementError> {
        Ok(parse(Note::parse(signed_text)?.text)?.0)
    }
}

/// `flatten` and the refusal of unknown keys do not go together, so the one key is taken out first.
fn parse(text: &str) -> Result<([u8; 32], Limits), AgreementError> {
    let mut table: toml::Table = toml::from_str(text).map_err(|e| syntax(text, &e))?;
    let missing = AgreementError::Field { field: "narrows", problem: "is missing" };
    let One(narrows) = table.remove("narrows").and_then(|v| v.try_into().ok()).ok_or(missing)?;
    let limits = table.try_into().map_err(|e| syntax(text, &e))?;
    Ok((narrows, limits))
}

/// A digest alone.
#[derive(Deserialize)]
struct One(#[serde(with = "hex_digest")] [u8; 32]);

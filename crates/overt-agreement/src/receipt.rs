//! A receipt of a consent, in the structure of ISO/IEC TS 27560 and the words of the Data Privacy
//! Vocabulary (<https://w3id.org/dpv>).

use overt_event::{Day, hex_from_bytes};
use serde_json::{Value, json};

use crate::agreement::digest;
use crate::consent::CONSENT_DAYS;
use crate::diff::{most_words, purpose_words};
use crate::note::Note;
use crate::{AgreementError, Consent, PartyKey, PartyPublic, VerifiedAgreement, day, notice};

/// Writes and signs a receipt: a signed note whose text is JSON (docs/spec/consent.md, section 3).
///
/// Errors: [`AgreementError::ConsentToOther`] when the consent answers another agreement,
/// [`AgreementError::Field`] for a day outside the calendar.
pub fn receipt(
    agreement: &VerifiedAgreement,
    consent: &Consent,
    today: Day,
    key: &PartyKey,
) -> Result<String, AgreementError> {
    if consent.agreement != agreement.digest() {
        return Err(AgreementError::ConsentToOther);
    }
    let body = body(agreement, consent, today)?;
    // A value made of texts and numbers can always be written.
    let text = serde_json::to_string_pretty(&body).unwrap_or_default();
    key.sign_note(&format!("{text}\n"))
}

/// The JSON of a receipt that this key signed.
///
/// Errors: [`AgreementError::NotSigned`] when the key did not, [`AgreementError::WrongSignature`],
/// [`AgreementError::Syntax`].
pub fn read_receipt(signed_text: &str, key: &PartyPublic) -> Result<Value, AgreementError> {
    let note = Note::parse(signed_text)?;
    let line = note.signatures.iter().find(|s| key.made(s)).ok_or(AgreementError::NotSigned)?;
    if !key.verifies(note.text, &line.signature) {
        return Err(AgreementError::WrongSignature { name: key.name().to_owned() });
    }
    let wrong =
        |e: serde_json::Error| AgreementError::Syntax { line: e.line(), message: "it is not JSON".into() };
    serde_json::from_str(note.text).map_err(wrong)
}

fn body(agreement: &VerifiedAgreement, consent: &Consent, today: Day) -> Result<Value, AgreementError> {
    let a = agreement.agreement();
    // The record keeps its id when it is withdrawn.
    let record = Consent { withdrawn: false, ..consent.clone() };
    let parties: Vec<Value> = a
        .parties()
        .iter()
        .map(|p| json!({ "party_id": p.key().to_string(), "party_name": p.name(), "party_role": p.role() }))
        .collect();
    Ok(json!({
        "@context": { "dpv": "https://w3id.org/dpv#", "overt": "overt:" },
        "@type": "dpv:ConsentReceipt",
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": hex_from_bytes(&digest(&record.to_toml()?)),
        "pii_principal_id": consent.contributor.to_string(),
        "pii_processing": processing(agreement, consent),
        "parties": parties,
        "events": events(consent, today),
    }))
}

fn processing(agreement: &VerifiedAgreement, consent: &Consent) -> Value {
    let a = agreement.agreement();
    let purposes: Vec<Value> = a
        .purposes()
        .iter()
        .map(|p| json!({ "purpose": p, "purpose_type": "overt:purpose", "description": purpose_words(*p), "lawful_basis": a.lawful_basis() }))
        .collect();
    let information: Vec<Value> = consent
        .applications
        .iter()
        .map(|app| json!({ "pii_type": "overt:use-of-application", "application": app.name, "level": app.level, "description": most_words(app.level.into()) }))
        .collect();
    json!({
        "agreement": hex_from_bytes(&agreement.digest()),
        "privacy_notice": { "sha256": hex_from_bytes(&notice(agreement).digest()), "written_by": "overt agreement notice" },
        "language": "en",
        "purposes": purposes,
        "pii_information": information,
        "collection_method": "dpv:CollectedFromDataSubject, by a recorder that always shows that it records",
        "storage_location": "the person's own machine, encrypted, until they release it",
        "retention_period": a.retention_days().map(|n| format!("P{n}D")),
        "jurisdiction": a.jurisdiction(),
        "withdrawal_method": "overt consent withdraw",
        "privacy_rights": ["dpv:DataSubjectRight", "access: overt inspect", "erasure: overt forget", "objection: overt consent exempt ask"],
        "impact_assessment": a.assessment(),
    })
}

fn events(consent: &Consent, today: Day) -> Vec<Value> {
    let event = |state: &str| {
        json!({
            "event_type": "dpv:ExplicitlyExpressedConsent",
            "event_state": state,
            "entity_id": consent.contributor.to_string(),
        })
    };
    let mut given = event("dpv:ConsentGiven");
    given["event_time"] = day::words(consent.given).into();
    given["validity_duration"] = format!("P{CONSENT_DAYS}D").into();
    let mut out = vec![given];
    if consent.withdrawn {
        out.push(event("dpv:ConsentWithdrawn"));
    } else if today > consent.last_day() {
        out.push(event("dpv:ConsentExpired"));
    }
    out
}

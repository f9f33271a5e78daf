//! What can be wrong with an agreement, a key, a consent, or the two together.

use overt_event::{AppName, Day};
use thiserror::Error;

/// Why a text is not an agreement that counts, or a key or consent does not read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AgreementError {
    #[error(
        "the text does not read: line {line}: {message}. Correct that line; docs/spec/agreement.md lists what can be written"
    )]
    Syntax { line: usize, message: String },
    #[error("\"{field}\" {problem}. Correct it; docs/spec/agreement.md lists what can be written")]
    Field { field: &'static str, problem: &'static str },
    #[error(
        "the text holds a control character in line {line}. Signed texts have none but line feeds: replace tabs by spaces"
    )]
    ControlCharacter { line: usize },
    #[error("signature line {line} does not read. Restore it, or remove it and sign again")]
    SignatureLine { line: usize },
    #[error("there are {got} signature lines, more than {max}. Remove those that are not needed")]
    TooManySignatures { got: usize, max: usize },
    #[error("nobody has signed the text. Have a party sign it with `overt agreement sign`")]
    NotSigned,
    #[error(
        "the signature of \"{name}\" does not belong to this text. The text was changed after it was signed: have it signed again"
    )]
    WrongSignature { name: String },
    #[error(
        "none of the {signatures} signatures is by a key you trust. Ask a party for its public key and compare it by another way"
    )]
    NotTrusted { signatures: usize },
    #[error(
        "\"{name}\" signs, but the text does not name that key as a party's. Add the key under [[parties]], or sign with a party's key"
    )]
    SignerNotParty { name: String },
    #[error(
        "line {line} would make the terms depend on who somebody is. Rank, contract and name give nobody other terms: remove it"
    )]
    Unequal { line: usize },
    #[error(
        "{got} of the {needed} parties that have to sign did so. Still missing is the signature of {}", missing.join(", ")
    )]
    TooFewSigned { got: usize, needed: usize, missing: Vec<String> },
    #[error("this is version {got} of an agreement of which version {seen} was seen here. Use the later one")]
    RolledBack { seen: u32, got: u32 },
    #[error(
        "there are two texts of version {version} of this agreement. Ask the parties which one holds; a changed text has a higher version"
    )]
    TwoAtOnce { version: u32 },
    #[error(
        "version {got} allows more than version {seen}, which was seen here, and {} did not sign it. What widens needs every party: see `overt agreement diff`", missing.join(", ")
    )]
    WidensUnsigned { seen: u32, got: u32, missing: Vec<String> },
    #[error("the consent was given to another text than this agreement. Name the agreement it was given to")]
    ConsentToOther,
    #[error("the narrowing belongs to another text than this agreement. Narrow the version that is in force")]
    NarrowsOther,
    #[error(
        "{}. {failed} rule(s) of {} are not met; see `overt agreement verify`", first, jurisdiction.code()
    )]
    Law { jurisdiction: crate::Jurisdiction, failed: usize, first: String },
    #[error("the key does not read: {problem}. Copy it again in full")]
    Key { problem: &'static str },
    #[error("the system gave no random bytes. Try again when it is up")]
    Random,
}

impl AgreementError {
    /// Whether the same text will fail again.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Random)
    }
}

/// Why an agreement and a consent do not make terms.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TermsError {
    #[error("the agreement begins {} days from today. Record from that day on", starts.0 - today.0)]
    NotBegun { starts: Day, today: Day },
    #[error("the agreement ended {} days ago. The parties have to sign one with a later end", today.0 - ends.0)]
    Ended { ends: Day, today: Day },
    #[error("the consent counts only from {} days after today. Give it again, or correct the clock", given.0 - today.0)]
    ConsentNotBegun { given: Day, today: Day },
    #[error(
        "the consent was given to another text than this agreement. Read this one and decide again with `overt consent`"
    )]
    OtherAgreement,
    #[error("the consent was withdrawn. Nothing is recorded unless you opt in again with `overt consent`")]
    Withdrawn,
    #[error("the consent names no application. Opt in to those you want to be recorded with `overt consent`")]
    NothingConsented,
    #[error("the consent names \"{}\", which the agreement does not. Remove it from the consent", app.0)]
    WiderThanAgreement { app: AppName },
    #[error(
        "the agreement is for importing published recordings, and nobody is recorded under it. Record under one without [import]"
    )]
    OnlyImport,
    #[error("the agreement is not one for importing. Write its table [import]; docs/spec/import.md says how")]
    NotAnImport,
    #[error(
        "the consent is {} days old; it counts for {max} days. Look at the terms again and decide again with `overt consent give`", today.0 - given.0
    )]
    ConsentOld { given: Day, today: Day, max: i32 },
    #[error(
        "this version widens the one before, and counts in {} days. Until then use the one before", from.0 - today.0
    )]
    Waiting { from: Day, today: Day },
    #[error(
        "the clock went back: this machine has seen a time {days} day(s) later. Correct the clock; if it is right, remove `latest` from terms.toml in the key folder"
    )]
    ClockWentBack { days: i32 },
    #[error(
        "{by} stopped all recording under this agreement. Nothing is recorded until the parties sign another version"
    )]
    Stopped { by: &'static str },
    #[error("no purpose is left that all sides allow. Nothing can be recorded under these terms")]
    NoPurposeLeft,
    #[error("no application is left that all sides allow. Nothing can be recorded under these terms")]
    NothingLeft,
}

impl TermsError {
    /// Whether the same two texts will fail at any later time too.
    pub fn is_permanent(&self) -> bool {
        !matches!(
            self,
            Self::NotBegun { .. }
                | Self::ConsentNotBegun { .. }
                | Self::Waiting { .. }
                | Self::ClockWentBack { .. }
        )
    }
}

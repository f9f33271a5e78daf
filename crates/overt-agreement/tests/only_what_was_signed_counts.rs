//! A text counts when a trusted party signed exactly it.

mod support;

use overt_agreement::{AgreementError, PartyKey, PartyPublic, verify};
use proptest::prelude::*;
use support::{key, text, verified};

#[test]
fn a_signed_text_counts_and_names_its_signer() {
    let key = key();
    let agreement = verified(&text(&key), &key);
    assert_eq!(agreement.agreement().title(), "Trial");
    assert_eq!(agreement.signers().len(), 1);
    assert_eq!(agreement.signers()[0].name(), "Kim");
}

/// The text with a second party, and their keys.
fn of_two(threshold: &str) -> (String, PartyKey, PartyKey) {
    let (first, second) = (key(), PartyKey::generate("employer").expect("random bytes"));
    let party = format!("\n[[parties]]\nname = \"Sam\"\nkey = \"{}\"\n", second.public());
    let text = text(&first).replacen("version = 1", &format!("version = 1{threshold}"), 1) + &party;
    (text, first, second)
}

#[test]
fn one_more_signature_does_not_change_the_digest_and_signing_twice_adds_nothing() {
    let (text, first, second) = of_two("\nthreshold = 1");
    let once = first.sign(&text).expect("it signs");
    let both = second.sign(&once).expect("it signs");
    assert_eq!(first.sign(&once), Ok(once.clone()));
    let trusted = [first.public(), second.public()];
    let (a, b) = (verify(&once, &trusted).expect("one"), verify(&both, &trusted).expect("both"));
    assert_eq!(a.digest(), b.digest());
    assert_eq!((a.signers().len(), b.signers().len()), (1, 2));
}

/// The same secret under another name.
fn second_name(key: &PartyKey) -> String {
    let text = key.to_text();
    let secret = text.trim().splitn(5, '+').nth(4).expect("its last part");
    let public = key.public().to_string();
    let encoded = public.splitn(3, '+').nth(2).expect("its last part");
    let raw = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded).expect("base64");
    let mut hash = b"alias\n".to_vec();
    hash.extend(raw);
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&hash);
    format!("PRIVATE+KEY+alias+{}+{secret}", overt_event::hex_from_bytes(&digest[..4]))
}

#[test]
fn all_parties_have_to_sign_unless_fewer_are_written() {
    let (text, first, second) = of_two("");
    let once = first.sign(&text).expect("it signs");
    let both = second.sign(&once).expect("it signs");
    let missing = vec!["Sam".to_owned()];
    check_refused(&once, &[first.public()], AgreementError::TooFewSigned { got: 1, needed: 2, missing });
    // One trusted party vouches for the keys that the text names.
    assert_eq!(verify(&both, &[first.public()]).map(|v| v.signers().len()), Ok(2));
    // One key under two names is one party.
    let renamed = PartyKey::from_text(&second_name(&first)).expect("it reads");
    let one_key = text.replace(&second.public().to_string(), &renamed.public().to_string());
    let field = AgreementError::Field { field: "parties", problem: "names a key twice" };
    assert_eq!(first.sign(&one_key), Err(field));
    // Twice the same line is one signature.
    let line = once.lines().last().expect("a signature line");
    let missing = vec!["Sam".to_owned()];
    let twice = format!("{once}{line}\n");
    check_refused(&twice, &[first.public()], AgreementError::TooFewSigned { got: 1, needed: 2, missing });
}

fn check_refused(signed: &str, trusted: &[PartyPublic], expected: AgreementError) {
    assert_eq!(verify(signed, trusted).map(|v| v.digest()), Err(expected));
}

#[test]
fn what_does_not_count_says_why() {
    let (council, stranger) = (key(), PartyKey::generate("stranger").expect("random bytes"));
    let text = text(&council);
    let signed = council.sign(&text).expect("it signs");
    check_refused(&text, &[council.public()], AgreementError::NotSigned);
    check_refused(&signed, &[], AgreementError::NotTrusted { signatures: 1 });
    check_refused(&signed, &[stranger.public()], AgreementError::NotTrusted { signatures: 1 });
    let changed = signed.replace("\"full\"", "\"structure\"");
    check_refused(&changed, &[council.public()], AgreementError::WrongSignature { name: "council".into() });
    assert_eq!(stranger.sign(&text), Err(AgreementError::SignerNotParty { name: "stranger".into() }));
}

#[test]
fn a_trusted_key_that_is_no_party_cannot_make_it_count() {
    let (council, other) = (key(), PartyKey::generate("other").expect("random bytes"));
    let theirs = other.sign(&text(&other)).expect("it signs");
    // The same line under a text that names another party.
    let line = theirs.lines().last().expect("a signature line");
    let grafted = format!("{}\n{line}\n", text(&council));
    check_refused(&grafted, &[other.public()], AgreementError::WrongSignature { name: "other".into() });
}

#[test]
fn a_line_by_an_unknown_key_is_passed_over() {
    let (council, unknown) = (key(), PartyKey::generate("council").expect("random bytes"));
    let signed = council.sign(&text(&council)).expect("it signs");
    let line = unknown.sign(&text(&unknown)).expect("it signs");
    let line = line.lines().last().expect("a signature line");
    assert!(verify(&format!("{signed}{line}\n"), &[council.public()]).is_ok());
}

proptest! {
    #[test]
    fn no_changed_byte_goes_unseen(at in 0usize..600, to in 0x20u8..0x7f) {
        let key = support::key();
        let signed = key.sign(&text(&key)).expect("it signs");
        let at = at % text(&key).len();
        let mut bytes = signed.clone().into_bytes();
        if bytes[at] != to {
            bytes[at] = to;
            let changed = String::from_utf8(bytes).expect("ASCII stays ASCII");
            prop_assert!(verify(&changed, &[key.public()]).is_err());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(any in "\\PC{0,200}") {
        let _ = verify(&any, &[]);
        let _ = any.parse::<PartyPublic>();
        let _ = PartyKey::from_text(&any);
    }
}

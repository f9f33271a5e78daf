//! What a person holds in their hands: the notice, the receipt, and the right not to be recorded.

mod support;

use overt_agreement::{
    AgreementError, Exemption, ExemptionReason, ExemptionRequest, ExemptionState, PartyKey,
    VerifiedAgreement, notice, read_receipt, receipt, verify,
};
use overt_event::{Day, Level};
use support::{TODAY, consent, key, text, verified};

#[test]
fn a_receipt_says_what_was_consented_to_and_its_signature_holds() {
    let key = key();
    let agreement = verified(&text(&key), &key);
    let mut given = consent(&agreement, &[("editor", Level::Structure)]);
    let signed = receipt(&agreement, &given, TODAY, &key).expect("it is written");
    let json = read_receipt(&signed, &key.public()).expect("it reads");
    let id = overt_event::hex_from_bytes(&given.digest().expect("it has one"));
    assert_eq!(json["record_id"], id.as_str());
    assert_eq!(json["events"][0]["event_state"], "dpv:ConsentGiven");
    assert_eq!(json["events"][0]["validity_duration"], "P90D");
    assert_eq!(json["pii_processing"]["pii_information"][0]["application"], "editor");
    assert_eq!(json["pii_processing"]["pii_information"][0]["level"], "structure");
    let notice = overt_event::hex_from_bytes(&notice(&agreement).digest());
    assert_eq!(json["pii_processing"]["privacy_notice"]["sha256"], notice.as_str());

    given.withdrawn = true;
    let signed = receipt(&agreement, &given, TODAY, &key).expect("it is written");
    let json = read_receipt(&signed, &key.public()).expect("it reads");
    assert_eq!(
        (&json["record_id"], &json["events"][1]["event_state"]),
        (&id.into(), &"dpv:ConsentWithdrawn".into())
    );
    given.withdrawn = false;
    let late = receipt(&agreement, &given, Day(TODAY.0 + 90), &key).expect("it is written");
    let json = read_receipt(&late, &key.public()).expect("it reads");
    assert_eq!(json["events"][1]["event_state"], "dpv:ConsentExpired");
}

#[test]
fn a_changed_receipt_and_one_of_another_agreement_are_refused() {
    let key = key();
    let agreement = verified(&text(&key), &key);
    let mut given = consent(&agreement, &[("editor", Level::Structure)]);
    let signed = receipt(&agreement, &given, TODAY, &key).expect("it is written");
    let wrong = AgreementError::WrongSignature { name: "council".into() };
    assert_eq!(read_receipt(&signed.replace("\"structure\"", "\"full\""), &key.public()), Err(wrong));
    let stranger = PartyKey::generate("stranger").expect("random bytes");
    assert_eq!(read_receipt(&signed, &stranger.public()), Err(AgreementError::NotSigned));
    given.agreement = [0; 32];
    assert_eq!(receipt(&agreement, &given, TODAY, &key), Err(AgreementError::ConsentToOther));
}

#[test]
fn the_notice_names_everything_that_is_agreed_and_escapes_it() {
    let key = key();
    let odd = text(&key).replacen("title = \"Trial\"", "title = \"Trial <b> & more\"", 1).replacen(
        "level = \"full\"",
        "level = \"full\"\nsites = [{ host = \"a.example\", level = \"structure\" }]",
        1,
    );
    let agreement = verified(&odd, &key);
    let notice = notice(&agreement);
    let text = notice.text();
    let digest = overt_event::hex_from_bytes(&agreement.digest());
    for said in [
        "Trial <b> & more",
        "Kim",
        "/usr/bin/mousepad",
        "a.example",
        "any other site: nothing",
        "/usr/bin/pcmanfm",
        "to train agents",
        "2026-12-31",
        "at most 5 a second",
        "consent",
        "DPIA 14",
        "not legal advice",
        &digest,
    ] {
        assert!(text.contains(said), "{said}");
    }
    let html = notice.html();
    assert!(
        html.contains("Trial &lt;b&gt; &amp; more") && !html.contains("<b>") && !html.contains("<script")
    );
}

fn of_two() -> (VerifiedAgreement, PartyKey, PartyKey) {
    let (kim, sam) = (key(), PartyKey::generate("employer").expect("random bytes"));
    let party = format!("\n[[parties]]\nname = \"Sam\"\nkey = \"{}\"\n", sam.public());
    let signed = kim.sign(&(text(&kim) + &party)).and_then(|s| sam.sign(&s)).expect("it signs");
    (verify(&signed, &[kim.public()]).expect("it counts"), kim, sam)
}

fn asked(agreement: &VerifiedAgreement) -> Exemption {
    Exemption::ask(ExemptionRequest {
        agreement: agreement.digest(),
        asked: TODAY,
        reason: ExemptionReason::SensitiveWork,
        until: None,
        appeal: false,
    })
}

#[test]
fn who_asks_is_not_recorded_until_it_is_decided_and_then_for_the_term() {
    let (agreement, kim, _) = of_two();
    let mut exemption = asked(&agreement);
    assert_eq!(exemption.days(), Some((TODAY, Day(i32::MAX))));
    let until = Day(TODAY.0 + 14);
    let granted = exemption.request().decide(Ok(until), TODAY, &kim).expect("it is signed");
    exemption.take(&granted, &agreement).expect("a party decided");
    assert_eq!(
        (exemption.state(), exemption.days()),
        (ExemptionState::Granted { until }, Some((TODAY, until)))
    );
    assert!(exemption.take(&granted, &agreement).is_err(), "it is decided once");
    let again = Exemption::parse(&exemption.to_toml().expect("it can be written"));
    assert_eq!(again, Ok(exemption));
}

#[test]
fn a_refusal_says_why_and_an_appeal_needs_all_parties() {
    let (agreement, kim, sam) = of_two();
    let mut exemption = asked(&agreement);
    assert!(exemption.request().decide(Err(" "), TODAY, &kim).is_err(), "a refusal without a reason");
    assert!(exemption.request().decide(Ok(Day(TODAY.0 - 1)), TODAY, &kim).is_err(), "a term that is over");
    let refused = exemption.request().decide(Err("not enough said"), TODAY, &kim).expect("it is signed");
    assert!(exemption.appeal(TODAY).is_err(), "there is nothing to appeal yet");
    exemption.take(&refused, &agreement).expect("a party decided");
    assert_eq!((exemption.state(), exemption.days()), (ExemptionState::Refused, None));

    exemption.appeal(Day(TODAY.0 + 1)).expect("it can be appealed");
    assert_eq!(exemption.days(), Some((Day(TODAY.0 + 1), Day(i32::MAX))));
    assert!(exemption.take(&refused, &agreement).is_err(), "the first answer is none to the appeal");
    let one = exemption.request().decide(Err("no"), Day(TODAY.0 + 1), &kim).expect("it is signed");
    let missing = vec!["Sam".to_owned()];
    assert_eq!(
        exemption.take(&one, &agreement),
        Err(AgreementError::TooFewSigned { got: 1, needed: 2, missing })
    );
    let all = Exemption::countersign(&one, &sam).expect("it is signed");
    exemption.take(&all, &agreement).expect("all decided");
    assert_eq!((exemption.state(), exemption.days()), (ExemptionState::RefusedFinally, None));
    assert!(exemption.appeal(TODAY).is_err(), "there is one appeal");
}

#[test]
fn nobody_else_decides() {
    let (agreement, ..) = of_two();
    let stranger = PartyKey::generate("stranger").expect("random bytes");
    let mut exemption = asked(&agreement);
    let by_stranger =
        exemption.request().decide(Ok(Day(TODAY.0 + 1)), TODAY, &stranger).expect("it is signed");
    assert_eq!(exemption.take(&by_stranger, &agreement), Err(AgreementError::NotSigned));
}

//! What each jurisdiction asks of an agreement: one that meets it all counts, and one that lacks a
//! thing is refused with the rule and its source.

mod support;

use overt_agreement::{
    Agreement, AgreementError, Cadence, Failing, Jurisdiction, PartyKey, Terms, TermsError,
    VerifiedAgreement, verify,
};
use overt_event::Level;
use support::{TODAY, consent, key, noon, text};

/// An agreement at work that meets every pack: a works council and an employer sign.
struct AtWork {
    council: PartyKey,
    employer: PartyKey,
    text: String,
}

fn at_work(code: &str) -> AtWork {
    let (council, employer) = (key(), PartyKey::generate("employer").expect("random bytes"));
    let more = "version = 1\nconsultation = \"minutes of 2026-10-01\"\ncontact = \"privacy@example.org\"\nretention_days = 180\nwaiting_days = 14";
    let text = text(&council)
        .replacen("version = 1", more, 1)
        .replacen("jurisdiction = \"none\"", &format!("jurisdiction = \"{code}\""), 1)
        .replacen("lawful_basis = \"consent\"", "lawful_basis = \"consent and works agreement\"", 1)
        .replacen(
            "assessment = \"DPIA 14\"",
            &format!("assessment = \"DPIA 14, sha256:{}\"", "ab".repeat(32)),
            1,
        )
        .replacen("name = \"Kim\"", "name = \"Works council\"\nrole = \"representative\"", 1);
    let party =
        format!("\n[[parties]]\nname = \"Employer\"\nrole = \"employer\"\nkey = \"{}\"\n", employer.public());
    AtWork { council, employer, text: text + &party }
}

impl AtWork {
    fn verify(&self) -> Result<VerifiedAgreement, AgreementError> {
        let once = self.council.sign(&self.text)?;
        verify(&self.employer.sign(&once)?, &[self.council.public()])
    }

    fn without(mut self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "{from}");
        self.text = self.text.replacen(from, to, 1);
        self
    }

    fn failing(&self) -> Vec<Failing> {
        let agreement = Agreement::parse_unsigned(&self.text).expect("it parses");
        agreement.jurisdiction().failing(&agreement, agreement.parties())
    }
}

#[test]
fn what_meets_everything_counts_everywhere() {
    for jurisdiction in Jurisdiction::ALL.into_iter().filter(|j| *j != Jurisdiction::Nobody) {
        let counts = at_work(jurisdiction.code()).verify();
        assert!(counts.is_ok(), "{}: {counts:?}", jurisdiction.code());
    }
}

/// Without this the agreement is refused, and the first rule that says so is this one.
fn check(code: &str, from: &str, to: &str, rule: &str) {
    let lacking = at_work(code).without(from, to);
    let failing = lacking.failing();
    assert!(failing.iter().any(|f| f.rule == rule), "{code} without {from}: {failing:?}");
    let refused = lacking.verify();
    let said = refused.map(|_| ()).expect_err("it is refused").to_string();
    assert!(said.contains("http"), "a source is named: {said}");
}

#[test]
fn each_missing_thing_names_its_rule() {
    let digest = format!(", sha256:{}", "ab".repeat(32));
    for code in ["EU", "DE", "FR", "IT"] {
        check(code, "retention_days = 180\n", "", "GDPR 5");
        check(code, "consent and works agreement", "because we can", "GDPR 6");
        check(code, "consent and works agreement", "Consent", "GDPR 7");
        check(code, "contact = \"privacy@example.org\"\n", "", "GDPR 13-14");
        check(code, &digest, "", "GDPR 35");
        check(code, "consultation = \"minutes of 2026-10-01\"\n", "", "GDPR 35(9)");
        check(code, "role = \"representative\"", "role = \"employer\"", "GDPR 88");
        check(code, "waiting_days = 14", "waiting_days = 1", "GDPR 5(2), widening");
        check(code, "ends = 2026-12-31", "ends = 2027-12-31", "Annual review");
    }
    check("DE", "role = \"representative\"", "role = \"person\"", "BetrVG 87(1) no. 6");
    check("DE", "role = \"employer\"", "role = \"authority\"", "BetrVG 87(1) no. 6, the employer's side");
    let timer = "cadence = { periodic = { secs = 600 } }";
    check("FR", "cadence = { on_change = { frames_per_sec = 5 } }", timer, "CNIL SAN-2024-021, pictures");
    check("IT", "role = \"representative\"", "role = \"person\"", "Workers' Statute, article 4");
    check("UK", &digest, "", "ICO, monitoring workers: assessment");
    check("UK", "consultation = \"minutes of 2026-10-01\"\n", "", "ICO, monitoring workers: views");
    check("US-NY", "role = \"employer\"", "role = \"person\"", "Civil Rights Law 52-c, who monitors");
    check("US-NY", "waiting_days = 14", "waiting_days = 0", "NLRA section 7");
    check("US-CA", &digest, "", "CCPA regulations 2026, risk assessment");
    check("US-CA", "retention_days = 180\n", "", "CCPA, retention");
    check("none", "waiting_days = 14", "waiting_days = 14", "GDPR 2(2)(c)");
}

#[test]
fn in_italy_a_permit_can_stand_for_the_union() {
    let person = at_work("IT").without("role = \"representative\"", "role = \"person\"");
    assert!(person.verify().is_err());
    let permitted = person.without("version = 1", "version = 1\npermit = \"ITL Milano 77/2026\"");
    assert!(permitted.verify().is_ok(), "{:?}", permitted.failing());
}

/// A party that is named and did not sign is no signature of its side.
#[test]
fn the_works_council_has_to_sign_and_not_only_to_be_named() {
    let work = at_work("DE").without("version = 1", "version = 1\nthreshold = 1");
    let signed = work.employer.sign(&work.text).expect("it signs");
    let said = verify(&signed, &[work.employer.public()]).map(|_| ()).expect_err("it is refused");
    assert!(matches!(&said, AgreementError::Law { jurisdiction: Jurisdiction::Germany, .. }), "{said}");
    assert!(said.to_string().contains("needs the signature of the workers' representatives"), "{said}");
}

/// In the European Union a timer is not taken from an agreement's word either: the law is a layer.
#[test]
fn under_european_law_no_picture_is_taken_on_a_timer() {
    let timer = "cadence = { periodic = { secs = 600 } }";
    let eu = at_work("EU").without("cadence = { on_change = { frames_per_sec = 5 } }", timer);
    let agreement = eu.verify().expect("the text of the pack says nothing of it");
    let given = consent(&agreement, &[("editor", Level::Full)]);
    let terms = Terms::new(agreement, given, noon(TODAY));
    assert_eq!(terms.map(|t| t.cadence()), Ok::<_, TermsError>(Cadence::None));
}

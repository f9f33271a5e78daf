//! Terms and verdicts: what both sides did not name is denied.

mod support;

use overt_agreement::{Question, Terms, TermsError, VerifiedAgreement, explain};
use overt_event::{AppIdentity, AppName, Day, DenyRule, Level, Verdict, WindowKind};
use support::{TODAY, consent, key, noon, text, verified};

fn agreement() -> VerifiedAgreement {
    let key = key();
    verified(&text(&key), &key)
}

fn terms() -> Terms {
    let agreement = agreement();
    let consent = consent(&agreement, &[("editor", Level::Full)]);
    Terms::new(agreement, consent, noon(TODAY)).expect("they are in force")
}

fn identity(exe: &str, class: &str) -> AppIdentity {
    let known = |s: &str| (!s.is_empty()).then(|| s.to_owned());
    AppIdentity { exe: known(exe), class: known(class) }
}

fn check(exe: &str, class: &str, kind: WindowKind, expected: Result<Level, DenyRule>) {
    let app = identity(exe, class);
    let verdict = terms().decide(&Question::of_window(&app, kind, false), noon(TODAY));
    let got = match &verdict {
        Verdict::Allow { level, .. } => Ok(*level),
        Verdict::Deny { rule } => Err(*rule),
    };
    assert_eq!(got, expected, "{exe} {class} {kind:?}");
    assert!(explain(&verdict).ends_with('.'));
}

#[test]
fn both_executable_and_class_must_fit() {
    use WindowKind::{Desktop, Dialog, Dock, Normal, Popup};
    let editor = "/usr/bin/mousepad";
    check(editor, "Mousepad", Normal, Ok(Level::Full));
    check(editor, "Mousepad", Dialog, Ok(Level::Full));
    check(editor, "", Popup, Ok(Level::Full));
    check(editor, "", Normal, Err(DenyRule::AppUnknown));
    check("", "Mousepad", Popup, Err(DenyRule::AppUnknown));
    check(editor, "Other", Popup, Err(DenyRule::AppNotAgreed));
    check("/tmp/mousepad", "Mousepad", Normal, Err(DenyRule::AppNotAgreed));
    check(editor, "Mousepad", Desktop, Err(DenyRule::AppNotAgreed));
    check(editor, "Mousepad", Dock, Err(DenyRule::AppNotAgreed));
    check("/usr/bin/pcmanfm", "Pcmanfm", Desktop, Err(DenyRule::NotConsented));
    check("/usr/bin/pcmanfm", "Pcmanfm", Dock, Err(DenyRule::AppNotAgreed));
}

#[test]
fn the_recorder_and_the_days_outside_come_first() {
    let (terms, app) = (terms(), identity("/usr/bin/mousepad", "Mousepad"));
    let ask = |own, day| terms.decide(&Question::of_window(&app, WindowKind::Normal, own), noon(day));
    assert_eq!(ask(true, TODAY), Verdict::Deny { rule: DenyRule::OwnWindow });
    let out = Verdict::Deny { rule: DenyRule::NotInForce };
    assert_eq!(ask(false, Day(TODAY.0 - 1)), out);
    assert!(matches!(ask(false, Day(20_818)), Verdict::Allow { .. }));
    assert_eq!(ask(false, Day(20_819)), out);
    assert_eq!(terms.ends(), overt_event::WallTime(20_819 * 86_400));
}

fn check_terms(change: impl FnOnce(&mut overt_agreement::Consent), day: Day, expected: TermsError) {
    let agreement = agreement();
    let mut given = consent(&agreement, &[("editor", Level::Full)]);
    change(&mut given);
    assert_eq!(Terms::new(agreement, given, noon(day)), Err(expected));
}

#[test]
fn what_does_not_make_terms_says_why() {
    let (starts, ends) = (Day(20_758), Day(20_818));
    check_terms(|_| (), Day(20_757), TermsError::NotBegun { starts, today: Day(20_757) });
    check_terms(|_| (), Day(20_819), TermsError::Ended { ends, today: Day(20_819) });
    check_terms(
        |c| c.given = Day(TODAY.0 + 1),
        TODAY,
        TermsError::ConsentNotBegun { given: Day(TODAY.0 + 1), today: TODAY },
    );
    check_terms(|c| c.agreement = [0; 32], TODAY, TermsError::OtherAgreement);
    check_terms(|c| c.withdrawn = true, TODAY, TermsError::Withdrawn);
    check_terms(|c| c.applications.clear(), TODAY, TermsError::NothingConsented);
    let mail = AppName("mail".into());
    let app = mail.clone();
    check_terms(|c| c.applications[0].name = mail, TODAY, TermsError::WiderThanAgreement { app });
}

#[test]
fn the_lower_level_counts() {
    let agreement = agreement();
    let given = consent(&agreement, &[("editor", Level::Structure), ("files", Level::Full)]);
    let terms = Terms::new(agreement, given, noon(TODAY)).expect("they are in force");
    assert_eq!(terms.highest_level(), Level::Structure);
    assert_eq!(terms.applications().len(), 2);
}

#[test]
fn a_consent_is_asked_again_after_ninety_days() {
    let key = key();
    let long = text(&key).replacen("ends = 2026-12-31", "ends = 2027-12-31", 1);
    let agreement = verified(&long, &key);
    let given = consent(&agreement, &[("editor", Level::Full)]);
    let (last, after) = (Day(TODAY.0 + 89), Day(TODAY.0 + 90));
    let terms = Terms::new(agreement.clone(), given.clone(), noon(last)).expect("they are in force");
    assert!(terms.in_force(noon(last)) && !terms.in_force(noon(after)));
    let old = TermsError::ConsentOld { given: TODAY, today: after, max: 90 };
    assert_eq!(Terms::new(agreement, given, noon(after)), Err(old));
}

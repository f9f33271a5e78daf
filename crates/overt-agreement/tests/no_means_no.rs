//! Terms and verdicts: what both sides did not name is denied.

mod support;

use overt_agreement::{Question, Terms, TermsError, VerifiedAgreement, explain};
use overt_event::{AppIdentity, AppName, Day, DenyRule, Level, Verdict, WindowKind};
use proptest::prelude::*;
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
    let verdict = terms().decide(&Question { app: &app, kind, own: false }, noon(TODAY));
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
    let ask = |own, day| terms.decide(&Question { app: &app, kind: WindowKind::Normal, own }, noon(day));
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

/// A small world in which executables and classes meet often.
#[derive(Clone, Debug)]
struct World {
    agreed: Vec<(u8, u8, Level, bool, bool)>,
    consented: Vec<Option<Level>>,
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::Structure), Just(Level::Full)]
}

fn world() -> impl Strategy<Value = World> {
    let app = (0u8..3, 0u8..3, level(), any::<bool>(), any::<bool>());
    let agreed = proptest::collection::btree_map((0u8..3, 0u8..3), app, 1..5)
        .prop_map(|m| m.into_iter().map(|((e, c), a)| (e, c, a.2, a.3, a.4)).collect::<Vec<_>>());
    (agreed, proptest::collection::vec(proptest::option::of(level()), 4))
        .prop_map(|(agreed, consented)| World { agreed, consented })
        .prop_filter("somebody consents", |w| w.agreed.iter().zip(&w.consented).any(|(_, c)| c.is_some()))
}

fn world_terms(world: &World) -> Terms {
    let key = key();
    let whole = text(&key);
    let head = &whole[..whole.find("[[applications]]").expect("it names some")];
    let mut written = head.to_owned();
    for (i, (exe, class, level, desktop, dock)) in world.agreed.iter().enumerate() {
        let kinds = [("desktop", desktop), ("dock", dock)];
        let kinds: Vec<_> = kinds.iter().filter(|(_, on)| **on).map(|(k, _)| *k).collect();
        let level = if *level == Level::Full { "full" } else { "structure" };
        written += &format!(
            "[[applications]]\nname = \"a{i}\"\nexe = [\"/e{exe}\"]\nclass = [\"c{class}\"]\nlevel = \"{level}\"\nkinds = {kinds:?}\n"
        );
    }
    let agreement = verified(&written, &key);
    let names: Vec<String> = (0..world.agreed.len()).map(|i| format!("a{i}")).collect();
    let named: Vec<_> =
        names.iter().zip(&world.consented).filter_map(|(n, l)| l.map(|l| (n.as_str(), l))).collect();
    let given = consent(&agreement, &named);
    Terms::new(agreement, given, noon(TODAY)).expect("they are in force")
}

fn window_kind() -> impl Strategy<Value = WindowKind> {
    use WindowKind::{Desktop, Dialog, Dock, Normal, Popup, Unknown};
    prop_oneof![Just(Normal), Just(Dialog), Just(Popup), Just(Dock), Just(Desktop), Just(Unknown)]
}

/// The same answer, said the other way round: begin with all applications and strike out.
fn naive(
    world: &World,
    exe: Option<u8>,
    class: Option<u8>,
    kind: WindowKind,
    own: bool,
    day: Day,
) -> Option<Level> {
    let days = (20_779..=20_818).contains(&day.0);
    let mut left: Vec<usize> = (0..world.agreed.len()).collect();
    left.retain(|&i| Some(world.agreed[i].0) == exe);
    left.retain(|&i| Some(world.agreed[i].1) == class || (class.is_none() && kind == WindowKind::Popup));
    left.retain(|&i| kind != WindowKind::Desktop || world.agreed[i].3);
    left.retain(|&i| kind != WindowKind::Dock || world.agreed[i].4);
    let all_consented = left.iter().all(|&i| world.consented[i].is_some());
    let levels = left.iter().filter_map(|&i| world.consented[i].map(|c| c.min(world.agreed[i].2)));
    levels.min().filter(|_| !own && days && all_consented)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn two_models_agree_and_nothing_is_above_either_side(
        world in world(),
        asked in proptest::collection::vec((proptest::option::of(0u8..4), proptest::option::of(0u8..4), window_kind(), any::<bool>(), 20_770i32..20_825), 24),
    ) {
        let terms = world_terms(&world);
        for (exe, class, kind, own, day) in asked {
            let app = AppIdentity { exe: exe.map(|e| format!("/e{e}")), class: class.map(|c| format!("c{c}")) };
            let question = Question { app: &app, kind, own };
            let verdict = terms.decide(&question, noon(Day(day)));
            prop_assert_eq!(&verdict, &terms.decide(&question, noon(Day(day))));
            let got = match &verdict { Verdict::Allow { level, .. } => Some(*level), Verdict::Deny { .. } => None };
            prop_assert_eq!(got, naive(&world, exe, class, kind, own, Day(day)));
            if let Verdict::Allow { app, level } = verdict {
                let i: usize = app.0[1..].parse().expect("a number");
                prop_assert!(world.consented[i].is_some_and(|c| level <= c));
                prop_assert!(level <= world.agreed[i].2);
            }
        }
    }
}

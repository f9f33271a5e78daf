//! Law, parties, administrator and person can only take away, in whatever order.

mod support;

use overt_agreement::{Cadence, Layer, LayerOf, Limits, Most, Question, Terms, TermsError};
use overt_event::{AppIdentity, AppName, Day, Level, Purpose, Verdict, WindowKind};
use support::{Rng, TODAY, consent, key, noon, text, verified};

const CADENCES: [Cadence; 6] = [
    Cadence::None,
    Cadence::OnAction,
    Cadence::OnChange { frames_per_sec: 2 },
    Cadence::OnChange { frames_per_sec: 9 },
    Cadence::Periodic { secs: 9 },
    Cadence::Periodic { secs: 90 },
];
const MOSTS: [Most; 4] = [Most::None, Most::Structure, Most::Masked, Most::Full];

fn layer(rng: &mut Rng) -> Layer {
    let of = rng.one(&[LayerOf::Law, LayerOf::Party, LayerOf::Employer, LayerOf::Person]);
    let mut limits = Limits {
        stop: rng.chance(20),
        ends: rng.chance(3).then(|| Day(TODAY.0 - 1 + rng.below(60) as i32)),
        purposes: rng.chance(4).then(|| [Purpose::TrainAgents].into_iter().take(rng.below(3)).collect()),
        others: rng.chance(4).then(|| rng.one(&MOSTS)),
        cadence: rng.chance(3).then(|| rng.one(&CADENCES)),
        ..Limits::default()
    };
    for name in ["editor", "files", "other"] {
        if rng.chance(3) {
            limits.applications.insert(AppName(name.into()), rng.one(&MOSTS));
        }
    }
    Layer::new(of, limits).expect("it holds together")
}

fn terms(layers: Vec<Layer>) -> Result<Terms, TermsError> {
    static SIGNED: std::sync::LazyLock<overt_agreement::VerifiedAgreement> = std::sync::LazyLock::new(|| {
        let key = key();
        verified(&text(&key), &key)
    });
    let given = consent(&SIGNED, &[("editor", Level::Full), ("files", Level::Full)]);
    Terms::layered(SIGNED.clone(), given, layers, noon(TODAY))
}

/// What is recorded of each window on each of some days; nothing where there are no terms.
fn recorded(terms: &Result<Terms, TermsError>) -> Vec<Option<Level>> {
    let windows = [("/usr/bin/mousepad", "Mousepad"), ("/usr/bin/pcmanfm", "Pcmanfm"), ("/bin/x", "X")];
    let mut out = Vec::new();
    for (exe, class) in windows {
        let app = AppIdentity { exe: Some(exe.into()), class: Some(class.into()) };
        for days in [0, 10, 30, 39, 40] {
            let now = noon(Day(TODAY.0 + days));
            let question = Question::of_window(&app, WindowKind::Normal, false);
            out.push(match terms.as_ref().map(|t| t.decide(&question, now)) {
                Ok(Verdict::Allow { level, .. }) => Some(level),
                _ => None,
            });
        }
    }
    out
}

#[test]
fn one_more_layer_never_allows_more() {
    let mut refused = 0;
    for seed in 0..20_000 {
        let mut rng = Rng(seed);
        let mut layers: Vec<Layer> = (0..rng.below(4)).map(|_| layer(&mut rng)).collect();
        let before = terms(layers.clone());
        layers.insert(rng.below(layers.len() + 1), layer(&mut rng));
        let after = terms(layers.clone());
        for (after, before) in recorded(&after).into_iter().zip(recorded(&before)) {
            assert!(after <= before, "seed {seed}: {layers:?}");
        }
        if let (Ok(after), Ok(before)) = (&after, &before) {
            assert!(after.purposes().is_subset(before.purposes()), "seed {seed}");
            assert_eq!(after.cadence().meet(before.cadence()), after.cadence(), "seed {seed}");
            assert!(after.last_day() <= before.last_day(), "seed {seed}");
            assert!(after.highest_level() <= before.highest_level(), "seed {seed}");
        }
        refused += u32::from(after.is_err());
        // What was refused stays refused.
        assert!(before.is_ok() || after.is_err(), "seed {seed}");
    }
    assert!((1_000..19_000).contains(&refused), "both outcomes are met often: {refused}");
}

#[test]
fn their_order_does_not_matter() {
    for seed in 0..5_000 {
        let mut rng = Rng(seed);
        let mut layers: Vec<Layer> = (0..3).map(|_| layer(&mut rng)).collect();
        let one = terms(layers.clone());
        layers.reverse();
        let other = terms(layers);
        assert_eq!(recorded(&one), recorded(&other), "seed {seed}");
        let facts = |t: &Terms| (t.purposes().clone(), t.cadence(), t.last_day());
        assert_eq!(one.as_ref().ok().map(facts), other.as_ref().ok().map(facts), "seed {seed}");
    }
}

#[test]
fn the_cadence_both_allow_is_a_lower_bound() {
    for a in CADENCES {
        assert_eq!(a.meet(a), a);
        for b in CADENCES {
            assert_eq!(a.meet(b), b.meet(a));
            assert_eq!(a.meet(b).meet(a), a.meet(b));
            for c in CADENCES {
                assert_eq!(a.meet(b).meet(c), a.meet(b.meet(c)));
            }
        }
    }
}

#[test]
fn nothing_in_a_layer_can_start_or_allow_anything() {
    for (line, problem) in [
        ("consent = true", "unknown field `consent`"),
        ("start = true", "unknown field `start`"),
        ("ends = \"2030-01-01\"", "invalid type"),
        ("level = \"full\"", "unknown field `level`"),
        ("[applications]\n\"Not A Name\" = \"full\"", "1 to 40"),
    ] {
        let said = Layer::parse(LayerOf::Employer, line).map(|_| ()).expect_err("it is refused").to_string();
        assert!(said.contains(problem), "{line}: {said}");
    }
    // An administrator who allows everything changes nothing.
    let all = Layer::parse(LayerOf::Employer, "others = \"full\"\n[applications]\nother = \"full\"\n");
    assert_eq!(recorded(&terms(vec![all.expect("it reads")])), recorded(&terms(Vec::new())));
}

#[test]
fn what_stops_everything_says_who_did() {
    let stop = Layer::parse(LayerOf::Party, "stop = true").expect("it reads");
    assert_eq!(terms(vec![stop]), Err(TermsError::Stopped { by: "a party to the agreement" }));
    let none = Layer::parse(LayerOf::Employer, "others = \"none\"").expect("it reads");
    assert_eq!(terms(vec![none]), Err(TermsError::NothingLeft));
    let purposes = Layer::parse(LayerOf::Person, "purposes = [\"evaluate-agents\"]").expect("it reads");
    assert_eq!(terms(vec![purposes]), Err(TermsError::NoPurposeLeft));
}

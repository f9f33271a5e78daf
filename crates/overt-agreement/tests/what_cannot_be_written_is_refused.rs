//! The text's form is closed: an unknown key or value is an error, never ignored.

mod support;

use overt_agreement::{Agreement, AgreementError, Application, Budget, Cadence, Consent, Draft, template};
use overt_event::{AppName, Level, Purpose};
use support::{TODAY, consent, key, text, verified};

fn check(from: &str, to: &str, expected: &str) {
    let written = text(&key());
    assert!(written.contains(from), "{from}");
    let said = match Agreement::parse_unsigned(&written.replacen(from, to, 1)) {
        Ok(_) => "ok".to_owned(),
        Err(e) => e.to_string(),
    };
    assert!(said.contains(expected), "{to}: {said}");
}

#[test]
fn the_whole_text_is_read() {
    let agreement = Agreement::parse_unsigned(&text(&key())).expect("it parses");
    assert_eq!(agreement.cadence(), Cadence::OnChange { frames_per_sec: 5 });
    assert_eq!(agreement.purposes().iter().collect::<Vec<_>>(), [&Purpose::TrainAgents]);
    assert_eq!((agreement.starts().0, agreement.ends().0), (20_758, 20_818));
    assert_eq!(agreement.applications()[1].level, Level::Structure);
    assert!(!agreement.scripted());
    assert_eq!(agreement.budget(), Budget::default(), "what is not written costs the person least");
}

#[test]
fn of_a_budget_only_what_is_written_is_widened() {
    let widened = text(&key()).replacen("version = 1", "version = 1\nbudget = { on_battery = true }", 1);
    let agreement = Agreement::parse_unsigned(&widened).expect("it parses");
    assert_eq!(agreement.budget(), Budget { on_battery: true, ..Budget::default() });
}

#[test]
fn unknown_keys_and_values_are_refused() {
    check("version = 1", "version = 1\nclipboard = true", "unknown field `clipboard`");
    check("\"train-agents\"", "\"performance-review\"", "unknown variant `performance-review`");
    check("name = \"Kim\"", "name = \"Kim\"\nrole = \"x\"", "unknown variant `x`");
    check("jurisdiction = \"none\"", "jurisdiction = \"Atlantis\"", "unknown variant `Atlantis`");
    check("level = \"full\"", "level = \"everything\"", "unknown variant `everything`");
}

#[test]
fn what_nobody_may_be_recorded_for_cannot_be_expressed() {
    for purpose in
        ["performance-review", "discipline", "attendance", "emotion", "replace-role", "evaluate-people"]
    {
        check("\"train-agents\"", &format!("\"{purpose}\""), &format!("unknown variant `{purpose}`"));
    }
}

#[test]
fn nobody_gets_other_terms_by_rank_contract_or_name() {
    let by = "make the terms depend on who somebody is";
    for key in [
        "rank = \"all but directors\"",
        "contract = \"interns\"",
        "people = [\"kim\"]",
        "except = [\"board\"]",
    ] {
        check("level = \"full\"", &format!("level = \"full\"\n{key}"), by);
        check("version = 1", &format!("version = 1\n{key}"), by);
    }
    check("version = 1", "version = 1\n[[exemptions]]\nseniority = 10", by);
}

#[test]
fn what_is_required_cannot_be_left_out() {
    check("jurisdiction = \"none\"\n", "", "missing field `jurisdiction`");
    check("lawful_basis = \"consent\"\n", "", "missing field `lawful_basis`");
    check("ends = 2026-12-31\n", "", "missing field `ends`");
    check("assessment = \"DPIA 14\"\n", "", "missing field `assessment`");
    check("assessment = \"DPIA 14\"", "assessment = \" \"", "\"assessment\" is empty");
    check("purposes = [\"train-agents\"]", "purposes = []", "\"purposes\" names none");
    check("class = [\"Mousepad\"]", "class = []", "\"applications.class\" names none");
}

#[test]
fn values_out_of_range_are_refused() {
    check("ends = 2026-12-31", "ends = 2026-10-31", "is before \"starts\"");
    check("ends = 2026-12-31", "ends = 2026-12-31T00:00:00Z", "line 7");
    check("ends = 2026-12-31", "ends = \"2026-12-31\"", "line 7");
    check("frames_per_sec = 5", "frames_per_sec = 31", "is not in 1..30");
    check("version = 1", "version = 0", "less than 1");
    check("version = 1", "version = 1\nthreshold = 2", "number of parties");
    check("version = 1", "version = 1\nthreshold = 0", "number of parties");
    check("version = 1", "version = 1\nwaiting_days = 9999", "is not in 0..3660");
    check("version = 1", "version = 1\ntime_zone = \"UTC\"", "without quiet_hours");
    check(
        "level = \"full\"",
        "level = \"full\"\nsites = [{ host = \"org\", level = \"full\" }]",
        "expected a host",
    );
    check("version = 1", "version = 1\nbudget = { cpu_percent = 101 }", "is not in 1..100");
    check("version = 1", "version = 1\nbudget = { mb_per_day = 0 }", "is not in 1..500000");
    check("version = 1", "version = 1\nbudget = { gpu = 1 }", "unknown field `gpu`");
    check("/usr/bin/mousepad", "mousepad", "plain absolute path");
    check("/usr/bin/mousepad", "/usr/bin/../mousepad", "plain absolute path");
    check("name = \"files\"", "name = \"editor\"", "there twice");
    check("name = \"editor\"", "name = \"My Editor\"", "1 to 40 of a-z");
    check("[\"Pcmanfm\"]", "[\"Pcmanfm\", \"Pcmanfm\"]", "same executable and class twice");
    check("+A", "+B", "the key does not read");
}

#[test]
fn every_cadence_can_be_written() {
    let from = "{ on_change = { frames_per_sec = 5 } }";
    for to in ["\"none\"", "\"on_action\"", "{ periodic = { secs = 60 } }"] {
        check(from, to, "ok");
    }
    check(from, "{ periodic = { secs = 0 } }", "is not in 1..3600");
}

#[test]
fn a_consent_reads_back_and_is_closed_too() {
    let key = key();
    let agreement = verified(&text(&key), &key);
    let given = consent(&agreement, &[("editor", Level::Full), ("files", Level::Structure)]);
    let toml = given.to_toml().expect("it can be written");
    assert_eq!(Consent::parse(&toml), Ok(given.clone()));
    assert_eq!(Consent::parse(&toml).and_then(|c| c.digest()), given.digest());
    let silent = toml.replace("withdrawn = false\n", "");
    assert_eq!(Consent::parse(&silent), Ok(given));
    for bad in
        [toml.replace("given", "granted"), toml.replace("\"files\"", "\"editor\""), toml.to_uppercase()]
    {
        assert!(Consent::parse(&bad).is_err());
    }
}

#[test]
fn the_template_parses_once_it_names_an_application() {
    let key = key();
    let app = Application {
        name: AppName("editor".into()),
        exe: vec!["/usr/bin/mousepad".into()],
        class: vec!["Mousepad".into()],
        level: Level::Full,
        kinds: Vec::new(),
        sites: Vec::new(),
    };
    let mut draft = Draft {
        title: "A \"first\"\ntrial",
        party: "Me \\ myself",
        key: &key.public(),
        starts: TODAY,
        ends: overt_event::Day(TODAY.0 + 30),
        scripted: true,
        cadence: Cadence::Periodic { secs: 60 },
        purposes: &[Purpose::EvaluateAgents],
        applications: &[app],
    };
    let agreement = Agreement::parse_unsigned(&template(&draft)).expect("it parses");
    assert_eq!(agreement.title(), "A \"first\" trial");
    assert_eq!(agreement.parties()[0].name(), "Me \\ myself");
    assert!(agreement.scripted());
    assert_eq!(agreement.cadence(), draft.cadence);
    assert_eq!(agreement.purposes().iter().collect::<Vec<_>>(), [&Purpose::EvaluateAgents]);
    assert!(key.sign(&template(&draft)).is_ok());
    draft.applications = &[];
    let empty = Agreement::parse_unsigned(&template(&draft));
    assert!(matches!(empty, Err(AgreementError::Syntax { .. })), "{empty:?}");
}

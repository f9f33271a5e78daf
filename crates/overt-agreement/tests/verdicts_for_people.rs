//! docs/verdicts.md lists every verdict there is. It is written from `decide` itself.

mod support;

use std::fmt::Write as _;

use overt_agreement::{
    Browsing, Exemption, ExemptionReason, ExemptionRequest, Focus, Layer, LayerOf, Lock, Question, Site,
    Terms, explain,
};
use overt_event::{AppIdentity, Day, DenyRule, Level, Verdict, WindowKind};
use support::{TODAY, consent, key, noon, text, verified};

/// The inputs in the order in which the verdict looks at them, each with all its values.
const INPUTS: [(&str, &[&str]); 9] = [
    ("whose window", &["another program's", "the recorder's own"]),
    ("screen", &["open", "locked", "unknown"]),
    ("pause", &["no", "yes"]),
    ("moment", &["in force", "outside the days", "exempt", "quiet hours"]),
    ("browsing", &["ordinary", "unknown", "private"]),
    (
        "application",
        &[
            "unknown",
            "class unknown",
            "not agreed",
            "not consented",
            "taken out",
            "agreed",
            "agreed, with sites",
        ],
    ),
    (
        "kind of window",
        &["window, dialog or popup", "popup without a class", "desktop or dock that is not named"],
    ),
    (
        "site",
        &[
            "unknown",
            "no document",
            "not named",
            "named as none",
            "named at a lower level",
            "named at the level",
        ],
    ),
    ("focus, for keys", &["not asked", "another field", "unknown", "password"]),
];

struct Book {
    plain: Terms,
    exempt: Terms,
    quiet: Terms,
}

fn book() -> Book {
    let key = key();
    let whole = text(&key);
    let mut written = whole[..whole.find("[[applications]]").expect("it names some")].to_owned();
    for (name, sites) in [
        ("editor", ""),
        ("mail", ""),
        ("chat", ""),
        (
            "browser",
            "{ host = \"a.example\", level = \"full\" }, { host = \"b.a.example\", level = \"structure\" }, { host = \"c.a.example\", level = \"none\" }",
        ),
    ] {
        written += &format!(
            "[[applications]]\nname = \"{name}\"\nexe = [\"/{name}\"]\nclass = [\"{name}\"]\nlevel = \"full\"\nsites = [{sites}]\n"
        );
    }
    let agreement = verified(&written, &key);
    let given =
        consent(&agreement, &[("editor", Level::Full), ("chat", Level::Full), ("browser", Level::Full)]);
    let out = Layer::parse(LayerOf::Person, "[applications]\nchat = \"none\"\n").expect("it reads");
    let hours =
        "time_zone = \"UTC\"\nquiet_hours = [{ days = [\"sun\"], from = \"00:00\", to = \"24:00\" }]\n";
    let quiet = Layer::parse(LayerOf::Person, hours).expect("it reads");
    let digest = agreement.digest();
    let make =
        |layers| Terms::layered(agreement.clone(), given.clone(), layers, noon(TODAY)).expect("in force");
    let plain = make(vec![out.clone()]);
    let request = ExemptionRequest {
        agreement: digest,
        asked: TODAY,
        reason: ExemptionReason::NoReason,
        until: None,
        appeal: false,
    };
    let exempt = plain.clone().exempted(&Exemption::ask(request));
    Book { quiet: make(vec![out, quiet]), plain, exempt }
}

fn verdict(book: &Book, v: &[usize; 9]) -> Verdict {
    let [own, screen, pause, moment, browsing, app, kind, site, focus] = *v;
    let name = ["editor", "editor", "other", "mail", "chat", "editor", "browser"][app];
    let classless = app == 1 || kind == 1;
    let identity = AppIdentity {
        exe: (app != 0).then(|| format!("/{name}")),
        class: (app != 0 && !classless).then(|| name.to_owned()),
    };
    let kind = match (app, kind) {
        (1, 1) => WindowKind::Normal,
        (_, 1) => WindowKind::Popup,
        (_, 2) => WindowKind::Dock,
        _ => WindowKind::Normal,
    };
    let question = Question {
        own: own == 1,
        lock: [Lock::Open, Lock::Locked, Lock::Unknown][screen],
        paused: pause == 1,
        browsing: [Browsing::Ordinary, Browsing::Unknown, Browsing::Private][browsing],
        site: [
            Site::Unknown,
            Site::NoDocument,
            Site::Host("d.example"),
            Site::Host("c.a.example"),
            Site::Host("b.a.example"),
            Site::Host("a.example"),
        ][site],
        focus: [Focus::NotAsked, Focus::Other, Focus::Unknown, Focus::Password][focus],
        ..Question::of_window(&identity, kind, false)
    };
    let (terms, now) = match moment {
        0 => (&book.plain, noon(TODAY)),
        1 => (&book.plain, noon(Day(TODAY.0 - 1))),
        2 => (&book.exempt, noon(TODAY)),
        _ => (&book.quiet, noon(TODAY)),
    };
    terms.decide(&question, now)
}

/// All rows that begin with these values, as few as say everything: values that always lead to the
/// same are put together, and what does not matter is left open.
fn rows(book: &Book, prefix: &[usize], out: &mut Vec<(Vec<String>, Verdict)>, words: &[String]) {
    if let Some(verdict) = uniform(book, prefix) {
        let mut row = words.to_vec();
        row.resize(INPUTS.len(), "any".to_owned());
        out.push((row, verdict));
        return;
    }
    let values = INPUTS[prefix.len()].1;
    let tables: Vec<Vec<Verdict>> =
        (0..values.len()).map(|v| table(book, &[prefix, &[v]].concat())).collect();
    let mut done = vec![false; values.len()];
    for v in 0..values.len() {
        let alike: Vec<usize> = (v..values.len()).filter(|&w| !done[w] && tables[w] == tables[v]).collect();
        if done[v] {
            continue;
        }
        alike.iter().for_each(|&w| done[w] = true);
        let cell = if alike.len() == values.len() {
            "any".to_owned()
        } else {
            alike.iter().map(|&w| values[w]).collect::<Vec<_>>().join("; ")
        };
        rows(book, &[prefix, &[v]].concat(), out, &[words, &[cell]].concat());
    }
}

fn uniform(book: &Book, prefix: &[usize]) -> Option<Verdict> {
    let all = table(book, prefix);
    all.iter().all(|v| *v == all[0]).then(|| all[0].clone())
}

/// The verdicts for all ways to go on from these values.
fn table(book: &Book, prefix: &[usize]) -> Vec<Verdict> {
    if let Ok(whole) = <&[usize; 9]>::try_from(prefix) {
        return vec![verdict(book, whole)];
    }
    let values = 0..INPUTS[prefix.len()].1.len();
    values.flat_map(|v| table(book, &[prefix, &[v]].concat())).collect()
}

const HEAD: &str = "\
# Every verdict

This page is written by a test from the function that decides (`UPDATE=1 cargo nextest run -p overt-agreement
--test verdicts_for_people`), so it cannot say anything else than what runs. It asks about every combination of the inputs
below and puts together what comes to the same; the first column that differs decides. The spec is
docs/spec/agreement.md, section 6.

\"Agreed\" is an application that agreement and consent name at level full; \"with sites\" one for which the agreement
names sites as well; \"taken out\" one that a party, the administrator or the person took out. A desktop or dock counts
only where the agreement names that kind.

";

#[test]
fn the_page_says_what_decide_says() {
    let book = book();
    let mut all = Vec::new();
    rows(&book, &[], &mut all, &[]);
    let mut page = HEAD.to_owned();
    let names: Vec<&str> = INPUTS.iter().map(|(name, _)| *name).collect();
    let _ = writeln!(page, "| {} | verdict |\n|{}", names.join(" | "), " --- |".repeat(INPUTS.len() + 1));
    for (cells, verdict) in &all {
        let said = match verdict {
            Verdict::Allow { level, .. } => format!("**recorded**, {}", format!("{level:?}").to_lowercase()),
            deny @ Verdict::Deny { .. } => {
                explain(deny).trim_start_matches("Not recorded: ").trim_end_matches('.').to_owned()
            }
        };
        let _ = writeln!(page, "| {} | {said} |", cells.join(" | "));
    }
    let combinations: usize = INPUTS.iter().map(|(_, values)| values.len()).product();
    let _ = writeln!(page, "\n{combinations} combinations in {} lines.", all.len());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verdicts.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &page).expect("it is written");
    }
    assert!(
        std::fs::read_to_string(path).is_ok_and(|p| p == page),
        "run it with UPDATE=1 and read the difference"
    );
    assert!(all.len() < 120, "{} lines are too many to read", all.len());
}

#[test]
fn every_rule_of_a_window_is_met_on_the_page() {
    let book = book();
    let verdicts = table(&book, &[]);
    use DenyRule as R;
    for rule in [
        R::OwnWindow,
        R::Locked,
        R::Paused,
        R::NotInForce,
        R::Exempt,
        R::QuietHours,
        R::PrivateBrowsing,
        R::AppUnknown,
        R::AppNotAgreed,
        R::NotConsented,
        R::Narrowed,
        R::SiteUnknown,
        R::SiteNotAgreed,
        R::SecretField,
        R::FocusUnknown,
    ] {
        assert!(verdicts.contains(&Verdict::Deny { rule }), "{rule:?}");
    }
}

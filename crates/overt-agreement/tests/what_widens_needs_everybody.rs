//! Versions: what widens needs every signature and waits, what narrows counts at once, and no older
//! text comes back.

mod support;

use overt_agreement::{
    Agreement, AgreementError, Direction, Limits, Memory, Most, Narrowing, PartyKey, PartyPublic, Question,
    Seen, Terms, TermsError, diff, widens,
};
use overt_event::{AppIdentity, AppName, Day, Level, Verdict, WallTime, WindowKind};
use support::{Rng, TODAY, consent, key, noon, text};

/// An agreement of two parties of which one signature is enough for what does not widen.
struct Two {
    kim: PartyKey,
    sam: PartyKey,
    text: String,
}

impl Two {
    fn new() -> Self {
        let (kim, sam) = (key(), PartyKey::generate("employer").expect("random bytes"));
        let party = format!("\n[[parties]]\nname = \"Sam\"\nkey = \"{}\"\n", sam.public());
        let text =
            text(&kim).replacen("version = 1", "version = 1\nthreshold = 1\nwaiting_days = 5", 1) + &party;
        Self { kim, sam, text }
    }

    fn changed(&self, version: u32, from: &str, to: &str) -> String {
        assert!(self.text.contains(from), "{from}");
        self.text.replacen("version = 1", &format!("version = {version}"), 1).replacen(from, to, 1)
    }

    fn by_one(&self, text: &str) -> String {
        self.kim.sign(text).expect("it signs")
    }

    fn by_both(&self, text: &str) -> String {
        self.sam.sign(&self.by_one(text)).expect("it signs")
    }

    fn trusted(&self) -> Vec<PartyPublic> {
        vec![self.kim.public()]
    }

    fn memory(&self) -> Memory {
        let mut memory = Memory::default();
        self.admit(&mut memory, &self.by_both(&self.text)).expect("the first counts");
        memory
    }

    fn admit(&self, memory: &mut Memory, signed: &str) -> Result<(Day, Seen), AgreementError> {
        memory.admit(signed, &self.trusted(), TODAY).map(|(v, seen)| (v.counts_from(), seen))
    }
}

const STARTS: Day = Day(20_758);

#[test]
fn the_same_version_counts_again_and_the_memory_reads_back() {
    let two = Two::new();
    let mut memory = two.memory();
    assert_eq!(two.admit(&mut memory, &two.by_one(&two.text)), Ok((STARTS, Seen::Before)));
    let again = Memory::parse(&memory.to_toml().expect("it can be written"));
    assert_eq!(again, Ok(memory));
    assert_eq!(Memory::parse(""), Ok(Memory::default()));
}

#[test]
fn a_narrower_version_by_one_party_counts_at_once() {
    let two = Two::new();
    let narrower = two.changed(2, "level = \"full\"", "level = \"structure\"");
    let mut memory = two.memory();
    assert_eq!(two.admit(&mut memory, &two.by_one(&narrower)), Ok((TODAY, Seen::First)));
}

#[test]
fn a_wider_version_needs_every_party_and_waits() {
    let two = Two::new();
    let wider = two.changed(2, "level = \"structure\"", "level = \"full\"");
    let mut memory = two.memory();
    let refused = AgreementError::WidensUnsigned { seen: 1, got: 2, missing: vec!["Sam".into()] };
    assert_eq!(two.admit(&mut memory, &two.by_one(&wider)), Err(refused));
    let signed = two.by_both(&wider);
    let from = Day(TODAY.0 + 5);
    assert_eq!(two.admit(&mut memory, &signed), Ok((from, Seen::First)));
    // It is the first sight that counts, not the last.
    let (verified, _) = memory.admit(&signed, &two.trusted(), Day(TODAY.0 + 3)).expect("it counts");
    let given = consent(&verified, &[("editor", Level::Full)]);
    let waiting = TermsError::Waiting { from, today: Day(TODAY.0 + 3) };
    assert_eq!(Terms::new(verified.clone(), given.clone(), noon(Day(TODAY.0 + 3))), Err(waiting));
    assert!(Terms::new(verified, given, noon(from)).is_ok());
}

#[test]
fn while_a_version_waits_the_one_before_counts_and_no_third_one_shortens_the_wait() {
    let two = Two::new();
    let wider = two.changed(2, "level = \"structure\"", "level = \"full\"");
    let mut memory = two.memory();
    two.admit(&mut memory, &two.by_both(&wider)).expect("it counts later");
    let first = two.by_both(&two.text);
    assert_eq!(two.admit(&mut memory, &first), Ok((STARTS, Seen::Before)));
    let third = wider.replace("version = 2", "version = 3");
    let from = Day(TODAY.0 + 5);
    assert_eq!(two.admit(&mut memory, &two.by_one(&third)), Ok((from, Seen::First)));
    assert_eq!(two.admit(&mut memory, &first), Ok((STARTS, Seen::Before)));
    let back = AgreementError::RolledBack { seen: 3, got: 1 };
    assert_eq!(memory.admit(&first, &two.trusted(), from).map(|(v, _)| v.counts_from()), Err(back));
}

#[test]
fn an_older_text_and_a_second_text_of_one_version_are_refused() {
    let two = Two::new();
    let mut memory = two.memory();
    let second = two.changed(2, "level = \"full\"", "level = \"structure\"");
    two.admit(&mut memory, &two.by_one(&second)).expect("it narrows");
    let back = two.admit(&mut memory, &two.by_both(&two.text));
    assert_eq!(back, Err(AgreementError::RolledBack { seen: 2, got: 1 }));
    let other = two.changed(2, "\"Mousepad\"", "\"Other\"");
    let at_once = two.admit(&mut memory, &two.by_both(&other));
    assert_eq!(at_once, Err(AgreementError::TwoAtOnce { version: 2 }));
}

#[test]
fn one_party_narrows_and_the_next_version_needs_that_party_to_lift_it() {
    let two = Two::new();
    let mut memory = Memory::default();
    let (verified, _) = memory.admit(&two.by_both(&two.text), &two.trusted(), TODAY).expect("it counts");
    let mut limits = Limits::default();
    limits.applications.insert(AppName("editor".into()), Most::Structure);
    let note = Narrowing::sign(&verified, limits.clone(), &two.sam).expect("a party signs");
    assert_eq!(memory.narrow(&note, &verified), Ok(true));
    assert_eq!(memory.narrow(&note, &verified), Ok(false));
    let layers = memory.narrowings(&verified).expect("they read").into_iter().map(|n| n.layer).collect();
    let given = consent(&verified, &[("editor", Level::Full)]);
    let terms = Terms::layered(verified.clone(), given, layers, noon(TODAY)).expect("they are in force");
    assert_eq!(terms.highest_level(), Level::Structure);

    let stranger = PartyKey::generate("stranger").expect("random bytes");
    let refused = Narrowing::sign(&verified, limits, &stranger);
    assert_eq!(refused, Err(AgreementError::SignerNotParty { name: "stranger".into() }));
    let forged = note.replace("structure", "none");
    let wrong = AgreementError::WrongSignature { name: "employer".into() };
    assert_eq!(memory.narrow(&forged, &verified), Err(wrong));

    // The next version says nothing of the narrowing, and so would lift it.
    let same = two.changed(2, "ends = 2026-12-31", "ends = 2026-12-30");
    let lifts = two.admit(&mut memory, &two.by_one(&same));
    assert_eq!(lifts, Err(AgreementError::WidensUnsigned { seen: 1, got: 2, missing: vec!["Sam".into()] }));
    assert!(two.admit(&mut memory, &two.by_both(&same)).is_ok());
}

#[test]
fn a_clock_that_goes_back_is_noticed() {
    let mut memory = Memory::default();
    assert_eq!(memory.note_day(TODAY), Ok(true));
    assert_eq!(memory.note_day(Day(TODAY.0 - 1)), Ok(false));
    assert_eq!(memory.note_day(Day(TODAY.0 - 2)), Err(TermsError::ClockWentBack { days: 2 }));
    let (noon, later) = (noon(TODAY), WallTime(noon(TODAY).0 + 3_600));
    assert!(!overt_agreement::clock_went_back(later, noon));
    assert!(overt_agreement::clock_went_back(WallTime(later.0 + 1), noon));
    assert!(!overt_agreement::clock_went_back(noon, WallTime(i64::MAX)));
}

#[test]
fn the_differences_are_told_in_plain_words() {
    let old = Two::new();
    let new = old
        .changed(2, "level = \"full\"", "level = \"structure\"")
        .replace("waiting_days = 5", "waiting_days = 3\nretention_days = 90\nbudget = { on_battery = true }")
        .replace("ends = 2026-12-31", "ends = 2027-01-31")
        .replace("purposes = [\"train-agents\"]", "purposes = [\"evaluate-agents\"]")
        .replace("{ on_change = { frames_per_sec = 5 } }", "\"on_action\"")
        .replace("kinds = [\"desktop\"]", "kinds = [\"dock\"]")
        .replace(
            "level = \"structure\"\nkinds",
            "level = \"full\"\nsites = [{ host = \"a.example\", level = \"structure\" }]\nkinds",
        )
        .replace("name = \"Sam\"", "name = \"Sam & Co\"");
    let read = |t: &str| Agreement::parse_unsigned(t).expect("it parses");
    let lines: Vec<String> = diff(&read(&old.text), &read(&new))
        .into_iter()
        .map(|c| format!("{:?}: {}", c.direction, c.words))
        .collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/differences.txt");
    let told = lines.join("\n") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &told).expect("it is written");
    }
    assert_eq!(std::fs::read_to_string(path).expect("it is there; UPDATE=1 writes it"), told);
    assert!(diff(&read(&new), &read(&new)).is_empty());
}

/// A small agreement in which everything that decides about windows varies.
fn any_agreement(rng: &mut Rng, key: &PartyKey) -> Agreement {
    let whole = text(key);
    let mut written = whole[..whole.find("[[applications]]").expect("it names some")].replacen(
        "ends = 2026-12-31",
        &format!("ends = 2026-12-{}", rng.one(&[30, 31])),
        1,
    );
    let mut pairs = vec![(0, 0), (0, 1), (1, 0), (1, 1)];
    for i in 0..1 + rng.below(3) {
        let (exe, class) = pairs.swap_remove(rng.below(pairs.len()));
        let level = rng.one(&["structure", "full"]);
        let kinds = rng.one(&["[]", "[\"desktop\"]", "[\"dock\", \"desktop\"]"]);
        let sites = rng.one(&[
            "[]",
            "[]",
            "[{ host = \"a.example\", level = \"full\" }]",
            "[{ host = \"a.example\", level = \"full\" }, { host = \"b.a.example\", level = \"none\" }]",
            "[{ host = \"b.a.example\", level = \"structure\" }]",
        ]);
        written += &format!(
            "[[applications]]\nname = \"a{i}\"\nexe = [\"/e{exe}\"]\nclass = [\"c{class}\"]\nlevel = \"{level}\"\nkinds = {kinds}\nsites = {sites}\n"
        );
    }
    Agreement::parse_unsigned(&written).expect("it parses")
}

fn all_consented(agreement: &Agreement, key: &PartyKey) -> Terms {
    let signed = key.sign(&source(agreement, key)).expect("it signs");
    let verified = overt_agreement::verify(&signed, &[key.public()]).expect("it counts");
    let names: Vec<&str> = agreement.applications().iter().map(|a| &*a.name.0).collect();
    let given = consent(&verified, &names.iter().map(|n| (*n, Level::Full)).collect::<Vec<_>>());
    Terms::new(verified, given, noon(TODAY)).expect("they are in force")
}

/// The text of an agreement of [`any_agreement`].
fn source(agreement: &Agreement, key: &PartyKey) -> String {
    let whole = text(key);
    let head = &whole[..whole.find("[[applications]]").expect("it names some")];
    let mut out = head.replacen(
        "2026-12-31",
        if agreement.ends() == Day(20_818) { "2026-12-31" } else { "2026-12-30" },
        1,
    );
    #[derive(serde::Serialize)]
    struct Apps<'a> {
        applications: &'a [overt_agreement::Application],
    }
    out += &toml::to_string(&Apps { applications: agreement.applications() }).expect("it can be written");
    out
}

/// Whatever does not count as wider allows nothing that was not allowed before.
#[test]
fn no_widening_goes_unseen() {
    use overt_agreement::{Browsing, Site};
    let key = key();
    let (mut same, mut narrower) = (0, 0);
    for seed in 0..3_000 {
        let mut rng = Rng(seed);
        let (old, new) = (any_agreement(&mut rng, &key), any_agreement(&mut rng, &key));
        if widens(&old, &new) {
            continue;
        }
        let narrows = diff(&old, &new).iter().any(|c| c.direction == Direction::Narrower);
        if narrows {
            narrower += 1
        } else {
            same += 1
        }
        let (old, new) = (all_consented(&old, &key), all_consented(&new, &key));
        for _ in 0..200 {
            let class = rng.one(&[None, Some("c0"), Some("c1")]).map(str::to_owned);
            let app = AppIdentity { exe: Some(rng.one(&["/e0", "/e1"]).to_owned()), class };
            let kind =
                rng.one(&[WindowKind::Normal, WindowKind::Popup, WindowKind::Dock, WindowKind::Desktop]);
            let hosts = ["a.example", "x.a.example", "b.a.example", "x.b.a.example", "c.example"];
            let host = Site::Host(rng.one(&hosts));
            let question = Question {
                site: rng.one(&[Site::Unknown, Site::NoDocument, host]),
                browsing: rng.one(&[Browsing::Unknown, Browsing::Ordinary]),
                ..Question::of_window(&app, kind, false)
            };
            let now = noon(rng.one(&[TODAY, Day(20_818)]));
            let level = |t: &Terms| match t.decide(&question, now) {
                Verdict::Allow { level, .. } => Some(level),
                Verdict::Deny { .. } => None,
            };
            assert!(level(&new) <= level(&old), "seed {seed}");
        }
    }
    assert!(narrower > 50, "narrower ones are met: {narrower}, and {same} that say the same");
}

//! Terms by command: who can widen, who can narrow, and what keeps a recording from starting.

mod place;

use std::fs;

use place::Place;

const RECORD: &str = "record --agreement a.toml --consent c.toml --keys keys --out spool --for 1s";
const CONSENT: &str = "consent give --agreement a.toml --keys keys --app editor --out c.toml";

impl Place {
    /// Keys, an agreement of one party at level full, and a consent to it.
    fn of_one() -> Self {
        let place = Self::new();
        place.done("keys init --keys keys");
        place.done("keys init --keys other");
        place.write_agreement("a.toml", "full");
        place.done("agreement sign a.toml --keys keys");
        place.done(CONSENT);
        place
    }

    /// The same with two parties, both of whom signed.
    fn of_two() -> Self {
        let place = Self::new();
        place.done("keys init --keys keys");
        place.done("keys init --keys other");
        place.write_agreement("a.toml", "full");
        place.add_party("a.toml");
        place.done("agreement sign a.toml --keys keys");
        place.done("agreement sign a.toml --keys other");
        place.done(CONSENT);
        place
    }

    fn write_agreement(&self, name: &str, level: &str) {
        self.done(&format!(
            "agreement new --keys keys --out {name} --ends 2099-12-31 --app editor=/usr/bin/mousepad:Mousepad:{level}"
        ));
    }

    fn add_party(&self, name: &str) {
        let key = self.read("other/party.pub");
        let party =
            format!("[[parties]]\nname = \"The other\"\nkey = \"{}\"\n\n[[applications]]", key.trim());
        self.edit(name, |t| t.replacen("[[applications]]", &party, 1));
    }

    /// What would be recorded of the editor, in words.
    fn explained(&self) -> String {
        let explain =
            "agreement explain a.toml --consent c.toml --keys keys --exe /usr/bin/mousepad --class Mousepad";
        self.done(explain)
    }
}

/// With everything in order it fails for want of a display and for nothing else.
const NO_DISPLAY: &str = "display";

#[test]
fn all_parties_sign_or_it_does_not_count() {
    let place = Place::new();
    place.done("keys init --keys keys");
    place.done("keys init --keys other");
    place.write_agreement("a.toml", "full");
    place.add_party("a.toml");
    assert!(place.done("agreement sign a.toml --keys keys").contains("1 more of its parties"));
    place.fails(CONSENT, "1 of the 2 parties");
    place.done("agreement sign a.toml --keys other");
    place.done(CONSENT);
    place.fails(RECORD, NO_DISPLAY);
}

#[test]
fn a_flipped_byte_and_a_stranger_stop_it() {
    let place = Place::of_two();
    place.edit("a.toml", |t| t.replacen("/usr/bin/mousepad", "/usr/bin/mousepae", 1));
    place.fails(RECORD, "does not belong to this text");
    let place = Place::of_one();
    place.done("keys init --keys stranger");
    place.fails(&RECORD.replace("--keys keys", "--keys stranger"), "none of the 1 signatures");
    // Unless the person trusts the one who signed.
    let key = place.read("keys/party.pub");
    place.done(&format!("keys trust {} --keys stranger", key.trim()));
    place.done("agreement verify a.toml --keys stranger");
}

#[test]
fn a_study_is_named_by_its_public_key_and_by_nothing_else() {
    let place = Place::new();
    place.done("keys init --keys keys");
    place.done("keys init --keys study");
    let own = || place.read("keys/study.pub");
    let before = own();
    for (file, words) in [
        ("study/contributor.pub", "The key is not a study's."),
        ("study/study.key", "The study's key could not be read."),
        ("study/none.pub", "The study's key could not be read."),
    ] {
        place.fails(&format!("keys study {file} --keys keys"), words);
        assert_eq!(own(), before, "{file}");
    }
    place.fails("keys study study/study.pub --keys none", "Make keys with `overt keys init`.");
    let shown = |keys: &str| place.done(&format!("keys show --keys {keys}"));
    let of = |shown: String| shown.lines().find(|l| l.starts_with("study")).map(str::to_owned);
    place.done("keys study study/study.pub --keys keys");
    assert_eq!((own(), of(shown("keys"))), (place.read("study/study.pub"), of(shown("study"))));
    // And again is as well as once.
    place.done("keys study study/study.pub --keys keys");
}

#[test]
fn an_older_version_and_two_at_once_are_refused() {
    let place = Place::of_one();
    fs::copy(place.path("a.toml"), place.path("old.toml")).expect("a copy");
    place.write_agreement("b.toml", "structure");
    place.done("agreement sign b.toml --keys keys");
    place.fails("agreement verify b.toml --keys keys", "two texts of version 1");
    place.edit("b.toml", |t| t[..t.find("\n— ").expect("a signature")].replace("version = 1", "version = 2"));
    place.done("agreement sign b.toml --keys keys");
    place.done("agreement verify b.toml --keys keys");
    place.fails(RECORD, "version 1 of an agreement of which version 2 was seen");
}

#[test]
fn a_wider_version_needs_both_and_waits() {
    let place = Place::of_two();
    let second = "version = 2\nthreshold = 1";
    place.edit("a.toml", |t| t[..t.find("\n— ").expect("a signature")].to_owned());
    fs::copy(place.path("a.toml"), place.path("b.toml")).expect("a copy");
    place.edit("b.toml", |t| t.replace("version = 1", second));
    let told = place.done("agreement diff a.toml b.toml");
    assert!(told.contains("wider") && told.contains("parties that need not sign: 1; before, 0"), "{told}");
    place.done("agreement sign b.toml --keys keys");
    place.fails("agreement verify b.toml --keys keys", "The other did not sign it");
    place.done("agreement sign b.toml --keys other");
    place.done("agreement verify b.toml --keys keys");
}

#[test]
fn any_party_narrows_at_once_and_it_stays() {
    let place = Place::of_two();
    assert!(place.explained().contains("level full"));
    place.done("agreement narrow a.toml --keys other --app editor=structure --out less.note");
    place.done("agreement take less.note --agreement a.toml --keys keys");
    assert!(place.explained().contains("level structure"));
    place.done("agreement narrow a.toml --keys keys --stop --out stop.note");
    place.done("agreement take stop.note --agreement a.toml --keys keys");
    place.fails(RECORD, "stopped all recording");
}

#[test]
fn a_narrowing_of_a_stranger_or_with_a_flipped_byte_is_not_taken() {
    let place = Place::of_two();
    place.done("keys init --keys stranger");
    let key = place.read("keys/party.pub");
    place.done(&format!("keys trust {} --keys stranger", key.trim()));
    place.fails("agreement narrow a.toml --keys stranger --stop --out s.note", "does not name that key");
    place.done("agreement narrow a.toml --keys other --stop --out n.note");
    place.edit("n.note", |t| t.replacen("stop = true", "stop = fals", 1));
    assert_eq!(place.run("agreement take n.note --agreement a.toml --keys keys").status.code(), Some(1));
    assert!(place.explained().contains("level full"));
}

#[test]
fn never_holds_whatever_is_agreed() {
    let place = Place::of_one();
    place.done("consent never --app editor --app chat --keys keys");
    place.fails(RECORD, "no application is left");
    assert!(place.read("keys/person.toml").contains("chat"));
}

#[test]
fn quiet_hours_of_ones_own_count() {
    let place = Place::of_one();
    place.done("consent quiet --days mon,tue,wed,thu,fri,sat,sun --from 00:00 --to 24:00 --zone Europe/Rome --keys keys");
    assert!(place.explained().contains("quiet hours"));
    place.fails(
        "consent quiet --days mon --from 01:00 --to 02:00 --zone Nowhere/Land --keys keys",
        "time_zone",
    );
}

#[test]
fn who_asks_to_be_exempt_is_not_recorded() {
    let place = Place::of_two();
    place.done("consent exempt ask --agreement a.toml --keys keys --reason bandwidth --out request.toml");
    place.fails(RECORD, "You are exempt, or have asked to be");
    assert!(place.explained().contains("exempt"));
    let refuse = [
        "consent",
        "exempt",
        "decide",
        "request.toml",
        "--keys",
        "other",
        "--out",
        "no.note",
        "--refuse",
        "the line is fast",
    ];
    place.done_words(&refuse);
    let told = place.done("consent exempt take no.note --agreement a.toml --keys keys");
    assert!(told.contains("the line is fast"), "{told}");
    place.fails(RECORD, NO_DISPLAY);
    place.done("consent exempt appeal --keys keys --out appeal.toml");
    place.fails(RECORD, "You are exempt");
    place.done("consent exempt decide appeal.toml --keys other --until 2099-01-01 --out yes.note");
    place.fails("consent exempt take yes.note --agreement a.toml --keys keys", "1 of the 2 parties");
    place.done("consent exempt countersign yes.note --keys keys");
    place.done("consent exempt take yes.note --agreement a.toml --keys keys");
    place.fails(RECORD, "You are exempt");
    place.done("consent exempt end --keys keys");
    place.fails(RECORD, NO_DISPLAY);
}

#[test]
fn an_old_consent_a_future_agreement_and_a_clock_set_back_stop_it() {
    let place = Place::of_one();
    place.edit("c.toml", |t| {
        let given = t.lines().find(|l| l.starts_with("given")).expect("a day").to_owned();
        t.replace(&given, "given = 2020-01-01")
    });
    place.fails(RECORD, "it counts for 90 days");

    let place = Place::of_one();
    place.edit("keys/terms.toml", |t| {
        let latest = t.lines().find(|l| l.starts_with("latest")).expect("a day").to_owned();
        t.replace(&latest, "latest = 2098-01-01")
    });
    place.fails(RECORD, "the clock went back");

    let place = Place::new();
    place.done("keys init --keys keys");
    place.write_agreement("a.toml", "full");
    place.edit("a.toml", |t| {
        let starts = t.lines().find(|l| l.starts_with("starts")).expect("a day").to_owned();
        t.replace(&starts, "starts = 2099-01-01")
    });
    place.done("agreement sign a.toml --keys keys");
    place.fails(CONSENT, "the agreement begins");
}

#[test]
fn what_the_law_asks_is_named_with_its_source() {
    let place = Place::new();
    place.done("keys init --keys keys");
    place.write_agreement("a.toml", "full");
    place.edit("a.toml", |t| t.replace("jurisdiction = \"none\"", "jurisdiction = \"DE\""));
    place.fails("agreement sign a.toml --keys keys", "BetrVG 87(1) no. 6");
    place.fails("agreement sign a.toml --keys keys", "https://law-journal.de/");
    place.fails("agreement sign a.toml --keys keys", "not legal advice");
}

#[test]
fn the_notice_and_the_receipt_are_about_the_signed_text() {
    let place = Place::of_one();
    let text = place.done("agreement notice a.toml --keys keys --text");
    assert!(text.contains("/usr/bin/mousepad") && text.contains("not legal advice"));
    let html = place.done("agreement notice a.toml --keys keys --html");
    assert!(html.starts_with("<!doctype html>"));
    let told: serde_json::Value =
        serde_json::from_str(&place.done("agreement notice a.toml --keys keys --json")).expect("JSON");
    place.done("consent receipt c.toml --agreement a.toml --keys keys --out r.note");
    let receipt = place.read("r.note");
    assert!(
        receipt.contains(told["sha256"].as_str().expect("a digest")) && receipt.contains("dpv:ConsentGiven")
    );
    place.edit("a.toml", |t| t.replacen("Mousepad", "Mousepat", 1));
    place.fails("agreement notice a.toml --keys keys --text", "does not belong to this text");
}

//! What people have to be told, written from the terms that run, so that it cannot differ from them.

use crate::agreement::digest;
use crate::diff::{cadence_words, most_words, purpose_words};
use crate::{Agreement, Application, Needs, VerifiedAgreement, day};

/// A notice: headings with what stands under them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    title: String,
    sections: Vec<(&'static str, Vec<String>)>,
}

/// What is recorded at all, and what never is; the software has no events for anything else.
const NEVER: [&str; 6] = [
    "passwords, and keys while it is unknown what has the focus",
    "applications and sites that are not named here: their windows are filled in",
    "the clipboard, sound, the camera, when exactly a key was hit",
    "anything while the badge on the screen does not show",
    "anything of a person who has not opted in, by application, in the last 90 days",
    "how much or how long anybody works: there are no figures of people",
];

const RIGHTS: [&str; 8] = [
    "Say no, at no cost, or opt in to less than is agreed: `overt consent give`.",
    "Withdraw in one step: `overt consent withdraw`. What was recorded under the consent then does not leave.",
    "Pause without limit and without a reason: `overt pause`, or Ctrl+Alt+P. Nobody is told.",
    "Have the last minutes erased: `overt forget`.",
    "See what was recorded, with your own key: `overt inspect`. Nothing leaves before you release it: `overt release`.",
    "Take an application out for good: `overt consent never`.",
    "Be exempt, with or without a reason: `overt consent exempt ask`. It counts from that moment.",
    "Complain to a supervisory authority, or to your representatives.",
];

/// The notice of an agreement that counts.
pub fn notice(verified: &VerifiedAgreement) -> Notice {
    let a = verified.agreement();
    let lines = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect();
    let sections = vec![
        ("Who", who(verified)),
        ("What for", what_for(a)),
        ("What is recorded, where you consent too", a.applications().iter().flat_map(application).collect()),
        ("How", how(a)),
        ("What is never recorded", lines(&NEVER)),
        ("When", when(verified)),
        ("What you can do", lines(&RIGHTS)),
        ("On what grounds", grounds(a)),
        (
            "How to check this notice",
            vec![
                format!(
                    "It was written from the agreement with the SHA-256 {}.",
                    overt_event::hex_from_bytes(&verified.digest())
                ),
                "`overt agreement notice` writes it again from the signed text. It is not legal advice."
                    .into(),
            ],
        ),
    ];
    Notice { title: format!("{} (version {})", a.title(), a.version()), sections }
}

fn who(verified: &VerifiedAgreement) -> Vec<String> {
    let a = verified.agreement();
    let line = |p: &crate::Party| {
        let signed = if verified.signers().contains(p) { "signed" } else { "has not signed" };
        format!("{}, {}: {signed}", p.name(), p.role().words())
    };
    let mut out: Vec<String> = a.parties().iter().map(line).collect();
    out.extend(a.contact().map(|c| format!("Whom to ask: {c}")));
    out
}

fn what_for(a: &Agreement) -> Vec<String> {
    let mut out: Vec<String> = a.purposes().iter().map(|p| purpose_words(*p).to_owned()).collect();
    out.push(
        "for nothing else: reviewing performance, discipline, attendance, emotion or replacing somebody by name cannot be written into an agreement"
            .into(),
    );
    out
}

fn application(app: &Application) -> Vec<String> {
    let head = format!("{} ({}): {}", app.name.0, app.exe.join(", "), most_words(app.level.into()));
    let site = |s: &crate::SiteRule| {
        format!("{}, {} and what is below: {}", app.name.0, s.host, most_words(s.level.min(app.level.into())))
    };
    let sites = app.sites.iter().map(site);
    let others = (!app.sites.is_empty()).then(|| format!("{}, any other site: nothing", app.name.0));
    std::iter::once(head).chain(sites).chain(others).collect()
}

fn how(a: &Agreement) -> Vec<String> {
    let b = a.budget();
    let may = |on: bool| if on { "also" } else { "not" };
    vec![
        "In those windows: pointer, clicks, wheel, keys and the text they type, menus, switching between windows, the controls under the pointer and in the window, as far as the level keeps them.".into(),
        format!("Pictures of the screen: {}.", cadence_words(a.cadence())),
        format!(
            "At most {} percent of a processor core and {} MB a day; {} on the battery, {} on a metered network.",
            b.cpu_percent, b.mb_per_day, may(b.on_battery), may(b.on_metered)
        ),
        "Encrypted on this machine before it is stored; every later opening is for one of the purposes above and is written down.".into(),
    ]
}

fn when(verified: &VerifiedAgreement) -> Vec<String> {
    let a = verified.agreement();
    let mut out = vec![format!("From {} to {}.", day::words(verified.counts_from()), day::words(a.ends()))];
    if let Some(quiet) = a.quiet() {
        let hours: Vec<String> = quiet.hours().iter().map(ToString::to_string).collect();
        out.push(format!("Never: {} ({}).", hours.join("; "), quiet.place()));
    }
    out.push(match a.retention_days() {
        Some(days) => format!("The parties promise to keep recordings for {days} days at most."),
        None => "The agreement does not say how long recordings are kept.".into(),
    });
    out.push(format!(
        "More is recorded at the earliest {} days after a wider version is seen here.",
        a.waiting_days()
    ));
    out
}

fn grounds(a: &Agreement) -> Vec<String> {
    let mut out = vec![
        format!("Lawful basis: {}.", a.lawful_basis()),
        format!("Impact assessment: {}.", a.assessment()),
        format!("Jurisdiction: {}.", a.jurisdiction().name()),
    ];
    out.extend(a.consultation().map(|c| format!("People's views: {c}.")));
    out.extend(a.permit().map(|p| format!("Permit: {p}.")));
    out.extend(a.jurisdiction().rules().iter().map(|r| {
        let kept = match &r.needs {
            Needs::KeptBy(how) => format!("kept by this: {how}"),
            _ => "met by the text of the agreement".to_owned(),
        };
        format!("{}: {} ({kept}; {})", r.rule, r.says, r.source)
    }));
    out
}

impl Notice {
    /// SHA-256 of [`Notice::text`], which a receipt names.
    pub fn digest(&self) -> [u8; 32] {
        digest(&self.text())
    }

    /// Plain text, to print or to send.
    pub fn text(&self) -> String {
        let mut out = format!("Notice of recording: {}\n", self.title);
        for (heading, lines) in &self.sections {
            out += &format!("\n{heading}\n");
            lines.iter().for_each(|l| out += &format!("  * {l}\n"));
        }
        out
    }

    /// One page without script, style sheet or anything from elsewhere.
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Notice of recording: {title}</title>\n<h1>Notice of recording: {title}</h1>\n"
        );
        for (heading, lines) in &self.sections {
            out += &format!("<h2>{}</h2>\n<ul>\n", escaped(heading));
            lines.iter().for_each(|l| out += &format!("<li>{}</li>\n", escaped(l)));
            out += "</ul>\n";
        }
        out + "</html>\n"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

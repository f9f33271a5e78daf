//! `overt agreement`: write, sign, check, show and explain terms.

use anyhow::Result;
use overt_agreement::{
    Agreement, AgreementError, Application, Budget, Cadence, Change, Direction, Draft, Failing, Import,
    VerifiedAgreement, diff, notice, template, who_signed,
};
use overt_event::{AppIdentity, AppName, Day, Level, Purpose, hex_from_bytes};
use serde::Serialize;

use crate::args::{
    AgreementDiff, AgreementNew, AgreementNotice, AgreementSign, AgreementVerb, AgreementVerify, AppSpec,
    CadenceArg,
};
use crate::clock;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::verbs::keys::KeyFolder;
use crate::verbs::papers::Shelf;
use crate::verbs::{explain, narrow};

pub fn run(verb: &AgreementVerb, output: Output) -> Result<Exit> {
    match verb {
        AgreementVerb::New(args) => new(args, output),
        AgreementVerb::Sign(args) => sign(args, output),
        AgreementVerb::Verify(args) => check(args, output),
        AgreementVerb::Show(args) => show(args, output),
        AgreementVerb::Diff(args) => tell_differences(args, output),
        AgreementVerb::Narrow(args) => narrow::write(args, output),
        AgreementVerb::Take(args) => narrow::take(args, output),
        AgreementVerb::Notice(args) => write_notice(args, output),
        AgreementVerb::Explain(args) => explain::run(args, output),
    }
}

#[derive(Serialize)]
struct Written {
    agreement: &'static str,
}

fn new(args: &AgreementNew, output: Output) -> Result<Exit> {
    let import = import(args);
    let named = args.apps.iter().map(application);
    let applications: Vec<Application> =
        named.chain(import.as_ref().map(|i| source(i, args.level))).collect();
    let purposes: Vec<Purpose> = args.purposes.iter().map(|&p| p.into()).collect();
    let text = template(&Draft {
        title: "Recording of work on a computer",
        party: "The signing party",
        key: &KeyFolder(&args.keys).party_public()?,
        starts: clock::wall_now().day(),
        ends: day(args.ends),
        scripted: args.scripted,
        cadence: cadence(args),
        purposes: &purposes,
        applications: &applications,
    });
    let text = import.map_or(text.clone(), |import| format!("{text}{}", import.to_toml()));
    Agreement::parse_unsigned(&text)?;
    files::write_new(&args.out, text.as_bytes(), "agreement", false)?;
    let words = "An agreement was written. Read and complete it, then sign it with `overt agreement sign`.";
    output.answer(&Written { agreement: "written" }, words)?;
    Ok(Exit::Done)
}

fn import(args: &AgreementNew) -> Option<Import> {
    let format: overt_import::Format = args.import?.into();
    Some(Import {
        source: format.name().to_owned(),
        licence: args.licence.clone().unwrap_or_default(),
        keys_without_focus: args.keys_without_focus,
        unfiltered: args.unfiltered,
    })
}

/// The one application that stands for all of a source.
fn source(import: &Import, level: Level) -> Application {
    let AppIdentity { exe, class } = import.identity();
    Application {
        name: AppName(import.source.as_str().into()),
        exe: exe.into_iter().collect(),
        class: class.into_iter().collect(),
        level,
        kinds: Vec::new(),
        sites: Vec::new(),
    }
}

fn application(spec: &AppSpec) -> Application {
    Application {
        name: AppName(spec.name.as_str().into()),
        exe: vec![spec.exe.clone()],
        class: vec![spec.class.clone()],
        level: spec.level,
        kinds: Vec::new(),
        sites: Vec::new(),
    }
}

fn cadence(args: &AgreementNew) -> Cadence {
    match args.cadence {
        CadenceArg::OnChange => Cadence::OnChange { frames_per_sec: args.frames_per_sec },
        CadenceArg::OnAction => Cadence::OnAction,
        CadenceArg::Periodic => Cadence::Periodic { secs: args.secs },
        CadenceArg::None => Cadence::None,
    }
}

/// The day of a date.
pub fn day(date: jiff::civil::Date) -> Day {
    let epoch = jiff::civil::date(1970, 1, 1);
    Day(epoch.until(date).map_or(0, |span| span.get_days()))
}

fn sign(args: &AgreementSign, output: Output) -> Result<Exit> {
    let text = files::read(&args.agreement, "agreement")?;
    let signed = KeyFolder(&args.keys).party()?.sign(&text)?;
    let (agreement, signers) = who_signed(&signed)?;
    // Whether the text could count once everybody has signed.
    let failing = agreement.jurisdiction().failing(&agreement, agreement.parties());
    anyhow::ensure!(
        failing.is_empty(),
        "The agreement was not signed, because it would not count. {}",
        failing_words(&agreement, &failing)
    );
    files::replace(&args.agreement, signed.as_bytes(), "agreement")?;
    let missing = agreement.threshold().saturating_sub(signers.len());
    let words = match missing {
        0 => "The agreement is signed. Nobody is recorded before they consent: `overt consent give`."
            .to_owned(),
        n => format!("You have signed. It counts when {n} more of its parties sign too."),
    };
    output.answer(&Written { agreement: "signed" }, &words)?;
    Ok(Exit::Done)
}

fn failing_words(agreement: &Agreement, failing: &[Failing]) -> String {
    let line = |f: &Failing| format!("  {}: {}\n    {} Source: {}", f.rule, f.missing, f.says, f.source);
    let lines: Vec<String> = failing.iter().map(line).collect();
    format!(
        "{} rule(s) of {} are not met (this is not legal advice):\n{}",
        failing.len(),
        agreement.jurisdiction().name(),
        lines.join("\n")
    )
}

#[derive(Serialize)]
struct Shown {
    title: String,
    version: u32,
    digest: String,
    jurisdiction: &'static str,
    signed_by: Vec<String>,
    counts_from: String,
    starts: String,
    ends: String,
    purposes: Vec<Purpose>,
    cadence: String,
    scripted: bool,
    retention_days: Option<u32>,
    budget: Budget,
    applications: Vec<(String, Level)>,
}

fn shown(verified: &VerifiedAgreement) -> Shown {
    let a = verified.agreement();
    Shown {
        title: a.title().to_owned(),
        version: a.version(),
        jurisdiction: a.jurisdiction().code(),
        counts_from: clock::date(verified.counts_from()),
        digest: hex_from_bytes(&verified.digest()),
        signed_by: verified.signers().iter().map(|s| s.name().to_owned()).collect(),
        starts: clock::date(a.starts()),
        ends: clock::date(a.ends()),
        purposes: a.purposes().iter().copied().collect(),
        cadence: a.cadence().to_string(),
        scripted: a.scripted(),
        retention_days: a.retention_days(),
        budget: a.budget(),
        applications: a.applications().iter().map(|app| (app.name.0.to_string(), app.level)).collect(),
    }
}

fn check(args: &AgreementVerify, output: Output) -> Result<Exit> {
    let admitted = Shelf(&args.keys).admit(&args.agreement);
    let lawless = |e: &anyhow::Error| matches!(e.downcast_ref(), Some(AgreementError::Law { .. }));
    if admitted.as_ref().is_err_and(lawless) {
        return tell_failing(args, output);
    }
    let shown = shown(&admitted?);
    let words = format!(
        "The agreement is well-formed and signed by {}. It ends on {}.",
        shown.signed_by.join(", "),
        shown.ends
    );
    output.answer(&shown, &words)?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Lawless {
    jurisdiction: &'static str,
    failing: Vec<Failing>,
}

fn tell_failing(args: &AgreementVerify, output: Output) -> Result<Exit> {
    let (agreement, signers) = who_signed(&files::read(&args.agreement, "agreement")?)?;
    let failing = agreement.jurisdiction().failing(&agreement, &signers);
    anyhow::ensure!(output.json, "The agreement does not count. {}", failing_words(&agreement, &failing));
    output.answer(&Lawless { jurisdiction: agreement.jurisdiction().code(), failing }, "")?;
    Ok(Exit::Failed)
}

#[derive(Serialize)]
struct Differences {
    widens: bool,
    changes: Vec<Change>,
}

fn tell_differences(args: &AgreementDiff, output: Output) -> Result<Exit> {
    let read = |p| -> Result<Agreement> { Ok(Agreement::parse_unsigned(&files::read(p, "agreement")?)?) };
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let changes = diff(&old, &new);
    let line = |c: &Change| {
        let mark = match c.direction {
            Direction::Wider => "wider    ",
            Direction::Narrower => "narrower ",
            Direction::Neither => "neither  ",
        };
        format!("{mark} {}", c.words)
    };
    let lines: Vec<String> = changes.iter().map(line).collect();
    let widens = changes.iter().any(|c| c.direction == Direction::Wider);
    let verdict = match (widens, changes.is_empty()) {
        (_, true) => "The two say the same.",
        (true, _) => "It widens: it needs the signature of every party, and waits.",
        (false, _) => "Nothing widens.",
    };
    output.answer(&Differences { widens, changes }, &format!("{}\n{verdict}", lines.join("\n")))?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Noticed {
    sha256: String,
    text: String,
}

fn write_notice(args: &AgreementNotice, output: Output) -> Result<Exit> {
    let notice = notice(&Shelf(&args.keys).admit(&args.agreement)?);
    let words = if args.html { notice.html() } else { notice.text() };
    output.answer(&Noticed { sha256: hex_from_bytes(&notice.digest()), text: notice.text() }, &words)?;
    Ok(Exit::Done)
}

fn budget_words(budget: &Budget) -> String {
    let Budget { cpu_percent, mb_per_day, on_battery, on_metered } = budget;
    let or_not = |on: bool| if on { "also" } else { "not" };
    format!(
        "It may cost {cpu_percent} % of a processor and {mb_per_day} MB a day; it records {} on the battery and {} on a metered network.",
        or_not(*on_battery),
        or_not(*on_metered)
    )
}

fn kept_words(days: Option<u32>) -> String {
    days.map_or_else(
        || "It does not say how long recordings are kept.".to_owned(),
        |days| format!("Recordings are kept for {days} days at most."),
    )
}

fn show(args: &AgreementVerify, output: Output) -> Result<Exit> {
    let s = shown(&Shelf(&args.keys).admit(&args.agreement)?);
    let apps: Vec<String> =
        s.applications.iter().map(|(name, level)| format!("  {name}: {level:?}")).collect();
    let purposes: Vec<String> = s.purposes.iter().map(|p| format!("{p:?}")).collect();
    let words = format!(
        "{}\nSigned by {}. In force from {} to {}.\nFor {}, and for nothing else. Pictures: {}.\n{}\n{}\n\
         Recorded, where the person consents too; everything else is not:\n{}",
        s.title,
        s.signed_by.join(", "),
        s.starts,
        s.ends,
        purposes.join(", "),
        s.cadence,
        budget_words(&s.budget),
        kept_words(s.retention_days),
        apps.join("\n"),
    );
    output.answer(&s, &words)?;
    Ok(Exit::Done)
}

//! `overt agreement`: write, sign, check, show and explain terms.

use std::path::Path;

use anyhow::{Context as _, Result};
use overt_agreement::{
    Agreement, Application, Cadence, Consent, Draft, Import, Question, Terms, VerifiedAgreement, explain,
    template, verify,
};
use overt_event::{AppIdentity, AppName, Day, Level, Purpose, Verdict, WindowKind, hex_from_bytes};
use serde::Serialize;

use crate::args::{
    AgreementExplain, AgreementNew, AgreementSign, AgreementVerb, AgreementVerify, AppSpec, CadenceArg,
};
use crate::clock;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::verbs::keys::KeyFolder;

pub fn run(verb: &AgreementVerb, output: Output) -> Result<Exit> {
    match verb {
        AgreementVerb::New(args) => new(args, output),
        AgreementVerb::Sign(args) => sign(args, output),
        AgreementVerb::Verify(args) => check(args, output),
        AgreementVerb::Show(args) => show(args, output),
        AgreementVerb::Explain(args) => explain_window(args, output),
    }
}

/// Reads an agreement that the party in `keys` signed.
pub fn verified(path: &Path, keys: &Path) -> Result<VerifiedAgreement> {
    let text = files::read(path, "agreement")?;
    Ok(verify(&text, &[KeyFolder(keys).party_public()?])?)
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
    })
}

/// The one application that stands for all of a source.
fn source(import: &Import, level: Level) -> Application {
    let AppIdentity { exe, class } = import.identity();
    Application {
        name: AppName(import.source.clone()),
        exe: exe.into_iter().collect(),
        class: class.into_iter().collect(),
        level,
        kinds: Vec::new(),
    }
}

fn application(spec: &AppSpec) -> Application {
    Application {
        name: AppName(spec.name.clone()),
        exe: vec![spec.exe.clone()],
        class: vec![spec.class.clone()],
        level: spec.level,
        kinds: Vec::new(),
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

fn day(date: jiff::civil::Date) -> Day {
    let epoch = jiff::civil::date(1970, 1, 1);
    Day(epoch.until(date).map_or(0, |span| span.get_days()))
}

fn sign(args: &AgreementSign, output: Output) -> Result<Exit> {
    let text = files::read(&args.agreement, "agreement")?;
    let key = KeyFolder(&args.keys).party()?;
    let signed = key.sign(&text)?;
    verify(&signed, &[key.public()]).context("The agreement was not signed, because it would not count.")?;
    files::replace(&args.agreement, signed.as_bytes(), "agreement")?;
    output.answer(
        &Written { agreement: "signed" },
        "The agreement is signed. Nobody is recorded before they consent: `overt consent give`.",
    )?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Shown {
    title: String,
    digest: String,
    signed_by: Vec<String>,
    starts: String,
    ends: String,
    purposes: Vec<Purpose>,
    cadence: String,
    scripted: bool,
    applications: Vec<(String, Level)>,
}

fn shown(verified: &VerifiedAgreement) -> Shown {
    let a = verified.agreement();
    Shown {
        title: a.title().to_owned(),
        digest: hex_from_bytes(&verified.digest()),
        signed_by: verified.signers().iter().map(|s| s.party.clone()).collect(),
        starts: clock::date(a.starts()),
        ends: clock::date(a.ends()),
        purposes: a.purposes().iter().copied().collect(),
        cadence: a.cadence().to_string(),
        scripted: a.scripted(),
        applications: a.applications().iter().map(|app| (app.name.0.clone(), app.level)).collect(),
    }
}

fn check(args: &AgreementVerify, output: Output) -> Result<Exit> {
    let shown = shown(&verified(&args.agreement, &args.keys)?);
    let words = format!(
        "The agreement is well-formed and signed by {}. It ends on {}.",
        shown.signed_by.join(", "),
        shown.ends
    );
    output.answer(&shown, &words)?;
    Ok(Exit::Done)
}

fn show(args: &AgreementVerify, output: Output) -> Result<Exit> {
    let s = shown(&verified(&args.agreement, &args.keys)?);
    let apps: Vec<String> =
        s.applications.iter().map(|(name, level)| format!("  {name}: {level:?}")).collect();
    let purposes: Vec<String> = s.purposes.iter().map(|p| format!("{p:?}")).collect();
    let words = format!(
        "{}\nSigned by {}. In force from {} to {}.\nFor {}, and for nothing else. Pictures: {}.\n\
         Recorded, where the person consents too; everything else is not:\n{}",
        s.title,
        s.signed_by.join(", "),
        s.starts,
        s.ends,
        purposes.join(", "),
        s.cadence,
        apps.join("\n"),
    );
    output.answer(&s, &words)?;
    Ok(Exit::Done)
}

fn explain_window(args: &AgreementExplain, output: Output) -> Result<Exit> {
    let agreement = verified(&args.agreement, &args.keys)?;
    let consent = Consent::parse(&files::read(&args.consent, "consent")?)?;
    let now = clock::wall_now();
    let terms = Terms::new(agreement, consent, now)?;
    let app = AppIdentity { exe: Some(args.exe.clone()), class: Some(args.class.clone()) };
    let verdict: Verdict = terms.decide(&Question { app: &app, kind: WindowKind::Normal, own: false }, now);
    output.answer(&verdict, &explain(&verdict))?;
    Ok(Exit::Done)
}

//! `overt consent`: opt in, opt out, look.

use anyhow::Result;
use overt_agreement::{Agreement, Consent, ConsentedApp, Terms};
use overt_event::{AppName, Level, hex_from_bytes};
use overt_format::{Hex, RecipientKind};
use overt_spool::{Limits, Spool};
use serde::Serialize;

use crate::args::{ConsentFile, ConsentGive, ConsentVerb, ConsentWithdraw};
use crate::clock;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::verbs::agreement::verified;
use crate::verbs::keys::KeyFolder;

pub fn run(verb: &ConsentVerb, output: Output) -> Result<Exit> {
    match verb {
        ConsentVerb::Give(args) => give(args, output),
        ConsentVerb::Withdraw(args) => withdraw(args, output),
        ConsentVerb::Show(args) => show(args, output),
    }
}

#[derive(Serialize)]
struct Shown {
    withdrawn: bool,
    given: String,
    agreement: String,
    applications: Vec<(String, Level)>,
}

fn give(args: &ConsentGive, output: Output) -> Result<Exit> {
    let agreement = verified(&args.agreement, &args.keys)?;
    let named = args.apps.iter().map(|app| consented(agreement.agreement(), app));
    let consent = Consent {
        agreement: agreement.digest(),
        contributor: KeyFolder(&args.keys).public(RecipientKind::Contributor)?.id(),
        given: clock::wall_now().day(),
        withdrawn: false,
        applications: named.collect::<Result<_>>()?,
    };
    let text = consent.to_toml()?;
    Terms::new(agreement, consent.clone(), clock::wall_now())?;
    files::write_new(&args.out, text.as_bytes(), "consent", false)?;
    output.say("You have opted in to what is listed here, and to nothing else. Opt out at any time with `overt consent withdraw`.");
    tell(&consent, output)
}

/// `NAME`, at the agreement's level, or `NAME=LEVEL`.
fn consented(agreement: &Agreement, text: &str) -> Result<ConsentedApp> {
    let (name, level) = text.split_once('=').map_or((text, None), |(n, l)| (n, Some(l)));
    let name = AppName(name.to_owned());
    let agreed = agreement.applications().iter().find(|a| a.name == name).map(|a| a.level);
    let level = match (level, agreed) {
        (Some("structure"), _) => Level::Structure,
        (Some("full"), _) => Level::Full,
        (Some(_), _) => {
            anyhow::bail!("That is not a level that can be recorded. Say NAME=structure or NAME=full.")
        }
        (None, Some(level)) => level,
        (None, None) => {
            anyhow::bail!(
                "The agreement does not name that application. See its names with `overt agreement show`."
            )
        }
    };
    Ok(ConsentedApp { name, level })
}

/// The spools first: once anything of this fails, at least nothing more leaves.
fn withdraw(args: &ConsentWithdraw, output: Output) -> Result<Exit> {
    let mut consent = Consent::parse(&files::read(&args.consent, "consent")?)?;
    let given = Hex(Consent { withdrawn: false, ..consent.clone() }.digest()?);
    for root in &args.spool {
        let spool = Spool::open(root, Limits { bytes_max: u64::MAX, free_bytes_min: 0 })?;
        spool.withdraw(given)?;
    }
    consent.withdrawn = true;
    files::replace(&args.consent, consent.to_toml()?.as_bytes(), "consent")?;
    output.say("Your consent is withdrawn: nothing is recorded under it any more, and nothing recorded under it leaves.");
    tell(&consent, output)
}

fn show(args: &ConsentFile, output: Output) -> Result<Exit> {
    tell(&Consent::parse(&files::read(&args.consent, "consent")?)?, output)
}

fn tell(consent: &Consent, output: Output) -> Result<Exit> {
    let shown = Shown {
        withdrawn: consent.withdrawn,
        given: clock::date(consent.given),
        agreement: hex_from_bytes(&consent.agreement),
        applications: consent.applications.iter().map(|a| (a.name.0.clone(), a.level)).collect(),
    };
    let state = if shown.withdrawn { "Withdrawn" } else { "Given" };
    let apps: Vec<String> = shown.applications.iter().map(|(n, l)| format!("  {n}: {l:?}")).collect();
    output.answer(&shown, &format!("{state}, since {}:\n{}", shown.given, apps.join("\n")))?;
    Ok(Exit::Done)
}

//! `overt consent`: opt in, opt out, look.

use anyhow::Result;
use overt_agreement::{Agreement, Consent, ConsentedApp, Limits, Most, QuietHours, receipt};
use overt_event::{AppName, Level, hex_from_bytes};
use overt_format::{Hex, RecipientKind};
use overt_spool::{Limits as SpoolLimits, Spool};
use serde::Serialize;

use crate::args::{
    ConsentFile, ConsentGive, ConsentNever, ConsentQuiet, ConsentReceipt, ConsentVerb, ConsentWithdraw,
};
use crate::clock;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::verbs::exempt;
use crate::verbs::keys::KeyFolder;
use crate::verbs::papers::Shelf;

pub fn run(verb: &ConsentVerb, output: Output) -> Result<Exit> {
    match verb {
        ConsentVerb::Give(args) => give(args, output),
        ConsentVerb::Withdraw(args) => withdraw(args, output),
        ConsentVerb::Show(args) => show(args, output),
        ConsentVerb::Receipt(args) => write_receipt(args, output),
        ConsentVerb::Never(args) => never(args, output),
        ConsentVerb::Quiet(args) => quiet(args, output),
        ConsentVerb::Exempt(verb) => exempt::run(verb, output),
    }
}

#[derive(Serialize)]
struct Shown {
    withdrawn: bool,
    given: String,
    /// The last day; then it is asked again.
    until: String,
    agreement: String,
    applications: Vec<(String, Level)>,
}

fn give(args: &ConsentGive, output: Output) -> Result<Exit> {
    let shelf = Shelf(&args.keys);
    let agreement = shelf.admit(&args.agreement)?;
    let named = args.apps.iter().map(|app| consented(agreement.agreement(), app));
    let consent = Consent {
        agreement: agreement.digest(),
        contributor: KeyFolder(&args.keys).public(RecipientKind::Contributor)?.id(),
        given: clock::wall_now().day(),
        withdrawn: false,
        applications: named.collect::<Result<_>>()?,
    };
    let text = consent.to_toml()?;
    shelf.terms(agreement, consent.clone(), clock::wall_now())?;
    files::write_new(&args.out, text.as_bytes(), "consent", false)?;
    output.say("You have opted in to what is listed here, and to nothing else. Opt out at any time with `overt consent withdraw`.");
    tell(&consent, output)
}

/// `NAME`, at the agreement's level, or `NAME=LEVEL`.
fn consented(agreement: &Agreement, text: &str) -> Result<ConsentedApp> {
    let (name, level) = text.split_once('=').map_or((text, None), |(n, l)| (n, Some(l)));
    let name = AppName(name.into());
    let agreed = agreement.applications().iter().find(|a| a.name == name).map(|a| a.level);
    let level = match (level, agreed) {
        (Some("structure"), _) => Level::Structure,
        (Some("masked"), _) => Level::Masked,
        (Some("full"), _) => Level::Full,
        (Some(_), _) => {
            anyhow::bail!(
                "That is not a level that can be recorded. Say NAME=structure, NAME=masked or NAME=full."
            )
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
        let spool = Spool::open(root, SpoolLimits { bytes_max: u64::MAX, free_bytes_min: 0 })?;
        spool.withdraw(given)?;
    }
    consent.withdrawn = true;
    files::replace(&args.consent, consent.to_toml()?.as_bytes(), "consent")?;
    output.say("Your consent is withdrawn: nothing is recorded under it any more, and nothing recorded under it leaves.");
    tell(&consent, output)
}

/// What was given, as something to keep and to show.
fn write_receipt(args: &ConsentReceipt, output: Output) -> Result<Exit> {
    let consent = Consent::parse(&files::read(&args.consent, "consent")?)?;
    let agreement = Shelf(&args.keys).admit(&args.agreement)?;
    let key = KeyFolder(&args.keys).party()?;
    let text = receipt(&agreement, &consent, clock::wall_now().day(), &key)?;
    files::write_new(&args.out, text.as_bytes(), "receipt", false)?;
    output.say("The receipt is signed with the key of this folder. It names the notice and the agreement it is about.");
    tell(&consent, output)
}

#[derive(Serialize)]
struct OwnLimits {
    never: Vec<AppName>,
    quiet_hours: Vec<String>,
}

/// Your own limits come before any agreement and stay when a new one is signed.
fn never(args: &ConsentNever, output: Output) -> Result<Exit> {
    let shelf = Shelf(&args.keys);
    let mut limits = shelf.own_limits()?;
    limits.applications.extend(args.apps.iter().map(|name| (AppName(name.as_str().into()), Most::None)));
    shelf.set_own_limits(limits.clone())?;
    tell_limits(&limits, output)
}

fn quiet(args: &ConsentQuiet, output: Output) -> Result<Exit> {
    let shelf = Shelf(&args.keys);
    let mut limits = shelf.own_limits()?;
    limits.time_zone = Some(args.zone.clone());
    limits.quiet_hours.push(QuietHours {
        days: args.days.iter().map(|&d| d.into()).collect(),
        from: args.from,
        to: args.to,
    });
    shelf.set_own_limits(limits.clone())?;
    tell_limits(&limits, output)
}

fn tell_limits(limits: &Limits, output: Output) -> Result<Exit> {
    let never =
        limits.applications.iter().filter(|(_, most)| **most == Most::None).map(|(name, _)| name.clone());
    let told = OwnLimits {
        never: never.collect(),
        quiet_hours: limits.quiet_hours.iter().map(ToString::to_string).collect(),
    };
    let names: Vec<&str> = told.never.iter().map(|n| &*n.0).collect();
    let words = format!(
        "Whatever is agreed, this is never recorded of you: {}\nQuiet hours of your own: {}\nThey stand in person.toml in the key folder. A recorder that runs stops; start it again.",
        if names.is_empty() { "(nothing named)".to_owned() } else { names.join(", ") },
        if told.quiet_hours.is_empty() { "none".to_owned() } else { told.quiet_hours.join("; ") },
    );
    output.answer(&told, &words)?;
    Ok(Exit::Done)
}

fn show(args: &ConsentFile, output: Output) -> Result<Exit> {
    tell(&Consent::parse(&files::read(&args.consent, "consent")?)?, output)
}

fn tell(consent: &Consent, output: Output) -> Result<Exit> {
    let shown = Shown {
        withdrawn: consent.withdrawn,
        given: clock::date(consent.given),
        until: clock::date(consent.last_day()),
        agreement: hex_from_bytes(&consent.agreement),
        applications: consent.applications.iter().map(|a| (a.name.0.to_string(), a.level)).collect(),
    };
    let state = if shown.withdrawn { "Withdrawn" } else { "Given" };
    let apps: Vec<String> = shown.applications.iter().map(|(n, l)| format!("  {n}: {l:?}")).collect();
    output.answer(
        &shown,
        &format!("{state}, since {}, until {} at the latest:\n{}", shown.given, shown.until, apps.join("\n")),
    )?;
    Ok(Exit::Done)
}

//! `overt consent exempt`: ask not to be recorded for a time, answer, appeal.

use anyhow::{Context as _, Result};
use overt_agreement::{Exemption, ExemptionRequest, ExemptionState};
use serde::Serialize;

use crate::args::{ExemptAsk, ExemptDecide, ExemptSign, ExemptTake, ExemptVerb};
use crate::clock;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::verbs::agreement::day;
use crate::verbs::keys::KeyFolder;
use crate::verbs::papers::Shelf;

pub fn run(verb: &ExemptVerb, output: Output) -> Result<Exit> {
    match verb {
        ExemptVerb::Ask(args) => ask(args, output),
        ExemptVerb::Show(args) => tell(&current(&Shelf(&args.keys))?, output),
        ExemptVerb::Decide(args) => decide(args, output),
        ExemptVerb::Countersign(args) => countersign(args, output),
        ExemptVerb::Take(args) => take(args, output),
        ExemptVerb::Appeal(args) => {
            let shelf = Shelf(&args.keys);
            let mut exemption = current(&shelf)?;
            exemption.appeal(clock::wall_now().day())?;
            files::write_new(&args.out, exemption.request().to_toml()?.as_bytes(), "appeal", false)?;
            shelf.set_exemption(&exemption)?;
            tell(&exemption, output)
        }
        ExemptVerb::End(args) => {
            Shelf(&args.keys).end_exemption()?;
            output
                .answer(&Ended { state: "ended" }, "The exemption has ended. Your consent counts again.")?;
            Ok(Exit::Done)
        }
    }
}

#[derive(Serialize)]
struct Ended {
    state: &'static str,
}

fn current(shelf: &Shelf<'_>) -> Result<Exemption> {
    shelf.exemption()?.context("No exemption was asked for. Ask with `overt consent exempt ask`.")
}

fn ask(args: &ExemptAsk, output: Output) -> Result<Exit> {
    let shelf = Shelf(&args.keys);
    let agreement = shelf.admit(&args.agreement)?;
    let decided = shelf.exemption()?.is_none_or(|e| e.decision().is_some());
    anyhow::ensure!(
        decided,
        "You have asked already, and nothing is recorded until it is decided. See `overt consent exempt show`."
    );
    let exemption = Exemption::ask(ExemptionRequest {
        agreement: agreement.digest(),
        asked: clock::wall_now().day(),
        reason: args.reason.into(),
        until: args.until.map(day),
        appeal: false,
    });
    files::write_new(&args.out, exemption.request().to_toml()?.as_bytes(), "request", false)?;
    shelf.set_exemption(&exemption)?;
    tell(&exemption, output)
}

fn decide(args: &ExemptDecide, output: Output) -> Result<Exit> {
    let request = ExemptionRequest::parse(&files::read(&args.request, "request")?)?;
    let answer = match (args.until, &args.refuse) {
        (Some(until), _) => Ok(day(until)),
        (None, because) => Err(because.as_deref().unwrap_or_default()),
    };
    let signed = request.decide(answer, clock::wall_now().day(), &KeyFolder(&args.keys).party()?)?;
    files::write_new(&args.out, signed.as_bytes(), "decision", false)?;
    let words =
        "The decision is signed. Hand it to the person, who takes it in with `overt consent exempt take`.";
    output.answer(&Ended { state: "decided" }, words)?;
    Ok(Exit::Done)
}

fn countersign(args: &ExemptSign, output: Output) -> Result<Exit> {
    let text = files::read(&args.decision, "decision")?;
    let signed = Exemption::countersign(&text, &KeyFolder(&args.keys).party()?)?;
    files::replace(&args.decision, signed.as_bytes(), "decision")?;
    output.answer(&Ended { state: "countersigned" }, "Your signature stands under the decision.")?;
    Ok(Exit::Done)
}

fn take(args: &ExemptTake, output: Output) -> Result<Exit> {
    let shelf = Shelf(&args.keys);
    let agreement = shelf.admit(&args.agreement)?;
    let mut exemption = current(&shelf)?;
    exemption.take(&files::read(&args.decision, "decision")?, &agreement)?;
    shelf.set_exemption(&exemption)?;
    tell(&exemption, output)
}

#[derive(Serialize)]
struct Shown {
    state: ExemptionState,
    asked: String,
    because: Option<String>,
}

fn tell(exemption: &Exemption, output: Output) -> Result<Exit> {
    let because = exemption.decision().map(|d| d.because.clone()).filter(|b| !b.is_empty());
    let words = match exemption.state() {
        ExemptionState::Asked => {
            "You have asked to be exempt. Nothing is recorded until it is decided.".to_owned()
        }
        ExemptionState::Appealed => {
            "You have appealed. Nothing is recorded until all parties have decided.".to_owned()
        }
        ExemptionState::Granted { until } => {
            format!("You are exempt: nothing is recorded until {} is over.", clock::date(until))
        }
        ExemptionState::Refused => format!(
            "It was refused, because: {}\nYou can appeal with `overt consent exempt appeal`, and withdraw your consent at any time.",
            because.as_deref().unwrap_or_default()
        ),
        ExemptionState::RefusedFinally => format!(
            "It was refused again, because: {}\nYou can withdraw your consent at any time with `overt consent withdraw`.",
            because.as_deref().unwrap_or_default()
        ),
    };
    let asked = clock::date(exemption.request().asked);
    output.answer(&Shown { state: exemption.state(), asked, because }, &words)?;
    Ok(Exit::Done)
}

//! `overt agreement narrow` and `take`: one party takes something away, and it counts at once.

use anyhow::Result;
use overt_agreement::{Cadence, Limits, Narrowing, verify};
use overt_event::Purpose;
use serde::Serialize;

use crate::args::{AgreementNarrow, AgreementTake, CadenceArg};
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::verbs::agreement::day;
use crate::verbs::keys::KeyFolder;
use crate::verbs::papers::Shelf;

#[derive(Serialize)]
struct Told {
    narrowing: &'static str,
}

pub fn write(args: &AgreementNarrow, output: Output) -> Result<Exit> {
    let keys = KeyFolder(&args.keys);
    let agreement = verify(&files::read(&args.agreement, "agreement")?, &keys.trusted()?)?;
    let signed = Narrowing::sign(&agreement, limits(args), &keys.party()?)?;
    files::write_new(&args.out, signed.as_bytes(), "narrowing", false)?;
    let words = "The narrowing is signed. It counts wherever it is taken in: `overt agreement take`.";
    output.answer(&Told { narrowing: "signed" }, words)?;
    Ok(Exit::Done)
}

fn limits(args: &AgreementNarrow) -> Limits {
    let cadence = |c: CadenceArg| match c {
        CadenceArg::None => Cadence::None,
        CadenceArg::OnAction => Cadence::OnAction,
        CadenceArg::OnChange => Cadence::OnChange { frames_per_sec: args.frames_per_sec },
        CadenceArg::Periodic => Cadence::Periodic { secs: args.secs },
    };
    let purposes = || args.purposes.iter().map(|&p| Purpose::from(p)).collect();
    Limits {
        stop: args.stop,
        ends: args.ends.map(day),
        purposes: (!args.purposes.is_empty()).then(purposes),
        cadence: args.cadence.map(cadence),
        no_sites: args.no_sites.iter().cloned().collect(),
        applications: args.apps.iter().map(|a| (a.name.clone(), a.most)).collect(),
        ..Limits::default()
    }
}

pub fn take(args: &AgreementTake, output: Output) -> Result<Exit> {
    let shelf = Shelf(&args.keys);
    let agreement = shelf.admit(&args.agreement)?;
    let fresh = shelf.narrow(&agreement, &files::read(&args.narrowing, "narrowing")?)?;
    let (state, words) = if fresh {
        ("taken", "The narrowing counts from here on. A recorder that runs stops; start it again.")
    } else {
        ("known", "The narrowing was taken in before. Nothing has changed.")
    };
    output.answer(&Told { narrowing: state }, words)?;
    Ok(Exit::Done)
}

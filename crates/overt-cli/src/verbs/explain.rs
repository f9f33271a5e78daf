//! `overt agreement explain`: what would be recorded of a window, and why.

use anyhow::Result;
use overt_agreement::{Browsing, Question, Site, Terms, explain};
use overt_capture_x11::Front;
use overt_event::{AppIdentity, DenyRule, Verdict, WindowKind};

use crate::args::AgreementExplain;
use crate::clock;
use crate::exit::Exit;
use crate::output::Output;
use crate::verbs::papers::Papers;

pub fn run(args: &AgreementExplain, output: Output) -> Result<Exit> {
    let papers =
        Papers { agreement: args.agreement.clone(), consent: args.consent.clone(), keys: args.keys.clone() };
    if args.live {
        return watch(&papers, args.once, output);
    }
    let app = AppIdentity { exe: args.exe.clone(), class: args.class.clone() };
    let question = Question {
        site: args.host.as_deref().map_or(Site::Unknown, Site::Host),
        browsing: browsing(args),
        ..Question::of_window(&app, WindowKind::Normal, false)
    };
    tell(&papers.terms()?.decide(&question, clock::wall_now()), output)?;
    Ok(Exit::Done)
}

fn browsing(args: &AgreementExplain) -> Browsing {
    match (args.private, &args.host) {
        (true, _) => Browsing::Private,
        (false, Some(_)) => Browsing::Ordinary,
        (false, None) => Browsing::Unknown,
    }
}

/// The papers are read anew for each window, so that the answer is that of the next recording.
fn watch(papers: &Papers, once: bool, output: Output) -> Result<Exit> {
    let front = Front::open(None)?;
    let mut told = None;
    loop {
        let verdict = verdict_on_front(&papers.terms()?, &front)?;
        if told.as_ref() != Some(&verdict) {
            tell(&verdict, output)?;
        }
        if once {
            return Ok(Exit::Done);
        }
        told = Some(verdict);
        front.wait()?;
    }
}

fn verdict_on_front(terms: &Terms, front: &Front) -> Result<Verdict> {
    let Some((app, kind)) = front.now()? else { return Ok(Verdict::Deny { rule: DenyRule::AppUnknown }) };
    Ok(terms.decide(&Question::of_window(&app, kind, false), clock::wall_now()))
}

fn tell(verdict: &Verdict, output: Output) -> Result<()> {
    output.answer(verdict, &explain(verdict))?;
    Ok(())
}

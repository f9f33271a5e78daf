//! `overt agreement explain`: what would be recorded of a window, and why.

use std::time::Duration;

use anyhow::Result;
use overt_agreement::{Browsing, Question, Site, Terms, explain};
use overt_capture_x11::{Front, InFront};
use overt_event::{AppIdentity, DenyRule, SiteSeen, Verdict, WindowKind};
use overt_recorder::SiteLook;

use crate::args::{AgreementExplain, Papers};
use crate::clock;
use crate::exit::Exit;
use crate::output::Output;

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

/// Where the terms name sites, the window in front is looked at again this often: a page can give way to
/// another without a word from the display.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The papers are read anew for each window, so that the answer is that of the next recording.
fn watch(papers: &Papers, once: bool, output: Output) -> Result<Exit> {
    let front = Front::open(None)?;
    let (mut told, mut look) = (None, None);
    loop {
        let terms = papers.terms()?;
        let in_front = front.now()?;
        let mut verdict = at_first_sight(&terms, in_front.as_ref());
        let sited = verdict == Verdict::Deny { rule: DenyRule::SiteUnknown };
        if let Some(window) = in_front.filter(|_| sited)
            && let Some(look) = look.get_or_insert_with(SiteLook::open)
            && let Some((bounds, title)) = front.place(&window)?
        {
            verdict = by_site(&terms, &window, look.at(&window, bounds, &title));
        }
        if told.as_ref() != Some(&verdict) {
            tell(&verdict, output)?;
        }
        if once {
            return Ok(Exit::Done);
        }
        told = Some(verdict);
        front.wait(sited.then_some(LOOK_AGAIN))?;
    }
}

/// Before its application was asked anything.
fn at_first_sight(terms: &Terms, window: Option<&InFront>) -> Verdict {
    match window {
        Some(w) => terms.decide(&Question::of_window(&w.app, w.kind, false), clock::wall_now()),
        None => Verdict::Deny { rule: DenyRule::AppUnknown },
    }
}

/// With the answer of its application, which the terms name.
fn by_site(terms: &Terms, window: &InFront, (seen, browsing): (SiteSeen, Browsing)) -> Verdict {
    let site = match &seen {
        SiteSeen::Unknown => Site::Unknown,
        SiteSeen::NoDocument => Site::NoDocument,
        SiteSeen::Host(host) => Site::Host(host),
    };
    let question = Question { site, browsing, ..Question::of_window(&window.app, window.kind, false) };
    terms.decide(&question, clock::wall_now())
}

fn tell(verdict: &Verdict, output: Output) -> Result<()> {
    output.answer(verdict, &explain(verdict))?;
    Ok(())
}

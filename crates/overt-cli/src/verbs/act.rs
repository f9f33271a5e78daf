//! `overt act`: a model at work in one window, in its owner's sight.

use anyhow::{Context as _, Result, bail};
use overt_act::{ActError, Acted, Ended, Order, Permit, act};
use overt_capture_x11::{Choice, OwnWindows, Sight, StopKey, X11Error};
use overt_event::WindowId;
use overt_learn::{Decision, Deed, Manner, Model, Scene};
use serde::Serialize;

use crate::args::ActArgs;
use crate::clock;
use crate::exit::{Exit, Fault};
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::verbs::verify::ask_first;

/// The answer.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    acted: Acted,
    /// In a dry run: what would be done first.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<First>,
}

#[derive(Serialize)]
struct First {
    manner: Manner,
    /// What would be typed.
    text: Option<String>,
    /// How sure the model is, between 0 and 1.
    chance: f64,
    /// What it would be done to.
    role: Option<String>,
    name: Option<String>,
}

pub fn run(args: &ActArgs, output: Output) -> Result<Exit> {
    ask_first(&args.made_of, &args.asked, output)?;
    let bytes = std::fs::read(&args.model).context("The model could not be read. Check the path.")?;
    let model = Model::read_usable(&bytes, &args.made_of, &clock::today())?;
    let terms = args.papers.terms()?;
    let permit = Permit::new(terms.clone(), args.papers.watch(terms))?;
    let window = match args.window {
        Some(id) => WindowId(id),
        None => chosen(output)?,
    };
    // Only now: while a click is awaited, a signal ends it, and the display takes the pointer back.
    let interrupt = Interrupt::watch()?;
    let order = Order {
        display: None,
        session_bus: None,
        system_bus: None,
        window,
        goal: &args.goal,
        steps_max: args.steps as usize,
        dry_run: args.dry_run,
        interrupted: &|| interrupt.is_seen(),
    };
    let mut first = None;
    let acted = act(&order, &permit, &model, &mut |scene, decision| {
        output.say(&in_words(scene, decision));
        first = args.dry_run.then(|| First::of(scene, decision));
    });
    let acted = acted.map_err(or_later)?;
    output.answer(&Answer { acted, first }, &ended(acted))?;
    Ok(exit(acted.ended))
}

impl First {
    fn of(scene: &Scene, decision: &Decision) -> Self {
        let Decision { deed: Deed { manner, on, text }, chance } = decision.clone();
        Self {
            manner,
            text,
            chance,
            role: on.map(|i| scene.nodes()[i].role.clone()),
            name: on.map(|i| scene.text(i).to_owned()),
        }
    }
}

/// What another program holds it may let go.
fn or_later(error: ActError) -> anyhow::Error {
    match error {
        ActError::Display(X11Error::ChordTaken { .. } | X11Error::PointerTaken) => {
            Fault { exit: Exit::TryLater, message: error.to_string() }.into()
        }
        error => error.into(),
    }
}

/// Done as asked, or as far as the person let it; not where something else ended it.
fn exit(ended: Ended) -> Exit {
    match ended {
        Ended::Done | Ended::NothingToDo | Ended::DryRun | Ended::StopKey => Exit::Done,
        Ended::StepLimit
        | Ended::Interrupted
        | Ended::WindowGone
        | Ended::NotInFront
        | Ended::PersonActs
        | Ended::OutOfReach
        | Ended::TermsChanged
        | Ended::NotAllowed
        | Ended::BeyondTheWindow
        | Ended::Silent => Exit::Failed,
    }
}

/// The window that the person clicks. Who reads JSON has a person to tell as well.
fn chosen(output: Output) -> Result<WindowId> {
    let mut sight = Sight::open(None, OwnWindows::default())?;
    let ask = || output.tell("Click the window to act in; with another button, none.");
    match sight.choose(ask).map_err(|e| or_later(e.into()))? {
        Choice::Window(window) => Ok(window.id),
        Choice::Nowhere => Err(ActError::NoWindow.into()),
        Choice::Left => bail!("No window was chosen, so nothing was done."),
    }
}

/// A deed, for the person who watches it.
fn in_words(scene: &Scene, decision: &Decision) -> String {
    let deed = &decision.deed;
    let on = deed.on.map_or("what has the focus".to_owned(), |i| {
        format!("{} \"{}\"", scene.nodes()[i].role, crate::step_words::visible(scene.text(i)))
    });
    let done = match &deed.manner {
        Manner::Click => "click".to_owned(),
        Manner::DoubleClick => "double-click".to_owned(),
        Manner::TripleClick => "triple-click".to_owned(),
        Manner::RightClick => "right-click".to_owned(),
        Manner::Hover => "point at".to_owned(),
        Manner::Key(keys) => format!("press {} in", keys.join("+")),
        Manner::Type => {
            let text = crate::step_words::visible(deed.text.as_deref().unwrap_or_default());
            format!("type \"{text}\" into")
        }
    };
    format!("{done} {on} ({:.0} % sure)", decision.chance * 100.0)
}

fn ended(acted: Acted) -> String {
    let after = match acted.steps {
        1 => "after 1 deed".to_owned(),
        n => format!("after {n} deeds"),
    };
    match acted.ended {
        Ended::Done => format!("Done, as far as the model knows, {after}. Look whether it is."),
        Ended::NothingToDo => format!("Nothing more to do, {after}."),
        Ended::StepLimit => format!("Stopped {after}, as agreed. Allow more by --steps."),
        Ended::StopKey => format!("Stopped by {}, {after}.", StopKey::NAME),
        Ended::DryRun => "Nothing was done. Without --dry-run it would be.".to_owned(),
        Ended::Interrupted => format!("Interrupted, {after}."),
        Ended::WindowGone => format!("The window is gone, {after}."),
        Ended::NotInFront => {
            format!(
                "Another window came in front, or a program took the keyboard or the pointer, so acting ended {after}."
            )
        }
        Ended::PersonActs => {
            format!(
                "Somebody moved the pointer or held a key, so acting ended {after}. Keep off while it acts."
            )
        }
        Ended::OutOfReach => {
            format!(
                "What the model wanted could not be reached, so acting ended {after}. Leave the window where it is."
            )
        }
        Ended::TermsChanged => {
            format!(
                "Agreement, consent or limits changed, so acting ended {after}. Start again under the new ones."
            )
        }
        Ended::NotAllowed => {
            format!(
                "The terms do not cover what the window shows now, so acting ended {after}. `overt agreement explain --live` says why."
            )
        }
        Ended::BeyondTheWindow => {
            format!("The model wanted keys that the desktop takes, so acting ended {after}.")
        }
        Ended::Silent => format!("The application tells nothing any more, so acting ended {after}."),
    }
}

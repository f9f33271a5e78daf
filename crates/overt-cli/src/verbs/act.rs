//! `overt act`: a model at work in one window, in its owner's sight.

use anyhow::{Context as _, Result};
use overt_act::{ActError, Acted, Ended, Order, Permit, act};
use overt_capture_x11::{OwnWindows, Sight, StopKey};
use overt_event::WindowId;
use overt_learn::{Decision, Manner, Model, Scene};

use crate::args::ActArgs;
use crate::clock;
use crate::exit::Exit;
use crate::output::Output;
use crate::verbs::verify::ask_first;

pub fn run(args: &ActArgs, output: Output) -> Result<Exit> {
    ask_first(&args.made_of, &args.asked, output)?;
    let bytes = std::fs::read(&args.model).context("The model could not be read. Check the path.")?;
    let model = Model::read_usable(&bytes, &args.made_of, &clock::today())?;
    let permit = Permit::new(args.papers.terms()?)?;
    let window = match args.window {
        Some(id) => WindowId(id),
        None => chosen(output)?,
    };
    let order = Order {
        display: None,
        session_bus: None,
        window,
        goal: &args.goal,
        steps_max: args.steps as usize,
        dry_run: args.dry_run,
    };
    let acted = act(&order, &permit, &model, &mut |scene, decision| output.say(&in_words(scene, decision)))?;
    output.answer(&acted, &ended(acted))?;
    Ok(Exit::Done)
}

/// The window that the person clicks.
fn chosen(output: Output) -> Result<WindowId> {
    let mut sight = Sight::open(None, OwnWindows::default())?;
    let clicked = sight.choose(|| output.say("Click the window to act in."))?;
    Ok(clicked.ok_or(ActError::NoWindow)?.id)
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
    let steps = acted.steps;
    match acted.ended {
        Ended::Done => format!("Done, as far as the model knows, after {steps} deeds. Look whether it is."),
        Ended::NothingToDo => format!("Nothing more to do, after {steps} deeds."),
        Ended::StepLimit => format!("Stopped after {steps} deeds, as agreed. Allow more by --steps."),
        Ended::StopKey => format!("Stopped by {}, after {steps} deeds.", StopKey::NAME),
        Ended::DryRun => "Nothing was done. Without --dry-run it would be.".to_owned(),
        Ended::WindowGone => format!("The window is gone, after {steps} deeds."),
        Ended::NotInFront => format!("Another window came in front, so acting ended after {steps} deeds."),
    }
}

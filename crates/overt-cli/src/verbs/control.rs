//! `overt status`, `pause`, `resume`, `forget`, `mark` and `stop`: the owner speaks to the running recorder.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use overt_event::PaceChange;
use overt_recorder::control::{self, ControlError, Request, State, Status};
use serde::Serialize;

use crate::args::SocketArg;
use crate::exit::{Exit, Fault};
use crate::output::Output;

/// `overt status` when nothing runs.
#[derive(Serialize)]
struct NotRecording {
    state: &'static str,
}

pub fn status(arg: &SocketArg, output: Output) -> Result<Exit> {
    match control::ask(&socket(arg)?, Request::Status) {
        Ok(status) => output.answer(&status, &in_words(&status))?,
        Err(ControlError::NotRunning) => {
            let words = "Nothing is being recorded.\nNothing has to be stopped.";
            output.answer(&NotRecording { state: "not_recording" }, words)?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Done)
}

pub fn ask(arg: &SocketArg, request: Request, output: Output) -> Result<Exit> {
    let status = control::ask(&socket(arg)?, request.clone())?;
    let words = match request {
        Request::Status => in_words(&status),
        Request::Pause => "Recording is paused, for as long as you like. Go on with `overt resume`.".into(),
        Request::Resume if status.state == State::Held => {
            format!("Your pause is over. {}", held(&status))
        }
        Request::Resume => "Recording goes on. Pause it with `overt pause`.".into(),
        Request::Forget { .. } => {
            "It is erased, here and for good. What is left is told by `overt status`.".into()
        }
        Request::Mark { .. } => return marked(&status, output),
        Request::Stop => "Recording is stopping. Look at it with `overt inspect`.".into(),
    };
    output.answer(&status, &words)?;
    Ok(Exit::Done)
}

/// What was said in a pause is not kept, and whoever said it has to know.
fn marked(status: &Status, output: Output) -> Result<Exit> {
    if status.state == State::Recording {
        output.answer(status, "It is marked in the recording.")?;
        return Ok(Exit::Done);
    }
    let message = "Nothing is taken at the moment, so this was not marked either. Go on with `overt resume`.";
    Err(Fault { exit: Exit::TryLater, message: message.to_owned() }.into())
}

pub fn socket(arg: &SocketArg) -> Result<PathBuf> {
    arg.socket.clone().or_else(control::default_socket).context(
        "There is no place for the control socket: neither XDG_RUNTIME_DIR nor HOME is set. Name one with --socket.",
    )
}

fn held(s: &Status) -> String {
    let reason = crate::pace::reason(s.pace_why);
    format!(
        "Recording is held, {reason}: nothing is being recorded. It goes on by itself when the budget allows."
    )
}

/// Am I being recorded, where, for what, how to stop.
fn in_words(s: &Status) -> String {
    let state = match s.state {
        State::Recording => "You are being recorded.".to_owned(),
        State::Paused => "Recording is paused: nothing is being recorded.".to_owned(),
        State::Held => held(s),
        State::Stopping => "Recording is stopping.".to_owned(),
    };
    let apps: Vec<String> =
        s.applications.iter().map(|(name, level)| format!("{name} ({level:?})")).collect();
    let purposes: Vec<String> = s.purposes.iter().map(|p| format!("{p:?}")).collect();
    format!(
        "{state}\n\
         Where:     display {}, only in {}\n\
         For:       {}\n\
         Until:     {} at the latest\n\
         Pace:      {}\n\
         Kept:      {} records, {} pictures, {} bytes sealed, {} events lost\n\
         Filtered:  {}\n\
         Recording: {}\n\
         Stop:      overt stop   (pause: overt pause)",
        s.display,
        apps.join(", "),
        purposes.join(", "),
        crate::clock::date(s.last_day),
        crate::pace::in_words(PaceChange { pace: s.pace, why: s.pace_why }),
        s.records,
        s.frames,
        s.sealed_bytes,
        s.lost,
        crate::output::filtered(&s.filtered),
        s.recording,
    )
}

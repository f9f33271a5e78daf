//! `overt mark`: what the owner says of their own work, for the running recorder.

use anyhow::Result;
use overt_event::Mark;
use overt_recorder::control::Request;

use crate::args::MarkVerb;
use crate::exit::Exit;
use crate::output::Output;
use crate::verbs::control;

pub fn run(verb: &MarkVerb, output: Output) -> Result<Exit> {
    let (socket, mark) = match verb {
        MarkVerb::Begin(args) => (&args.socket, Mark::TaskBegins { instruction: args.instruction.clone() }),
        MarkVerb::End(socket) => (socket, Mark::TaskEnds),
        MarkVerb::Good(socket) => (socket, Mark::ThumbsUp),
        MarkVerb::Bad(socket) => (socket, Mark::ThumbsDown),
        MarkVerb::Succeeded(socket) => (socket, Mark::TaskSucceeded),
        MarkVerb::Failed(socket) => (socket, Mark::TaskFailed),
    };
    control::ask(socket, Request::Mark { mark }, output)
}

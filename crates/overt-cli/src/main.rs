//! The command overt: a verb for each room.
//!
//! # Context
//! The face that people see. Everything it does is done by a room; here are the words, the files and
//! the exit codes.
//!
//! # Invariants
//! * Data goes to standard output, talk to standard error, and with `--json` only JSON to standard output.
//! * Secrets are named by the folder that holds them, never given on the command line.

#![allow(unreachable_pub, reason = "a command has no outside; pub says what a file offers to the others")]

mod args;
mod clock;
mod exit;
mod files;
mod holdings;
mod interrupt;
mod output;
mod pace;
mod page;
mod player;
mod sheet;
mod step_words;
mod verbs;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use overt_recorder::control::Request;

use args::{Cli, Verb};
use exit::{Exit, Fault};
use output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output { json: cli.json };
    match run(&cli.verb, output) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&error);
            error.downcast_ref::<Fault>().map_or(Exit::Failed, |f| f.exit).into()
        }
    }
}

fn run(verb: &Verb, output: Output) -> Result<Exit> {
    match verb {
        Verb::Status(arg) => verbs::control::status(arg, output),
        Verb::Pause(arg) => verbs::control::ask(arg, Request::Pause, output),
        Verb::Resume(arg) => verbs::control::ask(arg, Request::Resume, output),
        Verb::Forget(args) => {
            let request = Request::Forget { secs: args.last.as_secs() };
            verbs::control::ask(&args.socket, request, output)
        }
        Verb::Mark(verb) => verbs::mark::run(verb, output),
        Verb::Stop(arg) => verbs::control::ask(arg, Request::Stop, output),
        Verb::Agreement(verb) => verbs::agreement::run(verb, output),
        Verb::Consent(verb) => verbs::consent::run(verb, output),
        Verb::Record(args) => verbs::record::run(args, output),
        Verb::Inspect(args) => verbs::inspect::run(args, output),
        Verb::Verify(args) => verbs::verify::run(args, output),
        Verb::Keys(verb) => verbs::keys::run(verb, output),
        Verb::Release(arg) => verbs::collect::release(arg, output),
        Verb::Collect(args) => verbs::collect::collect(args, output),
        Verb::Erase(args) => verbs::erase::run(args, output),
        Verb::Import(args) => verbs::import::run(args, output),
        Verb::Build(args) => verbs::build::run(args, output),
        Verb::Show(args) => verbs::show::run(args, output),
        Verb::Export(args) => verbs::export::run(args, output),
        Verb::Train(args) => verbs::train::run(args, output),
        Verb::Evaluate(args) => verbs::evaluate::run(args, output),
        Verb::Act(args) => verbs::act::run(args, output),
        Verb::Doctor(_) => verbs::doctor::run(output),
    }
}

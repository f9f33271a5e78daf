//! The chores of the house: demo, test, bench, loaders and lint.
//!
//! # Context
//! `cargo xtask VERB` is all that a person or a machine has to know. It needs nothing but Rust and
//! Debian, and uses no crates, so that it starts at once.
//!
//! # Design
//! A chore is a list of commands, run in order until one fails. Missing Debian packages are named
//! before they are installed.
//!
//! # Invariants
//! * Nothing is installed that a chore does not use.
//! * Nothing is written outside the target directory and the folders named on the command line.

mod chores;
mod loaders;
mod packages;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask VERB

  demo [--out DIR] [--seed N] [--level structure|masked|full]
                                a virtual desktop, a scripted person at work, and a data set at the end
  test                          formatting, lints, documentation and every test, live ones included
  lint                          formatting, lints and documentation only
  bench [--save]                what recording costs and keeps, beside others; --save keeps it in bench/results/
  bench dataset [--save]        how fast recordings become data sets, in how much memory and how many bytes
  bench filters [--save]        what the filter finds, beside others
  loaders [--dataset DS --store STORE]
                                the trainers that bring PyTorch open exports of a data set, else of the demo's
  packages                      install the Debian packages that demo, test and bench need";

/// Why a chore ended early: in words for people, already complete.
pub(crate) struct Failed(pub(crate) String);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.split_first() {
        Some((&"demo", rest)) => chores::demo(rest),
        Some((&"test", [])) => chores::test(),
        Some((&"lint", [])) => chores::lint(),
        Some((&"bench", rest)) => chores::bench(rest),
        Some((&"loaders", rest)) => loaders::loaders(rest),
        Some((&"packages", [])) => packages::install(&packages::all()),
        Some((&("help" | "--help" | "-h"), _)) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(why)) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

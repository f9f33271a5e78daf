//! `overt evaluate`: how often models succeed, with intervals.

use std::path::Path;

use anyhow::Result;
use overt_learn::ground::Limits;
use overt_learn::{
    Cell, Comparison, Given, LearnError, Listener, Outcome, Probe, Report, Study, html, typed_command,
};

use crate::args::{EvaluateArgs, TaskData};
use crate::clock;
use crate::exit::{Exit, Fault};
use crate::files;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::verbs::verify::ask_first;

/// Episodes for each task in a quick look.
const QUICK_EPISODES: u64 = 20;

pub fn run(args: &EvaluateArgs, output: Output) -> Result<Exit> {
    ask_first(args.data.iter().map(|d| &d.path).chain(&args.made_of), &args.asked, output)?;
    let recordings = Comparison::results_in_all(&args.recordings)?;
    let mut talk = Talk { output, interrupt: Interrupt::watch()? };
    let (cells, _alone) = study(args)?.run(&args.out, &mut talk).map_err(with_exit)?;
    let report = Report::of(&cells, recordings, typed_command());
    write(&args.out, &report)?;
    let lines: Vec<String> = report.results.iter().map(line).chain(report.words.iter().cloned()).collect();
    output.answer(&report, &lines.join("\n"))?;
    Ok(Exit::Done)
}

/// The exit code that it deserves.
fn with_exit(error: LearnError) -> anyhow::Error {
    let exit = match error {
        LearnError::TaskTwice => Exit::Usage,
        LearnError::Interrupted | LearnError::InUse => Exit::TryLater,
        _ => return error.into(),
    };
    Fault { exit, message: error.to_string() }.into()
}

fn study(args: &EvaluateArgs) -> Result<Study> {
    let quick = args.quick;
    let given = |m: &TaskData| Given::read(&m.task, &m.path, &args.made_of, &clock::today());
    Ok(Study {
        html: args.pages.clone(),
        tasks: args.data.iter().map(|d| (d.task.clone(), d.path.clone())).collect(),
        models: args.models.iter().map(given).collect::<Result<_, _>>()?,
        probes: if quick { vec![Probe::Fuller] } else { args.probes.iter().map(|p| (*p).into()).collect() },
        sizes: if quick { vec![None] } else { args.sizes.iter().map(|s| s.0).collect() },
        degrades: if quick { Vec::new() } else { args.degrades.iter().map(|d| (*d).into()).collect() },
        seeds: if quick { 1 } else { args.seeds },
        episodes: if quick { QUICK_EPISODES } else { args.episodes },
        limits: Limits::default(),
        today: clock::today(),
    })
}

fn write(out: &Path, report: &Report) -> Result<()> {
    files::replace(&out.join("report.json"), &serde_json::to_vec_pretty(report)?, "report")?;
    files::replace(&out.join("report.html"), html(report).as_bytes(), "report's page")
}

/// Says how far it is, and hears who asks to end.
struct Talk {
    output: Output,
    interrupt: Interrupt,
}

impl Listener for Talk {
    fn cell(&mut self, number: usize, of: usize, cell: &Cell, found: bool) {
        let size = cell.key.size.map_or("all".to_owned(), |n| n.to_string());
        self.output.say(&format!(
            "{number} of {of}: {}, {}, {size}, {}, seed {}: {} of {}{}",
            cell.key.task,
            cell.key.probe.word(),
            cell.key.degrade.word(),
            cell.key.seed,
            cell.solved(),
            cell.tried,
            if found { " (found)" } else { "" }
        ));
    }

    fn stops(&self) -> bool {
        self.interrupt.is_seen()
    }
}

fn line(one: &Outcome) -> String {
    format!(
        "{}, {}{}, {:.0} demonstrations, {}: {} of {}",
        one.task,
        one.probe.word(),
        if one.model.is_some() { " (given)" } else { "" },
        one.learned_episodes,
        one.degrade.word(),
        one.success,
        one.tried
    )
}

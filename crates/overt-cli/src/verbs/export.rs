//! `overt export`: a data set in somebody else's format.

use std::collections::BTreeMap;

use anyhow::Result;
use overt_dataset::Manifest;
use overt_export::{ExportError, ExportReport, ExportSettings, export};
use serde::Serialize;

use crate::args::ExportArgs;
use crate::clock;
use crate::exit::{Exit, Fault};
use crate::holdings::Holdings;
use crate::output::Output;
use crate::verbs::verify::ask;

/// What programs are told.
#[derive(Serialize)]
struct Told<'a> {
    format: &'static str,
    space: Option<&'static str>,
    path: &'a std::path::Path,
    rows: u64,
    exported: u64,
    left_out: BTreeMap<String, u64>,
    less_exact: BTreeMap<String, u64>,
    /// Elements, not steps.
    elements_left_out: BTreeMap<String, u64>,
}

pub fn run(args: &ExportArgs, output: Output) -> Result<Exit> {
    let manifest = Manifest::read(&args.dataset).map_err(|e| with_exit(e.into()))?;
    ask(&args.dataset, &manifest, &Holdings::open(&args.store, &args.spool)?)?.check()?;
    let bar = output.bar(manifest.rows, "steps");
    let settings = ExportSettings {
        out: args.out.clone(),
        format: args.format,
        space: args.space,
        video: args.video,
        today: clock::today(),
    };
    let report = export(&args.dataset, &settings, &mut |rows| bar.set_position(rows)).map_err(with_exit)?;
    bar.finish_and_clear();
    tell(&report, args, output)?;
    Ok(if report.steps_missed() > 0 { Exit::DoneWithLoss } else { Exit::Done })
}

/// What may go better later has an exit code of its own.
fn with_exit(error: ExportError) -> anyhow::Error {
    if error.is_permanent() {
        return error.into();
    }
    Fault { exit: Exit::TryLater, message: error.to_string() }.into()
}

fn tell(report: &ExportReport, args: &ExportArgs, output: Output) -> Result<()> {
    let named = |leaves_out: bool| -> BTreeMap<String, u64> {
        let some = report.losses.iter().filter(|(loss, _)| loss.leaves_out() == leaves_out);
        some.map(|(loss, n)| (loss.name(), n)).collect()
    };
    let told = Told {
        format: report.format.name(),
        space: report.space.map(|s| s.name()),
        path: &args.out,
        rows: report.rows,
        exported: report.exported,
        left_out: named(true),
        less_exact: named(false),
        elements_left_out: report.losses.omitted().map(|(why, n)| (why.name(), n)).collect(),
    };
    let losses: String = report.loss_lines().iter().map(|line| format!("\n  {line}")).collect();
    let losses = if losses.is_empty() { "Nothing was lost.".to_owned() } else { format!("Lost:{losses}") };
    let words = format!(
        "Exported {} of {} steps as {}. {losses}\n{}",
        told.exported,
        told.rows,
        told.format,
        args.out.display()
    );
    output.answer(&told, &words)?;
    Ok(())
}

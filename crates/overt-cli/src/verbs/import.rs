//! `overt import`: somebody else's published recording becomes one of ours.

use anyhow::Result;
use overt_format::{RecipientKind, Unknown};
use overt_import::{ImportConfig, ImportError, Imported, import};
use overt_spool::Limits;
use serde::Serialize;

use crate::args::ImportArgs;
use crate::clock;
use crate::exit::{Exit, Fault};
use crate::files;
use crate::output::Output;
use crate::verbs::keys::KeyFolder;
use crate::verbs::papers::Shelf;

/// What programs are told.
#[derive(Serialize)]
struct Told<'a> {
    recording: String,
    path: &'a std::path::Path,
    records: u64,
    pictures: u64,
    received: u64,
    kept: u64,
    denied: &'a std::collections::BTreeMap<overt_event::DenyRule, u64>,
    filtered: &'a std::collections::BTreeMap<overt_event::SecretKind, u64>,
    unknown: &'a [Unknown],
    dropped: &'a std::collections::BTreeMap<&'static str, u64>,
}

pub fn run(args: &ImportArgs, output: Output) -> Result<Exit> {
    let (keys, shelf) = (KeyFolder(&args.keys), Shelf(&args.keys));
    let agreement = shelf.admit(&args.agreement)?;
    let config = ImportConfig {
        layers: shelf.others_layers(&agreement)?,
        agreement,
        contributor: keys.recipient(RecipientKind::Contributor)?,
        study: Some(keys.recipient(RecipientKind::Study)?),
        dictionary: files::dictionary(args.dictionary.as_deref())?,
        out: &args.out,
        limits: Limits { bytes_max: args.spool_max << 20, free_bytes_min: args.keep_free << 20 },
        frames: args.frames,
        now: clock::wall_now(),
    };
    for src in &args.srcs {
        let imported = import(args.format.into(), src, &config).map_err(with_exit)?;
        tell(&imported, output)?;
    }
    Ok(Exit::Done)
}

/// What may go better later has an exit code of its own.
fn with_exit(error: ImportError) -> anyhow::Error {
    if error.is_permanent() {
        return error.into();
    }
    Fault { exit: Exit::TryLater, message: error.to_string() }.into()
}

fn tell(imported: &Imported, output: Output) -> Result<()> {
    let told = Told {
        recording: imported.recording.to_string(),
        path: &imported.path,
        records: imported.written.records,
        pictures: imported.written.pictures,
        received: imported.flow.received,
        kept: imported.flow.kept,
        denied: &imported.flow.denied,
        filtered: &imported.flow.filtered,
        unknown: &imported.unknown,
        dropped: &imported.dropped,
    };
    let unknown: Vec<String> = imported.unknown.iter().map(word).collect();
    let words = format!(
        "Imported: {} records, {} pictures. Filtered: {}. The source does not tell: {}.{}{}\n{}",
        told.records,
        told.pictures,
        crate::output::filtered(told.filtered),
        unknown.join(", "),
        list(
            "\nWhat has no place here was dropped:",
            imported.dropped.iter().map(|(k, n)| format!("{n} {k}"))
        ),
        list("\nDenied by rule:", imported.flow.denied.iter().map(|(rule, n)| format!("{n} {}", word(rule)))),
        imported.path.display(),
    );
    output.answer(&told, &words)?;
    Ok(())
}

/// A word of a closed list as JSON spells it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { String::new() } else { format!("{title} {}.", items.join(", ")) }
}

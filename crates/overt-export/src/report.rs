//! What an export says of itself: `export.json`, `losses.json`, `LOSSES.md`, `LICENCE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use overt_dataset::{FileNote, Manifest, file_note};
use overt_event::Purpose;
use overt_format::Digest;
use serde::Serialize;

use crate::admission::Admitted;
use crate::error::ExportError;
use crate::film::Video;
use crate::folder::Folder;
use crate::format::Format;
use crate::loss::{Loss, Losses};
use crate::space::Space;

/// What it was made of.
pub const EXPORT_FILE: &str = "export.json";
/// Losses for programs, and for people.
pub const LOSSES_FILE: &str = "losses.json";
pub const LOSSES_PAGE: &str = "LOSSES.md";
/// By what right it is there.
pub const LICENCE_FILE: &str = "LICENCE.md";

/// What was made, and what it lost.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportReport {
    pub format: Format,
    pub space: Option<Space>,
    pub video: Option<Video>,
    /// Steps of the data set.
    pub rows: u64,
    /// Of them, those that the export holds.
    pub exported: u64,
    pub losses: Losses,
    /// Columns of `steps.parquet` that the format never holds; `column.field` where it holds others of a column's
    /// fields.
    pub columns_not_carried: Vec<String>,
    /// Of the data set's manifest.
    pub dataset: Digest,
}

/// `losses.json`, keys in this order.
#[derive(Serialize)]
struct LossFile<'a> {
    format: Format,
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<Space>,
    rows: u64,
    exported: u64,
    left_out: BTreeMap<String, u64>,
    less_exact: BTreeMap<String, u64>,
    /// Elements, not steps; not there in formats that hold none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    elements_left_out: BTreeMap<String, u64>,
    columns_not_carried: &'a [String],
}

/// `export.json`, keys in this order: from an erased segment one finds the data set, and from that this.
#[derive(Serialize)]
struct ExportFile<'a> {
    format: &'static str,
    version: u32,
    kind: Format,
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<Space>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<Video>,
    dataset: Digest,
    purpose: Purpose,
    grant: &'a overt_dataset::GrantNote,
    exporter: &'static str,
    files: Vec<FileNote>,
}

/// Writes all four files, and takes the data set's own licence along.
pub(crate) fn write(
    folder: &Folder,
    dataset: &Path,
    report: &ExportReport,
    admitted: &Admitted,
) -> Result<(), ExportError> {
    folder.write(LOSSES_FILE, &json(&loss_file(report))?)?;
    folder.write(LOSSES_PAGE, losses_page(report).as_bytes())?;
    folder.write(LICENCE_FILE, licence_page(admitted).as_bytes())?;
    folder.write(overt_dataset::LICENCE_FILE, &std::fs::read(dataset.join(overt_dataset::LICENCE_FILE))?)?;
    let files = folder.names()?;
    let notes: Result<_, _> = files.iter().map(|name| file_note(folder.path(), name)).collect();
    let manifest = admitted.manifest();
    let file = ExportFile {
        format: "overt-export",
        version: 1,
        kind: report.format,
        space: report.space,
        video: report.video,
        dataset: report.dataset,
        purpose: manifest.purpose,
        grant: &manifest.grant,
        exporter: concat!("overt-export ", env!("CARGO_PKG_VERSION")),
        files: notes?,
    };
    folder.write(EXPORT_FILE, &json(&file)?)?;
    Ok(())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, ExportError> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn loss_file(report: &ExportReport) -> LossFile<'_> {
    let named = |leaves_out: bool| -> BTreeMap<String, u64> {
        let some = report.losses.iter().filter(|(loss, _)| loss.leaves_out() == leaves_out);
        some.map(|(loss, n)| (loss.name(), n)).collect()
    };
    LossFile {
        format: report.format,
        space: report.space,
        rows: report.rows,
        exported: report.exported,
        left_out: named(true),
        less_exact: named(false),
        elements_left_out: report.losses.omitted().map(|(why, n)| (why.name(), n)).collect(),
        columns_not_carried: &report.columns_not_carried,
    }
}

impl ExportReport {
    /// Steps that should be in it and are not. The end of a recording or a task is no input, and a picture without a target
    /// teaches no grounding: neither is missed.
    pub fn steps_missed(&self) -> u64 {
        let missed = |loss: &Loss| {
            loss.leaves_out() && !matches!(loss, Loss::NotATaskEnd | Loss::NoTaskEnd | Loss::NoTarget)
        };
        self.losses.iter().filter(|(loss, _)| missed(loss)).map(|(_, n)| n).sum()
    }

    /// The losses in words, a line each.
    pub fn loss_lines(&self) -> Vec<String> {
        let line = |(loss, n): (Loss, u64)| {
            let fate = if loss.leaves_out() { "left out" } else { "less exact" };
            format!("{n} {fate}: {}", loss.words())
        };
        let elements =
            self.losses.omitted().map(|(why, n)| format!("{n} elements left out: {}", why.words()));
        self.losses.iter().map(line).chain(elements).collect()
    }
}

fn losses_page(report: &ExportReport) -> String {
    let mut page = format!(
        "# What this export does not hold\n\n{} of {} steps are in it.\n\n| steps | | why |\n| ---: | --- | --- |\n",
        report.exported, report.rows
    );
    for (loss, n) in report.losses.iter() {
        let fate = if loss.leaves_out() { "left out" } else { "less exact" };
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| {n} | {fate} | {} |", loss.words());
    }
    if report.losses.omitted().next().is_some() {
        let _ = writeln!(page, "\n| elements left out | why |\n| ---: | --- |");
    }
    for (why, n) in report.losses.omitted() {
        let _ = writeln!(page, "| {n} | {} |", why.words());
    }
    let columns = &report.columns_not_carried;
    if !columns.is_empty() {
        let _ = writeln!(
            page,
            "\nColumns of the data set that the format has no place for: {}.",
            columns.join(", ")
        );
    }
    page
}

fn licence_page(admitted: &Admitted) -> String {
    let manifest = admitted.manifest();
    let purpose = serde_json::to_string(&manifest.purpose).unwrap_or_default();
    let mut page = format!(
        "# Licence\n\nMade from the data set {} for {} and nothing else, under the agreements that its recordings were \
         made under. Whoever holds it may not pass it on beyond them.\n",
        admitted.sha256(),
        purpose.trim_matches('"')
    );
    // Writing to a String cannot fail.
    if let Some(expires) = &manifest.grant.expires {
        let _ = writeln!(page, "\nTo be deleted after {expires}.");
    }
    let _ = writeln!(page, "\n## Recorded by Overt\n");
    let own: BTreeSet<String> = agreements(manifest);
    let _ = match own.is_empty() {
        true => writeln!(page, "Nothing."),
        false => own.iter().try_for_each(|digest| writeln!(page, "- under the agreement {digest}")),
    };
    let _ = writeln!(page, "\n## Imported\n");
    let imported = imported(manifest);
    let _ = match imported.is_empty() {
        true => writeln!(page, "Nothing."),
        false => imported.iter().try_for_each(|((source, licence), n)| {
            writeln!(page, "- {n} recordings from {source}: {licence}")
        }),
    };
    page
}

fn agreements(manifest: &Manifest) -> BTreeSet<String> {
    let own = manifest.recordings.iter().filter(|r| r.imported.is_none());
    own.map(|r| r.agreement.to_string()).collect()
}

fn imported(manifest: &Manifest) -> BTreeMap<(&str, &str), u64> {
    let notes = manifest.recordings.iter().filter_map(|r| r.imported.as_ref());
    notes.fold(BTreeMap::new(), |mut all, note| {
        *all.entry((note.source.as_str(), note.licence.as_str())).or_default() += 1;
        all
    })
}

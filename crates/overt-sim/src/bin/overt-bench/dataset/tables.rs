//! How many bytes `steps.parquet` takes, pictures not counted, beside what pyarrow makes of the same columns.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use overt_sim::python;
use serde::{Deserialize, Serialize};

const PYARROW: &str = include_str!("tables.py");

/// One table.
#[derive(Serialize)]
pub(super) struct Bytes {
    of: &'static str,
    #[serde(flatten)]
    bytes: Counted,
}

#[derive(Deserialize, Serialize)]
struct Counted {
    rows: u64,
    row_groups: u64,
    /// Of the file, without the pictures in it.
    bytes: u64,
    /// By pyarrow, with zstd at the same level and otherwise as it does by itself, without the pictures.
    pyarrow_bytes: u64,
    /// The same, with as many rows in each row group as there are in ours. Groups are closed where their pictures fill a reader's
    /// memory; pyarrow makes one for a million rows.
    pyarrow_same_groups_bytes: u64,
}

impl Bytes {
    pub(super) fn measure(of: &'static str, dataset: &Path) -> Result<Self> {
        let python = python::with_datasets()?;
        let counted = Command::new(python).args(["-c", PYARROW]).arg(dataset.join("steps.parquet")).output();
        let counted = counted.context("python3 does not start")?;
        ensure!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
        Ok(Self { of, bytes: serde_json::from_slice(&counted.stdout)? })
    }
}

pub(super) fn print(tables: &[Bytes]) {
    println!(
        "| steps.parquet of | rows | row groups | bytes without pictures | by pyarrow | ratio | by pyarrow in the same groups | ratio |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for Bytes { of, bytes: counted } in tables {
        let Counted { rows, row_groups, bytes, pyarrow_bytes, pyarrow_same_groups_bytes: same } = counted;
        let ratio = |of: &u64| format!("{:.2}", *bytes as f64 / *of as f64);
        let (one, alike) = (ratio(pyarrow_bytes), ratio(same));
        println!("| {of} | {rows} | {row_groups} | {bytes} | {pyarrow_bytes} | {one} | {same} | {alike} |");
    }
}

//! The demo's short report: what the script did beside what the data set holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::person::Journal;

/// The canonical actions' words (docs/GLOSSARY.md).
const KINDS: [&str; 10] =
    ["click", "double_click", "triple_click", "drag", "scroll", "type", "key", "hover", "wait", "finish"];

/// Counts of actions by kind.
pub type Counts = BTreeMap<String, u64>;

/// The first object in a manifest, outer ones first, that counts actions by their kinds.
pub fn recorded_counts(manifest: &Value) -> Option<Counts> {
    let mut level = vec![manifest];
    while !level.is_empty() {
        if let Some(counts) = level.iter().find_map(|v| counts_of(v)) {
            return Some(counts);
        }
        level = level.into_iter().flat_map(crate::overt::children).collect();
    }
    None
}

fn counts_of(value: &Value) -> Option<Counts> {
    let fields = value.as_object()?;
    let counts: Counts =
        KINDS.iter().filter_map(|k| Some(((*k).to_owned(), fields.get(*k)?.as_u64()?))).collect();
    (counts.len() > 1).then_some(counts)
}

/// A table of actions: what the script did, what was recorded.
pub fn action_table(journal: &Journal, recorded: Option<&Counts>) -> String {
    let done = journal.counts();
    let mut table = String::from("  action         script  recorded\n");
    for kind in KINDS {
        let script = done.get(kind).copied().unwrap_or(0);
        let seen = recorded.map_or("-".to_owned(), |r| r.get(kind).copied().unwrap_or(0).to_string());
        if script > 0 || !matches!(seen.as_str(), "0" | "-") {
            // Writing to a String cannot fail.
            let _ = writeln!(table, "  {kind:<14} {script:>6}  {seen:>8}");
        }
    }
    table
}

/// Files below `folder` whose bytes hold `secret`.
pub fn files_with(folder: &Path, secret: &str) -> Result<usize> {
    let mut found = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type()? {
                kind if kind.is_dir() => open.push(entry.path()),
                kind if kind.is_file() => found += usize::from(holds(&fs::read(entry.path())?, secret)),
                _ => {}
            }
        }
    }
    Ok(found)
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|w| w == secret.as_bytes())
}

/// Bytes of all files below `folder`.
pub fn size_of(folder: &Path) -> Result<u64> {
    if !folder.is_dir() {
        return Ok(fs::metadata(folder)?.len());
    }
    fs::read_dir(folder)?.try_fold(0, |sum, entry| Ok(sum + size_of(&entry?.path())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_found_wherever_the_manifest_keeps_them() {
        let manifest =
            serde_json::json!({"rows": 9, "quality": {"actions": {"click": 4, "type": 2, "x": 1}}});
        let expected = [("click".to_owned(), 4), ("type".to_owned(), 2)];
        assert_eq!(recorded_counts(&manifest), Some(expected.into()));
        assert_eq!(recorded_counts(&serde_json::json!({"click": "no"})), None);
    }

    #[test]
    fn a_secret_is_found_in_any_depth() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("a")).expect("a folder in it");
        fs::write(folder.path().join("a/b"), b"..secret..").expect("a file");
        fs::write(folder.path().join("c"), b"sec").expect("a file");
        assert_eq!(files_with(folder.path(), "secret").expect("it reads"), 1);
        assert_eq!(size_of(folder.path()).expect("it reads"), 13);
    }
}

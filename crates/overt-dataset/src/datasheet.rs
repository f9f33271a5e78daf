//! `DATASHEET.md`: the quality report, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use crate::manifest::{Manifest, RecordingNote};
use crate::part::PartNote;
use crate::quality::{LAG_MILLIS, Quality};
use crate::split::SplitBy;

/// Classes of an episode's score, each a tenth.
const SCORE_CLASSES: usize = 10;

/// What the page tells beside the manifest.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) quality: Quality,
    /// Episodes by score.
    scores: [u64; SCORE_CLASSES],
    episodes_cut: u64,
}

impl Figures {
    /// Adds those of one recording.
    pub(crate) fn add(&mut self, part: &PartNote) {
        self.quality.add(&part.quality);
        self.episodes_cut += part.episodes.iter().map(|e| u64::from(e.cut)).sum::<u64>();
        for score in part.episodes.iter().filter_map(|e| e.scores.overall()) {
            self.scores[((score * SCORE_CLASSES as f64) as usize).min(SCORE_CLASSES - 1)] += 1;
        }
    }
}

/// The whole page.
pub(crate) fn datasheet(manifest: &Manifest, figures: &Figures, group_min: u32) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write_page(&mut page, manifest, figures, group_min);
    page
}

fn write_page(page: &mut String, manifest: &Manifest, figures: &Figures, group_min: u32) -> fmt::Result {
    let quality = &figures.quality;
    write_head(page, manifest)?;
    write_counts(page, "Steps by kind", &quality.kinds)?;
    write_splits(page, manifest)?;
    write_scores(page, figures)?;
    write_observations(page, quality)?;
    write_targets(page, quality)?;
    write_rest(page, manifest, quality, group_min)?;
    write_losses(page, manifest)
}

fn write_head(page: &mut String, m: &Manifest) -> fmt::Result {
    let purpose = serde_json::to_string(&m.purpose).unwrap_or_default();
    writeln!(page, "# Data sheet\n")?;
    writeln!(
        page,
        "{} steps in {} episodes of {} recordings, for {} and nothing else.",
        m.rows,
        m.episodes,
        m.recordings.len(),
        purpose.trim_matches('"')
    )?;
    let agreements: BTreeSet<_> = m.recordings.iter().map(|r| r.agreement).collect();
    if agreements.len() > 1 {
        writeln!(
            page,
            "They were made under {} agreements; the manifest names that of each.",
            agreements.len()
        )?;
    }
    if let Some(expires) = &m.grant.expires {
        writeln!(page, "To be deleted after {expires}.")?;
    }
    write_imported(page, m)?;
    writeln!(page, "\nReducer {}, {}. Columns and rules: docs/spec/dataset.md.", m.reducer.version, m.builder)
}

/// Recordings that are not of our own making, by source and licence.
fn write_imported(page: &mut String, m: &Manifest) -> fmt::Result {
    let mut by_source: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for imported in m.recordings.iter().filter_map(|r| r.imported.as_ref()) {
        *by_source.entry((&imported.source, &imported.licence)).or_default() += 1;
    }
    by_source.iter().try_for_each(|((source, licence), count)| {
        writeln!(
            page,
            "Imported, not recorded by Overt: {count} recordings from {source}, licence: {licence}."
        )
    })
}

fn write_counts<K: fmt::Display>(page: &mut String, title: &str, counts: &BTreeMap<K, u64>) -> fmt::Result {
    writeln!(page, "\n## {title}\n\n| | count |\n| --- | ---: |")?;
    counts.iter().try_for_each(|(name, count)| writeln!(page, "| {name} | {count} |"))
}

fn write_splits(page: &mut String, m: &Manifest) -> fmt::Result {
    write_counts(page, "Steps by split", &m.splits)?;
    let whole = match m.split_by {
        SplitBy::Person => "No person is in two splits. What is imported counts as one person a recording",
        SplitBy::Recording => "No recording is in two splits; a person can be",
    };
    writeln!(page, "\n{whole}.")?;
    let tested = m.splits.keys().any(|split| split != "train");
    if tested { Ok(()) } else { writeln!(page, "Everything is trained on: nothing is left to test with.") }
}

fn write_scores(page: &mut String, figures: &Figures) -> fmt::Result {
    writeln!(page, "\n## Quality of the episodes\n")?;
    writeln!(
        page,
        "How much of an episode's data is free of flaws, from 0 to 1. It is about the data and not about the person.\n\n\
         | score | episodes |\n| --- | ---: |"
    )?;
    for (i, count) in figures.scores.iter().enumerate().rev() {
        writeln!(page, "| {:.1} to {:.1} | {count} |", i as f64 / 10.0, (i + 1) as f64 / 10.0)?;
    }
    writeln!(page, "\nEpisodes that are not whole: {}.", figures.episodes_cut)
}

fn write_observations(page: &mut String, q: &Quality) -> fmt::Result {
    writeln!(page, "\n## Frame lag\n")?;
    writeln!(
        page,
        "From the end of the observation's grab to the step.\n\n| milliseconds | steps |\n| --- | ---: |"
    )?;
    for (i, count) in q.lag.iter().enumerate() {
        match (i.checked_sub(1).map(|b| LAG_MILLIS[b]), LAG_MILLIS.get(i)) {
            (None, Some(end)) => writeln!(page, "| under {end} | {count} |")?,
            (Some(begin), Some(end)) => writeln!(page, "| {begin} to {end} | {count} |")?,
            (begin, None) => writeln!(page, "| {} and more | {count} |", begin.unwrap_or_default())?,
        }
    }
    writeln!(page, "\nScreen changes unseen in between: {} steps.", q.damage_unseen)?;
    write_counts(page, "Steps without an observation", &q.before_missing)
}

fn write_targets(page: &mut String, q: &Quality) -> fmt::Result {
    writeln!(page, "\n## Targets\n")?;
    writeln!(page, "Clicks with an element: {}.", share(q.clicks_with_box, q.clicks))?;
    writeln!(page, "Of them inside the element's box: {}.", share(q.clicks_in_box, q.clicks_with_box))
}

fn write_rest(page: &mut String, m: &Manifest, q: &Quality, group_min: u32) -> fmt::Result {
    writeln!(page, "\n## Character\n")?;
    let people: BTreeSet<_> = m.recordings.iter().map(|r| r.contributor_key).collect();
    if people.len() >= group_min as usize {
        writeln!(page, "Steps after an idle span: {}.", share(q.after_idle, q.steps))?;
    } else {
        writeln!(page, "Steps after an idle span: not shown for fewer than {group_min} people.")?;
    }
    writeln!(page, "Near-duplicates of the step before: {}.", share(q.near_duplicates, q.steps))?;
    writeln!(page, "Made by a program: {}.", share(q.injected, q.steps))?;
    writeln!(page, "Typed texts kept as shapes only: {}.", share(q.masked_texts, q.texts))
}

fn write_losses(page: &mut String, m: &Manifest) -> fmt::Result {
    let sum = |of: fn(&RecordingNote) -> u64| m.recordings.iter().map(of).sum::<u64>();
    let inputs = sum(|r| r.ledger.inputs);
    writeln!(page, "\n## Losses and redaction\n")?;
    writeln!(page, "Input events that are part of a step: {}.", share(sum(|r| r.ledger.in_steps), inputs))?;
    writeln!(page, "Events lost by the recorder: {}.", sum(|r| r.ledger.lost_events))?;
    writeln!(page, "Recordings that ended early or were cut: {}.", sum(|r| u64::from(r.incomplete)))?;
    writeln!(
        page,
        "Recordings without segments that were erased: {}.",
        sum(|r| u64::from(!r.erased.is_empty()))
    )?;
    writeln!(
        page,
        "Recordings made while the same person made another: {}.",
        sum(|r| u64::from(!r.overlaps.is_empty()))
    )?;
    writeln!(page, "Times that a wall clock was set meanwhile: {}.", sum(|r| r.ledger.clock_jumps))?;
    let filled = share(sum(|r| r.ledger.frames_filled), sum(|r| r.ledger.frames));
    writeln!(page, "Frames with windows filled solid: {filled}.")?;
    write_counts(page, "Input events ignored", &merged(m, |r| named(&r.ledger.ignored)))?;
    write_counts(page, "Input events in error", &merged(m, |r| named(&r.ledger.errors)))?;
    write_counts(page, "Gaps", &merged(m, |r| named(&r.ledger.gaps)))?;
    let denied = |r: &RecordingNote| {
        let name = |rule| serde_json::to_string(rule).unwrap_or_default().trim_matches('"').to_owned();
        r.ledger.denied.iter().map(|(rule, n)| (name(rule), *n)).collect()
    };
    write_counts(page, "Events not kept, by rule", &merged(m, denied))
}

fn named(counts: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    counts.iter().map(|(name, n)| (name.clone(), *n)).collect()
}

fn merged(m: &Manifest, of: impl Fn(&RecordingNote) -> Vec<(String, u64)>) -> BTreeMap<String, u64> {
    m.recordings.iter().flat_map(of).fold(BTreeMap::new(), |mut all, (name, n)| {
        *all.entry(name).or_default() += n;
        all
    })
}

/// `3 of 4 (75.0 %)`.
fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "0 of 0".to_owned(),
        _ => format!("{part} of {whole} ({:.1} %)", part as f64 * 100.0 / whole as f64),
    }
}

//! One job: a recording, opened for one purpose, becomes its steps and a note.

use std::collections::BTreeMap;
use std::path::Path;

use overt_event::{Mark, MonoNanos, NANOS_PER_MILLI, WallTime};
use overt_format::Unknown;
use overt_reduce::{Closing, Episode, Step, reduce};
use overt_unseal::Opened;

use crate::build::DatasetPurpose;
use crate::columns;
use crate::error::DatasetError;
use crate::execute::Open;
use crate::manifest::RecordingNote;
use crate::part::{EpisodeNote, PART_STEPS_FILE, PartNote, Work};
use crate::pictures::{Album, Picture};
use crate::plan::{Config, Input, Job};
use crate::quality::{Quality, Repeats};
use crate::score::{Scores, Tally};
use crate::step_row::{Pictures, Place, step_row};
use crate::table::Table;
use crate::value::Value;

/// How far a job has come since it last told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    pub segments: usize,
    pub steps: u64,
    /// Of encoded pictures.
    pub picture_bytes: u64,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its result is in its place.
    Put,
    /// Somebody's result was there already: it has the same bytes, and stays.
    Known,
    /// `tell` said so. There is no result.
    GivenUp,
}

/// Runs one job of a plan, and puts its result into the work folder unless one is there: whoever runs it, wherever and how
/// often, alone or at the same time as others, makes the same bytes. The threads of [`build`](crate::build()) run their jobs
/// by this, and so can any engine that hands out jobs: a [`build`](crate::build()) over the same work folder takes what
/// it finds there and only writes the version.
///
/// A recording whose result is there is not opened again. `tell` is called after every step; the job is given up when it
/// says `false`.
///
/// Errors: [`DatasetError::OtherJob`] where the recording, what is erased of it or the configuration is not the one that
/// gave the job its key; [`DatasetError::Open`], `Reduce`, `Unbalanced`, those of writing.
pub fn run_job<P: DatasetPurpose>(
    job: &Job,
    config: &Config,
    input: &Input,
    open: &Open<'_, P>,
    work: &Work,
    tell: &mut dyn FnMut(Advance) -> bool,
) -> Result<Ended, DatasetError> {
    let recording = job.recording;
    if Job::of(input, config)? != *job || !config.is_of_this_program(P::PURPOSE) {
        return Err(DatasetError::OtherJob { recording });
    }
    if work.has(job.key) {
        return Ok(Ended::Known);
    }
    let opened = open(&input.left()).map_err(|source| DatasetError::Open { recording, source })?;
    let part = work.begin()?;
    match run(job, config, opened, part.path(), tell)? {
        None => Ok(Ended::GivenUp),
        Some(note) if work.commit(part, job.key, &note)? => Ok(Ended::Put),
        Some(_) => Ok(Ended::Known),
    }
}

/// Writes the steps of an opened recording into `folder`, and gives the rest. `tell` is called after every step; the
/// job is given up, and gives `None`, when it says `false`.
///
/// Errors: [`DatasetError::Reduce`], `Unbalanced`, those of writing.
fn run<P: DatasetPurpose>(
    job: &Job,
    config: &Config,
    opened: Opened<P>,
    folder: &Path,
    tell: &mut dyn FnMut(Advance) -> bool,
) -> Result<Option<PartNote>, DatasetError> {
    let recording = job.recording;
    let mut reduction = reduce(opened, config.reduce.clone());
    let mut rows = Rows::begin(job, folder)?;
    let mut segments_done = 0;
    while let Some(step) = reduction.next() {
        let step = step.map_err(|source| DatasetError::Reduce { recording, source })?;
        let picture_bytes = rows.step(&step)?;
        let segments = reduction.segments_done() - segments_done;
        segments_done += segments;
        if !tell(Advance { segments, steps: 1, picture_bytes }) {
            return Ok(None);
        }
    }
    let closing = reduction.close();
    tell(Advance { segments: closing.lineage.len() - segments_done, ..Advance::default() });
    rows.close(job, &closing).map(Some)
}

/// The table of one recording's steps, and what its notes are made of.
struct Rows {
    table: Table,
    name: String,
    /// The first step, from which times count.
    origin: Option<MonoNanos>,
    album: Album,
    quality: Quality,
    repeats: Repeats,
    /// By episode: its first row, and what its steps have.
    tallies: BTreeMap<u32, (i64, Tally)>,
}

impl Rows {
    fn begin(job: &Job, folder: &Path) -> Result<Self, DatasetError> {
        Ok(Self {
            table: Table::create(&folder.join(PART_STEPS_FILE), columns::steps())?,
            name: job.recording.to_string(),
            origin: None,
            album: Album::default(),
            quality: Quality::default(),
            repeats: Repeats::default(),
            tallies: BTreeMap::new(),
        })
    }

    /// Adds a step; gives the bytes of its pictures.
    fn step(&mut self, step: &Step) -> Result<u64, DatasetError> {
        let monitor = step.screen.bounds;
        let before = step.before.shot().map(|s| self.album.picture(s, monitor)).transpose()?;
        let after = step.after.shot().map(|s| self.album.picture(s, monitor)).transpose()?;
        let near_duplicate =
            self.repeats.is_repeat(step.episode, &step.action, before.as_ref().map(|p| p.hash));
        let row = self.table.rows;
        self.quality.count(step, near_duplicate);
        self.tallies.entry(step.episode).or_insert((row, Tally::default())).1.count(step, near_duplicate);
        let bytes = [&before, &after].into_iter().flatten().map(|p| p.png.len() as u64).sum();
        let origin = *self.origin.get_or_insert(step.t_start);
        let place = Place { row, recording: &self.name, origin, near_duplicate };
        let cell = |p: Option<Picture>| p.map_or(Value::Null, |p| Value::Bytes(p.png));
        self.table.push(step_row(step, &place, Pictures { before: cell(before), after: cell(after) }))?;
        Ok(bytes)
    }

    fn close(self, job: &Job, closing: &Closing) -> Result<PartNote, DatasetError> {
        if !closing.ledger.is_balanced() {
            let unaccounted = closing.ledger.inputs.abs_diff(closing.ledger.accounted());
            return Err(DatasetError::Unbalanced { recording: job.recording, unaccounted });
        }
        let recording = RecordingNote::new(closing, job, self.table.rows as u64);
        let cuts = Cuts::of(&recording, closing);
        let pictures = closing.ledger.frames > 0;
        let origin = self.origin.or(closing.episodes.first().map(|first| first.t_start)).unwrap_or_default();
        let episodes = closing.episodes.iter().map(|episode| {
            let (row_first, tally) = self.tallies.get(&episode.index).copied().unzip();
            let scores = Scores::of(&tally.unwrap_or_default(), episode, pictures);
            episode_note(episode, origin, row_first, scores, cuts.touch(episode))
        });
        let episodes = episodes.collect();
        self.table.close()?;
        Ok(PartNote { recording, episodes, quality: self.quality, span: known_span(closing) })
    }
}

/// Where a recording is not whole.
struct Cuts {
    /// Sequences of torn segments.
    torn: Vec<u32>,
    /// Sequences that are not there.
    gone: Vec<u32>,
    /// The last episode, where the recording ended early.
    last: Option<u32>,
}

impl Cuts {
    fn of(recording: &RecordingNote, closing: &Closing) -> Self {
        let sequences: Vec<u32> = recording.segments.iter().map(|s| s.sequence).collect();
        let all = (sequences.len() + recording.erased.len()) as u32;
        Self {
            torn: recording.segments.iter().filter(|s| s.torn).map(|s| s.sequence).collect(),
            gone: (0..all).filter(|n| sequences.binary_search(n).is_err()).collect(),
            last: closing.episodes.last().map(|e| e.index).filter(|_| recording.incomplete),
        }
    }

    /// Whether an episode lies there, or beside a segment that is gone: it may have begun or ended in it.
    fn touch(&self, episode: &Episode) -> bool {
        let (Some(first), Some(last)) = (episode.segments.first(), episode.segments.last()) else {
            return false;
        };
        let beside = |n: &u32| first.saturating_sub(1) <= *n && *n <= last + 1;
        self.last == Some(episode.index)
            || self.torn.iter().any(|n| episode.segments.contains(n))
            || self.gone.iter().any(beside)
    }
}

/// `None` where the recording's wall clock is not one.
fn known_span(closing: &Closing) -> Option<(WallTime, WallTime)> {
    let imported = closing.facts.imported.as_ref();
    let unknown = imported.is_some_and(|i| i.unknown.contains(&Unknown::WallClock));
    closing.span.filter(|_| !unknown)
}

fn episode_note(
    episode: &Episode,
    origin: MonoNanos,
    row_first: Option<i64>,
    scores: Scores,
    cut: bool,
) -> EpisodeNote {
    EpisodeNote {
        episode: episode.index,
        marked: episode.marked,
        instruction: episode.instruction.clone(),
        outcome: episode.outcome.as_ref().and_then(outcome_name).map(str::to_owned),
        ended_by: episode.ended_by.name().to_owned(),
        t_start_millis: millis_from(origin, episode.t_start),
        t_end_millis: millis_from(origin, episode.t_end),
        steps: episode.steps,
        row_first,
        cut,
        scores,
        segments: episode.segments.clone(),
    }
}

/// Whole milliseconds from `origin` to `t`, rounded down; below 0 where `t` is earlier.
fn millis_from(origin: MonoNanos, t: MonoNanos) -> i64 {
    let (later, earlier) = (t.since(origin) / NANOS_PER_MILLI, origin.since(t).div_ceil(NANOS_PER_MILLI));
    later as i64 - earlier as i64
}

fn outcome_name(mark: &Mark) -> Option<&'static str> {
    match mark {
        Mark::ThumbsUp => Some("thumbs_up"),
        Mark::ThumbsDown => Some("thumbs_down"),
        Mark::TaskSucceeded => Some("succeeded"),
        Mark::TaskFailed => Some("failed"),
        Mark::TaskBegins { .. } | Mark::TaskEnds => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_the_first_step_are_below_zero_and_all_are_rounded_down() {
        let origin = MonoNanos::from_millis(1_000);
        for (nanos, millis) in [(1_000_000_000, 0), (1_001_999_999, 1), (999_999_999, -1), (997_000_000, -3)]
        {
            assert_eq!(millis_from(origin, MonoNanos(nanos)), millis, "{nanos}");
        }
    }
}

//! `webdataset`: plain tar files of samples, each what was done, with the picture before it and the one after.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;

use overt_dataset::{EpisodeRow, StepRow};
use serde::Serialize;
use tar::{Builder, EntryType, Header};

use super::Writer;
use crate::error::ExportError;
use crate::export::Told;
use crate::loss::Loss;
use crate::space::Space;

/// A tar file ends when it holds this many bytes or samples: what WebDataset's own writer does is 3 GB and 100 000,
/// too much to shuffle a small set by.
const SHARD_BYTES: usize = 256 << 20;
const SHARD_SAMPLES: usize = 1_000;

#[derive(Serialize)]
struct Sample<'a> {
    instruction: Option<&'a str>,
    outcome: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<Vec<String>>,
    #[serde(flatten)]
    step: &'a StepRow,
}

pub(super) struct Webdataset {
    space: Option<Space>,
    shards: BTreeMap<Series, Shards>,
}

/// Tar files whose samples have the same members. A loader that asks for a picture after the step wants it in every
/// sample, so that steps without one go apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    split: String,
    has_after: bool,
}

impl Series {
    fn file_name(&self, number: u32) -> String {
        let kind = if self.has_after { "" } else { "before-only-" };
        format!("{}-{kind}{number:06}.tar", self.split)
    }
}

/// The tar files of one series.
#[derive(Default)]
struct Shards {
    ended: u32,
    open: Option<Shard>,
}

struct Shard {
    tar: Builder<BufWriter<File>>,
    bytes: usize,
    samples: usize,
}

impl Webdataset {
    pub(super) fn new(space: Option<Space>) -> Self {
        Self { space, shards: BTreeMap::new() }
    }

    /// The calls where they were asked for.
    fn calls(
        &self,
        step: &StepRow,
        episode: &EpisodeRow,
        told: &mut Told<'_>,
    ) -> Result<Option<Vec<String>>, Loss> {
        self.space.map(|space| told.say(space, step, episode)).transpose()
    }
}

impl Writer for Webdataset {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let Some(png) = &step.image_before else {
            told.losses.count(Loss::NoPicture);
            return Ok(());
        };
        let calls = self.calls(step, episode, told);
        let Some(calls) = told.or_lost(calls) else { return Ok(()) };
        told.exported += 1;
        let (instruction, outcome) = (episode.instruction.as_deref(), episode.outcome.as_deref());
        let json = serde_json::to_vec(&Sample { instruction, outcome, calls, step })?;
        let series = Series { split: step.split.clone(), has_after: step.image_after.is_some() };
        let shards = self.shards.entry(series.clone()).or_default();
        let shard = shards.open(&series, told)?;
        let key = format!("{:08}", step.row);
        shard.push(&format!("{key}.png"), png)?;
        if let Some(after) = &step.image_after {
            shard.push(&format!("{key}.after.png"), after)?;
        }
        shard.push(&format!("{key}.json"), &json)?;
        shard.samples += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut Told<'_>) -> Result<(), ExportError> {
        self.shards.values_mut().try_for_each(Shards::end)
    }
}

impl Shards {
    /// The shard that the next sample goes into.
    fn open(&mut self, series: &Series, told: &Told<'_>) -> Result<&mut Shard, ExportError> {
        if self.open.as_ref().is_some_and(|s| s.bytes >= SHARD_BYTES || s.samples >= SHARD_SAMPLES) {
            self.end()?;
        }
        let shard = match self.open.take() {
            Some(shard) => shard,
            None => {
                let file = told.folder.create(&series.file_name(self.ended))?;
                Shard { tar: Builder::new(BufWriter::new(file)), bytes: 0, samples: 0 }
            }
        };
        Ok(self.open.insert(shard))
    }

    fn end(&mut self) -> Result<(), ExportError> {
        if let Some(shard) = self.open.take() {
            shard.tar.into_inner()?.into_inner().map_err(|e| e.into_error())?;
            self.ended += 1;
        }
        Ok(())
    }
}

impl Shard {
    /// A member without owner and time, so that the same samples are the same bytes.
    fn push(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        self.tar.append_data(&mut header, name, bytes)?;
        self.bytes += bytes.len();
        Ok(())
    }
}

//! `lerobot`: LeRobot's data set v3.0, one a split, a step a frame.

use std::collections::BTreeMap;
use std::fs::File;

use overt_dataset::{EpisodeRow, StepRow};
use parquet::arrow::ArrowWriter;

use super::Writer;
use super::lerobot_stats::Stats;
use super::lerobot_tables::{self as tables, EpisodeNote, FPS, Frame};
use crate::deed::Deed;
use crate::error::ExportError;
use crate::export::Told;
use crate::film::{Film, Video};
use crate::loss::Loss;
use crate::space::Space;

/// A data file ends with the episode in which it reaches this: LeRobot's own default, bytes.
const FILE_BYTES: usize = 100 << 20;
/// Files of one folder: LeRobot's own default.
const CHUNK_FILES: i64 = 1_000;
/// A row group ends with this many bytes, so that one can be read without the rest.
const GROUP_BYTES: usize = 8 << 20;

pub(super) struct Lerobot {
    space: Space,
    video: Option<Video>,
    sets: BTreeMap<String, Set>,
}

impl Lerobot {
    pub(super) fn new(space: Space, video: Option<Video>) -> Self {
        Self { space, video, sets: BTreeMap::new() }
    }
}

impl Writer for Lerobot {
    fn step(&mut self, step: &StepRow, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let Some(png) = &step.image_before else {
            told.losses.count(Loss::NoPicture);
            return Ok(());
        };
        let size = (step.width, step.height);
        if self.sets.get(&step.split).is_some_and(|set| set.size != size) {
            told.losses.count(Loss::OtherSize);
            return Ok(());
        }
        let said = told.say(self.space, step, episode);
        let said = said.and_then(|calls| Ok((calls, Deed::of(step, episode.outcome.as_deref())?)));
        let Some((calls, deed)) = told.or_lost(said) else { return Ok(()) };
        told.exported += 1;
        let set =
            self.sets.entry(step.split.clone()).or_insert_with(|| Set::new(&step.split, size, self.video));
        set.frame(step, episode, png, &calls.join("\n"), &deed, told)
    }

    fn finish(self: Box<Self>, told: &mut Told<'_>) -> Result<(), ExportError> {
        self.sets.into_values().try_for_each(|set| set.finish(told))
    }
}

/// The data set of one split.
struct Set {
    split: String,
    /// Of all its pictures: the first one's.
    size: (i32, i32),
    video: Option<Video>,
    /// The data file that is being written, its video, and the bytes of their pictures so far.
    file: Option<ArrowWriter<File>>,
    film: Option<Film>,
    bytes: usize,
    files: i64,
    frames: i64,
    frames_of_earlier_files: i64,
    episodes: Vec<EpisodeNote>,
    episode: Option<(String, i32)>,
    tasks: Vec<String>,
    stats: Stats,
}

impl Set {
    fn new(split: &str, size: (i32, i32), video: Option<Video>) -> Self {
        Self {
            split: split.to_owned(),
            size,
            video,
            file: None,
            film: None,
            bytes: 0,
            files: 0,
            frames: 0,
            frames_of_earlier_files: 0,
            episodes: Vec::new(),
            episode: None,
            tasks: Vec::new(),
            stats: Stats::default(),
        }
    }

    fn frame(
        &mut self,
        step: &StepRow,
        episode: &EpisodeRow,
        png: &[u8],
        calls: &str,
        deed: &Deed,
        told: &mut Told<'_>,
    ) -> Result<(), ExportError> {
        let key = Some((step.recording.clone(), step.episode));
        if self.episode != key {
            self.episode = key;
            self.begin_episode(episode, told)?;
        }
        let Some(note) = self.episodes.last_mut() else { return Ok(()) };
        let frame = Frame {
            png,
            action: tables::action(deed, step),
            calls,
            row: step.row,
            t_start_millis: step.t_start_millis,
            t_end_millis: step.t_end_millis,
            timestamp: note.length as f32 / FPS as f32,
            frame_index: note.length,
            episode_index: note.episode_index,
            index: self.frames,
            task_index: note.task_index,
        };
        note.length += 1;
        self.frames += 1;
        self.bytes += png.len();
        self.stats.count(&frame)?;
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write(&tables::frame(&frame, self.video)?)?;
        if let Some(film) = &mut self.film {
            told.losses.count(Loss::PictureCompressed);
            film.push(png)?;
        }
        if file.in_progress_size() >= GROUP_BYTES {
            file.flush()?;
        }
        Ok(())
    }

    fn begin_episode(&mut self, episode: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        if self.bytes >= FILE_BYTES {
            self.end_file()?;
        }
        match &mut self.file {
            Some(file) => file.flush()?,
            None => self.begin_file(told)?,
        }
        if episode.instruction.is_none() {
            told.losses.count(Loss::NoInstruction);
        }
        let task_index = self.task(episode.instruction.clone().unwrap_or_default());
        self.episodes.push(EpisodeNote {
            episode_index: self.episodes.len() as i64,
            task_index,
            length: 0,
            chunk_index: self.files / CHUNK_FILES,
            file_index: self.files % CHUNK_FILES,
            dataset_from_index: self.frames,
            video_from_secs: (self.frames - self.frames_of_earlier_files) / FPS,
        });
        Ok(())
    }

    fn begin_file(&mut self, told: &Told<'_>) -> Result<(), ExportError> {
        let (chunk, file) = (self.files / CHUNK_FILES, self.files % CHUNK_FILES);
        let place = format!("chunk-{chunk:03}/file-{file:03}");
        let data = told.folder.create(&format!("{}/data/{place}.parquet", self.split))?;
        self.file = Some(tables::writer(data, tables::frames(self.video))?);
        self.frames_of_earlier_files = self.frames;
        if let Some(video) = self.video {
            let path =
                told.folder.place(&format!("{}/videos/{}/{place}.mp4", self.split, tables::PICTURE))?;
            self.film = Some(Film::begin(&path, video)?);
        }
        Ok(())
    }

    fn task(&mut self, task: String) -> i64 {
        let known = self.tasks.iter().position(|t| *t == task).unwrap_or_else(|| {
            self.tasks.push(task);
            self.tasks.len() - 1
        });
        known as i64
    }

    fn end_file(&mut self) -> Result<(), ExportError> {
        if let Some(file) = self.file.take() {
            file.close()?;
            self.film.take().map_or(Ok(()), Film::finish)?;
            (self.bytes, self.files) = (0, self.files + 1);
        }
        Ok(())
    }

    fn finish(mut self, told: &Told<'_>) -> Result<(), ExportError> {
        self.end_file()?;
        let create = |name: &str| told.folder.create(&format!("{}/meta/{name}", self.split));
        let mut tasks = tables::writer(create("tasks.parquet")?, tables::task_columns())?;
        tasks.write(&tables::tasks(&self.tasks)?)?;
        tasks.close()?;
        let name = "episodes/chunk-000/file-000.parquet";
        let mut episodes = tables::writer(create(name)?, tables::episode_columns(self.video))?;
        episodes.write(&tables::episodes(&self.episodes, &self.tasks, self.video)?)?;
        episodes.close()?;
        let totals = tables::Totals {
            episodes: self.episodes.len(),
            frames: self.frames,
            tasks: self.tasks.len(),
            size: self.size,
            video: self.video,
        };
        for (name, value) in [("info.json", tables::info(&totals)), ("stats.json", self.stats.json())] {
            let mut bytes = serde_json::to_vec_pretty(&value)?;
            bytes.push(b'\n');
            told.folder.write(&format!("{}/meta/{name}", self.split), &bytes)?;
        }
        Ok(())
    }
}

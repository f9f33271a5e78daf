//! What the page tells of a data set, read from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use overt_dataset::{
    EpisodeRow, MUST_REBUILD_FILE, Manifest, StepRow, read_episodes, read_some_steps,
    read_steps_without_pictures,
};

use crate::page::chart::Tick;
use crate::sheet::Panel;
use crate::step_words;

/// Upper ends of the classes of frame lag, milliseconds.
const LAG_MILLIS: [(&str, f64); 6] = [
    ("under 50 ms", 50.0),
    ("50 to 100 ms", 100.0),
    ("100 to 500 ms", 500.0),
    ("0.5 to 1 s", 1_000.0),
    ("1 to 5 s", 5_000.0),
    ("5 s and more", f64::INFINITY),
];

/// Upper ends of the classes of idle spans, milliseconds. They begin where idle does.
const IDLE_MILLIS: [(&str, i64); 5] = [
    ("5 to 10 s", 10_000),
    ("10 to 30 s", 30_000),
    ("30 s to 1 min", 60_000),
    ("1 to 5 min", 300_000),
    ("5 min and more", i64::MAX),
];

/// Of 100: good enough to see what was done, at some 25 kB a picture.
const JPEG_QUALITY: u8 = 72;

/// Everything on the page.
pub struct Look {
    pub manifest: Manifest,
    pub must_rebuild: bool,
    /// With their rows in `episodes.parquet`.
    pub episodes: Vec<(usize, EpisodeRow)>,
    pub figures: Figures,
    /// By episode, in the order of `episodes`.
    pub strips: Vec<Vec<Tick>>,
    pub cards: Vec<Card>,
    /// Rows of the cards.
    pub shown: BTreeSet<i64>,
}

/// Counts over all steps that the page is about.
#[derive(Default)]
pub struct Figures {
    pub steps: u64,
    pub observed: u64,
    pub aimed: u64,
    pub hit: u64,
    pub near_duplicates: u64,
    pub after_idle: u64,
    pub idle: [u64; IDLE_MILLIS.len()],
    pub kinds: BTreeMap<String, u64>,
    pub apps: BTreeMap<String, u64>,
    pub lag: [u64; LAG_MILLIS.len()],
}

/// One step, to look at.
pub struct Card {
    pub row: i64,
    pub episode: usize,
    pub deed: String,
    pub element: Option<String>,
    pub intents: Vec<String>,
    pub detail: String,
    pub tags: Vec<&'static str>,
    /// A JPEG as a `data:` address; where there is none, why.
    pub picture: Result<String, String>,
}

impl Look {
    /// Reads a data set: all of it, or one episode by its row in `episodes.parquet`. At most `steps_max` steps become
    /// cards, spread evenly. `tell` is called for each.
    pub fn at(dataset: &Path, episode: Option<usize>, steps_max: usize, tell: &dyn Fn()) -> Result<Self> {
        let manifest = Manifest::read(dataset)?;
        let episodes = episodes(dataset, episode)?;
        let (mut figures, mut strips) = (Figures::default(), Vec::new());
        strips.resize_with(episodes.len(), Vec::new);
        let mut rows = Vec::new();
        let places = places(&episodes);
        for step in read_steps_without_pictures(dataset)? {
            let step = step?;
            let before = places.range(..=step.row).next_back();
            let Some((_, &(_, at))) = before.filter(|(_, (end, _))| step.row < *end) else { continue };
            figures.count(&step);
            strips[at].push(tick(&step));
            rows.push((step.row, at));
        }
        strips.iter_mut().for_each(|strip: &mut Vec<Tick>| scale(strip));
        let chosen = spread(&rows, steps_max);
        let cards = cards(dataset, &episodes, &chosen, tell)?;
        let shown = cards.iter().map(|c| c.row).collect();
        let must_rebuild = dataset.join(MUST_REBUILD_FILE).exists();
        Ok(Self { manifest, must_rebuild, episodes, figures, strips, cards, shown })
    }

    /// How many people did what the page is about, as far as keys tell.
    pub fn people(&self) -> usize {
        let shown: BTreeSet<&str> = self.episodes.iter().map(|(_, e)| e.recording.as_str()).collect();
        let theirs =
            self.manifest.recordings.iter().filter(|r| shown.contains(r.recording.to_string().as_str()));
        theirs.map(|r| r.contributor_key).collect::<BTreeSet<_>>().len()
    }
}

/// All episodes, or the one at that row.
pub fn episodes(dataset: &Path, only: Option<usize>) -> Result<Vec<(usize, EpisodeRow)>> {
    let all: Vec<_> = read_episodes(dataset)?.into_iter().enumerate().collect();
    let Some(wanted) = only else { return Ok(all) };
    let count = all.len();
    let found = all.into_iter().find(|(row, _)| *row == wanted);
    Ok(vec![found.with_context(|| {
        format!(
            "There is no episode {wanted}: the data set has {count}, counted from 0 as in episodes.parquet."
        )
    })?])
}

/// By its first row, where each episode ends and its place in the list.
fn places(episodes: &[(usize, EpisodeRow)]) -> BTreeMap<i64, (i64, usize)> {
    let span = |(at, (_, e)): (usize, &(usize, EpisodeRow))| {
        e.row_first.map(|first| (first, (first + i64::from(e.steps), at)))
    };
    episodes.iter().enumerate().filter_map(span).collect()
}

impl Figures {
    pub fn count(&mut self, step: &StepRow) {
        self.steps += 1;
        self.observed += u64::from(step.frame_before_missing.is_none());
        self.near_duplicates += u64::from(step.near_duplicate);
        self.count_idle(step.idle_before_millis);
        *self.kinds.entry(step.kind.replace('_', " ")).or_default() += 1;
        *self.apps.entry(step_words::visible(step_words::app(step))).or_default() += 1;
        if let Some(margin) = step.frame_margin_millis {
            let class = LAG_MILLIS.iter().position(|(_, end)| margin < *end);
            self.lag[class.unwrap_or(LAG_MILLIS.len() - 1)] += 1;
        }
        if let (Some(at), Some(element)) = (step.at(), &step.element)
            && matches!(step.kind.as_str(), "click" | "double_click" | "triple_click" | "drag")
        {
            self.aimed += 1;
            self.hit += u64::from(element.bounds.contains(at));
        }
    }

    fn count_idle(&mut self, millis: i64) {
        if millis > 0 {
            self.after_idle += 1;
            let class = IDLE_MILLIS.iter().position(|(_, end)| millis < *end);
            self.idle[class.unwrap_or(IDLE_MILLIS.len() - 1)] += 1;
        }
    }

    /// Idle spans by class, with the classes' names.
    pub fn idle_by_class(&self) -> Vec<(String, u64)> {
        IDLE_MILLIS.iter().zip(self.idle).map(|((name, _), n)| ((*name).to_owned(), n)).collect()
    }

    /// Frame lag by class, with the classes' names.
    pub fn lag_by_class(&self) -> Vec<(String, u64)> {
        LAG_MILLIS.iter().zip(self.lag).map(|((name, _), n)| ((*name).to_owned(), n)).collect()
    }
}

/// In milliseconds of its recording; [`scale`] makes shares of it.
fn tick(step: &StepRow) -> Tick {
    let len = step.t_end_millis - step.t_start_millis;
    Tick { row: step.row, at: step.t_start_millis as f64, len: len as f64, kind: step.kind.clone() }
}

fn scale(ticks: &mut [Tick]) {
    let begin = ticks.iter().map(|t| t.at).fold(f64::INFINITY, f64::min);
    let end = ticks.iter().map(|t| t.at + t.len).fold(begin, f64::max);
    let whole = (end - begin).max(1.0);
    for tick in ticks {
        tick.at = (tick.at - begin) / whole;
        tick.len /= whole;
    }
}

/// `n` of them, evenly spread, the first and the last among them.
pub fn spread<T: Copy>(all: &[T], n: usize) -> Vec<T> {
    if all.len() <= n || n < 2 {
        return all.iter().take(n).copied().collect();
    }
    (0..n).map(|i| all[i * (all.len() - 1) / (n - 1)]).collect()
}

fn cards(
    dataset: &Path,
    episodes: &[(usize, EpisodeRow)],
    chosen: &[(i64, usize)],
    tell: &dyn Fn(),
) -> Result<Vec<Card>> {
    let mut cards = Vec::new();
    for &(row, at) in chosen {
        let row = row.unsigned_abs();
        for step in read_some_steps(dataset, row..row + 1)? {
            cards.push(card(step?, episodes[at].0)?);
        }
        tell();
    }
    Ok(cards)
}

fn card(step: StepRow, episode: usize) -> Result<Card> {
    let margin =
        step.frame_margin_millis.map_or("no frame".to_owned(), |m| format!("frame {m:.0} ms before"));
    let flags = [
        (step.near_duplicate, "repeats the step before"),
        (step.injected, "made by a program"),
        (step.frame_before_damage_unseen == Some(true), "screen changed unseen"),
        (step.frame_after_timed_out == Some(true), "did not settle"),
    ];
    let why = step.frame_before_missing.as_deref().unwrap_or("not kept").replace('_', " ");
    Ok(Card {
        row: step.row,
        episode,
        deed: step_words::deed(&step),
        element: step_words::element(&step),
        intents: step_words::intents(&step),
        detail: format!("{}, {margin}", step_words::visible(step_words::app(&step))),
        tags: flags.into_iter().filter_map(|(is, tag)| is.then_some(tag)).collect(),
        picture: jpeg(&Panel::of(step))?.ok_or(format!("No picture: {why}.")),
    })
}

/// The step's picture as an address that holds it.
fn jpeg(panel: &Panel) -> Result<Option<String>> {
    let Some(picture) = panel.picture()? else { return Ok(None) };
    let rgb: Vec<u8> = picture.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    let (width, height) = (u16::try_from(picture.width())?, u16::try_from(picture.height())?);
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY).encode(
        &rgb,
        width,
        height,
        jpeg_encoder::ColorType::Rgb,
    )?;
    Ok(Some(format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(bytes))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(all: &[i64], n: usize, expected: &[i64]) {
        assert_eq!(spread(all, n), expected);
    }

    #[test]
    fn what_is_shown_goes_from_beginning_to_end() {
        check(&[1, 2, 3, 4, 5], 3, &[1, 3, 5]);
        check(&[1, 2], 12, &[1, 2]);
        check(&[], 12, &[]);
        check(&[1, 2, 3], 1, &[1]);
    }
}

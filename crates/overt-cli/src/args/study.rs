//! Words about data sets and models.

use std::num::NonZero;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use overt_dataset::SplitBy;
use overt_export::{Format, Space, Video};

use super::{Papers, PurposeArg};

#[derive(Args)]
pub struct BuildArgs {
    #[command(flatten)]
    pub holdings: HoldingsArgs,
    /// What it is made for. Needed unless --rebuild names a version, which has one.
    #[arg(long, value_enum, required_unless_present = "rebuild", conflicts_with = "rebuild")]
    pub purpose: Option<PurposeArg>,
    /// The folder with the study's key.
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// The folder to write; it must not exist. Until it is whole, results lie in OUT.work.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Make this version again, without what was erased of it, with its settings and splits.
    #[arg(long, value_name = "DS", conflicts_with_all = ["split_by", "episodes_by"])]
    pub rebuild: Option<PathBuf>,
    /// The last day it may be kept. Default, and the latest: the earliest on which the terms of a recording in it end, and
    /// of --rebuild no later than of that version.
    #[arg(long, value_name = "DAY")]
    pub until: Option<jiff::civil::Date>,
    /// Why it is opened; it stands in the log.
    #[arg(long, default_value = "build a data set")]
    pub reason: String,
    /// Recordings reduced at the same time; the version is the same for any number. Default: the cores.
    #[arg(long, value_name = "N")]
    pub workers: Option<NonZero<usize>>,
    /// What is never divided between training and testing.
    #[arg(long, value_enum, default_value_t = SplitByArg::Person)]
    pub split_by: SplitByArg,
    /// Where episodes begin that nobody marked.
    #[arg(long, value_enum, default_value_t = EpisodesByArg::Pause)]
    pub episodes_by: EpisodesByArg,
    /// Say what would be done, and open nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Who knows what is kept and what was taken back.
#[derive(Args)]
pub struct HoldingsArgs {
    /// Stores of collected recordings.
    #[arg(required = true, value_name = "STORE")]
    pub stores: Vec<PathBuf>,
    /// A spool where consents were withdrawn: what was recorded under them is left out. May be given again.
    #[arg(long, value_name = "DIR")]
    pub spool: Vec<PathBuf>,
}

/// Who is asked whether what a data set was made of is still kept.
#[derive(Args)]
pub struct AskedArgs {
    /// A store, to find out whether anything that the data set was made of was erased. May be given again.
    #[arg(long, value_name = "DIR")]
    pub store: Vec<PathBuf>,
    /// Beside --store: a spool where consents were withdrawn. May be given again.
    #[arg(long, value_name = "DIR", requires = "store")]
    pub spool: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum SplitByArg {
    Person,
    Recording,
}

impl From<SplitByArg> for SplitBy {
    fn from(by: SplitByArg) -> Self {
        match by {
            SplitByArg::Person => Self::Person,
            SplitByArg::Recording => Self::Recording,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EpisodesByArg {
    /// After a pause of a minute.
    Pause,
    /// There, and where work goes on in another application.
    Application,
}

#[derive(Args)]
pub struct ExportArgs {
    /// A data set's folder.
    #[arg(value_name = "DS")]
    pub dataset: PathBuf,
    #[arg(long, value_parser = format_parser())]
    pub format: Format,
    /// In whose words actions are said, for formats that do not have their own.
    #[arg(long, value_parser = space_parser())]
    pub space: Option<Space>,
    /// Pictures as a video, which loses something of each (owamcap, lerobot). It needs ffmpeg.
    #[arg(long, value_parser = video_parser())]
    pub video: Option<Video>,
    /// The folder to write; it must not exist.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A store, to find out whether anything it was made of was erased. May be given again.
    #[arg(long, value_name = "DIR", required = true)]
    pub store: Vec<PathBuf>,
    /// A spool where consents were withdrawn. May be given again.
    #[arg(long, value_name = "DIR")]
    pub spool: Vec<PathBuf>,
}

fn video_parser() -> impl TypedValueParser<Value = Video> {
    let known = |name: String| Video::ALL.into_iter().find(|v| v.name() == name).ok_or("no such video");
    PossibleValuesParser::new(Video::ALL.map(Video::name)).try_map(known)
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    let known = |name: String| Format::ALL.into_iter().find(|f| f.name() == name).ok_or("no such format");
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(known)
}

fn space_parser() -> impl TypedValueParser<Value = Space> {
    let known =
        |name: String| Space::ALL.into_iter().find(|s| s.name() == name).ok_or("no such action space");
    PossibleValuesParser::new(Space::ALL.map(Space::name)).try_map(known)
}

#[derive(Args)]
pub struct ShowArgs {
    /// A data set's folder.
    pub dataset: PathBuf,
    /// Only this episode, by its row in episodes.parquet, counted from 0.
    #[arg(long, value_name = "N")]
    pub episode: Option<usize>,
    /// Write a picture of a few steps instead, each with its action drawn on the frame before it.
    #[arg(long, value_name = "FILE.png")]
    pub contact_sheet: Option<PathBuf>,
    /// How many steps the picture shows.
    #[arg(long, default_value_t = 12, requires = "contact_sheet", value_parser = clap::value_parser!(u32).range(1..=48))]
    pub steps: u32,
}

#[derive(Args)]
pub struct TrainArgs {
    /// A data set that was built to train agents.
    pub dataset: PathBuf,
    /// The learner.
    #[arg(long, value_enum, default_value = "fuller")]
    pub probe: ProbeArg,
    /// The same seed and data give the same model.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Learn from so many episodes, at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub episodes: Option<u64>,
    /// Make the data worse first, to compare.
    #[arg(long, value_enum, default_value = "none")]
    pub degrade: DegradeArg,
    /// The model's file; its card is written beside it, as FILE.card.md.
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,
    #[command(flatten)]
    pub asked: AskedArgs,
}

#[derive(Args)]
pub struct EvaluateArgs {
    /// MiniWoB++'s folder `html`, as its Python package has it.
    #[arg(long, value_name = "DIR")]
    pub pages: PathBuf,
    /// A task and the data set that shows it; may be given again.
    #[arg(long = "data", value_name = "TASK=DATASET", required_unless_present = "models")]
    pub data: Vec<TaskData>,
    /// A task and a model that was trained before; may be given again.
    #[arg(long = "model", value_name = "TASK=FILE", requires = "made_of")]
    pub models: Vec<TaskData>,
    /// The data set that a model was made of, to know whether it must be rebuilt; may be given again.
    #[arg(long, value_name = "DATASET")]
    pub made_of: Vec<PathBuf>,
    /// A learner to try; may be given again.
    #[arg(long = "probe", value_enum, default_values = ["frequent", "ngram", "ranker", "fuller"])]
    pub probes: Vec<ProbeArg>,
    /// What recordings teach at each level and cadence, as `overt-people` compared it (comparison.json): it goes into the
    /// report; may be given again.
    #[arg(long, value_name = "FILE")]
    pub recordings: Vec<PathBuf>,
    /// Learn from so many episodes, or from `all`; may be given again.
    #[arg(long = "size", value_name = "N", default_values = ["all"], value_parser = size)]
    pub sizes: Vec<Size>,
    /// Try what this does to the data of the largest size as well; may be given again.
    #[arg(long = "degrade", value_enum)]
    pub degrades: Vec<DegradeArg>,
    /// Models of each kind, each with episodes of its own.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Episodes for each model.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub episodes: u64,
    /// One model of the fullest learner and 20 episodes for each task; the other numbers do not count.
    #[arg(long)]
    pub quick: bool,
    /// Where results are kept; what is there already is not tried again.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub asked: AskedArgs,
}

#[derive(Args)]
pub struct ActArgs {
    /// A model that `overt train` wrote.
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// The data set that it was made of, to know whether it must be rebuilt; may be given again.
    #[arg(long, value_name = "DATASET", required = true)]
    pub made_of: Vec<PathBuf>,
    /// What is to be done, in words.
    #[arg(long, value_name = "WORDS", value_parser = goal)]
    pub goal: String,
    #[command(flatten)]
    pub papers: Papers,
    /// The window's id, such as 0x2a00003; without it you are asked to click the window.
    #[arg(long, value_name = "ID", value_parser = window_id)]
    pub window: Option<u32>,
    /// At most so many deeds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub steps: u32,
    /// Say what would be done first, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub asked: AskedArgs,
}

/// A model that is told nothing would do something all the same.
fn goal(s: &str) -> Result<String, String> {
    if overt_learn::Goal::new(s).words().is_empty() {
        return Err(
            "The goal has no words. Say what is to be done, such as \"Send me the tide table\".".into()
        );
    }
    Ok(s.to_owned())
}

fn window_id(s: &str) -> Result<u32, String> {
    let parsed = match s.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => s.parse(),
    };
    parsed.map_err(|_| "expected a number, such as 0x2a00003".into())
}

/// `TASK=PATH`.
#[derive(Clone)]
pub struct TaskData {
    pub task: String,
    pub path: PathBuf,
}

impl std::str::FromStr for TaskData {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let (task, path) = s.split_once('=').ok_or("expected TASK=PATH")?;
        Ok(Self { task: task.to_owned(), path: path.into() })
    }
}

/// So many episodes, or all of them.
#[derive(Clone, Copy)]
pub struct Size(pub Option<u64>);

fn size(s: &str) -> Result<Size, String> {
    if s == "all" {
        return Ok(Size(None));
    }
    s.parse().ok().filter(|n| *n > 0).map(|n| Size(Some(n))).ok_or("expected a number above 0, or all".into())
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ProbeArg {
    /// The most frequent deed.
    #[value(aliases = ["most-frequent-action", "most frequent action"])]
    Frequent,
    /// What most often followed the last two deeds.
    #[value(alias = "n-gram")]
    Ngram,
    /// Ranks elements by plain features.
    Ranker,
    /// Ranks them by what a small transformer finds.
    Attention,
    /// Ranks them by all features but what they look like.
    Fuller,
    /// Ranks them by all features.
    Sighted,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DegradeArg {
    None,
    /// Learn each step with what was there after it.
    AfterAction,
    /// Every event 300 ms late.
    Late,
    /// One event of input in five is missing.
    DropFifth,
    /// No roles, names and states.
    NoAccessibility,
    /// No rests of the pointer.
    NoHover,
    /// Learn from what failed as well.
    KeepFailed,
}

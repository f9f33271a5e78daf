//! Words about recordings.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use overt_event::{RecordingId, SegmentId};
use overt_recorder::control::INSTRUCTION_BYTES_MAX;

use super::{AskedArgs, Papers, SocketArg};

/// A format of other people's recordings.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum FormatArg {
    AgentNet,
    Csv,
    DuckTrack,
    MiniWob,
    Owamcap,
    Rrweb,
}

impl From<FormatArg> for overt_import::Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::AgentNet => Self::AgentNet,
            FormatArg::Csv => Self::Csv,
            FormatArg::DuckTrack => Self::DuckTrack,
            FormatArg::MiniWob => Self::MiniWob,
            FormatArg::Owamcap => Self::Owamcap,
            FormatArg::Rrweb => Self::Rrweb,
        }
    }
}

#[derive(Args)]
pub struct ImportArgs {
    #[arg(value_enum)]
    pub format: FormatArg,
    /// The recordings, one after the other: each a folder (agentnet, ducktrack) or a file.
    #[arg(value_name = "SRC", required = true)]
    pub srcs: Vec<PathBuf>,
    /// The signed import agreement (`overt agreement new --import`).
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    /// The folder with the public keys (contributor.pub, study.pub, party.pub).
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// Where recordings are kept, sealed, until they are collected.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The organisation's own list of words and /patterns/ that must not be kept, one a line.
    #[arg(long, value_name = "FILE")]
    pub dictionary: Option<PathBuf>,
    /// Decode the video beside it as well (agentnet, owamcap).
    #[arg(long)]
    pub frames: bool,
    /// Stop before the disk has less than so many MiB free.
    #[arg(long, value_name = "MIB", default_value_t = 1_024)]
    pub keep_free: u64,
    /// Keep at most so many MiB of recordings.
    #[arg(long, value_name = "MIB", default_value_t = 20_480)]
    pub spool_max: u64,
}

#[derive(Args)]
pub struct RecordArgs {
    #[command(flatten)]
    pub papers: Papers,
    /// Where recordings are kept, sealed, until they are collected.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The organisation's own list of words and /patterns/ that must not be recorded, one a line.
    #[arg(long, value_name = "FILE")]
    pub dictionary: Option<PathBuf>,
    /// Stop before the disk has less than so many MiB free.
    #[arg(long, value_name = "MIB", default_value_t = 1_024)]
    pub keep_free: u64,
    /// Keep at most so many MiB of recordings.
    #[arg(long, value_name = "MIB", default_value_t = 20_480)]
    pub spool_max: u64,
    /// Stop by itself after this long, such as 90s, 10m or 2h.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub for_: Option<Duration>,
    #[command(flatten)]
    pub socket: SocketArg,
}

#[derive(Args)]
pub struct ForgetArgs {
    /// How far back, such as 90s, 10m or 2h. Whole segments go, so up to a minute more is erased.
    #[arg(value_name = "TIME", value_parser = duration)]
    pub last: Duration,
    #[command(flatten)]
    pub socket: SocketArg,
}

#[derive(Subcommand)]
pub enum MarkVerb {
    /// A task begins.
    Begin(MarkBegin),
    /// The task at hand ends.
    End(SocketArg),
    /// The task at hand, or the one that just ended, went well.
    Good(SocketArg),
    /// It did not go well.
    Bad(SocketArg),
    /// A program that set the task found it done as asked.
    Succeeded(SocketArg),
    /// A program that set the task found it not done as asked.
    Failed(SocketArg),
}

#[derive(Args)]
pub struct MarkBegin {
    /// What is to be done, in your own words. Secrets that the rules find in it are taken out.
    #[arg(value_name = "WORDS", value_parser = instruction)]
    pub instruction: Option<String>,
    #[command(flatten)]
    pub socket: SocketArg,
}

fn instruction(s: &str) -> Result<String, String> {
    let fits = s.len() <= INSTRUCTION_BYTES_MAX;
    fits.then(|| s.to_owned()).ok_or(format!("expected {INSTRUCTION_BYTES_MAX} bytes at most"))
}

fn duration(s: &str) -> Result<Duration, String> {
    let digits = s.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let secs = match &s[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err("expected a number and s, m or h, such as 10m".into()),
    };
    let n: u64 = digits.parse().map_err(|_| "expected a whole number before the unit")?;
    n.checked_mul(secs).filter(|&n| n > 0).map(Duration::from_secs).ok_or("not a usable time".into())
}

#[derive(Args)]
pub struct RecordingsArg {
    /// Recordings: folders NAME.overt.
    #[arg(value_name = "RECORDING", required = true)]
    pub recordings: Vec<PathBuf>,
}

#[derive(Args)]
pub struct InspectArgs {
    /// A recording's folder NAME.overt, or a data set's folder.
    pub path: PathBuf,
    /// For a recording: the folder with your own key, to see counts, times and applications too.
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// For a data set: write a page to look at it, in one file.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// On the page: only this episode, by its row in episodes.parquet, counted from 0.
    #[arg(long, value_name = "N", requires = "html")]
    pub episode: Option<usize>,
    /// On the page: how many steps have a picture, at some 40 kB each.
    #[arg(long, value_name = "N", requires = "html", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pub steps: u32,
}

#[derive(Args)]
pub struct VerifyArgs {
    /// A recording's folder NAME.overt, or a data set's folder.
    pub path: PathBuf,
    /// For a recording: the folder with your own key, to check the sealed content too.
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    #[command(flatten)]
    pub asked: AskedArgs,
}

#[derive(Args)]
pub struct CollectArgs {
    /// Released recordings: folders NAME.overt.
    #[arg(value_name = "RECORDING", required = true)]
    pub recordings: Vec<PathBuf>,
    /// The store's folder.
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
}

#[derive(Args)]
pub struct EraseArgs {
    /// The recording's id: recording_...
    #[arg(value_name = "RECORDING", required_unless_present = "overdue", conflicts_with = "overdue")]
    pub recording: Option<RecordingId>,
    /// All that is kept longer than its agreement says.
    #[arg(long, requires = "agreements", requires = "keys")]
    pub overdue: bool,
    /// The signed agreement that says it; may be given again for other versions.
    #[arg(long = "agreement", value_name = "FILE", requires = "overdue")]
    pub agreements: Vec<PathBuf>,
    /// The folder with the keys that are trusted to sign it.
    #[arg(long, value_name = "DIR", requires = "overdue")]
    pub keys: Option<PathBuf>,
    /// The store's folder.
    #[arg(long, value_name = "STORE")]
    pub from: PathBuf,
    /// Only this segment of it: segment_...; may be given again.
    #[arg(long = "segment", value_name = "SEGMENT", conflicts_with = "overdue")]
    pub segments: Vec<SegmentId>,
    /// Erase it. There is no way back.
    #[arg(long, required_unless_present = "dry_run", conflicts_with = "dry_run")]
    pub yes: bool,
    /// Say what would be erased, and erase nothing.
    #[arg(long)]
    pub dry_run: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_a_unit_and_a_positive_number() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7_200)));
        for bad in ["", "10", "m", "0s", "-1m", "1d", "99999999999999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}

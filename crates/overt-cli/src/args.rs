//! The words of the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use overt_event::{Level, Purpose};

/// Record how a computer is used, in agreed applications and on signed terms, and make training data of it.
#[derive(Parser)]
#[command(name = "overt", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
    /// Answer in JSON on standard output, for programs.
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum Verb {
    /// Am I being recorded, where, for what, and how do I stop it?
    Status(SocketArg),
    /// Terms: write, sign, check, and ask what would be recorded.
    #[command(subcommand)]
    Agreement(AgreementVerb),
    /// Opt in or out.
    #[command(subcommand)]
    Consent(ConsentVerb),
    /// Record this desktop, in the open, until Ctrl-C, `overt stop` or the end of --for.
    Record(RecordArgs),
    /// Pause the running recorder, without limit and without giving a reason.
    Pause(SocketArg),
    /// Let the running recorder go on.
    Resume(SocketArg),
    /// Erase what the running recorder has written of the last minutes, at once and for good.
    Forget(ForgetArgs),
    /// Stop the running recorder.
    Stop(SocketArg),
    /// What a recording holds: public facts to anyone, the content's shape to those with a key.
    Inspect(InspectArgs),
    /// Whether a recording is whole and unaltered.
    Verify(VerifyArgs),
    /// Make or show keys.
    #[command(subcommand)]
    Keys(KeysVerb),
    /// Approve exactly these bytes of a recording to leave this machine.
    Release(RecordingArg),
    /// Move a released recording into a content-addressed store.
    Collect(CollectArgs),
    /// Open recordings for one purpose, reduce them and write a version of a data set.
    Build(BuildArgs),
    /// Look at a data set.
    Show(ShowArgs),
    /// What this machine can capture, and what is missing.
    Doctor(DoctorArgs),
}

#[derive(Args)]
pub struct SocketArg {
    /// The recorder's control socket, where it is not the usual one.
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum AgreementVerb {
    /// Write an agreement to read, change and sign.
    New(AgreementNew),
    /// Sign it, in place, with the party's key.
    Sign(AgreementSign),
    /// Check its form and signature.
    Verify(AgreementVerify),
    /// Show its terms in words.
    Show(AgreementVerify),
    /// What would be recorded in a window of this program, and why.
    Explain(AgreementExplain),
}

#[derive(Args)]
pub struct AgreementNew {
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// An application as NAME=EXECUTABLE:WINDOW_CLASS:LEVEL (structure, masked or full); may be given again.
    #[arg(long = "app", value_name = "APP", required = true)]
    pub apps: Vec<AppSpec>,
    /// Its last day, YYYY-MM-DD.
    #[arg(long, value_name = "DAY")]
    pub ends: jiff::civil::Date,
    /// When pictures are taken.
    #[arg(long, value_enum, default_value_t = CadenceArg::OnAction)]
    pub cadence: CadenceArg,
    /// At most so many pictures a second (on-change).
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=30))]
    pub frames_per_sec: u32,
    /// One picture every so many seconds (periodic).
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub secs: u32,
    /// What the recordings may be used for; may be given again.
    #[arg(long = "purpose", value_enum, default_value = "train-agents")]
    pub purposes: Vec<PurposeArg>,
    /// The work is done by a script: input made by programs may be used for training.
    #[arg(long)]
    pub scripted: bool,
    /// The folder with the signing party's key (party.pub).
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

/// `NAME=EXECUTABLE:WINDOW_CLASS:LEVEL`.
#[derive(Clone)]
pub struct AppSpec {
    pub name: String,
    pub exe: String,
    pub class: String,
    pub level: Level,
}

impl std::str::FromStr for AppSpec {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let parts = s.split_once('=').map(|(name, rest)| (name, rest.split(':').collect::<Vec<_>>()));
        let Some((name, rest)) = parts else { return Err("expected NAME=EXECUTABLE:CLASS:LEVEL".into()) };
        let [exe, class, level] = rest[..] else {
            return Err("expected EXECUTABLE:CLASS:LEVEL after the name".into());
        };
        let level = match level {
            "structure" => Level::Structure,
            "masked" => Level::Masked,
            "full" => Level::Full,
            _ => return Err("the level is structure, masked or full".into()),
        };
        Ok(Self { name: name.into(), exe: exe.into(), class: class.into(), level })
    }
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum CadenceArg {
    OnChange,
    OnAction,
    Periodic,
    None,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum PurposeArg {
    TrainAgents,
    EvaluateAgents,
    SubjectAccess,
}

impl From<PurposeArg> for Purpose {
    fn from(p: PurposeArg) -> Self {
        match p {
            PurposeArg::TrainAgents => Self::TrainAgents,
            PurposeArg::EvaluateAgents => Self::EvaluateAgents,
            PurposeArg::SubjectAccess => Self::SubjectAccess,
        }
    }
}

#[derive(Args)]
pub struct AgreementSign {
    pub agreement: PathBuf,
    /// The folder with party.key.
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct AgreementVerify {
    pub agreement: PathBuf,
    /// The folder with the trusted party's key (party.pub).
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct AgreementExplain {
    pub agreement: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub consent: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// The program's executable.
    #[arg(long, value_name = "PATH")]
    pub exe: String,
    /// The window's class (WM_CLASS, the second part).
    #[arg(long)]
    pub class: String,
}

#[derive(Subcommand)]
pub enum ConsentVerb {
    /// Opt in: these applications of this agreement, and no others.
    Give(ConsentGive),
    /// Opt out, in one step: nothing more is recorded, and nothing recorded under it leaves.
    Withdraw(ConsentWithdraw),
    /// Show what was consented to.
    Show(ConsentFile),
}

#[derive(Args)]
pub struct ConsentGive {
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// An application by its name in the agreement, NAME or NAME=structure; may be given again.
    #[arg(long = "app", value_name = "NAME", required = true)]
    pub apps: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Args)]
pub struct ConsentFile {
    pub consent: PathBuf,
}

#[derive(Args)]
pub struct ConsentWithdraw {
    pub consent: PathBuf,
    /// The folder where recordings are kept; may be given again.
    #[arg(long, value_name = "DIR", required = true)]
    pub spool: Vec<PathBuf>,
}

#[derive(Args)]
pub struct RecordArgs {
    /// The signed agreement.
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    /// Your consent to it.
    #[arg(long, value_name = "FILE")]
    pub consent: PathBuf,
    /// The folder with the public keys (contributor.pub, study.pub, party.pub).
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// Where recordings are kept, sealed, until they are collected.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
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
pub struct RecordingArg {
    /// A recording: a folder NAME.overt.
    pub recording: PathBuf,
}

#[derive(Args)]
pub struct InspectArgs {
    pub recording: PathBuf,
    /// The folder with your own key, to see counts, times and applications too.
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
}

#[derive(Args)]
pub struct VerifyArgs {
    pub recording: PathBuf,
    /// The folder with your own key, to check the sealed content too.
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum KeysVerb {
    /// Make a contributor's key, a study's key and a party's signing key.
    Init(KeysArg),
    /// Show the public keys.
    Show(KeysArg),
}

#[derive(Args)]
pub struct KeysArg {
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct CollectArgs {
    pub recording: PathBuf,
    /// The store's folder.
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
}

#[derive(Args)]
pub struct BuildArgs {
    /// Stores of collected recordings.
    #[arg(required = true, value_name = "STORE")]
    pub stores: Vec<PathBuf>,
    #[arg(long, value_enum)]
    pub purpose: PurposeArg,
    /// The folder with the study's key.
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// The folder to write; it must not exist.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Why it is opened; it stands in the log.
    #[arg(long, default_value = "build a data set")]
    pub reason: String,
}

#[derive(Args)]
pub struct ShowArgs {
    /// A data set's folder.
    pub dataset: PathBuf,
    /// Write a picture of a few steps, each with its action drawn on the frame before it.
    #[arg(long, value_name = "FILE.png")]
    pub contact_sheet: Option<PathBuf>,
    /// How many steps the picture shows.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=48))]
    pub steps: u32,
}

#[derive(Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub socket: SocketArg,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_need_a_unit_and_a_positive_number() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7_200)));
        for bad in ["", "10", "m", "0s", "-1m", "1d", "99999999999999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}

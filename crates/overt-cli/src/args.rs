//! The words of the command line.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use overt_agreement::{ExemptionReason, Host, Most, TimeOfDay, Weekday};
use overt_dataset::SplitBy;
use overt_event::{AppName, Level, Purpose};
use overt_export::{Format, Space, Video};

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
    /// What a recording holds, or a data set: public facts to anyone, more to those with a key; a page to look at.
    Inspect(InspectArgs),
    /// Whether a recording or a data set is whole and unaltered, and whether a data set must be rebuilt.
    Verify(VerifyArgs),
    /// Make or show keys.
    #[command(subcommand)]
    Keys(KeysVerb),
    /// Approve exactly these bytes of a recording to leave this machine.
    Release(RecordingsArg),
    /// Move a released recording into a content-addressed store.
    Collect(CollectArgs),
    /// Bring somebody else's published recording into ours, under a licence that was signed for.
    Import(ImportArgs),
    /// Open recordings for one purpose, reduce them and write a version of a data set.
    Build(BuildArgs),
    /// Look at the steps of a data set: played in a terminal, as lines elsewhere, or as a picture.
    Show(ShowArgs),
    /// Write a data set in somebody else's format, and say what that cannot hold.
    Export(ExportArgs),
    /// Learn from a data set, to see what an agent learns from it.
    Train(TrainArgs),
    /// Let models act in a real browser and tell how often they succeed.
    Evaluate(EvaluateArgs),
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
    /// Check its form, its signatures, and what the law of its jurisdiction asks of it.
    Verify(AgreementVerify),
    /// Show its terms in words.
    Show(AgreementVerify),
    /// What one version allows that another does not, in plain words.
    Diff(AgreementDiff),
    /// Take something away, as one party: it counts wherever it is taken in.
    Narrow(AgreementNarrow),
    /// Take in a narrowing that a party signed.
    Take(AgreementTake),
    /// The notice that people have to be given, written from the signed text.
    Notice(AgreementNotice),
    /// What would be recorded of a window, and why.
    Explain(AgreementExplain),
}

#[derive(Args)]
pub struct AgreementDiff {
    pub old: PathBuf,
    pub new: PathBuf,
}

#[derive(Args)]
pub struct AgreementNarrow {
    pub agreement: PathBuf,
    /// The folder with the party's key.
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Nothing at all is recorded any more.
    #[arg(long)]
    pub stop: bool,
    /// An earlier last day.
    #[arg(long, value_name = "DAY")]
    pub ends: Option<jiff::civil::Date>,
    /// A lower level of an application, NAME=none or NAME=structure; may be given again.
    #[arg(long = "app", value_name = "NAME=LEVEL")]
    pub apps: Vec<AppMost>,
    /// Only this purpose is left; may be given again.
    #[arg(long = "only-purpose", value_enum)]
    pub purposes: Vec<PurposeArg>,
    /// Fewer pictures.
    #[arg(long, value_enum)]
    pub cadence: Option<CadenceArg>,
    /// At most so many pictures a second (on-change).
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=30))]
    pub frames_per_sec: u32,
    /// One picture every so many seconds (periodic).
    #[arg(long, default_value_t = 3_600, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub secs: u32,
    /// A site of which nothing is kept, such as mail.example.org; may be given again.
    #[arg(long = "no-site", value_name = "HOST", value_parser = host)]
    pub no_sites: Vec<Host>,
}

fn host(text: &str) -> Result<Host, String> {
    Host::try_from(text.to_owned()).map_err(str::to_owned)
}

/// `NAME=none|structure|masked|full`.
#[derive(Clone)]
pub struct AppMost {
    pub name: AppName,
    pub most: Most,
}

impl std::str::FromStr for AppMost {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let (name, most) = s.split_once('=').ok_or("expected NAME=LEVEL")?;
        let most = match most {
            "none" => Most::None,
            "structure" => Most::Structure,
            "masked" => Most::Masked,
            "full" => Most::Full,
            _ => return Err("the level is none, structure, masked or full".into()),
        };
        Ok(Self { name: AppName(name.into()), most })
    }
}

#[derive(Args)]
pub struct AgreementTake {
    pub narrowing: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct AgreementNotice {
    pub agreement: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// As a page to post or to send.
    #[arg(long, conflicts_with = "text")]
    pub html: bool,
    /// As plain text; this is so unless --html is given.
    #[arg(long)]
    pub text: bool,
}

#[derive(Args)]
pub struct AgreementNew {
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// An application as NAME=EXECUTABLE:WINDOW_CLASS:LEVEL (structure, masked or full); may be given again.
    #[arg(long = "app", value_name = "APP", required_unless_present = "import", conflicts_with = "import")]
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
    /// Not to record anyone, but to import published recordings of this format.
    #[arg(long, value_enum, value_name = "FORMAT", requires = "licence")]
    pub import: Option<FormatArg>,
    /// The licence of what is imported, and whose it is.
    #[arg(long, value_name = "TEXT", requires = "import")]
    pub licence: Option<String>,
    /// Keep imported keys although it is unknown what had the focus: a password may be among them.
    #[arg(long, requires = "import")]
    pub keys_without_focus: bool,
    /// Keep imported text as it was published, without looking for secrets in it.
    #[arg(long, requires = "import")]
    pub unfiltered: bool,
    /// How much of what is imported is kept (structure or full).
    #[arg(long, value_name = "LEVEL", default_value = "full", value_parser = level, requires = "import")]
    pub level: Level,
}

fn level(s: &str) -> Result<Level, String> {
    match s {
        "structure" => Ok(Level::Structure),
        "masked" => Ok(Level::Masked),
        "full" => Ok(Level::Full),
        _ => Err("the level is structure, masked or full".into()),
    }
}

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
        Ok(Self { name: name.into(), exe: exe.into(), class: class.into(), level: self::level(level)? })
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
    #[arg(long, value_name = "PATH", required_unless_present = "live")]
    pub exe: Option<String>,
    /// The window's class (WM_CLASS, the second part).
    #[arg(long, required_unless_present = "live")]
    pub class: Option<String>,
    /// The host of the document it shows; unknown unless given.
    #[arg(long)]
    pub host: Option<String>,
    /// It is a private-browsing window.
    #[arg(long)]
    pub private: bool,
    /// Tell about the window that has the focus, and again whenever another one has, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["exe", "class", "host", "private"])]
    pub live: bool,
    /// With --live: only about the one that has it at this moment.
    #[arg(long, requires = "live")]
    pub once: bool,
}

#[derive(Subcommand)]
pub enum ConsentVerb {
    /// Opt in: these applications of this agreement, and no others.
    Give(ConsentGive),
    /// Opt out, in one step: nothing more is recorded, and nothing recorded under it leaves.
    Withdraw(ConsentWithdraw),
    /// Show what was consented to.
    Show(ConsentFile),
    /// Write a signed receipt of it, to keep and to show.
    Receipt(ConsentReceipt),
    /// Take an application out for good, whatever is agreed now or later.
    Never(ConsentNever),
    /// Hours of your own in which nothing is recorded.
    Quiet(ConsentQuiet),
    /// Ask not to be recorded for a time, with or without a reason.
    #[command(subcommand)]
    Exempt(ExemptVerb),
}

#[derive(Args)]
pub struct ConsentReceipt {
    pub consent: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Args)]
pub struct ConsentNever {
    /// An application by the name agreements give it; may be given again.
    #[arg(long = "app", value_name = "NAME", required = true)]
    pub apps: Vec<String>,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct ConsentQuiet {
    /// On these days, such as mon,tue,wed.
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    pub days: Vec<DayArg>,
    /// HH:MM.
    #[arg(long, value_parser = time_of_day)]
    pub from: TimeOfDay,
    /// HH:MM; where it is not after --from, on the following day.
    #[arg(long, value_parser = time_of_day)]
    pub to: TimeOfDay,
    /// The place whose clock counts, such as Europe/Berlin.
    #[arg(long)]
    pub zone: String,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

fn time_of_day(text: &str) -> Result<TimeOfDay, String> {
    TimeOfDay::try_from(text.to_owned()).map_err(str::to_owned)
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DayArg {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<DayArg> for Weekday {
    fn from(day: DayArg) -> Self {
        match day {
            DayArg::Mon => Self::Mon,
            DayArg::Tue => Self::Tue,
            DayArg::Wed => Self::Wed,
            DayArg::Thu => Self::Thu,
            DayArg::Fri => Self::Fri,
            DayArg::Sat => Self::Sat,
            DayArg::Sun => Self::Sun,
        }
    }
}

#[derive(Subcommand)]
pub enum ExemptVerb {
    /// Ask. Nothing is recorded from this moment until it is decided.
    Ask(ExemptAsk),
    /// How it stands.
    Show(KeysArg),
    /// As a party: grant it until a day, or refuse it and say why.
    Decide(ExemptDecide),
    /// As another party: sign a decision on an appeal, which needs all of them.
    Countersign(ExemptSign),
    /// Take in the decision.
    Take(ExemptTake),
    /// Ask all parties again after a refusal. Nothing is recorded until they have decided.
    Appeal(ExemptAppeal),
    /// Be recorded again.
    End(KeysArg),
}

#[derive(Args)]
pub struct ExemptAsk {
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// Why; nobody has to say.
    #[arg(long, value_enum, default_value_t = ReasonArg::NoReason)]
    pub reason: ReasonArg,
    /// The last day that is asked for; without one, as long as the agreement.
    #[arg(long, value_name = "DAY")]
    pub until: Option<jiff::civil::Date>,
    /// The request, to hand to the parties; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ReasonArg {
    SensitiveWork,
    Bandwidth,
    Disability,
    NoReason,
}

impl From<ReasonArg> for ExemptionReason {
    fn from(reason: ReasonArg) -> Self {
        match reason {
            ReasonArg::SensitiveWork => Self::SensitiveWork,
            ReasonArg::Bandwidth => Self::Bandwidth,
            ReasonArg::Disability => Self::Disability,
            ReasonArg::NoReason => Self::NoReason,
        }
    }
}

#[derive(Args)]
pub struct ExemptDecide {
    pub request: PathBuf,
    /// The folder with the party's key.
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// Granted, until this day is over.
    #[arg(long, value_name = "DAY", conflicts_with = "refuse", required_unless_present = "refuse")]
    pub until: Option<jiff::civil::Date>,
    /// Refused, because of this.
    #[arg(long, value_name = "WHY")]
    pub refuse: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Args)]
pub struct ExemptSign {
    pub decision: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct ExemptTake {
    pub decision: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct ExemptAppeal {
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// The appeal, to hand to the parties; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
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
    /// For a data set: a store, to find out whether anything it was made of was erased. May be given again.
    #[arg(long, value_name = "DIR")]
    pub store: Vec<PathBuf>,
    /// For a data set, beside --store: a spool where consents were withdrawn. May be given again.
    #[arg(long, value_name = "DIR", requires = "store")]
    pub spool: Vec<PathBuf>,
}

#[derive(Subcommand)]
pub enum KeysVerb {
    /// Make a contributor's key, a study's key and a party's signing key.
    Init(KeysArg),
    /// Show the public keys.
    Show(KeysArg),
    /// Trust the key of another party, such as your works council.
    Trust(KeysTrust),
}

#[derive(Args)]
pub struct KeysTrust {
    /// The key, as `overt keys show` tells it there.
    pub key: String,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct KeysArg {
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
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
    #[arg(long, value_name = "N")]
    pub episodes: Option<u64>,
    /// Make the data worse first, to compare.
    #[arg(long, value_enum, default_value = "none")]
    pub degrade: DegradeArg,
    /// The model's file; its card is written beside it.
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,
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
    /// Learn from so many episodes, or from `all`; may be given again.
    #[arg(long = "size", value_name = "N", default_values = ["all"], value_parser = size)]
    pub sizes: Vec<Size>,
    /// Try what this does to the data as well; may be given again.
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
    Frequent,
    /// What most often followed the last two deeds.
    Ngram,
    /// Ranks elements by plain features.
    Ranker,
    /// Ranks them by what a small transformer finds.
    Attention,
    /// Ranks them by all features.
    Fuller,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum DegradeArg {
    None,
    /// Learn each step with what was there after it.
    AfterAction,
    /// Every event 300 ms late.
    Late,
    /// One step in five is missing.
    DropFifth,
    /// No roles, names and states.
    NoAccessibility,
    /// No rests of the pointer.
    NoHover,
    /// Learn from what failed as well.
    KeepFailed,
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

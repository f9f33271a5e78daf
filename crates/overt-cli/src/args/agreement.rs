//! Words about terms.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use overt_agreement::{Host, Most};
use overt_event::{AppName, Level, Purpose};

use super::FormatArg;

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

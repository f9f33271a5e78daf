//! Words about opting in and out.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use overt_agreement::{ExemptionReason, TimeOfDay, Weekday};

use super::KeysArg;

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

//! The words of the command line.

mod agreement;
mod consent;
mod recording;
mod study;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use self::agreement::*;
pub use self::consent::*;
pub use self::recording::*;
pub use self::study::*;

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
    /// Tell the running recorder that a task begins or ends, or how it went.
    #[command(subcommand)]
    Mark(MarkVerb),
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
    /// Erase a collected recording, or segments of it, from a store, and let its data sets know.
    Erase(EraseArgs),
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
    /// Let a model act in one window of an agreed application, in your sight, until you stop it. The agreement has to
    /// name the purpose evaluate-agents.
    Act(ActArgs),
    /// What this machine can capture, and what is missing.
    Doctor(DoctorArgs),
}

/// The papers of one recording, or of an agent at work.
#[derive(Clone, Args)]
pub struct Papers {
    /// The signed agreement.
    #[arg(long, value_name = "FILE")]
    pub agreement: PathBuf,
    /// Your consent to it.
    #[arg(long, value_name = "FILE")]
    pub consent: PathBuf,
    /// The folder with the public keys (contributor.pub, study.pub, party.pub).
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct SocketArg {
    /// The recorder's control socket, where it is not the usual one.
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum KeysVerb {
    /// Make a contributor's key, a study's key and a party's signing key.
    Init(KeysArg),
    /// Show the public keys.
    Show(KeysArg),
    /// Trust the key of another party, such as your works council.
    Trust(KeysTrust),
    /// Record for another's study: what is recorded from now on can be opened by it, and by yourself.
    Study(KeysStudy),
}

#[derive(Args)]
pub struct KeysTrust {
    /// The key, as `overt keys show` tells it there.
    pub key: String,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct KeysStudy {
    /// The study's public key: the file study.pub that it gave you.
    #[arg(value_name = "FILE")]
    pub public: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
}

#[derive(Args)]
pub struct KeysArg {
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
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
}

//! What keeps a source from being imported.

use thiserror::Error;

/// Why nothing was imported, or not all. It never repeats what stood in the source.
#[derive(Debug, Error)]
pub enum ImportError {
    #[error("{file}, line {line}: {problem}. Correct the line, or leave the recording out")]
    Line { file: &'static str, line: u64, problem: &'static str },
    #[error("{file}, byte {byte}: {problem}. Get the file again, or leave the recording out")]
    Byte { file: &'static str, byte: u64, problem: &'static str },
    #[error("{file}, picture {picture}: {problem}. Get the recording again, or import without --frames")]
    Picture { file: &'static str, picture: u64, problem: &'static str },
    #[error("{file} {problem}. Get the recording again, or leave it out")]
    File { file: &'static str, problem: &'static str },
    #[error(transparent)]
    Filter(#[from] overt_filter::FilterError),
    #[error("{file} could not be read. Check that it is there and that you may read it")]
    Read { file: &'static str, source: std::io::Error },
    #[error("{file} has more than {max_bytes} bytes. Import it in parts")]
    TooLarge { file: &'static str, max_bytes: u64 },
    #[error("the recording has more than {max} events. Import it in parts")]
    TooManyEvents { max: usize },
    #[error("the agreement is for importing {agreed}, not {got}. Have one signed that names this source")]
    OtherSource { agreed: String, got: &'static str },
    #[error(
        "{program} could not be run, so the video cannot be read. Install Debian's ffmpeg, or import without --frames"
    )]
    NoDecoder { program: &'static str, source: std::io::Error },
    #[error(
        "the receipt that stands for this agreement's licence was withdrawn, so nothing is imported under it"
    )]
    Withdrawn,
    #[error(
        "the import lost count of what it read, so the recording is marked incomplete. It has a fault; report it"
    )]
    Unreconciled,
    #[error("there is no random number source, so nothing can be encrypted. Check the system")]
    NoRandomness,
    #[error(transparent)]
    Agreement(#[from] overt_agreement::AgreementError),
    #[error(transparent)]
    Terms(#[from] overt_agreement::TermsError),
    #[error(transparent)]
    Spool(#[from] overt_spool::SpoolError),
    #[error(transparent)]
    Pen(#[from] overt_pen::PenError),
}

impl ImportError {
    /// Whether trying the same again later is pointless.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Spool(error) => error.is_permanent(),
            Self::Pen(error) => error.is_permanent(),
            _ => true,
        }
    }
}

//! The formats that can be read.

use std::path::Path;

use crate::error::ImportError;
use crate::telling::Telling;
use crate::{agentnet, csv, ducktrack, miniwob, owamcap, rrweb};

/// A format of docs/spec/import.md, section 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    AgentNet,
    Csv,
    DuckTrack,
    MiniWob,
    Owamcap,
    Rrweb,
}

impl Format {
    /// Its name in agreements and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::AgentNet => "agentnet",
            Self::Csv => "csv",
            Self::DuckTrack => "ducktrack",
            Self::MiniWob => "miniwob",
            Self::Owamcap => "owamcap",
            Self::Rrweb => "rrweb",
        }
    }

    /// Reads one recording whole. With `frames`, also where its video is.
    ///
    /// Errors: [`ImportError`] with the line or byte at which it does not read.
    pub fn read(self, src: &Path, frames: bool) -> Result<Telling, ImportError> {
        match self {
            Self::AgentNet => agentnet::read(src, frames),
            Self::Csv => csv::read(src),
            Self::DuckTrack => ducktrack::read(src, frames),
            Self::MiniWob => miniwob::read(src),
            Self::Owamcap => owamcap::read(src, frames),
            Self::Rrweb => rrweb::read(src),
        }
    }
}

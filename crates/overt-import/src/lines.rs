//! Files within limits, and lines with their numbers.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::ImportError;

/// Bytes of a file, at most.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Bytes of a line, at most.
const LINE_BYTES_MAX: usize = 16 << 20;

/// The bytes of a file that the format calls `file`.
pub(crate) fn bytes(path: &Path, file: &'static str) -> Result<Vec<u8>, ImportError> {
    let opened = File::open(path).map_err(|source| ImportError::Read { file, source })?;
    within_limit(opened, file)
}

/// All that there is to read, unless it is too much: a small file can unpack to a large one.
pub(crate) fn within_limit(from: impl Read, file: &'static str) -> Result<Vec<u8>, ImportError> {
    let mut all = Vec::new();
    let read = from.take(FILE_BYTES_MAX + 1).read_to_end(&mut all);
    let len_bytes = read.map_err(|source| ImportError::Read { file, source })? as u64;
    if len_bytes > FILE_BYTES_MAX {
        return Err(ImportError::TooLarge { file, max_bytes: FILE_BYTES_MAX });
    }
    Ok(all)
}

/// The text of a file; where it is no UTF-8, the error has the byte.
pub(crate) fn text(path: &Path, file: &'static str) -> Result<String, ImportError> {
    String::from_utf8(bytes(path, file)?).map_err(|e| {
        let byte = e.utf8_error().valid_up_to() as u64;
        ImportError::Byte { file, byte, problem: "is not UTF-8" }
    })
}

/// Lines with their numbers from 1; empty ones are left out.
pub(crate) fn numbered(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

/// One JSON value of a line.
pub(crate) fn json<T: DeserializeOwned>(file: &'static str, line: u64, text: &str) -> Result<T, ImportError> {
    if text.len() > LINE_BYTES_MAX {
        return Err(ImportError::Line { file, line, problem: "is longer than 16 MiB" });
    }
    serde_json::from_str(text).map_err(|e| ImportError::Line { file, line, problem: fault(&e) })
}

/// One JSON value that is a whole file. The error has the line.
pub(crate) fn whole_json<T: DeserializeOwned>(file: &'static str, text: &[u8]) -> Result<T, ImportError> {
    serde_json::from_slice(text).map_err(|e| fault_in(file, 1, &e))
}

/// What is wrong with a JSON text that begins in this line.
pub(crate) fn fault_in(file: &'static str, line: u64, error: &serde_json::Error) -> ImportError {
    let line = line + (error.line() as u64).saturating_sub(1);
    ImportError::Line { file, line, problem: fault(error) }
}

/// Problems that readers of single members tell, so that they have the member's line.
pub(crate) const BAD_TIME: &str = "the time is before 0, or beyond any clock";
pub(crate) const NO_SCREEN: &str = "it names no screen that there can be";

fn fault(error: &serde_json::Error) -> &'static str {
    let told = error.to_string();
    if let Some(problem) = [BAD_TIME, NO_SCREEN].into_iter().find(|problem| told.starts_with(problem)) {
        return problem;
    }
    // It has no category of its own.
    if told.starts_with("recursion limit exceeded") {
        return "the JSON is nested too deeply";
    }
    match error.classify() {
        serde_json::error::Category::Data => "a member is missing, or is not of its kind",
        serde_json::error::Category::Eof => "the JSON ends too early",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "this is not JSON",
    }
}

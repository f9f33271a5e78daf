//! `overt verify`: is a recording whole, unaltered and within its terms?

use std::path::Path;

use anyhow::Result;
use overt_format::{RecipientKind, RecordingDir};
use overt_unseal::{Grant, Problem, SubjectAccess, verify_public, verify_sealed};
use serde::Serialize;

use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::output::Output;
use crate::verbs::inspect::{access_log, recording_dir};
use crate::verbs::keys::KeyFolder;

#[derive(Serialize)]
struct Verified {
    ok: bool,
    /// The sealed content was decrypted and counted too.
    content_checked: bool,
    segments: u32,
    len_bytes: u64,
    released: bool,
    problems: Vec<String>,
}

pub fn run(args: &VerifyArgs, output: Output) -> Result<Exit> {
    let dir = recording_dir(&args.recording)?;
    let public = verify_public(&dir)?;
    let mut problems: Vec<String> = public.problems.iter().map(in_words).collect();
    // What is not even well-formed is not worth a key.
    let keys = args.keys.as_deref().filter(|_| problems.is_empty());
    if let Some(keys) = keys {
        problems.extend(sealed_problems(&dir, keys)?);
    }
    let verified = Verified {
        ok: problems.is_empty(),
        content_checked: keys.is_some(),
        segments: public.segments,
        len_bytes: public.len_bytes,
        released: public.released,
        problems,
    };
    output.answer(&verified, &verified.in_words())?;
    Ok(if verified.ok { Exit::Done } else { Exit::Failed })
}

fn sealed_problems(dir: &RecordingDir, keys: &Path) -> Result<Vec<String>> {
    let folder = KeyFolder(keys);
    let own = folder.own(RecipientKind::Contributor)?;
    let who = folder.public(RecipientKind::Contributor)?.id().to_string();
    let grant = Grant::<SubjectAccess>::new(who, "verify my own recording");
    let report = verify_sealed(dir, &grant, &own, &mut access_log(keys)?)?;
    Ok(report.problems.iter().map(in_words).collect())
}

fn in_words(problem: &Problem) -> String {
    match problem {
        Problem::ReleaseDoesNotFit => {
            "The release approves something else than this recording. Look at it and release it again.".into()
        }
        Problem::Open => {
            "The recording is still open, or its recorder died. Start `overt record` once to recover it."
                .into()
        }
        Problem::Segment { sequence, fault } => format!("Segment {sequence}: {fault}."),
    }
}

impl Verified {
    fn in_words(&self) -> String {
        if !self.ok {
            return format!("The recording is NOT as it should be:\n  {}", self.problems.join("\n  "));
        }
        let content = if self.content_checked {
            "every frame decrypted and every count agrees"
        } else {
            "form, checksums and digests agree; with --keys the content is checked too"
        };
        format!(
            "The recording is whole and unaltered: {} segments, {} bytes; {content}.",
            self.segments, self.len_bytes
        )
    }
}

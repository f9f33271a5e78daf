//! `overt verify`: is a recording whole, unaltered and within its terms? Is a data set, and may it still be used?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use overt_dataset::{MANIFEST_FILE, Manifest, Standing, mark_must_rebuild, same_terms, standing, usable};
use overt_event::SegmentId;
use overt_format::{RecipientKind, RecordingDir};
use overt_unseal::{Grant, Problem, SubjectAccess, verify_public, verify_sealed};
use serde::Serialize;

use crate::args::{AskedArgs, VerifyArgs};
use crate::clock;
use crate::exit::Exit;
use crate::holdings::Holdings;
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
    if args.path.join(MANIFEST_FILE).exists() { dataset(args, output) } else { recording(args, output) }
}

#[derive(Serialize)]
struct VerifiedDataset {
    ok: bool,
    version: u32,
    rows: u64,
    /// `None` when no store was asked.
    must_rebuild: Option<bool>,
    /// Segments that it was made of and that are kept no longer.
    erased: BTreeSet<SegmentId>,
}

/// What was erased or taken back since the version was made, the stores know and the version does not: before anything is made of it
/// they are asked, where they are named.
pub fn ask_first<'a>(
    datasets: impl IntoIterator<Item = &'a PathBuf>,
    asked: &AskedArgs,
    output: Output,
) -> Result<()> {
    let Some(holdings) = asked.holdings()? else {
        output.say("No store was asked whether all that it was made of is still kept. Name it: --store.");
        return Ok(());
    };
    for dataset in datasets {
        ask(dataset, &Manifest::read(dataset)?, &holdings)?.check()?;
    }
    Ok(())
}

/// Asks the stores whether all that a data set was made of is still kept, under the terms that its manifest tells.
/// What must be rebuilt is marked. A store that never knew a recording cannot tell, and that marks nothing.
pub fn ask(dataset: &Path, manifest: &Manifest, holdings: &Holdings) -> Result<Standing> {
    for note in &manifest.recordings {
        ensure!(
            holdings.knows(note.recording)?,
            "These stores know nothing of {}, which this data set was made of. Name the store that it was built from: --store.",
            note.recording
        );
    }
    let standing = standing(manifest, |r, s| holdings.keeps(r, s))?;
    if standing.must_rebuild() {
        mark_must_rebuild(dataset, &standing)?;
    }
    for note in &manifest.recordings {
        if let Some(kept) = holdings.recording(note.recording)? {
            same_terms(note, kept.facts())?;
        }
    }
    Ok(standing)
}

impl AskedArgs {
    /// `None` where no store is named.
    pub fn holdings(&self) -> Result<Option<Holdings>> {
        (!self.store.is_empty()).then(|| Holdings::open(&self.store, &self.spool)).transpose()
    }
}

/// Looks at the files, and with a store at what they were made of.
fn dataset(args: &VerifyArgs, output: Output) -> Result<Exit> {
    let manifest = usable(&args.path, &clock::today())?;
    let holdings = args.asked.holdings()?;
    let standing = holdings.map(|h| ask(&args.path, &manifest, &h)).transpose()?;
    let verified = VerifiedDataset {
        ok: !standing.as_ref().is_some_and(Standing::must_rebuild),
        version: manifest.version,
        rows: manifest.rows,
        must_rebuild: standing.as_ref().map(Standing::must_rebuild),
        erased: standing.map(|s| s.erased).unwrap_or_default(),
    };
    output.answer(&verified, &verified.in_words())?;
    Ok(if verified.ok { Exit::Done } else { Exit::Failed })
}

impl VerifiedDataset {
    fn in_words(&self) -> String {
        match self.must_rebuild {
            Some(true) => format!(
                "The data set must be rebuilt: {} segments that it was made of are kept no longer. It is marked, and is \
                 neither exported nor trained on any more.\nNext: overt build --rebuild DS --out NEXT",
                self.erased.len()
            ),
            Some(false) => format!(
                "The data set is whole and unaltered, and all that it was made of is kept: {} steps.",
                self.rows
            ),
            None => format!(
                "The data set is whole and unaltered: {} steps. With --store it is found out whether anything it was \
                 made of was erased.",
                self.rows
            ),
        }
    }
}

fn recording(args: &VerifyArgs, output: Output) -> Result<Exit> {
    let dir = recording_dir(&args.path)?;
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

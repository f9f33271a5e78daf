//! `overt inspect`: of a recording public facts to anyone; counts, times, applications, gaps and losses to the owner.
//! Of a data set what its manifest says, and a page to look at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use overt_dataset::{MANIFEST_FILE, Manifest};
use overt_event::{AppName, Gap, MonoNanos, Record, RecordBody, SecretKind};
use overt_format::{RecipientKind, RecordingDir, RecordingFacts, RecordingState, record_kind};
use overt_unseal::{AccessLog, Grant, Opened, SubjectAccess, open};
use serde::Serialize;

use crate::args::InspectArgs;
use crate::clock;
use crate::exit::Exit;
use crate::files;
use crate::output::Output;
use crate::page::look::Look;
use crate::page::page;
use crate::verbs::keys::KeyFolder;

#[derive(Serialize)]
struct Inspection<'a> {
    public: &'a RecordingFacts,
    released: bool,
    /// Only with the owner's key.
    content: Option<Content>,
}

/// What the owner's key shows of the content, without the content itself.
#[derive(Default, Serialize)]
struct Content {
    seconds: f64,
    records: BTreeMap<&'static str, u64>,
    pictures: u64,
    applications: BTreeSet<AppName>,
    /// By reason, as often as it occurred.
    gaps: BTreeMap<String, u64>,
    /// Changes of pace, by pace and reason.
    paces: BTreeMap<String, u64>,
    events_lost: u64,
    /// Told of by applications that did not describe them.
    changes_unanswered: u64,
    /// By kind, as the last whole segment tells it.
    filtered: BTreeMap<SecretKind, u64>,
    injected: u64,
    segments_torn: u64,
    #[serde(skip)]
    span: Option<(MonoNanos, MonoNanos)>,
}

/// Reads a recording's public files.
pub fn recording_dir(path: &Path) -> Result<RecordingDir> {
    RecordingDir::local(path)
        .context("The recording could not be read. Name a folder NAME.overt that `overt record` made.")
}

/// The log of openings lies beside the key that opens.
pub fn access_log(keys: &Path) -> Result<AccessLog> {
    Ok(AccessLog::open(&keys.join("openings.jsonl"))?)
}

pub fn run(args: &InspectArgs, output: Output) -> Result<Exit> {
    if args.path.join(MANIFEST_FILE).exists() { dataset(args, output) } else { recording(args, output) }
}

fn dataset(args: &InspectArgs, output: Output) -> Result<Exit> {
    let manifest = Manifest::read(&args.path)?;
    let version = overt_format::sha256(&std::fs::read(args.path.join(MANIFEST_FILE))?).to_string();
    if let Some(file) = &args.html {
        let bar = output.bar(u64::from(args.steps), "steps");
        let look = Look::at(&args.path, args.episode, args.steps as usize, &|| bar.inc(1))?;
        bar.finish_and_clear();
        files::replace(file, page(&look, &version).as_bytes(), "page")?;
        output.say("The page holds what the data set holds: keep it as you keep the data set.");
    }
    let words = format!(
        "Data set   {version}\nSteps      {} in {} episodes of {} recordings\nPurpose    {:?}\nSplits     {}\n\
         More: DATASHEET.md, or overt inspect DS --html FILE",
        manifest.rows,
        manifest.episodes,
        manifest.recordings.len(),
        manifest.purpose,
        manifest.splits.iter().map(|(name, n)| format!("{n} {name}")).collect::<Vec<_>>().join(", "),
    );
    output.answer(&manifest, &words)?;
    Ok(Exit::Done)
}

fn recording(args: &InspectArgs, output: Output) -> Result<Exit> {
    let dir = recording_dir(&args.path)?;
    let content = args.keys.as_deref().map(|keys| content(&dir, keys, output)).transpose()?;
    let inspection = Inspection { public: dir.facts(), released: dir.release().is_some(), content };
    output.answer(&inspection, &in_words(&inspection))?;
    Ok(if dir.facts().state == RecordingState::Complete { Exit::Done } else { Exit::DoneWithLoss })
}

fn content(dir: &RecordingDir, keys: &Path, output: Output) -> Result<Content> {
    let folder = KeyFolder(keys);
    let own = folder.own(RecipientKind::Contributor)?;
    let who = folder.public(RecipientKind::Contributor)?.id().to_string();
    let grant = Grant::<SubjectAccess>::new(who, "inspect my own recording");
    let opened = open(dir, &grant, &own, &mut access_log(keys)?)?;
    count(opened, output)
}

fn count(mut opened: Opened<SubjectAccess>, output: Output) -> Result<Content> {
    let mut content = Content { segments_torn: opened.torn().count() as u64, ..Content::default() };
    let bar = output.bar(opened.segments().len() as u64, "segments");
    let mut last = None;
    for item in opened.by_ref() {
        let item = item?;
        if last.replace(item.segment) != Some(item.segment) {
            bar.inc(1);
        }
        content.count(&item.stored.record, item.stored.pixels.is_some());
    }
    bar.finish_and_clear();
    content.filtered = opened.trailers().last().map(|t| t.flow.filtered.clone()).unwrap_or_default();
    if let Some((begin, end)) = content.span {
        content.seconds = (end.since(begin) / 1_000_000) as f64 / 1_000.0;
    }
    Ok(content)
}

impl Content {
    fn count(&mut self, record: &Record, has_pixels: bool) {
        *self.records.entry(record_kind(&record.body)).or_default() += 1;
        self.pictures += u64::from(has_pixels);
        self.injected += u64::from(record.injected);
        self.applications.extend(record.app.clone());
        let (begin, end) = self.span.unwrap_or((record.time, record.time));
        self.span = Some((begin.min(record.time), end.max(record.time)));
        match &record.body {
            RecordBody::Gap { gap, .. } => self.count_gap(gap),
            RecordBody::Pace(change) => *self.paces.entry(crate::pace::in_words(*change)).or_default() += 1,
            _ => {}
        }
    }

    fn count_gap(&mut self, gap: &Gap) {
        let reason = match gap {
            Gap::Paused => "paused".to_owned(),
            Gap::Held { why } => format!("held: {why:?}"),
            Gap::Forgotten => "forgotten".to_owned(),
            Gap::Denied { rule } => format!("denied: {rule:?}"),
            Gap::Lost { count } => {
                self.events_lost += count;
                "events lost".to_owned()
            }
            Gap::Unanswered { count } => {
                self.changes_unanswered += count;
                "changes not described by their application".to_owned()
            }
            Gap::Locked => "display locked".to_owned(),
            Gap::Suspended { .. } => "machine suspended".to_owned(),
            Gap::SourceGone { source } => format!("source gone: {source}"),
        };
        *self.gaps.entry(reason).or_default() += 1;
    }
}

fn in_words(i: &Inspection<'_>) -> String {
    let f = i.public;
    let state = match f.state {
        RecordingState::Open => "open (its recorder is at work, or died)".to_owned(),
        RecordingState::Complete => "complete".to_owned(),
        RecordingState::Incomplete { why } => format!("incomplete: {why:?}"),
    };
    let bytes: u64 = f.segments.iter().map(|s| s.len_bytes).sum();
    let mut text = format!(
        "Recording  {}\nState      {state}{}\nDay        {}\nLevel      {:?}, pictures {}\nPurposes   {}\nSealed     {} segments, {bytes} bytes",
        f.recording,
        if i.released { ", released" } else { "" },
        clock::date(f.day),
        f.level,
        f.cadence,
        f.purposes.iter().map(|p| format!("{p:?}")).collect::<Vec<_>>().join(", "),
        f.segments.len(),
    );
    match &i.content {
        Some(content) => text += &content.in_words(),
        None => text += "\nMore with your own key: overt inspect REC --keys DIR",
    }
    text
}

impl Content {
    fn in_words(&self) -> String {
        let list =
            |m: &BTreeMap<_, u64>| m.iter().map(|(k, n)| format!("{n} {k}")).collect::<Vec<_>>().join(", ");
        let times = |m: &BTreeMap<String, u64>| {
            let times: Vec<String> = m.iter().map(|(k, n)| format!("{n} x {k}")).collect();
            if times.is_empty() { "none".to_owned() } else { times.join(", ") }
        };
        let none = |s: String| if s.is_empty() { "none".to_owned() } else { s };
        format!(
            "\nLength     {:.1} s\nHolds      {}\nPictures   {}\nIn         {}\nGaps       {}\nPace       {}\nLost       {} events\nFiltered   {}",
            self.seconds,
            list(&self.records),
            self.pictures,
            none(self.applications.iter().map(|a| &*a.0).collect::<Vec<_>>().join(", ")),
            times(&self.gaps),
            times(&self.paces),
            self.events_lost,
            crate::output::filtered(&self.filtered),
        )
    }
}

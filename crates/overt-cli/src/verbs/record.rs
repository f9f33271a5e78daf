//! `overt record`: this desktop, in the open.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use overt_event::{PaceReason, SecretKind};
use overt_format::RecipientKind;
use overt_recorder::{Ended, RecordConfig, RecordError, Started, Why, record};
use overt_spool::Limits;
use serde::Serialize;

use crate::args::RecordArgs;
use crate::exit::{Exit, Fault};
use crate::files;
use crate::output::Output;
use crate::verbs::control;
use crate::verbs::keys::KeyFolder;

/// What programs are told, a line at the start and one at the end.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Told {
    Recording {
        recording: String,
        path: std::path::PathBuf,
        accessibility: bool,
        pause_key: Option<&'static str>,
        held: Option<PaceReason>,
        overdue_deleted: u32,
    },
    Ended {
        recording: String,
        path: std::path::PathBuf,
        why: &'static str,
        records: u64,
        pictures: u64,
        segments: u32,
        sealed_bytes: u64,
        received: u64,
        kept: u64,
        lost: u64,
        filtered: BTreeMap<SecretKind, u64>,
    },
}

pub fn run(args: &RecordArgs, output: Output) -> Result<Exit> {
    let config = config(args)?;
    let ended = record(&config, |started| tell_start(started, args.for_, output)).map_err(with_exit)?;
    tell_end(&ended, output)?;
    Ok(if ended.flow.lost > 0 { Exit::DoneWithLoss } else { Exit::Done })
}

/// What may go better later has an exit code of its own.
fn with_exit(error: RecordError) -> anyhow::Error {
    if error.is_permanent() {
        return error.into();
    }
    Fault { exit: Exit::TryLater, message: error.to_string() }.into()
}

fn config(args: &RecordArgs) -> Result<RecordConfig> {
    let papers = &args.papers;
    let keys = KeyFolder(&papers.keys);
    let terms = papers.terms_to_record()?;
    Ok(RecordConfig {
        unchanged: papers.watch(terms.clone()),
        terms,
        contributor: keys.recipient(RecipientKind::Contributor)?,
        study: Some(keys.recipient(RecipientKind::Study)?),
        dictionary: files::dictionary(args.dictionary.as_deref())?,
        out: args.out.clone(),
        limits: Limits { bytes_max: args.spool_max << 20, free_bytes_min: args.keep_free << 20 },
        for_: args.for_,
        socket: control::socket(&args.socket)?,
        display: None,
    })
}

fn tell_start(started: &Started, for_: Option<Duration>, output: Output) {
    let told = Told::Recording {
        recording: started.recording.to_string(),
        path: started.path.clone(),
        accessibility: !started.without_accessibility,
        pause_key: started.pause_key,
        held: started.held,
        overdue_deleted: started.overdue_deleted,
    };
    if started.without_accessibility {
        output.say(
            "There is no accessibility bus: no elements are recorded, and no keys, because it is unknown where they go.\n\
             `overt doctor` says what is missing.",
        );
    }
    if let Some(why) = started.held {
        let reason = crate::pace::reason(why);
        output.say(&format!("It is held for now, {reason}, and goes on by itself when the budget allows."));
    }
    if started.overdue_deleted > 0 {
        let n = started.overdue_deleted;
        output.say(&format!(
            "{n} of your recordings were older than the agreement lets them be kept. They were deleted."
        ));
    }
    let pause = started.pause_key.map_or("`overt pause`".to_owned(), |key| format!("{key} or `overt pause`"));
    let end = for_.map_or(String::new(), |d| format!(" It ends by itself after {} s.", d.as_secs()));
    let words = format!(
        "Recording, until Ctrl-C or `overt stop`.{end} To pause: {pause}. What is recorded where: `overt status`.\n{}",
        started.path.display()
    );
    // Nobody may be listening; the indicator says the same to the person at the screen.
    let _ = output.answer(&told, &words);
}

fn tell_end(ended: &Ended, output: Output) -> Result<()> {
    let w = &ended.written;
    let told = Told::Ended {
        recording: ended.recording.to_string(),
        path: ended.path.clone(),
        why: reason(ended.why),
        records: w.records,
        pictures: w.pictures,
        segments: w.segments,
        sealed_bytes: w.sealed_bytes,
        received: ended.flow.received,
        kept: ended.flow.kept,
        lost: ended.flow.lost,
        filtered: ended.flow.filtered.clone(),
    };
    let words = format!(
        "Recording ended ({}): {} records, {} pictures, {} bytes sealed, {} events lost. Filtered: {}.\n\
         Look at it: overt inspect. Let it leave: overt release.",
        reason(ended.why),
        w.records,
        w.pictures,
        w.sealed_bytes,
        ended.flow.lost,
        crate::output::filtered(&ended.flow.filtered),
    );
    output.answer(&told, &words)?;
    Ok(())
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Signal => "signal",
        Why::Asked => "asked to stop",
        Why::TimeUp => "time is up",
        Why::AgreementEnded => "the agreement or the consent ended",
        Why::ConsentWithdrawn => "the consent was withdrawn",
        Why::TermsChanged => "the terms were changed",
        Why::ClockWentBack => "the clock went back",
    }
}

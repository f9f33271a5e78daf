//! How much processor time it takes to open a recording, and to reduce it, without encoding a picture.
//!
//! `reduction_speed RECORDING CONTRIBUTOR_KEY` prints one object: the records, how often they were
//! read, and the processor seconds of all passes: opening, reducing what lies opened in memory, and both as one goes
//! through the other. The openings are written down like any other, beside the recording.

use std::error::Error;
use std::path::{Path, PathBuf};

use overt_format::RecordingDir;
use overt_reduce::{Settings, reduce};
use overt_unseal::{AccessLog, Grant, Opened, OwnKeys, SubjectAccess, open};
use rustix::time::{ClockId, clock_gettime};

/// Often enough that the clock's steps do not matter.
const PASSES: u32 = 10;

struct Place {
    recording: PathBuf,
    key: PathBuf,
}

/// Processor seconds of all passes.
#[derive(Default)]
struct Spent {
    open: f64,
    reduce: f64,
    open_and_reduce: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args_os().skip(1).map(PathBuf::from);
    let usage = "Usage: reduction_speed RECORDING CONTRIBUTOR_KEY";
    let (recording, key) = words.next().zip(words.next()).ok_or(usage)?;
    let place = Place { recording, key };
    let records = count(opened(&place)?)?;
    let (mut spent, mut steps) = (Spent::default(), 0);
    for _ in 0..PASSES {
        let loaded = timed(&mut spent.open, || Ok(opened(&place)?.load()?))?;
        timed(&mut spent.reduce, || count(reduce(loaded, Settings::default())))?;
        steps = timed(&mut spent.open_and_reduce, || count(reduce(opened(&place)?, Settings::default())))?;
    }
    println!(
        "{}",
        serde_json::json!({
            "records": records, "steps": steps, "passes": PASSES, "open_cpu_secs": spent.open,
            "reduce_cpu_secs": spent.reduce, "open_and_reduce_cpu_secs": spent.open_and_reduce,
        })
    );
    Ok(())
}

fn timed<T>(spent: &mut f64, pass: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<T, Box<dyn Error>> {
    let begin = cpu_secs();
    let result = pass()?;
    *spent += cpu_secs() - begin;
    Ok(result)
}

fn count<T, E: Error + 'static>(items: impl Iterator<Item = Result<T, E>>) -> Result<u64, Box<dyn Error>> {
    let mut n = 0;
    for item in items {
        item?;
        n += 1;
    }
    Ok(n)
}

fn opened(place: &Place) -> Result<Opened<SubjectAccess>, Box<dyn Error>> {
    let mut keys = OwnKeys::new();
    keys.add_file(&place.key)?;
    let beside = place.recording.parent().unwrap_or(Path::new("."));
    let mut log = AccessLog::open(&beside.join("openings.jsonl"))?;
    let grant = Grant::<SubjectAccess>::new("a measurement", "how fast it is reduced");
    Ok(open(&RecordingDir::local(&place.recording)?, &grant, &keys, &mut log)?)
}

fn cpu_secs() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

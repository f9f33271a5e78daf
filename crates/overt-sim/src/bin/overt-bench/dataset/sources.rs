//! What is imported: published streams, many times over, and a film.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// So many events at least are in a stream.
const EVENTS_MIN: usize = 400_000;
/// Between two turns, so that an action of one does not run on in the next, seconds.
const BETWEEN_SECS: f64 = 5.0;

/// A published recording that is repeated.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    /// A person at work on Windows: moves, clicks, drags, keys, scrolling, elements at presses.
    Mixed,
    /// A mouse alone, at up to 1,000 events a second; 98 of 100 are moves.
    Mouse,
}

impl Stream {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Mouse => "mouse",
        }
    }

    pub(super) fn format(self) -> &'static str {
        match self {
            Self::Mixed => "agentnet",
            Self::Mouse => "ducktrack",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Mixed => "agentnet-raw",
            Self::Mouse => "ducktrack",
        }
    }

    /// Writes the recording as if it had been done again and again.
    pub(super) fn write(self, data: &Path, out: &Path) -> Result<()> {
        let from = data.join(self.folder());
        fs::create_dir_all(out)?;
        let events = lines(&from.join("events.jsonl"))?;
        let about = serde_json::from_str(&fs::read_to_string(from.join("metadata.json"))?)?;
        fs::write(out.join("metadata.json"), large_enough(about, &events).to_string())?;
        let (first, last) = events.first().zip(events.last()).context("a stream has events")?;
        let turn_secs = secs(last)? - secs(first)? + BETWEEN_SECS;
        let turns = EVENTS_MIN.div_ceil(events.len());
        repeat(&events, turns, turn_secs, &out.join("events.jsonl"))?;
        let elements = from.join("element.jsonl");
        if elements.exists() {
            let mut elements = lines(&elements)?;
            // Nothing below the element itself is read.
            elements.iter_mut().for_each(|e| e["a11y_tree"]["Children"] = json!([]));
            repeat(&elements, turns, turn_secs, &out.join("element.jsonl"))?;
        }
        Ok(())
    }
}

/// With a screen that holds all events. AgentNet's has 1,450 of 4,099 beyond the screen that it tells, which would end as soon as they
/// are read and make the stream lighter than it is.
fn large_enough(mut about: Value, events: &[Value]) -> Value {
    for (side, place) in [("screen_width", "x"), ("screen_height", "y")] {
        let beyond = events.iter().filter_map(|e| e[place].as_i64()).max().map_or(0, |most| most + 1);
        about[side] = json!(about[side].as_i64().unwrap_or(0).max(beyond));
    }
    about
}

fn lines(file: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(file).context("OVERT_DATA does not hold the stream")?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn secs(line: &Value) -> Result<f64> {
    line["time_stamp"].as_f64().context("a line has a time")
}

fn repeat(lines: &[Value], turns: usize, turn_secs: f64, to: &Path) -> Result<()> {
    let mut out = BufWriter::new(fs::File::create(to)?);
    for turn in 0..turns {
        for line in lines {
            let mut line = line.clone();
            line["time_stamp"] = json!(secs(&line)? + turn as f64 * turn_secs);
            writeln!(out, "{line}")?;
        }
    }
    Ok(out.flush()?)
}

/// A recording of AgentNet's form: a film of so many seconds at 1920x1080, and a click every second. Its colours have
/// a seed, since some are packed four times as fast as others.
pub(super) fn write_film(out: &Path, film_secs: u32) -> Result<()> {
    const BEGIN: f64 = 100.0;
    fs::create_dir_all(out)?;
    let source = format!("gradients=size=1920x1080:rate=10:duration={film_secs}:speed=0.05:seed=1");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &source, "-c:v", "mpeg4", "-q:v", "2"])
        .arg(out.join("video.mp4"))
        .stdin(Stdio::null())
        .status();
    ensure!(made.is_ok_and(|status| status.success()), "ffmpeg makes no film");
    let mut events = String::new();
    for (second, pressed) in (1..film_secs).flat_map(|s| [(s, true), (s, false)]) {
        let at = BEGIN + f64::from(second) + if pressed { 0.0 } else { 0.05 };
        let x = 50 + second * 20 % 1_800;
        let click = json!({"time_stamp": at, "action": "click", "x": x, "y": 500, "button": "left", "pressed": pressed});
        events += &format!("{click}\n");
    }
    fs::write(out.join("events.jsonl"), events)?;
    let started = json!({"OBS_WEBSOCKET_OUTPUT_STARTED": [BEGIN]});
    let about = json!({"screen_width": 1920, "screen_height": 1080, "obs_record_state_timings": started});
    Ok(fs::write(out.join("metadata.json"), about.to_string())?)
}

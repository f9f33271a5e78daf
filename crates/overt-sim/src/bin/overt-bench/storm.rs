//! A storm of input, while whoever takes the events is away three times: what of it arrives.
//!
//! Overt's source and pynput's listeners watch the same display at the same time. Moves are part of the storm
//! and are not counted: Overt puts those between two tellings together.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use overt_capture_x11::{OwnWindows, X11Config};
use overt_event::{RawBody, RawEvent};
use overt_sim::desktop::Desktop;
use serde::{Deserialize, Serialize};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::wrapper::ConnectionExt as _;

use crate::delay::key_of;

/// Rounds of eight events, each due a millisecond after the one before: a minute.
const ROUNDS: u32 = 7_500;
const EVENTS_A_ROUND: u32 = 8;
const EVENT_EVERY: Duration = Duration::from_millis(1);
/// Rounds between two waits for the display to have done what it was asked.
const ROUNDS_AT_ONCE: u32 = 25;
/// Seconds after the begin at which the consumers are away, and for how long.
const AWAY_AT_SECS: [u64; 3] = [10, 30, 50];
const AWAY_SECS: u64 = 2;
/// The recorder's own queue.
const QUEUE_EVENTS: usize = 20_000;
/// Nothing more is under way when nothing has arrived for so long.
const QUIET: Duration = Duration::from_secs(2);
const PYNPUT: &str = include_str!("pynput.py");

/// What happened to one storm.
#[derive(Serialize)]
pub(crate) struct Storm {
    events: u32,
    secs: f64,
    away_secs: [u64; 3],
    sent: Counts,
    recorders: Vec<Arrived>,
}

#[derive(Serialize)]
struct Arrived {
    recorder: &'static str,
    seen: Counts,
    /// Of those that were sent.
    missing: u64,
    /// What the recorder itself says that it lost; `None` when it does not say.
    told_lost: Option<u64>,
}

/// Events that must arrive one for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counts {
    buttons: u64,
    keys: u64,
    notches: u64,
}

impl Counts {
    fn total(self) -> u64 {
        self.buttons + self.keys + self.notches
    }

    fn take(&mut self, event: &RawEvent) {
        match event.body {
            RawBody::Button { .. } => self.buttons += 1,
            RawBody::Key(_) => self.keys += 1,
            RawBody::Scroll { .. } => self.notches += 1,
            _ => {}
        }
    }
}

pub(crate) fn measure() -> Result<Storm> {
    eprintln!("A storm of input for a minute, with consumers that are away ...");
    let desktop = Desktop::start((1280, 800))?;
    let mut pynput = Pynput::start(&desktop)?;
    let (outlet, events) = overt_capture::queue(QUEUE_EVENTS);
    let config = X11Config {
        display: Some(desktop.display().to_owned()),
        frames_per_sec_max: 10,
        own_windows: OwnWindows::default(),
        excluded_pid: None,
    };
    let capture = overt_capture_x11::start(config, outlet.clone())?;
    let consumer = std::thread::spawn(move || consume(&events));
    let began = Instant::now();
    let sent = storm(desktop.display())?;
    let secs = began.elapsed().as_secs_f64();
    let of_pynput = pynput.finish()?;
    // The consumer ends when nothing comes any more.
    let of_overt = consumer.join().ok().context("the consumer panicked")?;
    let lost = outlet.take_lost();
    capture.stop();
    let recorders = vec![
        arrived("Overt, X11 source", sent, of_overt, Some(lost)),
        arrived("pynput 1.8.2", sent, of_pynput, None),
    ];
    Ok(Storm { events: ROUNDS * EVENTS_A_ROUND, secs, away_secs: AWAY_AT_SECS, sent, recorders })
}

fn arrived(recorder: &'static str, sent: Counts, seen: Counts, told_lost: Option<u64>) -> Arrived {
    Arrived { recorder, seen, missing: sent.total().saturating_sub(seen.total()), told_lost }
}

/// Takes events until none has come for a while, and is away in between.
fn consume(events: &Receiver<RawEvent>) -> Counts {
    let (mut counts, mut away) = (Counts::default(), AWAY_AT_SECS.into_iter().peekable());
    let mut began: Option<Instant> = None;
    let mut last = Instant::now();
    loop {
        match events.recv_timeout(QUIET) {
            Ok(event) => {
                let before = counts;
                counts.take(&event);
                if counts != before {
                    last = Instant::now();
                    began.get_or_insert(last);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return counts,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if began.is_some() && last.elapsed() >= QUIET {
            return counts;
        }
        let due = |at: &u64| began.is_some_and(|b| b.elapsed() >= Duration::from_secs(*at));
        if away.next_if(due).is_some() {
            std::thread::sleep(Duration::from_secs(AWAY_SECS));
            last = Instant::now();
        }
    }
}

/// Moves, clicks, types and scrolls. What is late is made up for, so that it is a minute in the end.
fn storm(display: &str) -> Result<Counts> {
    let (conn, screen) = x11rb::connect(Some(display))?;
    let root = conn.setup().roots[screen].root;
    let keys = (u32::from(b'a')..=u32::from(b'z')).map(|k| key_of(&conn, k)).collect::<Result<Vec<u8>>>()?;
    let (mut sent, mut due) = (Counts::default(), Instant::now());
    for round in 0..ROUNDS {
        let (key, x) = (keys[round as usize % keys.len()], (round % 1_200) as i16);
        for (kind, detail, x) in [
            (MOTION_NOTIFY_EVENT, 0, x),
            (MOTION_NOTIFY_EVENT, 0, x + 1),
            (BUTTON_PRESS_EVENT, 1, x),
            (BUTTON_RELEASE_EVENT, 1, x),
            (KEY_PRESS_EVENT, key, x),
            (KEY_RELEASE_EVENT, key, x),
            (BUTTON_PRESS_EVENT, 5, x),
            (BUTTON_RELEASE_EVENT, 5, x),
        ] {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            conn.xtest_fake_input(kind, detail, 0, root, x, 300, 0)?;
            conn.flush()?;
            due += EVENT_EVERY;
        }
        sent = Counts { buttons: sent.buttons + 2, keys: sent.keys + 2, notches: sent.notches + 1 };
        if round % ROUNDS_AT_ONCE == 0 {
            conn.sync()?;
        }
    }
    conn.sync()?;
    Ok(sent)
}

/// pynput's listeners in a process of their own.
struct Pynput {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Pynput {
    fn start(desktop: &Desktop) -> Result<Self> {
        let python = overt_sim::python::with_pynput()?;
        let mut command = desktop.command(python.to_str().context("the target folder is not UTF-8")?);
        let away: Vec<String> = AWAY_AT_SECS.iter().map(u64::to_string).collect();
        command.args(["-c", PYNPUT, &away.join(","), &AWAY_SECS.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(child.stdout.take().context("stdout is piped")?);
        let mut line = String::new();
        said.read_line(&mut line)?;
        ensure!(line.trim() == "ready", "pynput does not listen. Look whether python3 has it.");
        Ok(Self { child, said })
    }

    /// Tells it that the storm is over and reads what it counted.
    fn finish(&mut self) -> Result<Counts> {
        drop(self.child.stdin.take());
        let mut counted = String::new();
        self.said.read_to_string(&mut counted)?;
        self.child.wait()?;
        serde_json::from_str(&counted).context("pynput did not say what it counted")
    }
}

pub(crate) fn print(storm: &Storm) {
    println!(
        "\ninput storm: {} events in {:.0} s, {} of them counted; consumers away {AWAY_SECS} s after {:?} s",
        storm.events,
        storm.secs,
        storm.sent.total(),
        storm.away_secs
    );
    println!(
        "{:<20} {:>8} {:>8} {:>8} {:>8} {:>10}",
        "", "buttons", "keys", "notches", "missing", "told lost"
    );
    let row = |name: &str, c: Counts, missing: u64, told: Option<u64>| {
        let told = told.map_or("-".to_owned(), |n| n.to_string());
        println!("{name:<20} {:>8} {:>8} {:>8} {missing:>8} {told:>10}", c.buttons, c.keys, c.notches);
    };
    row("sent", storm.sent, 0, None);
    storm.recorders.iter().for_each(|r| row(r.recorder, r.seen, r.missing, r.told_lost));
}

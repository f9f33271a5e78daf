//! What a recorder adds to the time from a key to the text it makes.
//!
//! Keys are pressed one after the other in a text editor, in blocks of which every second one is recorded; the
//! editor itself says by an accessibility event when the text has changed. Neighbouring blocks are compared, so
//! that whatever else the machine does falls on both.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use atspi::zbus::{self, MatchRule, MessageStream};
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use overt_sim::apps;
use overt_sim::desktop::Desktop;
use overt_sim::overt::Overt;
use overt_sim::person::now;
use serde::Serialize;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Pairs of a block without and one with the recorder.
const PAIRS: usize = 12;
/// Keys in a block.
const KEYS: usize = 60;
/// Between two keys: a fast typist.
const GAP: Duration = Duration::from_millis(60);
/// Longest wait for one text.
const TEXT_WITHIN: Duration = Duration::from_secs(5);
/// Keysym of the letter that is typed.
const LETTER: u32 = 0x78;

/// Milliseconds from key to text.
#[derive(Serialize)]
pub(crate) struct Delay {
    keys_each: usize,
    without_p50: f64,
    without_p95: f64,
    recorded_p50: f64,
    recorded_p95: f64,
    /// Median over pairs of blocks of the difference of their 95th percentiles, and the pairs' range without
    /// the lowest and the highest.
    added_p95: f64,
    added_p95_low: f64,
    added_p95_high: f64,
}

/// The delays of two neighbouring blocks, milliseconds.
struct Pair {
    without: Vec<f64>,
    recorded: Vec<f64>,
}

pub(crate) fn measure(overt: &Path, out: &Path) -> Result<Delay> {
    eprintln!("Delay from key to text, {PAIRS} pairs of blocks ...");
    let desktop = Desktop::start((1920, 1080))?;
    let notes = desktop.folder().join("home/delay.txt");
    apps::open_mousepad(&desktop, &notes)?;
    desktop.windows()?.wait_for_class("Mousepad", apps::APP_WITHIN)?;
    let overt = Overt::new(overt, &desktop, &out.join("delay"))?;
    overt.prepare("on_change")?;
    let mut typist = Typist::new(&desktop)?;
    typist.block(KEYS)?;
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let without = typist.block(KEYS)?;
        let recorder = overt.record()?;
        let recorded = typist.block(KEYS);
        overt.stop(recorder)?;
        pairs.push(Pair { without, recorded: recorded? });
    }
    Ok(summary(&pairs))
}

fn summary(pairs: &[Pair]) -> Delay {
    let without: Vec<f64> = pairs.iter().flat_map(|pair| pair.without.clone()).collect();
    let recorded: Vec<f64> = pairs.iter().flat_map(|pair| pair.recorded.clone()).collect();
    let mut added: Vec<f64> = pairs.iter().map(|p| at(&p.recorded, 0.95) - at(&p.without, 0.95)).collect();
    added.sort_by(f64::total_cmp);
    Delay {
        keys_each: without.len(),
        without_p50: at(&without, 0.5),
        without_p95: at(&without, 0.95),
        recorded_p50: at(&recorded, 0.5),
        recorded_p95: at(&recorded, 0.95),
        added_p95: at(&added, 0.5),
        added_p95_low: added[1.min(added.len() - 1)],
        added_p95_high: added[added.len().saturating_sub(2)],
    }
}

/// The value below which the share of all lies.
fn at(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// Types one letter after the other and hears when each has become text.
struct Typist {
    conn: RustConnection,
    key: u8,
    texts: MessageStream,
    _bus: zbus::Connection,
}

impl Typist {
    fn new(desktop: &Desktop) -> Result<Self> {
        let (conn, _) = x11rb::connect(Some(desktop.display()))?;
        let key = key_of(&conn, LETTER)?;
        let address = desktop.env().into_iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS");
        let session = address.context("the desktop has no session bus")?.1;
        let (bus, texts) = async_io::block_on(listen(&session))?;
        Ok(Self { conn, key, texts, _bus: bus })
    }

    /// The delays of so many keys, milliseconds.
    fn block(&mut self, keys: usize) -> Result<Vec<f64>> {
        (0..keys).map(|_| self.one_key()).collect()
    }

    fn one_key(&mut self) -> Result<f64> {
        std::thread::sleep(GAP);
        let pressed = now();
        self.conn.xtest_fake_input(KEY_PRESS_EVENT, self.key, 0, x11rb::NONE, 0, 0, 0)?;
        self.conn.xtest_fake_input(KEY_RELEASE_EVENT, self.key, 0, x11rb::NONE, 0, 0, 0)?;
        self.conn.flush()?;
        self.await_text()?;
        Ok(now().since(pressed) as f64 / 1e6)
    }

    fn await_text(&mut self) -> Result<()> {
        let deadline = Instant::now() + TEXT_WITHIN;
        let heard = async_io::block_on(async {
            let text = std::pin::pin!(self.texts.next());
            let late = std::pin::pin!(async_io::Timer::at(deadline));
            matches!(select(text, late).await, Either::Left((Some(Ok(_)), _)))
        });
        ensure!(heard, "a key became no text. Look whether the editor has the focus.");
        Ok(())
    }
}

pub(crate) fn key_of(conn: &RustConnection, keysym: u32) -> Result<u8> {
    let (first, last) = (conn.setup().min_keycode, conn.setup().max_keycode);
    let map = conn.get_keyboard_mapping(first, last - first + 1)?.reply()?;
    let keys = map.keysyms.chunks(usize::from(map.keysyms_per_keycode.max(1)));
    (first..=last).zip(keys).find(|(_, k)| k.contains(&keysym)).map(|(k, _)| k).context("no such key")
}

/// Connects to the accessibility bus behind a session bus and asks for changes of text.
async fn listen(session: &str) -> Result<(zbus::Connection, MessageStream)> {
    let session = zbus::connection::Builder::address(session)?.build().await?;
    let launcher = Some("org.a11y.Bus");
    let reply = session.call_method(launcher, "/org/a11y/bus", launcher, "GetAddress", &()).await?;
    let address: String = reply.body().deserialize()?;
    let bus = zbus::connection::Builder::address(address.as_str())?.build().await?;
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface("org.a11y.atspi.Event.Object")?
        .member("TextChanged")?
        .build();
    let texts = MessageStream::for_match_rule(rule, &bus, None).await?;
    let registry = Some("org.a11y.atspi.Registry");
    let event = ("object:text-changed",);
    bus.call_method(registry, "/org/a11y/atspi/registry", registry, "RegisterEvent", &event).await?;
    Ok((bus, texts))
}

pub(crate) fn print(d: &Delay) {
    println!("\nkey to text, {} keys each, ms      p50      p95", d.keys_each);
    println!("  without a recorder          {:>8.2} {:>8.2}", d.without_p50, d.without_p95);
    println!("  recorded                    {:>8.2} {:>8.2}", d.recorded_p50, d.recorded_p95);
    println!(
        "  added at p95, median of {PAIRS} pairs: {:.2} ms (all but the two outermost: {:.2} to {:.2})",
        d.added_p95, d.added_p95_low, d.added_p95_high
    );
}

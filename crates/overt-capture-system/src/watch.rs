//! The thread that asks, and what it knows.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use futures_util::StreamExt as _;
use futures_util::future::{AbortHandle, AbortRegistration, Abortable, join_all};
use thiserror::Error;
use zbus::{Connection, Message, MessageStream};

use crate::bus::{ask, connect, listen, within};
use crate::sign::{SIGNS, Sign, Signs};

/// Signals that wait while a question is answered. They are few: nothing else is listened to.
const SIGNALS_WAITING_MAX: usize = 64;

/// Where the bus is, and how long it and its services may take.
#[derive(Clone, Debug)]
pub struct SystemConfig {
    /// `None`: `DBUS_SYSTEM_BUS_ADDRESS`, or the system's own.
    pub bus: Option<String>,
    /// The deadline of every question; by default a second.
    pub answer_within: Duration,
}

impl Default for SystemConfig {
    fn default() -> Self {
        Self { bus: None, answer_within: Duration::from_secs(1) }
    }
}

/// Why the signs are not watched.
#[derive(Debug, Error)]
pub enum SystemError {
    #[error("no thread could be started, so the battery and the network are not watched. Free some memory")]
    Thread(#[source] io::Error),
}

/// The signs as they change. Dropping it stops the thread.
pub struct SystemWatch {
    board: Arc<Board>,
    changes: Receiver<()>,
    abort: AbortHandle,
    thread: Option<JoinHandle<()>>,
}

struct Board {
    signs: Mutex<Signs>,
    changed: Sender<()>,
}

impl Board {
    fn signs(&self) -> Signs {
        *self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, known: impl IntoIterator<Item = (Sign, Option<bool>)>) {
        let mut signs = self.signs.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *signs;
        known.into_iter().for_each(|(sign, known)| sign.set(&mut signs, known));
        if *signs != before {
            // A word that waits already says the same: look again.
            let _ = self.changed.try_send(());
        }
    }
}

/// Begins to watch. Returns when every sign was asked for once: at once where there is no bus or no such
/// service, and after three deadlines at most where something hangs.
pub fn start(config: SystemConfig) -> Result<SystemWatch, SystemError> {
    let (changed, changes) = bounded(1);
    let board = Arc::new(Board { signs: Mutex::default(), changed });
    let (abort, stop) = AbortHandle::new_pair();
    let (asked, ready) = bounded(1);
    let (for_thread, patience) = (Arc::clone(&board), config.answer_within * 3);
    let thread = Builder::new()
        .name("overt-system".to_owned())
        .spawn(move || run(&config, &for_thread, stop, &asked))
        .map_err(SystemError::Thread)?;
    // However late it is, what is known then is known, and the rest is told as a change.
    let _ = ready.recv_timeout(patience);
    Ok(SystemWatch { board, changes, abort, thread: Some(thread) })
}

impl SystemWatch {
    /// What is known at present.
    pub fn signs(&self) -> Signs {
        self.board.signs()
    }

    /// Gives a word after each change; several changes may be one word. It never closes before the watch.
    pub fn changes(&self) -> &Receiver<()> {
        &self.changes
    }

    /// Stops and waits for the thread.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for SystemWatch {
    fn drop(&mut self) {
        self.abort.abort();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended as well.
            let _ = thread.join();
        }
    }
}

/// Without a bus, and after it is gone, nothing is known.
fn run(config: &SystemConfig, board: &Board, stop: AbortRegistration, asked: &Sender<()>) {
    let followed = async_io::block_on(Abortable::new(follow(config, board, asked), stop));
    if let Ok(Err(error)) = followed {
        tracing::info!(%error, "the system bus tells nothing");
    }
    board.set(SIGNS.map(|sign| (sign, None)));
}

async fn follow(config: &SystemConfig, board: &Board, asked: &Sender<()>) -> zbus::Result<()> {
    let time = config.answer_within;
    let silent = || zbus::Error::from(io::Error::from(io::ErrorKind::TimedOut));
    let bus = within(time, connect(config.bus.as_deref())).await.ok_or_else(silent)??;
    let mut signals = MessageStream::from(&bus);
    signals.set_max_queued(SIGNALS_WAITING_MAX);
    within(time, listen(&bus)).await.ok_or_else(silent)??;
    learn(&bus, board, &SIGNS, time).await;
    let _ = asked.try_send(());
    while let Some(message) = signals.next().await {
        learn(&bus, board, reasons(&message?), time).await;
    }
    Ok(())
}

/// Asks for these signs all at once.
async fn learn(bus: &Connection, board: &Board, signs: &[Sign], time: Duration) {
    let answers =
        signs.iter().map(|&sign| async move { (sign, within(time, ask(bus, sign)).await.flatten()) });
    board.set(join_all(answers).await);
}

fn reasons(message: &Message) -> &'static [Sign] {
    let header = message.header();
    let path = header.path().map_or("", |p| p.as_str());
    let member = header.member().map_or("", |m| m.as_str());
    // Only of a name that changed hands the first word of the body matters.
    let body = message.body();
    let name = body.deserialize::<(&str, &str, &str)>().ok().map(|(name, ..)| name);
    Sign::of_signal(path, member, name)
}

//! The thread that empties the stream of signals and does nothing that can wait.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use atspi::zbus::MessageStream;
use crossbeam_channel::{Sender, TrySendError};
use futures_util::StreamExt;
use futures_util::stream::{AbortRegistration, Abortable};
use overt_event::FocusKind;

use crate::shared::Shared;
use crate::signal::{Heard, Signal, read};

/// Reads signals until the bus goes away or the source is stopped.
pub(crate) fn drain(
    shared: &Arc<Shared>,
    signals: MessageStream,
    stop: AbortRegistration,
    events: &Sender<Heard>,
) {
    let mut signals = Abortable::new(signals, stop);
    async_io::block_on(async {
        while let Some(Ok(message)) = signals.next().await {
            if let Some(heard) = read(&message) {
                hear(shared, heard, events);
            }
        }
    });
    if !signals.is_aborted() {
        shared.gate.source_gone();
    }
}

/// The focus becomes unknown here and at once; everything that needs a question goes to the workers.
fn hear(shared: &Shared, heard: Heard, events: &Sender<Heard>) {
    note_focus(shared, &heard);
    if matches!(heard.signal, Signal::AppGone) {
        shared.apps.forget(&heard.source.bus);
        return;
    }
    let needed = shared.gate.is_open() || matches!(heard.signal, Signal::RegistryStarted);
    if needed && let Err(TrySendError::Full(_)) = events.try_send(heard) {
        shared.unanswered.fetch_add(1, Ordering::Relaxed);
    }
}

fn note_focus(shared: &Shared, heard: &Heard) {
    let mut board = shared.board();
    if !board.hear(heard) {
        return;
    }
    // Said under the board's lock, so that no late answer to an older question can follow it.
    let pid = shared.apps.known_pid(&heard.source.bus).unwrap_or(0);
    shared.gate.emit_focus(FocusKind::Unknown, pid, heard.at);
    drop(board);
    // A full channel has woken the worker already.
    let _ = shared.wake_focus.try_send(());
}

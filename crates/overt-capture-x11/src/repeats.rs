//! The repeats of a held key, which raw events leave out.
//!
//! The server makes them itself after the raw event (measured on Xvfb 21.1: a key held for two
//! seconds gave 34 core presses and one raw one), so they are taken from the RECORD extension. Its
//! data comes as an endless reply, hence a connection and a thread that do nothing else.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};
use overt_capture::monotonic_now;
use overt_event::MonoNanos;
use x11rb::connection::Connection;
use x11rb::protocol::record::{self, ConnectionExt as _, Context, Range, Range8};
use x11rb::protocol::xproto::{KEY_PRESS_EVENT, KEY_RELEASE_EVENT};
use x11rb::rust_connection::RustConnection;

use crate::error::X11Error;
use crate::screen::connect;
use crate::shared::{Role, Shared};

/// More than a person's keys make while the input thread is away; then the server keeps them.
const WAITING_MAX: usize = 256;
/// An event of the core protocol, in bytes.
const EVENT_BYTES: usize = 32;
/// The category of recorded events (RECORD specification, section 5: `FromServer`).
const FROM_SERVER: u8 = 0;

/// A key as the server hands it to applications: a first press, a repeat or a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CoreKey {
    pub(crate) scancode: u32,
    pub(crate) down: bool,
    pub(crate) server_millis: u32,
    pub(crate) arrival: MonoNanos,
}

/// The running recording of keys. Dropping it ends it.
pub(crate) struct CoreKeys {
    control: RustConnection,
    context: Context,
    keys: Option<Receiver<CoreKey>>,
    thread: Option<JoinHandle<()>>,
}

impl CoreKeys {
    /// Begins to record the keys of all keyboards.
    pub(crate) fn new(display: Option<&str>, shared: Arc<Shared>) -> Result<Self, X11Error> {
        let (control, _) = connect(display)?;
        let missing = |_| X11Error::Missing { extension: "RECORD", major: 1, minor: 13 };
        control.record_query_version(1, 13).map_err(missing)?.reply()?;
        let context = control.generate_id()?;
        let keys = Range8 { first: KEY_PRESS_EVENT, last: KEY_RELEASE_EVENT };
        let range = Range { device_events: keys, ..Range::default() };
        control.record_create_context(context, 0, &[record::CS::ALL_CLIENTS.into()], &[range])?.check()?;
        let (data, _) = connect(display)?;
        let (sender, waiting) = bounded(WAITING_MAX);
        let body = move || {
            // A lost display ends the input thread as well, which says so.
            let _ = pump(&data, context, &sender, &shared);
        };
        let thread = std::thread::Builder::new().name("overt-repeats".to_owned()).spawn(body);
        let thread = Some(thread.map_err(X11Error::Thread)?);
        Ok(Self { control, context, keys: Some(waiting), thread })
    }

    /// The next key, if one is there.
    pub(crate) fn next(&self) -> Option<CoreKey> {
        self.keys.as_ref()?.try_recv().ok()
    }

    /// The next key, for which this waits until `deadline`.
    pub(crate) fn next_until(&self, deadline: Instant) -> Option<CoreKey> {
        self.keys.as_ref()?.recv_deadline(deadline).ok()
    }
}

impl Drop for CoreKeys {
    fn drop(&mut self) {
        // Without a receiver a thread that waits to hand over goes on, and then ends.
        self.keys = None;
        // Not only disabled: the thread may not have enabled it yet, and then would wait for ever.
        let ended = self.control.record_free_context(self.context).map(|c| c.check());
        if let Some(thread) = self.thread.take()
            && matches!(ended, Ok(Ok(())))
        {
            let _ = thread.join();
        }
    }
}

/// Hands over keys until the recording or the display ends.
fn pump(
    data: &RustConnection,
    context: Context,
    sender: &Sender<CoreKey>,
    shared: &Shared,
) -> Result<(), X11Error> {
    for reply in data.record_enable_context(context)? {
        let reply = reply?;
        if reply.category != FROM_SERVER || reply.client_swapped {
            continue;
        }
        for key in keys_in(&reply.data, monotonic_now()) {
            if sender.send(key).is_err() {
                return Ok(());
            }
        }
        shared.waker(Role::Input).wake();
    }
    Ok(())
}

fn keys_in(data: &[u8], arrival: MonoNanos) -> impl Iterator<Item = CoreKey> {
    data.chunks_exact(EVENT_BYTES).filter_map(move |event| {
        let [kind, scancode, _, _, a, b, c, d, ..] = *event else { return None };
        let server_millis = u32::from_ne_bytes([a, b, c, d]);
        // The highest bit marks what a client sent by SendEvent, which is no key.
        let (scancode, down) = (scancode.into(), kind == KEY_PRESS_EVENT);
        let is_key = down || kind == KEY_RELEASE_EVENT;
        is_key.then_some(CoreKey { scancode, down, server_millis, arrival })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_keys_are_read() {
        let mut data = vec![0; 3 * EVENT_BYTES + 7];
        data[0] = KEY_PRESS_EVENT;
        data[1] = 38;
        data[4..8].copy_from_slice(&77_u32.to_ne_bytes());
        data[EVENT_BYTES] = KEY_RELEASE_EVENT + 1;
        data[2 * EVENT_BYTES] = KEY_PRESS_EVENT | 0x80;
        data[3 * EVENT_BYTES] = KEY_PRESS_EVENT;
        let expected = CoreKey { scancode: 38, down: true, server_millis: 77, arrival: MonoNanos(5) };
        assert!(keys_in(&data, MonoNanos(5)).eq([expected]));
    }
}

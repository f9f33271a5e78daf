//! The repeats of a held key, which raw events leave out.
//!
//! The server makes them itself after the raw event (measured on Xvfb 21.1: a key held for two
//! seconds gave 34 core presses and one raw one), so they are taken from the RECORD extension. Its
//! data comes as an endless reply, hence a connection and a thread that do nothing else.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use overt_capture::monotonic_now;
use overt_event::MonoNanos;
use x11rb::connection::Connection;
use x11rb::protocol::record::{self, ConnectionExt as _, Context, Range, Range8};
use x11rb::protocol::xproto::KEY_PRESS_EVENT;
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

/// A press as the server hands it to applications: a first one or a repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CorePress {
    pub(crate) scancode: u32,
    pub(crate) server_millis: u32,
    pub(crate) arrival: MonoNanos,
}

/// The running recording of presses. Dropping it ends it.
pub(crate) struct CorePresses {
    control: RustConnection,
    context: Context,
    presses: Option<Receiver<CorePress>>,
    thread: Option<JoinHandle<()>>,
}

impl CorePresses {
    /// Begins to record the presses of all keyboards.
    pub(crate) fn new(display: Option<&str>, shared: Arc<Shared>) -> Result<Self, X11Error> {
        let (control, _) = connect(display)?;
        let missing = |_| X11Error::Missing { extension: "RECORD", major: 1, minor: 13 };
        control.record_query_version(1, 13).map_err(missing)?.reply()?;
        let context = control.generate_id()?;
        let keys = Range8 { first: KEY_PRESS_EVENT, last: KEY_PRESS_EVENT };
        let range = Range { device_events: keys, ..Range::default() };
        control.record_create_context(context, 0, &[record::CS::ALL_CLIENTS.into()], &[range])?.check()?;
        let (data, _) = connect(display)?;
        let (sender, presses) = bounded(WAITING_MAX);
        let body = move || {
            // A lost display ends the input thread as well, which says so.
            let _ = pump(&data, context, &sender, &shared);
        };
        let thread = std::thread::Builder::new().name("overt-repeats".to_owned()).spawn(body);
        let thread = Some(thread.map_err(X11Error::Thread)?);
        Ok(Self { control, context, presses: Some(presses), thread })
    }

    /// The next press, if one is there.
    pub(crate) fn next(&self) -> Option<CorePress> {
        self.presses.as_ref()?.try_recv().ok()
    }
}

impl Drop for CorePresses {
    fn drop(&mut self) {
        // Without a receiver a thread that waits to hand over goes on, and then ends.
        self.presses = None;
        let ended = self.control.record_disable_context(self.context).map(|c| c.check());
        if let Some(thread) = self.thread.take()
            && matches!(ended, Ok(Ok(())))
        {
            let _ = thread.join();
        }
    }
}

/// Hands over presses until the recording or the display ends.
fn pump(
    data: &RustConnection,
    context: Context,
    sender: &Sender<CorePress>,
    shared: &Shared,
) -> Result<(), X11Error> {
    for reply in data.record_enable_context(context)? {
        let reply = reply?;
        if reply.category != FROM_SERVER || reply.client_swapped {
            continue;
        }
        for press in presses_in(&reply.data, monotonic_now()) {
            if sender.send(press).is_err() {
                return Ok(());
            }
        }
        shared.waker(Role::Input).wake();
    }
    Ok(())
}

fn presses_in(data: &[u8], arrival: MonoNanos) -> impl Iterator<Item = CorePress> {
    data.chunks_exact(EVENT_BYTES).filter_map(move |event| {
        let [kind, scancode, _, _, a, b, c, d, ..] = *event else { return None };
        let server_millis = u32::from_ne_bytes([a, b, c, d]);
        // The highest bit marks what a client sent by SendEvent, which is no key.
        (kind == KEY_PRESS_EVENT).then_some(CorePress { scancode: scancode.into(), server_millis, arrival })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_presses_are_read() {
        let mut data = vec![0; 3 * EVENT_BYTES + 7];
        data[0] = KEY_PRESS_EVENT;
        data[1] = 38;
        data[4..8].copy_from_slice(&77_u32.to_ne_bytes());
        data[EVENT_BYTES] = KEY_PRESS_EVENT + 1;
        data[2 * EVENT_BYTES] = KEY_PRESS_EVENT | 0x80;
        data[3 * EVENT_BYTES] = KEY_PRESS_EVENT;
        let expected = CorePress { scancode: 38, server_millis: 77, arrival: MonoNanos(5) };
        assert!(presses_in(&data, MonoNanos(5)).eq([expected]));
    }
}

//! The one key that pauses from anywhere.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, GrabMode, Keycode, ModMask, Window};
use x11rb::rust_connection::RustConnection;

use crate::error::X11Error;
use crate::screen::connect;
use crate::wake::Waker;

/// Keysym of the letter in [`PauseKey::NAME`].
const LETTER: u32 = 0x70;
/// The chord holds whatever locks are on: caps lock, and num lock, which is the second modifier by custom.
const LOCKS: [ModMask; 2] = [ModMask::LOCK, ModMask::M2];

/// A chord that reaches us whatever window has the focus. Dropping it gives it back.
pub struct PauseKey {
    link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
}

struct Link {
    closing: AtomicBool,
    waker: Waker,
}

impl PauseKey {
    /// How people call it.
    pub const NAME: &str = "Ctrl+Alt+P";

    /// Takes the chord; each press of it calls `pressed`, on a thread of its own.
    ///
    /// Errors: [`X11Error::Refused`] when another program has the chord, and then it works as before;
    /// [`X11Error::Keyboard`] when no key types the letter.
    pub fn grab(display: Option<&str>, pressed: impl Fn() + Send + 'static) -> Result<Self, X11Error> {
        let (conn, screen) = connect(display)?;
        take_chord(&conn, screen.root)?;
        let link =
            Arc::new(Link { closing: AtomicBool::new(false), waker: Waker::new().map_err(X11Error::Wake)? });
        let for_thread = Arc::clone(&link);
        let run = move || {
            // A display that went away takes the chord with it; the recorder notices by its other connections.
            let _ = follow(&conn, screen.root, &for_thread, pressed);
        };
        let thread = std::thread::Builder::new().name("overt-pause-key".to_owned());
        Ok(Self { link, thread: Some(thread.spawn(run).map_err(X11Error::Thread)?) })
    }
}

impl Drop for PauseKey {
    fn drop(&mut self) {
        self.link.closing.store(true, Ordering::Release);
        self.link.waker.wake();
        if let Some(thread) = self.thread.take() {
            // However it ended, the chord went with its connection.
            let _ = thread.join();
        }
    }
}

fn take_chord(conn: &RustConnection, root: Window) -> Result<(), X11Error> {
    let key = letter_key(conn)?;
    let chord = ModMask::CONTROL | ModMask::M1;
    for locks in [ModMask::from(0_u16), LOCKS[0], LOCKS[1], LOCKS[0] | LOCKS[1]] {
        conn.grab_key(false, root, chord | locks, key, GrabMode::ASYNC, GrabMode::ASYNC)?.check()?;
    }
    Ok(())
}

fn letter_key(conn: &RustConnection) -> Result<Keycode, X11Error> {
    let (first, last) = (conn.setup().min_keycode, conn.setup().max_keycode);
    let map = conn.get_keyboard_mapping(first, last - first + 1)?.reply()?;
    let of_each_key = map.keysyms.chunks(usize::from(map.keysyms_per_keycode.max(1)));
    let found = (first..=last).zip(of_each_key).find(|(_, keysyms)| keysyms.contains(&LETTER));
    found.map(|(key, _)| key).ok_or(X11Error::Keyboard)
}

fn follow(conn: &RustConnection, root: Window, link: &Link, pressed: impl Fn()) -> Result<(), X11Error> {
    while !link.closing.load(Ordering::Acquire) {
        while let Some(event) = conn.poll_for_event()? {
            match event {
                Event::KeyPress(_) => pressed(),
                // Another layout may have the letter on another key.
                Event::MappingNotify(_) => {
                    conn.ungrab_key(0, root, ModMask::ANY)?;
                    take_chord(conn, root)?;
                }
                _ => {}
            }
        }
        conn.flush()?;
        link.waker.sleep(conn.stream().as_fd(), None);
    }
    Ok(())
}

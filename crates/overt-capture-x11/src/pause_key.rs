//! The keys that reach us from anywhere: one pauses recording, one stops acting.

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

/// A chord holds whatever locks are on: caps lock, and num lock, which is the second modifier by custom.
const LOCKS: [ModMask; 2] = [ModMask::LOCK, ModMask::M2];

/// The chord that pauses and resumes recording, whatever window has the focus. Dropping it gives it back.
pub struct PauseKey {
    _chord: Chord,
}

/// The chord that stops acting, whatever window has the focus. Dropping it gives it back.
pub struct StopKey {
    _chord: Chord,
}

/// Ctrl, Alt and a letter, for as long as it lives.
struct Chord {
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
        // XK_p
        Ok(Self { _chord: Chord::grab(display, 0x70, pressed)? })
    }
}

impl StopKey {
    /// How people call it.
    pub const NAME: &str = "Ctrl+Alt+S";

    /// As [`PauseKey::grab`].
    pub fn grab(display: Option<&str>, pressed: impl Fn() + Send + 'static) -> Result<Self, X11Error> {
        // XK_s
        Ok(Self { _chord: Chord::grab(display, 0x73, pressed)? })
    }
}

impl Chord {
    /// `letter` is a keysym.
    fn grab(
        display: Option<&str>,
        letter: u32,
        pressed: impl Fn() + Send + 'static,
    ) -> Result<Self, X11Error> {
        let (conn, screen) = connect(display)?;
        take_chord(&conn, screen.root, letter)?;
        let link =
            Arc::new(Link { closing: AtomicBool::new(false), waker: Waker::new().map_err(X11Error::Wake)? });
        let for_thread = Arc::clone(&link);
        let run = move || {
            // A display that went away takes the chord with it; whoever needs it notices by their other connections.
            let _ = follow(&conn, screen.root, letter, &for_thread, pressed);
        };
        let thread = std::thread::Builder::new().name("overt-key".to_owned());
        Ok(Self { link, thread: Some(thread.spawn(run).map_err(X11Error::Thread)?) })
    }
}

impl Drop for Chord {
    fn drop(&mut self) {
        self.link.closing.store(true, Ordering::Release);
        self.link.waker.wake();
        if let Some(thread) = self.thread.take() {
            // However it ended, the chord went with its connection.
            let _ = thread.join();
        }
    }
}

fn take_chord(conn: &RustConnection, root: Window, letter: u32) -> Result<(), X11Error> {
    let key = letter_key(conn, letter)?;
    let chord = ModMask::CONTROL | ModMask::M1;
    for locks in [ModMask::from(0_u16), LOCKS[0], LOCKS[1], LOCKS[0] | LOCKS[1]] {
        conn.grab_key(false, root, chord | locks, key, GrabMode::ASYNC, GrabMode::ASYNC)?.check()?;
    }
    Ok(())
}

fn letter_key(conn: &RustConnection, letter: u32) -> Result<Keycode, X11Error> {
    let (first, last) = (conn.setup().min_keycode, conn.setup().max_keycode);
    let map = conn.get_keyboard_mapping(first, last - first + 1)?.reply()?;
    let of_each_key = map.keysyms.chunks(usize::from(map.keysyms_per_keycode.max(1)));
    let found = (first..=last).zip(of_each_key).find(|(_, keysyms)| keysyms.contains(&letter));
    found.map(|(key, _)| key).ok_or(X11Error::Keyboard)
}

fn follow(
    conn: &RustConnection,
    root: Window,
    letter: u32,
    link: &Link,
    pressed: impl Fn(),
) -> Result<(), X11Error> {
    while !link.closing.load(Ordering::Acquire) {
        while let Some(event) = conn.poll_for_event()? {
            match event {
                Event::KeyPress(_) => pressed(),
                // Another layout may have the letter on another key.
                Event::MappingNotify(_) => {
                    conn.ungrab_key(0, root, ModMask::ANY)?;
                    take_chord(conn, root, letter)?;
                }
                _ => {}
            }
        }
        conn.flush()?;
        link.waker.sleep(conn.stream().as_fd(), None);
    }
    Ok(())
}

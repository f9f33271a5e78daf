//! The keys that reach us from anywhere: one pauses recording, one stops acting.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, GrabMode, Keycode, ModMask, Window};
use x11rb::rust_connection::RustConnection;

use crate::chord::Chord;
use crate::error::X11Error;
use crate::screen::connect;
use crate::wake::Waker;

/// A chord holds whatever locks are on: caps lock, and num lock, which is the second modifier by custom.
const LOCKS: [ModMask; 2] = [ModMask::LOCK, ModMask::M2];

/// The chord that pauses and resumes recording, whatever window has the focus. Dropping it gives it back.
pub struct PauseKey {
    _key: Key,
}

/// The chord that stops acting, whatever window has the focus, and whatever else is held besides. Dropping it gives it back.
pub struct StopKey {
    key: Key,
}

/// Ctrl, Alt and a letter, for as long as it lives.
struct Key {
    link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
}

struct Link {
    closing: AtomicBool,
    /// Nobody listens any more.
    ended: AtomicBool,
    waker: Waker,
}

impl PauseKey {
    /// How people call it.
    pub const NAME: &str = "Ctrl+Alt+P";

    /// Takes the chord; each press of it calls `pressed`, on a thread of its own.
    ///
    /// Errors: [`X11Error::ChordTaken`] when another program has the chord, and then it works as before;
    /// [`X11Error::Keyboard`] when no key types the letter.
    pub fn grab(display: Option<&str>, pressed: impl Fn() + Send + 'static) -> Result<Self, X11Error> {
        // XK_p
        Ok(Self { _key: Key::grab(display, Self::NAME, (0x70, true), pressed)? })
    }
}

impl StopKey {
    /// How people call it.
    pub const NAME: &str = "Ctrl+Alt+S";

    /// As [`PauseKey::grab`].
    pub fn grab(display: Option<&str>, pressed: impl Fn() + Send + 'static) -> Result<Self, X11Error> {
        // XK_s
        Ok(Self { key: Key::grab(display, Self::NAME, (0x73, false), pressed)? })
    }

    /// Whether it is listened to: not any more once the display is gone.
    pub fn is_heard(&self) -> bool {
        !self.key.link.ended.load(Ordering::Acquire)
    }
}

impl Key {
    /// `of`: the letter's symbol, and whether nothing else may be held.
    fn grab(
        display: Option<&str>,
        name: &'static str,
        of: (u32, bool),
        pressed: impl Fn() + Send + 'static,
    ) -> Result<Self, X11Error> {
        let (conn, screen) = connect(display)?;
        let chord = Chord::watch(&conn, screen.root, of)?;
        let held = Held::take(display, name, chord.letter())?;
        let waker = Waker::new().map_err(X11Error::Wake)?;
        let link = Arc::new(Link { closing: AtomicBool::new(false), ended: AtomicBool::new(false), waker });
        let for_thread = Arc::clone(&link);
        let run = move || {
            // A display that went away takes the chord with it; whoever needs it asks whether it is heard.
            let _ = follow(&conn, chord, held, &for_thread, pressed);
            for_thread.ended.store(true, Ordering::Release);
        };
        let thread = std::thread::Builder::new().name("overt-key".to_owned());
        Ok(Self { link, thread: Some(thread.spawn(run).map_err(X11Error::Thread)?) })
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.link.closing.store(true, Ordering::Release);
        self.link.waker.wake();
        if let Some(thread) = self.thread.take() {
            // However it ended, the chord went with its connection.
            let _ = thread.join();
        }
    }
}

/// Keeps the chord from whatever has the focus, by a connection of its own: of what one connection grabs the devices tell
/// it nothing beside (XI2proto, section 4, raw events).
struct Held {
    conn: RustConnection,
    root: Window,
    name: &'static str,
}

impl Held {
    fn take(display: Option<&str>, name: &'static str, key: Keycode) -> Result<Self, X11Error> {
        let (conn, screen) = connect(display)?;
        let held = Self { conn, root: screen.root, name };
        held.grab(key)?;
        Ok(held)
    }

    fn grab(&self, key: Keycode) -> Result<(), X11Error> {
        let (chord, mode) = (ModMask::CONTROL | ModMask::M1, GrabMode::ASYNC);
        for locks in [ModMask::from(0_u16), LOCKS[0], LOCKS[1], LOCKS[0] | LOCKS[1]] {
            let grab = self.conn.grab_key(false, self.root, chord | locks, key, mode, mode)?;
            grab.check().map_err(|e| match X11Error::from(e) {
                X11Error::Refused { .. } => X11Error::ChordTaken { chord: self.name },
                other => other,
            })?;
        }
        Ok(())
    }

    /// Another layout has the letter on another key. Where somebody else has that chord, ours is heard all the same.
    fn change(&self, from: Keycode, to: Keycode) -> Result<(), X11Error> {
        if from == to {
            return Ok(());
        }
        let taken = self.grab(to);
        self.conn.ungrab_key(from, self.root, ModMask::ANY)?.check()?;
        match taken {
            Err(X11Error::ChordTaken { .. }) => Ok(()),
            other => other,
        }
    }

    /// What the grab brings is not looked at.
    fn empty(&self) -> Result<(), X11Error> {
        while self.conn.poll_for_event()?.is_some() {}
        Ok(())
    }
}

fn follow(
    conn: &RustConnection,
    mut chord: Chord,
    held: Held,
    link: &Link,
    pressed: impl Fn(),
) -> Result<(), X11Error> {
    while !link.closing.load(Ordering::Acquire) {
        while let Some(event) = conn.poll_for_event()? {
            if matches!(event, Event::MappingNotify(_)) {
                let before = chord.letter();
                chord.read_layout(conn)?;
                held.change(before, chord.letter())?;
            } else if chord.is_pressed_by(&event) {
                pressed();
            }
        }
        held.empty()?;
        conn.flush()?;
        link.waker.sleep(conn.stream().as_fd(), None);
    }
    Ok(())
}

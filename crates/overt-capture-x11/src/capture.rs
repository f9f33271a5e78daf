//! Starting, pausing and stopping the two threads.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::bounded;
use overt_capture::Outlet;

use crate::error::X11Error;
use crate::input::Input;
use crate::screen::Screen;
use crate::shared::{CoverSign, EndGuard, OwnWindows, Shared};
use crate::wake::Waker;

/// What to capture, and how often.
#[derive(Clone)]
pub struct X11Config {
    /// The display's name, such as `:0`; `None` takes `$DISPLAY`.
    pub display: Option<String>,
    /// Pictures a second at most, 0 to 30; up to forty for half a second after an input. At 0 the screen's
    /// pixels are never read, and [`overt_event::RawBody::Windows`] tells what frames tell of windows else.
    pub frames_per_sec_max: u32,
    /// The recorder's own windows; they are flagged.
    pub own_windows: OwnWindows,
    /// The recorder's own process: all its windows are flagged as well.
    pub excluded_pid: Option<u32>,
}

/// A running capture. Dropping it stops it.
pub struct X11Capture {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts to see the display. The first events are the topology, the open windows and the active one.
///
/// Errors: the display cannot be reached, lacks an extension or has pixels of another format, or a
/// rate over 30.
pub fn start(config: X11Config, outlet: Outlet) -> Result<X11Capture, X11Error> {
    check_rate(config.frames_per_sec_max)?;
    let waker = || Waker::new().map_err(X11Error::Wake);
    let shared = Arc::new(Shared::new(outlet, [waker()?, waker()?], config.frames_per_sec_max));
    let mut capture = X11Capture { shared: Arc::clone(&shared), threads: Vec::new() };
    let for_input = config.clone();
    let input = spawn("overt-input", &shared, move |s| Input::new(&for_input, s), Input::run)?;
    capture.threads.push(input);
    let screen = spawn("overt-screen", &shared, move |s| Screen::new(&config, s), Screen::run)?;
    capture.threads.push(screen);
    Ok(capture)
}

impl X11Capture {
    /// Pauses (`false`) or goes on (`true`).
    ///
    /// After a pause returns nothing leaves any more: no grab begins, and what is seen is passed
    /// over. Going on begins with the state of things: the topology if it changed, the windows
    /// that are open, the active one, a whole picture. After going on returns, what happens is told;
    /// unless the display did not answer for a second, then it is told from when it does.
    pub fn set_grabbing(&self, on: bool) {
        self.shared.set_open(on);
        if on {
            self.shared.await_followers();
        }
    }

    /// Takes a picture at once, without waiting for a change or for its turn. It leaves only if it
    /// differs from the last one. In a pause it is taken when that ends.
    pub fn grab_now(&self) {
        self.shared.want_grab();
    }

    /// Takes pictures at another rate from here on.
    ///
    /// Errors: a rate over 30; then it stays as it was.
    pub fn set_frames_per_sec_max(&self, frames_per_sec_max: u32) -> Result<(), X11Error> {
        check_rate(frames_per_sec_max)?;
        self.shared.set_rate(frames_per_sec_max);
        Ok(())
    }

    /// Somebody other than the display says that a lock covers it, or that it does no longer. What the
    /// display itself says counts too: nothing leaves while either does, and one gap tells of both.
    pub fn set_locked(&self, locked: bool) {
        self.shared.set_covered(CoverSign::Session, locked);
    }

    /// Whether a thread ended by itself: the display is gone.
    pub fn finished(&self) -> bool {
        self.shared.ended()
    }

    /// Stops both threads and waits for them.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for X11Capture {
    fn drop(&mut self) {
        self.shared.stop();
        for thread in self.threads.drain(..) {
            // A thread that panicked has ended as well, which is all that is asked here.
            let _ = thread.join();
        }
    }
}

fn check_rate(frames_per_sec_max: u32) -> Result<(), X11Error> {
    if frames_per_sec_max <= 30 {
        return Ok(());
    }
    Err(X11Error::Rate { got: frames_per_sec_max })
}

/// Runs `make` and then `run` on a thread of its own; returns when `make` has succeeded or failed.
/// (What it makes holds pointers into C libraries and cannot change threads.)
fn spawn<T: 'static>(
    name: &str,
    shared: &Arc<Shared>,
    make: impl FnOnce(Arc<Shared>) -> Result<T, X11Error> + Send + 'static,
    run: impl FnOnce(T) -> Result<(), X11Error> + Send + 'static,
) -> Result<JoinHandle<()>, X11Error> {
    let (ready, made) = bounded(1);
    let shared = Arc::clone(shared);
    let body = move || {
        let outcome = make(Arc::clone(&shared));
        let _guard = outcome.is_ok().then(|| EndGuard(Arc::clone(&shared)));
        let thing = outcome.map_err(|e| ready.send(Err(e)));
        let Ok(thing) = thing else { return };
        let _ = ready.send(Ok(()));
        if let Err(error) = run(thing) {
            tracing::warn!(%error, "capture of the display ended");
        }
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body).map_err(X11Error::Thread)?;
    // A thread that ends without a word has panicked while it connected.
    made.recv().unwrap_or(Err(X11Error::Ended)).map(|()| thread)
}

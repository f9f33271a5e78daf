//! Pictures of the whole display, for proofs that do not go through the recorder.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use overt_event::Frame;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::NONE;
use x11rb::connection::Connection as _;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Window};
use x11rb::rust_connection::RustConnection;

/// Takes one picture of the display.
///
/// Errors: the display does not answer, or is not of 24 bits in 32 (Xvfb's `x24` is).
pub fn grab(display: &str) -> Result<Frame> {
    let (conn, root) = connect(display)?;
    picture(&conn, root)
}

/// Looks at the display now and after each change, until `found` answers or the time is up.
pub fn wait<T>(display: &str, within: Duration, mut found: impl FnMut(&Frame) -> Option<T>) -> Result<T> {
    let deadline = Instant::now() + within;
    let (conn, root) = connect(display)?;
    conn.damage_query_version(1, 1)?.reply()?;
    let damage = conn.generate_id()?;
    conn.damage_create(damage, root, ReportLevel::NON_EMPTY)?;
    loop {
        while conn.poll_for_event()?.is_some() {}
        // Before the picture: what changes after it is told again.
        conn.damage_subtract(damage, NONE, NONE)?;
        if let Some(answer) = found(&picture(&conn, root)?) {
            return Ok(answer);
        }
        await_event(&conn, deadline)?;
    }
}

fn connect(display: &str) -> Result<(RustConnection, Window)> {
    let (conn, screen) = x11rb::connect(Some(display)).context("the display does not answer")?;
    let root = conn.setup().roots[screen].root;
    Ok((conn, root))
}

fn picture(conn: &RustConnection, root: Window) -> Result<Frame> {
    let size = conn.get_geometry(root)?.reply()?;
    let (w, h) = (size.width, size.height);
    let image = conn.get_image(ImageFormat::Z_PIXMAP, root, 0, 0, w, h, u32::MAX)?.reply()?;
    let rgb: Vec<u8> = image.data.chunks_exact(4).flat_map(|p| [p[2], p[1], p[0]]).collect();
    Frame::from_rgb(w.into(), h.into(), &rgb).context("the display does not have 24 bits in 32 a pixel")
}

fn await_event(conn: &RustConnection, deadline: Instant) -> Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    // An event that is already here keeps the socket silent.
    if conn.poll_for_event()?.is_some() {
        return Ok(());
    }
    let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
    match poll(&mut [PollFd::new(conn.stream(), PollFlags::IN)], Some(&left)) {
        Ok(0) => bail!("the screen did not come to show what was awaited. Take a picture of it and look."),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

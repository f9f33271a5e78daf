//! What a display offers, for `overt doctor`.

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::ReplyError;
use x11rb::protocol::{damage, randr, record, res, screensaver, shape, shm, xfixes, xinput, xkb};
use x11rb::rust_connection::RustConnection;

use crate::error::X11Error;
use crate::identity::{Atoms, words};
use crate::input::connect_xcb;
use crate::keyboard::Keyboard;
use crate::screen::{check_pixel_format, connect};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub name: &'static str,
    /// Whether capture can work with it.
    pub ok: bool,
    /// What was found, or what is missing, in a few words.
    pub detail: String,
}

impl Finding {
    fn good(name: &'static str, detail: String) -> Self {
        Self { name, ok: true, detail }
    }

    fn bad(name: &'static str, error: &X11Error) -> Self {
        Self { name, ok: false, detail: error.to_string() }
    }
}

type Version = Result<(u32, u32), X11Error>;

/// Looks at a display (`None`: `$DISPLAY`) without changing it. The first finding is whether it can
/// be reached; when it cannot, it is the only one.
pub fn probe(display: Option<&str>) -> Vec<Finding> {
    let (conn, screen) = match connect(display) {
        Ok(connected) => connected,
        Err(e) => return vec![Finding::bad("display", &e)],
    };
    let setup = conn.setup();
    let vendor = String::from_utf8_lossy(&setup.vendor);
    let mut findings = vec![Finding::good("display", format!("{vendor} {}", setup.release_number))];
    let size = format!("{}x{} pixels", screen.width_in_pixels, screen.height_in_pixels);
    findings.push(Finding::good("screen", size));
    findings.push(match check_pixel_format(setup, &screen) {
        Ok(()) => Finding::good("pixels", format!("depth {}, 32 bits", screen.root_depth)),
        Err(e) => Finding::bad("pixels", &e),
    });
    findings.extend(extensions(&conn));
    findings.push(keyboard(display));
    findings.push(window_manager(&conn, screen.root));
    findings
}

fn extensions(conn: &RustConnection) -> Vec<Finding> {
    vec![
        extension(conn, xinput::X11_EXTENSION_NAME, (2, 2), |c| {
            let v = xinput::xi_query_version(c, 2, 2)?.reply()?;
            Ok((v.major_version.into(), v.minor_version.into()))
        }),
        extension(conn, shm::X11_EXTENSION_NAME, (1, 2), |c| {
            let v = shm::query_version(c)?.reply()?;
            Ok((v.major_version.into(), v.minor_version.into()))
        }),
        extension(conn, damage::X11_EXTENSION_NAME, (1, 1), |c| {
            let v = damage::query_version(c, 1, 1)?.reply()?;
            Ok((v.major_version, v.minor_version))
        }),
        extension(conn, res::X11_EXTENSION_NAME, (1, 2), |c| {
            let v = res::query_version(c, 1, 2)?.reply()?;
            Ok((v.server_major.into(), v.server_minor.into()))
        }),
        extension(conn, record::X11_EXTENSION_NAME, (1, 13), |c| {
            let v = record::query_version(c, 1, 13)?.reply()?;
            Ok((v.major_version.into(), v.minor_version.into()))
        }),
        extension(conn, randr::X11_EXTENSION_NAME, (1, 2), |c| {
            let v = randr::query_version(c, 1, 5)?.reply()?;
            Ok((v.major_version, v.minor_version))
        }),
        extension(conn, xfixes::X11_EXTENSION_NAME, (2, 0), |c| {
            let v = xfixes::query_version(c, 5, 0)?.reply()?;
            Ok((v.major_version, v.minor_version))
        }),
        extension(conn, screensaver::X11_EXTENSION_NAME, (1, 0), |c| {
            let v = screensaver::query_version(c, 1, 1)?.reply()?;
            Ok((v.server_major_version.into(), v.server_minor_version.into()))
        }),
        extension(conn, shape::X11_EXTENSION_NAME, (1, 1), |c| {
            let v = shape::query_version(c)?.reply()?;
            Ok((v.major_version.into(), v.minor_version.into()))
        }),
        extension(conn, xkb::X11_EXTENSION_NAME, (1, 0), |c| {
            let v = xkb::use_extension(c, 1, 0)?.reply()?;
            Ok((v.server_major.into(), v.server_minor.into()))
        }),
    ]
}

fn extension(
    conn: &RustConnection,
    name: &'static str,
    at_least: (u32, u32),
    version: impl FnOnce(&RustConnection) -> Version,
) -> Finding {
    let (major, minor) = at_least;
    let missing = X11Error::Missing { extension: name, major, minor };
    match conn.extension_information(name) {
        Ok(Some(_)) => {}
        Ok(None) => return Finding::bad(name, &missing),
        Err(e) => return Finding::bad(name, &ReplyError::from(e).into()),
    }
    match version(conn) {
        Ok(found) if found < at_least => Finding::bad(name, &missing),
        Ok((major, minor)) => Finding::good(name, format!("{major}.{minor}")),
        Err(e) => Finding::bad(name, &e),
    }
}

fn keyboard(display: Option<&str>) -> Finding {
    let read = connect_xcb(display).and_then(|(conn, _)| Keyboard::new(&conn).map(|k| k.layout_name()));
    match read {
        Ok(layout) => Finding::good("keyboard layout", layout),
        Err(e) => Finding::bad("keyboard layout", &e),
    }
}

/// Without one nobody says which window is active.
fn window_manager(conn: &RustConnection, root: u32) -> Finding {
    let name = "window manager";
    let asked = Atoms::new(conn).map_err(X11Error::from).and_then(|c| c.reply().map_err(X11Error::from));
    match asked.and_then(|atoms| words(conn, root, atoms._NET_SUPPORTING_WM_CHECK)) {
        Ok(check) if check.is_empty() => {
            let detail = "None that names the active window. Start one that follows EWMH.".to_owned();
            Finding { name, ok: false, detail }
        }
        Ok(_) => Finding::good(name, "names the active window".to_owned()),
        Err(e) => Finding::bad(name, &e),
    }
}

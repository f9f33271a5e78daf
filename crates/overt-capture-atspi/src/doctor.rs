//! What `overt doctor` says about accessibility.

use std::time::{Duration, Instant};

use atspi::zbus::{Connection, connection};

use crate::bus::{Bus, connect, until};

/// Longest wait for one answer.
const ANSWER_WAIT: Duration = Duration::from_secs(2);

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub name: &'static str,
    /// Whether it is as it must be.
    pub ok: bool,
    /// One sentence; when not ok, a second one says what to do.
    pub detail: String,
}

fn finding(name: &'static str, ok: bool, detail: impl Into<String>) -> Finding {
    Finding { name, ok, detail: detail.into() }
}

/// Looks at the session bus, the accessibility bus, whether toolkits were told to use it, and how
/// many applications did. Takes at most eight seconds, and only when something hangs.
///
/// Order: as above; what depends on a missing thing is left out.
pub fn probe() -> Vec<Finding> {
    let mut findings = Vec::new();
    let session = async_io::block_on(until(Instant::now() + ANSWER_WAIT, async {
        connection::Builder::session()?.build().await
    }));
    let Some(Ok(session)) = session else {
        let detail =
            "There is no session bus. Log in to a desktop session or start one with dbus-run-session.";
        return vec![finding("session bus", false, detail)];
    };
    findings.push(finding("session bus", true, "It answers."));
    findings.push(toolkits(&session));
    match async_io::block_on(connect(None)) {
        Ok(connection) => {
            findings.push(finding("accessibility bus", true, "It answers."));
            findings.push(applications(&Bus::new(connection)));
        }
        Err(error) => findings.push(finding("accessibility bus", false, error.to_string())),
    }
    findings
}

/// The switch `toolkit-accessibility`, as the accessibility bus shows it.
fn toolkits(session: &Connection) -> Finding {
    const NAME: &str = "toolkit accessibility";
    let launcher = crate::object::Object::new("org.a11y.Bus", "/org/a11y/bus");
    let bus = Bus::new(session.clone());
    let asked = async { bus.property(&launcher, "org.a11y.Status", "IsEnabled").await };
    let enabled = async_io::block_on(until(Instant::now() + ANSWER_WAIT, asked));
    match enabled.and_then(Result::ok).map(bool::try_from) {
        Some(Ok(true)) => finding(NAME, true, "It is switched on."),
        Some(_) => finding(
            NAME,
            false,
            "It is switched off, so some applications show nothing. Run `gsettings set org.gnome.desktop.interface toolkit-accessibility true` and start them again.",
        ),
        None => finding(
            NAME,
            false,
            "The accessibility service did not answer. Install at-spi2-core and log in again.",
        ),
    }
}

fn applications(bus: &Bus) -> Finding {
    const NAME: &str = "accessible applications";
    let asked = async_io::block_on(until(Instant::now() + ANSWER_WAIT, bus.applications()));
    match asked {
        Some(Ok(roots)) if roots.is_empty() => finding(
            NAME,
            false,
            "None is registered. Start the applications anew; Chromium needs --force-renderer-accessibility.",
        ),
        Some(Ok(roots)) => finding(NAME, true, format!("{} registered.", roots.len())),
        Some(Err(_)) | None => {
            finding(NAME, false, "The accessibility registry did not answer. Log out and in again.")
        }
    }
}
